"""A PeerTube: accounts, videos, removals by its list of blocked videos, restrictions by blocking local users."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, BinaryIO

from django.conf import settings

from portal.connectors import holds, members
from portal.connectors.entries import checked_id, own_address, read_base_url, read_secret
from portal.connectors.holds import HeldBy, Place, Standing
from portal.connectors.http import capabilities
from portal.connectors.listings import listed_works
from portal.connectors.members import UnknownAnswer
from portal.connectors.models import HeldTarget, PlatformCapabilities
from portal.connectors.peertube import answers
from portal.connectors.peertube.api import Api
from portal.connectors.peertube.reports import PeerTubeReports
from portal.connectors.peertube.sessions import Sessions
from portal.connectors.reasons import NO_FOLLOWERS
from portal.outbound.http import ClientSettings, PlatformClient, change_and_read_back, path_segment
from portal.platforms import protocol
from portal.platforms.protocol import Ability, PlatformConfig, PlatformError, Unknown, Unserved

# PeerTube takes 50 calls in ten seconds from one address.
_PACE: Mapping[str, Any] = {"rate": 4.0, "burst": 8}
_MODERATING = (0, 1)  # administrators and moderators
_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,80}(@[A-Za-z0-9.-]{1,200}(:\d{1,5})?)?")
_VIDEO = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[1-9A-HJ-NP-Za-km-z]{20,25}")
_ACCOUNT_PAGE = re.compile(r"/(?:a|accounts|@)/([^/]+)(?:/.*)?")
_CHANNEL_PAGE = re.compile(r"/(?:c|video-channels)/([^/]+)(?:/.*)?")
_VIDEO_PAGE = re.compile(r"/(?:w|videos/watch|videos/embed)/([^/]+)/?")
_REASONS: Mapping[Ability, str] = {
    "messages": "no-such-function",
    "labels": "owner-can-change",
    "signals": "no-such-function",
    **NO_FOLLOWERS,
}
# Also videos that are not published yet, that are blocked, and those of blocked accounts; of every privacy, and sensitive ones.
_EVERY_VIDEO: Mapping[str, Any] = {
    "include": 7,
    "privacyOneOf": [1, 2, 3, 4, 5],
    "nsfw": "both",
    "sort": "publishedAt",
}


class PeerTube:
    """Implements the protocols of portal.platforms that PeerTube can serve."""

    def __init__(self, config: PlatformConfig) -> None:
        self.code, self.name, self.base_url = config.code, config.name, read_base_url(config)
        client = PlatformClient(config.code, self.base_url, ClientSettings.of_platform(config, **_PACE))
        self.api = Api(client, Sessions(client, read_secret(config, "username"), read_secret(config, "password")))
        self.reports = PeerTubeReports(self.api, self.base_url)

    def connector(self) -> protocol.Connector:
        """The connector, with what PeerTube serves."""
        return protocol.Connector(
            self.code,
            self.name,
            accounts=self,
            works=self,
            removals=self,
            restrictions=self,
            reports=self.reports,
            reasons=_REASONS,
            tells_regions=False,
            kinds=frozenset({"video"}),
        )

    def read_capabilities(self) -> None:
        """Sign in, and keep whether the portal's account may do what moderators do; raises PlatformError where it may not."""
        role = members.part(self.api.get("/users/me"), "role").get("id")
        capabilities.note_document(self.code, {"moderates": role in _MODERATING})
        if role not in _MODERATING:
            raise PlatformError("the portal's account there is not a moderator")

    def recognises(self, address: str) -> bool:
        """Whether an address is one of this server's pages."""
        return self._path(address) is not None

    def find_account(self, text: str) -> protocol.Account:
        """The account by name (with or without @), name@host or an address of this server; by a channel, its owner."""
        name = text.strip()
        if "/" not in name:
            return self._account_or_owner(name.removeprefix("@"))
        path = self._path(name) or ""
        if found := _ACCOUNT_PAGE.fullmatch(path):
            return self._account_or_owner(found[1])
        if found := _CHANNEL_PAGE.fullmatch(path):
            return self._owner(found[1])
        raise Unknown("no account's address")

    def account(self, account_id: str) -> protocol.Account:
        """The account with this name; whether it is blocked is known of this server's own. Its followers are those of its channels."""
        given = self._account(account_id)
        user = given.get("userId")
        blocked = user is not None and self._user(user).get("blocked") is True
        channels = self.api.pages(f"/accounts/{path_segment(account_id)}/video-channels", sort="createdAt")
        followers = sum(members.count(one.get("followersCount", 0)) for page in channels for one in page)
        return answers.read_account(given, self.base_url, blocked=blocked, channel_followers=followers)

    def profile_text(self, account_id: str) -> str:
        """What the account says about itself; moderators cannot write it."""
        return str(self._account(account_id).get("description") or "")

    def find_work(self, text: str) -> protocol.Work:
        """The video by id or address of this server, blocked ones too. A deleted one is unknown."""
        return answers.read_work(self._video(self._video_id(text)), self.base_url)

    def works_of(
        self, account_id: str, *, since: datetime | None = None, until: datetime | None = None
    ) -> list[protocol.Work]:
        """The account's videos of a time, oldest first. Deleted ones are not known any more."""
        name = path_segment(checked_id(_NAME, account_id))
        pages = self.api.pages(f"/accounts/{name}/videos", **_EVERY_VIDEO)
        found = [answers.read_work(one, self.base_url) for page in pages for one in page]
        for work in found:
            answers.require_asked(account_id, work.account_id, self.base_url)
        return listed_works(found, since=since, until=until)

    def open_media(self, work_id: str) -> BinaryIO:
        """The original file where it was kept, else the largest one. Unserved for a video of another server."""
        video_id = self._video_id(work_id)
        video = self._video(video_id)
        if video.get("isLocal") is False:
            raise Unserved("the video is on another server")
        address = self._source_address(video_id) or answers.best_file(video)
        if not address:
            raise PlatformError("the video has no file yet")
        return self.api.open(address, largest=settings.MEDIA_MAX_BYTES)

    def remove_work(self, work_id: str, *, key: str, reason: str) -> None:
        """Block the video; the reason is shown in its place."""
        place, switch = self._removal(work_id)
        holds.begin_hold(place, switch, key=key, reason=reason)

    def restore_work(self, work_id: str, *, key: str) -> None:
        """Take this removal back; the video is shown again after the last, unless somebody else has blocked it."""
        holds.end_hold(*self._removal(work_id), key=key)

    def has_removal(self, work_id: str, *, key: str) -> bool:
        """Whether the video is away, and this removal holds. A video that its account has deleted is unknown."""
        return holds.has_hold(*self._removal(work_id), key=key)

    def restrict_account(self, account_id: str, *, key: str, reason: str, until: datetime | None = None) -> None:
        """Block the user, which ends their sessions; the portal lifts it at `until`."""
        place, switch = self._restriction(account_id)
        holds.begin_hold(place, switch, key=key, reason=reason, until=until)

    def lift_restriction(self, account_id: str, *, key: str) -> None:
        """Take this restriction back; the user is unblocked after the last, unless somebody else has blocked them."""
        holds.end_hold(*self._restriction(account_id), key=key)

    def has_restriction(self, account_id: str, *, key: str) -> bool:
        """Whether the user is blocked, and this restriction holds."""
        return holds.has_hold(*self._restriction(account_id), key=key)

    def _removal(self, work_id: str) -> tuple[Place, "_BlockedVideo"]:
        video_id = self._video_id(work_id)
        return Place(self.code, "removals", video_id), _BlockedVideo(self.api, video_id)

    def _restriction(self, account_id: str) -> tuple[Place, "_BlockedUser"]:
        user = self._account(account_id).get("userId")
        if user is None:
            raise Unserved("the account is on another server")
        return Place(self.code, "restrictions", account_id), _BlockedUser(self.api, members.count(user))

    def _account_or_owner(self, name: str) -> protocol.Account:
        """People know channels by name, too; an account comes first."""
        try:
            return self.account(name)
        except Unknown:
            return self._owner(name)

    def _owner(self, channel: str) -> protocol.Account:
        given = self.api.get(f"/video-channels/{path_segment(checked_id(_NAME, channel))}")
        return self.account(answers.account_id(members.part(given, "ownerAccount"), self.base_url))

    def _account(self, account_id: str) -> Mapping[str, Any]:
        given: Mapping[str, Any] = self.api.get(f"/accounts/{path_segment(checked_id(_NAME, account_id))}")
        answers.require_asked(account_id, answers.account_id(given, self.base_url), self.base_url)
        return given

    def _user(self, user_id: int) -> Mapping[str, Any]:
        given: Mapping[str, Any] = self.api.get(f"/users/{members.count(user_id)}")
        return given

    def _video(self, video_id: str) -> Mapping[str, Any]:
        given: Mapping[str, Any] = self.api.get(f"/videos/{video_id}")
        if video_id not in {given.get("uuid"), given.get("shortUUID")}:
            raise UnknownAnswer("the platform answered with another video than it was asked for")
        return given

    def _video_id(self, text: str) -> str:
        name = text.strip()
        if "/" in name:
            found = _VIDEO_PAGE.fullmatch(self._path(name) or "")
            name = found[1] if found else ""
        return checked_id(_VIDEO, name)

    def _source_address(self, video_id: str) -> str:
        """Where the uploaded file is, "" where it was not kept."""
        try:
            return str(self.api.get(f"/videos/{video_id}/source").get("fileDownloadUrl") or "")
        except Unknown:
            return ""

    def _path(self, address: str) -> str | None:
        """The path of one of this server's addresses, None for others."""
        found = own_address(address, self.base_url)
        return found.path.replace("/@", "/@/", 1) if found is not None else None


