"""The user's relation to an application: applicant, agent or reviewer."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from certification.models import Application, Certificate
from certification.policies.terms import Reason
from portal import clock
from portal.people import mandates
from portal.people.models import User
from portal.people.roles import Permission
from portal.reviews import policies as reviews
from portal.reviews.models import ReviewCase


def acts_for(user: User, person: User) -> bool:
    """Whether an agent's agency holds a running mandate of the person."""
    return mandates.may_act_for(user, person, clock.now())


def refuse_following(application: Application, user: User) -> Reason:
    """Why the user may not see an application's progress as its applicant or their agent."""
    if application.applicant_id == user.pk or acts_for(user, application.applicant):
        return None
    return _("This application belongs to someone else.")


def refuse_documents(application: Application, user: User) -> Reason:
    """Why the user may not see documents and numbers: only the applicant, and who holds the case, may."""
    if application.applicant_id == user.pk:
        return None
    if user.may(Permission.APPLY_FOR_OTHERS):
        return _("Agents cannot see the documents of the people they act for.")
    return refuse_examining(application, user)


def refuse_examining(application: Application, user: User) -> Reason:
    """Why the user may not read the documents and look things up: they hold neither the case nor a doubt about it."""
    reason = refuse_reviewing(application, user)
    return None if reason is None or _decides_inquiry(application, user) else reason


def _decides_inquiry(application: Application, user: User) -> bool:
    """Whether the user has a doubt about the application's certificate in hand."""
    mine = ReviewCase.objects.claimed_by(user).filter(
        Q(inquiry__certificate__application=application) | Q(answer_inquiry__certificate__application=application)
    )
    return any(reviews.refuse_case_work(case, user, clock.now()) is None for case in mine)


def refuse_reviewing(application: Application, user: User) -> Reason:
    """Why the user may not work on an application: role, own case, own agency, or not the one who claimed it."""
    if not user.may(Permission.REVIEW):
        return _("Only reviewers can do this.")
    return reviews.refuse_case_work(application.case, user, clock.now())


def own_chains(user: User) -> list[str]:
    """The chains of the trail of applications and certificates that are the person's own, or their agency's clients'."""
    circle = mandates.own_circle(user, clock.now()).values("pk")
    applications = Application.objects.filter(applicant__in=circle).values_list("pk", flat=True)
    certificates = Certificate.objects.filter(holder__in=circle).values_list("pk", flat=True)
    return [*(f"application:{pk}" for pk in applications), *(f"certificate:{pk}" for pk in certificates)]


def refuse_open_application(person: User) -> Reason:
    """A staff conflict (portal/people/staff_conflicts.py): an application of theirs that is not decided."""
    application = Application.objects.filter(applicant=person).open().first()
    if application is None:
        return None
    number = {"number": application.number}
    return _("They have an open application, %(number)s. It must be decided or withdrawn first.") % number
