"""Asking followers: who is asked is noted page by page, answers are kept at once, and silence is no move.

Pages are previewed, which changes nothing on the platform, so a page that was not recorded is asked for again. An answer is
carried out by a job (invitation_answers.py). Should the decision be reversed meanwhile, the job that
gives followers back carries out what is left, with an order that moves nobody if the call did not arrive before.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from complaints import events, notices
from complaints.actions import follower_ledger, follower_messages, invitation_answers, restitutions, undo_periods
from complaints.models import (
    InvitationAnswer,
    Restitution,
    RestitutionControl,
    RestitutionGround,
    RestitutionPage,
)
from complaints.models.restitutions import RestitutionPageQuerySet
from complaints.policies import terms
from complaints.policies.terms import Reason
from complaints.restitution import attribution
from complaints.states import RestitutionState
from portal import clock
from portal.audit import trail
from portal.errors import Conflict
from portal.jobs import queue
from portal.platforms import Followers, MovedPage, registry, served

REMIND_FOLLOWERS = "complaints.remind_followers"
_NOT_OPEN = _("The period for answering has ended. You can still change whom you follow on the platform.")
_ANSWERED = _("You have already answered.")
_SETTLE_AFTER = timedelta(minutes=10)


def note_next_page(row: Restitution, followers: Followers) -> int | None:
    """Note who of the next page is to be asked; answers the cursor, None if that was the last page."""
    done = followers.preview_followers(attribution.move_order(row), cursor=row.cursor, limit=row.batch)
    with transaction.atomic():
        fresh = restitutions.lock_restitution(row.pk)
        if fresh.state != RestitutionState.MOVING:
            return None
        if fresh.cursor == row.cursor:
            _write_invited_page(fresh, done)
            if done.cursor is None:
                _begin_asking(fresh)
                return None
        return fresh.cursor


def refuse_answer(restitution: Restitution, follower_id: int) -> Reason:
    """Why a follower cannot answer, or not any more."""
    invite_until = restitution.invite_until
    if restitution.state != RestitutionState.INVITING or invite_until is None or invite_until <= clock.now():
        return _NOT_OPEN
    page = invited_page(restitution, follower_id)
    return _NOT_OPEN if page is None or page.ground is None or page.ground.fallen_at else None


def invited_page(restitution: Restitution, follower_id: int) -> RestitutionPage | None:
    """The page on which a follower stands as asked."""
    pages = follower_ledger.pages_concerning(restitution.platform, follower_id)
    asked = pages.filter(restitution=restitution, invited__contains=[follower_id])
    return asked.select_related("ground").first()


def answer_invitation(*, restitution: Restitution, follower_id: int, accepted: bool) -> None:
    """Keep a follower's answer, and have a job carry it out. The same answer again changes nothing; Conflict otherwise."""
    try:
        with transaction.atomic():
            row = restitutions.lock_restitution(restitution.pk)
            if reason := refuse_answer(row, follower_id):
                raise Conflict(reason)
            answer = InvitationAnswer.objects.create(restitution=row, follower_id=follower_id, accepted=accepted)
            invitation_answers.enqueue_answer(answer)
    except IntegrityError as error:
        known = InvitationAnswer.objects.filter(restitution=restitution, follower_id=follower_id).first()
        if known is None or known.accepted != accepted:
            raise Conflict(_ANSWERED) from error


def end_due_invitations() -> int:
    """End the asking where the time is over, every answer is carried out, and nobody proposes to stop or has to review it. Returns how many ended."""
    waiting = InvitationAnswer.objects.waiting().filter(restitution=OuterRef("pk"))
    proposed = RestitutionControl.objects.proposed().filter(restitution=OuterRef("pk"))
    inviting = Restitution.objects.filter(state=RestitutionState.INVITING, invite_until__lte=clock.now())
    ending = inviting.filter(flagged_at=None).exclude(Exists(waiting)).exclude(Exists(proposed))
    return sum(_end_invitation(pk) for pk in list(ending.values_list("pk", flat=True)))


def resume_abandoned_answers() -> int:
    """Ask again for answers that no job carries out any more; at most once an hour. Returns how many."""
    return invitation_answers.resume_answers(InvitationAnswer.objects.abandoned(clock.now() - _SETTLE_AFTER))


def remind_due_followers() -> int:
    """Have those reminded who have not answered, some days before the end. Returns for how many restitutions."""
    soon = clock.now() + terms.INVITE_REMINDER
    rows = Restitution.objects.filter(state=RestitutionState.INVITING, invite_until__lte=soon)
    pks = list(rows.filter(Exists(_to_remind().filter(restitution=OuterRef("pk")))).values_list("pk", flat=True))
    return sum(queue.enqueue_again(REMIND_FOLLOWERS, {"restitution": pk}) for pk in pks)


