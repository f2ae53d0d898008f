"""Labels on platforms: there while a certificate counts, on the accounts that are proven, and nowhere else."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from certification.actions import certificates, expiry, inquiries, labels
from certification.models import Certificate
from certification.tests import factories as make
from portal import clock
from portal.jobs import runner
from portal.jobs.attempts import JobAttempt
from portal.jobs.models import Job, JobState
from portal.outbound.discrepancies import open_discrepancies
from portal.people.actions import links, profile
from portal.people.tests.linking import prove
from portal.platforms import Declined, Label, registry
from portal.testing.fake_platform import FakePlatform

pytestmark = pytest.mark.django_db


@pytest.fixture
def certificate(platform: FakePlatform) -> Certificate:
    platform.open_account("7", "Ana")
    return make.certificate("cn-law")


@pytest.fixture
def linked(certificate: Certificate, platform: FakePlatform) -> Certificate:
    prove(certificate.holder, platform)
    runner.run_due_jobs()
    return certificate


def shown(platform: FakePlatform, account: str = "7") -> list[str]:
    return sorted(platform.labels[account])


def test_a_proven_account_shows_what_the_certificate_says(platform: FakePlatform, linked: Certificate) -> None:
    label = platform.labels["7"][linked.serial]
    assert label.texts == linked.labels
    assert label.url.endswith(f"/register/{linked.serial}/")


def test_nothing_shows_before_the_account_is_proven(platform: FakePlatform, certificate: Certificate) -> None:
    links.claim_account(person=certificate.holder, platform="fake", account="7", by=certificate.holder)
    runner.run_due_jobs()
    assert shown(platform) == []


def test_a_certificate_that_comes_later_shows_too(platform: FakePlatform, linked: Certificate) -> None:
    later = make.certificate("cn-farming", applicant=linked.holder)
    runner.run_due_jobs()
    assert shown(platform) == sorted([linked.serial, later.serial])


def _surrender(certificate: Certificate) -> None:
    certificates.surrender_certificate(certificate=certificate, by=certificate.holder)


@pytest.mark.parametrize("spoil", [make.suspend, make.revoke, _surrender])
def test_it_goes_when_the_certificate_does(
    platform: FakePlatform, linked: Certificate, spoil: Callable[[Certificate], object]
) -> None:
    spoil(linked)
    runner.run_due_jobs()
    assert shown(platform) == []


def test_it_comes_back_when_the_doubt_is_cleared_up(platform: FakePlatform, linked: Certificate) -> None:
    inquiry = make.suspend(linked)
    runner.run_due_jobs()
    assert shown(platform) == []
    inquiries.answer_suspension(inquiry=inquiry, by=linked.holder, text="The register is wrong about me.")
    make.clear(inquiry)
    runner.run_due_jobs()
    assert shown(platform) == [linked.serial]


def test_it_comes_back_with_a_granted_appeal(platform: FakePlatform, linked: Certificate) -> None:
    make.revoke(linked)
    runner.run_due_jobs()
    linked.refresh_from_db()
    inquiries.appeal_revocation(certificate=linked, by=linked.holder, text="You have overlooked my second paper.")
    user, case = make.claim(linked.adverse_decision.case)  # type: ignore[union-attr]
    inquiries.decide_revocation_appeal(
        certificate=linked,
        by=user,
        version=case.version,
        granted=True,
        reasons=[],
        explanation=make.ENOUGH,
    )
    runner.run_due_jobs()
    assert shown(platform) == [linked.serial]


def test_expiry_bites_at_its_second(platform: FakePlatform, linked: Certificate) -> None:
    with clock.freeze_time(linked.valid_to - timedelta(seconds=1)):
        runner.run_due_jobs()
        assert shown(platform) == [linked.serial]
    with clock.freeze_time(linked.valid_to):
        runner.run_due_jobs()  # without the minute's expire_due: the row still says active
        assert shown(platform) == []
    linked.refresh_from_db()
    assert linked.state == "active"
    with clock.freeze_time(linked.valid_to + timedelta(minutes=1)):
        expiry.expire_due_certificates()
        runner.run_due_jobs()
    assert shown(platform) == []


def test_a_renewal_shows_from_its_first_second(platform: FakePlatform, linked: Certificate) -> None:
    with clock.freeze_time(linked.valid_to - timedelta(days=10)):
        renewed = make.certificate("cn-law", applicant=linked.holder, renews=linked)
        runner.run_due_jobs()
        assert shown(platform) == [linked.serial]
    with clock.freeze_time(linked.valid_to):
        runner.run_due_jobs()
        assert shown(platform) == [renewed.serial]


def test_it_goes_with_the_link_and_only_there(platform: FakePlatform, linked: Certificate) -> None:
    platform.open_account("8", "Second")
    second = prove(linked.holder, platform, "second")
    runner.run_due_jobs()
    assert shown(platform) == shown(platform, "8") == [linked.serial]
    links.end_link(link=second, by=linked.holder)
    runner.run_due_jobs()
    assert (shown(platform), shown(platform, "8")) == ([linked.serial], [])
    prove(linked.holder, platform, "second")
    runner.run_due_jobs()
    assert shown(platform, "8") == [linked.serial]


def test_who_proves_the_account_later_shows_their_own(platform: FakePlatform, linked: Certificate) -> None:
    other = make.certificate("cn-farming")
    prove(other.holder, platform)
    runner.run_due_jobs()
    assert shown(platform) == [other.serial]


def test_who_leaves_takes_their_labels_with_them(platform: FakePlatform, linked: Certificate) -> None:
    profile.close_account(person=linked.holder)
    runner.run_due_jobs()
    assert shown(platform) == []


def test_a_platform_that_fails_twice_is_asked_again(platform: FakePlatform, certificate: Certificate) -> None:
    runner.run_due_jobs()
    prove(certificate.holder, platform)
    platform.fail(2)
    for seconds in (0, 10, 30):
        assert shown(platform) == []
        with clock.freeze_time(clock.now() + timedelta(seconds=seconds)):
            runner.run_due_jobs()
    job = Job.objects.filter(kind=labels.LABEL_JOB).order_by("-attempts")[0]
    assert (job.state, job.attempts) == (JobState.DONE, 3)
    assert shown(platform) == [certificate.serial]


def test_a_platform_that_is_away_keeps_no_other_waiting(
    platform: FakePlatform, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = FakePlatform("away", "Away platform")
    away.open_account("9", "Ana")
    monkeypatch.setitem(registry._connectors, "away", away.connector())
    link = links.claim_account(person=certificate.holder, platform="away", account="9", by=certificate.holder)
    away.profiles["9"] = link.code
    links.prove_account(link=link, by=certificate.holder)
    prove(certificate.holder, platform)
    away.fail(99)
    runner.run_due_jobs()
    assert shown(platform) == [certificate.serial]
    assert Job.objects.filter(kind=labels.LABEL_JOB, state=JobState.QUEUED, attempts=1).exists()


def test_an_account_that_is_gone_is_no_failure(platform: FakePlatform, linked: Certificate) -> None:
    del platform.accounts["7"]
    make.suspend(linked)
    runner.run_due_jobs()
    assert not Job.objects.filter(kind=labels.LABEL_JOB).exclude(state=JobState.DONE).filter(attempts__gt=0).exists()


def test_what_changes_while_it_is_asked_is_asked_again(
    platform: FakePlatform, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    prove(certificate.holder, platform)

    class Slow(FakePlatform):
        def set_label(self, account_id: str, label: Label) -> None:
            # Meanwhile it is suspended, and the job of that change has come and gone.
            Certificate.objects.filter(pk=certificate.pk).update(state="surrendered", ended_at=clock.now())
            super().set_label(account_id, label)

    slow = Slow()
    slow.accounts = platform.accounts
    monkeypatch.setitem(registry._connectors, "fake", slow.connector())
    labels.reconcile_labels(JobAttempt(0, labels.LABEL_JOB, {"person": certificate.holder_id}, 1, 1))
    assert slow.calls == ["shown_label", "set_label", "shown_label", "shown_label", "clear_label", "shown_label"]
    assert shown(slow) == []


def test_running_twice_changes_nothing(platform: FakePlatform, linked: Certificate) -> None:
    before = dict(platform.labels["7"])
    labels.reconcile_labels(JobAttempt(0, labels.LABEL_JOB, {"person": linked.holder_id}, 1, 1))
    assert platform.labels["7"] == before


def test_many_accounts_and_certificates_are_three_questions(platform: FakePlatform, linked: Certificate) -> None:
    for number in range(3):
        platform.open_account(f"a{number}", f"name-{number}")
        prove(linked.holder, platform, f"a{number}")
    make.certificate("cn-farming", applicant=linked.holder)
    with CaptureQueriesContext(connection) as asked:
        wanted = labels.expected_labels(linked.holder_id)
    assert len(asked) == 3
    assert len(wanted) == 8
    assert all(wanted.values())


@pytest.mark.parametrize("call", ["set_label", "clear_label"])
def test_a_worker_killed_after_the_platform_has_answered(
    platform: FakePlatform, certificate: Certificate, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    prove(certificate.holder, platform)
    if call == "clear_label":
        runner.run_due_jobs()
        _surrender(certificate)
    method = getattr(platform, call)

    def die(*args: object, **kwargs: object) -> None:
        method(*args, **kwargs)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(platform, call, die)
        with pytest.raises(KeyboardInterrupt):
            runner.run_due_jobs()
    with clock.freeze_time(clock.now() + timedelta(hours=1)):
        for pk in Job.objects.filter(state=JobState.RUNNING).values_list("pk", flat=True):
            runner.run_job(pk)
    assert shown(platform) == ([certificate.serial] if call == "set_label" else [])
    assert not Job.objects.filter(kind=labels.LABEL_JOB, state=JobState.RUNNING).exists()


def mend(hours: int = 0) -> int:
    """One round of mending and its jobs; how many people it looked at."""
    with clock.freeze_time(clock.now() + timedelta(hours=hours)):
        count = labels.mend_labels()
        runner.run_due_jobs()
        return count


def test_a_label_of_a_revoked_certificate_does_not_stay_when_the_platform_was_away(
    platform: FakePlatform, linked: Certificate
) -> None:
    platform.fail(10_000)
    make.revoke(linked)
    for day in range(labels.LABEL_ATTEMPTS):
        with clock.freeze_time(clock.now() + timedelta(days=day)):
            runner.run_due_jobs()
    assert Job.objects.filter(kind=labels.LABEL_JOB, state=JobState.FAILED).exists()
    assert shown(platform) == [linked.serial]
    (row,) = open_discrepancies()
    assert (row.subject, row.wanted, row.problem) == (linked.serial, False, "silent")
    platform.fail(0)
    assert mend(24 * 30) == 1
    assert shown(platform) == []
    assert not open_discrepancies().exists()


def test_a_label_that_the_platform_has_lost_is_back_within_a_week(platform: FakePlatform, linked: Certificate) -> None:
    platform.labels["7"].clear()
    assert sum(mend(hour) for hour in range(labels.HOURS_OF_WEEK)) == 1
    assert shown(platform) == [linked.serial]


def test_a_label_that_the_platform_does_not_show_is_told_to_staff(
    platform: FakePlatform, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    prove(certificate.holder, platform)
    with monkeypatch.context() as patched:
        patched.setattr(platform, "set_label", lambda *_args: None)
        runner.run_due_jobs()
        assert [row.problem for row in open_discrepancies()] == ["ignored"]
    assert mend(1) == 1
    assert shown(platform) == [certificate.serial]
    assert not open_discrepancies().exists()


def test_a_label_that_a_platform_refuses_to_take_away_stays_open_when_it_ends_its_support(
    platform: FakePlatform, linked: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_named: object) -> None:
        raise Declined("the platform answered 403")

    monkeypatch.setattr(platform, "clear_label", refuse)
    links.end_link(link=linked.holder.linked_accounts.get(), by=linked.holder)
    runner.run_due_jobs()
    assert [row.problem for row in open_discrepancies()] == ["refused"]
    monkeypatch.setitem(registry._connectors, "fake", platform.connector(without=["labels"]))
    mend(1)  # the job that was refused is made again
    assert not Job.objects.exclude(state=JobState.DONE).filter(kind=labels.LABEL_JOB, attempts__gt=0).exists()
    assert [row.wanted for row in open_discrepancies()] == [False]


def test_whose_certificate_ended_long_ago_is_not_looked_at(platform: FakePlatform, linked: Certificate) -> None:
    with clock.freeze_time(linked.valid_to + timedelta(days=91)):
        assert sum(mend(hour) for hour in range(labels.HOURS_OF_WEEK)) == 0
