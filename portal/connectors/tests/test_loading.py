"""PLATFORMS: which connectors are made, and what is said of a wrong entry."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from portal.connectors.loading import make_connectors

SANDBOX = {"code": "videos", "name": "Videos", "kind": "sandbox"}


def test_an_entry_becomes_a_connector() -> None:
    (connector,) = make_connectors([SANDBOX])
    assert (connector.code, connector.name) == ("videos", "Videos")
    assert connector.serves("followers")
    assert make_connectors([]) == []


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        (["sandbox"], "entry 1: it must be an object"),
        ([SANDBOX, SANDBOX], "entry 2: the code videos is used twice"),
        ([SANDBOX | {"token": "x"}], "unknown: token"),
        ([{"code": "videos"}], "missing: name, kind"),
        ([SANDBOX | {"code": "No Code"}], "code must be lower-case"),
        ([SANDBOX | {"name": 7}], "must be text"),
        ([SANDBOX | {"kind": "nowhere"}], "no connector of the kind 'nowhere'"),
        ([SANDBOX | {"kind": "loading"}], "no connector of the kind 'loading'"),
        ([SANDBOX | {"kind": "../x"}], "no connector of the kind"),
    ],
)
def test_a_wrong_entry_is_named(entries: list[Any], said: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=said):
        make_connectors(entries)


def test_the_sandbox_needs_its_pages(settings: Settings) -> None:
    settings.SANDBOX = False
    with pytest.raises(ImproperlyConfigured, match="the sandbox is off"):
        make_connectors([SANDBOX])
