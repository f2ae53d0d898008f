"""What the tests of faults run in processes of their own, to be killed.

Imported with `SMALL_PAGES` in the environment, it makes pages small, so that there are many moments to die at, and the
leases of calls short, so that what dead workers had claimed is soon free.
"""

import os
import pickle
import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

from django.db.models import Q

from complaints.actions import years
from complaints.models import Restitution, RestitutionPage
from complaints.restitution import attribution
from complaints.states import RestitutionState
from complaints.tests import restitutions as make
from complaints.tests.restitutions import Edge
from portal import clock
from portal.audit import trail
from portal.jobs import runner
from portal.jobs.models import Job, JobState
from portal.outbound import calls
from portal.sandbox.models import Account, GroupNotice

DICE = random.Random()  # noqa: S311 -- sizes of pages
SHORT_CALL_LEASE = timedelta(seconds=5)
ENDED = (RestitutionState.DONE, RestitutionState.REVERSED)


def world(count: int) -> Restitution:
    """A restitution that has just begun: of ten followers seven move, one follows both, one is a machine, one came otherwise."""
    stage = make.stage()
    followers = make.viewers(count)
    kinds = [followers[n::10] for n in range(10)]
    Account.objects.filter(pk__in=[one.pk for one in kinds[2]]).update(is_bot=True)
    make.follow(stage.source, kinds[1], source_kind="profile")
    make.follow(stage.target, kinds[0], source_kind="profile", created_at=clock.now())
    make.follow(stage.source, [one for n, kind in enumerate(kinds) if n != 1 for one in kind], post=stage.copy)
    return make.begun(stage, batch=300)


def expected(before: set[Edge], row: Restitution) -> set[Edge]:
    """What the edges must be after the move, told from the first follower's id."""
    source, target = int(row.source), int(row.target)
    first = min(edge.follower_id for edge in before)
    after = set()
    for edge in before:
        kind = (edge.follower_id - first) % 10 if edge.account_id == source else 1
        if kind != 0:
            after.add(edge._replace(account_id=target) if kind > 2 else edge)
    return after


def check(row: Restitution) -> Restitution:
    """Ledger, audit trail and messages: nobody lost, nobody twice."""
    row = make.fresh(row)
    assert attribution.ledger_imbalances(row, row.pages.order_by("number"), ()) == []
    assert trail.broken_links() == []
    numbers = list(row.pages.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(len(numbers)))
    assert not [job for job in Job.objects.all() if job.state == JobState.FAILED]
    notices = GroupNotice.objects.filter(key=f"{row.key}-moved").values_list("followers", flat=True)
    told = Counter(one for followers in notices for one in followers)
    pages = list(row.pages.all())
    recorded = Counter(_followers_of(page for page in pages if page.told_at))
    # A worker that died after it had told a page, and before it recorded that, leaves the key of its call.
    perhaps = Counter(_followers_of(page for page in pages if not page.told_at and page.calling_key.endswith(":tell")))
    assert recorded <= told <= recorded + perhaps
    return row


def _followers_of(pages: Iterable[RestitutionPage]) -> Iterator[int]:
    return (one for page in pages for one in (*page.moved, *page.already))


def remember(folder: str) -> None:
    """Write down the edges as they are, for another process."""
    Path(folder, "edges").write_bytes(pickle.dumps(make.edges()))


def compare(folder: str) -> None:
    """Hold the edges against those that must follow from what was written down."""
    before = pickle.loads(Path(folder, "edges").read_bytes())  # noqa: S301 -- our own
    row = check(Restitution.objects.get())
    assert row.state == RestitutionState.DONE
    assert make.edges() == expected(before, row)


def work() -> None:
    """Run jobs until the restitution has ended and none is left but the recount of the year, which is due a minute later."""
    DICE.seed()
    waiting = Job.objects.exclude(Q(state__in=(JobState.DONE, JobState.FAILED)) | Q(kind=years.RECOUNT_YEARS)).order_by(
        "pk"
    )
    while Restitution.objects.get().state not in ENDED or waiting.exists():
        for pk in waiting.values_list("pk", flat=True):
            runner.run_job(pk)
        time.sleep(0.02)


def small_page(batch: int, seconds: float) -> int:
    """In place of `attribution.next_page_size`."""
    return DICE.randint(50, 400)


if os.environ.get("SMALL_PAGES"):
    calls.CALL_LEASE = SHORT_CALL_LEASE
    attribution.next_page_size = small_page
