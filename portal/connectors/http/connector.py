"""A platform over HTTP: every protocol as calls of the contract, signed, and safe to repeat."""

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, BinaryIO, Self
from urllib.parse import quote

from django.conf import settings

from portal.connectors.entries import own_address
from portal.connectors.http import answers, capabilities, division
from portal.connectors.http.answers import ContractBroken
from portal.connectors.http.capabilities import Capabilities
from portal.connectors.listings import listed_works
from portal.outbound.http import ClientSettings, PlatformClient
from portal.platforms import protocol, signing
from portal.platforms.messages import GroupMessage, Message
from portal.platforms.orders import Following, FollowState, MovedPage, MoveOrder, RestoredPage, RestorePage
from portal.platforms.protocol import AccountSignals, Label, PlatformConfig, Unknown, Unserved

_LONGEST_NAME = 300
# More than any account has; a list that does not end is stopped here.
_MOST_PAGES, _MOST_WORKS = 2_000, 100_000


class HttpPlatform:
    """Implements every protocol of portal.platforms; `connector()` serves those that the platform declares."""

    joins = False
    confirms = True
    _pinned: Capabilities | None = None

    def __init__(self, config: PlatformConfig) -> None:
        if not config.base_url:
            raise ValueError("base_url is missing")
        self.code, self.name, self.base_url = config.code, config.name, config.base_url
        self._keys = _read_secrets(config, "secrets")
        self.incoming_keys = (
            _read_secrets(config, "incoming_secrets") if "incoming_secrets" in config.credentials else ()
        )
        self._addresses = config.addresses
        self._client = PlatformClient(config.code, config.base_url, ClientSettings.of_platform(config), sign=self._sign)

    def connector(self) -> protocol.Connector:
        """A connector that serves every protocol, to be narrowed when it is handed out."""
        return protocol.Connector(
            self.code,
            self.name,
            accounts=self,
            works=self,
            messages=self,
            removals=self,
            restrictions=self,
            labels=self,
            signals=self,
            followers=self,
            previews=self,
            clearing=self,
            invitations=self,
            opt_outs=self,
            states=self,
            signs_calls=True,
        )

    def read_capabilities(self) -> None:
        """Ask the platform what it serves, and keep it."""
        answer = answers.require_success(self._client.call("GET", "/v1/capabilities", repeatable=True))
        told = {name.lower(): answer.headers.get(name) or "" for name in ("Sunset", "Deprecation")}
        capabilities.note_capabilities(self.code, answer.json(), **told)

    def recognises(self, address: str) -> bool:
        """Whether an address lies under one of those that the platform has named as its pages, and may name."""
        pages = [page for page in self._known().pages if self._may_claim(page)] or self._addresses
        return any(own_address(address, page) is not None for page in pages)

    @property
    def foreign_pages(self) -> list[str]:
        """Addresses that the platform has named as its pages, and that its entry does not have: nothing there is taken for its own."""
        return [page for page in self._known().pages if not self._may_claim(page)]

    def find_account(self, text: str) -> protocol.Account:
        """The account by handle (with or without @), id or address."""
        name = text.strip()
        if "/" in name:
            return answers.read_account(self._get("/v1/accounts", address=self._own_address(name)))
        handle = name.removeprefix("@")
        if not handle or len(handle) > _LONGEST_NAME:
            raise Unknown(text[:_LONGEST_NAME])
        try:
            return answers.read_account(self._get("/v1/accounts", handle=handle))
        except Unknown:
            # A handle that looks like an id is a handle.
            return self.account(name)

    def account(self, account_id: str) -> protocol.Account:
        """The account with this id, closed ones too."""
        return answers.read_account(self._get(_path("accounts", account_id)), asked=account_id)

    def profile_text(self, account_id: str) -> str:
        """What the account says about itself."""
        return answers.read_text(self._get(_path("accounts", account_id) + "/profile"), "text")

    def find_work(self, text: str) -> protocol.Work:
        """The work by id or address, removed and deleted ones too."""
        name = text.strip()
        if "/" in name:
            return answers.read_work(self._get("/v1/works", address=self._own_address(name)))
        return answers.read_work(self._get(_path("works", name)), asked=name)

    def works_of(
        self, account_id: str, *, since: datetime | None = None, until: datetime | None = None
    ) -> list[protocol.Work]:
        """The account's works of a time, oldest first, page by page, each once and as it was told last."""
        bounds = {"since": since, "until": until, "limit": self._known().works_per_page}
        query = {name: _plain(value) for name, value in bounds.items() if value is not None}
        found = (one for page in self._pages_of_works(account_id, query) for one in page)
        return listed_works(found, since=since, until=until)

    def open_media(self, work_id: str) -> BinaryIO:
        """The video as a file without a name; Unknown if it was deleted."""
        # A deleted work is told from a file that is out of reach for the moment.
        if self.find_work(work_id).state == "deleted":
            raise Unknown(work_id)
        return self._client.open(_path("works", work_id) + "/media", largest=settings.MEDIA_MAX_BYTES)

    def send_message(self, account_id: str, message: Message) -> None:
        """Show a message to an account, once."""
        shown = {"subject": message.subject, "body": message.body, "url": message.url}
        self._put(_path("accounts", account_id, "messages", message.key), shown)

    def send_messages(self, message: GroupMessage) -> None:
        """Show a message to many, as many at once as the platform takes."""
        size = self._known().messages_per_call
        body: dict[str, Any] = {"key": message.key, "subject": message.subject, "body": message.body}
        if message.link is not None:
            body["link"] = message.link.as_json()
        for start in range(0, len(message.followers), size):
            part = list(message.followers[start : start + size])
            body["followers"] = part
            self._post("/v1/messages", body, key=f"messages:{message.key}:{division.digest([part])}")

    def remove_work(self, work_id: str, *, key: str, reason: str) -> None:
        """Take a work from the public."""
        self._put(_path("works", work_id, "removals", key), {"reason": reason})

    def restore_work(self, work_id: str, *, key: str) -> None:
        """Take one removal back."""
        self._delete(_path("works", work_id, "removals", key))

    def has_removal(self, work_id: str, *, key: str) -> bool:
        """Whether the removal of this key holds."""
        return answers.read_flag(self._get(_path("works", work_id, "removals", key)), "holds")

    def restrict_account(self, account_id: str, *, key: str, reason: str, until: datetime | None = None) -> None:
        """Keep an account from publishing."""
        body = {"reason": reason, "until": None if until is None else _plain(until)}
        self._put(_path("accounts", account_id, "restrictions", key), body)

    def lift_restriction(self, account_id: str, *, key: str) -> None:
        """Take one restriction back."""
        self._delete(_path("accounts", account_id, "restrictions", key))

    def has_restriction(self, account_id: str, *, key: str) -> bool:
        """Whether the restriction of this key holds."""
        return answers.read_flag(self._get(_path("accounts", account_id, "restrictions", key)), "holds")

    def set_label(self, account_id: str, label: Label) -> None:
        """Show a label, in place of one with the same key."""
        self._put(_path("accounts", account_id, "labels", label.key), {"texts": dict(label.texts), "url": label.url})

    def clear_label(self, account_id: str, *, key: str) -> None:
        """Take a label away."""
        self._delete(_path("accounts", account_id, "labels", key))

    def shown_label(self, account_id: str, *, key: str) -> Label | None:
        """The label of this key as it is shown."""
        return answers.read_label(self._get(_path("accounts", account_id, "labels", key)), key)

    def account_signals(self, account_id: str) -> AccountSignals:
        """The devices and payees of an account, as keyed hashes."""
        return answers.read_signals(self._get(_path("accounts", account_id, "signals")))

    def ranges_at_once(self) -> int:
        """As many as the platform divides; none where it does not say that it does."""
        return self._known().ranges_at_once

    def follower_ranges(self, account_id: str, *, parts: int) -> list[int]:
        """Where the ranges begin."""
        given = self._get(_path("accounts", account_id, "ranges"), parts=str(parts))
        return answers.read_ranges(given, parts=parts)

    def move_followers(self, order: MoveOrder, *, cursor: int, limit: int, last: int | None = None) -> MovedPage:
        """One page of a move, of at most as many followers as the platform takes at once.

        `limit` is the same whenever the call is repeated. A platform that has lowered its own limit since answers a page that it
        has moved as before, so that `limit` is the most that is believed.
        """
        if order.effect == "clear":
            # One that does not know the effect would move them.
            self._require("clearing")
        size = min(limit, self._known().followers_per_page)
        body = {"order": _order(order), "cursor": cursor, "limit": size, **({} if last is None else {"last": last})}
        given = self._post("/v1/followers/move", body, key=f"{order.key}:move:{cursor}")
        return answers.read_moved_page(given, cursor=cursor, limit=limit, last=last)

    def preview_followers(self, order: MoveOrder, *, cursor: int, limit: int) -> MovedPage:
        """What that page would come to."""
        self._require("previews")
        size = min(limit, self._known().followers_per_page)
        body = {"order": _order(order), "cursor": cursor, "limit": size}
        given = answers.require_success(self._client.call("POST", "/v1/followers/preview", json=body, repeatable=True))
        return answers.read_moved_page(given.json(), cursor=cursor, limit=size)

    def restore_followers(self, order: MoveOrder, page: RestorePage) -> RestoredPage:
        """One page of a move taken back, in as many calls as the platform takes followers at once."""
        return division.restore_in_parts(
            self.code,
            page,
            lambda part, digest: self._restore(order, part, digest),
            most=self._known().followers_per_page,
        )

    def return_follower(self, order: MoveOrder, follower_id: int) -> bool:
        """One follower's own way back."""
        body = {"order": _order(order), "follower_id": follower_id}
        given = self._post("/v1/followers/return", body, key=f"{order.key}:return:{follower_id}")
        return answers.read_flag(given, "returned")

    def answers_at_once(self) -> int:
        """As many as the platform takes in one call; one where it does not say that it takes more."""
        return self._known().answers_per_call

    def answer_invitations(self, order: MoveOrder, followers: Sequence[int], *, accepted: bool) -> MovedPage:
        """What followers have answered, carried out."""
        self._require("invitations")
        body: dict[str, Any] = {"order": _order(order), "accepted": accepted}
        if len(followers) == 1:
            body["follower_id"] = followers[0]
            given = self._post("/v1/followers/answer", body, key=f"{order.key}:answer:{followers[0]}")
        else:
            body["followers"] = list(followers)
            given = self._post("/v1/followers/answers", body, key=f"{order.key}:answers:{division.digest(followers)}")
        return answers.read_answered_page(given, followers)

    def set_opt_out(self, follower_id: int, *, opted_out: bool) -> None:
        """Note whether orders may change this follower's follows."""
        self._require("opt_outs")
        path = f"/v1/followers/{follower_id}/opt-out"
        if opted_out:
            answers.require_done(self._client.call("PUT", path, repeatable=True))
        else:
            self._delete(path)

    def following(self, order: MoveOrder, follower_id: int) -> Following:
        """What the follower follows now."""
        named = {"key": order.key, "source": order.source, "target": order.target, "follower_id": str(follower_id)}
        return answers.read_following(self._get("/v1/followers/following", **named))

    def follow_states(self, order: MoveOrder, followers: Sequence[int]) -> list[FollowState]:
        """What each of these follows now, asked in as many calls as the platform takes followers at once."""
        self._require("states")
        size, found = self._known().followers_per_page, list[FollowState]()
        for start in range(0, len(followers), size):
            asked = list(followers[start : start + size])
            body = {"order": _order(order), "followers": asked}
            call = self._client.call("POST", "/v1/followers/states", json=body, repeatable=True)
            found += answers.read_follow_states(answers.require_success(call).json(), asked=asked)
        return found

    def pinned(self, known: Capabilities) -> Self:
        """The same platform, for whom its connector is handed out to: what it serves was read for that, and is not read again."""
        made = copy(self)
        made._pinned = known
        return made

    def _may_claim(self, page: str) -> bool:
        return any(own_address(page, address) is not None for address in self._addresses)

    def _known(self) -> Capabilities:
        return self._pinned or capabilities.known_capabilities(self.code)

    def _restore(self, order: MoveOrder, page: RestorePage, digest: str) -> RestoredPage:
        followers = {"moved": list(page.moved), "already": list(page.already)}
        body = {"order": _order(order), **followers, "restore_data": page.restore_data}
        given = self._post("/v1/followers/restore", body, key=f"{order.key}:restore:{digest}")
        return answers.read_restored_page(given, asked=[*page.moved, *page.already])

    def _require(self, ability: str) -> None:
        """Raise Unserved where the platform does not declare it: it may take the call for another."""
        if ability not in self._known().serves:
            raise Unserved(f"the platform does not declare {ability}")

    def _own_address(self, address: str) -> str:
        if len(address) > _LONGEST_NAME or not self.recognises(address):
            raise Unknown(address[:_LONGEST_NAME])
        return address

    def _pages_of_works(self, account_id: str, query: Mapping[str, str]) -> Iterator[list[protocol.Work]]:
        path, most = _path("accounts", account_id) + "/works", int(query["limit"])
        cursor, seen, listed = "", set[str](), 0
        while cursor not in seen and len(seen) < _MOST_PAGES and listed < _MOST_WORKS:
            seen.add(cursor)
            given = self._get(path, **query, **({"cursor": cursor} if cursor else {}))
            page, following = answers.read_works(given, account=account_id, most=most), answers.read_cursor(given)
            yield page
            if following is None:
                return
            cursor, listed = following, listed + len(page)
        raise ContractBroken("the platform's list of works does not end")

    def _get(self, path: str, **query: str) -> Any:
        return answers.require_success(self._client.call("GET", path, query=query, repeatable=True)).json()

    def _put(self, path: str, body: Mapping[str, Any]) -> None:
        answers.require_done(self._client.call("PUT", path, json=body, repeatable=True))

    def _delete(self, path: str) -> None:
        answers.require_done(self._client.call("DELETE", path, repeatable=True))

    def _post(self, path: str, body: Mapping[str, Any], *, key: str) -> Any:
        headers = {"Idempotency-Key": key}
        return answers.require_success(
            self._client.call("POST", path, json=body, headers=headers, repeatable=True)
        ).json()

    def _sign(self, method: str, path: str, body: bytes, _now: datetime) -> dict[str, str]:
        # The platform compares it with its own clock, so this is the machine's, also where a demo has moved the portal's.
        return signing.sign_request(self._keys, signing.Request(method, path, body), datetime.now(UTC))


