"""A follower undoes their own move."""

from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from complaints import events
from complaints.actions import follower_ledger, years
from complaints.actions.restitutions import lock_restitution
from complaints.models import FollowerChoice, Restitution
from complaints.policies.terms import Reason
from complaints.restitution import attribution
from complaints.states import RestitutionState
from portal import clock
from portal.audit import trail
from portal.errors import Conflict
from portal.jobs.attempts import JobAttempt
from portal.jobs.queue import enqueue_job
from portal.platforms import Following, PlatformError, Unknown, registry, served

UNDO_FOLLOW, FOLLOWING = "complaints.undo_follow", "complaints.following"
_AT_ONCE = 50
_ASKED_FOR = timedelta(days=90)
_OVER = _("The period for undoing this here has ended. You can still change whom you follow on the platform.")
_UNDER_WAY = _("This change has not ended yet. Once it has, you will get a message and can undo it here.")
_STOPPED = _("Two reviewers have stopped this change, so everything is being restored. You do not need to do anything.")
_TAKEN_BACK = _("The decision was reversed on appeal, so everything is being restored. You do not need to do anything.")
_GONE = _("This could not be undone: one of the accounts no longer exists on the platform.")
_CHANGED = _("You have changed whom you follow since then. Your choice is kept.")


def is_taken_back(restitution: Restitution, follower_id: int) -> bool:
    """Whether this follower's move is taken back, or will be, because what it rested on was reversed."""
    if restitution.state == RestitutionState.REVERSED:
        return True
    if not restitution.grounds.filter(fallen_at__isnull=False).exists():
        return False
    pages = follower_ledger.pages_concerning(restitution.platform, follower_id).filter(restitution=restitution)
    return pages.exclude(ground__fallen_at=None).exists()


def is_under_way(restitution: Restitution) -> bool:
    """Whether followers are still being moved, or their invitations prepared, and none of them has been sent a message yet.

    A pause sends messages to those who were moved; they can undo it from then on, also when it goes on.
    """
    return restitution.undo_until is None and restitution.state in {RestitutionState.MOVING, RestitutionState.PAUSED}


def refuse_follower_undo(restitution: Restitution, follower_id: int, now: datetime) -> Reason:
    """Why a follower cannot take their move back any more, if that is so."""
    if is_taken_back(restitution, follower_id):
        return _STOPPED if restitution.stopped_at else _TAKEN_BACK
    if is_under_way(restitution):
        return _UNDER_WAY
    return _OVER if restitution.undo_until is None or now >= restitution.undo_until else None


def ask_follower_undo(*, restitution: Restitution, follower_id: int) -> None:
    """Note what a follower wants, and have a job carry it out; asking again changes nothing. Raises Conflict when that is over."""
    with transaction.atomic():
        choice = _claim_choice(restitution, follower_id)
        if choice is not None:
            enqueue_job(UNDO_FOLLOW, {"choice": choice.pk}, key=f"{UNDO_FOLLOW}:{choice.pk}")


def undo_follow(run: JobAttempt) -> None:
    """Job: carry a follower's choice out. One that is not there any more was answered by another attempt."""
    choice = FollowerChoice.objects.select_related("restitution__remedy__complaint").filter(pk=run.payload["choice"])
    for row in choice:
        with suppress(Conflict):
            undo_follower_return(restitution=row.restitution, follower_id=row.follower_id)


def ask_following(restitution: int, follower_id: int) -> Following:
    """What a follower follows now; a question for jobs (portal/outbound/lookups.py). Raises PlatformError."""
    row = Restitution.objects.select_related("remedy__complaint").get(pk=restitution)
    followers = served(registry.get_connector(row.platform).followers)
    return followers.following(attribution.move_order(row), follower_id)


def undo_follower_return(*, restitution: Restitution, follower_id: int) -> None:
    """Let a follower follow the source again, at their own request; idempotent. Not while a request is answered.

    Raises Conflict when that is over, when they have chosen otherwise themselves, or when one of the accounts is gone;
    PlatformError if the platform does not answer.
    """
    choice = _claim_choice(restitution, follower_id)
    if choice is None:
        return
    followers = served(registry.get_connector(restitution.platform).followers)
    try:
        undone = followers.return_follower(attribution.move_order(restitution), follower_id)
    except Unknown:
        _record_gone_account(choice)
        raise Conflict(_GONE) from None
    _record_choice(choice, undone=undone)
    if not undone:
        raise Conflict(_CHANGED)


def finish_abandoned_choices() -> int:
    """Ask again for choices that got no answer, or whose process died before it was recorded; the oldest first.

    Returns how many were tried, some dozens at most: whoever was tried longest ago. Staff hear of it after some hours
    (follower_alerts.py).
    """
    abandoned = (
        FollowerChoice.objects.abandoned(clock.now())
        .filter(at__gt=clock.now() - _ASKED_FOR)
        .select_related("restitution__remedy__complaint")
    )
    rows = list(abandoned[:_AT_ONCE])
    for row in rows:
        with suppress(Conflict, PlatformError):
            undo_follower_return(restitution=row.restitution, follower_id=row.follower_id)
    return len(rows)


@transaction.atomic
def _claim_choice(restitution: Restitution, follower_id: int) -> FollowerChoice | None:
    """The choice, claimed for its call; None if it was carried out already."""
    row = lock_restitution(restitution.pk)
    choice = row.choices.filter(follower_id=follower_id).first()
    if choice is None:
        if reason := refuse_follower_undo(row, follower_id, clock.now()):
            raise Conflict(reason)
        choice = FollowerChoice.objects.create(restitution=row, follower_id=follower_id)
    elif choice.account_gone:
        raise Conflict(_GONE)
    elif not choice.calling_key:
        return None
    choice.claim_call(f"{row.key}:{follower_id}:undo")
    return choice


@transaction.atomic
def _record_choice(choice: FollowerChoice, *, undone: bool) -> None:
    """Count it, or forget the claim if the platform had nothing to undo."""
    row = lock_restitution(choice.restitution_id)
    if not choice.end_call(choice.calling_key):
        return
    if not undone:
        choice.delete()
        return
    row.undone += 1
    row.save(update_fields=["undone"])
    years.ask_recount(years.UNDOS_WITHIN)
    # The follower is stored in the choice, not in the trail.
    trail.record_event(events.FOLLOWER_UNDID, row, by=None, undone=row.undone)


@transaction.atomic
def _record_gone_account(choice: FollowerChoice) -> None:
    lock_restitution(choice.restitution_id)
    if choice.end_call(choice.calling_key):
        FollowerChoice.objects.filter(pk=choice.pk).update(account_gone=True)
