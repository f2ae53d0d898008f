"""Why something that concerns many certificates at once may not be done: abolitions and batches."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from certification.models import Abolition, Application, Batch, Certificate, Check, CheckResult, Inquiry, RegistryKind
from certification.models.batches import BatchKind
from certification.policies.reviewers import refuse_certifying_on
from certification.policies.terms import REGISTRY_CHECK_VALIDITY, Reason, latest_registry_checks
from certification.states import ApplicationState
from portal import clock
from portal.people.mandates import own_circle
from portal.people.models import User
from portal.people.roles import Permission
from portal.people.second_person import refuse_second_person
from portal.reviews import policies as reviews
from portal.reviews.models import Decision, ReviewerSkill

REVIEWED_STATES = (ApplicationState.IN_REVIEW, ApplicationState.SECOND_REVIEW)
CHANGE_TOO_SHORT = _("Please say in a sentence or two what changed and when: at least 20 characters.")
WHY_TOO_SHORT = _("Please say why in a sentence or two: at least 20 characters.")
FOUND_TOO_SHORT = _("Please say for each certificate what was found: at least 20 characters.")


def refuse_abolition_proposal(user: User) -> Reason:
    """Why the user may not propose an abolition."""
    return None if user.may(Permission.LEAD_AREA) else _("Only area leads can do this.")


def refuse_announcement(abolition: Abolition, user: User) -> Reason:
    """Why the user may not announce a proposed abolition."""
    if abolition.announced_at is not None or abolition.called_off_at is not None:
        return _("There is nothing to announce here.")
    return refuse_abolition_proposal(user) or refuse_second_person(user, first=abolition.proposed_by_id)


def refuse_calling_off(abolition: Abolition, user: User) -> Reason:
    """Why the user may not call an abolition off."""
    if abolition.called_off_at is not None:
        return _("This was called off already.")
    if abolition.announced_at is not None and abolition.takes_effect_at <= clock.now():
        return _("This is in force already.")
    return refuse_abolition_proposal(user)


def refuse_preparing_suspensions(user: User) -> Reason:
    """Why the user may not prepare the suspension of many certificates. Whoever prepares it decides none of them."""
    return None if user.may(Permission.LEAD_AREA) else _("Only area leads can do this.")


def refuse_seeing_batch(batch: Batch, user: User) -> Reason:
    """Why the user may not see a batch: area leads, senior reviewers and auditors may; renewals, whoever confirmed them."""
    suspends = batch.kind == BatchKind.SUSPENSIONS
    if _concerns_circle(batch, user):
        return _("Your role does not have access to this page.")
    if user.may(Permission.READ_ALL) or batch.prepared_by_id == user.pk:
        return None
    if suspends and (user.may(Permission.LEAD_AREA) or user.may(Permission.REVIEW_SECOND)):
        return None
    return _("Your role does not have access to this page.")


def refuse_confirming_suspensions(batch: Batch, user: User) -> Reason:
    """Why the user may not confirm a prepared batch: a senior reviewer of its area does, who did not prepare it."""
    if batch.kind != BatchKind.SUSPENSIONS or not batch.is_waiting:
        return _("There is nothing to confirm here.")
    if not user.may(Permission.REVIEW_SECOND):
        return _("A senior reviewer has to confirm this.")
    if batch.area is None or not _reviews_area(user, batch.area.code):
        return _("You do not review cases of this area.")
    return refuse_second_person(user, first=batch.prepared_by_id) or _refuse_own_batch(batch, user)


def refuse_discarding(batch: Batch, user: User) -> Reason:
    """Why the user may not discard a prepared batch."""
    if not batch.is_waiting:
        return _("There is nothing to discard here.")
    return refuse_preparing_suspensions(user) or _refuse_own_batch(batch, user)


def refuse_carrying_out(user: User) -> Reason:
    """Why nothing of a batch is decided any more in the name of the user, who confirmed it."""
    return None if user.may(Permission.REVIEW) else _("Whoever confirmed this may no longer decide on it.")


def serials_of_circle(certificates: Iterable[Certificate], user: User) -> list[str]:
    """Those of the certificates that are the user's own, or of somebody whose affairs count as the user's own."""
    circle = set(own_circle(user, clock.now()).values_list("pk", flat=True))
    return [row.serial for row in certificates if row.holder_id in circle]


def _refuse_own_batch(batch: Batch, user: User) -> Reason:
    return _("This is your own case. Someone else has to decide it.") if _concerns_circle(batch, user) else None


def _concerns_circle(batch: Batch, user: User) -> bool:
    """Whether a certificate to be suspended is the user's own, or of somebody whose affairs count as theirs."""
    return Batch.objects.concerning(own_circle(user, clock.now())).filter(pk=batch.pk).exists()


def _reviews_area(user: User, code: str) -> bool:
    now = clock.now()
    valid = Q(valid_until=None) | Q(valid_until__gt=now)
    return ReviewerSkill.objects.filter(valid, user=user, skill=code).exists()


def refuse_unchanged_approval(application: Application, user: User) -> Reason:
    """Why a renewal is not among those that a person approves together: something changed, or a check asks for a look.

    Of one that somebody has proposed, as the second person.
    """
    if application.state not in REVIEWED_STATES or application.renews_id is None:
        return _("This application is not in review.")
    if not application.unchanged:
        return _("Something has changed since the certificate that it renews.")
    if Inquiry.objects.filter(certificate=application.renews_id, ended_at=None).exists():
        return _("A concern about the certificate that it renews is being reviewed.")
    if application.case is None or (reason := reviews.refuse_taking(application.case, user, clock.now())):
        return reason if application.case else reviews.NOT_QUEUED
    return _refuse_by_checks(application) or refuse_certifying_on(
        application, list(application.credentials.select_related("type"))
    )


def refuse_decided_since(application: Application, moment: datetime) -> Reason:
    """Why what somebody chose at a moment is not carried out: somebody else has decided on it, or agreed, or sent it back."""
    since = Q(at__gt=moment) | Q(second_at__gt=moment)
    if Decision.objects.filter(since, case=application.case_id).exists():
        return _("This has changed in the meantime. Please review the current version.")
    return None


def _refuse_by_checks(application: Application) -> Reason:
    results = application.checks.latest_results()
    if any(row.result == CheckResult.FAILED for row in results):
        return _("A check failed.")
    answers = latest_registry_checks(application)
    for credential in application.credentials.select_related("type"):
        if credential.type.registry != RegistryKind.NONE and not _confirmed(answers.get(credential.pk)):
            return _("No register has confirmed it in the last 30 days.")
    return None


def _confirmed(answer: Check | None) -> bool:
    recent = clock.now() - REGISTRY_CHECK_VALIDITY
    return answer is not None and answer.at >= recent and answer.result == CheckResult.PASSED
