"""Comparing the ledger of a restitution with the platform: when it has ended, when it was given back, and on demand.

Counts of the portal prove nothing about the platform, so a job asks it page after page what the followers follow now.
What differs, and is no later choice of the follower, is noted for staff (portal/outbound/discrepancies.py).
"""

import time
from collections import Counter
from typing import Any

from django.db import transaction
from django.db.models import F

from complaints.models import Complaint, FollowerChoice, Reconciliation, Restitution, RestitutionPage
from complaints.restitution import attribution
from complaints.restitution.comparison import compare_page
from complaints.states import RestitutionState
from portal import clock
from portal.jobs import queue
from portal.jobs.attempts import JobAttempt
from portal.outbound import discrepancies
from portal.outbound.models import Effect, Problem
from portal.platforms import Connector, Unknown, registry, served

RECONCILE_FOLLOWERS = "complaints.reconcile_followers"
RECONCILE_ATTEMPTS = 5
RUN_SECONDS = 30
# Of more followers a sample of this size is compared, by whole pages.
MOST_COMPARED = 2_000_000
COMPARABLE = (RestitutionState.DONE, RestitutionState.REVERSED, RestitutionState.PARTLY_REVERSED)
UNSERVED, ACCOUNT_GONE, FAILED, OVERTAKEN = "unserved", "account_gone", "job_failed", "overtaken"


@transaction.atomic
def ask_reconciliation(restitution: Restitution) -> None:
    """Compare anew; what was compared so far is forgotten. Nothing where followers are being moved or given back."""
    complaint = Complaint.objects.select_for_update(of=("self",), no_key=True).order_by()
    list(complaint.filter(remedies__restitution=restitution.pk).values_list("pk"))
    row = Restitution.objects.get(pk=restitution.pk)
    if row.state not in COMPARABLE:
        return
    before = Reconciliation.objects.filter(pk=row.pk).first()
    step = -(-(row.moved + row.already) // MOST_COMPARED) or 1
    fresh = Reconciliation(restitution=row, run=before.run + 1 if before else 1, step=step)
    fresh.save()
    payload = {"restitution": row.pk, "run": fresh.run}
    queue.enqueue_job(RECONCILE_FOLLOWERS, payload, key=f"{RECONCILE_FOLLOWERS}:{row.pk}:{fresh.run}")


def reconcile_followers(run: JobAttempt) -> None:
    """Job: compare page after page for some seconds; the next job goes on."""
    until = time.monotonic() + RUN_SECONDS
    while (row := _load(run.payload)) is not None:
        if time.monotonic() >= until:
            with run.finish():
                queue.enqueue_job(run.kind, run.payload, key=f"{run.kind}:{row.pk}:{row.run}:{row.page}")
            return
        _compare_next(row)


def note_failed_reconciliation(payload: dict[str, Any]) -> None:
    """After the last attempt: say so; it can be asked for again."""
    if row := _load(payload):
        _end(row, FAILED)


def discrepancy_key(row: Restitution) -> str:
    """Under what staff find the followers of a restitution that differ."""
    return f"{row.key}:followers"


def _load(payload: dict[str, Any]) -> Reconciliation | None:
    """The row, while this run of it goes on."""
    rows = Reconciliation.objects.select_related("restitution__remedy__complaint")
    return rows.filter(pk=payload["restitution"], run=payload["run"], ended_at=None).first()


def _compare_next(row: Reconciliation) -> None:
    """Compare the next page, or end."""
    restitution = row.restitution
    connector = registry.get_connector(restitution.platform)
    if connector.states is None:
        return _end(row, UNSERVED)
    if restitution.state not in COMPARABLE or Restitution.objects.taking_back().filter(pk=row.pk).exists():
        return _end(row, OVERTAKEN)
    rest = F("number") % row.step
    page = restitution.pages.annotate(rest=rest).filter(number__gte=row.page, rest=0).order_by("number").first()
    if page is None:
        return _end(row, "")
    try:
        found = _compare(restitution, page, connector)
    except Unknown:
        return _end(row, ACCOUNT_GONE)
    _count(row, page.number, found)
    return None


def _compare(row: Restitution, page: RestitutionPage, connector: Connector) -> Counter[str]:
    """What one page comes to. Who takes their move back while the platform is asked has changed."""
    followers = [*page.moved, *page.already]
    if not followers:
        return Counter()
    undone = _choices(row, followers, carried_out=True)
    states = served(connector.states).follow_states(attribution.move_order(row), followers)
    meanwhile = _choices(row, followers, carried_out=False) - undone
    still = [state for state in states if state.follower_id not in meanwhile]
    return compare_page(page, still, undone=undone, begun_at=row.begun_at or row.planned_at)


def _choices(row: Restitution, followers: list[int], *, carried_out: bool) -> set[int]:
    """Who of them has taken their move back, or wants to."""
    choices = FollowerChoice.objects.carried_out() if carried_out else FollowerChoice.objects.filter(account_gone=False)
    return set(choices.filter(restitution=row, follower_id__in=followers).values_list("follower_id", flat=True))


def _count(row: Reconciliation, number: int, found: Counter[str]) -> None:
    """By one UPDATE that names the page before it: who compares the same page at the same moment counts nothing."""
    rows = Reconciliation.objects.filter(pk=row.pk, run=row.run, page=row.page, ended_at=None)
    rows.update(page=number + 1, **{name: F(name) + count for name, count in found.items()})


@transaction.atomic
def _end(row: Reconciliation, problem: str) -> None:
    """Note what differs for staff, or that nothing does any more."""
    rows = Reconciliation.objects.filter(pk=row.pk, run=row.run, ended_at=None)
    if rows.update(ended_at=clock.now(), problem=problem) != 1 or problem:
        return
    restitution, key = row.restitution, discrepancy_key(row.restitution)
    if row.differing:
        discrepancies.note_discrepancy(
            key,
            platform=restitution.platform,
            effect=Effect.FOLLOWERS,
            wanted=True,
            subject=restitution.remedy.complaint.number,
            problem=Problem.IGNORED,
        )
    else:
        discrepancies.settle_discrepancy(key)
