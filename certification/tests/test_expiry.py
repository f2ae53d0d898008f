"""Thousands of certificates that end at one second are written down by several workers, each certificate once."""

import pytest

from certification.actions import expiry
from certification.models import Certificate
from certification.states import CertificateState
from certification.tests import factories as make
from portal import clock
from portal.audit.models import AuditEvent
from portal.jobs import runner
from portal.jobs.models import Job, JobState
from portal.notifications.models import Notification
from portal.testing.concurrency import at_once


@pytest.mark.django_db(transaction=True)
def test_many_ends_at_one_second_are_shared_by_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiry, "_SHARED", 3)
    monkeypatch.setattr(expiry, "_BATCH", 2)
    rows = [make.certificate("cn-farming") for _ in range(5)]
    with clock.freeze_time(max(row.valid_to for row in rows)):
        at_once(expiry.expire_due_certificates, lambda: runner.run_due_jobs([expiry.EXPIRE_SOME_JOB]))
        runner.run_due_jobs([expiry.EXPIRE_SOME_JOB])
        assert Job.objects.get(kind=expiry.EXPIRE_SOME_JOB).state == JobState.DONE
        assert set(Certificate.objects.values_list("state", flat=True)) == {CertificateState.EXPIRED}
        assert AuditEvent.objects.filter(event="certification.certificate.expired").count() == len(rows)
        assert Notification.objects.filter(kind="certification.expired").count() == len(rows)
        assert not expiry.expire_due_certificates()


@pytest.mark.django_db
def test_few_ends_need_no_second_worker() -> None:
    certificate = make.certificate("cn-farming")
    with clock.freeze_time(certificate.valid_to):
        assert expiry.expire_due_certificates() == 1
    assert not Job.objects.filter(kind=expiry.EXPIRE_SOME_JOB).exists()
