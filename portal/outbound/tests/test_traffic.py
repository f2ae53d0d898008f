"""Rate, quota and breaker as rows: what one call may do, and what many workers may do together."""

import itertools
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection
from pytest_django import Settings

from portal import clock
from portal.outbound.http import BreakerOpen, Busy, CallError, ClientSettings, NoAnswer, QuotaUsed, traffic
from portal.outbound.http.traffic import Permit
from portal.outbound.models import Breaker, FailureKind, PlatformFailure, PlatformTraffic
from portal.outbound.tests.platform_server import QUICK, Handler, hang_up, reply, serving
from portal.testing.concurrency import at_once

START = datetime(2026, 11, 28, 12, tzinfo=UTC)
SETTINGS = ClientSettings(rate=10, burst=2, break_after=3, break_seconds=10, recovery_seconds=1, recovery_share=0.1)


@pytest.fixture(autouse=True)
def _loopback(settings: Settings) -> None:
    settings.PLATFORM_PRIVATE_HOSTS = ["127.0.0.1"]


def admit(settings: ClientSettings = SETTINGS, *, patience: float = 60) -> Permit:
    return traffic.admit_call("videos", settings, patience=patience, probe_seconds=20)


def row() -> PlatformTraffic:
    return PlatformTraffic.objects.get(platform="videos")


@pytest.fixture
def later() -> Iterator[Any]:
    """Time stands still until the test moves it: `later(seconds)`."""
    moment = START
    with clock.freeze_time(moment):

        def move(seconds: float) -> None:
            nonlocal moment
            moment += timedelta(seconds=seconds)
            clock._frozen = moment

        yield move


# The bucket


@pytest.mark.django_db
def test_calls_are_spread_once_the_bucket_is_empty(later: Any) -> None:
    assert [round(admit().wait, 3) for _ in range(5)] == [0, 0, 0.1, 0.2, 0.3]
    later(0.3)
    assert round(admit().wait, 3) == 0.1
    later(3600)
    assert [round(admit().wait, 3) for _ in range(3)] == [0, 0, 0.1]


@pytest.mark.django_db
def test_who_would_wait_too_long_takes_no_place(later: Any) -> None:
    for _ in range(5):
        admit()
    with pytest.raises(Busy) as busy:
        admit(patience=0.2)
    assert busy.value.retry_after == pytest.approx(0.4)
    assert admit().wait == pytest.approx(0.4)


@pytest.mark.django_db
def test_a_clock_that_went_back_stops_nothing(later: Any) -> None:
    admit()
    traffic.record_busy(admit(), 429, 30)
    for _ in range(3):
        permit = admit()
        traffic.record_failure(permit, "no_answer", None)
    later(-30 * 86_400)
    assert admit().wait < 2


@pytest.mark.django_db
@pytest.mark.parametrize("hours", [-2, -20])
def test_a_clock_that_went_back_by_less_than_a_pause_stops_nothing(later: Any, hours: int) -> None:
    traffic.record_busy(admit(), 429, 6 * 3600)
    later(hours * 3600)
    assert traffic.pause_left("videos") == 0
    assert admit().wait < 2


@pytest.mark.django_db
def test_a_pause_of_hours_is_kept_to_its_end(later: Any) -> None:
    traffic.record_busy(admit(), 429, 6 * 3600)
    for _ in range(2):
        with pytest.raises(Busy) as busy:
            admit()
        assert busy.value.retry_after == pytest.approx(6 * 3600 + 30, abs=40)
    later(6 * 3600 + 61)
    assert admit().wait == 0


@pytest.mark.django_db
def test_a_pause_holds_everybody_for_as_long_as_was_asked_and_then_no_more_than_a_burst_goes_at_once(
    later: Any,
) -> None:
    traffic.record_busy(admit(), 429, 10)
    waits = sorted(admit().wait for _ in range(6))
    assert traffic.pause_left("videos") == 10
    assert [round(wait, 2) for wait in waits] == [10, 10, 10.1, 10.2, 10.3, 10.4]


@pytest.mark.django_db
def test_the_rate_is_halved_once_for_calls_that_were_under_way_and_recovers_in_steps(later: Any) -> None:
    together = [admit() for _ in range(4)]
    later(0.5)
    for permit in together:
        traffic.record_busy(permit, 429, None)
    assert row().rate == 5
    later(0.1)
    traffic.record_busy(admit(), 429, None)
    assert row().rate == 2.5
    rates = []
    for _ in range(9):
        later(1)
        admit()
        rates.append(row().rate)
    assert rates == [3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5, 10, 10]
    for _ in range(20):
        later(0.01)
        traffic.record_busy(admit(), 429, None)
    assert row().rate == 10 / 16


@pytest.mark.django_db
def test_a_platform_that_says_when_is_called_as_before_then_and_less_often_if_that_was_too_soon(later: Any) -> None:
    together = [admit() for _ in range(2)]
    later(0.1)
    for permit in together:
        traffic.record_busy(permit, 429, 5)
    assert (row().rate, row().halved_at) == (10, None)
    later(5 + 2)  # the pause, and the time of twenty calls
    traffic.record_busy(admit(), 429, 5)
    assert row().rate == 10
    later(5 + 0.9)  # the pause, and the time of nine calls
    traffic.record_busy(admit(), 429, 5)
    assert row().rate == 5


