"""Remedies made true: what a platform has lost or never took is done again, and staff hear of what does not help."""

from datetime import timedelta

import pytest

from complaints.actions import remedies, remedy_checks
from complaints.actions.respondent_answers import FIRST_MESSAGE_KIND, MESSAGE_JOB, note_undelivered_message
from complaints.models import Complaint, Remedy
from complaints.policies.terms import REACH_TIME
from complaints.states import ComplaintState
from complaints.states import RemedyState as State
from complaints.tests import deciding as do
from complaints.tests import factories as make
from complaints.tests.test_calls import run, upheld
from portal import clock
from portal.jobs.models import Job, JobState
from portal.notifications import reports
from portal.notifications.models import Notification
from portal.outbound.discrepancies import open_discrepancies, purge_settled_discrepancies
from portal.outbound.models import Discrepancy
from portal.people.roles import Role
from portal.platforms import Declined, registry
from portal.testing.fake_platform import FakePlatform

pytestmark = pytest.mark.django_db


def in_force() -> tuple[Complaint, Remedy]:
    """A removed copy."""
    complaint = upheld("remove")
    run(remedies.APPLY_REMEDY)
    remedy = complaint.remedies.get()
    assert remedy.state == State.ACTIVE
    return complaint, remedy


def check(after: timedelta = timedelta(0)) -> list[str]:
    """Run the hourly round and its jobs; what is open then."""
    with clock.freeze_time(clock.now() + after):
        remedy_checks.mend_remedies()
        run(remedies.CHECK_REMEDY)
        return [row.problem for row in open_discrepancies()]


def test_what_holds_is_looked_at_once_a_day(platform: FakePlatform) -> None:
    _complaint, remedy = in_force()
    assert check() == []
    remedy.refresh_from_db()
    assert remedy.checked_at is not None
    assert platform.calls.count("has_removal") == 1
    assert check(timedelta(hours=20)) == []
    assert platform.calls.count("has_removal") == 1
    assert check(timedelta(hours=25)) == []
    assert (platform.calls.count("has_removal"), platform.calls.count("remove_work")) == (2, 1)


def test_what_the_platform_has_lost_is_done_again(platform: FakePlatform) -> None:
    complaint, remedy = in_force()
    assert complaint.copy is not None
    platform.removals[complaint.copy.external_id].clear()
    assert check() == []
    assert remedy.key in platform.removals[complaint.copy.external_id]
    assert platform.calls.count("remove_work") == 2


def test_what_does_not_help_is_told_to_staff_until_it_does(
    platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint, remedy = in_force()
    make.person(Role.ADMIN)
    with monkeypatch.context() as patched:
        patched.setattr(platform, "has_removal", lambda *_args, **_more: False)
        assert check() == ["ignored"]
        assert check(timedelta(hours=1)) == ["ignored"]
        with clock.freeze_time(clock.now() + timedelta(hours=2)):
            assert [reports.report_discrepancies() for _time in range(2)] == [1, 1]
    row = Discrepancy.objects.get()
    assert (row.subject, row.wanted, row.attempts) == (complaint.number, True, 2)
    assert Notification.objects.filter(kind="notifications.discrepancies").count() == 1
    assert check(timedelta(hours=2)) == []
    with clock.freeze_time(clock.now() + timedelta(days=100)):
        assert purge_settled_discrepancies() == 1
    remedy.refresh_from_db()
    assert remedy.checked_at is not None


def test_a_copy_that_its_account_has_deleted_needs_nothing(platform: FakePlatform) -> None:
    complaint, _remedy = in_force()
    assert complaint.copy is not None
    del platform.works[complaint.copy.external_id]
    assert check() == []
    assert platform.calls.count("remove_work") == 1


def test_what_was_lifted_is_looked_at_too(platform: FakePlatform) -> None:
    complaint, remedy = in_force()
    do.appeal(complaint)
    do.reverse(complaint)
    run(remedies.LIFT_REMEDY)
    assert complaint.copy is not None
    # The platform has forgotten that it took the removal back.
    platform.removals[complaint.copy.external_id][remedy.key] = "r"
    assert check() == []
    assert not platform.removals[complaint.copy.external_id]
    platform.calls.clear()
    assert check(timedelta(days=40)) == []
    assert platform.calls == []


def test_a_silent_platform_is_asked_again_every_hour_until_it_answers(platform: FakePlatform) -> None:
    complaint = upheld("remove")
    platform.fail(10_000)
    for day in range(remedies.REMEDY_ATTEMPTS):
        with clock.freeze_time(clock.now() + timedelta(days=day)):
            run(remedies.APPLY_REMEDY)
    assert Job.objects.get(kind=remedies.APPLY_REMEDY).state == JobState.FAILED
    assert [row.problem for row in open_discrepancies()] == ["silent"]
    platform.fail(0)
    with clock.freeze_time(clock.now() + timedelta(hours=1)):
        assert [remedy_checks.mend_remedies() for _time in range(2)] == [1, 0]
        run(remedies.APPLY_REMEDY)
    assert do.states(complaint) == {"remove": State.ACTIVE}
    assert not open_discrepancies().exists()


def test_a_check_whose_platform_is_silent_says_so(platform: FakePlatform) -> None:
    in_force()
    remedy_checks.mend_remedies()
    platform.fail(10_000)
    for day in range(remedy_checks.CHECK_ATTEMPTS):
        with clock.freeze_time(clock.now() + timedelta(days=day)):
            run(remedies.CHECK_REMEDY)
    assert [row.problem for row in open_discrepancies()] == ["silent"]
    platform.fail(0)
    assert check(timedelta(hours=3)) == []


def test_a_message_that_nobody_tries_any_more_is_not_open(platform: FakePlatform) -> None:
    complaint = make.complaint(ComplaintState.NOTIFIED)
    first = Job.objects.filter(kind=MESSAGE_JOB, payload__kind=FIRST_MESSAGE_KIND).get()
    later = {**first.payload, "kind": "complaints.decided", "key": "later"}
    for payload in (first.payload, later):
        note_undelivered_message(payload)
    assert open_discrepancies().filter(effect="message", subject=complaint.number).count() == 2
    with clock.freeze_time(clock.now() + REACH_TIME):
        for payload in (first.payload, later):
            note_undelivered_message(payload)
    assert not open_discrepancies().exists()


def test_what_the_platform_refuses_is_told_to_staff_at_once_and_tried_again(
    platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint = upheld("remove")

    def refuse(*_args: object, **_named: object) -> None:
        raise Declined("the platform answered 422")

    with monkeypatch.context() as patched:
        patched.setattr(platform, "remove_work", refuse)
        run(remedies.APPLY_REMEDY)
        assert [row.problem for row in open_discrepancies()] == ["refused"]
        for day in range(1, remedies.REMEDY_ATTEMPTS):
            with clock.freeze_time(clock.now() + timedelta(days=day)):
                run(remedies.APPLY_REMEDY)
        assert Job.objects.get(kind=remedies.APPLY_REMEDY).state == JobState.FAILED
        assert [row.problem for row in open_discrepancies()] == ["refused"]
    with clock.freeze_time(clock.now() + timedelta(hours=1)):
        remedy_checks.mend_remedies()
        run(remedies.APPLY_REMEDY)
    assert do.states(complaint) == {"remove": State.ACTIVE}
    assert not open_discrepancies().exists()


def test_a_removal_that_the_platform_no_longer_supports_is_told_to_staff(
    platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_force()
    monkeypatch.setitem(registry._connectors, "fake", platform.connector(without=["removals"]))
    assert check() == ["refused"]
