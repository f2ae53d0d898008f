"""When videos are removed: with the operator's consent, an editor's token, a known ledger, and a probe that went well."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portal import clock
from portal.connectors import upkeep
from portal.connectors.mediacms.connector import MediaCms, narrow_connector
from portal.connectors.models import HeldTarget, PlatformCapabilities
from portal.connectors.reasons import REASONS, reason_in_words
from portal.jobs import runner
from portal.platforms import Connector, PlatformError, registry
from portal.testing.mediacms_server import MediaCmsServer
from portal.testing.mediacms_state import EDITOR, PROBE_OWNER, PROBE_WORK

pytestmark = pytest.mark.django_db


def asked(server: MediaCmsServer, **options: Any) -> Connector:
    """The connector after its platform was asked, whatever came of it."""
    platform = MediaCms(server.config(**options))
    with suppress(PlatformError):
        platform.read_capabilities()
    return narrow_connector(platform.connector())


def refusal(connector: Connector) -> str:
    assert (connector.removals is None) == ("removals" in connector.reasons)
    return connector.reasons.get("removals", "")


def test_nothing_is_removed_before_the_platform_was_asked(server: MediaCmsServer, db: None) -> None:
    connector = narrow_connector(MediaCms(server.config()).connector())
    assert refusal(connector) == "not-probed-yet"
    assert not connector.serves("messages")
    assert server.calls == []


def test_the_probe_takes_the_work_and_gives_it_back_as_it_was(server: MediaCmsServer, db: None) -> None:
    probe = server.media[PROBE_WORK]
    probe.state = "unlisted"
    assert refusal(asked(server)) == ""
    assert (probe.owner, probe.state, probe.title) == (PROBE_OWNER, "unlisted", "A probe")
    assert [method for method, *_ in server.bodies] == ["PUT", "POST", "POST", "POST"]
    assert not HeldTarget.objects.exists()


def test_a_probe_counts_for_a_day(server: MediaCmsServer, db: None) -> None:
    asked(server)
    server.bodies.clear()
    asked(server)
    assert server.bodies == []
    with clock.freeze_time(clock.now() + timedelta(hours=25)):
        asked(server)
    assert len(server.bodies) == 4
    server.bodies.clear()
    server.media["another"] = replace(server.media[PROBE_WORK], token="another")
    asked(server, probe_work="another")
    assert len(server.bodies) == 4


def test_an_owner_that_stays_turns_removal_off_and_on_again(server: MediaCmsServer, db: None) -> None:
    server.passes_ownership = False
    connector = asked(server)
    assert refusal(connector) == "no-custody"
    assert (server.media[PROBE_WORK].owner, server.media[PROBE_WORK].state) == (PROBE_OWNER, "public")
    assert connector.serves("messages")
    server.passes_ownership = True
    assert refusal(asked(server)) == ""


@pytest.mark.parametrize("consent", ["", "  "])
def test_nothing_is_tried_without_consent(server: MediaCmsServer, db: None, consent: str) -> None:
    connector = asked(server, custody_consent=consent)
    assert refusal(connector) == "no-consent"
    assert server.bodies == []
    assert PlatformCapabilities.objects.get().problem == ""
    assert refusal(narrow_connector(MediaCms(server.config()).connector())) == "no-consent"
    assert refusal(asked(server)) == ""
    assert refusal(narrow_connector(MediaCms(server.config(custody_consent=consent)).connector())) == "no-consent"


@pytest.mark.parametrize("work", ["", "gone"])
def test_nothing_is_removed_without_a_probe_work(server: MediaCmsServer, db: None, work: str) -> None:
    assert refusal(asked(server, probe_work=work)) == "no-probe-work"


def test_a_user_that_is_no_editor_sends_and_removes_nothing(server: MediaCmsServer, db: None) -> None:
    server.users[EDITOR].role = "user"
    connector = asked(server)
    assert refusal(connector) == "no-editor"
    assert not connector.serves("messages")
    assert reason_in_words(connector, "messages") == REASONS["no-editor"]
    server.users[EDITOR].role = "manager"
    assert refusal(asked(server)) == ""


def test_works_that_the_ledger_does_not_know_turn_removal_off(server: MediaCmsServer, db: None) -> None:
    strange = server.add_medium(EDITOR, "A strange film", clock.now())
    connector = asked(server)
    assert refusal(connector) == "unknown-works"
    assert connector.restores is not None
    assert server.bodies == []
    del server.media[strange.token]
    assert refusal(asked(server)) == ""


def test_works_that_were_removed_are_no_hindrance(server: MediaCmsServer, db: None) -> None:
    server.add_user("author")
    film = server.add_medium("author", "A film", clock.now())
    asked(server)
    platform = MediaCms(server.config())
    platform.remove_work(film.token, key="a", reason="r")
    assert refusal(asked(server)) == ""


@pytest.mark.parametrize("fault", ["lost", "cut", "500", "html"])
@pytest.mark.parametrize("calls_before", range(4))
def test_a_probe_that_stopped_goes_on(server: MediaCmsServer, db: None, fault: str, calls_before: int) -> None:
    for _ in range(calls_before):
        server.inject("pass", method="P*")
    server.inject(fault, method="P*")
    for _ in range(3):
        connector = asked(server)
    assert refusal(connector) == ""
    assert (server.media[PROBE_WORK].owner, server.media[PROBE_WORK].state) == (PROBE_OWNER, "public")
    assert not HeldTarget.objects.exists()


@pytest.mark.parametrize(
    ("fault", "said"), [("html", "not JSON"), ("500", "server error"), ("403", "not JSON"), ("big", "too large")]
)
def test_an_outage_takes_nothing_back(server: MediaCmsServer, db: None, fault: str, said: str) -> None:
    asked(server)
    platform = MediaCms(server.config(attempts=1))
    server.inject(fault, path="/whoami")
    with pytest.raises(PlatformError, match=said):
        platform.read_capabilities()
    assert refusal(narrow_connector(platform.connector())) == ""


def test_a_wrong_token_is_said(server: MediaCmsServer, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    platform = MediaCms(server.config())
    monkeypatch.setattr(registry, "_connectors", {platform.code: platform.connector()})
    server.users[EDITOR].token = "f" * 40
    assert upkeep.ask_platforms() == 1
    runner.run_due_jobs()
    assert "refuses the token" in PlatformCapabilities.objects.get().problem
    assert refusal(narrow_connector(platform.connector())) == "not-probed-yet"
