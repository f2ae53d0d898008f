"""Random histories of complaints, moves, reversals and choices, against a model that says who should follow whom."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from complaints.actions import follower_choices, restitution_pages
from complaints.models import Complaint, Restitution
from complaints.restitution import attribution
from complaints.tests import restitutions as make
from complaints.tests.findings import overturn, restitute, uphold
from complaints.tests.restitutions import PUBLISHED, Stage
from portal.errors import Conflict
from portal.jobs import runner
from portal.sandbox.actions import follows
from portal.sandbox.models import Account, Follow, Post
from portal.testing.transactions import rolled_back

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]
HOUR, WORKS, BATCH = timedelta(hours=1), 3, 3
SHARE = 0.8
_STEPS = ("uphold", "uphold", "restitute", "restitute", "page", "reverse", "reverse", "work", "undo", "leave")
steps = st.lists(st.tuples(st.sampled_from(_STEPS), st.integers(0, 30)), min_size=2, max_size=10)
BEGINNING = [("uphold", 0), ("uphold", 1), ("restitute", 1), ("page", 0)]
# One work was found to be a copy twice before the restitution begins that moves its followers; one of both is reversed.
TWICE_FOUND = [("uphold", 0), ("reverse", 1), ("work", 0), ("restitute", 1), ("work", 0)]
# (which work, or none of the account's; hours since the first one; whether they follow the author as well)
people = st.lists(
    st.tuples(st.integers(-2, WORKS - 1), st.integers(-1, WORKS * 2), st.booleans()), min_size=3, max_size=9
)


@dataclass
class Order:
    """A restitution of the model. `unknown`: times at which follows of unknown origin that it moves may begin."""

    row: Restitution
    owner: int
    works: set[int]
    times: set[datetime]
    runs: bool = True
    cursor: int = 0


@dataclass
class Person:
    """A follower of the model. `place`: "source" or "target", "" for nowhere; `by`: the order and its ground."""

    account: Account
    work: int
    at: datetime
    both: bool
    place: str = "source"
    chosen: bool = False
    by: tuple[Order, int | datetime] | None = None


@dataclass
class World:
    """The sandbox and the model beside it, brought along by the same steps."""

    stage: Stage
    posts: list[Post]
    others: list[datetime]
    crowd: list[Person]
    complaints: list[tuple[Complaint, int]] = field(default_factory=list)
    standing: set[int] = field(default_factory=set)
    orders: list[Order] = field(default_factory=list)

    def upheld(self) -> set[int]:
        return {self.complaints[number][1] for number in self.standing}

    def published(self, works: set[int]) -> list[datetime]:
        return [self.posts[work].published_at for work in works]

    def since(self, works: set[int]) -> datetime | None:
        """The rule: from the first copy on, if copies are 80 % of what was published since then."""
        copies = self.published(works)
        if not copies:
            return None
        shown = [at for at in (*(post.published_at for post in self.posts), *self.others) if at >= min(copies)]
        return min(copies) if len(copies) / len(shown) >= SHARE else None

    def attracted(self, at: datetime) -> bool:
        """Whether any of the findings that stand, alone or together, would attract a follow of this time."""
        upheld = sorted(self.upheld())
        some = (set(works) for size in range(1, len(upheld) + 1) for works in combinations(upheld, size))
        return any(first <= at for first in map(self.since, some) if first is not None)

    def ground(self, order: Order, person: Person) -> int | datetime | None:
        """On what the order moves somebody; None if it does not."""
        if person.work >= 0:
            return person.work if person.work in order.works else None
        if person.work == -2:
            return None
        time = max((at for at in self.times() if at <= person.at), default=None)
        return time if time in order.times else None

    def times(self) -> list[datetime]:
        return [*(post.published_at for post in self.posts), *self.others]

    def page(self, order: Order) -> None:
        here = sorted((one for one in self.crowd if one.place == "source"), key=lambda one: one.account.pk)
        rest = [one for one in here if one.account.pk > order.cursor]
        for person in rest[:BATCH]:
            ground = self.ground(order, person)
            if ground is not None and not person.chosen:
                person.place, person.by = "target", (order, ground)
        order.cursor = rest[BATCH - 1].account.pk if len(rest) > BATCH else order.cursor
        order.runs = len(rest) > BATCH

    def fall(self) -> None:
        """After a reversal: who moved on nothing that stands is where they were."""
        for order in self.orders:
            order.works &= self.upheld()
            order.times = {at for at in order.times if self.attracted(at)}
            order.runs &= order.owner in self.standing
        for person in self.crowd:
            if person.by is not None and not person.chosen:
                order, ground = person.by
                if ground not in order.works and ground not in order.times:
                    person.place, person.by = "source", None


def world(known: Sequence[tuple[int, int, bool]], others: int) -> World:
    stage = make.stage(other_at=PUBLISHED)
    posts = [stage.copy, *(make.post(stage.source, at=PUBLISHED + HOUR * 2 * number) for number in range(1, WORKS))]
    stage.other.delete()
    rest = [PUBLISHED + HOUR * (2 * number + 1) for number in range(others)]
    for at in rest:
        make.post(stage.source, at=at)
    crowd = [_person(stage, posts, *one) for one in known]
    return World(stage, posts, rest, crowd)


def _person(stage: Stage, posts: list[Post], work: int, hours: int, both: bool) -> Person:
    (account,) = make.viewers(1)
    at = PUBLISHED + HOUR * hours + HOUR / 2
    post = posts[work] if work >= 0 else None
    kind = "post" if post else ("profile" if work == -2 else "")
    make.follow(stage.source, [account], post=post, source_kind=kind, created_at=at)
    if both:
        make.follow(stage.target, [account], source_kind="suggested")
    return Person(account, work, at, both)


def step(made: World, name: str, number: int) -> None:
    if name == "uphold":
        work = number % WORKS
        made.complaints.append((uphold(made.stage, made.posts[work]), work))
        made.standing.add(len(made.complaints) - 1)
    elif name == "restitute":
        _restitute(made, number)
    elif name == "page":
        for order in [order for order in made.orders if order.runs][:1]:
            restitution_pages.move_page(order.row.pk)
            made.page(order)
    elif name == "reverse" and made.standing:
        one = sorted(made.standing)[number % len(made.standing)]
        overturn(made.complaints[one][0])
        made.standing.discard(one)
        made.fall()
    elif name == "work":
        _work(made)
    elif name in {"undo", "leave"}:
        _choose(made, name, number)


def _restitute(made: World, number: int) -> None:
    free = [one for one in sorted(made.standing) if one not in {order.owner for order in made.orders}]
    if not free or Restitution.objects.running().exists() or Restitution.objects.taking_back().exists():
        return
    one = free[number % len(free)]
    row = restitute(made.complaints[one][0], batch=BATCH)
    assert row.state == "moving"
    first = made.since(made.upheld())
    times = {at for at in made.times() if first is not None and at >= first}
    made.orders.append(Order(row, one, made.upheld(), times))


def _work(made: World) -> None:
    runner.run_due_jobs()
    for order in made.orders:
        while order.runs:
            made.page(order)


def _choose(made: World, name: str, number: int) -> None:
    moved = [one for one in made.crowd if one.place == "target" and not one.chosen]
    if not moved:
        return
    person = moved[number % len(moved)]
    assert person.by is not None
    if name == "leave":
        follows.unfollow_account(account=made.stage.target, by=person.account)
        person.place, person.both, person.chosen = "", False, True
        return
    try:
        follower_choices.undo_follower_return(restitution=make.fresh(person.by[0].row), follower_id=person.account.pk)
    except Conflict:
        return  # It still runs: nobody was told yet.
    person.place, person.chosen = "source", True


def check(made: World) -> None:
    """Everybody follows whom the model says, and every ledger adds up."""
    for order in made.orders:
        row = make.fresh(order.row)
        undone = set(row.choices.carried_out().values_list("follower_id", flat=True))
        assert attribution.ledger_imbalances(row, row.pages.order_by("number"), undone) == []
        assert not row.pages.to_take_back().exists()
    for person in made.crowd:
        follow = Follow.objects.filter(follower=person.account)
        places = {made.stage.source.pk: "source", made.stage.target.pk: "target"}
        there = {places[one] for one in follow.values_list("account_id", flat=True)}
        assert there == ({person.place} - {""}) | ({"target"} if person.both else set())
        at = follow.filter(account=made.stage.source).values_list("created_at", flat=True).first()
        assert at in {None, person.at}


@contextmanager
def small_pages() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch, rolled_back():
        patch.setattr(attribution, "next_page_size", lambda batch, _seconds: batch)
        yield


@settings(
    max_examples=20,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(known=people, others=st.integers(0, 2), history=steps)
@example(known=[(0, 1, False)] * 5, others=0, history=[*TWICE_FOUND, ("reverse", 0)])
@example(known=[(0, 1, False)] * 5, others=0, history=[*TWICE_FOUND, ("reverse", 1)])
def test_whoever_moved_on_a_finding_that_stands_stays_and_nobody_else(
    known: list[tuple[int, int, bool]], others: int, history: list[tuple[str, int]]
) -> None:
    with small_pages():
        made = world(known, others)
        for name, number in [*BEGINNING, *history]:
            step(made, name, number)
        _work(made)
        check(made)
        for one in sorted(made.standing):
            step(made, "reverse", one)
        _work(made)
        assert not [person for person in made.crowd if person.place == "target" and not person.chosen]
        check(made)
