"""Removals and restrictions where PeerTube knows one at a time, and where somebody else uses it, too."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from portal import clock
from portal.connectors import upkeep
from portal.connectors.models import HeldTarget, PlatformHold
from portal.connectors.peertube.connector import PeerTube
from portal.jobs import runner
from portal.jobs.models import Job
from portal.outbound import shares
from portal.outbound.discrepancies import open_discrepancies
from portal.outbound.http import Busy
from portal.outbound.models import Problem
from portal.platforms import PlatformError, Unserved, registry
from portal.testing.peertube_server import PeerTubeServer
from portal.testing.peertube_state import User, Video

pytestmark = pytest.mark.django_db
OURS, THEIRS = "After a complaint was upheld: OC-000001", "Spam"


@pytest.fixture
def author(server: PeerTubeServer) -> User:
    return server.add_user("author")


@pytest.fixture
def video(server: PeerTubeServer, author: User) -> Video:
    return server.add_video(author, "A film", clock.now())


def reasons(video: Video) -> list[str]:
    return [] if video.blocked is None else [video.blocked]


def changes(server: PeerTubeServer) -> list[str]:
    return [
        f"{method} {path.split('/')[-1]}" for method, path in server.calls if method != "GET" and "token" not in path
    ]


def test_what_others_have_blocked_stays_theirs(platform: PeerTube, server: PeerTubeServer, video: Video) -> None:
    video.blocked = THEIRS
    platform.remove_work(video.uuid, key="a", reason=OURS)
    assert (video.blocked, PlatformHold.objects.get().others) == (THEIRS, True)
    assert platform.has_removal(video.uuid, key="a")
    platform.restore_work(video.uuid, key="a")
    assert (video.blocked, changes(server)) == (THEIRS, [])
    (noted,) = open_discrepancies()
    assert (noted.problem, noted.wanted, noted.subject) == (Problem.OTHERS, False, video.uuid)
    video.blocked = None
    assert not platform.has_removal(video.uuid, key="a")
    assert not open_discrepancies().exists()


def test_what_others_lift_is_put_back_while_ours_holds(platform: PeerTube, video: Video) -> None:
    video.blocked = THEIRS
    platform.remove_work(video.uuid, key="a", reason=OURS)
    video.blocked = None
    assert not platform.has_removal(video.uuid, key="a")
    platform.remove_work(video.uuid, key="a", reason=OURS)
    assert reasons(video) == [OURS]
    assert not PlatformHold.objects.get().others
    platform.restore_work(video.uuid, key="a")
    assert reasons(video) == []


def test_a_block_that_somebody_took_over_is_not_lifted(platform: PeerTube, video: Video) -> None:
    platform.remove_work(video.uuid, key="a", reason=OURS)
    video.blocked = THEIRS
    platform.restore_work(video.uuid, key="a")
    assert video.blocked == THEIRS


def test_an_account_blocked_by_others_stays_blocked(platform: PeerTube, server: PeerTubeServer, author: User) -> None:
    author.blocked, author.reason = True, THEIRS
    platform.restrict_account(author.name, key="a", reason=OURS)
    platform.lift_restriction(author.name, key="a")
    assert (author.blocked, author.reason, changes(server)) == (True, THEIRS, [])
    assert open_discrepancies().count() == 1


def test_the_last_of_several_lifts_what_the_first_began(
    platform: PeerTube, server: PeerTubeServer, author: User
) -> None:
    for key, reason in (("a", OURS), ("b", "Another complaint")):
        platform.restrict_account(author.name, key=key, reason=reason)
    platform.lift_restriction(author.name, key="a")
    assert (author.blocked, platform.has_restriction(author.name, key="b")) == (True, True)
    platform.lift_restriction(author.name, key="b")
    assert not author.blocked
    assert changes(server) == ["POST block", "POST unblock"]


@pytest.mark.parametrize("fault", ["lost", "cut", "500"])
@pytest.mark.parametrize("calls_before", range(4))
def test_a_removal_comes_and_goes_once_whichever_call_fails(
    platform: PeerTube, server: PeerTubeServer, video: Video, fault: str, calls_before: int
) -> None:
    platform.find_work(video.uuid)
    for act, blocked in ((platform.remove_work, OURS), (platform.restore_work, None)):
        server.calls.clear()
        for _ in range(calls_before):
            server.inject("pass", path="/videos/*")
        server.inject(fault, path="/videos/*", times=3)
        for _ in range(6):
            try:
                act(video.uuid, key="a", **({"reason": OURS} if blocked else {}))
            except PlatformError:
                continue
            break
        server.faults.clear()
        assert video.blocked == blocked
        assert platform.has_removal(video.uuid, key="a") == bool(blocked)


def test_a_restriction_is_lifted_when_its_time_is_over(
    platform: PeerTube, author: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_connectors", {platform.code: platform.connector()})
    platform.read_capabilities()
    platform.restrict_account(author.name, key="a", reason=OURS, until=clock.now() + timedelta(days=7))
    assert (upkeep.lift_expired_holds(), author.blocked) == (0, True)
    with clock.freeze_time(clock.now() + timedelta(days=8)):
        assert not platform.has_restriction(author.name, key="a")
        assert upkeep.lift_expired_holds() == 1
        runner.run_due_jobs()
        assert not author.blocked
        assert upkeep.lift_expired_holds() == 0


def test_holds_of_a_platform_that_is_down_hold_up_no_other(platform: PeerTube, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "SHARE", 2)
    for code, number in (("down", 5), (platform.code, 1)):
        target = HeldTarget.objects.create(platform=code, ability="restrictions", target="author")
        for key in range(number):
            target.holds.create(key=str(key), until=clock.now())
    assert upkeep.lift_expired_holds() == 3
    runner.run_due_jobs()
    for _round in range(60):
        with clock.freeze_time(clock.now() + timedelta(hours=_round)):
            upkeep.lift_expired_holds()
    tried = Job.objects.filter(kind=upkeep.LIFT_HOLD).values_list("payload__hold", flat=True)
    assert set(tried) == set(PlatformHold.objects.values_list("pk", flat=True))


def test_what_is_on_another_server_is_not_touched(platform: PeerTube, server: PeerTubeServer) -> None:
    far = server.add_user("far", host="videos.example")
    video = server.add_video(far, "A film", clock.now())
    account = platform.find_account("far@videos.example")
    assert (account.id, account.url) == ("far@videos.example", f"{server.address}/a/far@videos.example")
    assert platform.find_work(video.uuid).account_id == account.id
    for act in (
        lambda: platform.restrict_account(account.id, key="a", reason=OURS),
        lambda: platform.open_media(video.uuid),
    ):
        with pytest.raises(Unserved):
            act()
    platform.remove_work(video.uuid, key="a", reason=OURS)
    assert video.blocked == OURS


def test_a_moderator_is_not_blocked(platform: PeerTube, server: PeerTubeServer) -> None:
    server.add_user("other", moderator=True)
    with pytest.raises(PlatformError):
        platform.restrict_account("other", key="a", reason=OURS)
    assert not platform.has_restriction("other", key="a")


def test_another_call_for_the_same_waits(platform: PeerTube, video: Video) -> None:
    platform.remove_work(video.uuid, key="a", reason=OURS)
    HeldTarget.objects.get().claim_call("another")
    with pytest.raises(Busy):
        platform.restore_work(video.uuid, key="a")
    assert video.blocked == OURS


def patiently(act: Callable[[], None]) -> None:
    while True:
        try:
            return act()
        except Busy:
            continue


@pytest.mark.django_db(transaction=True)
def test_holds_that_begin_and_end_at_once_leave_what_the_rows_say(
    platform: PeerTube, server: PeerTubeServer, video: Video
) -> None:
    platform.find_work(video.uuid)

    def work(number: int) -> None:
        key = f"k{number}"
        try:
            patiently(lambda: platform.remove_work(video.uuid, key=key, reason=OURS))
            if number:
                patiently(lambda: platform.restore_work(video.uuid, key=key))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert video.blocked == OURS
    platform.restore_work(video.uuid, key="k0")
    assert video.blocked is None


def test_what_has_ended_is_deleted_after_a_year(platform: PeerTube, server: PeerTubeServer, author: User) -> None:
    held = [server.add_video(author, "A video", clock.now()) for _ in range(2)]
    for video in held:
        platform.remove_work(video.uuid, key="a", reason=OURS)
    platform.restore_work(held[0].uuid, key="a")
    assert upkeep.purge_ended_holds() == 0
    with clock.freeze_time(clock.now() + timedelta(days=366)):
        assert upkeep.purge_ended_holds() == 1
    assert [row.target for row in HeldTarget.objects.all()] == [held[1].uuid]
