"""What a small MediaCMS for tests knows: users, media, mails, and which files its web server has looked at lately."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import token_hex, token_urlsafe
from typing import Any

from portal.platforms import PlatformConfig
from portal.testing.server_threads import Faults

EDITOR, TOKEN = "portal", "0123456789abcdef0123456789abcdef01234567"
PROBE_OWNER, PROBE_WORK = "operator", "probework"
# For so long the web server keeps whether a file may be had.
FILE_CACHE_SECONDS = 300
ROLES = ("user", "editor", "manager")


@dataclass
class User:
    """A user; `role` is one of ROLES, `token` what their calls carry."""

    name: str
    bio: str = ""
    role: str = "user"
    token: str = field(default_factory=lambda: token_hex(20))

    @property
    def is_editor(self) -> bool:
        """Whether they may do what editors do."""
        return self.role != "user"


@dataclass
class Medium:
    """A work; `uploader` stands in the address of its file for good."""

    token: str
    owner: str
    title: str
    add_date: datetime
    content: bytes = b""
    state: str = "public"
    uploader: str = ""

    @property
    def path(self) -> str:
        """The path of its file."""
        return f"/media/original/user/{self.uploader}/{self.token}.video.mp4"


class Problem(Exception):
    """An answer that is an error, as JSON; `given` is the whole body."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.given = status, {"detail": detail}


@dataclass
class MediaCmsState(Faults):
    """The state of the server. `passes_ownership`: a change by an editor makes them the owner, as MediaCMS 8 has it."""

    port: int = 0
    later: float = 0.0  # Seconds by which its clock is ahead.
    passes_ownership: bool = True
    checks_files: bool = True  # Whether its web server asks who may have a file.
    cuts_files: int = 0  # How many of the next files end half way.
    next_host: str = ""  # The host in the addresses of next pages, where it is not its own.
    file_host: str = ""  # The same of files.
    users: dict[str, User] = field(default_factory=dict)
    media: dict[str, Medium] = field(default_factory=dict)
    mails: list[tuple[str, str]] = field(default_factory=list)
    file_answers: dict[str, tuple[bool, float]] = field(default_factory=dict)
    bodies: list[tuple[str, str, str, bytes]] = field(
        default_factory=list
    )  # Method, path, content type, body of changes.

    def __post_init__(self) -> None:
        self._add_known()

    @property
    def address(self) -> str:
        """Its public address."""
        return f"http://127.0.0.1:{self.port}"

    def config(self, **options: Any) -> PlatformConfig:
        """The entry of PLATFORMS with which the portal serves it, with the operator's consent."""
        quick = {"rate": 1000.0, "backoff_seconds": 0.01, "break_after": 1000}
        agreed = {"custody_consent": "The operator, 2026-11-29", "probe_work": PROBE_WORK}
        words = {"token": TOKEN}
        return PlatformConfig("mediacms", "MediaCMS", "mediacms", self.address, words, {**quick, **agreed, **options})

    def clear(self) -> None:
        """Forget everything but the portal's editor and the operator with the probe work."""
        with self.lock:
            for kept in (self.users, self.media, self.mails, self.file_answers, self.faults, self.calls, self.bodies):
                kept.clear()
            self.later, self.passes_ownership, self.checks_files = 0.0, True, True
            self.next_host, self.file_host, self.cuts_files = "", "", 0
            self._add_known()

    def _add_known(self) -> None:
        self.add_user(EDITOR, role="editor", token=TOKEN)
        self.add_user(PROBE_OWNER)
        self.media[PROBE_WORK] = Medium(PROBE_WORK, PROBE_OWNER, "A probe", datetime.now(UTC), uploader=PROBE_OWNER)

    def add_user(self, name: str, **facts: Any) -> User:
        """A new user."""
        with self.lock:
            self.users[name] = user = User(name, **facts)
        return user

    def add_medium(self, owner: str, title: str, at: datetime, content: bytes = b"", **facts: Any) -> Medium:
        """A new work."""
        with self.lock:
            medium = Medium(token_urlsafe(7), owner, title, at, content, uploader=owner, **facts)
            self.media[medium.token] = medium
        return medium

    def close_user(self, name: str) -> None:
        """Delete a user with all their works, as MediaCMS does."""
        with self.lock:
            del self.users[name]
            for token in [token for token, medium in self.media.items() if medium.owner == name]:
                del self.media[token]

    def now(self) -> float:
        """Its own clock."""
        return time.time() + self.later

    def user_of(self, headers: Any) -> User | None:
        """The user of a call, None where it comes without a token; raises Problem for a wrong one."""
        given = str(headers.get("Authorization") or "")
        if not given:
            return None
        kind, _, token = given.partition(" ")
        found = [user for user in self.users.values() if kind == "Token" and user.token == token]
        if not found:
            raise Problem(403, "Invalid token.")
        return found[0]

    def may_have_file(self, medium: Medium) -> bool:
        """Whether its file is given to somebody without a session; what was answered lately is answered again."""
        if not self.checks_files:
            return True
        allowed, until = self.file_answers.get(medium.path, (False, 0.0))
        if until <= self.now():
            allowed = medium.state != "private"
            self.file_answers[medium.path] = (allowed, self.now() + FILE_CACHE_SECONDS)
        return allowed

    def user_json(self, user: User) -> dict[str, Any]:
        """A user as everybody sees them."""
        return {
            "username": user.name,
            "name": user.name.title(),
            "description": user.bio,
            "date_added": "2026-01-01T08:00:00Z",
            "is_featured": False,
            "url": f"/user/{user.name}",
            "media_info": {"results": [], "user_media": f"/api/v1/media?author={user.name}"},
        }

    def medium_json(self, medium: Medium) -> dict[str, Any]:
        """A work in a list."""
        return {
            "friendly_token": medium.token,
            "user": medium.owner,
            "title": medium.title,
            "add_date": medium.add_date.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "state": medium.state,
            "duration": 12,
            "is_reviewed": True,
            "views": 7,
            "likes": 1,
            "reported_times": 0,
            "size": "1.5MB",
        }

    def medium_detail_json(self, medium: Medium) -> dict[str, Any]:
        """A work by itself, which does not name its own token."""
        given = {name: value for name, value in self.medium_json(medium).items() if name != "friendly_token"}
        return given | {
            "url": f"{self.file_host}/view?m={medium.token}",
            "edit_date": "2026-06-01T08:00:00Z",
            "original_media_url": f"{self.file_host}{medium.path}",
            "encodings_info": {},
            "license": None,
            "allow_download": True,
            "related_media": [],
        }
