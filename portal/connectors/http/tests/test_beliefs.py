"""What a platform over HTTP is not believed, and what stays right when it lowers its limits between a call and its repetition."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portal import clock
from portal.connectors import upkeep
from portal.connectors.http import answers, capabilities, connector, division
from portal.connectors.http.connector import HttpPlatform
from portal.connectors.http.running_reference import RunningReference
from portal.connectors.http.tests.stage import ReferenceStage
from portal.connectors.models import DividedCall, PlatformCapabilities
from portal.platforms import Declined, Unserved
from portal.platforms.contract import CopyCase
from portal.platforms.contract.stage import LATER, LONG_AGO, PUBLISHED
from portal.platforms.orders import RestoredPage, RestorePage

pytestmark = pytest.mark.django_db
WORK = {"id": "1", "account_id": "7", "title": "A bowl", "url": "https://videos.example/works/1", "state": "public"}
WORK["published_at"] = PUBLISHED.isoformat()
ACCOUNT = {"id": "7", "handle": "author", "name": "A", "url": "https://videos.example/@author", "state": "open"}


def answering(platform: HttpPlatform, monkeypatch: pytest.MonkeyPatch, given: Callable[[dict[str, str]], Any]) -> None:
    monkeypatch.setattr(platform, "_get", lambda _path, **query: given(query))


@pytest.fixture
def case(stage: ReferenceStage) -> CopyCase:
    source, target = stage.account("copier"), stage.account("author")
    case = CopyCase(source, target, stage.work(source), stage.work(source))
    for _ in range(8):
        stage.follow(source, stage.viewer(), at=PUBLISHED + timedelta(hours=1), work_id=case.copy)
    return case


def lower_limit(platform: HttpPlatform, size: int) -> None:
    document: Any = PlatformCapabilities.objects.get(platform=platform.code).document
    limits = {**document["limits"], "followers_per_page": size}
    capabilities.note_capabilities(platform.code, {**document, "limits": limits})


def test_a_work_on_two_pages_is_listed_once_as_it_was_told_last(
    platform: HttpPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = {**WORK, "id": "2", "published_at": LATER.isoformat()}
    pages = [
        {"works": [WORK, second], "cursor": "2"},
        {"works": [{**second, "state": "removed"}, {**WORK, "id": "3"}], "cursor": None},
    ]
    answering(platform, monkeypatch, lambda _query: pages.pop(0))
    assert [(work.id, work.state) for work in platform.works_of("7")] == [
        *(("1", "public"), ("3", "public"), ("2", "removed"))
    ]


def test_works_of_another_time_are_left_out(platform: HttpPlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{**WORK, "id": str(at.month), "published_at": at.isoformat()} for at in (LONG_AGO, PUBLISHED, LATER)]
    answering(platform, monkeypatch, lambda _query: {"works": rows, "cursor": None})
    assert [work.id for work in platform.works_of("7", since=PUBLISHED, until=LATER)] == ["3"]


@pytest.mark.parametrize(
    "listed",
    [
        {"works": [WORK, {**WORK, "id": "2", "account_id": "999"}], "cursor": None},
        {"works": [{**WORK, "id": str(number)} for number in range(101)], "cursor": None},
        {"works": [], "cursor": "x" * 2_001},
    ],
    ids=["another account", "more than were asked for", "an endless cursor"],
)
def test_a_page_of_something_else_is_not_believed(
    platform: HttpPlatform, monkeypatch: pytest.MonkeyPatch, listed: dict[str, Any]
) -> None:
    answering(platform, monkeypatch, lambda _query: listed)
    with pytest.raises(answers.ContractBroken):
        platform.works_of("7")


@pytest.mark.parametrize("cursors", [["same"], ["a", "b", "c"]], ids=["the same again", "round and round"])
def test_a_cursor_that_comes_again_ends_the_list(
    platform: HttpPlatform, monkeypatch: pytest.MonkeyPatch, cursors: list[str]
) -> None:
    asked = list[str]()

    def page(query: dict[str, str]) -> Any:
        asked.append(query.get("cursor", ""))
        return {"works": [WORK], "cursor": cursors[(len(asked) - 1) % len(cursors)]}

    answering(platform, monkeypatch, page)
    with pytest.raises(answers.ContractBroken):
        platform.works_of("7")
    assert asked == ["", *cursors]


def test_a_list_that_does_not_end_is_given_up(platform: HttpPlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connector, "_MOST_WORKS", 10)
    asked = list[str]()

    def page(query: dict[str, str]) -> Any:
        asked.append(query.get("cursor", ""))
        return {"works": [{**WORK, "id": f"{len(asked)}-{one}"} for one in range(4)], "cursor": str(len(asked))}

    answering(platform, monkeypatch, page)
    with pytest.raises(answers.ContractBroken):
        platform.works_of("7")
    assert len(asked) == 3


def test_an_answer_about_somebody_else_is_not_believed(platform: HttpPlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(platform, monkeypatch, lambda _query: ACCOUNT)
    assert platform.account("7").id == "7"
    with pytest.raises(answers.ContractBroken):
        platform.account("5")
    answering(platform, monkeypatch, lambda _query: WORK)
    assert platform.find_work("1").id == "1"
    with pytest.raises(answers.ContractBroken):
        platform.find_work("2")


@pytest.mark.parametrize(
    "wrong",
    [
        *({"overridden": [9, 9]}, {"overridden": [3, 3]}, {"missing": [9], "restored": 1}),
        *({"overridden": [3], "missing": [3]}, {"restored": 3}, {"restored": 1}),
    ],
    ids=str,
)
def test_nobody_else_is_taken_back(wrong: dict[str, Any]) -> None:
    given = {"restored": 0, "overridden": [], "missing": []}
    right = answers.read_restored_page({**given, "overridden": [3], "missing": [7]}, asked=[3, 7])
    assert (right.restored, right.overridden, right.missing) == (0, [3], [7])
    with pytest.raises(answers.ContractBroken):
        answers.read_restored_page({**given, **wrong}, asked=[3, 7])


def test_a_page_that_was_moved_is_learned_after_the_platform_has_lowered_its_limit(
    platform: HttpPlatform, stage: ReferenceStage, case: CopyCase
) -> None:
    page = platform.move_followers(case.order(), cursor=0, limit=8)
    assert len(page.moved) == 8
    lower_limit(platform, 4)
    assert platform.move_followers(case.order(), cursor=0, limit=8) == page
    # Also when it is asked for by an order that has no works any more, as before a reversal.
    assert platform.move_followers(replace(case.order(), work_ids=()), cursor=0, limit=8) == page
    assert len({edge for edge in stage.edges() if edge.account_id == case.target}) == 8


def test_a_page_is_taken_back_by_as_many_calls_as_the_platform_takes_followers(
    platform: HttpPlatform, stage: ReferenceStage, case: CopyCase, reference: RunningReference
) -> None:
    both = stage.viewer()
    stage.follow(case.source, both, at=PUBLISHED + timedelta(hours=1), work_id=case.copy)
    stage.follow(case.target, both, at=LONG_AGO)
    before = stage.edges()
    page = platform.move_followers(case.order(), cursor=0, limit=9)
    left = page.moved[4]
    stage.unfollow(case.target, left)
    lower_limit(platform, 2)
    sent = list[int]()
    post = platform._post

    def counted(path: str, body: Any, *, key: str) -> Any:
        sent.append(len(body["moved"]) + len(body["already"]))
        return post(path, body, key=key)

    platform._post = counted  # type: ignore[method-assign]
    back = RestorePage(page.moved, page.already, page.restore_data)
    first = platform.restore_followers(case.order(), back)
    assert (first.restored, list(first.overridden), sent) == (8, [left], [2, 2, 2, 2, 1])
    # Another limit now: the repetition is divided as before, so that nobody who is back counts as somebody who has chosen.
    for size in (3, 1, 100):
        lower_limit(platform, size)
        assert platform.restore_followers(case.order(), back) == first
    assert stage.edges() == {edge for edge in before if edge.follower_id != left}


def test_what_a_platform_declines_as_too_many_is_divided_again() -> None:
    done, takes = dict[str, int](), 8

    def restore(page: RestorePage, digest: str) -> RestoredPage:
        size = len(page.moved) + len(page.already)
        if digest not in done and size > takes:
            raise Declined("the platform answered 413")
        return RestoredPage(done.setdefault(digest, size))

    page = RestorePage(list(range(1, 8)), [8], "")
    assert division.restore_in_parts("videos", page, restore, most=8).restored == 8
    again = RestorePage(list(range(11, 18)), [18], "")
    takes = 3
    assert division.restore_in_parts("videos", page, restore, most=3).restored == 8
    with pytest.raises(Declined):
        division.restore_in_parts("videos", again, restore, most=8)
    assert division.restore_in_parts("videos", again, restore, most=3).restored == 8
    assert sorted(done.values()) == [2, 3, 3, 8]


def test_what_is_not_served_is_not_divided() -> None:
    calls = list[str]()

    def restore(_page: RestorePage, digest: str) -> RestoredPage:
        calls.append(digest)
        raise Unserved("not served")

    with pytest.raises(Unserved):
        division.restore_in_parts("videos", RestorePage([1, 2], [], ""), restore, most=2)
    assert len(calls) == 1


def test_how_calls_were_divided_is_forgotten_after_a_year() -> None:
    DividedCall.objects.create(platform="videos", key="a", size=1)
    upkeep.purge_ended_holds()
    assert DividedCall.objects.exists()
    DividedCall.objects.update(at=clock.now() - timedelta(days=366))
    upkeep.purge_ended_holds()
    assert not DividedCall.objects.exists()
