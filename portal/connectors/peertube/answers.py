"""What PeerTube answers, as the values and errors of the protocol (portal/platforms/protocol.py)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from portal.connectors.entries import LONGEST_ID
from portal.connectors.members import UnknownAnswer, count, member, moment, part
from portal.outbound.http import Answer
from portal.platforms.protocol import Account, Declined, PlatformError, Unknown, Work

_GONE = frozenset({404, 410})
# What PeerTube does not do for the portal's account, whenever it is asked.
_REFUSED = frozenset({400, 403, 409, 422})


def require_success(answer: Answer) -> Answer:
    """The answer; raises Unknown, Declined, or PlatformError with the status and the code of the problem."""
    if 200 <= answer.status < 300:
        return answer
    # A page that says 404 is a wrong address or a proxy's, not a PeerTube that knows its accounts.
    if not str(answer.headers.get("Content-Type") or "").startswith("application/problem+json"):
        raise UnknownAnswer(f"the platform answered {answer.status} without a problem")
    problem = answer.json()
    code = str(problem.get("code") or "") if isinstance(problem, Mapping) else ""
    error = Unknown if answer.status in _GONE else Declined if answer.status in _REFUSED else PlatformError
    raise error(f"the platform answered {answer.status} {code[:40]}")


def account_id(given: Any, base_url: str) -> str:
    """The id of an account: its name, which never changes or passes on, and the host of one of another server."""
    name, host = member(given, "name"), member(given, "host")
    return _keepable(name if host.lower() == urlsplit(base_url).netloc.lower() else f"{name}@{host}")


def require_asked(asked: str, answered: str, base_url: str) -> None:
    """That the account which was asked for was answered. PeerTube takes names in any case, and those of its own with its host."""
    if answered.lower() not in {asked.lower(), asked.lower().removesuffix(f"@{urlsplit(base_url).netloc.lower()}")}:
        raise UnknownAnswer("the platform answered with another account than it was asked for")


def read_account(given: Any, base_url: str, *, blocked: bool, channel_followers: int) -> Account:
    """An account; raises UnknownAnswer."""
    name = account_id(given, base_url)
    return Account(
        id=name,
        handle=name,
        name=str(given.get("displayName") or name),
        url=f"{base_url}/a/{name}",
        followers=count(given.get("followersCount", 0)) + channel_followers,
        state="restricted" if blocked else "open",
        joined_at=moment(given, "createdAt") if given.get("createdAt") else None,
    )


def read_work(given: Any, base_url: str) -> Work:
    """A video; raises UnknownAnswer. `originallyPublishedAt` is the uploader's word and is not used."""
    return Work(
        id=_keepable(member(given, "uuid")),
        account_id=account_id(part(given, "account"), base_url),
        title=member(given, "name"),
        url=f"{base_url}/w/{_keepable(member(given, 'shortUUID'))}",
        published_at=moment(given, "publishedAt"),
        state="removed" if given.get("blacklisted") is True else "public",
        views=count(given.get("views", 0)),
        description=str(given.get("description") or ""),
    )


def best_file(given: Mapping[str, Any]) -> str:
    """The address of the largest file of a video with picture, "" if it has none. Those with sound come first.

    Streams may keep picture and sound in files of their own, which say so.
    """
    lists = [given.get("files"), *(one.get("files") for one in given.get("streamingPlaylists") or ())]
    files = [one for found in lists for one in found or () if one.get("fileDownloadUrl") and one.get("hasVideo", True)]
    best = max(files, key=lambda one: (one.get("hasAudio", True), one.get("size") or 0), default=None)
    return member(best, "fileDownloadUrl") if best is not None else ""


def _keepable(found: str) -> str:
    """An id that rows can keep; raises UnknownAnswer."""
    if len(found) > LONGEST_ID:
        raise UnknownAnswer("the platform's answer has an id that is too long")
    return found
