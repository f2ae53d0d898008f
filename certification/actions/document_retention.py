"""Retention of the files of a case: until its end plus the time in which an appeal is possible."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from certification.models import Application, Inquiry
from portal.evidence.actions import retention
from portal.evidence.models import EvidenceFile
from portal.reviews.models import Appeal


def keep_application_files_until(application: Application, moment: datetime) -> None:
    """Schedule the deletion of all files of the application: documents, and those of appeals and answers."""
    retention.schedule_purge(files_of_application(application), at=moment)


def lock_application_files(applications: Iterable[Application]) -> None:
    """Lock the files of several applications in one order, before each of them is scheduled."""
    retention.lock_files([file for application in applications for file in files_of_application(application)])


def files_of_application(application: Application) -> list[EvidenceFile]:
    """Every file of the application, of looks into registers, of its appeals, and of the inquiries about its certificate."""
    inquiries = Inquiry.objects.filter(certificate__application=application)
    appeals = Appeal.objects.filter(
        Q(decision__case__application=application)
        | Q(decision__case__answer_inquiry__certificate__application=application)
    )
    later = [row.exclude(files=None).values("files") for row in (inquiries, appeals)]
    looks = EvidenceFile.objects.filter(seen_in_checks__application=application).values("pk")
    documents = Q(documents__application=application)
    files = EvidenceFile.objects.filter(documents | Q(pk__in=looks) | Q(pk__in=later[0]) | Q(pk__in=later[1]))
    return list(files.order_by("stored_at", "pk").distinct())
