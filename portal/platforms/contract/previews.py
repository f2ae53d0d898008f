"""Previews of what an order would come to."""

from collections.abc import Callable

import pytest

from portal.platforms.contract.followers import SOON, Followers
from portal.platforms.contract.stage import ALL, LONG_AGO, PUBLISHED, CopyCase, Stage, declared
from portal.platforms.orders import EXCLUSIONS, MovedPage
from portal.platforms.protocol import Connector, PlatformError, Unknown


class Previews(Followers):
    """The part of the contract about previews."""

    @pytest.fixture
    def crowd(self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]) -> list[int]:
        """Followers of every outcome, those of unknown origin and of no ground among them."""
        moved, both, blocked, refused, closed, confirmed, disputed = (fan() for _ in range(7))
        bot, minor, unknown, early, profile = (
            stage.viewer(is_bot=True),
            stage.viewer(is_minor_closed=True),
            *(stage.viewer() for _ in range(3)),
        )
        for follower in (bot, minor, int(case.target)):
            stage.follow(case.source, follower, at=SOON, work_id=case.copy)
        stage.follow(case.source, disputed, at=SOON, work_id=case.other)
        stage.follow(case.source, unknown, at=SOON)
        stage.follow(case.source, early, at=LONG_AGO)
        stage.follow(case.source, profile, at=SOON, kind="profile")
        stage.follow(case.target, both, at=LONG_AGO)
        if connector.opt_outs is not None:
            spared = stage.viewer()
            stage.follow(case.source, spared, at=SOON)
            connector.opt_outs.set_opt_out(spared, opted_out=True)
        stage.block(case.target, blocked)
        stage.block(refused, case.target)
        stage.close(closed)
        stage.confirm(case.source, confirmed)
        return [moved, both, blocked, refused, closed, confirmed, disputed, bot, minor, unknown, early, profile]

    def test_a_preview_tells_what_the_move_then_does_and_changes_nothing(
        self, connector: Connector, stage: Stage, case: CopyCase, crowd: list[int]
    ) -> None:
        served = declared(connector.previews)
        before = stage.edges()
        order = case.order(unknown_since=(PUBLISHED, SOON))
        cursor: int | None = 0
        while cursor is not None:
            seen = [served.preview_followers(order, cursor=cursor, limit=4) for _ in range(2)]
            assert stage.edges() == before, "nothing is changed"
            page = served.move_followers(order, cursor=cursor, limit=4)
            assert [_told(one) for one in seen] == [_told(page)] * 2
            assert (seen[0].cursor, seen[0].restore_data) == (page.cursor, "")
            before, cursor = stage.edges(), page.cursor

    def test_a_preview_names_every_reason(
        self, connector: Connector, stage: Stage, case: CopyCase, crowd: list[int]
    ) -> None:
        order = case.order(unknown_since=(PUBLISHED,), disputed=[case.copy])
        page = declared(connector.previews).preview_followers(order, cursor=0, limit=ALL)
        unserved = set() if connector.opt_outs is not None else {"opted_out"}
        assert set(page.excluded) == set(EXCLUSIONS) - unserved
        assert page.cursor is None

    def test_a_preview_of_nobody_is_the_last_page(self, connector: Connector, stage: Stage, case: CopyCase) -> None:
        assert declared(connector.previews).preview_followers(case.order(), cursor=0, limit=3) == MovedPage(cursor=None)

    def test_no_answer_is_kept_of_a_preview(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        first = fan()
        served = declared(connector.previews)
        assert list(served.preview_followers(case.order(), cursor=0, limit=ALL).moved) == [first]
        second = fan()
        assert list(served.preview_followers(case.order(), cursor=0, limit=ALL).moved) == [first, second]
        assert list(served.move_followers(case.order(), cursor=0, limit=ALL).moved) == [first, second]

    def test_a_preview_fails_as_the_move_would(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        fan()
        for order in (case._replace(target="0").order(), case._replace(source="0").order()):
            with pytest.raises(Unknown):
                declared(connector.previews).preview_followers(order, cursor=0, limit=ALL)
        stage.close(case.target)
        with pytest.raises(PlatformError):
            declared(connector.previews).preview_followers(case.order(), cursor=0, limit=ALL)


def _told(page: MovedPage) -> tuple[object, ...]:
    """What a preview and a page have in common, whatever the order in which grounds are told."""
    by_work = {work: sorted(rows) for work, rows in page.by_work.items()}
    by_time = {at: sorted(rows) for at, rows in page.by_time.items()}
    return (
        [*page.moved],
        [*page.already],
        {name: [*some] for name, some in page.excluded.items()},
        page.passed,
        by_work,
        by_time,
    )
