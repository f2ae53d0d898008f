"""A MediaCMS: accounts, videos, messages by mail, and removals by custody where the operator has agreed to them."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, BinaryIO
from urllib.parse import parse_qs

from django.conf import settings

from portal import clock
from portal.connectors import holds
from portal.connectors.entries import checked_id, own_address, read_base_url, read_secret
from portal.connectors.holds import Place
from portal.connectors.http import capabilities
from portal.connectors.listings import listed_works
from portal.connectors.mediacms import answers
from portal.connectors.mediacms.api import Api
from portal.connectors.mediacms.custody import Custody, OwnerStays
from portal.connectors.mediacms.probe import PROBLEMS, Ledger, Probe
from portal.connectors.models import HeldTarget, PlatformCapabilities, SentMessage
from portal.connectors.reasons import NO_FOLLOWERS
from portal.outbound.http import ClientSettings, PlatformClient, WrongAnswer
from portal.platforms import Message, protocol
from portal.platforms.protocol import Ability, PlatformConfig, PlatformError, Unknown, Unserved

_NAME = re.compile(r"(?!\.{1,2}$)[\w@.-]{1,80}")
_VIDEO = re.compile(r"[A-Za-z0-9_-]{1,80}")
_TOKEN = re.compile(r"[0-9a-zA-Z]{20,100}")
_ACCOUNT_PAGE = re.compile(r"/user/([^/]+)(?:/.*)?")
_VIDEO_PAGES = ("/view", "/embed")
_OWN_OPTIONS = ("custody_consent", "probe_work")
_PRIVATE_FILE = frozenset({401, 403})
_REASONS: Mapping[Ability, str] = {
    "restrictions": "still-uploads",
    "labels": "owner-can-change",
    "signals": "no-such-function",
    **NO_FOLLOWERS,
    "reports": "reports-without-names",
}


class MediaCms:
    """Implements the protocols of portal.platforms that MediaCMS can serve."""

    confirms = False

    def __init__(self, config: PlatformConfig) -> None:
        self.code, self.name, self.base_url = config.code, config.name, read_base_url(config)
        token = read_secret(config, "token")
        if not _TOKEN.fullmatch(token):
            raise ValueError("credentials, token: it is not one of MediaCMS")
        self.has_consent = bool(_read_option(config, "custody_consent").strip())
        self._probe_work = _read_option(config, "probe_work")
        client = PlatformClient(config.code, self.base_url, ClientSettings.of_platform(_without_own_options(config)))
        self.api = Api(client, self.base_url, token)

    def connector(self) -> protocol.Connector:
        """The connector, with what MediaCMS serves at most."""
        return protocol.Connector(
            self.code,
            self.name,
            accounts=self,
            kinds=frozenset({"video", "image", "audio"}),
            works=self,
            messages=self,
            removals=self,
            reasons=_REASONS,
            restores=self,
            managers_write_profiles=True,
            tells_regions=False,
        )

    def read_capabilities(self) -> None:
        """Find out what the portal's account may do, and keep it; raises PlatformError where it may not do all of it."""
        account = self.api.account_name()
        is_editor = self.api.is_editor(account)
        found = {"account": account, "is_editor": is_editor, **self._probed(account, is_editor=is_editor)}
        capabilities.note_document(self.code, found)
        if found["custody"] in PROBLEMS:
            raise PlatformError(PROBLEMS[found["custody"]])

    def recognises(self, address: str) -> bool:
        """Whether an address is one of this server's pages."""
        return own_address(address, self.base_url) is not None

    def find_account(self, text: str) -> protocol.Account:
        """The account by name (with or without @), exactly as it is written, or by the address of its page."""
        name = text.strip()
        if "/" not in name:
            return self._account_or_at(name)
        page = own_address(name, self.base_url)
        found = _ACCOUNT_PAGE.fullmatch(page.path) if page is not None else None
        if found is None:
            raise Unknown("no account's address")
        return self.account(found[1])

    def account(self, account_id: str) -> protocol.Account:
        """The account with this name. A deleted one is unknown."""
        return answers.read_account(self._user(account_id), self.base_url)

    def profile_text(self, account_id: str) -> str:
        """What the account says about itself; managers can write it, too."""
        return str(self._user(account_id).get("description") or "")

    def find_work(self, text: str) -> protocol.Work:
        """The video by id or address, removed ones too. A deleted one is unknown."""
        work_id = self._work_id(text)
        return answers.read_work(self.api.work(work_id), self.base_url, work_id, self._undo_data(work_id))

    def works_of(
        self, account_id: str, *, since: datetime | None = None, until: datetime | None = None
    ) -> list[protocol.Work]:
        """The account's videos of a time, oldest first, at most 1,000, and those that the portal has removed."""
        name, held = checked_id(_NAME, account_id), Ledger(self.code).rows()
        found = [self._listed(row, held) for row in self.api.works_of(name)]
        removed = [self._found_or_none(work_id) for work_id, row in held.items() if row.noted["owner"] == name]
        works = (work for work in (*found, *removed) if work is not None and work.account_id == name)
        return listed_works(works, since=since, until=until)

    def open_media(self, work_id: str) -> BinaryIO:
        """The original file; Unserved for a private video, which MediaCMS gives to browsers that are signed in only."""
        address = self._file_address(self._work_id(work_id))
        try:
            return self.api.open_file(address, largest=settings.MEDIA_MAX_BYTES)
        except WrongAnswer as error:
            if error.status in _PRIVATE_FILE:
                raise Unserved("the file of a private video cannot be had with a token") from error
            raise

    def send_message(self, account_id: str, message: Message) -> None:
        """Have a mail sent, with the address of the portal's account to reply to. MediaCMS does not say whether it was."""
        self._user(account_id)
        sent = SentMessage(platform=self.code, account=account_id, key=message.key[:200])
        if not SentMessage.objects.filter(platform=sent.platform, account=sent.account, key=sent.key).exists():
            parts = (message.subject, message.body, message.url)
            self.api.contact(account_id, "\n\n".join(part for part in parts if part))
            SentMessage.objects.bulk_create([sent], ignore_conflicts=True)

    def remove_work(self, work_id: str, *, key: str, reason: str) -> datetime | None:
        """Take custody of the video and make it private; the file can be had for some minutes more."""
        try:
            return holds.begin_hold(*self._removal(work_id), key=key, reason=reason)
        except OwnerStays:
            capabilities.note_document(self.code, {**_known(self.code), "custody": "no-custody"})
            raise

    def restore_work(self, work_id: str, *, key: str) -> datetime | None:
        """Take this removal back; after the last the video has its state and its owner again."""
        return holds.end_hold(*self._removal(work_id), key=key)

    def has_removal(self, work_id: str, *, key: str) -> bool:
        """Whether the video is private, and this removal holds; once it is complete, whether the file is out of reach, too."""
        place, custody = self._removal(work_id)
        if not holds.has_hold(place, custody, key=key):
            return False
        row = place.row()
        is_complete = row is not None and row.complete_at is not None and row.complete_at <= clock.now()
        return not (is_complete and self.api.is_reachable(self._file_address(place.target)))

    def _probed(self, account: str, *, is_editor: bool) -> dict[str, Any]:
        """Why nothing is removed (`custody`, "" where it is), by which probe work, and when that was tried."""
        if not is_editor or not self.has_consent:
            return {"custody": "no-consent" if is_editor else "no-editor"}
        return Probe(self.api, self.code, account, self._probe_work).run(_known(self.code))

    def _removal(self, work_id: str) -> tuple[Place, Custody]:
        video_id = self._work_id(work_id)
        account = _known(self.code).get("account") or self.api.account_name()
        return Place(self.code, "removals", video_id), Custody(self.api, video_id, account)

    def _account_or_at(self, name: str) -> protocol.Account:
        """People write an @ before names; MediaCMS allows it within them."""
        try:
            return self.account(name.removeprefix("@"))
        except Unknown:
            if not name.startswith("@"):
                raise
            return self.account(name)

    def _user(self, account_id: str) -> Mapping[str, Any]:
        return self.api.user(checked_id(_NAME, account_id))

    def _work_id(self, text: str) -> str:
        name = text.strip()
        if "/" in name:
            page = own_address(name, self.base_url)
            asked = parse_qs(page.query) if page is not None and page.path.rstrip("/") in _VIDEO_PAGES else {}
            name = asked.get("m", [""])[0]
        return checked_id(_VIDEO, name)

    def _undo_data(self, work_id: str) -> Mapping[str, Any]:
        row = Place(self.code, "removals", work_id).row()
        return row.noted if row is not None else {}

    def _listed(self, given: Mapping[str, Any], held: Mapping[str, HeldTarget]) -> protocol.Work:
        work_id = answers.read_id(given, "friendly_token")
        row = held.get(work_id)
        return answers.read_work(given, self.base_url, work_id, row.noted if row is not None else {})

    def _found_or_none(self, work_id: str) -> protocol.Work | None:
        try:
            return self.find_work(work_id)
        except Unknown:
            return None

    def _file_address(self, work_id: str) -> str:
        address = self.api.work(work_id).get("original_media_url")
        if not isinstance(address, str) or not address:
            raise PlatformError("the platform does not say where the video's file is")
        return address


