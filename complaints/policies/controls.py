"""Who may pause, resume or stop a restitution, and agree when another wants to stop it."""

from django.utils.translation import gettext_lazy as _

from complaints.models import Restitution, RestitutionControl
from complaints.policies.terms import Reason
from complaints.states import ControlKind, ControlState, RestitutionState
from portal import clock
from portal.people.models import User
from portal.people.roles import Permission
from portal.people.second_person import refuse_second_person
from portal.reviews import eligibility
from portal.reviews import policies as reviews

_FROM: dict[str, tuple[RestitutionState, ...]] = {
    ControlKind.PAUSE: (RestitutionState.HELD, RestitutionState.MOVING),
    ControlKind.RESUME: (RestitutionState.PAUSED,),
    ControlKind.STOP: (
        RestitutionState.HELD,
        RestitutionState.MOVING,
        RestitutionState.PAUSED,
        RestitutionState.INVITING,
    ),
}
# The same where something about the accounts was found after the decision, and nobody has looked at it since.
_FROM_FLAGGED: dict[str, tuple[RestitutionState, ...]] = {
    ControlKind.STOP: (*_FROM[ControlKind.STOP], RestitutionState.DONE),
    ControlKind.REVIEW: (RestitutionState.INVITING, RestitutionState.DONE),
}
_TOO_LATE = {
    ControlKind.PAUSE: _("Only a return that is scheduled or in progress can be paused."),
    ControlKind.RESUME: _("Only a paused return can be resumed."),
    ControlKind.STOP: _("Only a return that is scheduled, in progress, paused, or asking followers can be stopped."),
    ControlKind.REVIEW: _("Nothing about the two accounts is waiting for a review."),
}


def refuse_oversight(restitution: Restitution, user: User) -> Reason:
    """Why the user may not look after this restitution: their role, their own or their agency's case, a conflict.

    Whoever decided on the complaint may, and so may every other senior reviewer.
    """
    if not user.may(Permission.REVIEW_SECOND):
        return _("Only senior reviewers can do this.")
    case, now = restitution.remedy.decision.case, clock.now()
    if refusal := reviews.refuse_case_overview(case, user, now):
        return refusal
    if eligibility.has_conflict(case, user, now=now):
        return _("You have declared a conflict of interest with someone in this case.")
    return None


def refuse_control(restitution: Restitution, kind: str, user: User) -> Reason:
    """Why the user may not do this now."""
    return refuse_oversight(restitution, user) or refuse_untimely(restitution, kind)


def refuse_untimely(restitution: Restitution, kind: str) -> Reason:
    """Why nobody can do this now: the state, or a proposal that waits for a second person."""
    flagged = restitution.flagged_at is not None
    allowed = (_FROM_FLAGGED if flagged else _FROM).get(kind) or _FROM.get(kind, ())
    if restitution.state not in allowed:
        return _TOO_LATE[ControlKind(kind)]
    if restitution.controls.proposed().exists():
        return _("Someone proposed to stop this return. A second senior reviewer must decide on that first.")
    return None


def refuse_agreement(control: RestitutionControl, user: User) -> Reason:
    """Why the user may not agree that a restitution is stopped."""
    refusal = refuse_second_person(user, first=control.by_id)
    return refuse_stop_answer(control, user) or refusal


def refuse_stop_answer(control: RestitutionControl, user: User) -> Reason:
    """Why the user may not end a proposal; whoever made it may take it back."""
    if refusal := refuse_oversight(control.restitution, user):
        return refusal
    if control.state != ControlState.PROPOSED:
        return _("This has been decided already.")
    return None
