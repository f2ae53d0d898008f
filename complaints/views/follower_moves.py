"""The restitutions that concern one follower, in words."""

from datetime import datetime
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.actions.follower_choices import is_under_way
from complaints.actions.follower_ledger import followed_both, pages_concerning, restitutions_of
from complaints.actions.follower_messages import follower_link
from complaints.models import FollowerChoice, InvitationAnswer, InvitationOutcome, Restitution
from complaints.states import RestitutionMode, RestitutionState

_MOST = 100
_MOVED, _ENDED = _("Your follow was moved to the author"), _("Your follow was ended")
_ENDED_OF_BOTH = _("Your follow was ended; you already followed the author")
_ACCEPTED_BOTH = _("You accepted: your follow was ended; you already followed the author")
_STOPPED = _("Stopped by two reviewers: what it changed is restored")
_ANSWERS: dict[str, Promise] = {
    InvitationOutcome.WAITING: _("Your answer is being carried out"),
    InvitationOutcome.MOVED: _("You accepted: your follow was moved to the author"),
    InvitationOutcome.NOT_MOVED: _("You accepted, but your follow was not moved"),
    InvitationOutcome.DECLINED: _("You kept your follow, or changed it yourself"),
}


class FollowerMove(NamedTuple):
    """One restitution as a follower sees it: from whom, to whom, when, what became of it, and the page about it."""

    source: str
    target: str
    at: datetime | None
    said: str | Promise
    url: str


def list_moves(platform: str, follower_id: int) -> list[FollowerMove]:
    """Those of a follower, latest first; six queries, however many there are."""
    pages = pages_concerning(platform, follower_id)
    rows = list(restitutions_of(pages).select_related("remedy__complaint")[:_MOST])
    # Of one restitution some pages may rest on findings that were reversed, and others not.
    fallen = set(pages.exclude(ground__fallen_at=None).values_list("restitution", flat=True))
    both = followed_both(pages, follower_id)
    own: dict[str, Any] = {"restitution__in": rows, "follower_id": follower_id}
    undone = set(FollowerChoice.objects.carried_out().filter(**own).values_list("restitution", flat=True))
    answers = dict(InvitationAnswer.objects.filter(**own).values_list("restitution", "outcome"))
    return [
        FollowerMove(
            row.source_handle,
            row.target_handle,
            row.begun_at,
            _("You undid it")
            if row.pk in undone
            else _said(row, answers.get(row.pk), fallen=row.pk in fallen, both=row.pk in both),
            follower_link(row).address_of(follower_id),
        )
        for row in rows
    ]


def _said(row: Restitution, answer: str | None, *, fallen: bool, both: bool) -> str | Promise:
    """What became of it, as something that was done then: the follower may have chosen otherwise since."""
    if fallen or row.state == RestitutionState.REVERSED:
        return _STOPPED if row.stopped_at else _("The decision was reversed: what it changed is restored")
    if row.mode != RestitutionMode.INVITE:
        return _ENDED if row.mode == RestitutionMode.CLEAR else _ENDED_OF_BOTH if both else _MOVED
    if is_under_way(row):
        return _("You will be asked")
    if answer is not None:
        return _ACCEPTED_BOTH if both and answer == InvitationOutcome.MOVED else _ANSWERS[answer]
    return (
        _("Waiting for your answer")
        if row.state == RestitutionState.INVITING
        else _("You did not answer; nothing changed")
    )