def narrow_connector(connector: protocol.Connector) -> protocol.Connector:
    """The connector without what its account may not do, as far as that is known; others are as they are.

    What was removed is restored also where nothing new is removed.
    """
    platform = connector.accounts
    if not isinstance(platform, MediaCms):
        return connector
    known, reasons = _known(platform.code), dict(connector.reasons)
    if not known.get("is_editor"):
        reason = "no-editor" if known else "not-probed-yet"
        reasons |= {"messages": reason, "removals": reason}
        return replace(connector, messages=None, removals=None, restores=None, reasons=reasons)
    refusal = known["custody"] if platform.has_consent else "no-consent"
    if not refusal:
        return connector
    return replace(connector, removals=None, reasons={**reasons, "removals": refusal})


def _known(platform: str) -> dict[str, Any]:
    """What was found out last, {} for nothing."""
    rows = PlatformCapabilities.objects.filter(platform=platform).exclude(document=None)
    return dict(rows.values_list("document", flat=True).first() or {})


def _read_option(config: PlatformConfig, name: str) -> str:
    value: Any = config.options.get(name, "")
    if not isinstance(value, str):
        raise ValueError(f"options, {name}: it must be text")  # noqa: TRY004 -- as every wrong entry
    return value


def _without_own_options(config: PlatformConfig) -> PlatformConfig:
    return replace(config, options={name: one for name, one in config.options.items() if name not in _OWN_OPTIONS})
