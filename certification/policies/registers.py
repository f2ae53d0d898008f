"""What a look into a register must be to count: fresh, on the register's own page, and shown."""

from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlsplit

from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from certification.models import (
    Application,
    Certificate,
    Check,
    CheckKind,
    CheckResult,
    Credential,
    CredentialType,
    Inquiry,
    RecheckCause,
    RegistryKind,
)
from certification.policies.terms import REGISTRY_CHECK_VALIDITY, Reason, latest_registry_checks
from portal import clock
from portal.evidence.models import EvidenceFile, FileState

PAGE_PURPOSE = "certification.register_page"  # of pictures of registers' pages
_CLOCKS_DIFFER = timedelta(minutes=5)
_OLDEST_LOOK = timedelta(days=7)


def speaks_for(check: Check) -> datetime:
    """The moment for which a look into a register speaks: when it was made, or the end of the day of the register's file."""
    as_of = check.data.get("as_of")
    if as_of is None:
        return check.at
    return min(check.at, end_of_day(date.fromisoformat(as_of)))


def end_of_day(day: date) -> datetime:
    """The first moment after a day of a register, whose days are those of UTC."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def is_stale(check: Check) -> bool:
    """Whether a look into a register is too old to decide on."""
    return speaks_for(check) < clock.now() - REGISTRY_CHECK_VALIDITY


def refuse_unconfirmed(credential: Credential, answer: Check | None) -> Reason:
    """Why a credential is not confirmed by its register; None where it has none."""
    if credential.type.registry == RegistryKind.NONE:
        return None
    if reason := _refuse_stale(credential, answer):
        return reason
    assert answer is not None  # noqa: S101 -- it is fresh
    figures = {"type": credential.type_name}
    if answer.result != CheckResult.PASSED:
        return _now("%(type)s: the register did not confirm it.") % figures
    if answer.file is not None and answer.file.state == FileState.REFUSED:
        return _now("%(type)s: the picture of the register's page cannot be opened. Please look it up again.") % figures
    return None


def refuse_stale_registers(application: Application) -> Reason:
    """Why nothing can be decided for the person yet: a register was not looked up in the last 30 days, whatever it said."""
    latest = latest_registry_checks(application)
    for credential in application.credentials.exclude(accepted_by=None).select_related("type"):
        if credential.type.registry != RegistryKind.NONE and (
            reason := _refuse_stale(credential, latest.get(credential.pk))
        ):
            return reason
    return None


def refuse_dismissal(inquiry: Inquiry) -> Reason:
    """Why a re-check cannot be closed yet: what it is about has not been looked up since.

    A number that only another period of the certificate shows stays due, and gets a case about that period.
    """
    due = inquiry.triggers.filter(cause=RecheckCause.LOOK_UP, credential__isnull=False)
    for trigger in due.select_related("credential__type", "credential__application"):
        credential = trigger.credential
        assert credential is not None  # noqa: S101 -- by the filter
        if not shows_entry(inquiry.certificate, credential):
            continue
        looks = Check.objects.filter(kind=CheckKind.REGISTRY, credential__in=same_entry(credential))
        answer = looks.order_by("pk").last()
        if answer is None or answer.at < trigger.at or answer.result == CheckResult.INCONCLUSIVE:
            names = {"type": credential.type_name}
            return _now("%(type)s: please look it up in the register before you decide.") % names
    return None


def same_entry(credential: Credential) -> QuerySet[Credential]:
    """The credential in all certificates of its holder in the area: of one type, with one number.

    They are one entry in the register: a look at one is a look at all. Without a number nothing says so: it stands for itself.
    """
    if not credential.fingerprint:
        return Credential.objects.filter(pk=credential.pk)
    application = credential.application
    return Credential.objects.filter(
        type=credential.type_id,
        fingerprint=credential.fingerprint,
        application__certificate__holder=application.applicant_id,
        application__certificate__area=application.area_id,
    )


def shows_entry(certificate: Certificate, credential: Credential) -> bool:
    """Whether a case about the certificate shows the number of the credential, perhaps of another period. One query."""
    return same_entry(credential).filter(application=certificate.application_id).exists()


def refuse_register_address(kind: CredentialType, url: str) -> Reason:
    """Why an address is not one of the register: another site, or one that cannot be opened again."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return _("Please enter the full address of the page, beginning with https://.")
    if parts.username or parts.password:
        return _("Please enter the address without a user name and password.")
    site = (urlsplit(kind.registry_url).hostname or "").removeprefix("www.")
    host = parts.hostname.removeprefix("www.")
    if site and host != site and not host.endswith(f".{site}"):
        return _now("This page is not on the register's site (%(site)s).") % {"site": site}
    return None


def refuse_look_up_time(seen_at: datetime) -> Reason:
    """Why a page cannot have been seen then, or too long ago to be noted."""
    now = clock.now()
    if seen_at > now + _CLOCKS_DIFFER:
        return _("This time is in the future.")
    if seen_at < now - _OLDEST_LOOK:
        return _("This was more than a week ago. Please look it up again.")
    return None


def refuse_register_page(result: str, page: EvidenceFile | None) -> Reason:
    """Why a result cannot be noted without a picture; what is inconclusive may have nothing to show."""
    if page is None and result != CheckResult.INCONCLUSIVE:
        return _("Please add a screenshot or PDF of the register's page.")
    return None


def refuse_registered_issue(issued: date | None) -> Reason:
    """Why a register cannot say this day of issue; a register may be a day ahead of UTC."""
    if issued is not None and issued > clock.today() + timedelta(days=1):
        return _("This date is in the future.")
    return None


def refuse_registered_end(result: str, end: date | None, *, issued: date | None) -> Reason:
    """Why a register cannot say this end, or why a credential cannot be said to match: the register says that it has ended."""
    if end is not None and issued is not None and end < issued:
        return _("The end date is before the date of issue.")
    if result == CheckResult.PASSED and end is not None and end < clock.today():
        return _("This day is in the past: the register no longer confirms it. Correct the day, or choose “Mismatch”.")
    return None


def _refuse_stale(credential: Credential, answer: Check | None) -> Reason:
    if answer is not None and not is_stale(answer):
        return None
    figures = {"type": credential.type_name}
    if credential.type.is_asked_automatically:
        return (
            _now("%(type)s: the register's answer is not from the last 30 days. Please have it asked again.") % figures
        )
    return _now("%(type)s: no one has looked it up in the register in the last 30 days.") % figures
