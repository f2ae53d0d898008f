"""What platforms do not show as they should: noted when an attempt has failed, settled when a later one is seen to hold.

Products own what should hold, and try again until it does (complaints/actions/remedy_checks.py,
certification/actions/labels.py). A row here is what staff look at: which effect, of which case, since when, and why.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import F, QuerySet

from portal import clock
from portal.outbound.models import Discrepancy, Effect, Problem

KEPT_SETTLED = timedelta(days=90)


@transaction.atomic
def note_discrepancy(
    key: str, *, platform: str, effect: Effect, wanted: bool, subject: str, problem: Problem
) -> Discrepancy:
    """Note that an attempt has not brought the effect about. One that was settled is opened anew."""
    now = clock.now()
    about = {"platform": platform, "effect": effect, "wanted": wanted, "subject": subject, "problem": problem}
    row, created = Discrepancy.objects.get_or_create(key=key, defaults={**about, "since": now, "tried_at": now})
    if not created:
        Discrepancy.objects.filter(pk=row.pk).update(**about, tried_at=now, attempts=F("attempts") + 1)
        Discrepancy.objects.filter(pk=row.pk, settled_at__isnull=False).update(since=now, attempts=1, settled_at=None)
        row.refresh_from_db()
    return row


def settle_discrepancy(key: str) -> bool:
    """Note that the effect is as it should be. False if nothing was open."""
    return open_discrepancies().filter(key=key).update(settled_at=clock.now()) == 1


def unsettled_problem(key: str) -> Problem:
    """What to say of an effect whose attempts are over: what the platform has refused stays refused, else it was silent."""
    refused = open_discrepancies().filter(key=key, problem=Problem.REFUSED).exists()
    return Problem.REFUSED if refused else Problem.SILENT


def open_discrepancies() -> QuerySet[Discrepancy]:
    """Those that are not settled."""
    return Discrepancy.objects.filter(settled_at=None)


def purge_settled_discrepancies() -> int:
    """Delete what was settled long ago; returns how many."""
    return Discrepancy.objects.filter(settled_at__lt=clock.now() - KEPT_SETTLED).delete()[0]
