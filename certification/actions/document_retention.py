"""Retention of the files of a case: until its end plus the time in which an appeal is possible."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from certification.models import Application, Inquiry, Inspection
from portal.evidence.actions import retention
from portal.evidence.models import EvidenceFile
from portal.reviews.models import Appeal


def keep_application_files_until(application: Application, moment: datetime) -> None:
    """Schedule the deletion of all files of the application: documents, and those of appeals and answers."""
    retention.schedule_purge(files_of_application(application), at=moment)


def keep_files_of_applications_until(applications: Iterable[int], moment: datetime) -> None:
    """The same for many applications, by their primary keys, at once."""
    retention.schedule_purge(_files_of(applications), at=moment)


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
