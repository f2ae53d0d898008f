"""The end of an application's record, what of it rests on the applicant's data until then, and the drafts of who left."""

from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext as _

from certification import events, policies
from certification.actions import drafts
from certification.actions.applications import withdraw_application
from certification.actions.certificates import surrender_certificate
from certification.actions.document_retention import files_of_application
from certification.models import (
    Application,
    AreaBan,
    BatchItem,
    Certificate,
    CertificateReport,
    Check,
    Credential,
    HeldNumber,
    InfoRequest,
    Inquiry,
    Inspection,
    ProfileClaim,
    RecheckCause,
    RecheckTrigger,
    RegisterQuery,
)
from certification.policies.terms import appeal_deadline
from certification.states import OPEN_STATES, STANDING_STATES, ApplicationState, CertificateState
from portal import clock
from portal.audit import trail
from portal.evidence.actions import retention
from portal.people.departures import Ending, Hold
from portal.people.models import User
from portal.reviews.actions.record_retention import purge_case_records
from portal.reviews.clocks import RECORD_KEPT
from portal.reviews.models import Appeal, ReviewCase
from portal.workflow import ERASED

_BATCH = 100
_APPLICATION_TEXTS = ("public_name", "claims", "affiliation", "statement")
_CREDENTIAL_TEXTS = ("identifier_sealed", "identifier_masked", "fingerprint", "name_on_document", "issuer")
_ENDS = (
    *("touched_at", "submitted_at", "decided_at", "case__closed_at"),
    *("certificate__valid_to", "certificate__ended_at"),
)


def purge_application_records() -> int:
    """Delete names, numbers and texts of applications that ended five years ago, with their certificates; how many."""
    return sum(_purge_record(application) for application in _over()[:_BATCH])


def holds_of_applicant(person: User) -> list[Hold]:
    """What needs the applicant's name and address: undecided applications, standing certificates, open appeals."""
    applications = Application.objects.filter(applicant=person).select_related("area").order_by("pk")
    certificates = Certificate.objects.filter(holder=person).order_by("pk")
    holds = [_application_hold(row) for row in applications] + [_certificate_hold(row) for row in certificates]
    return [hold for hold in holds if hold is not None]


def endings_of_applicant(person: User) -> list[Ending]:
    """Their undecided applications: nobody could answer for them, or hold the certificate. Appeals go on."""
    rows = Application.objects.filter(applicant=person, state__in=OPEN_STATES).exclude(state=ApplicationState.DRAFT)
    return [
        Ending(
            _("Application %(number)s") % {"number": row.number},
            row.get_absolute_url(),
            partial(withdraw_application, application=row, by=person),
        )
        for row in rows.order_by("pk")
        if policies.refuse_withdrawal(row, person) is None
    ]


def holds_of_excluded(person: User) -> list[Hold]:
    """The areas from which they are excluded after forged documents, so that they cannot come back at once."""
    now = clock.now()
    bans = AreaBan.objects.filter(person=person, lifted_at=None, starts_at__lte=now, ends_at__gt=now)
    sentence = _("You are excluded from the area %(area)s.")
    return [Hold(sentence % {"area": ban.area.name}, ban.ends_at) for ban in bans.select_related("area").order_by("pk")]


def endings_of_holder(person: User) -> list[Ending]:
    """Their valid certificates, which are surrendered; one that is doubted or suspended is decided first."""
    doubted = Inquiry.objects.filter(certificate=OuterRef("pk"), ended_at=None)
    doubted = doubted.exclude(policies.opened_only_by(RecheckCause.LOOK_UP))
    rows = Certificate.objects.filter(
        ~Exists(doubted), holder=person, state=CertificateState.ACTIVE, valid_to__gt=clock.now()
    )
    return [
        Ending(
            _("Certificate %(serial)s") % {"serial": row.serial},
            row.holder_url,
            partial(_surrender_standing, row, person),
        )
        for row in rows.select_related("holder", "area__jurisdiction").order_by("pk")
        if policies.refuse_surrender(row, person) is None
    ]


def _surrender_standing(certificate: Certificate, by: User) -> None:
    """Surrender it, unless it has ended with the one that it renews."""
    certificate.refresh_from_db()
    if certificate.effective_state == CertificateState.ACTIVE:
        surrender_certificate(certificate=certificate, by=by)


def erase_records_of_applicant(person: User) -> None:
    """Empty the records of all their applications and certificates now; the outcomes and dates stay."""
    for application in Application.objects.filter(applicant=person, purged_at=None).order_by("pk"):
        if application.state not in OPEN_STATES:
            _purge_record(application)
            # Pictures of register pages are files of reviewers.
            retention.schedule_purge(files_of_application(application), at=clock.now())


def holds_of_reporter(person: User) -> list[Hold]:
    """Their reports about certificates that are still being reviewed: what they wrote is needed until that has ended."""
    rows = CertificateReport.objects.filter(by=person, inquiry__ended_at=None).exclude(text=ERASED)
    sentence = _("Your report about certificate %(serial)s is still being reviewed.")
    named = rows.values_list(Coalesce("certificate__serial", "inquiry__certificate__serial"), flat=True)
    return [Hold(sentence % {"serial": serial}) for serial in sorted(set(named))]


def erase_reports_of_person(person: User) -> None:
    """Empty what they reported about certificates of others, once the inquiry has ended; that they did stays."""
    CertificateReport.objects.filter(by=person, inquiry__ended_at__isnull=False).update(text=ERASED)


def erase_profile_claims(person: User) -> None:
    """Delete what the profiles of their accounts named."""
    ProfileClaim.objects.filter(link__person=person).delete()


