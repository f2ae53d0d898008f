"""Followers who act at the very moment when a page is moved."""

import random
import threading
from contextlib import suppress
from functools import partial

import pytest
from django.db import transaction

from portal.connectors.sandbox.connector import SandboxPlatform
from portal.platforms.contract.stage import LATER, ORDER, move_all_pages, restore_all_pages
from portal.platforms.orders import MovedPage, MoveOrder
from portal.platforms.protocol import PlatformError
from portal.sandbox.actions import follows
from portal.sandbox.models import Account, Follow, Post
from portal.sandbox.races import ConcurrentChange, retry_on_race
from portal.testing.concurrency import at_once, in_background

FANS, ACTIVE = 300, 60
connector = SandboxPlatform()


@pytest.mark.django_db(transaction=True)
def test_live_choices_and_a_move_do_not_lose_each_other() -> None:
    source, target = (Account.objects.create(handle=handle, name=handle) for handle in ("copier", "author"))
    copy = Post.objects.create(account=source, title="A film")
    fans = Account.objects.bulk_create(Account(handle=f"viewer-{n:03}", name="V") for n in range(FANS))
    Follow.objects.bulk_create(Follow(account=source, follower=fan, post=copy, source_kind="post") for fan in fans)
    order = MoveOrder(ORDER, str(source.pk), str(target.pk), (str(copy.pk),), LATER)
    last: dict[int, str] = {}
    lives = [partial(_live, half, source, target, last) for half in _halves(fans)]
    pages = at_once(partial(_move_as_jobs_do, order), *lives)[0]
    assert isinstance(pages, list)
    quiet = {fan.pk for fan in fans} - set(last)
    assert quiet <= {pk for page in pages for pk in page.moved}
    restore_all_pages(connector, order, pages)
    own = {(row.account_id, row.follower_id) for row in Follow.objects.all()}
    for fan, act in last.items():
        # Who left the source is not brought back to it; who followed the target stays with it.
        assert act == "follow target" or (source.pk, fan) not in own
        assert act == "leave source" or (target.pk, fan) in own
    assert {(source.pk, fan) for fan in quiet} <= own


def _move_as_jobs_do(order: MoveOrder) -> list[MovedPage]:
    """Every page of an order; what the platform refuses for the moment is asked for again under the same key."""
    for _attempt in range(20):
        with suppress(PlatformError):
            return move_all_pages(connector, order, limit=25)
    pytest.fail("the move never ended")


def _halves(fans: list[Account]) -> list[list[Account]]:
    return [fans[:ACTIVE:2], fans[1:ACTIVE:2]]


def _live(fans: list[Account], source: Account, target: Account, last: dict[int, str]) -> None:
    """Each of them chooses once."""
    chance = random.Random(fans[0].pk)  # noqa: S311
    for fan in fans:
        act = chance.choice(["leave source", "follow target", "both"])
        # Both choices in one transaction can meet the page in a deadlock; whoever loses it chooses again.
        retry_on_race(partial(_choose, act, fan, source, target))
        last[fan.pk] = act


def _choose(act: str, fan: Account, source: Account, target: Account) -> None:
    if act != "leave source":
        follows.follow_account(account=target, by=fan)
    if act != "follow target":
        follows.unfollow_account(account=source, by=fan)


@pytest.mark.django_db(transaction=True)
def test_a_follow_that_comes_first_is_found_when_the_page_is_done_again() -> None:
    source, target, fan = (Account.objects.create(handle=h, name=h) for h in ("copier", "author", "viewer"))
    copy = Post.objects.create(account=source, title="A film")
    Follow.objects.create(account=source, follower=fan, post=copy, source_kind="post")
    order = MoveOrder(ORDER, str(source.pk), str(target.pk), (str(copy.pk),), LATER)
    written, go = threading.Event(), threading.Event()

    def live() -> None:
        with transaction.atomic():
            follows.follow_account(account=target, by=fan)
            written.set()
            go.wait(10)

    with in_background(live):
        written.wait(10)
        # The page waits for the follow that is not committed yet, fails on it, and is done again.
        threading.Timer(0.3, go.set).start()
        page = connector.move_followers(order, cursor=0, limit=25)
    assert (list(page.moved), list(page.already)) == ([], [fan.pk])
    assert Follow.objects.get().order_key == ""


@pytest.mark.django_db
def test_what_never_gets_quiet_is_given_up() -> None:
    tries = []

    def work() -> None:
        tries.append(1)
        raise ConcurrentChange

    with pytest.raises(PlatformError):
        retry_on_race(work)
    assert len(tries) == 5


@pytest.mark.django_db(transaction=True)
def test_a_choice_that_is_made_while_the_page_waits_for_it_stands() -> None:
    source, target, fan, other = (Account.objects.create(handle=h, name=h) for h in ("copier", "author", "one", "two"))
    copy = Post.objects.create(account=source, title="A film")
    for one in (fan, other):
        Follow.objects.create(account=source, follower=one, post=copy, source_kind="post")
    order = MoveOrder(ORDER, str(source.pk), str(target.pk), (str(copy.pk),), LATER)
    written, go = threading.Event(), threading.Event()

    def live() -> None:
        with transaction.atomic():
            follows.confirm_follow(account=source, by=fan)
            written.set()
            go.wait(10)

    with in_background(live):
        written.wait(10)
        # The page has judged the follow as it was before, and waits for its row.
        threading.Timer(0.5, go.set).start()
        page = connector.move_followers(order, cursor=0, limit=10)
    assert (page.moved, page.excluded) == ([other.pk], {"confirmed": [fan.pk]})
    assert Follow.objects.get(follower=fan).account_id == source.pk
