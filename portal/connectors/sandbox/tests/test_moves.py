"""Properties of moving and restoring, over random crowds and what they do in between."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import hypothesis.strategies as some
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings

from portal import clock
from portal.connectors.sandbox.connector import SandboxPlatform
from portal.platforms.contract.stage import LATER, LONG_AGO, PUBLISHED, move_all_pages, restore_all_pages
from portal.platforms.orders import MovedPage, MoveOrder
from portal.sandbox.actions import follows, profile
from portal.sandbox.models import Account, Answer, Block, Follow, Post
from portal.sandbox.tests.stage import SandboxStage

pytestmark = pytest.mark.django_db
quickly = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

SOURCE, TARGET, FIRST_VIEWER = 1, 2, 10
COPY, OTHER, DISPUTED = 1, 2, 3
POSTS = {"copy": COPY, "other": OTHER, "disputed": DISPUTED}
# How one follower came to the source, who they are, and what ties them to the target.
FAN = some.fixed_dictionaries(
    {
        "came": some.sampled_from(["copy", "copy", "copy", "other", "disputed", "profile", "unknown"]),
        "late": some.booleans(),
        "is": some.sampled_from(["", "", "", "", "bot", "minor", "closed", "opted_out"]),
        "block": some.sampled_from(["", "", "", "block", "mute", "refused"]),
        "follows_target": some.booleans(),
        "confirmed": some.sampled_from([False, False, True]),
        "moved_before": some.booleans(),
    }
)
CROWD = some.lists(FAN, max_size=12)
ACTS = some.lists(
    some.tuples(
        some.sampled_from(["follow", "unfollow", "confirm", "close", "return"]),
        some.sampled_from([SOURCE, TARGET]),
        some.integers(0, 11),
    ),
    max_size=10,
)
WORKS: dict[str, Any] = {"work_ids": (str(COPY), str(DISPUTED)), "disputed_work_ids": (str(DISPUTED),)}
ORDER = MoveOrder("order:1", str(SOURCE), str(TARGET), until=LATER, unknown_since=(PUBLISHED,), **WORKS)
CLEARING = replace(ORDER, effect="clear")
connector = SandboxPlatform()


@contextmanager
def platform(crowd: list[dict[str, Any]]) -> Iterator[SandboxStage]:
    """The crowd, for the time of one example."""
    with transaction.atomic():
        for pk, handle in ((SOURCE, "copier"), (TARGET, "author")):
            Account.objects.create(pk=pk, handle=handle, name=handle)
        for pk in POSTS.values():
            Post.objects.create(pk=pk, account_id=SOURCE, title="A film", published_at=PUBLISHED)
        fans = list(enumerate(crowd))
        Account.objects.bulk_create([_viewer(number, fan) for number, fan in fans])
        Follow.objects.bulk_create([_follow(number, fan) for number, fan in fans])
        own = [number for number, fan in fans if fan["follows_target"]]
        Follow.objects.bulk_create(
            [
                Follow(account_id=TARGET, follower_id=_id(number), created_at=LONG_AGO, source_kind="profile")
                for number in own
            ]
        )
        Block.objects.bulk_create([_block(number, fan["block"]) for number, fan in fans if fan["block"]])
        yield SandboxStage()
        transaction.set_rollback(True)


def _id(number: int) -> int:
    return FIRST_VIEWER + number


def _at(number: int, fan: dict[str, Any]) -> datetime:
    return PUBLISHED + timedelta(days=100 if fan["late"] else 1, microseconds=number)


def _viewer(number: int, fan: dict[str, Any]) -> Account:
    return Account(
        pk=_id(number),
        handle=f"viewer-{number}",
        name="Viewer",
        is_bot=fan["is"] == "bot",
        is_minor_closed=fan["is"] == "minor",
        is_opted_out=fan["is"] == "opted_out",
        closed_at=_at(number, fan) if fan["is"] == "closed" else None,
    )


def _block(number: int, how: str) -> Block:
    if how == "refused":
        return Block(account_id=_id(number), by_id=TARGET)
    return Block(account_id=TARGET, by_id=_id(number), mutes_only=how == "mute")


def _follow(number: int, fan: dict[str, Any]) -> Follow:
    return Follow(
        account_id=SOURCE,
        follower_id=_id(number),
        created_at=_at(number, fan),
        post_id=POSTS.get(fan["came"]),
        source_kind="post" if fan["came"] in POSTS else fan["came"].replace("unknown", ""),
        confirmed_at=LATER if fan["confirmed"] else None,
        order_key="order:0" if fan["moved_before"] else "",
    )


def rows() -> set[tuple[Any, ...]]:
    """Every follow with everything in it."""
    names = ("account_id", "follower_id", "created_at", "post_id", "source_kind", "confirmed_at", "order_key")
    return set(Follow.objects.values_list(*names))


def fate(fan: dict[str, Any], *, clears: bool = False) -> str:
    """What the rules say must become of a follower; written apart from the statement on purpose."""
    by_time = fan["came"] == "unknown" and not fan["late"]
    if not (fan["came"] in {"copy", "disputed"} or by_time):
        return "passed"
    reasons = {
        "blocked": bool(fan["block"]),
        "closed": fan["is"] == "closed",
        "bot": fan["is"] == "bot",
        "minor": fan["is"] == "minor",
        "confirmed": fan["confirmed"],
        "disputed": fan["came"] == "disputed",
        "opted_out": fan["is"] == "opted_out",
        "already": clears or fan["follows_target"],
    }
    return next((reason for reason, holds in reasons.items() if holds), "moved")


@given(CROWD, some.integers(1, 6))
@quickly
def test_everybody_meets_the_fate_that_the_rules_give(crowd: list[dict[str, Any]], limit: int) -> None:
    with platform(crowd):
        before = rows()
        pages = move_all_pages(connector, ORDER, limit=limit)
        told: dict[int, str] = {}
        for page in pages:
            told |= dict.fromkeys(page.moved, "moved") | dict.fromkeys(page.already, "already")
            told |= {follower: reason for reason, found in page.excluded.items() for follower in found}
        fates = {_id(number): fate(fan) for number, fan in enumerate(crowd)}
        assert told == {follower: what for follower, what in fates.items() if what != "passed"}
        assert sum(page.passed for page in pages) == list(fates.values()).count("passed")
        moved = {(TARGET, *row[1:6], ORDER.key) for row in before if (row[0], told.get(row[1])) == (SOURCE, "moved")}
        stay = {row for row in before if row[0] == TARGET or told.get(row[1], "") not in {"moved", "already"}}
        assert rows() == moved | stay


@given(CROWD, some.integers(1, 6))
@quickly
def test_a_move_taken_back_leaves_no_trace(crowd: list[dict[str, Any]], limit: int) -> None:
    with platform(crowd):
        before = rows()
        pages = move_all_pages(connector, ORDER, limit=limit)
        after = rows()
        assert move_all_pages(connector, ORDER, limit=limit) == pages
        assert rows() == after
        back = restore_all_pages(connector, ORDER, pages)
        assert sum(page.restored for page in back) == sum(len(page.moved) + len(page.already) for page in pages)
        assert rows() == before
        assert restore_all_pages(connector, ORDER, pages) == back
        assert rows() == before


@given(CROWD, some.integers(1, 6))
@quickly
def test_clearing_ends_what_the_rules_let_go_and_gives_it_back(crowd: list[dict[str, Any]], limit: int) -> None:
    with platform(crowd):
        before = rows()
        pages = move_all_pages(connector, CLEARING, limit=limit)
        fates = {_id(number): fate(fan, clears=True) for number, fan in enumerate(crowd)}
        ended = {follower for page in pages for follower in page.already}
        assert ended == {follower for follower, what in fates.items() if what == "already"}
        assert all(not page.moved for page in pages)
        assert rows() == {row for row in before if row[0] == TARGET or row[1] not in ended}
        back = restore_all_pages(connector, CLEARING, pages)
        assert sum(page.restored for page in back) == len(ended)
        assert rows() == before


@given(CROWD, some.integers(1, 6), ACTS)
@quickly
def test_no_choice_after_clearing_is_lost(
    crowd: list[dict[str, Any]], limit: int, acts: list[tuple[str, int, int]]
) -> None:
    with platform(crowd) as stage:
        before = stage.edges()
        pages = move_all_pages(connector, CLEARING, limit=limit)
        ended = {follower for page in pages for follower in page.already}
        acted = {_id(number) for what, account_id, number in acts if _act(what, account_id, number, order=CLEARING)}
        between = stage.edges()
        back = restore_all_pages(connector, CLEARING, pages)
        asked = sum(page.restored + len(page.overridden) + len(page.missing) for page in back)
        assert asked == len(ended)
        source = {edge for edge in before if edge.account_id == str(SOURCE) and edge.follower_id in ended - acted}
        assert source <= stage.edges()
        assert between <= stage.edges()
        assert {edge.follower_id for edge in stage.edges() - between} <= ended


@given(CROWD, some.integers(1, 6), ACTS)
@quickly
def test_no_choice_of_a_follower_is_lost(
    crowd: list[dict[str, Any]], limit: int, acts: list[tuple[str, int, int]]
) -> None:
    with platform(crowd) as stage:
        before = stage.edges()
        pages = move_all_pages(connector, ORDER, limit=limit)
        chosen = {_id(number) for what, account_id, number in acts if _act(what, account_id, number)}
        between, moved = stage.edges(), _moved()
        back = restore_all_pages(connector, ORDER, pages)
        asked = sum(len(page.moved) + len(page.already) for page in pages)
        assert sum(page.restored + len(page.overridden) + len(page.missing) for page in back) == asked
        kept = {edge for edge in between if edge.follower_id in chosen}
        quiet = {edge for edge in before if edge.follower_id not in chosen and edge.account_id == str(SOURCE)}
        own = {edge for edge in between if edge.follower_id not in chosen | moved and edge.account_id == str(TARGET)}
        assert stage.edges() == kept | quiet | own


@given(CROWD, some.integers(1, 6))
@quickly
def test_a_preview_says_what_the_page_then_comes_to(crowd: list[dict[str, Any]], limit: int) -> None:
    with platform(crowd):
        cursor: int | None = 0
        while cursor is not None:
            before = rows()
            seen = connector.preview_followers(ORDER, cursor=cursor, limit=limit)
            assert (rows(), seen.restore_data) == (before, "")
            page = connector.move_followers(ORDER, cursor=cursor, limit=limit)
            assert _comparable(seen) == _comparable(page)
            cursor = page.cursor


def _comparable(page: MovedPage) -> MovedPage:
    """The page without its data for restoring, and with the followers of each ground in order."""
    by_work = {work: sorted(some) for work, some in page.by_work.items()}
    by_time = {at: sorted(some) for at, some in page.by_time.items()}
    return replace(page, restore_data="", by_work=by_work, by_time=by_time)


def _moved() -> set[int]:
    return set(Follow.objects.filter(order_key=ORDER.key).values_list("follower_id", flat=True))


def _act(what: str, account_id: int, number: int, *, order: MoveOrder = ORDER) -> bool:
    """One follower does something; tells whether it is a choice that must stand, or closes their account."""
    by = Account.objects.filter(pk=_id(number), closed_at=None).first()
    if by is None:
        return False
    account = Account.objects.get(pk=account_id)
    row = Follow.objects.filter(account=account, follower=by).first()
    by_order = row is not None and row.order_key == ORDER.key
    with clock.freeze_time(LATER):
        match what:
            case "close":
                profile.close_sandbox_account(by=by)
            case "return":
                return connector.return_follower(order, by.pk)
            case "follow":
                follows.follow_account(account=account, by=by)
                return row is None or by_order
            case "confirm" if row is not None:
                follows.confirm_follow(account=account, by=by)
                return by_order or account_id == SOURCE
            case "unfollow" if row is not None:
                follows.unfollow_account(account=account, by=by)
    return what == "close" or (what == "unfollow" and row is not None)


def test_a_page_writes_by_few_queries(django_assert_num_queries: Any) -> None:
    fan = {"late": False, "is": "", "block": "", "confirmed": False, "moved_before": False, "came": "copy"}
    crowd = [fan | {"follows_target": number % 2 == 0} for number in range(12)]
    # Two accounts, the kept answer, where the page ends, the move, the answer; and the savepoint around them.
    with platform(crowd), django_assert_num_queries(8):
        connector.move_followers(ORDER, cursor=0, limit=100)
    assert not Answer.objects.exists()
