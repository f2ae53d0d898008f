"""Retention of the files of a case: a month after the last right of appeal in it has ended.

The row of a file, its hash and the hashes of its pages stay, and so do the results of the checks, so that a certificate
still says what was checked.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from certification import policies
from certification.models import Application, Certificate, Inquiry, Inspection
from certification.states import STANDING_STATES, ApplicationState
from portal import clock
from portal.evidence.actions import retention
from portal.evidence.models import EvidenceFile
from portal.reviews.models import Appeal, Decision


def keep_application_files_until(application: Application, moment: datetime) -> None:
    """Schedule the deletion of all files of the application: documents, and those of appeals and answers."""
    retention.schedule_purge(files_of_application(application), at=moment)


def keep_files_of_applications_until(applications: Iterable[int], moment: datetime) -> None:
    """The same for many applications, by their primary keys, at once."""
    retention.schedule_purge(_files_of(applications), at=moment)


def keep_certificate_files(certificate: Certificate) -> None:
    """As long as the certificate stands or its revocation can be appealed, and a month more."""
    keep_application_files_until(certificate.application, _certificate_files_until(certificate))


def shorten_retention() -> int:
    """Bring files that were kept by an earlier, longer rule under the present one; returns how many applications. Safe to run twice."""
    count = 0
    late = Q(documents__file__purged_at=None, documents__file__purge_at__gt=clock.now() + policies.DOCUMENT_RETENTION)
    rightly = Q(
        certificate__state__in=STANDING_STATES,
        documents__file__purge_at__lte=F("certificate__valid_to") + policies.DOCUMENT_RETENTION,
    )
    closed = Application.objects.filter(late & ~rightly, state__in=_CLOSED).select_related("certificate")
    closed = closed.order_by("pk").distinct()
    for application in closed.iterator(chunk_size=500):
        until = _files_until(application)
        longer = [file for file in files_of_application(application) if file.purge_at and file.purge_at > until]
        if longer:
            with transaction.atomic():
                retention.schedule_purge(longer, at=until)
            count += 1
    return count


_CLOSED = (
    *(ApplicationState.WITHDRAWN, ApplicationState.LAPSED, ApplicationState.APPROVED),
    *(ApplicationState.REJECTED, ApplicationState.REJECTED_FINAL),
)


def _files_until(application: Application) -> datetime:
    if application.state == ApplicationState.APPROVED:
        return _certificate_files_until(application.certificate)
    end = application.decided_at or application.touched_at
    if application.state == ApplicationState.REJECTED:
        end = policies.appeal_deadline(end)
    return end + policies.DOCUMENT_RETENTION


def _certificate_files_until(certificate: Certificate) -> datetime:
    now = clock.now()
    end = certificate.ended_at or now
    if certificate.state in STANDING_STATES:
        end = max(certificate.valid_to, now)
    if (revocation := policies.standing_revocation(certificate)) is not None:
        end = max(end, _revocation_final_at(revocation))
    return end + policies.DOCUMENT_RETENTION


def _revocation_final_at(revocation: Decision) -> datetime:
    """When nobody could appeal any more, or the appeal was decided."""
    appeal = Appeal.objects.filter(decision=revocation).select_related("answer").first()
    if appeal is not None and appeal.answer is not None:
        return appeal.answer.at
    return policies.appeal_deadline(revocation.in_force_since)


def let_go_forgotten_files() -> int:
    """Let files go that were handed in a month ago or earlier, have no end of keeping and are needed by no case; returns how many."""
    before = clock.now() - policies.DOCUMENT_RETENTION
    purposes = (policies.DOCUMENT_PURPOSE, policies.PAGE_PURPOSE)
    undated = EvidenceFile.objects.filter(purpose__in=purposes, frozen_at__lte=before, purge_at=None, purged_at=None)
    count = 0
    for file in undated.order_by("pk").iterator(chunk_size=500):
        if not retention.evidence_retention.is_needed(file):
            retention.schedule_purge([file], at=clock.now())
            count += 1
    return count


def lock_application_files(applications: Iterable[Application]) -> None:
    """Lock the files of several applications in one order, before each of them is scheduled."""
    retention.lock_files([file for application in applications for file in files_of_application(application)])


def files_of_application(application: Application) -> list[EvidenceFile]:
    """Every file of the application, of looks into registers, of its appeals, and of the inquiries and inspections of its certificate."""
    return _files_of([application.pk])


def _files_of(applications: Iterable[int]) -> list[EvidenceFile]:
    keys = list(applications)
    certified = {"certificate__application__in": keys}
    appeals = Appeal.objects.filter(
        Q(decision__case__application__in=keys)
        | Q(decision__case__answer_inquiry__certificate__application__in=keys)
        | Q(decision__case__inquiry__certificate__application__in=keys)
    )
    sent = (Inquiry.objects.filter(**certified), Inspection.objects.filter(**certified), appeals)
    looks = EvidenceFile.objects.filter(seen_in_checks__application__in=keys).values("pk")
    chosen = Q(documents__application__in=keys) | Q(pk__in=looks)
    for rows in sent:
        chosen |= Q(pk__in=rows.exclude(files=None).values("files"))
    return list(EvidenceFile.objects.filter(chosen).order_by("stored_at", "pk").distinct())
