"""What MediaCMS answers, as the values and errors of the protocol (portal/platforms/protocol.py).

It says with 400 what is not there, with 403 that a token is wrong, and with 200 and a page in HTML that an address is wrong.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from portal.connectors.entries import LONGEST_ID
from portal.connectors.members import UnknownAnswer, count, member, moment
from portal.outbound.http import Answer
from portal.platforms.protocol import AccessRefused, Account, Declined, PlatformError, Unknown, Work, WorkKind

_BAD, _NOT_ALLOWED, _REFUSED, _GONE = 400, 401, 403, frozenset({404, 410})
_NO_CONTENT = 204
_NOT_THERE = frozenset({"user does not exist", "media file does not exist"})
PRIVATE = "private"


class CredentialsRefused(Declined, AccessRefused):
    """MediaCMS does not take the token, or its account is not an editor."""


class NotAllowed(Declined):
    """MediaCMS does not let the portal's account do this, or the video is private."""


def read_success(answer: Answer) -> Any:
    """What a successful answer says, None for one without content.

    Raises Unknown, CredentialsRefused, NotAllowed, PlatformError with the status, WrongAnswer where it is not JSON.
    """
    if answer.status == _NO_CONTENT:
        return None
    given = answer.json()
    if 200 <= answer.status < 300:
        return given
    raise _error(answer.status, given)


def require_no_content(answer: Answer) -> None:
    """Raise as read_success() does, and UnknownAnswer where a success has content: that is another page's answer."""
    if read_success(answer) is not None:
        raise UnknownAnswer("the platform has answered with something else than that it was done")


def read_account(given: Any, base_url: str) -> Account:
    """An account; raises UnknownAnswer. MediaCMS tells neither followers nor whether it is restricted."""
    name = member(given, "username")
    return Account(
        id=name,
        handle=name,
        name=str(given.get("name") or name),
        url=f"{base_url}/user/{name}",
        joined_at=moment(given, "date_added") if given.get("date_added") else None,
    )


def told_id(given: Mapping[str, Any]) -> str:
    """The id of a work as it stands in its own answer, or in the address there; "" where neither does."""
    address = str(given.get("url") or "")
    return str(given.get("friendly_token") or parse_qs(urlsplit(address).query).get("m", [""])[0])


def read_id(given: Any, name: str) -> str:
    """A member that is an id which rows can keep; raises UnknownAnswer."""
    found = member(given, name)
    if len(found) > LONGEST_ID:
        raise UnknownAnswer(f"the platform's answer has a wrong {name}")
    return found


# `media_type` of MediaCMS; lists and old versions may leave it out. A PDF is none of our kinds.
_KINDS: dict[str, WorkKind] = {"": "video", "video": "video", "image": "image", "audio": "audio"}


def read_work(given: Any, base_url: str, work_id: str, undo_data: Mapping[str, Any] | None) -> Work:
    """A video; raises UnknownAnswer. `add_date` is written by the uploader.

    One that the portal holds (`undo_data`) is its former owner's still, and removed while it is private.
    """
    return Work(
        id=work_id,
        account_id=undo_data["owner"] if undo_data else read_id(given, "user"),
        title=str(given.get("title") or work_id),
        url=f"{base_url}/view?m={work_id}",
        published_at=moment(given, "add_date"),
        state="removed" if undo_data and member(given, "state") == PRIVATE else "public",
        views=count(given.get("views", 0)),
        stated_by_uploader=True,
        kind=_KINDS.get(str(given.get("media_type") or ""), "other"),
        description=str(given.get("description") or ""),
    )


def _error(status: int, given: Any) -> PlatformError:
    detail = given.get("detail") if isinstance(given, Mapping) else None
    if status in _GONE or (status == _BAD and detail in _NOT_THERE):
        return Unknown(f"the platform answered {status}")
    if status == _REFUSED:
        return CredentialsRefused("the platform refuses the token of the portal's account, or what it asks")
    if status == _NOT_ALLOWED:
        return NotAllowed("the platform does not allow it to the portal's account, or the video is private")
    return (Declined if status == _BAD else PlatformError)(f"the platform answered {status}")
