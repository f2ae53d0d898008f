"""What many followers follow, asked at once."""

from collections.abc import Callable

from portal.platforms.contract.followers import SOON, Followers
from portal.platforms.contract.stage import ALL, CopyCase, Stage, declared, move_all_pages, restore_all_pages
from portal.platforms.orders import FollowState
from portal.platforms.protocol import Connector


class States(Followers):
    """The part of the contract about states of followers."""

    def test_states_tell_what_moved_and_what_did_not(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        served = declared(connector.states)
        moved, bot, own = fan(), stage.viewer(is_bot=True), stage.viewer()
        stage.follow(case.source, bot, at=SOON, work_id=case.copy)
        stage.follow(case.target, own, at=SOON)
        order = case.order()
        before = served.follow_states(order, [moved, bot, own])
        assert sorted(before, key=lambda one: one.follower_id) == [
            FollowState(moved, source_since=SOON, target=False, moved=False),
            FollowState(bot, source_since=SOON, target=False, moved=False),
            FollowState(own, source_since=None, target=True, moved=False),
        ]
        pages = move_all_pages(served, order)
        assert served.follow_states(order, [moved]) == [FollowState(moved, None, target=True, moved=True)]
        assert served.follow_states(case.order(key="another"), [moved])[0].moved is False
        restore_all_pages(served, order, pages)
        assert served.follow_states(order, [moved]) == [FollowState(moved, SOON, target=False, moved=False)]

    def test_states_leave_out_who_is_not_there_and_change_nothing(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        served = declared(connector.states)
        stays, closed, idle = fan(), fan(), stage.viewer()
        stage.close(closed)
        edges = stage.edges()
        found = served.follow_states(case.order(), [stays, closed, idle, 987_654_321])
        assert sorted(one.follower_id for one in found) == [stays, idle]
        assert served.follow_states(case.order(), []) == []
        assert stage.edges() == edges
        assert list(served.move_followers(case.order(), cursor=0, limit=ALL).moved) == [stays]
