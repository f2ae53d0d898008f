"""Why a reviewer may not do something."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from certification import expressions
from certification.models import Application, Certificate, Credential
from certification.policies.bans import bans_by_evidence, bans_of_person, running
from certification.policies.certificates import refuse_renewing_ended
from certification.policies.people import refuse_reviewing
from certification.policies.registers import refuse_unconfirmed
from certification.policies.terms import (
    QUESTION_ROUNDS,
    Reason,
    certificate_validity,
    latest_registry_checks,
)
from certification.states import ApplicationState, CertificateState
from portal import clock
from portal.people.models import User


def refuse_question(application: Application, user: User) -> Reason:
    """Why the reviewer may not ask for more."""
    if application.state != ApplicationState.IN_REVIEW:
        return _("This application is not in review.")
    if application.info_requests.exclude(by=None).count() >= QUESTION_ROUNDS:
        return _("The applicant has already been asked twice. Please decide on the available information.")
    return refuse_reviewing(application, user)


def refuse_approval(application: Application, user: User) -> Reason:
    """Why the reviewer may not approve, with the credentials accepted so far."""
    if application.state not in (ApplicationState.IN_REVIEW, ApplicationState.APPEALED):
        return _("This application is not in review.")
    return refuse_reviewing(application, user) or refuse_certifying(application)


def refuse_certifying(application: Application) -> Reason:
    """Why the accepted credentials do not carry a certificate: open restrictions, requirement, registers, dates."""
    return refuse_certifying_on(
        application, list(application.credentials.exclude(accepted_by=None).select_related("type"))
    )


def refuse_certifying_on(application: Application, accepted: list[Credential]) -> Reason:
    """The same for credentials that would be accepted."""
    if reason := _refuse_restricted(application) or _refuse_renewed(application):
        return reason
    requirement = application.requirement
    held = {credential.type.code for credential in accepted}
    if requirement is None or not expressions.is_satisfied(requirement.expression, held):
        return _("The accepted documents do not meet the requirement.")
    latest = latest_registry_checks(application)
    for credential in accepted:
        if reason := refuse_unconfirmed(credential, latest.get(credential.pk)):
            return reason
    now = clock.now()
    begins, ends = certificate_validity(application, now)
    if ends <= now:
        return _("An accepted document is no longer valid.")
    if ends <= begins:
        return _(
            "The new certificate would end before the old one, because it is valid from today. "
            "Approve it closer to the end of the old one."
        )
    return None


def _refuse_restricted(application: Application) -> Reason:
    """Refuse approval during a ban from another case of the area, or a suspension there."""
    person, area = application.applicant_id, application.area_id
    if running(bans_of_person(application)).exclude(decision=application.decision_id).exists():
        return _(
            "Because of forged documents this area is closed to the applicant. The application cannot "
            "be approved until that ends."
        )
    if reason := _refuse_evidence_of_banned(application):
        return reason
    if Certificate.objects.filter(holder=person, area=area, state=CertificateState.SUSPENDED).exists():
        return _("The applicant's certificate in this area is suspended. That must be decided first.")
    return None


def _refuse_evidence_of_banned(application: Application) -> Reason:
    """Refuse approval while the area is closed to somebody who submitted the same numbers or files.

    The number may be the applicant's own, and the other person's document forged: senior reviewers decide on that in an appeal.
    """
    if application.state == ApplicationState.APPEALED:
        return None
    ban = running(bans_by_evidence(application)).first()
    if ban is None:
        return None
    return _now(
        "The area is closed until %(date)s to someone who submitted the same number or document: it was forged. Until "
        "then this application can only be approved on an appeal."
    ) % {"date": date_format(ban.ends_at)}


def _refuse_renewed(application: Application) -> Reason:
    """Refuse approval of the renewal of what was revoked or surrendered, or has lapsed, after the renewal was begun."""
    return None if application.renews is None else refuse_renewing_ended(application.renews)


def refuse_rejection(application: Application, user: User) -> Reason:
    """Why the reviewer may not reject."""
    if application.state != ApplicationState.IN_REVIEW:
        return _("This application is not in review.")
    return refuse_reviewing(application, user)
