"""Removal by custody: four calls, any of which may be lost, and others who act on the same work meanwhile."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from portal import clock
from portal.connectors import upkeep
from portal.connectors.mediacms.connector import MediaCms, narrow_connector
from portal.connectors.mediacms.custody import Custody, NotInLedger, TakenByOthers
from portal.connectors.models import HeldTarget, PlatformHold, SentMessage
from portal.outbound.discrepancies import open_discrepancies
from portal.outbound.models import Problem
from portal.platforms import Message, PlatformError, Unknown
from portal.testing.mediacms_server import MediaCmsServer
from portal.testing.mediacms_state import EDITOR, FILE_CACHE_SECONDS, Medium

pytestmark = pytest.mark.django_db
REASON = "After a complaint was upheld: OC-000001"


@pytest.fixture
def film(server: MediaCmsServer) -> Medium:
    server.add_user("author")
    return server.add_medium("author", "A film", clock.now(), b"film" * 100, state="unlisted")


def remove(platform: MediaCms, film: Medium, key: str = "a") -> Any:
    return platform.remove_work(film.token, key=key, reason=REASON)


def restore(platform: MediaCms, film: Medium, key: str = "a") -> Any:
    return platform.restore_work(film.token, key=key)


def standing(film: Medium) -> tuple[str, str]:
    return film.owner, film.state


def changes(server: MediaCmsServer) -> list[tuple[str, str, bytes]]:
    return [(method, kind, body) for method, _path, kind, body in server.bodies]


def persist(act: Callable[[], Any], times: int = 8) -> None:
    for _ in range(times):
        try:
            act()
        except PlatformError:
            continue
        return
    raise AssertionError("it never came about")


def note(film: Medium) -> dict[str, Any]:
    return HeldTarget.objects.get(target=film.token).noted


def test_a_removal_is_two_calls_and_its_end_two_others(
    platform: MediaCms, server: MediaCmsServer, film: Medium
) -> None:
    remove(platform, film)
    assert standing(film) == (EDITOR, "private")
    assert film.title == "A film"
    hide = f'{{"media_ids":["{film.token}"],"action":"set_state","state":"private"}}'.encode()
    assert changes(server) == [("PUT", "", b""), ("POST", "application/json", hide)]
    server.bodies.clear()
    restore(platform, film)
    assert standing(film) == ("author", "unlisted")
    assert [body.split(b'"action":')[1] for _method, _kind, body in changes(server)] == [
        b'"set_state","state":"unlisted"}',
        b'"change_owner","owner":"author"}',
    ]


def test_owner_and_state_are_noted_before_the_first_call(
    platform: MediaCms, server: MediaCmsServer, film: Medium, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[dict[str, Any]] = []
    take = platform.api.take_work

    def look_and_take(work: str) -> None:
        seen.append(note(film))
        take(work)

    monkeypatch.setattr(platform.api, "take_work", look_and_take)
    remove(platform, film)
    assert [(one["owner"], one["state"], one["account"]) for one in seen] == [("author", "unlisted", EDITOR)]
    restore(platform, film)
    assert note(film) == {}


@pytest.mark.parametrize("fault", ["lost", "cut", "500", "html", "big"])
@pytest.mark.parametrize("calls_before", range(8))
def test_a_removal_comes_and_goes_once_whichever_call_fails(
    platform: MediaCms, server: MediaCmsServer, film: Medium, fault: str, calls_before: int
) -> None:
    for act, wanted in ((remove, (EDITOR, "private")), (restore, ("author", "unlisted"))):
        for _ in range(calls_before):
            server.inject("pass")
        server.inject(fault, times=3)
        persist(partial(act, platform, film))
        server.faults.clear()
        assert standing(film) == wanted
        assert platform.has_removal(film.token, key="a") == (act is remove)


class Died(BaseException):
    """The worker is gone."""


@pytest.mark.parametrize("number", range(4))
def test_a_worker_that_dies_between_the_steps_is_gone_on_from(
    platform: MediaCms, server: MediaCmsServer, film: Medium, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    keep, made = platform.api.change_own_work, list[str]()

    def die_after(work: str, action: str, **facts: str) -> None:
        keep(work, action, **facts)
        made.append(action)
        if len(made) == number:
            raise Died

    monkeypatch.setattr(platform.api, "change_own_work", die_after)
    take = platform.api.take_work

    def take_and_die(work: str) -> None:
        take(work)
        if number == 0:
            raise Died

    monkeypatch.setattr(platform.api, "take_work", take_and_die)
    for act in (remove, restore):
        try:
            act(platform, film)
        except Died:
            HeldTarget.objects.update(calling_key="", calling_until=None)  # The lease is over.
            monkeypatch.setattr(platform.api, "take_work", take)
            act(platform, film)
        assert standing(film) == ((EDITOR, "private") if act is remove else ("author", "unlisted"))
    assert note(film) == {}


def test_what_stopped_half_way_goes_on_when_the_platform_is_asked_next(
    platform: MediaCms, server: MediaCmsServer, film: Medium
) -> None:
    server.inject("500", method="POST", path="/media/user/*")
    with pytest.raises(PlatformError):
        remove(platform, film)
    assert standing(film) == (EDITOR, "unlisted")
    platform.read_capabilities()
    assert standing(film) == (EDITOR, "private")
    server.inject("500", method="POST", path="/media/user/*")
    with pytest.raises(PlatformError):
        restore(platform, film)
    platform.read_capabilities()
    assert standing(film) == ("author", "unlisted")


def test_what_was_given_back_is_forgotten(platform: MediaCms, server: MediaCmsServer, film: Medium) -> None:
    remove(platform, film)
    restore(platform, film)
    assert HeldTarget.objects.get().undo_data is None
    platform.read_capabilities()
    assert [(work.id, work.state) for work in platform.works_of("author")] == [(film.token, "public")]
    film.owner = "operator"
    assert platform.find_work(film.token).account_id == "operator"


def test_removals_side_by_side_end_with_the_last(platform: MediaCms, server: MediaCmsServer, film: Medium) -> None:
    for key in ("a", "b"):
        remove(platform, film, key)
    restore(platform, film, "a")
    assert standing(film) == (EDITOR, "private")
    assert [platform.has_removal(film.token, key=key) for key in ("a", "b")] == [False, True]
    for _ in range(2):
        restore(platform, film, "b")
    assert standing(film) == ("author", "unlisted")
    assert len(changes(server)) == 4


def test_the_owner_cannot_publish_it_and_others_see_it_nowhere(
    platform: MediaCms, server: MediaCmsServer, film: Medium
) -> None:
    remove(platform, film)
    work = platform.find_work(film.token)
    assert (work.account_id, work.state) == ("author", "removed")
    assert [one.id for one in platform.works_of("author")] == [film.token]
    assert platform.works_of(EDITOR) == []


def test_a_work_that_another_moderator_took_is_left_to_them(
    platform: MediaCms, server: MediaCmsServer, film: Medium
) -> None:
    remove(platform, film)
    server.add_user("other", role="editor")
    film.owner = "other"
    server.bodies.clear()
    assert platform.has_removal(film.token, key="a")
    restore(platform, film)
    assert (standing(film), changes(server)) == (("other", "private"), [])
    (noted,) = open_discrepancies()
    assert (noted.problem, noted.wanted, noted.subject) == (Problem.OTHERS, False, film.token)
    assert note(film)["owner"] == "author"


def test_a_work_that_another_moderator_took_and_published_is_said_to_be_there(
    platform: MediaCms, server: MediaCmsServer, film: Medium
) -> None:
    remove(platform, film)
    server.add_user("other", role="editor")
    film.owner, film.state = "other", "public"
    server.bodies.clear()
    assert not platform.has_removal(film.token, key="a")
    remove(platform, film)
    assert (standing(film), changes(server)) == (("other", "public"), [])
    (noted,) = open_discrepancies()
    assert (noted.problem, noted.wanted) == (Problem.TAKEN, True)
    film.owner = "author"
    remove(platform, film)
    assert standing(film) == (EDITOR, "private")


def test_a_work_taken_between_note_and_call_is_not_taken_back(
    platform: MediaCms, server: MediaCmsServer, film: Medium, monkeypatch: pytest.MonkeyPatch
) -> None:
    def be_late(work: str) -> None:
        film.owner = "other"

    server.add_user("other", role="editor")
    monkeypatch.setattr(platform.api, "take_work", be_late)
    with pytest.raises(TakenByOthers):
        remove(platform, film)
    assert standing(film) == ("other", "unlisted")


def test_a_work_given_back_by_others_is_taken_again_and_keeps_its_first_state(platform: MediaCms, film: Medium) -> None:
    remove(platform, film)
    film.owner = "author"
    assert not platform.has_removal(film.token, key="a")
    remove(platform, film)
    assert standing(film) == (EDITOR, "private")
    restore(platform, film)
    assert standing(film) == ("author", "unlisted")


def test_a_private_work_is_private_again_afterwards(platform: MediaCms, film: Medium) -> None:
    film.state = "private"
    remove(platform, film)
    assert platform.find_work(film.token).state == "removed"
    restore(platform, film)
    assert standing(film) == ("author", "private")
    assert platform.find_work(film.token).state == "public"


@pytest.mark.parametrize("when", ["before", "between", "after"])
def test_a_work_that_is_deleted_meanwhile_needs_nothing_more(
    platform: MediaCms, server: MediaCmsServer, film: Medium, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    def take_and_lose(work: str) -> None:
        del server.media[film.token]

    if when == "before":
        del server.media[film.token]
    if when == "between":
        monkeypatch.setattr(platform.api, "take_work", take_and_lose)
    if when == "after":
        remove(platform, film)
        del server.media[film.token]
    for act in (remove, restore):
        with pytest.raises(Unknown):
            act(platform, film)
    with pytest.raises(Unknown):
        platform.has_removal(film.token, key="a")


def test_a_work_whose_owner_left_stays_with_the_portal(
    platform: MediaCms, server: MediaCmsServer, film: Medium
) -> None:
    remove(platform, film)
    server.close_user("author")
    with pytest.raises(Unknown):
        restore(platform, film)
    assert standing(film) == (EDITOR, "private")
    platform.read_capabilities()
    assert note(film)["owner"] == "author"


def test_a_work_that_the_ledger_does_not_know_is_not_touched(
    platform: MediaCms, server: MediaCmsServer, film: Medium
) -> None:
    film.owner = EDITOR
    for act in (remove, restore):
        with pytest.raises(NotInLedger):
            act(platform, film)
    assert changes(server) == []
    assert not PlatformHold.objects.exists()


def test_an_owner_that_stays_turns_removal_off(platform: MediaCms, server: MediaCmsServer, film: Medium) -> None:
    server.passes_ownership = False
    with pytest.raises(PlatformError):
        remove(platform, film)
    assert standing(film) == ("author", "unlisted")
    connector = narrow_connector(platform.connector())
    assert (connector.removals, connector.reasons["removals"]) == (None, "no-custody")
    assert connector.restores is not None


def test_the_file_lags_behind_and_is_looked_at_after_that(
    platform: MediaCms, server: MediaCmsServer, film: Medium
) -> None:
    with platform.open_media(film.token) as stream:
        assert stream.read() == film.content
    at = remove(platform, film)
    assert at > clock.now() + timedelta(seconds=FILE_CACHE_SECONDS - 30)
    assert platform.api.is_reachable(film.path)
    assert platform.has_removal(film.token, key="a")
    with clock.freeze_time(at):
        assert not platform.has_removal(film.token, key="a")
        server.later = FILE_CACHE_SECONDS + 1
        assert platform.has_removal(film.token, key="a")
        assert restore(platform, film) > at


def test_a_web_server_that_checks_no_files_is_seen(platform: MediaCms, server: MediaCmsServer, film: Medium) -> None:
    server.checks_files = False
    at = remove(platform, film)
    film.content = b"x" * (9 << 20)
    with clock.freeze_time(at + timedelta(hours=1)):
        assert not platform.has_removal(film.token, key="a")


def test_another_account_does_not_give_back_what_the_first_has_taken(
    platform: MediaCms, server: MediaCmsServer, film: Medium
) -> None:
    remove(platform, film)
    second = server.add_user("second", role="editor")
    server.users[EDITOR].token, second.token = second.token, server.users[EDITOR].token
    with pytest.raises(PlatformError):
        platform.read_capabilities()
    assert narrow_connector(platform.connector()).reasons["removals"] == "other-account"
    server.bodies.clear()
    restore(platform, film)
    assert (standing(film), changes(server)) == ((EDITOR, "private"), [])
    assert open_discrepancies().count() == 1


def test_what_has_still_to_be_put_back_is_never_deleted(
    platform: MediaCms, film: Medium, server: MediaCmsServer
) -> None:
    platform.send_message("author", Message("m:1", "Subject", "Body"))
    remove(platform, film)
    server.close_user("author")
    with pytest.raises(Unknown):
        restore(platform, film)
    with clock.freeze_time(clock.now() + timedelta(days=364)):
        assert upkeep.purge_ended_holds() == 0
        assert SentMessage.objects.exists()
    with clock.freeze_time(clock.now() + timedelta(days=366)):
        assert upkeep.purge_ended_holds() == 0
        assert not SentMessage.objects.exists()
        HeldTarget.objects.update(undo_data=None)
        assert upkeep.purge_ended_holds() == 1


def test_custody_shows_what_a_lost_answer_has_done(platform: MediaCms, server: MediaCmsServer, film: Medium) -> None:
    server.inject("lost", method="PUT", path="/media/*")
    remove(platform, film)
    assert standing(film) == (EDITOR, "private")
    assert [call for call in server.calls if call[0] == "PUT"] == [("PUT", f"/media/{film.token}")]
    assert Custody(platform.api, film.token, EDITOR).lag.total_seconds() == FILE_CACHE_SECONDS
