"""What a small PeerTube for tests knows: users, videos, reports, tokens, and the faults that its next calls meet."""

import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from portal.platforms import PlatformConfig
from portal.testing.server_threads import Faults

MODERATOR, PASSWORD = "portal", "a long password"
_ALPHABET = "123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass
class User:
    """A user with their account; one of another server has a host, and no user here."""

    id: int
    name: str
    host: str
    bio: str = ""
    followers: int = 0
    blocked: bool = False
    reason: str = ""
    moderator: bool = False
    password: str = ""


@dataclass
class Video:
    """A video; `blocked` is the public reason while it stands on the list of blocked videos."""

    uuid: str
    owner: User
    name: str
    published_at: datetime
    content: bytes = b""
    blocked: str | None = None
    has_source: bool = True
    is_private: bool = False
    is_sensitive: bool = False


@dataclass
class Report:
    """An abuse report, with the messages of its moderators."""

    id: int
    reporter: User
    video: Video | None
    reason: str
    start: int | None = None
    end: int | None = None
    kinds: tuple[str, ...] = ("rights",)
    state: int = 1
    comment: str = ""
    messages: list[str] = field(default_factory=list)


class Problem(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, code: str = "", **headers: str) -> None:
        super().__init__(code)
        self.status, self.code, self.headers = status, code, headers


@dataclass
class PeerTubeState(Faults):
    """The state of the server. `call_limit` calls may be made in `call_window` seconds, `token_limit` for tokens in five minutes."""

    port: int = 0
    call_limit: int = 1_000_000
    call_window: float = 10.0
    token_limit: int = 15
    later: float = 0.0  # Seconds by which its clock is ahead.
    users: dict[str, User] = field(default_factory=dict)
    videos: dict[str, Video] = field(default_factory=dict)
    reports: list[Report] = field(default_factory=list)
    access: dict[str, tuple[str, float]] = field(default_factory=dict)
    refresh: dict[str, tuple[str, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._ids, self._recent, self._token_calls = 1, deque[float](), deque[float]()
        self.add_user(MODERATOR, moderator=True, password=PASSWORD)

    @property
    def host(self) -> str:
        """The host of its own accounts."""
        return f"127.0.0.1:{self.port}"

    @property
    def address(self) -> str:
        """Its public address."""
        return f"http://{self.host}"

    def config(self, **options: Any) -> PlatformConfig:
        """The entry of PLATFORMS with which the portal serves it."""
        quick = {"rate": 1000.0, "backoff_seconds": 0.01, "break_after": 1000, **options}
        words = {"username": MODERATOR, "password": PASSWORD}
        return PlatformConfig("peertube", "PeerTube", "peertube", self.address, words, quick)

    def clear(self) -> None:
        """Forget everything but the moderator."""
        with self.lock:
            self.forget_calls()
            for kept in (self.users, self.videos, self.reports, self.access, self.refresh, self.faults, self.calls):
                kept.clear()
            self.call_limit, self.call_window, self.token_limit, self.later = 1_000_000, 10.0, 15, 0.0
            self.add_user(MODERATOR, moderator=True, password=PASSWORD)

    def forget_calls(self) -> None:
        """Count calls anew, as after a start."""
        self._recent.clear()
        self._token_calls.clear()

    def add_user(self, name: str, *, host: str = "", **facts: Any) -> User:
        """A new user, or the account of another server."""
        with self.lock:
            self._ids += 1
            user = User(self._ids, name, host, **facts)
            self.users[f"{name}@{host}" if host else name] = user
        return user

    def add_video(self, owner: User, name: str, at: datetime, content: bytes = b"", **facts: Any) -> Video:
        """A new video."""
        with self.lock:
            video = Video(str(uuid4()), owner, name, at, content, **facts)
            self.videos[video.uuid] = video
        return video

    def add_report(self, reporter: User, video: Video | None, reason: str, **facts: Any) -> Report:
        """A new report about a video; None for one that was deleted since."""
        with self.lock:
            self.reports.append(report := Report(len(self.reports) + 1, reporter, video, reason, **facts))
        return report

    def end_tokens(self, *, of_kind: str = "access") -> None:
        """Let all tokens of a kind end now."""
        with self.lock:
            (self.access if of_kind == "access" else self.refresh).clear()

    def now(self) -> float:
        """Its own clock."""
        return time.time() + self.later

    def admit(self, path: str, fault: str) -> None:
        """Count a call; raises Problem where there are too many, or where the fault is a status."""
        if fault.isdecimal():
            raise Problem(int(fault))
        self._require_room(self._recent, self.call_limit, self.call_window)
        if path == "/users/token":
            self._require_room(self._token_calls, self.token_limit, 300.0)

    def _require_room(self, calls: deque[float], limit: int, window: float) -> None:
        now = self.now()
        while calls and calls[0] <= now - window:
            calls.popleft()
        if len(calls) >= limit:
            raise Problem(429, "too_many_requests", **{"Retry-After": str(max(1, round(calls[0] + window - now)))})
        calls.append(now)

    def signed_in(self, headers: Any) -> User | None:
        """The user of a call, if its token holds."""
        token = str(headers.get("Authorization") or "").removeprefix("Bearer ")
        name, until = self.access.get(token, ("", 0.0))
        return self.users.get(name) if until > self.now() else None

    def account_json(self, user: User) -> dict[str, Any]:
        """An account as PeerTube shows it."""
        given = {
            "id": user.id + 1000,
            "name": user.name,
            "host": user.host or self.host,
            "displayName": user.name.title(),
        }
        given |= {"description": user.bio or None, "followersCount": 0}
        given |= {
            "createdAt": "2026-01-01T08:00:00.000Z",
            "url": f"http://{user.host or self.host}/accounts/{user.name}",
        }
        return given | ({} if user.host else {"userId": user.id})

    def video_json(self, video: Video) -> dict[str, Any]:
        """A video as moderators see it."""
        download = f"{self.address}/download/videos/{video.uuid}.mp4"
        at = video.published_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        files = [{"fileDownloadUrl": download, "size": len(video.content), "hasAudio": True, "hasVideo": True}]
        return {
            "id": 1,
            "uuid": video.uuid,
            "shortUUID": short(video.uuid),
            "name": video.name,
            "publishedAt": at,
            "originallyPublishedAt": "2001-01-01T00:00:00.000Z",
            "privacy": {"id": 3 if video.is_private else 1},
            "isLocal": not video.owner.host,
            "views": 7,
            "account": {name: self.account_json(video.owner)[name] for name in ("id", "name", "host", "displayName")},
            "blacklisted": video.blocked is not None,
            "blacklistedReason": video.blocked,
            "files": [] if video.owner.host else files,
            "streamingPlaylists": [],
        }

    def video(self, text: str) -> Video:
        """The video by its UUID, or by the short form of it."""
        found = [one for one in self.videos.values() if text in (one.uuid, short(one.uuid))]
        if not found:
            raise Problem(404, "video_not_found")
        return found[0]


def short(uuid: str) -> str:
    """A UUID in 22 letters."""
    number, text = UUID(uuid).int, ""
    while number:
        number, left = divmod(number, len(_ALPHABET))
        text = _ALPHABET[left] + text
    return text.rjust(22, _ALPHABET[0])
