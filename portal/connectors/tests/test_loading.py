"""PLATFORMS: which connectors are made, and what is said of a wrong entry."""

from typing import Any

import pytest
from django.core import checks
from pytest_django import Settings

from portal.connectors.loading import make_connectors
from portal.platforms import signing

SANDBOX = {"code": "videos", "name": "Videos", "kind": "sandbox"}
HTTP: dict[str, Any] = {"code": "videos", "name": "Videos", "kind": "http", "base_url": "https://videos.example"}
HTTP |= {"credentials": {"secrets": signing.new_secret()}}
OTHER = HTTP | {"code": "films", "name": "Films", "base_url": "https://films.example"}


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
        ([HTTP | {"pages": "https://www.videos.example/"}], "pages must be a list of addresses"),
        ([HTTP | {"pages": ["https://name@www.videos.example/"]}], "pages must be a list of addresses"),
        ([HTTP | {"pages": ["www.videos.example"]}], "pages must be a list of addresses"),
        (
            [HTTP | {"kind": "peertube", "pages": ["https://www.videos.example/"]}],
            "pages: those of this kind lie under",
        ),
        (
            [HTTP, OTHER | {"pages": ["https://videos.example:443/"]}],
            "entry 2: the address https://videos.example:443/",
        ),
        (
            [HTTP, OTHER | {"base_url": "http://VIDEOS.example/other/"}],
            "overlaps with https://videos.example of videos",
        ),
        ([HTTP | {"pages": ["https://films.example/a"]}, OTHER], "overlaps with https://films.example/a of videos"),
    ],
)
def test_a_wrong_entry_is_an_error_of_the_system_check(settings: Settings, entries: Any, said: str) -> None:
    settings.PLATFORMS = entries
    (error,) = [row for row in checks.run_checks() if row.id == "connectors.E001"]
    assert said in error.msg
    assert error.is_serious()


@pytest.mark.django_db
def test_platforms_may_share_a_host_but_no_page() -> None:
    entries = [HTTP | {"base_url": "https://all.example/user"}, OTHER | {"base_url": "https://all.example/user2"}]
    connectors, wrong = make_connectors(entries)
    assert wrong == []
    assert [row.accounts.recognises("https://all.example/user2/7") for row in connectors] == [False, True]
    assert make_connectors([HTTP, OTHER | {"base_url": "https://videos.example:8443"}])[1] == []


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
