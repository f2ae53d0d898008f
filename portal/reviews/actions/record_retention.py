"""The end of a case's record: the texts of its decisions, appeals and claims; and what goes with a reviewer who left."""

from collections.abc import Iterable

import pgtrigger
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.audit import trail
from portal.people.departures import Hold
from portal.people.models import User
from portal.reviews import events
from portal.reviews.models import Appeal, Claim, ConflictOfInterest, Decision, Participation, ReviewCase, ReviewerSkill
from portal.reviews.states import CaseState
from portal.workflow import ERASED


def purge_case_records(cases: Iterable[ReviewCase | None]) -> None:
    """Delete what people wrote about closed cases, in the caller's transaction. Outcomes, reasons and dates stay."""
    for case in sorted(filter(None, cases), key=lambda case: case.pk):
        if not ReviewCase.objects.filter(pk=case.pk, purged_at=None).update(purged_at=clock.now()):
            continue
        decisions = Decision.objects.filter(case=case)
        decisions.exclude(explanation="").update(explanation=ERASED)
        decisions.exclude(second_note="").update(second_note=ERASED)
        Appeal.objects.filter(decision__case=case).update(text=ERASED)
        Claim.objects.filter(case=case).update(note="")
        if case.account:
            Participation.objects.filter(case=case, topic=case.account).update(topic=ERASED)
            ReviewCase.objects.filter(pk=case.pk).update(account="")
        trail.record_event(events.RECORD_PURGED, case, by=None)


def erase_appeals_by(person: User, case: ReviewCase) -> None:
    """Empty what one person wrote in appeals of a closed case, in the caller's transaction."""
    Appeal.objects.filter(decision__case=case, by=person).update(text=ERASED)


def erase_account_of_case(case: ReviewCase) -> None:
    """Forget which account a closed case was about, in the caller's transaction; who worked on it stays."""
    if case.account:
        with pgtrigger.ignore("reviews.Participation:participation_stays"):
            Participation.objects.filter(case=case, topic=case.account).update(topic=ERASED)
        ReviewCase.objects.filter(pk=case.pk).update(account="")


def holds_of_reviewer(person: User) -> list[Hold]:
    """The cases that a reviewer has in hand."""
    if ReviewCase.objects.filter(state=CaseState.CLAIMED, claimed_by=person).exists():
        return [Hold(_("You have a case assigned to you. Decide or release it first."))]
    return []


def erase_reviewer_rows(person: User) -> None:
    """Their areas, their conflicts of interest, and those that others declared with them."""
    ReviewerSkill.objects.filter(user=person).delete()
    ConflictOfInterest.objects.filter(Q(reviewer=person) | Q(user=person)).delete()
