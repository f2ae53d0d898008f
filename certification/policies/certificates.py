"""Why something may not be done with a certificate."""

from datetime import datetime

from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from certification.models import (
    BatchItem,
    Certificate,
    CertificateReport,
    Inquiry,
    Inspection,
    RecheckCause,
    RecheckTrigger,
)
from certification.policies.terms import Reason, appeal_deadline
from certification.states import STANDING_STATES, CertificateState, Outcome
from portal import clock
from portal.people.models import User
from portal.people.roles import Permission
from portal.reviews import policies as reviews
from portal.reviews.models import Decision, ReviewCase

# Reasons to look again that a renewal can settle: the certificate shows what is no longer so.
CHANGES = (
    RecheckCause.HOLDER,
    RecheckCause.PROFILE_NAME,
    RecheckCause.PROFILE_PROFESSION,
    RecheckCause.AGENCY,
)
# A certificate with those that it renews, one after the other, and those that renew it. Each renews one, and is renewed by one.
_OWN_PERIODS = """
    WITH RECURSIVE earlier AS (
        SELECT id, renews_id FROM certification_certificate WHERE id = %(id)s
        UNION SELECT c.id, c.renews_id FROM certification_certificate c JOIN earlier e ON c.id = e.renews_id
    ), later AS (
        SELECT id FROM certification_certificate WHERE id = %(id)s
        UNION SELECT c.id FROM certification_certificate c JOIN later l ON c.renews_id = l.id
    ) SELECT id FROM earlier UNION SELECT id FROM later ORDER BY id"""


def refuse_doubt(certificate: Certificate, user: User) -> Reason:
    """Why the user may not raise a doubt about a certificate."""
    if not (user.may(Permission.REVIEW) or user.may(Permission.LEAD_AREA)):
        return _("Only reviewers and area leads can do this.")
    return refuse_prepared_doubt(certificate, user)


def refuse_prepared_doubt(certificate: Certificate, user: User) -> Reason:
    """The same for a doubt that the user prepared while they had the role for it."""
    if certificate.holder_id == user.pk:
        return _("This is your own certificate.")
    if certificate.effective_state != CertificateState.ACTIVE:
        return _("You can only raise a concern about a valid certificate.")
    if is_doubted(certificate):
        return _("An inquiry about this certificate is already open.")
    return None


def refuse_report(certificate: Certificate, user: User | None) -> Reason:
    """Why somebody may not report a certificate; `user` is None for whoever is not signed in."""
    if user is not None and certificate.holder_id == user.pk:
        return _("This is your own certificate.")
    if certificate.effective_state not in STANDING_STATES:
        return _("This certificate is no longer valid, so there is nothing to report.")
    return None


def refuse_confirming_change(inquiry: Inquiry) -> Reason:
    """Why no change can be confirmed: nobody found or reported one, or the certificate has ended."""
    if not inquiry.triggers.filter(cause__in=CHANGES).exists():
        return _("No change of the holder's name, profession, workplace or agency was reported here.")
    if inquiry.certificate.effective_state != CertificateState.ACTIVE:
        return _("This certificate is not valid any more.")
    return None


def refuse_inquiry_decision(certificate: Certificate, case: ReviewCase | None, user: User) -> Reason:
    """Why the user may not decide in an inquiry's case."""
    if not user.may(Permission.REVIEW):
        return _("Only reviewers can do this.")
    if certificate.holder_id == user.pk:
        return _("This is your own case. Someone else has to decide it.")
    return reviews.refuse_case_work(case, user, clock.now())


def refuse_inquiry_answer(inquiry: Inquiry, user: User) -> Reason:
    """Why the holder may not answer a suspension."""
    if inquiry.certificate.holder_id != user.pk:
        return _("This certificate belongs to someone else.")
    if inquiry.ended_at is not None or inquiry.suspension_id is None:
        return _("There is no suspension to answer.")
    if inquiry.answer_case_id is not None:
        return _("The time to answer has expired, or you have already answered.")
    return None


def end_without_called_off(certificate: Certificate) -> datetime:
    """When a certificate ends, or would, once an abolition that was called off counts no more."""
    abolition, full = certificate.abolition, certificate.full_valid_to
    is_off = abolition is not None and abolition.called_off_at is not None
    return full if is_off and full is not None else certificate.valid_to


