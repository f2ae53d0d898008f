"""Remedies: carried out once whatever happens to the workers, held, taken back."""

from datetime import timedelta
from typing import Any

import pytest

from complaints import remedies as remedy_types
from complaints.actions import decisions, remedies
from complaints.models import Complaint, Remedy, Restitution, RestitutionPolicy, Work
from complaints.policies import screening
from complaints.policies.second_look import complaint_second_look
from complaints.policies.terms import RESTRICTION_DELAY as DAYS
from complaints.policies.terms import hold_duration
from complaints.states import RemedyState as State
from complaints.states import RestitutionMode
from complaints.tests import deciding as do
from complaints.tests import factories as make
from portal import clock
from portal.errors import Conflict, Invalid
from portal.jobs import runner
from portal.jobs.models import Job, JobState
from portal.people.models import User
from portal.testing.fake_platform import FakePlatform

COURTESY = hold_duration(DAYS.days)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("moving")]


def jobs(kind: str = remedies.APPLY_REMEDY) -> list[Job]:
    return list(Job.objects.filter(kind=kind).order_by("pk"))


def run(kind: str = remedies.APPLY_REMEDY) -> None:
    for job in jobs(kind):
        runner.run_job(job.pk)


def upheld(*kinds: str, **fields: Any) -> Complaint:
    complaint = do.in_review(**fields)
    do.decide(complaint, remedies=kinds)
    if remedies.second_approval_reasons(kinds):
        do.confirm(complaint)
    return make.fresh(complaint)


def remedy(complaint: Complaint, kind: str) -> Remedy:
    return Remedy.objects.get(complaint=complaint, kind=kind)


def test_warning_and_removal_happen_at_once(platform: FakePlatform) -> None:
    complaint = upheld("warn", "remove")
    run()
    assert do.states(complaint) == {"warn": State.ACTIVE, "remove": State.ACTIVE}
    warning = platform.messages[complaint.account_id][remedy(complaint, "warn").key]
    assert complaint.number in warning.body
    assert platform.works[do.post(complaint)].state == "removed"
    assert remedies.active_warnings(complaint.platform, complaint.account_id) == 1


def test_an_account_is_closed_after_days_of_courtesy(platform: FakePlatform) -> None:
    complaint = upheld("warn", "restrict")
    for wait, state in ((COURTESY - timedelta(seconds=1), State.HELD), (COURTESY, State.ACTIVE)):
        with clock.freeze_time(remedy(complaint, "restrict").not_before - COURTESY + wait):
            remedies.begin_due_remedies()
            remedies.begin_due_remedies()
            run()
        assert do.states(complaint)["restrict"] == state
    assert list(platform.restrictions[complaint.account_id]) == [remedy(complaint, "restrict").key]
    assert platform.calls.count("restrict_account") == 1


def test_an_appeal_holds_up_what_has_not_begun(platform: FakePlatform) -> None:
    complaint = upheld("warn", "restrict")
    do.appeal(complaint)
    later = clock.now() + COURTESY * 2
    with clock.freeze_time(later):
        assert remedies.begin_due_remedies() == 0
    do.affirm(complaint)
    with clock.freeze_time(later):
        assert remedies.begin_due_remedies() == 1


