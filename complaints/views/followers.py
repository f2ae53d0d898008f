"""The page behind a follower's link: what happened to their follow, and a button that undoes it."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from complaints.actions import follower_choices, follower_ledger, invitations, opt_outs
from complaints.actions.follower_messages import InvalidFollowerLink, read_follower_link, suggested_address
from complaints.models import FollowerOptOut, InvitationOutcome, Restitution
from complaints.states import RestitutionMode
from complaints.views import follower_moves
from portal import clock
from portal.errors import Conflict
from portal.outbound import lookups
from portal.outbound.calls import CallInProgress
from portal.platforms import Following, PlatformError, registry
from portal.web.pages import is_partial

# What the buttons of the question send, and whether it accepts.
_ANSWERS = {"accept": True, "keep": False}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follower_undo_page(request: HttpRequest, token: str) -> HttpResponse:
    """GET changes nothing; POST undoes the move, or answers where the follower is asked. The signed link is the only credential.

    The page shows at once; htmx then fetches what a job was told by the platform, and without JavaScript a link
    (`?now=1`) does.
    """
    try:
        row, follower_id = read_follower_link(token)
    except InvalidFollowerLink:
        return render(request, "complaints/follower/unknown.html", status=HTTPStatus.NOT_FOUND)
    if request.method == "POST":
        _carry_out(request, row, follower_id)
        return redirect(request.path)
    partial = is_partial(request)
    context = _context(row, follower_id, asked=partial or "now" in request.GET)
    context["token"] = token
    return render(request, f"complaints/follower/{'_status' if partial else 'follow'}.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follower_moves_page(request: HttpRequest, token: str) -> HttpResponse:
    """All restitutions of the platform that concern a follower, and whether any may from now on. POST changes that."""
    try:
        row, follower_id = read_follower_link(token)
    except InvalidFollowerLink:
        return render(request, "complaints/follower/unknown.html", status=HTTPStatus.NOT_FOUND)
    if request.method == "POST" and opt_outs.can_opt_out(row.platform):
        opted_out = request.POST.get("opt_out") == "on"
        opt_outs.ask_opt_out(platform=row.platform, follower_id=follower_id, opted_out=opted_out)
        return redirect(request.path)
    context = {
        "token": token,
        "moves": follower_moves.list_moves(row.platform, follower_id),
        "offered": opt_outs.can_opt_out(row.platform),
        "opt_out": FollowerOptOut.objects.filter(platform=row.platform, follower_id=follower_id).first(),
    }
    return render(request, "complaints/follower/moves.html", context)


def _carry_out(request: HttpRequest, row: Restitution, follower_id: int) -> None:
    answer = request.POST.get("answer", "")
    try:
        if answer in _ANSWERS:
            invitations.answer_invitation(restitution=row, follower_id=follower_id, accepted=_ANSWERS[answer])
        else:
            follower_choices.ask_follower_undo(restitution=row, follower_id=follower_id)
    except (Conflict, CallInProgress) as refusal:
        messages.warning(request, str(getattr(refusal, "message", _("This is already in progress."))))


def _context(row: Restitution, follower_id: int, *, asked: bool) -> dict[str, Any]:
    standing = _standing_before_asking(row, follower_id)
    if asked and (standing is None or standing.code == "undone"):
        standing = _follow_status(row, follower_id, undone=standing is not None)
    standing = standing or _Standing("unknown")
    pages = follower_ledger.pages_concerning(row.platform, follower_id).filter(restitution=row)
    return {
        "restitution": row,
        "both": row.mode != RestitutionMode.CLEAR and bool(follower_ledger.followed_both(pages, follower_id)),
        "asked": asked,
        "pending": standing.pending,
        "following": standing.following,
        "stands": standing.code,
        "source_url": row.remedy.complaint.account_url,
        "target_url": suggested_address(row),
    }


@dataclass(frozen=True)
class _Standing:
    """How the restitution stands for a follower, as the template names it, and what they follow if that was asked.

    `pending`: the platform is being asked what they follow.
    """

    code: str
    following: Following | None = None
    pending: bool = False


def _standing_before_asking(row: Restitution, follower_id: int) -> _Standing | None:
    """What the tables say; None where it depends on what they follow now."""
    choice = row.choices.filter(follower_id=follower_id).first()
    if choice is not None:
        return _Standing("undoing" if choice.calling_key else "gone" if choice.account_gone else "undone")
    if follower_choices.is_taken_back(row, follower_id):
        return _Standing("reversed")
    if follower_choices.is_under_way(row):
        return _Standing("under_way")
    if row.mode == RestitutionMode.INVITE and (code := _answer_status(row, follower_id)):
        return _Standing(code)
    if follower_choices.refuse_follower_undo(row, follower_id, clock.now()):
        return _Standing("over")
    return None


def _answer_status(row: Restitution, follower_id: int) -> str:
    """How a follower who was asked stands; "" for one who has accepted and moved."""
    answer = row.answers.filter(follower_id=follower_id).first()
    if answer is None:
        return "unanswered" if invitations.refuse_answer(row, follower_id) else "invited"
    if answer.outcome == InvitationOutcome.WAITING:
        return "answering"
    if answer.outcome == InvitationOutcome.MOVED:
        return ""
    if answer.outcome == InvitationOutcome.NOT_MOVED:
        return "not_moved"
    return "changed" if answer.accepted else "declined"


def _follow_status(row: Restitution, follower_id: int, *, undone: bool) -> _Standing:
    """What the platform says that they follow, and what that comes to unless they have undone it."""
    try:
        name = registry.get_connector(row.platform).name
        following = lookups.recorded_answer(follower_choices.FOLLOWING, [row.pk, follower_id], platform=name)
    except lookups.AnswerPending:
        return _Standing("undone" if undone else "asking", pending=True)
    except (PlatformError, lookups.TooManyQuestions):
        return _Standing("undone" if undone else "unknown")
    if undone:
        return _Standing("undone", following)
    # Whoever followed both has kept their own follow of the target; the other one can be taken up again.
    stays = following.target or row.mode == RestitutionMode.CLEAR
    is_open = following.moved or (stays and not following.source)
    return _Standing("open" if is_open else "changed", following)
