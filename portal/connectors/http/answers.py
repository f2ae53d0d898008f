"""What platforms answer over HTTP, as the values and errors of the protocol (portal/platforms/protocol.py)."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, TypeVar, cast

from portal.outbound.http import Answer
from portal.platforms.orders import EXCLUSIONS, Following, FollowState, MovedPage, RestoredPage
from portal.platforms.protocol import (
    AccessRefused,
    Account,
    AccountClosed,
    AccountSignals,
    BrokenAnswer,
    Declined,
    Label,
    PlatformError,
    Unknown,
    Unserved,
    Work,
    WorkKind,
)

Value = TypeVar("Value")
Found = TypeVar("Found", Account, Work)
# As long as rows keep it; the contract says the same.
_LONGEST_HANDLE, _LONGEST_ADDRESS = 80, 500
_LONGEST_CURSOR = 2_000
ID = re.compile(r"[A-Za-z0-9._~-]{1,80}")
# Of 4xx, what may pass by itself: the signature's time or secret, and requests that came too slowly or too early.
MAY_PASS = frozenset({401, 408, 425})
_STATES = {"account": ("open", "restricted", "closed"), "work": ("public", "removed", "deleted")}


class ContractBroken(BrokenAnswer):
    """The platform answered something that the contract does not know."""


class NotAllowed(Declined, AccessRefused):
    """The platform knows who calls, and does not allow it."""


# The `code` of a problem, or where it has none, the status -> what is raised.
_ERRORS: Mapping[object, type[PlatformError]] = {
    "account_closed": AccountClosed,
    "not_served": Unserved,
    401: AccessRefused,
    403: NotAllowed,
    404: Unknown,
    410: Unknown,
}


def require_success(answer: Answer) -> Answer:
    """The answer; raises AccountClosed, Unknown, Unserved, AccessRefused, Declined, or PlatformError with the code of the problem."""
    if 200 <= answer.status < 300:
        return answer
    error = _error(answer)
    if isinstance(error, AccessRefused):
        error.status = answer.status
    raise error


def _error(answer: Answer) -> PlatformError:
    status, kind = answer.status, str(answer.headers.get("Content-Type") or "")
    if not kind.startswith("application/problem+json"):
        # A page that says 404 is a wrong address or a proxy's, not a platform that knows its accounts.
        error = AccessRefused if status in {401, 403} else ContractBroken
        return error(f"the platform answered {status} without a problem")
    problem = answer.json()
    code = str(problem.get("code") or "") if isinstance(problem, Mapping) else ""
    refused = 400 <= status < 500 and status not in MAY_PASS
    known = _ERRORS.get(code) or _ERRORS.get(status) or (Declined if refused else PlatformError)
    return known(f"the platform answered {status} {code[:40]}")


def require_done(answer: Answer) -> None:
    """That a change was made, which is answered with 204: a page with status 200 may be anything. Raises as above."""
    if require_success(answer).status != 204:
        raise ContractBroken("the platform does not say that it was done")


def read_account(given: Any, *, asked: str | None = None) -> Account:
    """An account, the one with the id that was `asked` for; raises ContractBroken for what is none, and for another."""
    return _one_asked_for(_read(lambda: _account(given)), asked)


def read_work(given: Any, *, asked: str | None = None) -> Work:
    """A work, the one with the id that was `asked` for; raises ContractBroken."""
    return _one_asked_for(_read(lambda: _work(given)), asked)


def read_works(given: Any, *, account: str, most: int) -> list[Work]:
    """A page of `most` works of an account; raises ContractBroken, also where a work is of another account."""
    page = _read(lambda: [_work(one) for one in given["works"]])
    if len(page) > most:
        raise ContractBroken("the platform lists more works on a page than were asked for")
    if any(one.account_id != account for one in page):
        raise ContractBroken("the platform lists a work of another account")
    return page


def read_cursor(given: Any) -> str | None:
    """Where the next page of a list begins, None if there is none; raises ContractBroken."""
    return _read(lambda: _text(given["cursor"], most=_LONGEST_CURSOR) if given["cursor"] is not None else None)


def read_ranges(given: Any, *, parts: int) -> list[int]:
    """Where `parts` ranges at most begin but for the first one; raises ContractBroken."""
    found = _read(lambda: list(_ids(given["after"])))
    if len(found) >= parts or any(one <= before for before, one in pairwise([0, *found])):
        raise ContractBroken("the platform divides followers into ranges that do not follow one another")
    return found


def read_moved_page(given: Any, *, cursor: int, limit: int, last: int | None = None) -> MovedPage:
    """A page of a move of `limit` followers at most, up to `last`; raises ContractBroken, also for an empty page that is not the last one."""
    page = _read(lambda: _moved_page(given, cursor, limit))
    ends = [*page.moved, *page.already, *(one for rows in page.excluded.values() for one in rows)]
    if last is not None and (max(ends, default=0) > last or (page.cursor is not None and page.cursor >= last)):
        raise ContractBroken("the platform went beyond the range of the page")
    return page


def read_answered_page(given: Any, followers: Sequence[int]) -> MovedPage:
    """What became of these followers by their answers; raises ContractBroken."""
    page = read_moved_page(given, cursor=min(followers) - 1, limit=len(followers))
    looked_at = {*page.moved, *page.already, *(one for rows in page.excluded.values() for one in rows)}
    if page.cursor is not None or not looked_at <= set(followers):
        raise ContractBroken("the platform answered for somebody else")
    return page


def read_restored_page(given: Any, *, asked: Collection[int]) -> RestoredPage:
    """How taking these followers back went; raises ContractBroken, also where somebody else is in it, or twice."""
    page = _read(lambda: _restored_page(given, len(asked)))
    named = [*page.overridden, *page.missing]
    if len(set(named)) != len(named) or not set(named) <= set(asked):
        raise ContractBroken("the platform answered for somebody else")
    return page


def read_following(given: Any) -> Following:
    """What a follower follows; raises ContractBroken."""
    return _read(lambda: Following(**{name: _flag(given[name]) for name in ("source", "target", "moved")}))


def read_follow_states(given: Any, *, asked: Sequence[int]) -> list[FollowState]:
    """What some of those who were asked for follow; raises ContractBroken, also where somebody else is in it, or twice."""
    found = _read(lambda: [_follow_state(one) for one in given["states"]])
    named = [one.follower_id for one in found]
    if len(set(named)) != len(named) or not set(named) <= set(asked):
        raise ContractBroken("the platform answered for somebody else")
    return found


def read_flag(given: Any, name: str) -> bool:
    """One member that is true or false; raises ContractBroken."""
    return _read(lambda: _flag(given[name]))


def read_label(given: Any, key: str) -> Label | None:
    """The label of a key, None if it does not hold; raises ContractBroken."""
    return _read(lambda: _label(given, key) if _flag(given["holds"]) else None)


def read_text(given: Any, name: str) -> str:
    """One member that is text; raises ContractBroken."""
    return _read(lambda: _text(given[name]))


def read_signals(given: Any) -> AccountSignals:
    """The devices and payees of an account; raises ContractBroken."""
    return _read(lambda: AccountSignals(*(frozenset(map(_text, given[name])) for name in ("devices", "payees"))))


def _one_asked_for(found: Found, asked: str | None) -> Found:
    if asked is not None and found.id != asked:
        raise ContractBroken("the platform answered with another account or work than it was asked for")
    return found


def _read(read: Callable[[], Value]) -> Value:
    try:
        return read()
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ContractBroken("the platform answered what the contract does not know") from error


def _follow_state(given: Any) -> FollowState:
    since = given["source_since"]
    return FollowState(
        follower_id=_ids([given["follower_id"]])[0],
        source_since=_moment(since) if since is not None else None,
        target=_flag(given["target"]),
        moved=_flag(given["moved"]),
    )


def _account(given: Any) -> Account:
    return Account(
        id=_id(given["id"]),
        handle=_text(given["handle"], most=_LONGEST_HANDLE),
        name=_text(given["name"]),
        url=_address(given["url"]),
        region=_text(given.get("region", "")),
        agency=_text(given.get("agency", "")),
        language=_text(given.get("language", "en")),
        followers=_count(given.get("followers", 0)),
        state=_one_of(given["state"], _STATES["account"]),
        joined_at=_moment(given["joined_at"]) if given.get("joined_at") else None,
    )


_KINDS: tuple[WorkKind, ...] = ("video", "image", "audio", "text")


def _work(given: Any) -> Work:
    return Work(
        id=_id(given["id"]),
        account_id=_id(given["account_id"]),
        title=_text(given["title"]),
        url=_address(given["url"]),
        published_at=_moment(given["published_at"]),
        state=_one_of(given["state"], _STATES["work"]),
        views=_count(given.get("views", 0)),
        kind=cast("WorkKind", _one_of(given.get("kind", "video"), _KINDS)),
        description=_text(given.get("description", "")),
    )


def _label(given: Any, key: str) -> Label:
    return Label(key, {_text(language): _text(text) for language, text in given["texts"].items()}, _text(given["url"]))


def _moved_page(given: Any, cursor: int, limit: int) -> MovedPage:
    excluded = {_one_of(reason, EXCLUSIONS): _ids(rows) for reason, rows in given.get("excluded", {}).items()}
    page = MovedPage(
        cursor=None if given["cursor"] is None else _count(given["cursor"]),
        moved=sorted(_ids(given["moved"])),
        already=sorted(_ids(given["already"])),
        excluded={reason: excluded[reason] for reason in EXCLUSIONS if excluded.get(reason)},
        passed=_count(given["passed"]),
        restore_data=_text(given.get("restore_data", "")),
        by_work={_text(work): _ids(rows) for work, rows in given.get("by_work", {}).items() if rows},
        by_time={_moment(at): _ids(rows) for at, rows in given.get("by_time", {}).items() if rows},
    )
    _require_consistent(page, cursor, limit)
    nobody = not (page.moved or page.already or page.excluded or page.passed)
    return MovedPage(cursor=None) if nobody and page.cursor is None else page


def _require_consistent(page: MovedPage, cursor: int, limit: int) -> None:
    """The ledger is written from this: nobody twice, nobody of an earlier page, and a ground for each who went.

    No more than were asked for, and somebody on every page but the last, or a move would never end.
    """
    ended = [*page.moved, *page.already]
    looked_at = [*ended, *(one for rows in page.excluded.values() for one in rows)]
    grounds = [one for rows in (*page.by_work.values(), *page.by_time.values()) for one in rows]
    last = page.cursor if page.cursor is not None else max(looked_at, default=cursor)
    right = (
        len(set(looked_at)) == len(looked_at)
        and all(cursor < one <= last for one in looked_at)
        and sorted(grounds) == sorted(ended)
        and (page.cursor is None or page.cursor > cursor)
        and (0 if page.cursor is None else 1) <= len(looked_at) + page.passed <= limit
    )
    if not right:
        raise ValueError("a page that does not add up")


def _restored_page(given: Any, asked: int) -> RestoredPage:
    page = RestoredPage(_count(given["restored"]), _ids(given["overridden"]), _ids(given["missing"]))
    if page.restored + len(page.overridden) + len(page.missing) != asked:
        raise ValueError("a page that does not add up")
    return page


def _text(given: Any, *, most: int | None = None) -> str:
    if not isinstance(given, str) or (most is not None and len(given) > most):
        raise TypeError("text")
    return given


def _id(given: Any) -> str:
    if not ID.fullmatch(_text(given)):
        raise ValueError("an id")
    return str(given)


def _address(given: Any) -> str:
    """The address of a page, which people are shown as a link."""
    address = _text(given, most=_LONGEST_ADDRESS)
    if not address.startswith(("https://", "http://")):
        raise ValueError("an address of a page")
    return address


def _one_of(given: Any, known: tuple[str, ...]) -> str:
    if given not in known:
        raise ValueError("a word that the contract does not know")
    return str(given)


def _flag(given: Any) -> bool:
    if not isinstance(given, bool):
        raise TypeError("true or false")
    return given


def _count(given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given < 2**63:
        raise TypeError("a count")
    return given


def _ids(given: Any) -> list[int]:
    return [_count(one) for one in given]


def _moment(given: Any) -> datetime:
    at = datetime.fromisoformat(given)
    if at.tzinfo is None:
        raise ValueError("a time without its zone")
    at.astimezone(UTC)  # OverflowError for what rows cannot keep.
    return at