def narrow_connector(connector: protocol.Connector) -> protocol.Connector:
    """The connector with those protocols alone that its platform declares now; others are as they are."""
    platform = connector.accounts
    if not isinstance(platform, HttpPlatform):
        return connector
    known = capabilities.known_capabilities(platform.code)
    pinned = platform.pinned(known)
    served: dict[str, Any] = dict.fromkeys(("accounts", "works", *known.serves), pinned)
    unserved: dict[str, Any] = {name: None for name in capabilities.ABILITIES if name not in known.serves}
    reason = "not-declared" if known.serves or known.pages else "not-probed-yet"
    reasons: dict[Any, str] = dict.fromkeys(unserved, reason)
    return replace(connector, reasons=reasons, **served, **unserved)


def _read_secrets(config: PlatformConfig, name: str) -> tuple[bytes, ...]:
    try:
        return signing.read_secrets(config.credentials.get(name, ""))
    except ValueError as error:
        raise ValueError(f"credentials, {name}: {error}") from error


def _path(kind: str, owner: str, *parts: str) -> str:
    """The path of an account or work, or of what is under it; raises Unknown for what can be no id."""
    if not answers.ID.fullmatch(owner) or owner in {".", ".."}:
        raise Unknown(owner[:_LONGEST_NAME])
    return "/".join(["/v1", kind, *(quote(one, safe="") for one in (owner, *parts))])


def _plain(value: datetime | int) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _order(order: MoveOrder) -> dict[str, Any]:
    return {
        "key": order.key,
        "source": order.source,
        "target": order.target,
        "work_ids": list(order.work_ids),
        "until": order.until.isoformat(),
        "unknown_since": [at.isoformat() for at in order.unknown_since],
        "disputed_work_ids": list(order.disputed_work_ids),
        "effect": order.effect,
    }