def test_a_worker_that_dies_after_the_call_does_nothing_twice(
    platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint = upheld("remove")
    remove = platform.remove_work

    def die(*args: Any, **kwargs: Any) -> None:
        remove(*args, **kwargs)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(platform, "remove_work", die)
        with pytest.raises(KeyboardInterrupt):
            run()
    assert do.states(complaint) == {"remove": State.APPLYING}
    with clock.freeze_time(clock.now() + timedelta(hours=1)):
        run()
    assert do.states(complaint) == {"remove": State.ACTIVE}
    assert len(platform.removals[do.post(complaint)]) == 1
    assert jobs()[0].attempts == 2


def test_a_platform_that_does_not_answer_is_asked_again(platform: FakePlatform) -> None:
    complaint = upheld("remove")
    platform.fail(2)
    for minutes in range(3):
        with clock.freeze_time(clock.now() + timedelta(minutes=minutes)):
            run()
    assert do.states(complaint) == {"remove": State.ACTIVE}
    assert platform.calls.count("remove_work") == 3


def test_a_platform_that_never_answers_is_shown(platform: FakePlatform) -> None:
    complaint = upheld("remove")
    platform.fail(1000)
    for hours in range(remedies.REMEDY_ATTEMPTS + 1):
        with clock.freeze_time(clock.now() + timedelta(hours=hours)):
            run()
    row = remedy(complaint, "remove")
    assert (row.state, row.problem) == (State.APPLYING, remedies.UNREACHABLE)
    assert jobs()[0].state == JobState.FAILED


def test_what_is_gone_meanwhile_counts_as_done(platform: FakePlatform) -> None:
    complaint = upheld("warn", "remove")
    del platform.works[do.post(complaint)]
    run()
    assert remedy(complaint, "remove").problem == remedies.GONE
    assert remedy(complaint, "warn").problem == ""
    assert do.states(complaint) == {"warn": State.ACTIVE, "remove": State.ACTIVE}


ALL = ("warn", "remove", "restrict", "restitution")


def test_a_reversal_takes_back_everything_that_waits(platform: FakePlatform) -> None:
    complaint = upheld(*ALL)
    do.appeal(complaint)
    do.reverse(complaint)
    run()
    run(remedies.LIFT_REMEDY)
    assert do.states(complaint) == {
        "warn": State.LIFTED,
        "remove": State.LIFTED,
        "restrict": State.CANCELLED,
        "restitution": State.CANCELLED,
    }
    assert platform.works[do.post(complaint)].state == "public"
    assert Restitution.objects.get().state == "cancelled"
    assert "remove_work" not in platform.calls, "the job came after the reversal"
    assert make.fresh(complaint).hold_until is None


def test_a_reversal_takes_back_everything_in_force(platform: FakePlatform) -> None:
    complaint = upheld(*ALL)
    with clock.freeze_time(clock.now() + COURTESY):
        remedies.begin_due_remedies()
        run()
        held = remedy(complaint, "restitution")
        held.move("begin")
        held.restitution.move("begin")
        do.appeal(complaint)
        do.reverse(complaint)
        run(remedies.LIFT_REMEDY)
    assert {**do.states(complaint), "restitution": ""} == {
        "warn": State.LIFTED,
        "remove": State.LIFTED,
        "restrict": State.LIFTED,
        "restitution": "",
    }
    assert do.states(complaint)["restitution"] == State.LIFTING
    assert Restitution.objects.get().state == "reversing"
    assert platform.works[do.post(complaint)].state == "public"
    assert platform.restrictions[complaint.account_id] == {}
    assert f"{remedy(complaint, 'warn').key}-lifted" in platform.messages[complaint.account_id]
    assert remedies.active_warnings(complaint.platform, complaint.account_id) == 0


def test_another_complaints_removal_stays(platform: FakePlatform) -> None:
    complaint = upheld("remove")
    run()
    post = do.post(complaint)
    platform.remove_work(post, key="another", reason="another complaint")
    do.appeal(complaint)
    do.reverse(complaint)
    run(remedies.LIFT_REMEDY)
    assert platform.works[post].state == "removed"


def test_taking_back_something_gone(platform: FakePlatform) -> None:
    complaint = upheld("remove")
    run()
    del platform.works[do.post(complaint)]
    do.appeal(complaint)
    do.reverse(complaint)
    run(remedies.LIFT_REMEDY)
    row = remedy(complaint, "remove")
    assert (row.state, row.problem) == (State.LIFTED, remedies.GONE)


def off(complaint: Complaint, platform: FakePlatform) -> None:
    RestitutionPolicy.objects.filter(region=complaint.region).update(mode=RestitutionMode.OFF)


def visitor(complaint: Complaint, platform: FakePlatform) -> None:
    User.objects.filter(pk=complaint.complainant_id).update(email="fake.9@visitor.invalid")


def same(complaint: Complaint, platform: FakePlatform) -> None:
    make.link(complaint.complainant, platform.accounts[complaint.account_id])


def closed(complaint: Complaint, platform: FakePlatform) -> None:
    platform.open_account(complaint.account_id, "gone", state="closed")


def gone(complaint: Complaint, platform: FakePlatform) -> None:
    del platform.accounts[complaint.account_id]


def silent(complaint: Complaint, platform: FakePlatform) -> None:
    platform.fail(1)


def nowhere(complaint: Complaint, platform: FakePlatform) -> None:
    Work.objects.filter(pk=do.copy_of(complaint).pk).update(external_id="", owner=complaint.complainant)


def nothing(complaint: Complaint, platform: FakePlatform) -> None:
    """Everything is as usual."""


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        (nothing, set()),
        (off, {"restitution"}),
        (visitor, {"restitution"}),
        (same, {"restitution"}),
        (closed, {"warn", "restrict", "restitution"}),
        (gone, {"warn", "restrict", "restitution"}),
        (silent, {"restitution"}),
        (nowhere, {"remove", "restitution"}),
    ],
)
def test_why_a_remedy_cannot_be_chosen(platform: FakePlatform, change: Any, refused: set[str]) -> None:
    complaint = do.in_review()
    change(complaint, platform)
    fresh = make.fresh(complaint)
    answer = remedy_types.ask_account(fresh.platform, fresh.account_id)
    situation = remedy_types.remedy_situation(fresh, answer)
    assert {kind for kind, reason in remedy_types.remedy_refusals(situation).items() if reason} == refused


