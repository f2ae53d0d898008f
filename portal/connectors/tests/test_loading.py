"""PLATFORMS: which connectors are made, and what is said of a wrong entry."""

from typing import Any

import pytest
from django.core import checks
from pytest_django import Settings

from portal.connectors.loading import make_connectors

SANDBOX = {"code": "videos", "name": "Videos", "kind": "sandbox"}


def test_an_entry_becomes_a_connector() -> None:
    (connector,), wrong = make_connectors([SANDBOX])
    assert (connector.code, connector.name) == ("videos", "Videos")
    assert connector.serves("followers")
    assert wrong == []
    assert make_connectors([]) == ([], [])


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ("sandbox", "PLATFORMS must be a list"),
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
def test_a_wrong_entry_is_an_error_of_the_system_check(settings: Settings, entries: Any, said: str) -> None:
    settings.PLATFORMS = entries
    (error,) = [row for row in checks.run_checks() if row.id == "connectors.E001"]
    assert said in error.msg
    assert error.is_serious()


def test_a_wrong_entry_hinders_no_other() -> None:
    connectors, wrong = make_connectors([{"code": "videos"}, SANDBOX])
    assert ([row.code for row in connectors], len(wrong)) == (["videos"], 1)


def test_right_entries_pass_the_system_check() -> None:
    assert [row for row in checks.run_checks() if row.id == "connectors.E001"] == []


def test_the_sandbox_needs_its_pages(settings: Settings) -> None:
    settings.SANDBOX = False
    connectors, wrong = make_connectors([SANDBOX])
    assert connectors == []
    assert [row.msg for row in wrong] == ["PLATFORMS, entry 1: the sandbox is off (SANDBOX)."]
