"""Who may do what in the queue: each function returns the reason why not, or None."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.accounts.roles import Permission
from portal.reviews.clocks import APPEAL_WINDOW
from portal.reviews.models import Decision, Participation, ReviewCase, ReviewerSkill, Tie
from portal.reviews.states import CaseState, DecisionState, Level, Stage

MIN_EXPLANATION = 20


def level_of(user: User) -> int:
    """The highest level of case that this person may take; 0 for none."""
    if user.may(Permission.REVIEW_SECOND):
        return Level.SENIOR
    return Level.REVIEWER if user.may(Permission.REVIEW) else 0


def refuse_reviewing(user: User) -> str | None:
    """Whether the person may take cases at all."""
    return None if level_of(user) else _("Only reviewers take cases.")


def refuse_reading(user: User) -> str | None:
    """Whether the person may see the queue."""
    return None if user.may(Permission.READ_QUEUE) else _("Only people who work on reviews see the queue.")


def refuse_conflict(case: ReviewCase, user: User, at: datetime) -> str | None:
    """Conflicts of interest, in the words that are shown; the claim query applies the same rules."""
    parties = list(case.parties.all())
    if any(party.user_id == user.pk for party in parties):
        return _("This is your own matter.")
    if user.agency_id and any(party.agency_id == user.agency_id for party in parties):
        return _("This matter concerns your agency.")
    tied = Q(user__in=[p.user_id for p in parties if p.user_id]) | Q(
        agency__in=[p.agency_id for p in parties if p.agency_id]
    )
    if Tie.objects.filter(tied, Q(until=None) | Q(until__gt=at), reviewer=user).exists():
        return _("You have declared a tie with somebody in this matter.")
    if Participation.objects.filter(case=case, user=user).exists():
        return _("You have acted on this matter before. Somebody else must look at it now.")
    return None


def refuse_taking(case: ReviewCase, user: User, at: datetime) -> str | None:
    """Whether the person may hold this very case, for a hand-over."""
    if level_of(user) < case.level:
        return _("This case needs a senior reviewer.")
    skills = ReviewerSkill.objects.filter(Q(valid_until=None) | Q(valid_until__gt=at), user=user, skill=case.skill)
    if not skills.exists():
        return _("This person does not review cases of this area.")
    return refuse_conflict(case, user, at)


def refuse_holding(case: ReviewCase, user: User, at: datetime) -> str | None:
    """Whether the person holds the case now; everything done to a case needs that."""
    if case.state != CaseState.CLAIMED or case.claimed_by_id != user.pk:
        return _("You do not hold this case. Take it from the queue first.")
    if case.lease_until is not None and case.lease_until <= at:
        return _("Your time with this case has run out. Take the next one from the queue.")
    return None


def refuse_second_word(decision: Decision, user: User, at: datetime) -> str | None:
    """Whether the person may confirm a held decision or send it back."""
    if decision.state != DecisionState.HELD:
        return _("This decision does not wait for a second person.")
    if decision.by_id == user.pk:
        return _("The second person must be somebody else.")
    return refuse_holding(decision.case, user, at)


def refuse_appeal(decision: Decision, at: datetime) -> str | None:
    """Whether an appeal against a decision is open; who may file it is the product's question."""
    if not decision.adverse or decision.state != DecisionState.FINAL:
        return _("There is nothing to appeal against.")
    if decision.stage in {Stage.APPEAL, Stage.APPEAL_SECOND}:
        return _("This was the decision on an appeal. It is final here; you may still go to court.")
    if hasattr(decision, "appeal"):
        return _("An appeal against this decision has been filed already.")
    if at > decision.in_force_since + APPEAL_WINDOW:
        return _("The six months in which an appeal could be filed are over.")
    return None
