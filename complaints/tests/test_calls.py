"""Remedies are claimed, called and recorded: a worker killed in between does nothing twice and loses nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from complaints import notices
from complaints.actions import remedies
from complaints.models import Complaint, Remedy
from complaints.states import ComplaintState
from complaints.states import RemedyState as State
from complaints.tests import deciding as do
from complaints.tests import factories as make
from portal import clock
from portal.engines.limited_process import answering_request
from portal.jobs import runner
from portal.jobs.models import Job, JobState
from portal.outbound.calls import CALL_LEASE
from portal.outbound.guard import CallInTransaction, CallOnRequestThread
from portal.outbound.lookups import AnswerPending
from portal.platforms import Message, MoveOrder, registry, served
from portal.testing.fake_platform import SITE, FakePlatform

pytestmark = pytest.mark.django_db


def run(kind: str) -> None:
    for pk in Job.objects.filter(kind=kind).order_by("pk").values_list("pk", flat=True):
        runner.run_job(pk)


def upheld(kind: str) -> Complaint:
    """A complaint whose remedy waits for its call."""
    complaint = do.in_review(against=make.account(make.person()))
    do.decide(complaint, remedies={kind, "warn"} if kind == "restrict" else {kind})
    if remedies.second_approval_reasons([kind]):
        do.confirm(complaint)
        Remedy.objects.filter(state=State.HELD).update(not_before=clock.now())
        remedies.begin_due_remedies()
    return complaint


def kill_after(platform: FakePlatform, call: str, patch: pytest.MonkeyPatch) -> None:
    """The next worker that makes this call dies when the platform has answered."""
    method = getattr(platform, call)

    def die(*args: Any, **kwargs: Any) -> None:
        method(*args, **kwargs)
        raise KeyboardInterrupt

    patch.setattr(platform, call, die)


def die_in(kind: str, platform: FakePlatform, call: str, patch: pytest.MonkeyPatch) -> None:
    with patch.context() as patched:
        kill_after(platform, call, patched)
        with pytest.raises(KeyboardInterrupt):
            run(kind)


def done(platform: FakePlatform, complaint: Complaint, kind: str) -> int:
    """How often the remedy stands on the platform."""
    account, key = complaint.account_id, Remedy.objects.get(kind=kind).key
    places = (platform.removals[do.post(complaint)], platform.restrictions[account], platform.messages[account])
    return sum(known.startswith(key) for place in places for known in place)


CALLS = [("warn", "send_message", "send_message", 2), ("remove", "remove_work", "restore_work", 0)]
CALLS.append(("restrict", "restrict_account", "lift_restriction", 0))


@pytest.mark.parametrize(("kind", "apply", "undo", "left"), CALLS)
def test_a_worker_killed_between_call_and_record(
    platform: FakePlatform, monkeypatch: pytest.MonkeyPatch, kind: str, apply: str, undo: str, left: int
) -> None:
    complaint = upheld(kind)
    die_in(remedies.APPLY_REMEDY, platform, apply, monkeypatch)
    assert do.states(complaint)[kind] == State.APPLYING
    with clock.freeze_time(clock.now() + timedelta(hours=1)):
        run(remedies.APPLY_REMEDY)
        assert (do.states(complaint)[kind], done(platform, complaint, kind)) == (State.ACTIVE, 1)
        do.appeal(complaint)
        do.reverse(complaint)
        die_in(remedies.LIFT_REMEDY, platform, undo, monkeypatch)
        assert do.states(complaint)[kind] == State.LIFTING
    with clock.freeze_time(clock.now() + timedelta(hours=2)):
        run(remedies.LIFT_REMEDY)
    assert (do.states(complaint)[kind], done(platform, complaint, kind)) == (State.LIFTED, left)
    row = Remedy.objects.get(kind=kind)
    assert (row.calling_key, row.calling_until) == ("", None)


def test_lifting_waits_for_the_lease_of_applying(platform: FakePlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    complaint = upheld("remove")
    die_in(remedies.APPLY_REMEDY, platform, "remove_work", monkeypatch)
    do.appeal(complaint)
    do.reverse(complaint)
    run(remedies.LIFT_REMEDY)
    assert do.states(complaint) == {"remove": State.LIFTING}
    assert "restore_work" not in platform.calls
    assert Job.objects.get(kind=remedies.LIFT_REMEDY).state == JobState.QUEUED
    with clock.freeze_time(clock.now() + CALL_LEASE):
        run(remedies.LIFT_REMEDY)
    assert do.states(complaint) == {"remove": State.LIFTED}
    with clock.freeze_time(clock.now() + timedelta(hours=1)):
        run(remedies.APPLY_REMEDY)
    assert done(platform, complaint, "remove") == 0


def test_a_reversal_during_the_call_is_not_overwritten(platform: FakePlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    complaint = upheld("remove")
    remove = platform.remove_work

    def reverse_meanwhile(*args: Any, **kwargs: Any) -> None:
        remove(*args, **kwargs)
        do.appeal(complaint)
        do.reverse(complaint)

    monkeypatch.setattr(platform, "remove_work", reverse_meanwhile)
    run(remedies.APPLY_REMEDY)
    assert do.states(complaint) == {"remove": State.LIFTING}
    run(remedies.LIFT_REMEDY)
    assert (do.states(complaint), done(platform, complaint, "remove")) == ({"remove": State.LIFTED}, 0)


def _calls(platform: FakePlatform) -> list[Callable[[], object]]:
    connector = registry.get_connector("fake")
    return [
        lambda: connector.accounts.account("1"),
        lambda: connector.works.works_of("1"),
        lambda: served(connector.followers).following(MoveOrder("k", "1", "2", (), clock.now()), 1),
        lambda: served(connector.messages).send_message("1", Message("k", "s", "b")),
        lambda: served(connector.removals).remove_work("1", key="k", reason="r"),
        lambda: served(connector.restrictions).lift_restriction("1", key="k"),
        lambda: served(connector.labels).clear_label("1", key="k"),
    ]


def test_a_call_within_a_transaction_is_a_programming_error(platform: FakePlatform) -> None:
    for call in _calls(platform):
        with transaction.atomic(), pytest.raises(CallInTransaction):
            call()
    assert platform.calls == []


def test_no_call_is_made_while_a_request_is_answered(platform: FakePlatform, slow_platforms: None) -> None:
    known = make.account().id
    for call in _calls(platform)[1:]:
        with answering_request(), pytest.raises(CallOnRequestThread):
            call()
    find = registry.get_connector("fake").accounts.account
    with answering_request(), pytest.raises(AnswerPending):
        find(known)
    assert platform.calls == []
    assert find(known).id == known  # jobs call


def test_a_claim_has_no_condition_on_another_table() -> None:
    with pytest.raises(TypeError):
        Remedy().claim_call("k", complaint__state="decided")


def test_recognising_an_address_is_no_call() -> None:
    with transaction.atomic():
        assert registry.get_connector("fake").accounts.recognises(f"{SITE}/@somebody")


def test_a_worker_killed_between_the_message_to_a_side_and_its_record(
    platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        kill_after(platform, "send_message", patched)
        with pytest.raises(KeyboardInterrupt):
            make.complaint(ComplaintState.NOTIFIED)
    complaint = Complaint.objects.get()
    assert len(platform.messages[complaint.account_id]) == 1
    assert Job.objects.get(kind=notices.MESSAGE_JOB).state == JobState.RUNNING
    with clock.freeze_time(clock.now() + timedelta(hours=1)):
        run(notices.MESSAGE_JOB)
    assert len(platform.messages[complaint.account_id]) == 1
    assert Job.objects.get(kind=notices.MESSAGE_JOB).state == JobState.DONE
