"""Which follows a copy attracted, and how large a page is; tables and properties, without a database."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.restitution import attribution
from complaints.states import RestitutionMode
from complaints.tests.restitutions import PUBLISHED
from portal.platforms import Work

DAY = timedelta(days=1)
UNTIL = PUBLISHED + 30 * DAY


def works(*days: int) -> list[Work]:
    return [Work(str(n), "7", "Film", "", PUBLISHED + day * DAY) for n, day in enumerate(days)]


@pytest.mark.parametrize(
    ("days", "upheld", "share", "since"),
    [
        ((0,), {"0"}, 1.0, 0),
        ((0, 1, 2, 3, 4), {"0", "1", "2", "3"}, 0.8, 0),
        ((0, 1, 2, 3, 4), {"0", "1", "2"}, 0.6, None),
        ((-9, -8, -7, 5), {"3"}, 1.0, 5),  # what came before the first copy does not count
        ((0, 31), {"0"}, 1.0, 0),  # nor what came after the restriction
        ((0, 30), {"0"}, 1.0, 0),
        ((0, 0), {"0"}, 0.5, None),
        ((0,), {"9"}, 0.0, None),  # the copy is not among the account's works any more
        ((), {"9"}, 0.0, None),
    ],
)
def test_follows_of_unknown_origin_count_only_where_hardly_anything_else_was(
    days: tuple[int, ...], upheld: set[str], share: float, since: int | None
) -> None:
    found = attribution.attributable_follows(published=works(*days), upheld=upheld, disputed=(), until=UNTIL)
    assert found.share == share
    assert found.unknown_from == (None if since is None else PUBLISHED + since * DAY)
    assert (set(found.work_ids), found.until) == (upheld, UNTIL)


def test_a_work_that_is_listed_twice_counts_once() -> None:
    for published in (works(0, 1), [*works(0, 1), *works(0, 1)]):
        found = attribution.attributable_follows(published=published, upheld={"0", "1"}, disputed=(), until=UNTIL)
        assert (found.share, found.unknown_from, len(found.shown_at)) == (1.0, PUBLISHED, 2)


@given(days=st.lists(st.integers(-5, 40), max_size=12), chosen=st.sets(st.integers(0, 11)), more=st.integers(0, 29))
def test_another_work_of_its_own_never_makes_more_follows_attributable(
    days: list[int], chosen: set[int], more: int
) -> None:
    upheld = {str(one) for one in chosen if one < len(days)}
    few = attribution.attributable_follows(published=works(*days), upheld=upheld, disputed=(), until=UNTIL)
    many = attribution.attributable_follows(published=works(*days, more), upheld=upheld, disputed=(), until=UNTIL)
    assert many.share <= few.share
    assert few.unknown_from is not None or many.unknown_from is None


@pytest.mark.parametrize(
    ("mode", "served", "running", "work", "refused"),
    [
        (RestitutionMode.MOVE, True, False, "1", ""),
        (RestitutionMode.OFF, True, False, "1", "in the region of this account"),
        (RestitutionMode.CLEAR, True, False, "1", ""),
        (RestitutionMode.CLEAR, False, False, "1", "follows gained through a copy are ended and nobody is moved"),
        (RestitutionMode.INVITE, True, False, "1", ""),
        (RestitutionMode.INVITE, False, False, "1", "followers are asked before they are moved"),
        (RestitutionMode.MOVE, False, False, "1", "on this platform"),
        (RestitutionMode.MOVE, True, True, "1", "already"),
        (RestitutionMode.MOVE, True, False, "", "not a work of this account"),
    ],
)
def test_what_stands_against_a_restitution(mode: str, work: str, refused: str, *, served: bool, running: bool) -> None:
    reason = attribution.restitution_refusal(mode=mode, served=served, running=running, work=work)
    assert (refused in str(reason)) if refused else reason is None


@given(batch=st.integers(1_000, 50_000), seconds=st.floats(0, 100))
def test_pages_tend_to_the_time_they_shall_take(batch: int, seconds: float) -> None:
    after = attribution.next_page_size(batch, seconds)
    assert 1_000 <= after <= 50_000
    assert batch / 2 - 1 <= after <= batch * 2 + 1
    assert after >= batch or seconds >= attribution.PAGE_SECONDS
    assert after <= batch or seconds <= attribution.PAGE_SECONDS


def test_a_called_page_stays_large_while_it_waits_for_its_turn() -> None:
    batch = 5_000
    for _ in range(10):
        batch = attribution.next_called_page_size(batch, 2.0)
    assert batch == attribution.LARGEST_PAGE
    assert attribution.next_called_page_size(batch, 8.0) == batch / 2
