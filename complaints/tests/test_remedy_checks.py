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
from portal.outbound import shares
from portal.outbound.discrepancies import open_discrepancies, purge_settled_discrepancies
from portal.outbound.models import Discrepancy, Problem
from portal.people.roles import Role
from portal.platforms import Declined, PlatformError, registry
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


def test_works_that_do_not_answer_hold_up_no_other(platform: FakePlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "SHARE", 2)
    *silent, third = [in_force()[0].copy.external_id for _number in range(3)]  # type: ignore[union-attr]
    Remedy.objects.update(checked_at=clock.now())
    platform.removals[third].clear()
    has_removal = platform.has_removal

    def answer(work_id: str, *, key: str) -> bool:
        if work_id in silent:
            raise PlatformError("no answer")
        return has_removal(work_id, key=key)

    monkeypatch.setattr(platform, "has_removal", answer)
    for hour in range(25, 49, 3):
        check(timedelta(hours=hour))
    assert platform.removals[third]


def test_each_platform_has_its_share_of_a_round(platform: FakePlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "SHARE", 2)
    complaints = [in_force()[0] for _number in range(5)]
    Complaint.objects.filter(pk=complaints[-1].pk).update(platform="other")
    assert remedy_checks.mend_remedies() == 3
    tried = Remedy.objects.exclude(tried_at=None).values_list("complaint__platform", flat=True)
    assert sorted(tried) == ["fake", "fake", "other"]


def test_what_was_found_wrong_has_a_share_beside_what_is_looked_at_anyway(
    platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shares, "SHARE", 1)
    rows = [in_force()[1] for _number in range(3)]
    Remedy.objects.update(checked_at=clock.now() - timedelta(days=2))
    Remedy.objects.filter(pk=rows[2].pk).update(checked_at=None)
    remedies.note_unsettled_remedy(rows[2], Problem.IGNORED)
    assert remedy_checks.mend_remedies() == 2
    assert set(Remedy.objects.exclude(tried_at=None)) == {rows[0], rows[2]}


def test_what_still_shows_long_after_it_was_lifted_is_tried_on(
    platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint, remedy = in_force()
    do.appeal(complaint)
    do.reverse(complaint)
    run(remedies.LIFT_REMEDY)
    with monkeypatch.context() as patched:
        patched.setattr(platform, "has_removal", lambda *_args, **_more: True)
        for days in (1, 20, 40, 400):
            assert check(timedelta(days=days)) == ["ignored"]
    assert Discrepancy.objects.get().attempts == 4
    assert check(timedelta(days=401)) == []
    remedy.refresh_from_db()
    assert remedy.state == State.LIFTED