def narrow_connector(connector: protocol.Connector) -> protocol.Connector:
    """The connector without what moderators do, unless its account is known to be one; others are as they are."""
    platform = connector.accounts
    if not isinstance(platform, PeerTube):
        return connector
    rows = PlatformCapabilities.objects.filter(platform=platform.code).exclude(document=None)
    known = rows.values_list("document__moderates", flat=True).first()
    if known:
        return connector
    reason = "not-probed-yet" if known is None else "no-moderator"
    reasons = {**connector.reasons, "removals": reason, "restrictions": reason, "reports": reason}
    return replace(connector, removals=None, restrictions=None, reports=None, reasons=reasons)


class _Block:
    """A block with its reason. It is the portal's if one of its holds has given the reason."""

    lag = None

    def read(self, row: HeldTarget | None) -> Standing:
        is_blocked, reason = self._blocked()
        if not is_blocked:
            return Standing(in_effect=False, held_by=HeldBy.NOBODY)
        return Standing(in_effect=True, held_by=HeldBy.PORTAL if _is_ours(row, reason) else HeldBy.OTHERS)

    def turn_on(self, _row: HeldTarget, reason: str) -> None:
        change_and_read_back(lambda: self._block(reason), lambda: self._blocked()[0])

    def turn_off(self, _row: HeldTarget) -> None:
        change_and_read_back(self._unblock, lambda: not self._blocked()[0])

    def _blocked(self) -> tuple[bool, str]:
        """Whether it is blocked, and with which reason."""
        raise NotImplementedError

    def _block(self, reason: str) -> None:
        raise NotImplementedError

    def _unblock(self) -> None:
        raise NotImplementedError


