"""Read only: what a page of the ledger and the platform's word on its followers come to."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime

from complaints.models import RestitutionPage
from portal.platforms import FollowState

AGREED, CHANGED, DIFFERING = "agreed", "changed", "differing"


def compare_page(
    page: RestitutionPage, states: Iterable[FollowState], *, undone: Collection[int], begun_at: datetime
) -> Counter[str]:
    """How many followers of a page agree with it, have changed since, or differ.

    `undone` are those who took their move back. Who is in no state has an account that is closed or gone. A follow of
    the source that is older than `begun_at`, when the restitution began, has never ended.
    """
    state_of, moved = {state.follower_id: state for state in states}, set(page.moved)
    settled = {*page.overridden, *page.missing}
    found: Counter[str] = Counter()
    for one in (*page.moved, *page.already):
        state = state_of.get(one)
        if state is None or one in settled:
            found[CHANGED] += 1
        elif page.restored_at is not None or one in undone:
            found[_given_back(state)] += 1
        else:
            found[_kept(state, begun_at, moved=one in moved)] += 1
    return found


def _given_back(state: FollowState) -> str:
    if state.moved:
        return DIFFERING
    return AGREED if state.source_since is not None else CHANGED


def _kept(state: FollowState, begun_at: datetime, *, moved: bool) -> str:
    if state.moved if moved else state.source_since is None:
        return AGREED
    never_ended = state.source_since is not None and state.source_since < begun_at
    return DIFFERING if never_ended else CHANGED
