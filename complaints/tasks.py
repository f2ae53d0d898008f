"""Doors to the work that nobody waits for: jobs, what beat calls, how cases are named and where their page is."""

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.actions import casework, measures
from complaints.policies.terms import SKILL
from complaints.states import Outcome
from portal.jobs import registry
from portal.reviews import kinds
from portal.reviews.models import ReviewCase

_MINUTE = 60


def register() -> None:
    """Called once, when the app is ready."""
    _measures()
    _cases()


def _measures() -> None:
    for kind, handler in ((measures.APPLY, measures.apply), (measures.LIFT, measures.lift)):
        registry.register(kind, handler, attempts=measures.ATTEMPTS, exhausted=measures.give_up)
    registry.periodic("complaints.release_measures", _MINUTE, measures.release_due)


def _cases() -> None:
    for kind, label in ((casework.COMPLAINT, _("Video copy")), (casework.SCREENING, _("Video copy: screening"))):
        kinds.register(kind, label, _review_page, areas=_areas, reasons=_reasons, outcomes=_outcomes)


def _review_page(case: ReviewCase) -> str:
    return reverse("complaints:review", args=[case.number])


def _areas() -> dict[str, str | Promise]:
    return {SKILL: _("Originality")}


def _reasons() -> dict[str, str | Promise]:
    return {casework.TWO_PEOPLE: _("Two people decide")}


def _outcomes() -> dict[str, str | Promise]:
    return {outcome.value: outcome.label for outcome in Outcome}
