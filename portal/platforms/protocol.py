"""The protocols between the portal and a platform, and the plain values that travel over them.

A platform need not serve all of them: a `Connector` has one attribute for each, None where it does not.

Account and work ids are the platform's own, as text. Follower ids are 64-bit integers, since a
restitution carries millions of them in arrays. Every call that changes something takes a `key`:
the same key again changes nothing more and gives the same answer, also when what was done under it
has been taken back meanwhile. So a key is for one purpose and never used anew. A page of a move is known by the order's
key and `cursor`, a page that is taken back by the order's key and its followers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BufferedRandom
from typing import Any, BinaryIO, Final, Literal, Protocol, TypeVar

from portal.platforms.messages import GroupMessage, Message
from portal.platforms.orders import Following, FollowState, MovedPage, MoveOrder, RestoredPage, RestorePage

Part = TypeVar("Part")
WorkKind = Literal["video", "image", "audio", "text", "other"]
WORK_KINDS: Final[frozenset[WorkKind]] = frozenset(("video", "image", "audio", "text"))  # those that the portal handles


class PlatformError(Exception):
    """The platform did not answer, or refused for a reason of its own; trying again later may help."""


class Unknown(PlatformError):
    """There is no such account or work, or not any more; trying again does not help."""


class NotServed(PlatformError):
    """The portal serves no platform of this code, perhaps because its entry is wrong; once it does, calls go on."""


class AccountClosed(PlatformError):
    """The account that followers would go to is closed, and nothing was moved under this key and cursor."""


class Declined(PlatformError):
    """The platform has understood what it was asked for, and does not do it. It is asked again later, and staff are told."""


class AccessRefused(PlatformError):
    """The platform does not take the portal's signature or credentials. `status` is that of HTTP, if one is known."""

    status: int | None = None


class BrokenAnswer(PlatformError):
    """The platform answered what its contract or its API does not know, or about somebody else."""


class Unserved(Declined):
    """The connector does not serve this protocol. Nothing that depends on it is offered; rows of earlier days may."""


@dataclass(frozen=True)
class Account:
    """A platform account as everybody sees it, and what the platform tells the portal besides.

    `region` is a jurisdiction's code (us, eu, cn); `agency` names the MCN that represents it, or "".
    It is restricted while any restriction holds, and closed when its holder has closed it.
    """

    id: str
    handle: str
    name: str
    url: str
    region: str = ""
    agency: str = ""
    language: str = "en"
    followers: int = 0
    state: str = "open"  # open | restricted | closed
    joined_at: datetime | None = None


@dataclass(frozen=True)
class AccountSignals:
    """Keyed hashes of the devices on which an account is used, and of those to whom its earnings go.

    The same device or payee has the same hash on one platform; the platform keeps the key.
    """

    devices: frozenset[str] = frozenset()
    payees: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Work:
    """A video, picture, sound or text on the platform, as `kind` says; "other" is what the portal does not handle.

    A work is removed while any removal holds, and can be restored; a deleted one was taken away by its account.
    `stated_by_uploader`: `published_at` is what the uploader says, which the platform does not check.
    `description`: what the uploader wrote beside it, "" where there is none or the platform does not tell it.
    """

    id: str
    account_id: str
    title: str
    url: str
    published_at: datetime
    state: str = "public"  # public | removed | deleted
    views: int = 0
    stated_by_uploader: bool = False
    kind: WorkKind = "video"
    description: str = ""


@dataclass(frozen=True)
class Label:
    """What the platform shows beside an account's name: its text by language code, and where it can be checked.

    The text in the portal's default language is always there; a platform shows it to readers of languages that are not.
    """

    key: str
    texts: Mapping[str, str]
    url: str


class FetchedFile(BufferedRandom):
    """A file that was fetched. `modified_at`: when it was last modified, as its server states; None without such a statement."""

    modified_at: datetime | None = None


class Accounts(Protocol):
    """Accounts, looked up. Every connector serves this."""

    def recognises(self, address: str) -> bool:
        """Whether an address (URL) is one of this platform's pages."""

    def find_account(self, text: str) -> Account:
        """The account by handle (with or without @), id or address, closed ones too."""

    def account(self, account_id: str) -> Account:
        """The account with this id, closed ones too."""

    def profile_text(self, account_id: str) -> str:
        """The text that the account's holder writes on its profile; nobody else, unless `managers_write_profiles` says so."""


class Works(Protocol):
    """Works, looked up. Every connector serves this."""

    def find_work(self, text: str) -> Work:
        """The work by id or address, removed and deleted ones too."""

    def works_of(self, account_id: str, *, since: datetime | None = None, until: datetime | None = None) -> list[Work]:
        """Works published from `since` up to, not with, `until`, oldest first, removed and deleted ones too."""

    def open_media(self, work_id: str) -> BinaryIO:
        """The work's file as a stream to read and close, also of a removed work; a FetchedFile if it came over the network.

        Unknown when its account has deleted it.
        """