@pytest.mark.django_db
def test_a_limit_that_was_lowered_holds_at_once(later: Any) -> None:
    admit()
    admit(replace(SETTINGS, rate=1))
    assert row().rate == 1


# The quota


@pytest.mark.django_db
def test_the_quota_of_a_day(later: Any) -> None:
    settings = replace(SETTINGS, quota=3)
    for _ in range(3):
        admit(settings)
    with pytest.raises(QuotaUsed) as used:
        admit(settings)
    assert used.value.retry_after == 12 * 3600
    assert row().quota_used == 3
    later(12 * 3600)
    admit(settings)
    assert row().quota_used == 1


# The breaker


def fail(permit: Permit) -> None:
    traffic.record_failure(permit, "no_answer", None)


@pytest.mark.django_db
def test_failures_in_a_row_open_the_breaker_and_one_probe_closes_it(later: Any) -> None:
    for _ in range(2):
        fail(admit())
    traffic.record_answer(admit())
    for _ in range(3):
        assert row().breaker == Breaker.CLOSED
        fail(admit())
    assert row().breaker == Breaker.OPEN
    with pytest.raises(BreakerOpen) as refused:
        admit()
    assert 10 <= (refused.value.retry_after or 0) <= 12
    later(12)
    probe = admit()
    assert probe.probe
    with pytest.raises(BreakerOpen):
        admit()
    traffic.record_answer(probe)
    assert (row().breaker, row().failures, row().openings) == (Breaker.CLOSED, 0, 0)
    assert not admit().probe


@pytest.mark.django_db
def test_a_probe_that_fails_doubles_the_pause_up_to_the_most(later: Any) -> None:
    for _ in range(3):
        fail(admit())
    pauses = []
    for _ in range(8):
        pauses.append(((row().breaker_until or START) - clock.now()).total_seconds())
        later(400)
        fail(admit())
    assert all(
        least <= pause <= least * 1.2 for least, pause in zip((10, 20, 40, 80, 160, 300, 300, 300), pauses, strict=True)
    )


@pytest.mark.django_db
def test_a_probe_whose_worker_died_is_followed_by_another(later: Any) -> None:
    for _ in range(3):
        fail(admit())
    later(12)
    lost = admit()
    later(19)
    with pytest.raises(BreakerOpen):
        admit()
    later(2)
    probe = admit()
    assert probe.probe
    traffic.record_answer(lost)  # its lease is over: it says nothing any more
    assert row().breaker == Breaker.PROBING
    traffic.record_answer(probe)
    assert row().breaker == Breaker.CLOSED


@pytest.mark.django_db
def test_calls_from_before_say_nothing_about_after(later: Any) -> None:
    early = [admit() for _ in range(6)]
    for permit in early[:3]:
        fail(permit)
    opened = row().breaker_until
    fail(early[3])
    traffic.record_answer(early[4])
    assert (row().breaker, row().breaker_until) == (Breaker.OPEN, opened)
    later(12)
    traffic.record_answer(admit())
    fail(early[5])
    assert (row().breaker, row().failures) == (Breaker.CLOSED, 0)


@pytest.mark.django_db
def test_a_busy_platform_has_answered(later: Any) -> None:
    for _ in range(3):
        fail(admit())
    later(12)
    traffic.record_busy(admit(), 429, None)
    assert row().breaker == Breaker.CLOSED


@pytest.mark.django_db
def test_staff_can_have_it_tried_at_once(later: Any) -> None:
    admit()
    assert not traffic.try_again_now("videos")
    for _ in range(3):
        fail(admit())
    assert traffic.try_again_now("videos")
    probe = admit()
    assert probe.probe
    traffic.record_busy(probe, 429, 30)
    assert admit().wait >= 30
    assert traffic.try_again_now("videos")
    assert admit().wait < 1


@pytest.mark.django_db
def test_failures_are_counted_by_kind_and_day_and_deleted_later(later: Any) -> None:
    for kind, status in (("no_answer", None), ("server_error", 500), ("server_error", 502)):
        traffic.record_failure(admit(), kind, status)
    later(86_400)
    traffic.record_fault("videos", FailureKind.WRONG_ANSWER, 200)
    found = list(PlatformFailure.objects.order_by("day", "kind").values_list("kind", "count", "last_status"))
    assert found == [("no_answer", 1, None), ("server_error", 2, 502), ("wrong_answer", 1, 200)]
    later(29.5 * 86_400)
    assert traffic.purge_failures() == 2
    assert PlatformFailure.objects.count() == 1


@pytest.mark.django_db
def test_an_answer_is_not_lost_over_a_database_that_cannot_write_it_down(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_named: object) -> None:
        raise DatabaseError

    permit = admit()
    monkeypatch.setattr(PlatformTraffic.objects, "filter", broken)
    traffic.record_answer(permit)


