"""Taking moves of followers back, for all and for one."""

from collections.abc import Callable
from dataclasses import replace

from portal.platforms.contract.followers import SOON, Followers
from portal.platforms.contract.stage import (
    LATER,
    LONG_AGO,
    ORDER,
    PUBLISHED,
    CopyCase,
    FollowEdge,
    Stage,
    declared,
    follows_of,
    move_all_pages,
    restore_all_pages,
)
from portal.platforms.orders import Following, MoveOrder
from portal.platforms.protocol import Connector


class Returns(Followers):
    """The part of the contract about followers: moving them, and taking that back."""

    def test_taking_back_gives_exactly_what_was(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        fans = [fan() for _ in range(6)]
        for follower in fans[:2]:
            stage.follow(case.target, follower, at=LONG_AGO, kind="profile")
        stage.confirm(case.target, fans[0])
        before = stage.edges()
        pages = move_all_pages(declared(connector.followers), case.order(), limit=4)
        assert [(len(page.moved), len(page.already)) for page in pages] == [(2, 2), (2, 0)]
        back = restore_all_pages(declared(connector.followers), case.order(), pages)
        assert [(page.restored, page.overridden, page.missing) for page in back] == [(4, [], []), (2, [], [])]
        assert stage.edges() == before

    def test_taking_back_twice_is_answered_the_same_and_does_nothing(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        fans = [fan() for _ in range(3)]
        stage.follow(case.target, fans[0], at=LONG_AGO)
        pages = move_all_pages(declared(connector.followers), case.order())
        first = restore_all_pages(declared(connector.followers), case.order(), pages)
        after = stage.edges()
        assert restore_all_pages(declared(connector.followers), case.order(), pages) == first
        assert move_all_pages(declared(connector.followers), case.order()) == pages, (
            "the order stays carried out, and is not done anew"
        )
        assert stage.edges() == after

    def test_a_later_choice_stands(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        left, left_and_came, again, again_and_left, home, quiet = fans = [fan() for _ in range(6)]
        pages = move_all_pages(declared(connector.followers), case.order())
        assert list(pages[0].moved) == fans
        stage.unfollow(case.target, left)
        stage.unfollow(case.target, left_and_came)
        stage.follow(case.target, left_and_came, at=LATER)
        stage.follow(case.source, again, at=LATER)
        stage.follow(case.source, again_and_left, at=LATER)
        stage.unfollow(case.source, again_and_left)
        assert declared(connector.followers).return_follower(case.order(), home)
        before = stage.edges()
        (back,) = restore_all_pages(declared(connector.followers), case.order(), pages)
        assert (back.restored, list(back.overridden), list(back.missing)) == (1, fans[:5], [])
        moved = {edge for edge in before if edge.follower_id == quiet}
        assert stage.edges() == before - moved | {edge._replace(account_id=case.source) for edge in moved}

    def test_a_later_choice_of_who_followed_both_stands(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        again, again_and_left, left, quiet = fans = [fan() for _ in range(4)]
        for follower in fans:
            stage.follow(case.target, follower, at=LONG_AGO)
        pages = move_all_pages(declared(connector.followers), case.order())
        stage.follow(case.source, again, at=LATER)
        stage.follow(case.source, again_and_left, at=LATER)
        stage.unfollow(case.source, again_and_left)
        stage.unfollow(case.target, left)
        before = stage.edges()
        (back,) = restore_all_pages(declared(connector.followers), case.order(), pages)
        assert (back.restored, list(back.overridden)) == (1, [again, again_and_left, left])
        assert stage.edges() - before == {FollowEdge(case.source, quiet, SOON, case.copy, _origin(stage, case))}
        assert before <= stage.edges()

    def test_keeping_the_moved_follow_is_a_choice(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        confirms, follows = fans = [fan() for _ in range(2)]
        pages = move_all_pages(declared(connector.followers), case.order())
        stage.confirm(case.target, confirms)
        stage.follow(case.target, follows, at=LATER)
        before = stage.edges()
        (back,) = restore_all_pages(declared(connector.followers), case.order(), pages)
        assert (back.restored, list(back.overridden)) == (0, fans)
        assert stage.edges() == before

    def test_closed_accounts_do_not_come_back(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        fans = [fan() for _ in range(3)]
        stage.follow(case.target, fans[0], at=LONG_AGO)
        pages = move_all_pages(declared(connector.followers), case.order())
        stage.close(fans[0])
        stage.close(fans[1])
        (back,) = restore_all_pages(declared(connector.followers), case.order(), pages)
        assert (back.restored, list(back.overridden), list(back.missing)) == (1, [], fans[:2])

    def test_to_a_closed_source_nobody_comes_back(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        fans = [fan() for _ in range(2)]
        pages = move_all_pages(declared(connector.followers), case.order())
        before = stage.edges()
        stage.close(case.source)
        (back,) = restore_all_pages(declared(connector.followers), case.order(), pages)
        assert (back.restored, list(back.overridden), list(back.missing)) == (0, [], fans)
        assert stage.edges() == before

    def test_an_order_over_an_order_is_taken_back_first(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        fan()
        before = stage.edges()
        further = MoveOrder("order:2", case.target, stage.account("third"), (case.copy,), LATER)
        first, second = (
            move_all_pages(declared(connector.followers), case.order()),
            move_all_pages(declared(connector.followers), further),
        )
        assert len(second[0].moved) == 1
        restore_all_pages(declared(connector.followers), further, second)
        restore_all_pages(declared(connector.followers), case.order(), first)
        assert stage.edges() == before

    def test_one_follower_takes_their_move_back(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        moved, both = fan(), fan()
        stage.follow(case.target, both, at=LONG_AGO)
        before = follows_of(stage)
        move_all_pages(declared(connector.followers), case.order())
        assert declared(connector.followers).return_follower(case.order(), moved)
        assert declared(connector.followers).return_follower(case.order(), both)
        after = stage.edges()
        assert follows_of(stage) == before
        assert declared(connector.followers).return_follower(case.order(), moved)
        assert declared(connector.followers).return_follower(case.order(), both)
        assert not declared(connector.followers).return_follower(case.order(), stage.viewer())
        assert stage.edges() == after

    def test_who_took_their_move_back_is_not_moved_by_a_later_order(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        _home, both, again = fans = [fan() for _ in range(3)]
        stage.follow(case.target, both, at=LONG_AGO)
        move_all_pages(declared(connector.followers), case.order())
        stage.follow(case.source, again, at=SOON)
        for follower in fans:
            assert declared(connector.followers).return_follower(case.order(), follower)
        before = stage.edges()
        further = replace(case.order(), key=f"{case.order().key}-further", unknown_since=(PUBLISHED,))
        (page,) = move_all_pages(declared(connector.followers), further)
        assert page.excluded == {"confirmed": fans}
        assert stage.edges() == before

    def test_there_is_nothing_to_take_back_after_an_own_choice(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        left, kept, both = (fan() for _ in range(3))
        stage.follow(case.target, both, at=LONG_AGO)
        move_all_pages(declared(connector.followers), case.order())
        stage.unfollow(case.target, left)
        stage.confirm(case.target, kept)
        stage.follow(case.source, both, at=LATER)
        before = stage.edges()
        for follower in (left, kept, both):
            assert not declared(connector.followers).return_follower(case.order(), follower)
        assert stage.edges() == before

    def test_who_has_followed_the_source_again_only_leaves_the_target(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        follower = fan()
        move_all_pages(declared(connector.followers), case.order())
        stage.follow(case.source, follower, at=LATER)
        assert declared(connector.followers).return_follower(case.order(), follower)
        assert [(edge.account_id, edge.created_at) for edge in stage.edges()] == [(case.source, LATER)]

    def test_it_is_told_what_a_follower_follows(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        moved, stays, stranger = fan(), stage.viewer(), stage.viewer()
        stage.follow(case.source, stays, at=SOON, work_id=case.other)
        stage.follow(case.target, stays, at=SOON)
        order = case.order()
        assert declared(connector.followers).following(order, moved) == Following(
            source=True, target=False, moved=False
        )
        move_all_pages(declared(connector.followers), order)
        assert declared(connector.followers).following(order, moved) == Following(source=False, target=True, moved=True)
        assert declared(connector.followers).following(case.order(key=f"{ORDER}0"), moved).moved is False
        assert declared(connector.followers).following(order, stays) == Following(source=True, target=True, moved=False)
        assert declared(connector.followers).following(order, stranger) == Following(
            source=False, target=False, moved=False
        )


def _origin(stage: Stage, case: CopyCase) -> str:
    """The platform's word for a follow that came by a work."""
    return next(edge.origin for edge in stage.edges() if edge.work_id == case.copy)