class Messages(Protocol):
    """Messages to an account, shown in the portal's name.

    `confirms`: the platform says of each message whether it was delivered. Where it does not, a message counts as sent, and
    may come twice if the platform's answer was lost.
    """

    confirms: bool

    def send_message(self, account_id: str, message: Message) -> None:
        """Show a message to an account, once for each message key."""


class Removals(Protocol):
    """Works taken from the public, and back.

    A call returns until when the file itself may lag behind: reachable after a removal, out of reach after its end. None
    where that is not so.
    """

    def remove_work(self, work_id: str, *, key: str, reason: str) -> datetime | None:
        """Take a work from the public; `reason` is shown in its place, where the platform shows any."""

    def restore_work(self, work_id: str, *, key: str) -> datetime | None:
        """Take back the removal that was made under this key, or that comes late; others stay."""

    def has_removal(self, work_id: str, *, key: str) -> bool:
        """Whether the removal of this key holds now; not for a work that its account has deleted."""


class Restrictions(Protocol):
    """Accounts kept from publishing, and allowed again."""

    def restrict_account(self, account_id: str, *, key: str, reason: str, until: datetime | None = None) -> None:
        """Keep an account from publishing, until a moment or for good."""

    def lift_restriction(self, account_id: str, *, key: str) -> None:
        """Take back the restriction that was made under this key, or that comes late; others stay."""

    def has_restriction(self, account_id: str, *, key: str) -> bool:
        """Whether the restriction of this key holds now."""


class Labels(Protocol):
    """Labels beside an account's name."""

    def set_label(self, account_id: str, label: Label) -> None:
        """Show a label beside the account's name; the same key again replaces it."""

    def clear_label(self, account_id: str, *, key: str) -> None:
        """Take the label of this key away."""

    def shown_label(self, account_id: str, *, key: str) -> Label | None:
        """The label of this key as it is shown now, None if none is."""


class Signals(Protocol):
    """Whether accounts belong together, without telling who anybody is."""

    def account_signals(self, account_id: str) -> AccountSignals:
        """The devices and payees of an account."""


@dataclass(frozen=True)
class Report:
    """What a user of the platform has reported to its moderators: a video that takes somebody's work, they say.

    `start` and `end` are seconds of the video, where they named a part of it. `is_local` says that the platform can write to
    the reporter.
    """

    id: str
    reporter_id: str
    work_id: str
    text: str
    start: int | None = None
    end: int | None = None
    is_local: bool = True


class Reports(Protocol):
    """Reports about rights that wait for the platform's moderators; the portal answers those that become complaints."""

    def open_reports(self) -> list[Report]:
        """Those that nobody has answered, oldest first, about videos that are there."""

    def tell_reporter(self, report_id: str, text: str) -> None:
        """Write to the reporter, once for each text."""

    def answer_report(self, report_id: str, *, accepted: bool, comment: str, before: bool | None) -> None:
        """Close the report with a comment for the moderators.

        `before` is what the portal has answered itself, None if nothing; a report that somebody else has answered is left.
        """


class Followers(Protocol):
    """Followers moved to another account and back, and told of it.

    `joins` says that these calls run on the portal's own database connection, within the caller's
    transaction, so that a page of a move and its ledger entry are there together or not at all.
    """

    joins: bool

    def send_messages(self, message: GroupMessage) -> None:
        """Show a message to many followers, to each once for its key; those who are not there any more get none."""

    def ranges_at_once(self) -> int:
        """Into how many ranges of ids the followers of an account may be divided, to move them side by side; 1: into none."""

    def follower_ranges(self, account_id: str, *, parts: int) -> Sequence[int]:
        """Ids after which the second range begins and each further one, of `parts` ranges with about as many followers each.

        In ascending order, and fewer where there are few followers. For connectors of which ranges_at_once() is more than 1.
        """

    def move_followers(self, order: MoveOrder, *, cursor: int, limit: int, last: int | None = None) -> MovedPage:
        """Move the attributable ones among the next `limit` followers whose id is greater than `cursor` (first: 0).

        With `last`, which only follower_ranges() gives, nobody is looked at whose id is greater, and the page after which nobody is
        left up to there is the last one.

        A follow keeps its time and how it came. The source may be restricted or closed. AccountClosed if the
        target is, unless this page was moved before: then its answer is given again.
        """

    def preview_followers(self, order: MoveOrder, *, cursor: int, limit: int) -> MovedPage:
        """What move_followers() would come to for that page now: nothing is changed, and no answer is kept.

        For connectors that serve `previews`; others raise Unserved. Errors are those of move_followers().
        """

    def restore_followers(self, order: MoveOrder, page: RestorePage) -> RestoredPage:
        """Take one page of a move back."""

    def return_follower(self, order: MoveOrder, follower_id: int) -> bool:
        """Undo one follower's move at their own request; False if there is nothing to undo, True again if it was undone.

        If they have followed the source again meanwhile, the order's follow of the target ends. If the order
        has ended their follow of the source because they followed both, that one is taken up again. Either way
        they have confirmed that they follow the source, so that no later order moves it.
        """

    def answers_at_once(self) -> int:
        """How many followers one call of answer_invitations() may name."""

    def answer_invitations(self, order: MoveOrder, followers: Sequence[int], *, accepted: bool) -> MovedPage:
        """Carry out how these followers answered the question whether they want to move; the first answer of each stands.

        Who accepts is moved as by a page, and is in the answer as there; who declines has confirmed that they
        follow the source, and is excluded as that. Who does not follow the source any more is in none of its lists.
        A follower who was named before, alone or beside others, is answered as then, and only the others count for
        AccountClosed, which is raised as for a page. For connectors that serve `invitations`; others raise Unserved.
        """

    def set_opt_out(self, follower_id: int, *, opted_out: bool) -> None:
        """Note that no order changes this follower's follows from now on, or that orders may again.

        What orders have done stands and can be undone. For connectors that serve `opt_outs`; others raise Unserved.
        """

    def following(self, order: MoveOrder, follower_id: int) -> Following:
        """What the follower follows now."""

    def follow_states(self, order: MoveOrder, followers: Sequence[int]) -> Sequence[FollowState]:
        """What each of these follows now; those whose account is closed or gone are left out.

        For connectors that serve `states`; others raise Unserved.
        """


