"""What followers have answered who were asked whether they want to move, carried out: many in one statement, each once.

The answer to a call is kept with the first of its followers, and the others point to it, so that each of them is
answered as before, whomever they are named with the next time.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from portal import clock
from portal.connectors.sandbox.moves import answer_of, as_page, move_named_followers
from portal.platforms.orders import MovedPage, MoveOrder
from portal.sandbox.models import Answer, Follow
from portal.sandbox.races import retry_on_race

ANSWERS_AT_ONCE = 5_000
_CALL, _FIRST = "answer", "first"


def answer_invitations(
    order: MoveOrder, followers: Sequence[int], *, accepted: bool, check: Callable[[], None]
) -> MovedPage:
    """Move those who have accepted, or confirm the follows of those who have declined. `check` raises what stands against a move."""

    def work() -> dict[str, Any]:
        known = _known_answers(order, followers)
        rest = sorted(set(followers).difference(known))
        if rest and accepted:
            check()
        if rest:
            done = move_named_followers(order, rest) if accepted else _confirm(order, rest)
            _keep(order, rest, done)
            known |= dict.fromkeys(rest, done)
        return _merge(known)

    return as_page(retry_on_race(work))


def _known_answers(order: MoveOrder, followers: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The answer to the call by which each of them was named first; equal calls have one object."""
    rows = Answer.objects.filter(key=order.key, call=_CALL)
    given = {first: json.loads(text) for first, text in rows.filter(first__in=followers).values_list("first", "given")}
    firsts = {one[_FIRST] for one in given.values() if _FIRST in one} - given.keys()
    pages = given | {
        first: json.loads(text) for first, text in rows.filter(first__in=firsts).values_list("first", "given")
    }
    return {one: pages[answer.get(_FIRST, one)] for one, answer in given.items()}


def _keep(order: MoveOrder, followers: Sequence[int], done: dict[str, Any]) -> None:
    first = followers[0]
    Answer.objects.bulk_create(
        Answer(key=order.key, call=_CALL, first=one, given=json.dumps(done if one == first else {_FIRST: first}))
        for one in followers
    )


def _confirm(order: MoveOrder, followers: Sequence[int]) -> dict[str, Any]:
    follows = Follow.objects.filter(account_id=int(order.source), follower_id__in=followers)
    kept = sorted(follows.select_for_update().values_list("follower_id", flat=True))
    follows.filter(follower_id__in=kept).update(confirmed_at=clock.now(), order_key="")
    return answer_of({"confirmed": kept} if kept else {}, {})


def _merge(known: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
    """One answer of those that hold the followers, with these followers alone."""
    answers = list({id(one): one for one in known.values()}.values())
    parts = [_part(answer, {one for one, theirs in known.items() if theirs is answer}) for answer in answers]
    if len(parts) == 1:
        return parts[0]
    merged: dict[str, Any] = answer_of({}, {})
    merged |= {"already": [], "passed": 0, "restore_data": _merge_restore_data(parts)}
    for answer in parts:
        for name in ("excluded", "by_work", "by_time"):
            for key, rows in answer[name].items():
                merged[name][key] = sorted([*merged[name].get(key, []), *rows])
        merged["already"] = sorted([*merged["already"], *answer.get("already", [])])
        merged["passed"] += answer.get("passed", 0)
    return merged


def _part(answer: dict[str, Any], followers: set[int]) -> dict[str, Any]:
    """What an answer says of some of its followers. Of who is not attributable it has only the number."""
    kept: dict[str, Any] = {
        name: {key: sorted(followers.intersection(rows)) for key, rows in answer[name].items()}
        for name in ("excluded", "by_work", "by_time")
    }
    kept = {name: {key: rows for key, rows in lists.items() if rows} for name, lists in kept.items()}
    listed = sum(len(rows) for lists in kept.values() for rows in lists.values())
    passed = min(answer.get("passed", 0), len(followers) - listed)
    already = sorted(followers.intersection(answer.get("already", ())))
    return {"restore_data": "", **answer, **kept, "already": already, "passed": passed}


def _merge_restore_data(answers: Sequence[dict[str, Any]]) -> str:
    """The notes of several pages as one: columns as arrays in PostgreSQL's text, and keys by follower (moves.py)."""
    notes = [json.loads(one["restore_data"]) for one in answers if one.get("restore_data")]
    columns: dict[str, list[str]] = {}
    for note in notes:
        for name, array in note["ended"].items():
            columns.setdefault(name, []).extend([array[1:-1]] if array else [])
    ended = {name: "{" + ",".join(parts) + "}" for name, parts in columns.items()}
    keys = {follower: key for note in notes for follower, key in note["keys"].items()}
    return json.dumps({"ended": ended, "keys": keys}) if notes else ""