def refuse_certificate_appeal(certificate: Certificate, user: User) -> Reason:
    """Why the holder may not appeal against a revocation."""
    if certificate.holder_id != user.pk:
        return _("This certificate belongs to someone else.")
    decision = standing_revocation(certificate)
    if decision is None:
        return _("There is no decision that you can appeal.")
    if clock.now() > appeal_deadline(decision.in_force_since):
        return _("The six-month period for an appeal has ended.")
    return None


def refuse_surrender(certificate: Certificate, user: User) -> Reason:
    """Why the holder may not give the certificate up."""
    if certificate.holder_id != user.pk:
        return _("This certificate belongs to someone else.")
    if certificate.effective_state != CertificateState.ACTIVE:
        return _("Only a valid certificate can be surrendered.")
    if is_doubted(certificate):
        return _("A concern about this certificate is being reviewed. It cannot be surrendered until that is decided.")
    if is_inspected(certificate):
        return _("This certificate is being inspected. It cannot be surrendered until you have answered.")
    if BatchItem.objects.waiting().filter(certificate__in=own_periods(certificate)).exists():
        return _("This certificate cannot be surrendered at the moment. Please try again later.")
    return None


def is_doubted(certificate: Certificate) -> bool:
    """Whether a concern about it, or about its renewal, is being reviewed. A look that was only due is none."""
    rows = Inquiry.objects.filter(certificate__in=own_periods(certificate), ended_at=None)
    return rows.exclude(opened_only_by(RecheckCause.LOOK_UP)).exists()


def opened_only_by(*causes: RecheckCause) -> Q:
    """That an inquiry was opened by such triggers, and that nobody's doubt, report or decision has joined it."""
    triggers = RecheckTrigger.objects.filter(inquiry=OuterRef("pk"))
    reports = CertificateReport.objects.filter(inquiry=OuterRef("pk"))
    nobody = Q(raised_by=None, suspension=None) & ~Q(Exists(reports))
    return nobody & Q(Exists(triggers.filter(cause__in=causes))) & ~Q(Exists(triggers.exclude(cause__in=causes)))


def is_inspected(certificate: Certificate) -> bool:
    """Whether it, or its renewal, is being inspected."""
    return Inspection.objects.filter(certificate__in=own_periods(certificate), ended_at=None).exists()


def own_periods(certificate: Certificate) -> list[int]:
    """The certificate with those that it renews and those that renew it, by primary key, oldest first: one person, one record."""
    with connection.cursor() as cursor:
        cursor.execute(_OWN_PERIODS, {"id": certificate.pk})
        return [row[0] for row in cursor.fetchall()]


def standing_revocation(certificate: Certificate) -> Decision | None:
    """The decision to revoke that stands against it. It may have ended before: then it only says what two people found."""
    decision = certificate.adverse_decision
    return decision if decision is not None and decision.outcome == Outcome.REVOKED else None


def refuse_renewing_ended(certificate: Certificate) -> Reason:
    """Why a certificate can be renewed no more, even if that was begun in time: a decision or its holder ended it."""
    ended = certificate.state in (CertificateState.REVOKED, CertificateState.SURRENDERED, CertificateState.LAPSED)
    if ended or standing_revocation(certificate) is not None:
        return _(
            "The certificate that this renews was revoked or surrendered, or has lapsed. A new application is needed."
        )
    return None


def refuse_change_report(certificate: Certificate, user: User) -> Reason:
    """Why the holder may not report a change."""
    if certificate.holder_id != user.pk:
        return _("This certificate belongs to someone else.")
    if certificate.effective_state not in STANDING_STATES:
        return _("This certificate is not valid any more.")
    return None


def refuse_inspection_answer(inspection: Inspection, user: User) -> Reason:
    """Why the holder may not answer an inspection."""
    if inspection.certificate.holder_id != user.pk:
        return _("This certificate belongs to someone else.")
    if inspection.asked_at is None or inspection.answered_at is not None:
        return _("There is nothing to answer.")
    if inspection.ended_at is not None or (inspection.due_at and inspection.due_at <= clock.now()):
        return _("The time to answer has expired, or you have already answered.")
    return None
