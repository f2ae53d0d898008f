"""What staff are told of restitutions that get nowhere, and of what followers have asked for and still wait for.

Each is tried again for as long as it takes. Where one has got nowhere for some hours, a discrepancy names the case
(portal/outbound/discrepancies.py), and never the follower; it is settled once nothing of the kind waits any more.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest

from complaints.models import FollowerChoice, FollowerOptOut, InvitationAnswer, Restitution, RestitutionPage
from complaints.policies import terms
from complaints.states import RestitutionState
from portal import clock
from portal.outbound import discrepancies
from portal.outbound.models import Effect, Problem

LATE = timedelta(hours=3)
_PREFIX = "waiting:"
# Followers who are told of their move so shortly before the end have little time left to undo it.
_UNDO_ENDS = timedelta(days=7)
_CONCERNS_SOMEBODY = Q(moved__len__gt=0) | Q(already__len__gt=0) | Q(invited__len__gt=0)
_WORKING = (RestitutionState.MOVING, RestitutionState.REVERSING)


class _Late(NamedTuple):
    key: str
    platform: str
    subject: str


def note_late_followers() -> int:
    """Note what has got nowhere for LATE, and settle what has; returns how many are open. Safe to run twice."""
    found = {row.key: row for row in _late(clock.now() - LATE)}
    for row in found.values():
        discrepancies.note_discrepancy(
            row.key,
            platform=row.platform,
            effect=Effect.FOLLOWERS,
            wanted=True,
            subject=row.subject,
            problem=Problem.SILENT,
        )
    known = discrepancies.open_discrepancies().filter(key__startswith=_PREFIX).values_list("key", flat=True)
    for key in set(known) - set(found):
        discrepancies.settle_discrepancy(key)
    return len(found)


def _late(before: datetime) -> Iterator[_Late]:
    wishes = FollowerChoice.objects.exclude(calling_key="").filter(at__lte=before)
    waiting = Q(pk__in=wishes.values("restitution"))
    waiting |= Q(pk__in=InvitationAnswer.objects.abandoned(before).order_by().values("restitution"))
    yield from _of_restitutions("choices", Restitution.objects.filter(waiting).values_list("pk", flat=True))
    yield from _of_restitutions("pages", {*_stuck_restitutions(before), *_not_taken_back(before)})
    yield from _of_restitutions("messages", _untold_restitutions(before).values_list("pk", flat=True))
    for platform in FollowerOptOut.objects.unknown(before).order_by().values_list("platform", flat=True).distinct():
        yield _Late(f"{_PREFIX}opt-outs:{platform}", platform, "")


def _stuck_restitutions(before: datetime) -> Iterator[int]:
    """Those whose job was given up, and of which no page was moved or taken back since."""
    failed = Restitution.objects.filter(state__in=_WORKING, interrupted_at__isnull=False, begun_at__lte=before)
    last = failed.annotate(last=Greatest(Max("pages__at"), Max("pages__restored_at")))
    yield from last.filter(Q(last=None) | Q(last__lte=before)).order_by().values_list("pk", flat=True)


def _not_taken_back(before: datetime) -> Iterator[int]:
    """Those of which a part or all has to go back since then, in whatever state, and no page did."""
    fallen = Restitution.objects.filter(grounds__fallen_at__lte=before, grounds__settled_at=None)
    pages = RestitutionPage.objects.filter(restitution=OuterRef("pk"))
    waiting = pages.to_take_back().filter(at__lte=before)
    rows = Restitution.objects.taking_back().filter(Exists(waiting), pk__in=fallen.values("pk"))
    yield from rows.exclude(Exists(pages.filter(restored_at__gt=before))).values_list("pk", flat=True)


def _untold_restitutions(before: datetime) -> QuerySet[Restitution]:
    """Those of which followers wait to be told, or asked, since then: nobody was told meanwhile, or the time to undo it ends."""
    asked = Q(state=RestitutionState.INVITING, invite_until__lte=before + terms.INVITE_TIME)
    ended = Q(state__in=(RestitutionState.DONE, RestitutionState.PARTLY_REVERSED), ended_at__lte=before)
    pages = RestitutionPage.objects.filter(restitution=OuterRef("pk"))
    # Nobody has to be told of pages that are written as told.
    told = pages.filter(told_at__gt=before).exclude(told_at=F("at"))
    rows = Restitution.objects.filter(asked | ended, Exists(pages.to_tell().filter(_CONCERNS_SOMEBODY)))
    return rows.filter(~Exists(told) | Q(undo_until__lte=clock.now() + _UNDO_ENDS))


def _of_restitutions(what: str, pks: Iterable[int]) -> Iterator[_Late]:
    rows = Restitution.objects.filter(pk__in=list(pks)).order_by("pk")
    for row in rows.values_list("pk", "platform", "remedy__complaint__number"):
        yield _Late(f"{_PREFIX}{what}:{row[0]}", row[1], row[2])
