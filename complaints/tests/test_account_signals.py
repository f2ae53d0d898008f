"""Both sides on one device, or paid to one account: said by the platform in hashes, flagged for whoever decides."""

from datetime import timedelta

import pytest

from complaints.actions import account_signals
from complaints.models import Complaint
from complaints.policies import screening
from complaints.states import ComplaintState as State
from complaints.tests import factories as make
from portal import clock
from portal.jobs import runner
from portal.jobs.models import Job, JobState
from portal.platforms import AccountSignals, registry
from portal.testing.fake_platform import FakePlatform

pytestmark = pytest.mark.django_db


def signals(*, devices: str = "", payees: str = "") -> AccountSignals:
    return AccountSignals(frozenset(devices.split()), frozenset(payees.split()))


def between(platform: FakePlatform, author: AccountSignals, copier: AccountSignals) -> Complaint:
    """A complaint of an author with a proven account, after all jobs."""
    complainant, against = make.author(), make.account()
    platform.signals |= {make.account_of(complainant).id: author, against.id: copier}
    complaint = make.draft(complainant, against=against)
    make.submit(complaint)
    make.run_jobs()
    return make.fresh(complaint)


@pytest.mark.parametrize(
    ("author", "copier", "flags"),
    [
        (signals(devices="a b"), signals(devices="b c"), {screening.SAME_DEVICE}),
        (signals(payees="p"), signals(payees="p"), {screening.SAME_PAYEE}),
        (signals(devices="a", payees="p"), signals(devices="a", payees="p"), {"same_device", "same_payee"}),
        (signals(devices="a", payees="p"), signals(devices="p", payees="a"), set()),
        (signals(), signals(), set()),
    ],
)
def test_what_both_sides_share_is_flagged(
    platform: FakePlatform, author: AccountSignals, copier: AccountSignals, flags: set[str]
) -> None:
    complaint = between(platform, author, copier)
    assert {screening.SAME_DEVICE, screening.SAME_PAYEE}.intersection(complaint.flags) == flags
    assert complaint.state == State.NOTIFIED
    assert not Job.objects.filter(kind=account_signals.COMPARE_ACCOUNTS).exclude(state=JobState.DONE).exists()


def test_a_platform_that_does_not_tell_flags_nothing(platform: FakePlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry._connectors, "fake", platform.connector(without=["signals"]))
    same = signals(devices="a")
    assert screening.SAME_DEVICE not in between(platform, same, same).flags
    assert "account_signals" not in platform.calls


def test_a_platform_that_never_answers_is_a_flag_of_its_own(platform: FakePlatform) -> None:
    complaint = between(platform, signals(), signals())
    platform.fail(100)
    account_signals.enqueue_late_comparison(complaint, "late")
    for hours in range(account_signals.COMPARE_ATTEMPTS):
        with clock.freeze_time(clock.now() + timedelta(days=hours)):
            runner.run_due_jobs([account_signals.COMPARE_ACCOUNTS])
    assert Job.objects.filter(kind=account_signals.COMPARE_ACCOUNTS, state=JobState.FAILED).exists()
    assert screening.ACCOUNTS_NOT_COMPARED in make.fresh(complaint).flags


def test_the_late_account_is_compared_however_many_there_are(platform: FakePlatform) -> None:
    complaint = between(platform, signals(), signals(devices="a"))
    accounts = [make.account(complaint.complainant).id for _ in range(account_signals._MOST_ACCOUNTS + 1)]
    platform.signals |= {accounts[-1]: signals(devices="a")}
    account_signals.enqueue_late_comparison(complaint, accounts[-1])
    runner.run_due_jobs([account_signals.COMPARE_ACCOUNTS])
    assert screening.SAME_DEVICE in make.fresh(complaint).flags


def test_a_platform_that_is_silent_is_asked_again(platform: FakePlatform) -> None:
    complaint = between(platform, signals(), signals())
    complaint.refresh_from_db()
    platform.signals = dict.fromkeys(platform.accounts, signals(payees="p"))
    Job.objects.filter(kind=account_signals.COMPARE_ACCOUNTS).delete()
    account_signals.enqueue_account_comparison(complaint)
    platform.fail(1)
    runner.run_due_jobs([account_signals.COMPARE_ACCOUNTS])
    assert screening.SAME_PAYEE not in make.fresh(complaint).flags
    with clock.freeze_time(clock.now() + timedelta(hours=1)):
        runner.run_due_jobs([account_signals.COMPARE_ACCOUNTS])
    assert screening.SAME_PAYEE in make.fresh(complaint).flags
