"""Who stands how to an application: its applicant, her agent, its reviewer."""

from django.utils.translation import gettext_lazy as _

from certification.models import Application
from certification.policies.terms import NOT_QUEUED, Reason
from portal import clock
from portal.accounts import mandates
from portal.accounts.models import User
from portal.accounts.roles import Permission
from portal.reviews import policies as reviews
from portal.reviews.models import ReviewCase


def acts_for(user: User, person: User) -> bool:
    """Whether an agent's agency holds a running mandate of the person."""
    return mandates.acting_for(user, person, clock.now())


def refuse_following(application: Application, user: User) -> Reason:
    """Why the user may not see an application's progress as its applicant or her agent."""
    if application.applicant_id == user.pk or acts_for(user, application.applicant):
        return None
    return _("This application belongs to somebody else.")


def refuse_papers(application: Application, user: User) -> Reason:
    """Why the user may not see documents and numbers. Agents never do."""
    if application.applicant_id == user.pk:
        return None
    if user.may(Permission.APPLY_FOR_OTHERS):
        return _("Agents do not see the papers of the people they act for.")
    if user.may(Permission.READ_ALL):
        return None
    return refuse_reviewing(application, user)


def refuse_reviewing(application: Application, user: User) -> Reason:
    """Why the user may not work on an application: role, own matter, own agency, or not the one who claimed it."""
    if not user.may(Permission.REVIEW):
        return _("Only reviewers may do this.")
    return refuse_unclaimed(application.case, user)


def refuse_unclaimed(case: ReviewCase | None, user: User) -> Reason:
    if case is None:
        return NOT_QUEUED
    now = clock.now()
    return reviews.refuse_holding(case, user, now) or reviews.refuse_taking(case, user, now)
