"""The public figures of each year, counted from the ledger and never from running totals.

What a page says of its move never changes, so that a year stays as it is once it is over and nothing of it is under way.
Until then it is counted anew every day; later its pages may be deleted with their records.
"""

from datetime import UTC, datetime, timedelta

from django.db.models import Min, Sum

from complaints.models import FollowerChoice, RestitutionPage, YearlyReturn
from complaints.states import RestitutionMode
from portal import clock

# Choices of followers are carried out, and transactions end, within this time.
SETTLES = timedelta(days=30)


def count_years() -> int:
    """Count the years that may have changed; returns how many. Safe to run twice."""
    this = clock.now().astimezone(UTC).year
    settled = {row.year for row in YearlyReturn.objects.all() if row.counted_at >= _begin(row.year + 1) + SETTLES}
    years = [year for year in range(_first_year(this), this + 1) if year not in settled]
    for year in years:
        YearlyReturn.objects.update_or_create(year=year, defaults={**_figures(year), "counted_at": clock.now()})
    return len(years)


def _first_year(this: int) -> int:
    first = RestitutionPage.objects.aggregate(first=Min("at"))["first"]
    return first.astimezone(UTC).year if first else this


def _begin(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=UTC)


def _figures(year: int) -> dict[str, int]:
    begin, end = _begin(year), _begin(year + 1)
    pages = RestitutionPage.objects.filter(at__gte=begin, at__lt=end)
    clearing = pages.filter(restitution__mode=RestitutionMode.CLEAR)
    moved = pages.exclude(restitution__mode=RestitutionMode.CLEAR).aggregate(
        moved=Sum("moved__len", default=0),
        already=Sum("already__len", default=0),
        invited=Sum("invited__len", default=0),
    )
    cleared = clearing.aggregate(cleared=Sum("already__len", default=0))
    back = RestitutionPage.objects.filter(restored_at__gte=begin, restored_at__lt=end)
    undone = FollowerChoice.objects.carried_out().filter(at__gte=begin, at__lt=end).count()
    return {**moved, **cleared, **back.aggregate(restored=Sum("restored", default=0)), "undone": undone}