# Many workers


@pytest.mark.django_db(transaction=True)
def test_a_hundred_calls_at_once_take_a_hundred_places() -> None:
    settings = replace(SETTINGS, rate=100, burst=1, quota=80)
    taken: Any = at_once(*[lambda: [_admitted(settings) for _ in range(10)]] * 10)
    permits = list(itertools.chain.from_iterable(taken))
    waits = sorted(permit.wait for permit in permits if isinstance(permit, Permit))
    assert (len(waits), permits.count(QuotaUsed)) == (80, 20)
    assert row().quota_used == 80
    # However they met, each has a moment of its own, a hundredth of a second from the next.
    moments = sorted(
        permit.taken_at + timedelta(seconds=permit.wait) for permit in permits if isinstance(permit, Permit)
    )
    assert all(after - before >= timedelta(seconds=0.0099) for before, after in itertools.pairwise(moments))
    # The last one waits for 79 places less the time that handing them out has taken; each reads the clock before it has the row.
    assert waits[-1] <= 1.0
    assert PlatformTraffic.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_workers_together_keep_to_the_rate() -> None:
    settings = replace(QUICK, rate=50, burst=1, total_seconds=20)
    arrived: list[float] = []

    def note(handler: Handler) -> None:
        arrived.append(time.monotonic())
        reply(200, b"{}")(handler)

    with serving(note) as server:
        clients = [server.client(settings) for _ in range(6)]
        started = time.monotonic()
        at_once(*[_calls(client, 12) for client in clients])
        took = time.monotonic() - started
    assert len(arrived) == 72
    assert took >= 71 / 50 - 0.05


@pytest.mark.django_db(transaction=True)
def test_only_one_of_many_workers_probes() -> None:
    settings = replace(SETTINGS, rate=1000)
    for _ in range(3):
        fail(admit(settings))
    PlatformTraffic.objects.update(breaker_until=clock.now())
    permits = at_once(*[lambda: _admitted(settings)] * 12)
    assert Counter(getattr(permit, "probe", permit) for permit in permits) == {True: 1, BreakerOpen: 11}


@pytest.mark.django_db(transaction=True)
def test_failures_of_many_workers_open_the_breaker_once() -> None:
    settings = replace(SETTINGS, rate=1000, break_after=5)
    permits = [admit(settings) for _ in range(20)]
    at_once(*[lambda permit=permit: fail(permit) for permit in permits])
    assert (row().breaker, row().openings) == (Breaker.OPEN, 1)
    assert PlatformFailure.objects.get().count == 20


@pytest.mark.django_db(transaction=True)
def test_a_silent_platform_is_left_alone_by_all_after_a_few_calls() -> None:
    settings = replace(QUICK, attempts=1, break_after=3)
    with serving(hang_up) as server:
        outcomes = Counter(type(_outcome(server.client(settings))) for _ in range(10))
        assert outcomes == {NoAnswer: 3, BreakerOpen: 7}
        assert len(server.requests) == 3
        server.replies = [reply(200, b"{}")]
        PlatformTraffic.objects.update(breaker_until=clock.now())
        assert _outcome(server.client(settings)) == 200
        assert _outcome(server.client(settings)) == 200


@pytest.mark.django_db(transaction=True)
def test_no_row_is_locked_while_the_platform_is_called() -> None:
    def look(handler: Handler) -> None:
        with ThreadPoolExecutor(1) as pool:
            looked.append(pool.submit(_lock_at_once).result())
        reply(200, b"{}")(handler)

    looked: list[bool] = []
    with serving(look) as server:
        assert server.client().call("GET", "/").status == 200
    assert looked == [True]


@pytest.mark.django_db(transaction=True)
def test_nearly_all_of_the_rate_is_used_while_some_calls_fail() -> None:
    """One call in twenty fails; the rest of the rate goes to calls that succeed."""
    numbers = itertools.count(1)

    def some_fail(handler: Handler) -> None:
        number = next(numbers)
        if number % 40 == 0:
            reply(429)(handler)
        elif number % 20 == 0:
            hang_up(handler)
        else:
            reply(200, b"{}")(handler)

    settings = replace(QUICK, rate=25, burst=4, recovery_seconds=0.1, total_seconds=20)
    with serving(some_fail) as server:
        started = time.monotonic()
        at_once(*[_calls(server.client(settings), 20) for _ in range(5)])
        took = time.monotonic() - started
        calls = len(server.requests)
    assert calls / took / 25 > 0.85


def _admitted(settings: ClientSettings) -> object:
    try:
        return admit(settings)
    except CallError as error:
        return type(error)


def _calls(client: Any, number: int) -> Any:
    def act() -> None:
        for _ in range(number):
            client.call("GET", "/")

    return act


def _outcome(client: Any) -> object:
    try:
        return client.call("GET", "/").status
    except CallError as error:
        return error


def _lock_at_once() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM outbound_platformtraffic FOR UPDATE NOWAIT")
            return bool(cursor.fetchall())
    finally:
        connection.close()
