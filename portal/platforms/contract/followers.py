"""Moving followers."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from portal.platforms.contract.stage import (
    ALL,
    LATER,
    LONG_AGO,
    PUBLISHED,
    CopyCase,
    Stage,
    declared,
    move_all_pages,
)
from portal.platforms.orders import EXCLUSIONS, MovedPage, RestorePage
from portal.platforms.protocol import Connector, PlatformError, Unknown

SOON = PUBLISHED + timedelta(hours=1)


class Followers:
    """The part of the contract about moving followers."""

    @pytest.fixture
    def case(self, stage: Stage) -> CopyCase:
        source, target = stage.account("copier"), stage.account("author")
        return CopyCase(source, target, stage.work(source, at=PUBLISHED), stage.work(source, at=PUBLISHED))

    @pytest.fixture
    def fan(self, stage: Stage, case: CopyCase) -> Callable[[], int]:
        """Makes followers who came by the copy."""

        def make() -> int:
            follower = stage.viewer()
            stage.follow(case.source, follower, at=SOON, work_id=case.copy)
            return follower

        return make

    def test_who_came_by_the_copy_is_moved_with_everything(
        self, connector: Connector, stage: Stage, case: CopyCase
    ) -> None:
        follower = stage.viewer()
        at = SOON + timedelta(microseconds=123_457)
        stage.follow(case.source, follower, at=at, work_id=case.copy)
        (before,) = stage.edges()
        (page,) = move_all_pages(declared(connector.followers), case.order())
        assert list(page.moved) == [follower]
        assert stage.edges() == {before._replace(account_id=case.target)}

    def test_who_came_otherwise_stays(self, connector: Connector, stage: Stage, case: CopyCase) -> None:
        by_other, by_profile, unknown = (stage.viewer() for _ in range(3))
        stage.follow(case.source, by_other, at=SOON, work_id=case.other)
        stage.follow(case.source, by_profile, at=SOON, kind="profile")
        stage.follow(case.source, unknown, at=SOON)
        before = stage.edges()
        (page,) = move_all_pages(declared(connector.followers), case.order())
        assert (page.moved, page.already, dict(page.excluded), page.passed) == ([], [], {}, 3)
        assert stage.edges() == before

    def test_of_whom_nothing_is_known_the_time_decides(
        self, connector: Connector, stage: Stage, case: CopyCase
    ) -> None:
        moment = timedelta(microseconds=1)
        times = [PUBLISHED - moment, PUBLISHED, LATER - moment, LATER]
        viewers = [stage.viewer() for _ in range(5)]
        for follower, at in zip(viewers, times, strict=False):
            stage.follow(case.source, follower, at=at)
        stage.follow(case.source, viewers[4], at=SOON, kind="profile")
        (page,) = move_all_pages(declared(connector.followers), case.order(unknown_since=(PUBLISHED,)))
        assert list(page.moved) == viewers[1:3]
        assert page.passed == 3

    def test_who_came_by_the_copy_is_moved_whenever_that_was(
        self, connector: Connector, stage: Stage, case: CopyCase
    ) -> None:
        viewers = [stage.viewer() for _ in range(2)]
        for follower, at in zip(viewers, (LONG_AGO, LATER + timedelta(days=1)), strict=True):
            stage.follow(case.source, follower, at=at, work_id=case.copy)
        (page,) = move_all_pages(declared(connector.followers), case.order(unknown_since=(PUBLISHED,)))
        assert list(page.moved) == viewers

    def test_each_follow_that_ends_says_why_it_was_attributable(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        moved, both = fan(), fan()
        first, second, both_then = (stage.viewer() for _ in range(3))
        for follower, at in ((first, PUBLISHED), (second, LATER - timedelta(hours=1)), (both_then, SOON)):
            stage.follow(case.source, follower, at=at)
        for follower in (both, both_then):
            stage.follow(case.target, follower, at=LONG_AGO)
        stage.follow(case.source, stage.viewer(), at=SOON, work_id=case.other)
        (page,) = move_all_pages(declared(connector.followers), case.order(unknown_since=(PUBLISHED, SOON)))
        assert {work: sorted(rows) for work, rows in page.by_work.items()} == {case.copy: [moved, both]}
        assert {at: sorted(rows) for at, rows in page.by_time.items()} == {
            PUBLISHED: [first],
            SOON: [second, both_then],
        }

    def test_some_of_a_page_are_taken_back_and_then_the_others(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        fans = [fan() for _ in range(6)]
        for follower in fans[:2]:
            stage.follow(case.target, follower, at=LONG_AGO)
        before, served = stage.edges(), declared(connector.followers)
        (page,) = move_all_pages(served, case.order())
        assert served.restore_followers(case.order(), RestorePage(fans[2:4], fans[:1], page.restore_data)).restored == 3
        assert {edge.follower_id for edge in stage.edges() if edge.account_id == case.source} == {*fans[2:4], fans[0]}
        rest = RestorePage(fans[4:], fans[1:2], page.restore_data)
        assert [served.restore_followers(case.order(), rest).restored for _ in range(2)] == [3, 3]
        assert stage.edges() == before

    def test_each_exclusion_keeps_a_follower(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        blocked, muted, closed, confirmed, disputed = (fan() for _ in range(5))
        refused, muted_by_target, both_ways = (fan() for _ in range(3))
        bot, minor = stage.viewer(is_bot=True), stage.viewer(is_minor_closed=True)
        for follower in (bot, minor, int(case.target)):
            stage.follow(case.source, follower, at=SOON, work_id=case.copy)
        stage.block(case.target, blocked)
        stage.block(case.target, muted, mutes_only=True)
        stage.block(refused, case.target)
        stage.block(muted_by_target, case.target, mutes_only=True)
        stage.block(both_ways, case.target)
        stage.block(case.target, both_ways)
        stage.close(closed)
        stage.confirm(case.source, confirmed)
        before = stage.edges()
        order = case.order(disputed=[case.copy])
        (page,) = move_all_pages(declared(connector.followers), order)
        assert {reason: list(rows) for reason, rows in page.excluded.items()} == {
            "blocked": [blocked, muted, refused, muted_by_target, both_ways],
            "is_target": [int(case.target)],
            "closed": [closed],
            "bot": [bot],
            "minor": [minor],
            "confirmed": [confirmed],
            "disputed": [disputed],
        }
        assert (page.moved, page.already, page.passed) == ([], [], 0)
        assert stage.edges() == before

    def test_the_first_reason_is_told(self, connector: Connector, stage: Stage, case: CopyCase) -> None:
        follower = stage.viewer(is_bot=True, is_minor_closed=True)
        stage.follow(case.source, follower, at=SOON, work_id=case.copy)
        stage.confirm(case.source, follower)
        stage.follow(case.target, follower, at=SOON)
        (page,) = move_all_pages(declared(connector.followers), case.order(disputed=[case.copy]))
        assert {reason: list(rows) for reason, rows in page.excluded.items()} == {"bot": [follower]}
        assert set(page.excluded) <= set(EXCLUSIONS)

    def test_blocking_or_following_others_does_not_matter(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        follower, third = fan(), stage.account("third")
        stage.follow(third, follower, at=SOON)
        stage.block(third, follower)
        stage.block(case.source, follower)
        stage.block(follower, third)
        stage.block(follower, case.source)
        (page,) = move_all_pages(declared(connector.followers), case.order())
        assert list(page.moved) == [follower]

    def test_who_follows_both_follows_the_target_as_before(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        follower = fan()
        stage.follow(case.target, follower, at=LONG_AGO, kind="profile")
        before = stage.edges()
        (page,) = move_all_pages(declared(connector.followers), case.order())
        assert (list(page.already), list(page.moved)) == ([follower], [])
        assert stage.edges() == {edge for edge in before if edge.account_id == case.target}

    def test_pages_follow_each_other(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        fans = [fan() for _ in range(7)]
        pages = move_all_pages(declared(connector.followers), case.order(), limit=3)
        assert [list(page.moved) for page in pages] == [fans[:3], fans[3:6], fans[6:]]
        assert [page.cursor for page in pages] == [fans[2], fans[5], None]

    def test_ranges_hold_everybody_once_and_pages_stay_within_theirs(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        served, fans = declared(connector.followers), [fan() for _ in range(7)]
        if served.ranges_at_once() == 1:
            pytest.skip("moves pages one after the other")
        bounds = list(served.follower_ranges(case.source, parts=2))
        assert len(bounds) == 1
        assert bounds[0] in fans[2:5]
        moved: list[list[int]] = []
        for after, last in ((bounds[0], None), (0, bounds[0])):
            cursor: int | None = after
            while cursor is not None:
                page = served.move_followers(case.order(), cursor=cursor, limit=2, last=last)
                cursor = page.cursor
                moved.append(list(page.moved))
        assert sorted(one for page in moved for one in page) == fans
        assert all(page for page in moved)
        assert {edge.account_id for edge in stage.edges()} == {case.target}

    def test_an_account_with_few_followers_has_few_ranges(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        served = declared(connector.followers)
        if served.ranges_at_once() == 1:
            pytest.skip("moves pages one after the other")
        assert list(served.follower_ranges(case.source, parts=4)) == []
        fan()
        assert list(served.follower_ranges(case.source, parts=4)) == []
        with pytest.raises(Unknown):
            served.follower_ranges("99999999", parts=4)

    def test_the_last_page_says_so(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        assert declared(connector.followers).move_followers(case.order(), cursor=0, limit=3) == MovedPage(cursor=None)
        for _ in range(3):
            fan()
        assert declared(connector.followers).move_followers(case.order(), cursor=0, limit=3).cursor is None

    def test_a_page_asked_for_again_is_answered_the_same_and_does_nothing(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        fans = [fan() for _ in range(5)]
        stage.follow(case.target, fans[1], at=LONG_AGO)
        page = declared(connector.followers).move_followers(case.order(), cursor=0, limit=3)
        after = stage.edges()
        assert declared(connector.followers).move_followers(case.order(), cursor=0, limit=3) == page
        assert stage.edges() == after

    def test_a_restricted_or_closed_source_gives_its_followers(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        fan()
        declared(connector.restrictions).restrict_account(case.source, key="k", reason="r")
        stage.close(case.source)
        (page,) = move_all_pages(declared(connector.followers), case.order())
        assert len(page.moved) == 1

    def test_nobody_is_moved_to_or_from_nowhere(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        fan()
        before = stage.edges()
        for order in (case._replace(target="0").order(), case._replace(source="0").order()):
            with pytest.raises(Unknown):
                declared(connector.followers).move_followers(order, cursor=0, limit=ALL)
        stage.close(case.target)
        with pytest.raises(PlatformError):
            declared(connector.followers).move_followers(case.order(), cursor=0, limit=ALL)
        assert stage.edges() == before