@dataclass(frozen=True)
class _BlockedVideo(_Block):
    api: Api
    video: str

    def _blocked(self) -> tuple[bool, str]:
        given = self.api.get(f"/videos/{self.video}")
        return given.get("blacklisted") is True, str(given.get("blacklistedReason") or "")

    def _block(self, reason: str) -> None:
        self.api.change("POST", f"/videos/{self.video}/blacklist", {"reason": reason, "unfederate": False})

    def _unblock(self) -> None:
        self.api.change("DELETE", f"/videos/{self.video}/blacklist")


@dataclass(frozen=True)
class _BlockedUser(_Block):
    api: Api
    user: int

    def _blocked(self) -> tuple[bool, str]:
        given = self.api.get(f"/users/{self.user}")
        return given.get("blocked") is True, str(given.get("blockedReason") or "")

    def _block(self, reason: str) -> None:
        self.api.change("POST", f"/users/{self.user}/block", {"reason": reason})

    def _unblock(self) -> None:
        self.api.change("POST", f"/users/{self.user}/unblock")


def _is_ours(row: HeldTarget | None, reason: str) -> bool:
    """Also by a hold that has ended: what it began goes on for the sake of those that hold still."""
    given = holds.shown_reason(reason)
    return row is not None and row.holds.filter(reason=given).exclude(reason="").exists()