def erase_drafts(person: User) -> None:
    """Delete their drafts, with everything in them."""
    for draft in Application.objects.filter(applicant=person, state=ApplicationState.DRAFT):
        drafts.purge_draft(draft)


def _application_hold(application: Application) -> Hold | None:
    figures, url = {"number": application.number}, application.get_absolute_url()
    if application.state == ApplicationState.DRAFT:
        return None
    if application.state in OPEN_STATES:
        return Hold(_("Application %(number)s has not been decided yet.") % figures, None, url)
    if application.state == ApplicationState.REJECTED and application.decided_at:
        until = appeal_deadline(application.decided_at)
        if until > clock.now():
            return Hold(_("The decision on application %(number)s can be appealed.") % figures, until, url)
    return None


def _undecided(certificate: Certificate) -> str:
    """What people still have to decide about a certificate that has ended, as a sentence that takes its serial; or nothing."""
    if Inquiry.objects.filter(certificate=certificate, ended_at=None).exists():
        return _("Certificate %(serial)s is being looked at again.")
    decision = certificate.adverse_decision_id
    if decision and Appeal.objects.filter(decision=decision, answer=None, withdrawn_at=None).exists():
        return _("The appeal about certificate %(serial)s has not been decided yet.")
    return ""


def _certificate_hold(certificate: Certificate) -> Hold | None:
    figures, url = {"serial": certificate.serial}, certificate.holder_url
    if certificate.state == CertificateState.SUSPENDED:
        return Hold(_("Certificate %(serial)s is suspended and no decision has been made yet.") % figures, None, url)
    if certificate.effective_state == CertificateState.ACTIVE:
        return _standing_hold(certificate)
    if sentence := _undecided(certificate):
        return Hold(sentence % figures, None, url)
    if (revocation := policies.standing_revocation(certificate)) is not None:
        until = appeal_deadline(revocation.in_force_since)
        if until > clock.now():
            return Hold(_("The revocation of certificate %(serial)s can be appealed.") % figures, until, url)
    return None


def _standing_hold(certificate: Certificate) -> Hold:
    """That it is valid, or will be; whether it can be surrendered is said as policies.refuse_surrender() decides it."""
    figures, url = {"serial": certificate.serial}, certificate.holder_url
    if policies.is_doubted(certificate):
        sentence = _(
            "A concern about certificate %(serial)s is being reviewed. It cannot be surrendered until that is decided."
        )
        return Hold(sentence % figures, None, url)
    if policies.is_inspected(certificate):
        sentence = _("Certificate %(serial)s is being inspected. It cannot be surrendered until you have answered.")
        return Hold(sentence % figures, None, url)
    if certificate.is_valid:
        sentence = _("Certificate %(serial)s is listed in the register under your name. You can surrender it.")
    else:
        sentence = _("Certificate %(serial)s will be listed in the register under your name. You can surrender it.")
    return Hold(sentence % figures, certificate.valid_to, url)


def _over() -> "QuerySet[Application]":
    """Applications whose record is over: five years after the last decision, and after the end of the certificate."""
    standing = Exists(Certificate.objects.filter(application=OuterRef("pk"), state__in=STANDING_STATES))
    doubted = Exists(Inquiry.objects.filter(certificate__application=OuterRef("pk"), ended_at=None))
    rows = Application.objects.filter(~standing, ~doubted, purged_at=None).exclude(state__in=OPEN_STATES)
    return rows.annotate(ended=Greatest(*_ENDS)).filter(ended__lte=clock.now() - RECORD_KEPT).order_by("pk")


def _purge_record(application: Application) -> bool:
    with transaction.atomic():
        row = Application.objects.locked().filter(pk=application.pk, purged_at=None).first()
        if row is None:
            return False
        Application.objects.filter(pk=row.pk).update(**dict.fromkeys(_APPLICATION_TEXTS, ""), purged_at=clock.now())
        Credential.objects.filter(application=row).update(**dict.fromkeys(_CREDENTIAL_TEXTS, ""))
        InfoRequest.objects.filter(application=row).update(text="", answer="", items=[])
        Check.objects.filter(application=row).update(input="", data={}, note="", url="")
        RegisterQuery.objects.filter(credential__application=row).update(values_sealed="")
        _erase_certificate(row)
        cases = ReviewCase.objects.filter(
            Q(application=row)
            | Q(inquiry__certificate__application=row)
            | Q(answer_inquiry__certificate__application=row)
        )
        purge_case_records(cases.distinct())
        trail.record_event(events.RECORD_PURGED, row, by=None)
    return True


def _erase_certificate(application: Application) -> None:
    """The names on it, the numbers that it held, and what was said when it was doubted."""
    gone = {"public_name": ERASED, "claims": "", "affiliation": "", "agency_name": "", "search_ngrams": []}
    Certificate.objects.filter(application=application).update(**gone)
    HeldNumber.objects.filter(certificate__application=application).delete()
    of_certificate = {"certificate__application": application}
    Inquiry.objects.filter(**of_certificate).exclude(grounds="").update(grounds=ERASED)
    Inquiry.objects.filter(**of_certificate).update(answer="")
    RecheckTrigger.objects.filter(**of_certificate).update(facts={}, text="")
    Inspection.objects.filter(**of_certificate).update(answer="")
    BatchItem.objects.filter(**of_certificate).update(grounds="")
    reported = Q(certificate__application=application) | Q(inquiry__certificate__application=application)
    CertificateReport.objects.filter(reported).update(text=ERASED)
