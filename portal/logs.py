"""Logs: one line an event, with the request's id, and nobody's name, address or e-mail in it.

JSON in production, plain text in a demo. People appear as their public id, as in the audit.
"""

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

_ADDRESS = re.compile(r"[^\s@<>\"'(=]+@[^\s@<>\"')]+\.[^\s@<>\"')]+")
_MASK = "[address]"
# What may stand in an exception's message: values of a row that a database refused, queries of URLs, keys and tokens,
# numbers of people, quoted texts that are no name in code, and words of other scripts, which here are people's.
_PRIVATE = (
    (re.compile(r"\bDETAIL:.*|\bFailing row contains.*|\bKey \(.*?\)=\(.*?\)", re.DOTALL), "[row]"),
    (_ADDRESS, _MASK),
    (re.compile(r"(https?://[^\s?#]+)[?#]\S*"), r"\1?[query]"),
    (re.compile(r"\b[A-Za-z0-9+/_-]{32,}={0,2}"), "[token]"),
    (re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b|\b(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F]{0,4}\b"), "[ip]"),
    (re.compile(r"\+?\d(?:[ -]?\d){5,}[0-9Xx]?"), "[number]"),
    (re.compile(r"""(?P<quote>["'])(?![\w./:<>-]*(?P=quote)).*?(?P=quote)""", re.DOTALL | re.ASCII), "[text]"),
    (re.compile(r"[^\x00-\x7f]+(?:[ ·]*[^\x00-\x7f]+)*"), "[text]"),
)


def mask_addresses(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take e-mail addresses out of every text, tracebacks included: a library may have put one there."""
    for key, value in event.items():
        if isinstance(value, str) and "@" in value:
            event[key] = _ADDRESS.sub(_MASK, value)
    return event


def describe_error(error: BaseException, *, most: int) -> str:
    """The class of an exception and its message without personal data, at most `most` characters; for rows that staff see."""
    text = str(error)
    for pattern, mask in _PRIVATE:
        text = pattern.sub(mask, text)
    return f"{type(error).__name__}: {' '.join(text.split())}"[:most]


def configure_logging(*, level: str, as_json: bool) -> dict[str, Any]:
    """Set structlog up and return Django's LOGGING; both kinds of loggers write the same lines."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        structlog.processors.UnicodeDecoder(),
        mask_addresses,
    ]
    structlog.configure(
        # Lines that no level wants are dropped before they are made: each request has one for its start.
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    line: Any = structlog.processors.JSONRenderer(ensure_ascii=False) if as_json else _console()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, line],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"level": "INFO", "propagate": True, "handlers": []},
            # Each request has its own line already (portal/web/requestlog.py).
            "django.server": {"level": "WARNING", "propagate": True, "handlers": []},
            "django.request": {"level": "CRITICAL", "propagate": True, "handlers": []},
            # These log every task; the job rows hold the same facts.
            "celery": {"level": "WARNING"},
            "kombu": {"level": "WARNING"},
            # Its warnings hold addresses with their queries.
            "urllib3": {"level": "ERROR"},
            "django_structlog.celery": {"level": "WARNING"},
        },
    }


def _console() -> structlog.dev.ConsoleRenderer:
    return structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)


def log_warnings_only() -> None:
    """Silence logging on the console for the output of a command."""
    logging.getLogger().setLevel(logging.WARNING)
