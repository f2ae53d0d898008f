"""What the library found of an author's works: one possible copy, a complaint because of it, or dismissing it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from complaints.actions import copy_notices
from complaints.actions import possible_copies as actions
from complaints.models import PossibleCopy
from complaints.policies import library as policy
from complaints.views import evidence
from complaints.views.grades import grade_meaning, match_headline
from complaints.views.pages import member_page
from portal.people.access import person_of
from portal.people.forms import show_refusals
from portal.platforms import registry
from portal.web.confirmation import confirm_action
from portal.web.pages import render_page

_MOST_SEGMENTS = 50


@dataclass(frozen=True)
class ListedCopy:
    """A possible copy and its grade in words, for works of this kind."""

    found: PossibleCopy
    grade: str | Promise


def listed_copies(rows: Iterable[PossibleCopy]) -> list[ListedCopy]:
    """Possible copies for a list of them; no query of its own."""
    return [ListedCopy(row, match_headline(row.match)) for row in rows]


@member_page
def possible_copy_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The grade and the segments; posted, a complaint is drafted with both works filled in."""
    person = person_of(request)
    found = get_object_or_404(policy.possible_copies_of(person), pk=pk)
    form = forms.Form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with show_refusals(form):
            return redirect("complaints:original", actions.complain_of_possible_copy(copy=found, by=person).number)
    context = {"found": found, "form": form, **_match_facts(found)}
    return render_page(request, "complaints/creator/possible_copy.html", context, wrong=request.method == "POST")


@member_page
def possible_copy_dismiss_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask once more, then show it no more."""
    person = person_of(request)
    found = get_object_or_404(policy.possible_copies_of(person), pk=pk)
    return confirm_action(
        request,
        "complaints/creator/possible_copy_dismiss.html",
        {"found": found},
        verb=_("Do not show again"),
        act=lambda: actions.dismiss_possible_copy(copy=found, by=person),
        done=_("The work is not shown as a possible copy any more."),
        back_url=reverse("complaints:possible_copy", args=[found.pk]),
        next_url=found.work.get_absolute_url(),
    )


@member_page
@require_POST
def copy_notices_post(request: HttpRequest) -> HttpResponseBase:
    """Have messages about possible copies mailed, or not."""
    by_mail = request.POST.get("by_mail") == "on"
    copy_notices.set_mail(by=person_of(request), by_mail=by_mail)
    said = _("You get an e-mail about possible copies.") if by_mail else _("You get no e-mails about possible copies.")
    messages.success(request, said)
    return redirect("complaints:works")


def _order(found: PossibleCopy) -> list[evidence.Publication]:
    """When either work was published or reached the portal, earliest first."""
    return evidence.in_order(
        evidence.publications_of(
            found.work, gettext_lazy("Your work published"), gettext_lazy("Your work stored by the portal")
        ),
        evidence.publications_of(
            found.post,
            gettext_lazy("The other work published"),
            gettext_lazy("The other work stored by the portal"),
            gettext_lazy("File of the other work last modified"),
        ),
    )


def _match_facts(found: PossibleCopy) -> dict[str, Any]:
    """Segments with the places of the work first, the grade and its meaning, and the platform's name."""
    kind = found.work.kind
    own = ("a", "b") if found.match.a_id == found.work.media_id else ("b", "a")
    segments = [
        {
            "work": (row[f"{own[0]}_start"], row[f"{own[0]}_end"]),
            "post": (row[f"{own[1]}_start"], row[f"{own[1]}_end"]),
            # They say what was done to the later video, and nothing in the other direction.
            "transformations": row["transformations"] if own[0] == "a" else [],
        }
        for row in found.match.segments[:_MOST_SEGMENTS]
    ]
    names = dict(registry.platform_choices())
    return {
        "segments": segments,
        "is_earlier": policy.is_earlier_post(found.work, found.post),
        "publications": _order(found),
        "kind": kind,
        "grade": match_headline(found.match),
        "meaning": grade_meaning(found.match.grade, kind),
        "platform": names.get(found.post.platform, found.post.platform),
    }
