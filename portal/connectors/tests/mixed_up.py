"""Platforms that answer about somebody else, or with the same page again: what their client asks is changed on the way."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest

from portal.outbound.http import Answer, PlatformClient


def mixing_up(client: PlatformClient, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """For the fixture `mix_up` of the contract."""

    def mix_up(asked: str, given: str) -> None:
        call, path_part = client.call, re.compile(rf"/{re.escape(asked)}(?=/|$)")

        def mixed(method: str, path: str, *, query: Mapping[str, Any] | None = None, **rest: Any) -> Answer:
            changed = {name: given if value == asked else value for name, value in (query or {}).items()}
            return call(method, path_part.sub(f"/{given}", path), query=changed or None, **rest)

        monkeypatch.setattr(client, "call", mixed)

    return mix_up


def sticking(client: PlatformClient, monkeypatch: pytest.MonkeyPatch) -> Callable[[Iterable[str]], list[int]]:
    """For the fixture `stick`, which gets the names that say where a page begins, and gives a list that grows with each call."""

    def stick(names: Iterable[str]) -> list[int]:
        call, calls = client.call, list[int]()

        def stuck(method: str, path: str, *, query: Mapping[str, Any] | None = None, **rest: Any) -> Answer:
            calls.append(1)
            asked = {name: value for name, value in (query or {}).items() if name not in names}
            return call(method, path, query=asked or None, **rest)

        monkeypatch.setattr(client, "call", stuck)
        return calls

    return stick
