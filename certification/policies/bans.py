"""Areas closed after forged documents: to the person, and to whoever comes with the numbers or documents of that person."""

from django.db.models import Q, QuerySet

from certification.models import Application, AreaBan, Credential, Document
from portal import clock


def bans_of_person(application: Application) -> "QuerySet[AreaBan]":
    """The bans of the applicant from the area, past ones included; without those that an appeal lifted."""
    return AreaBan.objects.filter(person=application.applicant_id, area=application.area_id, lifted_at=None)


def bans_of_others(application: Application) -> "QuerySet[AreaBan]":
    """The same of everybody else."""
    return AreaBan.objects.filter(area=application.area_id, lifted_at=None).exclude(person=application.applicant_id)


def bans_by_evidence(application: Application) -> "QuerySet[AreaBan]":
    """Bans of others who submitted a number that names one person, or the same file for one, as this application does.

    A new account does not open an area again that was closed. Numbers and files of employers are shared by colleagues.
    """
    numbers = application.credentials.filter(type__personal=True).exclude(fingerprint="").values("fingerprint")
    hashes = personal_documents(application).values("file__sha256")
    declared = Credential.objects.filter(fingerprint__in=numbers, application__submitted_at__isnull=False)
    attached = Document.objects.filter(file__sha256__in=hashes, application__submitted_at__isnull=False)
    people = Q(person__in=declared.values("application__applicant"))
    people |= Q(person__in=attached.values("application__applicant"))
    return bans_of_others(application).filter(people)


def personal_documents(application: Application) -> "QuerySet[Document]":
    """The documents of credentials with a number that names one person."""
    named = application.documents.current().filter(credential__type__personal=True)
    return named.exclude(credential__type__identifier_pattern="")


def running(bans: "QuerySet[AreaBan]") -> "QuerySet[AreaBan]":
    """Those of the bans that close the area now, the longest first."""
    now = clock.now()
    return bans.filter(starts_at__lte=now, ends_at__gt=now).order_by("-ends_at")
