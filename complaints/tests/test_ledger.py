"""Followers move, take it back and are given back, on random graphs and page sizes: the ledger adds up, the edges are exact."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from django.conf import settings as project
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from complaints.actions import follower_choices, restitution_pages, restitutions, reversals
from complaints.models import Complaint, Restitution, RestitutionPage
from complaints.restitution import attribution
from complaints.states import RestitutionState
from complaints.tests import restitutions as make
from complaints.tests.restitutions import PUBLISHED, Edge, Stage
from portal import clock
from portal.audit import trail
from portal.errors import Conflict, NotAllowed
from portal.jobs import runner
from portal.jobs.models import Job
from portal.reviews.tests import factories as reviews
from portal.sandbox.actions import follows
from portal.sandbox.models import Account, Block, Follow, Post
from portal.testing.sandbox_inboxes import delivered_notices
from portal.testing.transactions import rolled_back

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]
# Every example is taken back by a savepoint, so that the fixture of the database may serve them all.
examples = settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
ORIGINS = ("copy", "second copy", "other", "profile", "unknown", "unknown before")


class Person(NamedTuple):
    """How one follower of the source follows, and what stands in the way of moving them."""

    origin: str
    both: bool
    stays: str


people = st.lists(
    st.builds(
        Person,
        origin=st.sampled_from(ORIGINS),
        both=st.booleans(),
        stays=st.sampled_from(("", "", "", "blocked", "muted", "refused", "bot", "minor", "closed", "confirmed")),
    ),
    max_size=12,
)
sizes = st.lists(st.integers(1, 7), min_size=1, max_size=6)


class Graph(NamedTuple):
    stage: Stage
    followers: list[Account]
    known: Sequence[Person]
    mostly_copies: bool

    def verdict(self, person: Person) -> str:
        """Written anew from the rules, not with the statement that moves."""
        attributable = person.origin in {"copy", "second copy"} or (person.origin == "unknown" and self.mostly_copies)
        if not attributable:
            return "passed"
        if person.stays:
            return {"muted": "blocked", "refused": "blocked"}.get(person.stays, person.stays)
        return "already" if person.both else "moved"

    def verdicts(self) -> Counter[str]:
        return Counter(self.verdict(person) for person in self.known)

    def after_move(self, before: set[Edge]) -> set[Edge]:
        verdicts = {row.pk: self.verdict(person) for row, person in zip(self.followers, self.known, strict=True)}
        source, target = self.stage.source.pk, self.stage.target.pk
        after = set()
        for edge in before:
            verdict = verdicts.get(edge.follower_id) if edge.account_id == source else None
            if verdict != "already":
                after.add(edge._replace(account_id=target) if verdict == "moved" else edge)
        return after


def graph(known: Sequence[Person], *, mostly_copies: bool = True) -> Graph:
    """The sandbox as told, with an earlier upheld copy; that somebody else complains of it, too, holds up nothing yet."""
    hour = timedelta(hours=1)
    stage = make.stage(other_at=PUBLISHED - hour if mostly_copies else PUBLISHED + hour)
    second = make.post(stage.source, at=PUBLISHED + hour)
    make.complaint(stage, copy=second)
    make.complaint(stage, copy=second, state="screening", by=reviews.person())
    followers = [_viewer(stage, person, second) for person in known]
    return Graph(stage, followers, known, mostly_copies)


def _viewer(stage: Stage, person: Person, second: Post) -> Account:
    flags: dict[str, Any] = {"is_bot": person.stays == "bot", "is_minor_closed": person.stays == "minor"}
    flags |= {"closed_at": PUBLISHED} if person.stays == "closed" else {}
    (row,) = make.viewers(1, **flags)
    post = {"copy": stage.copy, "second copy": second, "other": stage.other}.get(person.origin)
    at = PUBLISHED + timedelta(minutes=row.pk % 50 - 60 * (person.origin == "unknown before"))
    made: dict[str, Any] = {"post": post, "source_kind": "post" if post else "", "created_at": at}
    made |= {"source_kind": "profile"} if person.origin == "profile" else {}
    made |= {"confirmed_at": at} if person.stays == "confirmed" else {}
    make.follow(stage.source, [row], **made)
    if person.both:
        make.follow(stage.target, [row], created_at=at - timedelta(days=9), source_kind="suggested")
    if person.stays in {"blocked", "muted"}:
        Block.objects.create(account=stage.target, by=row, mutes_only=person.stays == "muted")
    if person.stays == "refused":
        Block.objects.create(account=row, by=stage.target)
    return row


@contextmanager
def pages_of(given_sizes: Sequence[int]) -> Iterator[None]:
    """Pages of these sizes in turn, whatever time they take; all is taken back afterwards."""
    turns = 0

    def next_batch(batch: int, seconds: float) -> int:
        nonlocal turns
        turns += 1
        return given_sizes[turns % len(given_sizes)]

    with pytest.MonkeyPatch.context() as patch, rolled_back():
        patch.setattr(attribution, "next_page_size", next_batch)
        yield


def check(row: Restitution) -> Restitution:
    """The ledger adds up at this moment."""
    row = make.fresh(row)
    undone = set(row.choices.carried_out().values_list("follower_id", flat=True))
    assert attribution.ledger_imbalances(row, row.pages.order_by("number"), undone) == []
    return row


def begin(of: Graph, batch: int) -> Restitution:
    return make.begun(of.stage, batch=batch)


def finish(row: Restitution) -> Restitution:
    runner.run_due_jobs()
    return check(row)


def reverse(row: Restitution) -> None:
    """Every finding on which somebody moved is reversed, and the restitution with its own."""
    for complaint in Complaint.objects.filter(borne_grounds__ground__restitution=row).distinct():
        reversals.withdraw_finding(complaint, by=None)
    reversals.reverse_restitution(row, by=None)


def take_back(row: Restitution) -> Restitution:
    reverse(row)
    runner.run_due_jobs()
    return check(row)


@examples
@given(known=people, given_sizes=sizes, mostly=st.booleans())
def test_those_whom_the_copy_attracted_move_and_nobody_else(
    known: list[Person], given_sizes: list[int], *, mostly: bool
) -> None:
    with pages_of(given_sizes):
        made = graph(known, mostly_copies=mostly)
        before = make.edges()
        row = finish(begin(made, given_sizes[0]))
        assert row.state == RestitutionState.DONE
        assert make.edges() == made.after_move(before)
        wanted = made.verdicts()
        assert {"moved": row.moved, "already": row.already, "passed": row.passed, **row.excluded} == {
            "moved": 0, "already": 0, "passed": 0, **wanted
        }  # fmt: skip
        assert row.looked_at == len(known)
        assert row.attributable == len(known) - wanted["passed"]


@examples
@given(known=people, given_sizes=sizes, stop_after=st.integers(0, 12))
def test_full_reversal_restores_every_follow_with_its_time(
    known: list[Person], given_sizes: list[int], stop_after: int
) -> None:
    with pages_of(given_sizes):
        made = graph(known)
        before = make.edges()
        row = begin(made, given_sizes[0])
        for _ in range(stop_after):
            restitution_pages.move_page(row.pk)
            check(row)
        row = take_back(row)
        assert row.state == RestitutionState.REVERSED
        assert make.edges() == before
        assert (row.overridden, row.missing, row.restored) == (0, 0, row.moved + row.already)
        assert row.remedy.state == "lifted"


ACTIONS = ("follow source", "follow target", "unfollow source", "unfollow target", "confirm", "close")


def act(made: Graph, follower: Account, action: str) -> bool:
    """A follower does something on the platform themselves; False where the platform does not let them."""
    accounts = {"source": made.stage.source, "target": made.stage.target}
    verb, _space, which = action.partition(" ")
    follower.refresh_from_db()
    if verb == "close":
        Account.objects.filter(pk=follower.pk).update(closed_at=clock.now())
        return True
    doing: dict[str, Callable[..., None]] = {"follow": follows.follow_account, "unfollow": follows.unfollow_account}
    try:
        with transaction.atomic():
            doing.get(verb, follows.confirm_follow)(account=accounts[which or "source"], by=follower)
    except (Conflict, NotAllowed):
        return False
    return True


def follows_of(made: Graph, follower: Account) -> set[int]:
    ends = [made.stage.source.pk, made.stage.target.pk]
    return set(Follow.objects.filter(follower=follower, account_id__in=ends).values_list("account_id", flat=True))


class Crowd:
    """Followers who act by themselves, at any moment between pages.

    `chosen`: of whom the move had passed already, whether they follow an account by their own last word on it.
    """

    def __init__(self, made: Graph, row: Restitution, dice: random.Random) -> None:
        self.made, self.row, self.dice = made, row, dice
        self.quiet = {follower.pk for follower in made.followers}
        self.chosen: dict[tuple[Account, int], bool] = {}

    def acts(self) -> None:
        if not self.made.followers or self.dice.random() < 0.3:
            return
        follower, action = self.dice.choice(self.made.followers), self.dice.choice(ACTIONS)
        if not act(self.made, follower, action):
            return
        self.quiet.discard(follower.pk)
        row = Restitution.objects.get(pk=self.row.pk)
        if row.state != RestitutionState.MOVING or row.cursor >= follower.pk:
            source, target = self.made.stage.source.pk, self.made.stage.target.pk
            about = {"close": (source, target), "confirm": (source,)}
            for end in about.get(action, (target if action.endswith("target") else source,)):
                self.chosen[follower, end] = end in follows_of(self.made, follower)

    def has_what_it_chose(self) -> bool:
        return all((end in follows_of(self.made, who)) == wanted for (who, end), wanted in self.chosen.items())


@examples
@given(known=people, given_sizes=sizes, dice=st.randoms(use_true_random=False))
def test_whoever_chose_for_themselves_keeps_what_they_chose(
    known: list[Person], given_sizes: list[int], dice: random.Random
) -> None:
    """Actions between pages, after the move and between the pages of the reversal."""
    with pages_of(given_sizes):
        made = graph(known)
        before = make.edges()
        row = begin(made, given_sizes[0])
        crowd = Crowd(made, row, dice)
        while restitution_pages.move_page(row.pk) is not None:
            crowd.acts()
        check(row)
        for _ in range(dice.randint(0, 4)):
            crowd.acts()
        assert all(follows_of(made, one) for one in made.followers if one.pk in crowd.quiet), "nobody is lost"
        reverse(row)
        while restitution_pages.restore_page(row.pk) is not None:
            check(row)
            crowd.acts()
        assert check(row).state in {RestitutionState.REVERSED, RestitutionState.PARTLY_REVERSED}
        assert crowd.has_what_it_chose()
        assert make.edges(of=crowd.quiet) == {edge for edge in before if edge.follower_id in crowd.quiet}


@examples
@given(known=people, given_sizes=sizes, dice=st.randoms(use_true_random=False))
def test_followers_who_press_the_button_are_as_before_and_stay_so(
    known: list[Person], given_sizes: list[int], dice: random.Random
) -> None:
    with pages_of(given_sizes):
        made = graph(known)
        before = make.edges()
        row = finish(begin(made, given_sizes[0]))
        moved = [one for page in row.pages.all() for one in (*page.moved, *page.already)]
        pressed = set(dice.sample(moved, len(moved) // 2))
        for follower in pressed:
            follower_choices.undo_follower_return(restitution=row, follower_id=follower)
            follower_choices.undo_follower_return(restitution=row, follower_id=follower)
        row = check(row)
        assert row.undone == len(pressed)
        # As before, and confirmed by them: no later order moves them again.
        confirmed = make.edges(of=pressed)
        own = {edge for edge in confirmed if edge.account_id == made.stage.source.pk}
        assert all(edge.confirmed_at is not None for edge in own)
        assert {edge._replace(confirmed_at=None) for edge in confirmed} == {
            edge for edge in before if edge.follower_id in pressed
        }
        row = take_back(row)
        assert make.edges(of=pressed) == confirmed
        assert {edge for edge in make.edges() if edge not in confirmed} == {
            edge for edge in before if edge.follower_id not in pressed
        }
        assert row.overridden == len(pressed)
        assert {one for page in row.pages.all() for one in page.overridden} == pressed
        assert row.state == (RestitutionState.PARTLY_REVERSED if pressed else RestitutionState.REVERSED)


CROWD = [Person(origin, both, "") for origin in ORIGINS for both in (True, False)] * 2


def test_a_page_a_job_and_everything_done_again_change_nothing() -> None:
    made = graph(CROWD)
    with pages_of([5]):
        row = begin(made, 5)
        jobs = Job.objects.filter(kind=restitutions.MOVE_FOLLOWERS)
        row = finish(row)
        assert jobs.count() == project.POOL_PROCESSES["restitution"]
        seen = (
            make.edges(),
            RestitutionPage.objects.count(),
            delivered_notices().count(),
            trail.events_of(row.chain).count(),
        )
        Job.objects.update(state="queued", attempts=0)
        runner.run_due_jobs()
        restitution_pages.move_page(row.pk)
        restitution_pages.tell_page(row.pk)
        restitution_pages.restore_page(row.pk)
        restitutions.begin_due_restitutions()
        restitution_pages.resume_abandoned_jobs()
        runner.run_due_jobs()
        again = (
            make.edges(),
            RestitutionPage.objects.count(),
            delivered_notices().count(),
            trail.events_of(row.chain).count(),
        )
        assert again == seen
        row = take_back(row)
        restored = make.edges()
        reversals.reverse_restitution(row, by=None)
        Job.objects.update(state="queued", attempts=0)
        runner.run_due_jobs()
        assert make.edges() == restored
        check(row)


def test_a_page_that_fails_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    made = graph(CROWD)
    row = begin(made, 5)
    restitution_pages.move_page(row.pk)
    before, moved = make.edges(), make.fresh(row).moved

    def fails(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the worker loses its way")

    with monkeypatch.context() as patch:
        patch.setattr(trail, "record_event", fails)
        with pytest.raises(RuntimeError):
            restitution_pages.move_page(row.pk)
    assert make.edges() == before
    assert check(row).moved == moved
    assert finish(row).state == RestitutionState.DONE


def test_the_ledger_of_one_follower_can_be_told_and_does_not_change() -> None:
    made = graph([Person("copy", both=False, stays="")])
    row = finish(begin(made, 5))
    page = row.pages.get()
    assert page.moved == [made.followers[0].pk]
    changes: list[dict[str, Any]] = [{"moved": []}, {"excluded": {"bot": [1]}}, {"passed": 3}]
    for change in changes:
        with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
            row.pages.filter(pk=page.pk).update(**change)
    with pytest.raises(Exception, match="ledger stays"), transaction.atomic():
        row.pages.all().delete()


def test_faults_in_a_ledger_are_found() -> None:
    row = Restitution(moved=3, undone=1)
    pages = [RestitutionPage(number=0, moved=[1, 2]), RestitutionPage(number=1, moved=[2])]
    assert attribution.ledger_imbalances(row, pages, {1}) == ["a follower of page 1 stands in the ledger twice"]
    row.moved, row.undone = 4, 0
    assert attribution.ledger_imbalances(row, pages[:1], {5}) == [
        "moved: 4 is not 2",
        "attributable: 4 is not 2",
        "those who took their move back are not those who were moved",
    ]
    half = RestitutionPage(number=0, moved=[1, 2], restored=1, restored_at=clock.now())
    assert "page 0 was not taken back whole" in attribution.ledger_imbalances(
        Restitution(moved=2, restored=1), [half], ()
    )
