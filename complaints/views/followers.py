"""The page behind a follower's link: what happened to their follow, and a button that undoes it."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from complaints.actions import follower_choices
from complaints.actions.follower_messages import InvalidFollowerLink, read_follower_link
from complaints.models import Restitution
from complaints.restitution import attribution
from portal import clock
from portal.errors import Conflict
from portal.people.models import LinkedAccount
from portal.platforms import Following, PlatformError, registry, served
from portal.web.pages import is_partial


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follower_undo_page(request: HttpRequest, token: str) -> HttpResponse:
    """GET changes nothing; POST undoes the move. The signed link is the only credential.

    The page shows at once; htmx then fetches what the platform says, and without JavaScript a link (`?now=1`) does.
    """
    try:
        row, follower_id = read_follower_link(token)
    except InvalidFollowerLink:
        return render(request, "complaints/follower/unknown.html", status=HTTPStatus.NOT_FOUND)
    if request.method == "POST":
        _undo_return(request, row, follower_id)
        return redirect(request.path)
    partial = is_partial(request)
    context = _context(row, follower_id, asked=partial or "now" in request.GET)
    return render(request, f"complaints/follower/{'_status' if partial else 'follow'}.html", context)


def _undo_return(request: HttpRequest, row: Restitution, follower_id: int) -> None:
    try:
        follower_choices.undo_follower_return(restitution=row, follower_id=follower_id)
    except Conflict as refusal:
        messages.warning(request, str(refusal.message))
    except PlatformError:
        messages.error(
            request, _("The platform does not answer at the moment. We go on asking it; please look here again later.")
        )


def _context(row: Restitution, follower_id: int, *, asked: bool) -> dict[str, Any]:
    following = _following(row, follower_id) if asked else None
    links = LinkedAccount.objects.filter(platform=row.platform, external_id=row.target).order_by("-pk")
    return {
        "restitution": row,
        "asked": asked,
        "following": following,
        "stands": _follow_status(row, follower_id, following),
        "source_url": row.remedy.complaint.account_url,
        "target_url": links.values_list("url", flat=True).first() or "",
    }


def _following(row: Restitution, follower_id: int) -> Following | None:
    try:
        return served(registry.get_connector(row.platform).followers).following(
            attribution.move_order(row), follower_id
        )
    except PlatformError:
        return None


def _follow_status(row: Restitution, follower_id: int, following: Following | None) -> str:
    """How the restitution stands for them, as the template names it."""
    if row.choices.carried_out().filter(follower_id=follower_id).exists():
        return "undone"
    if follower_choices.is_taken_back(row, follower_id):
        return "reversed"
    if follower_choices.refuse_follower_undo(row, follower_id, clock.now()):
        return "over"
    if following is None:
        return "unknown"
    # Whoever followed both has kept their own follow of the target; the other one can be taken up again.
    return "open" if following.moved or (following.target and not following.source) else "changed"