def remind_page(pk: int) -> int | None:
    """Remind those of the next page who have not answered; answers the page's number."""
    pages = _to_remind().filter(restitution=pk, restitution__state=RestitutionState.INVITING)
    page = pages.select_related("restitution__remedy__complaint").order_by("number").first()
    if page is None:
        return None
    row, key = page.restitution, f"{page.restitution.key}:{page.number}:remind"
    page.claim_call(key, reminded_at=None)
    answered = set(row.answers.filter(follower_id__in=page.invited).values_list("follower_id", flat=True))
    if silent := [one for one in page.invited if one not in answered]:
        _followers(row).send_messages(follower_messages.invitation_message(row, silent, reminder=True))
    with transaction.atomic():
        restitutions.lock_restitution(pk)
        if page.end_call(key):
            RestitutionPage.objects.filter(pk=page.pk).update(reminded_at=clock.now())
    return page.number


class _Invited(NamedTuple):
    """Those of a page who are asked on one ground; None if the platform named none."""

    ground: RestitutionGround | None
    followers: list[int]


def _write_invited_page(row: Restitution, done: MovedPage) -> None:
    """Write who of a page is asked, a row for each ground, and its counts to those of the locked restitution."""
    parts = list(_split_by_ground(row, done)) or [_Invited(None, [])]
    number = row.pages.count()
    rest: dict[str, Any] = {
        "excluded": {name: list(some) for name, some in done.excluded.items()},
        "passed": done.passed,
    }
    for place, part in enumerate(parts):
        told = {} if part.followers else {"told_at": clock.now(), "reminded_at": clock.now()}
        values = {"ground": part.ground, "invited": part.followers, **told, **(rest if place == 0 else {})}
        RestitutionPage.objects.create(restitution=row, number=number + place, at=clock.now(), **values)
    row.invited += sum(len(part.followers) for part in parts)
    row.passed += done.passed
    for reason, followers in done.excluded.items():
        row.excluded[reason] = row.excluded.get(reason, 0) + len(followers)
    row.cursor = done.cursor or row.cursor
    row.save(update_fields=["cursor", "invited", "excluded", "passed"])
    counts = {"invited": len(done.moved) + len(done.already), "passed": done.passed}
    excluded = {reason: len(followers) for reason, followers in done.excluded.items()}
    trail.record_event(events.PAGE_MOVED, row, by=None, page=number, excluded=excluded, **counts)


def _split_by_ground(row: Restitution, done: MovedPage) -> Iterator[_Invited]:
    """Followers by the ground on which they are attributable, each in order."""
    by_key: dict[object, RestitutionGround] = {ground.key: ground for ground in row.grounds.all()}
    for key, followers in (*done.by_work.items(), *done.by_time.items()):
        yield _Invited(by_key.get(key), sorted(followers))


def _begin_asking(row: Restitution) -> None:
    """Everybody who is to be asked is noted: ask them, and tell both sides until when they can answer."""
    invite_until = clock.now() + terms.INVITE_TIME
    undo_days = attribution.restitution_policy(row.remedy.complaint).undo_days
    row.move("ask", invite_until=invite_until, undo_until=invite_until + timedelta(days=undo_days))
    trail.record_event(
        events.FOLLOWERS_INVITED, row, by=None, invited=row.invited, invite_until=invite_until.isoformat()
    )
    key = f"{undo_periods.TELL_FOLLOWERS}:{row.pk}:asked"
    queue.enqueue_job(undo_periods.TELL_FOLLOWERS, {"restitution": row.pk}, key=key)
    facts: dict[str, notices.Fact] = {"invited": str(row.invited), "invite_until": invite_until}
    restitutions.notify_restitution(events.FOLLOWERS_INVITED, row, facts)


@transaction.atomic
def _end_invitation(pk: int) -> bool:
    row = restitutions.lock_restitution(pk)
    if row.state != RestitutionState.INVITING or row.answers.waiting().exists() or row.controls.proposed().exists():
        return False
    if row.flagged_at is not None:
        return False  # A senior reviewer looks at the accounts first.
    restitutions.finish_restitution(row)
    return True


def _to_remind() -> RestitutionPageQuerySet:
    return RestitutionPage.objects.filter(reminded_at=None, ground__fallen_at=None, invited__len__gt=0)


def _followers(row: Restitution) -> Followers:
    return served(registry.get_connector(row.platform).invitations)
