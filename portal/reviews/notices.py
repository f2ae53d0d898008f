"""Who is told of what in the queue: the colleague who gets a case, and the leads of a case that was released."""

from collections.abc import Mapping
from datetime import UTC, datetime

from django.urls import reverse
from django.utils.formats import date_format

from portal import clock
from portal.notifications.messages import notify_person
from portal.people.models import User
from portal.people.roles import Role
from portal.reviews import case_kinds, eligibility
from portal.reviews.models import Claim, ReviewCase

REASSIGNED, RELEASED = "reviews.reassigned", "reviews.released"


def notify_new_holder(case: ReviewCase, claim: Claim, *, noted: bool) -> None:
    """Tell a reviewer that a colleague gave them the case, until when it is theirs, and whether there is a note."""

    def context() -> Mapping[str, str]:
        return {**_case_context(case), "until": _moment(case.lease_until), "noted": "yes" if noted else ""}

    url = case_kinds.url_of_case(case)
    notify_person(claim.reviewer, REASSIGNED, key=f"{REASSIGNED}:{claim.pk}", context=context, url=url)


def notify_leads_of_release(case: ReviewCase, claim: Claim) -> None:
    """Tell the area leads that a case was released; why stands on the team page. Leads learn nothing of their own cases."""
    url = f"{reverse('reviews:team')}#released"
    for lead in User.objects.filter(role=Role.AREA_LEAD, is_active=True).order_by("pk"):
        if not eligibility.is_concerned(case, lead, now=clock.now()):
            key = f"{RELEASED}:{claim.pk}:{lead.pk}"
            notify_person(lead, RELEASED, key=key, context=lambda: _case_context(case), url=url)


def _case_context(case: ReviewCase) -> dict[str, str]:
    """The number and the area of a case, in the current language."""
    return {"number": case.number, "area": str(case_kinds.area_names().get(case.skill, case.skill))}


def _moment(at: datetime | None) -> str:
    return f"{date_format(at.astimezone(UTC), 'DATETIME_FORMAT')} UTC" if at else ""
