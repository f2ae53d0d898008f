"""The public figures of each year, counted from the ledger and never from running totals.

A return counts once it has ended, what was restored once that has ended. What a page says of its move never changes, so that a year
stays as it is once it is over and nothing of it is under way. Until then it is counted anew every day, and soon after a return has ended;
later its pages may be deleted with their records.
"""

from datetime import UTC, datetime, timedelta

from django.db.models import Exists, Min, OuterRef, Q, Sum

from complaints.models import FollowerChoice, Restitution, RestitutionPage, YearlyReturn
from complaints.states import RestitutionMode, RestitutionState
from portal import clock
from portal.jobs.attempts import JobAttempt
from portal.jobs.queue import enqueue_job

# Choices of followers are carried out, and transactions end, within this time.
SETTLES = timedelta(days=30)
RECOUNT_YEARS = "complaints.recount_years"
# How soon a return that has ended is counted, and what followers have undone.
_SOON, UNDOS_WITHIN = timedelta(minutes=1), timedelta(hours=1)
# For so many years no page is deleted.
_KEPT_YEARS = 5


def count_years() -> int:
    """Count the years that may have changed; returns how many. Safe to run twice."""
    this = clock.now().astimezone(UTC).year
    settled = {row.year for row in YearlyReturn.objects.all() if _is_settled(row, this)}
    years = [year for year in range(_first_year(this), this + 1) if year not in settled]
    for year in years:
        YearlyReturn.objects.update_or_create(year=year, defaults={**_figures(year), "counted_at": clock.now()})
    return len(years)


def ask_recount(within: timedelta = _SOON) -> None:
    """Have the years counted anew, in the caller's transaction: once for all that ask within the same span of time, after the next one."""
    place = int(clock.now().timestamp() // within.total_seconds()) + 2
    at = datetime.fromtimestamp(place * within.total_seconds(), tz=UTC)
    enqueue_job(RECOUNT_YEARS, {}, key=f"{RECOUNT_YEARS}:{at.isoformat()}", at=at)


def recount_years(_run: JobAttempt) -> None:
    """Job: count the years that may have changed."""
    count_years()


def _is_settled(row: YearlyReturn, this: int) -> bool:
    """Whether nothing of a year can change any more: it is over, and no return of it was under way when it was counted."""
    if row.counted_at < _begin(row.year + 1) + SETTLES:
        return False
    pages = RestitutionPage.objects.filter(restitution=OuterRef("pk"), **_within("at", row.year))
    late = Restitution.objects.filter(Q(ended_at=None) | Q(ended_at__gte=row.counted_at), begun_at__isnull=False)
    return this - row.year >= _KEPT_YEARS or not late.filter(Exists(pages)).exists()


def _within(field: str, year: int) -> dict[str, datetime]:
    return {f"{field}__gte": _begin(year), f"{field}__lt": _begin(year + 1)}


def _first_year(this: int) -> int:
    first = RestitutionPage.objects.aggregate(first=Min("at"))["first"]
    return first.astimezone(UTC).year if first else this


def _begin(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=UTC)


def _figures(year: int) -> dict[str, int]:
    ended = RestitutionPage.objects.filter(restitution__ended_at__isnull=False)
    pages = ended.filter(**_within("at", year))
    clearing = pages.filter(restitution__mode=RestitutionMode.CLEAR)
    moved = pages.exclude(restitution__mode=RestitutionMode.CLEAR).aggregate(
        moved=Sum("moved__len", default=0),
        already=Sum("already__len", default=0),
        invited=Sum("invited__len", default=0),
    )
    cleared = clearing.aggregate(cleared=Sum("already__len", default=0))
    back = ended.filter(**_within("restored_at", year)).exclude(restitution__state=RestitutionState.REVERSING)
    undone = (
        FollowerChoice.objects.carried_out().filter(restitution__ended_at__isnull=False, **_within("at", year)).count()
    )
    return {**moved, **cleared, **back.aggregate(restored=Sum("restored", default=0)), "undone": undone}
