"""Connectors from the entries of PLATFORMS. A kind names a package of portal.connectors with `make(config)`."""

import re
from collections.abc import Callable, Container, Mapping
from importlib import import_module

from django.core.checks import CheckMessage, Error

from portal.platforms import Connector, PlatformConfig

_CODE = re.compile(r"[a-z][a-z0-9-]{0,19}")
_KEYS = frozenset({"code", "name", "kind", "base_url", "credentials", "options"})


def make_connectors(entries: object) -> tuple[list[Connector], list[CheckMessage]]:
    """One connector for each right entry, and an error for each other that says which it is, and what is wrong."""
    if not isinstance(entries, list | tuple):
        return [], [_wrong_setting("PLATFORMS must be a list.")]
    made: dict[str, Connector] = {}
    wrong: list[CheckMessage] = []
    for number, entry in enumerate(entries, start=1):
        try:
            connector = _make_connector(entry, made)
        except ValueError as error:
            wrong.append(_wrong_setting(f"PLATFORMS, entry {number}: {error}."))
        else:
            made[connector.code] = connector
    return list(made.values()), wrong


def _wrong_setting(message: str) -> CheckMessage:
    return Error(message, id="connectors.E001")


def _make_connector(entry: object, taken: Container[str]) -> Connector:
    config = _read_config(entry)
    if config.code in taken:
        raise ValueError(f"the code {config.code} is used twice")
    make = _find_make(config.kind)
    if make is None:
        raise ValueError(f"there is no connector of the kind {config.kind!r}")
    return make(config)


def _find_make(kind: str) -> Callable[[PlatformConfig], Connector] | None:
    package = f"portal.connectors.{kind}"
    if not kind.isidentifier():
        return None
    try:
        return getattr(import_module(package), "make", None)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        return None


def _read_config(entry: object) -> PlatformConfig:
    if not isinstance(entry, Mapping):
        raise ValueError("it must be an object with code, name and kind")  # noqa: TRY004 -- as every wrong entry
    if unknown := sorted({str(key) for key in entry} - _KEYS):
        raise ValueError(f"unknown: {', '.join(unknown)}")
    if missing := [key for key in ("code", "name", "kind") if not entry.get(key)]:
        raise ValueError(f"missing: {', '.join(missing)}")
    config = PlatformConfig(**entry)
    if not all(isinstance(value, str) for value in (config.code, config.name, config.kind, config.base_url)):
        raise ValueError("code, name, kind and base_url must be text")
    if not all(isinstance(value, Mapping) for value in (config.credentials, config.options)):
        raise ValueError("credentials and options must be objects")
    if config.base_url and not config.base_url.startswith(("https://", "http://")):
        raise ValueError("base_url must be an address")
    if not _CODE.fullmatch(config.code):
        raise ValueError("code must be lower-case letters, digits and hyphens, 20 characters at most")
    return config
