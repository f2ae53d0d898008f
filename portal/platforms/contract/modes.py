"""What a platform may serve besides moving: orders that clear, invitations that are answered, and opting out."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from portal.platforms.contract.followers import SOON, Followers
from portal.platforms.contract.stage import (
    ALL,
    LATER,
    LONG_AGO,
    PUBLISHED,
    CopyCase,
    Stage,
    declared,
    follows_of,
    move_all_pages,
    restore_all_pages,
)
from portal.platforms.orders import MovedPage, MoveOrder, RestorePage
from portal.platforms.protocol import Connector, PlatformError, Unknown


def clearing(case: CopyCase, *, target: str | None = None) -> MoveOrder:
    order = replace(case.order(unknown_since=(PUBLISHED,)), effect="clear")
    return order if target is None else replace(order, target=target)


class Clearing(Followers):
    """The part of the contract about orders that clear."""

    @pytest.mark.parametrize("suggested", [True, False])
    def test_attributable_follows_end_and_nobody_is_moved(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int], *, suggested: bool
    ) -> None:
        served = declared(connector.clearing)
        by_work, both = fan(), fan()
        by_time, early = stage.viewer(), stage.viewer()
        stage.follow(case.source, by_time, at=SOON)
        stage.follow(case.source, early, at=LONG_AGO)
        stage.follow(case.target, both, at=LONG_AGO)
        before = stage.edges()
        (page,) = move_all_pages(served, clearing(case, target=None if suggested else ""))
        assert (list(page.moved), list(page.already), page.passed) == ([], [by_work, both, by_time], 1)
        assert {work: sorted(rows) for work, rows in page.by_work.items()} == {case.copy: [by_work, both]}
        assert {at: sorted(rows) for at, rows in page.by_time.items()} == {PUBLISHED: [by_time]}
        gone = {edge for edge in before if edge.account_id == case.source and edge.follower_id != early}
        assert stage.edges() == before - gone

    def test_what_excludes_from_moving_excludes_from_clearing(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        blocked, closed, confirmed = fan(), fan(), fan()
        bot = stage.viewer(is_bot=True)
        stage.follow(case.source, bot, at=SOON, work_id=case.copy)
        stage.block(case.target, blocked)
        stage.close(closed)
        stage.confirm(case.source, confirmed)
        before = stage.edges()
        (page,) = move_all_pages(declared(connector.clearing), clearing(case))
        kept = {reason: list(rows) for reason, rows in page.excluded.items()}
        assert kept == {"blocked": [blocked], "closed": [closed], "bot": [bot], "confirmed": [confirmed]}
        assert stage.edges() == before

    def test_clearing_twice_is_once_and_taken_back_it_leaves_no_trace(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        served = declared(connector.clearing)
        fans = [fan() for _ in range(5)]
        stage.follow(case.target, fans[1], at=LONG_AGO)
        before, order = stage.edges(), clearing(case)
        pages = move_all_pages(served, order, limit=3)
        after = stage.edges()
        assert move_all_pages(served, order, limit=3) == pages
        assert stage.edges() == after
        assert [page.restored for page in restore_all_pages(served, order, pages)] == [3, 2]
        assert stage.edges() == before

    def test_clearing_needs_no_open_target(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        served = declared(connector.clearing)
        follower = fan()
        stage.close(case.target)
        (page,) = move_all_pages(served, clearing(case))
        assert list(page.already) == [follower]

    def test_a_later_choice_of_who_was_cleared_stands(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        served = declared(connector.clearing)
        again, again_and_left, closed, follows_target, quiet = fans = [fan() for _ in range(5)]
        order = clearing(case)
        pages = move_all_pages(served, order)
        stage.follow(case.source, again, at=LATER)
        stage.follow(case.source, again_and_left, at=LATER)
        stage.unfollow(case.source, again_and_left)
        stage.close(closed)
        stage.follow(case.target, follows_target, at=LATER)
        before = stage.edges()
        (back,) = restore_all_pages(served, order, pages)
        assert (back.restored, list(back.overridden), list(back.missing)) == (2, fans[:2], [closed])
        assert {(edge.follower_id, edge.created_at) for edge in stage.edges() - before} == {
            (follows_target, SOON),
            (quiet, SOON),
        }
        assert before <= stage.edges()

    def test_who_was_cleared_takes_it_back_and_is_not_cleared_again(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        served = declared(connector.clearing)
        back, again = fan(), fan()
        before = follows_of(stage)
        move_all_pages(served, clearing(case))
        assert [served.return_follower(clearing(case), back) for _ in range(2)] == [True, True]
        assert served.return_follower(clearing(case), again)
        assert follows_of(stage) == before
        after = stage.edges()
        assert not served.return_follower(clearing(case), stage.viewer())
        (page,) = move_all_pages(served, replace(clearing(case), key="order:9"))
        assert page.excluded == {"confirmed": [back, again]}
        assert stage.edges() == after

    def test_a_preview_of_clearing_is_what_it_does(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        served = declared(connector.clearing)
        fans = [fan() for _ in range(3)]
        seen = declared(connector.previews).preview_followers(clearing(case), cursor=0, limit=ALL)
        assert (list(seen.moved), list(seen.already)) == ([], fans)
        assert list(served.move_followers(clearing(case), cursor=0, limit=ALL).already) == fans


class Invitations(Followers):
    """The part of the contract about followers who were asked."""

    def test_who_accepts_is_moved_and_nobody_else(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        served = declared(connector.invitations)
        first, asked, both, last = (fan() for _ in range(4))
        stage.follow(case.target, both, at=LONG_AGO)
        before = stage.edges()
        page = served.answer_invitations(case.order(), [asked], accepted=True)
        assert (page.cursor, list(page.moved), list(page.already), page.passed) == (None, [asked], [], 0)
        assert {work: list(rows) for work, rows in page.by_work.items()} == {case.copy: [asked]}
        (edge,) = (edge for edge in before if edge.follower_id == asked)
        assert stage.edges() == before - {edge} | {edge._replace(account_id=case.target)}
        ended = served.answer_invitations(case.order(), [both], accepted=True)
        assert (list(ended.moved), list(ended.already)) == ([], [both])
        assert {edge.follower_id for edge in stage.edges() if edge.account_id == case.source} == {first, last}

    def test_who_declines_has_confirmed_and_no_later_order_moves_them(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        served = declared(connector.invitations)
        asked = fan()
        before = follows_of(stage)
        assert served.answer_invitations(case.order(), [asked], accepted=False).excluded == {"confirmed": [asked]}
        assert follows_of(stage) == before
        (page,) = move_all_pages(served, case.order(key="order:9"))
        assert page.excluded == {"confirmed": [asked]}

    @pytest.mark.parametrize("accepted", [True, False])
    def test_the_first_answer_stands(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int], *, accepted: bool
    ) -> None:
        served = declared(connector.invitations)
        asked = fan()
        first = served.answer_invitations(case.order(), [asked], accepted=accepted)
        after = stage.edges()
        assert served.answer_invitations(case.order(), [asked], accepted=not accepted) == first
        assert served.answer_invitations(case.order(), [asked], accepted=accepted) == first
        assert stage.edges() == after

    def test_the_rules_hold_for_who_accepts(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        served = declared(connector.invitations)
        blocked, gone, disputed = fan(), fan(), fan()
        other = stage.viewer()
        stage.follow(case.source, other, at=SOON, work_id=case.other)
        stage.block(case.target, blocked)
        stage.unfollow(case.source, gone)
        before = stage.edges()
        assert served.answer_invitations(case.order(), [blocked], accepted=True).excluded == {"blocked": [blocked]}
        assert served.answer_invitations(case.order(), [gone], accepted=True) == MovedPage(cursor=None)
        assert served.answer_invitations(case.order(), [gone], accepted=False) == MovedPage(cursor=None)
        assert served.answer_invitations(case.order(), [other], accepted=True).passed == 1
        waits = case.order(disputed=[case.copy], key="order:2")
        assert served.answer_invitations(waits, [disputed], accepted=True).excluded == {"disputed": [disputed]}
        stage.close(case.target)
        with pytest.raises(PlatformError):
            served.answer_invitations(case.order(), [disputed], accepted=True)
        assert stage.edges() == before

    def test_who_has_accepted_can_be_given_back_and_take_it_back(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        served = declared(connector.invitations)
        fans = [fan() for _ in range(4)]
        for follower in fans[:2]:
            stage.follow(case.target, follower, at=LONG_AGO)
        before, known = stage.edges(), follows_of(stage)
        pages = [served.answer_invitations(case.order(), [follower], accepted=True) for follower in fans]
        for page in (pages[0], pages[2]):
            back = served.restore_followers(case.order(), RestorePage(page.moved, page.already, page.restore_data))
            assert back.restored == 1
        assert {edge for edge in before if edge.follower_id in (fans[0], fans[2])} <= stage.edges()
        assert served.return_follower(case.order(), fans[1])
        assert served.return_follower(case.order(), fans[3])
        assert follows_of(stage) == known

    def test_many_are_answered_at_once_and_each_as_alone(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        served = declared(connector.invitations)
        moves, both, blocked, gone, silent = (fan() for _ in range(5))
        other = stage.viewer()
        stage.follow(case.source, other, at=SOON, work_id=case.other)
        stage.follow(case.target, both, at=LONG_AGO)
        stage.block(case.target, blocked)
        stage.unfollow(case.source, gone)
        before, known = stage.edges(), follows_of(stage)
        asked, page = [moves, both, blocked, gone, other], MovedPage(cursor=None)
        size = served.answers_at_once()
        pages = [
            served.answer_invitations(case.order(), asked[start : start + size], accepted=True)
            for start in range(0, len(asked), size)
        ]
        for one in pages:
            moved, already = [*page.moved, *one.moved], [*page.already, *one.already]
            page = replace(page, moved=moved, already=already, passed=page.passed + one.passed)
            if one.excluded:
                page = replace(page, excluded=one.excluded)
        assert (list(page.moved), list(page.already), page.passed) == ([moves], [both], 1)
        assert dict(page.excluded) == {"blocked": [blocked]}
        assert {edge.follower_id for edge in before - stage.edges() if edge.account_id == case.source} == {moves, both}
        assert silent in {edge.follower_id for edge in stage.edges() if edge.account_id == case.source}
        for one in pages:
            served.restore_followers(case.order(), RestorePage(one.moved, one.already, one.restore_data))
        assert follows_of(stage) == known

    def test_the_first_answer_of_each_stands_in_whatever_list_it_comes_again(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        served = declared(connector.invitations)
        if served.answers_at_once() < 3:
            pytest.skip("the platform takes one answer a call")
        first, second, both, declined, late = (fan() for _ in range(5))
        stage.follow(case.target, both, at=LONG_AGO)
        known = follows_of(stage)
        served.answer_invitations(case.order(), [first, both], accepted=True)
        served.answer_invitations(case.order(), [declined], accepted=False)
        served.answer_invitations(case.order(), [second], accepted=True)
        after = stage.edges()
        again = served.answer_invitations(case.order(), [first, second, declined], accepted=True)
        assert (list(again.moved), dict(again.excluded)) == ([first, second], {"confirmed": [declined]})
        stage.close(case.target)
        ended = served.answer_invitations(case.order(), [second, both], accepted=False)
        assert (list(ended.moved), list(ended.already)) == ([second], [both])
        assert served.answer_invitations(case.order(), [first, both], accepted=True).by_work == {
            case.copy: [first, both]
        }
        with pytest.raises(PlatformError):
            served.answer_invitations(case.order(), [first, late], accepted=True)
        assert stage.edges() == after
        # The note of a list that was put together of several others still restores all of them.
        back = RestorePage(ended.moved, ended.already, ended.restore_data)
        assert served.restore_followers(case.order(), back).restored == 2
        assert {one for one in follows_of(stage) if one[1] in {second, both}} == {
            one for one in known if one[1] in {second, both}
        }


class OptOuts(Followers):
    """The part of the contract about followers who want no order to change their follows."""

    def test_who_has_opted_out_is_spared_by_every_order(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        served = declared(connector.opt_outs)
        spared, both, moved = fan(), fan(), fan()
        stage.follow(case.target, both, at=LONG_AGO)
        before = {edge for edge in stage.edges() if edge.follower_id != moved}
        for follower in (spared, both):
            for _ in range(2):
                served.set_opt_out(follower, opted_out=True)
        if connector.clearing is not None:
            order = replace(clearing(case), key="order:2", work_ids=(case.other, case.copy))
            (cleared,) = move_all_pages(served, order)
            assert cleared.excluded == {"opted_out": [spared, both]}
            restore_all_pages(served, order, [cleared])
        if connector.invitations is not None:
            accepted = served.answer_invitations(case.order(key="order:3"), [spared], accepted=True)
            assert accepted.excluded == {"opted_out": [spared]}
        (page,) = move_all_pages(served, case.order())
        assert (list(page.moved), dict(page.excluded)) == ([moved], {"opted_out": [spared, both]})
        assert {edge for edge in stage.edges() if edge.follower_id != moved} == before

    def test_opting_in_again_lets_orders_move_them(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        served = declared(connector.opt_outs)
        follower = fan()
        served.set_opt_out(follower, opted_out=True)
        for _ in range(2):
            served.set_opt_out(follower, opted_out=False)
        (page,) = move_all_pages(served, case.order())
        assert list(page.moved) == [follower]

    def test_what_was_moved_before_is_still_taken_back(
        self, connector: Connector, stage: Stage, case: CopyCase, fan: Callable[[], int]
    ) -> None:
        served = declared(connector.opt_outs)
        follower = fan()
        before = stage.edges()
        pages = move_all_pages(served, case.order())
        served.set_opt_out(follower, opted_out=True)
        restore_all_pages(served, case.order(), pages)
        assert stage.edges() == before

    def test_nobody_opts_out_who_is_not_there(self, connector: Connector, stage: Stage, case: CopyCase) -> None:
        for opted_out in (True, False):
            with pytest.raises(Unknown):
                declared(connector.opt_outs).set_opt_out(987_654_321, opted_out=opted_out)
