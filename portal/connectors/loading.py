"""Connectors from the entries of PLATFORMS. A kind names a package of portal.connectors with `make(config)`."""

import re
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from itertools import product

from django.core.checks import CheckMessage, Error

from portal.connectors.entries import overlap
from portal.outbound.http.requests import base_address
from portal.platforms import Connector, PlatformConfig

_CODE = re.compile(r"[a-z][a-z0-9-]{0,19}")
_KEYS = frozenset({"code", "name", "kind", "base_url", "credentials", "options", "pages"})


def make_connectors(entries: object) -> tuple[list[Connector], list[CheckMessage]]:
    """One connector for each right entry, and an error for each other that says which it is, and what is wrong."""
    if not isinstance(entries, list | tuple):
        return [], [_wrong_setting("PLATFORMS must be a list.")]
    made: list[Connector] = []
    taken: list[PlatformConfig] = []
    wrong: list[CheckMessage] = []
    for number, entry in enumerate(entries, start=1):
        try:
            config = _read_config(entry)
            _refuse_taken(config, taken)
            made.append(_make_connector(config))
        except ValueError as error:
            wrong.append(_wrong_setting(f"PLATFORMS, entry {number}: {error}."))
        else:
            taken.append(config)
    return made, wrong


def _wrong_setting(message: str) -> CheckMessage:
    return Error(message, id="connectors.E001")


def _refuse_taken(config: PlatformConfig, taken: Sequence[PlatformConfig]) -> None:
    """Raise ValueError where an earlier entry has the code, or an address that overlaps: whose page is it?"""
    for other in taken:
        if config.code == other.code:
            raise ValueError(f"the code {config.code} is used twice")
        for own, theirs in product(config.addresses, other.addresses):
            if overlap(own, theirs):
                raise ValueError(f"the address {own} overlaps with {theirs} of {other.code}")


def _make_connector(config: PlatformConfig) -> Connector:
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
    _require_types(config)
    if not _CODE.fullmatch(config.code):
        raise ValueError("code must be lower-case letters, digits and hyphens, 20 characters at most")
    return config


def _require_types(config: PlatformConfig) -> None:
    if not all(isinstance(value, str) for value in (config.code, config.name, config.kind, config.base_url)):
        raise ValueError("code, name, kind and base_url must be text")
    if not all(isinstance(value, Mapping) for value in (config.credentials, config.options)):
        raise ValueError("credentials and options must be objects")
    if config.base_url and not config.base_url.startswith(("https://", "http://")):
        raise ValueError("base_url must be an address")
    if not isinstance(config.pages, list | tuple) or not all(map(_is_address, config.pages)):
        raise ValueError("pages must be a list of addresses, each without user, query or fragment")


def _is_address(text: object) -> bool:
    try:
        return isinstance(text, str) and bool(base_address(text))
    except ValueError:
        return False
