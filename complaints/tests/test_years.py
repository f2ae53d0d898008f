"""The public figures of each year are what the ledger says, follower by follower."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from complaints.actions import controls, follower_choices, restitution_pages, reversals, years
from complaints.models import FollowerChoice, RestitutionPage, YearlyReturn
from complaints.tests import restitutions as make
from complaints.tests.distant import use_distant_platform, work
from portal import clock
from portal.jobs.models import Job
from portal.reviews.tests import factories as reviews
from portal.testing.transactions import rolled_back

pytestmark = pytest.mark.django_db
NAMES = ("moved", "already", "restored", "undone")


def brute_force(year: int) -> dict[str, int]:
    """Every follower of every page, one by one."""
    found = dict.fromkeys(NAMES, 0)
    for page in RestitutionPage.objects.all():
        if page.at.astimezone(UTC).year == year:
            found["moved"] += sum(1 for _one in page.moved)
            found["already"] += sum(1 for _one in page.already)
        if page.restored_at is not None and page.restored_at.astimezone(UTC).year == year:
            gone = {*page.overridden, *page.missing}
            found["restored"] += sum(1 for one in (*page.moved, *page.already) if one not in gone)
    for choice in FollowerChoice.objects.filter(calling_key=""):
        found["undone"] += choice.at.astimezone(UTC).year == year
    return found


def figures() -> dict[int, dict[str, int]]:
    return {row.year: {name: getattr(row, name) for name in NAMES} for row in YearlyReturn.objects.all()}


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 2), st.integers(0, 700), st.booleans(), st.booleans()),
        min_size=1,
        max_size=3,
    )
)
def test_each_year_is_the_sum_of_its_pages(
    platform: object, monkeypatch: pytest.MonkeyPatch, told: list[tuple[int, int, int, bool, bool]]
) -> None:
    use_distant_platform(monkeypatch)
    start = datetime(2026, 11, 1, tzinfo=UTC)
    with rolled_back():
        for alone, both, days, undoes, falls in told:
            with clock.freeze_time(start + timedelta(days=days)):
                _return(alone, both, undoes=undoes, falls=falls)
        with clock.freeze_time(start + timedelta(days=1500)):
            YearlyReturn.objects.all().delete()  # Jobs have counted them while the clock went back and forth.
            years.count_years()
            assert figures() == {year: brute_force(year) for year in figures()}
            in_all = [sum(row[name] for row in figures().values()) for name in NAMES]
            assert in_all[0] == sum(len(page.moved) for page in RestitutionPage.objects.all())


def _return(alone: int, both: int, *, undoes: bool, falls: bool) -> None:
    made = make.stage()
    came = make.viewers(alone + both)
    make.follow(made.source, came, post=made.copy, created_at=clock.now() - timedelta(days=1))
    make.follow(made.target, came[alone:], created_at=clock.now() - timedelta(days=1))
    row = work(make.begun(made, batch=2))
    if undoes and came:
        follower_choices.undo_follower_return(restitution=row, follower_id=came[0].pk)
    if falls:
        with clock.freeze_time(clock.now() + timedelta(days=200)):
            reversals.reverse_restitution(row, by=None)
            work(row)


@pytest.mark.usefixtures("sandbox")
def test_a_year_that_is_over_stays_when_its_pages_are_deleted() -> None:
    first, late = datetime(2020, 6, 1, tzinfo=UTC), datetime(2021, 2, 1, tzinfo=UTC)
    YearlyReturn.objects.create(year=2020, moved=74_460_000, counted_at=late)
    YearlyReturn.objects.create(year=2019, moved=5, counted_at=first)
    _page_of(datetime(2019, 12, 31, 23, 59, tzinfo=UTC))
    years.count_years()
    assert {row.year: row.moved for row in YearlyReturn.objects.filter(year__lt=2021)} == {2020: 74_460_000, 2019: 5}
    YearlyReturn.objects.filter(year=2019).update(counted_at=datetime(2019, 12, 31, tzinfo=UTC))
    years.count_years()
    assert YearlyReturn.objects.get(year=2019).moved == 2


def _page_of(at: datetime) -> None:
    row = make.held(make.stage())
    RestitutionPage.objects.create(restitution=row, number=0, moved=[1, 2], at=at)
    type(row).objects.filter(pk=row.pk).update(begun_at=at, ended_at=at)


def test_a_return_counts_soon_after_it_has_ended_and_not_before(
    monkeypatch: pytest.MonkeyPatch, platform: object
) -> None:
    use_distant_platform(monkeypatch)
    made = make.stage()
    came = make.viewers(3)
    make.follow(made.source, came, post=made.copy)
    row, year = make.begun(made, batch=2), clock.now().astimezone(UTC).year
    restitution_pages.move_page(row.pk)
    years.count_years()
    assert figures()[year]["moved"] == 0
    row = work(work(row), after=timedelta(minutes=3))
    assert (row.state, figures()[year]["moved"]) == ("done", 3)
    follower_choices.undo_follower_return(restitution=row, follower_id=came[0].pk)
    work(row, after=timedelta(hours=3))
    assert figures()[year]["undone"] == 1
    with clock.freeze_time(clock.now() + timedelta(hours=6)):
        reversals.reverse_restitution(row, by=None)
        restitution_pages.restore_page(row.pk)
        years.count_years()
        assert figures()[year] == {"moved": 3, "already": 0, "restored": 0, "undone": 1}
        work(work(row), after=timedelta(minutes=3))
        assert figures()[year]["restored"] == 2


def test_a_year_is_counted_again_when_a_return_of_it_ends_long_after(
    monkeypatch: pytest.MonkeyPatch, platform: object
) -> None:
    use_distant_platform(monkeypatch)
    made = make.stage()
    make.follow(made.source, make.viewers(3), post=made.copy)
    with clock.freeze_time(datetime(2026, 12, 20, tzinfo=UTC)):
        row = make.begun(made, batch=2)
        restitution_pages.move_page(row.pk)
        controls.pause_restitution(
            restitution=make.fresh(row), by=reviews.senior(), reason="The platform asks for time."
        )
    with clock.freeze_time(datetime(2027, 3, 1, tzinfo=UTC)):
        years.count_years()
        assert figures()[2026]["moved"] == 0
        controls.resume_restitution(
            restitution=make.fresh(row), by=reviews.senior(), reason="The platform has had time."
        )
        work(row)
        years.count_years()
        assert (figures()[2026]["moved"], figures()[2027]["moved"]) == (2, 1)


def test_undos_within_an_hour_ask_for_one_count() -> None:
    for _each in range(3):
        years.ask_recount(years.UNDOS_WITHIN)
    assert Job.objects.filter(kind=years.RECOUNT_YEARS).count() == 1


def test_everybody_reads_the_figures(client: Client) -> None:
    address = reverse("complaints:yearly_returns")
    assert "No followers have been returned yet." in client.get(address).content.decode()
    YearlyReturn.objects.create(year=2026, moved=74_460_000, counted_at=clock.now())
    assert "74,460,000" in client.get(address).content.decode()