class JoinedFollowers(Followers, Protocol):
    """Followers whose calls take part in the caller's transaction, so that several workers can each move a span of ids."""

    def page_end(self, account_id: str, *, cursor: int, limit: int) -> int | None:
        """The id of the last of the next `limit` followers after `cursor`, None if nobody comes after that one."""

    def move_span(self, order: MoveOrder, *, after: int, last: int | None) -> MovedPage:
        """Move the attributable ones among the followers whose ids are greater than `after` up to `last`, or to the end."""


@dataclass(frozen=True)
class PlatformConfig:
    """One entry of the setting PLATFORMS. `code` stays the same for good, since rows name the platform by it.

    `options` are those of its kind, such as how often it may be called. `pages` are addresses besides `base_url` under which its
    pages lie: the platform can claim no others.
    """

    code: str
    name: str
    kind: str
    base_url: str = ""
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    options: Mapping[str, Any] = field(default_factory=dict)
    pages: Sequence[str] = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        """All under which its pages may lie."""
        return (*((self.base_url,) if self.base_url else ()), *self.pages)


Ability = Literal[
    "messages",
    "removals",
    "restrictions",
    "labels",
    "signals",
    "followers",
    "reports",
    "previews",
    "clearing",
    "invitations",
    "opt_outs",
    "states",
]


@dataclass(frozen=True)
class Connector:
    """One platform. Every call raises PlatformError when it cannot answer, Unknown for what is not there.

    `previews`, `clearing`, `invitations`, `opt_outs` and `states` are `followers`, where the platform can do more than move
    them: say what an order would come to, carry out orders that clear, move who has accepted, spare those who have opted out,
    and tell of many at once what they follow.
    `reasons` says by a code why something is not served; portal/connectors/reasons.py has the words. `restores` ends removals
    of earlier days where no new ones are made. `managers_write_profiles`: a code in a profile proves that its holder put it
    there, or one of the platform's managers. `tells_regions`: accounts come with the region to which they belong.
    `kinds`: the kinds of works that the portal can have of it. `signs_calls`: the platform knows the portal by the signature of
    its calls, not by an account there, so that it is the signature that it may refuse.
    """

    code: str
    name: str
    accounts: Accounts
    works: Works
    messages: Messages | None = None
    removals: Removals | None = None
    restrictions: Restrictions | None = None
    labels: Labels | None = None
    signals: Signals | None = None
    followers: Followers | None = None
    reports: Reports | None = None
    previews: Followers | None = None
    clearing: Followers | None = None
    invitations: Followers | None = None
    opt_outs: Followers | None = None
    states: Followers | None = None
    reasons: Mapping[Ability, str] = field(default_factory=dict)
    restores: Removals | None = None
    managers_write_profiles: bool = False
    tells_regions: bool = True
    kinds: frozenset[WorkKind] = WORK_KINDS
    signs_calls: bool = False

    def serves(self, ability: Ability) -> bool:
        """Whether the platform can do this through the portal."""
        return getattr(self, ability) is not None


def served(part: Part | None) -> Part:
    """A connector's attribute, which is there; raises Unserved if the connector does not serve it."""
    if part is None:
        message = "the platform does not do this through the portal"
        raise Unserved(message)
    return part
