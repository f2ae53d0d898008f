"""Where complaints begin: the public explanation, and everything of whoever is signed in."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from complaints.models import Complaint, RestitutionPolicy, Work
from complaints.policies import terms
from complaints.regimes import REGIMES
from complaints.states import RestitutionMode, Side
from complaints.views import state_texts
from portal.people.access import holds_permission
from portal.people.models import User
from portal.people.roles import Permission
from portal.web.pages import render_page

_MOST = 50
_WORKS_SHOWN = 6
_complains = holds_permission(Permission.COMPLAIN)


@never_cache
@require_safe
def home_page(request: HttpRequest) -> HttpResponseBase:
    """A member's or guest's complaints, those against them, and their works; for everybody else what this is."""
    user = request.user
    if isinstance(user, User) and _complains(user):
        return render_page(request, "complaints/creator/home.html", _personal_context(user))
    return render_page(request, "complaints/creator/public.html", public_explanation())


def public_explanation() -> dict[str, Any]:
    """The clocks and the rules that the public page tells, from where they are set. One query."""
    moving = RestitutionPolicy.objects.filter(mode=RestitutionMode.MOVE).order_by("region")
    return {
        "regimes": REGIMES.values(),
        "answer_days": max(regime.answer_time for regime in REGIMES.values()) // timedelta(days=1),
        "screening_days": terms.SCREENING_DAYS,
        "decision_days": terms.DECISION_DAYS,
        "appeal_days": terms.APPEAL_DAYS,
        "complete_days": terms.COMPLETE_TIME // timedelta(days=1),
        "reserved_days": terms.RESERVE_TIME // timedelta(days=1),
        "policy": moving.first(),
    }


def _personal_context(user: User) -> dict[str, Any]:
    """Everything of one person. Three queries, however much there is."""
    videos = ("original__media", "copy__media")
    own = Complaint.objects.of(user).select_related(*videos, "case", "screening")[:_MOST]
    against = Complaint.objects.against(user).select_related(*videos, "case")[:_MOST]
    return {
        "complaints": [state_texts.complaint_brief(row, Side.COMPLAINANT) for row in own],
        "against": [state_texts.complaint_brief(row, Side.RESPONDENT) for row in against],
        "works": Work.objects.registered_by(user)[:_WORKS_SHOWN],
    }
