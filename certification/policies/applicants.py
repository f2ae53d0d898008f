"""Why an applicant may not do something."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from certification.models import Abolition, Application, AreaBan, Certificate, KeyArea
from certification.models.certificates import RENEWAL_CLOSES
from certification.policies.certificates import refuse_renewing_ended
from certification.policies.people import refuse_following
from certification.policies.terms import (
    Reason,
    appeal_deadline,
    applicable_requirement,
    application_gaps,
    running_abolition,
)
from certification.states import EDITABLE_STATES, ApplicationState, CertificateState
from portal import clock
from portal.people.models import User
from portal.people.roles import Permission


def refuse_start(user: User, area: KeyArea, *, renews: Certificate | None = None) -> Reason:
    """Why the person may not begin an application in an area."""
    if not user.may(Permission.APPLY):
        return _("Only creators can be certified.")
    if not area.active:
        return _("This area is not accepting applications at the moment.")
    if (abolition := running_abolition(area, renews.category_id if renews else None)) is not None:
        return _refuse_abolished(abolition)
    if Application.objects.open().filter(applicant=user, area=area).exists():
        return _("You already have an open application in this area.")
    return _refuse_banned(user, area) or (refuse_renewal(user, renews) if renews else _refuse_certified(user, area))


def _refuse_abolished(abolition: Abolition) -> Reason:
    facts = {"what": abolition.subject_name, "date": date_format(abolition.takes_effect_at)}
    return _now("Certification for %(what)s ends on %(date)s. Applications are not accepted any more.") % facts


def _refuse_banned(user: User, area: KeyArea) -> Reason:
    now = clock.now()
    bans = AreaBan.objects.filter(person=user, area=area, lifted_at=None, starts_at__lte=now, ends_at__gt=now)
    ban = bans.order_by("-ends_at").first()
    if ban is None:
        return None
    return _now("Because of forged documents this area is closed to you until %(date)s.") % {
        "date": date_format(ban.ends_at)
    }


def _refuse_certified(user: User, area: KeyArea) -> Reason:
    standing = Certificate.objects.filter(holder=user, area=area, valid_to__gt=clock.now())
    if standing.filter(state=CertificateState.SUSPENDED).exists():
        return _("Your certificate in this area is suspended. Please answer the suspension instead.")
    if standing.filter(state=CertificateState.ACTIVE).exists():
        return _("You are certified in this area. You can renew within 60 days before the end date.")
    return None


def refuse_renewal(user: User, certificate: Certificate, *, renewed: bool | None = None) -> Reason:
    """Why the holder may not renew. Lists say whether each was `renewed`; else that costs a query."""
    if certificate.holder_id != user.pk:
        return _("This certificate belongs to someone else.")
    if certificate.abolition is not None and certificate.abolition.credential_type_id is None:
        return _("This certificate cannot be renewed, because what it certifies is being abolished.")
    ended_otherwise = certificate.state not in (CertificateState.ACTIVE, CertificateState.EXPIRED)
    if ended_otherwise or certificate.adverse_decision_id is not None:
        return _("This certificate cannot be renewed.")
    if Certificate.objects.filter(renews=certificate).exists() if renewed is None else renewed:
        return _("This certificate has already been renewed.")
    return _refuse_renewing_now(certificate)


def _refuse_renewing_now(certificate: Certificate) -> Reason:
    now = clock.now()
    if now < certificate.renewal_opens_at:
        opens = date_format(certificate.renewal_opens_at)
        return _now("You can renew from %(date)s.") % {"date": opens}
    if now >= certificate.valid_to + RENEWAL_CLOSES:
        return _("This certificate ended more than 90 days ago. Please submit a new application.")
    return None


def refuse_editing(application: Application, user: User) -> Reason:
    """Why the user may not change what an application says."""
    if application.state not in EDITABLE_STATES:
        return _("What you have submitted can no longer be changed.")
    return refuse_following(application, user)


def refuse_attaching(application: Application, user: User) -> Reason:
    """Why the user may not add or take away documents and numbers. An agent leaves that to the applicant."""
    if user.pk != application.applicant_id:
        return _("Only the applicant can add documents and numbers.")
    return refuse_editing(application, user)


def refuse_submission(application: Application, user: User, *, consent: bool) -> Reason:
    """Why the application cannot be handed in yet."""
    if application.state != ApplicationState.DRAFT:
        return _("This application has already been submitted.")
    return (
        refuse_following(application, user)
        or _refuse_banned(application.applicant, application.area)
        or _refuse_renewed(application)
        or _refuse_incomplete(application)
        or (None if consent else _("Please agree to the check of your documents."))
    )


def _refuse_renewed(application: Application) -> Reason:
    """Ask once more whether it can be renewed: much may have happened since the draft was begun."""
    old = application.renews
    if old is None:
        return None
    return refuse_renewing_ended(old) or refuse_renewal(application.applicant, old)


def _refuse_incomplete(application: Application) -> Reason:
    if application.category_id is None:
        return _("Please choose the applicant category.")
    if not application.public_name.strip():
        return _("Please enter the name to be shown on the certificate.")
    if (abolition := running_abolition(application.area, application.category_id)) is not None:
        return _refuse_abolished(abolition)
    if applicable_requirement(application) is None:
        return _("There is no requirement for this applicant category in this area yet.")
    missing = application_gaps(application)
    return missing[0] if missing else None


def refuse_withdrawal(application: Application, user: User) -> Reason:
    """Why the user may not take the application back."""
    if not application.can("withdraw"):
        return _("This application has been decided.")
    return refuse_following(application, user)


def refuse_answer(application: Application, user: User) -> Reason:
    """Why the user may not answer a request for more."""
    if application.state != ApplicationState.INFO_REQUESTED:
        return _("You do not need to do anything right now.")
    return refuse_following(application, user)


def refuse_appeal(application: Application, user: User) -> Reason:
    """Why the applicant may not appeal."""
    if application.applicant_id != user.pk:
        return _("Only the applicant can appeal.")
    if application.state != ApplicationState.REJECTED or application.decided_at is None:
        return _("There is no decision that you can appeal.")
    if clock.now() > appeal_deadline(application.decided_at):
        return _("The six-month period for an appeal has ended.")
    others = Application.objects.open().filter(applicant=user, area=application.area_id)
    if others.exclude(pk=application.pk).exists():
        return _("You have a newer open application in this area. Please withdraw it first.")
    return None
