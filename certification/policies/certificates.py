"""Why something may not be done with a certificate."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from certification.models import BatchItem, Certificate, Inquiry, Inspection
from certification.policies.terms import Reason, appeal_deadline
from certification.states import STANDING_STATES, CertificateState
from portal import clock
from portal.people.models import User
from portal.people.roles import Permission
from portal.reviews import policies as reviews
from portal.reviews.models import ReviewCase


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
    if certificate.inquiries.filter(ended_at=None).exists():
        return _("An inquiry about this certificate is already open.")
    return None


def refuse_report(certificate: Certificate, user: User | None) -> Reason:
    """Why somebody may not report a certificate; `user` is None for whoever is not signed in."""
    if user is not None and certificate.holder_id == user.pk:
        return _("This is your own certificate.")
    if certificate.effective_state not in STANDING_STATES:
        return _("This certificate is no longer valid, so there is nothing to report.")
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
    if certificate.state != CertificateState.REVOKED or certificate.ended_at is None:
        return _("There is no decision that you can appeal.")
    if clock.now() > appeal_deadline(certificate.ended_at):
        return _("The six-month period for an appeal has ended.")
    return None


def refuse_surrender(certificate: Certificate, user: User) -> Reason:
    """Why the holder may not give the certificate up."""
    if certificate.holder_id != user.pk:
        return _("This certificate belongs to someone else.")
    if certificate.effective_state != CertificateState.ACTIVE:
        return _("Only a valid certificate can be surrendered.")
    if Inquiry.objects.filter(certificate__in=own_periods(certificate), ended_at=None).exists():
        return _("A concern about this certificate is being reviewed. It cannot be surrendered until that is decided.")
    if Inspection.objects.filter(certificate__in=own_periods(certificate), ended_at=None).exists():
        return _("This certificate is being inspected. It cannot be surrendered until you have answered.")
    if BatchItem.objects.waiting().filter(certificate__in=own_periods(certificate)).exists():
        return _("This certificate cannot be surrendered at the moment. Please try again later.")
    return None


def own_periods(certificate: Certificate) -> list[int]:
    """The certificate with the one that it renews and the one that renews it, by primary key: one person, one record."""
    around = Certificate.objects.filter(Q(renews=certificate) | Q(renewed_by=certificate))
    return [certificate.pk, *around.values_list("pk", flat=True)]


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