def test_a_remedy_that_cannot_be_chosen_is_refused(platform: FakePlatform) -> None:
    RestitutionPolicy.objects.filter(region="cn").update(mode=RestitutionMode.OFF)
    complaint = do.in_review(against=make.account(region="cn"))
    with pytest.raises(Invalid) as wrong:
        do.decide(complaint, remedies=("warn", "restitution"))
    assert "Followers are not returned" in str(wrong.value.fields["remedies"][0])


def test_a_remedy_that_became_impossible_is_not_confirmed(platform: FakePlatform) -> None:
    complaint = do.in_review()
    do.decide(complaint, remedies=("warn", "restitution"))
    off(complaint, platform)
    user, case, complaint = do.claim(complaint)
    with pytest.raises(Conflict, match="Followers are not returned"):
        decisions.confirm_complaint_decision(complaint=complaint, by=user, version=case.version, acknowledged=True)
    assert do.states(complaint) == {}


def test_followers_are_reserved_for_a_guest(platform: FakePlatform) -> None:
    complaint = upheld("remove", "restitution", by=make.guest())
    assert Restitution.objects.get().state == "reserved"
    assert remedy_types.remedy_situation(complaint, remedy_types.NOT_ASKED).reserved


def test_whoever_gives_the_second_approval_is_told_of_a_return_within_the_year(platform: FakePlatform) -> None:
    author, against = make.author(), make.account()
    upheld("remove", "restitution", by=author, against=against)
    for move in ("begin", "finish"):
        Restitution.objects.get().move(move)
    again, other = (do.in_review(by=author, against=against) for _ in range(2))
    do.decide(again, remedies=("remove", "restitution"))
    _user, held = do.decide(other, remedies=("remove", "restrict"))
    warnings = complaint_second_look(make.fresh(again), do.case(again).decisions.get(), make.person()).warnings
    assert screening.RECENT_RETURN in warnings
    assert screening.RECENT_RETURN not in complaint_second_look(make.fresh(other), held, make.person()).warnings


def test_a_pair_is_flagged_for_a_year(platform: FakePlatform) -> None:
    complaint = upheld("remove", "restitution")
    assert "already being returned to this author" in str(
        remedy_types.REMEDY_TYPES["restitution"].check(remedy_types.remedy_situation(complaint, remedy_types.NOT_ASKED))
    )
    for move in ("begin", "finish"):
        Restitution.objects.get().move(move)
    situation = remedy_types.remedy_situation(complaint, remedy_types.NOT_ASKED)
    assert situation.had_recent_restitution
    assert remedy_types.REMEDY_TYPES["restitution"].check(situation) is None
    with clock.freeze_time(clock.now() + timedelta(days=366)):
        assert not remedy_types.remedy_situation(complaint, remedy_types.NOT_ASKED).had_recent_restitution
