"""The sandbox as the portal sees it: the protocols of platforms on the sandbox's own tables."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO, cast
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http.request import validate_host
from django.urls import Resolver404, resolve, reverse

from portal import clock
from portal.connectors.entries import is_direct
from portal.connectors.sandbox import invitations, moves, returns, states
from portal.connectors.sandbox.invitations import ANSWERS_AT_ONCE
from portal.media import parts
from portal.platforms import protocol
from portal.platforms.messages import GroupMessage, Message
from portal.platforms.orders import Following, FollowState, MovedPage, MoveOrder, RestoredPage, RestorePage
from portal.platforms.protocol import AccountClosed, PlatformError, Unknown
from portal.sandbox.actions import inbox
from portal.sandbox.models import Account, Follow, Label, Notice, Post, Removal, Restriction

_LARGEST = 2**63 - 1


class SandboxPlatform:
    """Implements every protocol of portal.platforms. Its calls take part in the caller's transaction."""

    joins = True
    confirms = True

    def connector(self, code: str = "sandbox", name: str = "Sandbox") -> protocol.Connector:
        """A connector that serves every protocol from here."""
        return protocol.Connector(
            code,
            name,
            accounts=self,
            works=self,
            messages=self,
            removals=self,
            restrictions=self,
            labels=self,
            followers=self,
            previews=self,
            clearing=self,
            invitations=self,
            opt_outs=self,
            states=self,
        )

    def recognises(self, address: str) -> bool:
        """Whether an address is a page of the sandbox on this portal."""
        try:
            parsed = urlsplit(address.strip())
        except ValueError:
            return False
        ours = [urlsplit(settings.BASE_URL).hostname or "", *settings.ALLOWED_HOSTS]
        host_fits = parsed.hostname is not None and validate_host(parsed.hostname, ours)
        fits = host_fits and parsed.scheme in {"http", "https"} and is_direct(parsed)
        return fits and parsed.path.startswith(reverse("sandbox:home"))

    def find_account(self, text: str) -> protocol.Account:
        """The account by handle (with or without @), id or address."""
        name = text.strip()
        name = self._named(name, "handle") if "/" in name else name.removeprefix("@").lower()
        number = _number(name)
        # A handle that consists of digits is a handle.
        found = Account.objects.with_state().filter(Q(handle=name) | Q(pk=number)).order_by("pk")
        return _account(_first(sorted(found, key=lambda row: row.handle != name), text))

    def account(self, account_id: str) -> protocol.Account:
        """The account with this id, closed ones too."""
        return _account(_one(Account.objects.with_state(), account_id))

    def profile_text(self, account_id: str) -> str:
        """What the account says about itself."""
        return str(_one(Account.objects.all(), account_id).bio)

    def find_work(self, text: str) -> protocol.Work:
        """The post by id or address, removed and deleted ones too."""
        name = self._named(text.strip(), "pk") if "/" in text else text.strip()
        return _work(_one(Post.objects.with_state(), name))

    def works_of(
        self, account_id: str, *, since: datetime | None = None, until: datetime | None = None
    ) -> list[protocol.Work]:
        """The account's posts, published at or after `since` and before `until`."""
        rows = Post.objects.with_state().filter(account=_one(Account.objects.all(), account_id))
        rows = rows.filter(published_at__gte=since) if since else rows
        rows = rows.filter(published_at__lt=until) if until else rows
        return [_work(row) for row in rows.order_by("published_at", "id")]

    def open_media(self, work_id: str) -> BinaryIO:
        """The video as a stream; Unknown if it was deleted or never came."""
        post = _one(Post.objects.select_related("media"), work_id)
        if post.media is None or post.deleted_at or post.media.purged_at:
            raise Unknown(work_id)
        return _spooled(parts.read_video(post.media))

    def send_message(self, account_id: str, message: Message) -> None:
        """Put a message into an account's inbox, once."""
        account = _one(Account.objects.all(), account_id)
        Notice.objects.bulk_create([Notice(account=account, **vars(message))], ignore_conflicts=True)

    def send_messages(self, message: GroupMessage) -> None:
        """Keep a message to many as one row; each of them finds it in their inbox when they look."""
        inbox.keep_group_message(message)

    def remove_work(self, work_id: str, *, key: str, reason: str) -> None:
        """Take a post from the public."""
        post = _one(Post.objects.all(), work_id)
        Removal.objects.get_or_create(post=post, key=key, defaults={"reason": reason})

    def restore_work(self, work_id: str, *, key: str) -> None:
        """Take one removal back."""
        post, now = _one(Post.objects.all(), work_id), clock.now()
        if not post.removals.filter(key=key).exists():
            Removal.objects.create(
                post=post, key=key, restored_at=now
            )  # so that a removal that comes late does nothing
        post.removals.filter(key=key, restored_at=None).update(restored_at=now)

    def has_removal(self, work_id: str, *, key: str) -> bool:
        """Whether a removal holds."""
        return bool(_one(Post.objects.all(), work_id).removals.active().filter(key=key, post__deleted_at=None).exists())

    def restrict_account(self, account_id: str, *, key: str, reason: str, until: datetime | None = None) -> None:
        """Keep an account from publishing."""
        account = _one(Account.objects.all(), account_id)
        Restriction.objects.get_or_create(account=account, key=key, defaults={"reason": reason, "until": until})

    def lift_restriction(self, account_id: str, *, key: str) -> None:
        """Take one restriction back."""
        account, now = _one(Account.objects.all(), account_id), clock.now()
        if not account.restrictions.filter(key=key).exists():
            Restriction.objects.create(account=account, key=key, lifted_at=now)  # as for a removal
        account.restrictions.filter(key=key, lifted_at=None).update(lifted_at=now)

    def has_restriction(self, account_id: str, *, key: str) -> bool:
        """Whether a restriction holds."""
        return bool(_one(Account.objects.all(), account_id).restrictions.active().filter(key=key).exists())

    def set_label(self, account_id: str, label: protocol.Label) -> None:
        """Show a label, in place of one with the same key."""
        account = _one(Account.objects.all(), account_id)
        shown = {"texts": dict(label.texts), "url": label.url}
        Label.objects.update_or_create(account=account, key=label.key, defaults=shown)

    def clear_label(self, account_id: str, *, key: str) -> None:
        """Take a label away."""
        _one(Account.objects.all(), account_id).labels.filter(key=key).delete()

    def shown_label(self, account_id: str, *, key: str) -> protocol.Label | None:
        """The label as it is shown."""
        row = _one(Account.objects.all(), account_id).labels.filter(key=key).first()
        return None if row is None else protocol.Label(row.key, row.texts, row.url)

    def ranges_at_once(self) -> int:
        """None: workers share its pages as spans."""
        return 1

    def follower_ranges(self, account_id: str, *, parts: int) -> list[int]:
        """Where equal parts of the followers begin."""
        return moves.follower_ranges(account_id, parts=parts)

    def move_followers(self, order: MoveOrder, *, cursor: int, limit: int, last: int | None = None) -> MovedPage:
        """One page of a move, in one statement (moves.py)."""
        check = partial(_require_movable, order)
        return moves.move_follower_page(order, cursor=cursor, limit=limit, last=last, check=check)

    def preview_followers(self, order: MoveOrder, *, cursor: int, limit: int) -> MovedPage:
        """What that page would come to."""
        _require_movable(order)
        return moves.preview_follower_page(order, cursor=cursor, limit=limit)

    def page_end(self, account_id: str, *, cursor: int, limit: int) -> int | None:
        """Where a page ends."""
        return moves.page_end(account_id, cursor=cursor, limit=limit)

    def move_span(self, order: MoveOrder, *, after: int, last: int | None) -> MovedPage:
        """The same as a page, for followers whose ids are known beforehand."""
        return moves.move_follower_span(order, after=after, last=last, check=partial(_require_movable, order))

    def restore_followers(self, order: MoveOrder, page: RestorePage) -> RestoredPage:
        """One page of a move taken back (returns.py)."""
        return returns.restore_follower_page(order, page)

    def return_follower(self, order: MoveOrder, follower_id: int) -> bool:
        """One follower's own way back (returns.py)."""
        return returns.return_one_follower(order, follower_id)

    def answers_at_once(self) -> int:
        """As many as one statement moves quickly."""
        return ANSWERS_AT_ONCE

    def answer_invitations(self, order: MoveOrder, followers: Sequence[int], *, accepted: bool) -> MovedPage:
        """What followers have answered, carried out (invitations.py)."""
        _one(Account.objects.all(), order.source)
        check = partial(_require_movable, order)
        return invitations.answer_invitations(order, followers, accepted=accepted, check=check)

    def set_opt_out(self, follower_id: int, *, opted_out: bool) -> None:
        """Note whether orders may change this follower's follows."""
        if not Account.objects.filter(pk=follower_id).update(is_opted_out=opted_out):
            raise Unknown(str(follower_id))

    def following(self, order: MoveOrder, follower_id: int) -> Following:
        """What the follower follows now."""
        ends = [int(order.source), int(order.target or 0)]
        rows = Follow.objects.filter(account_id__in=ends, follower_id=follower_id)
        keys = dict(rows.values_list("account_id", "order_key"))
        source, target = ends
        return Following(source=source in keys, target=target in keys, moved=keys.get(target) == order.key)

    def follow_states(self, order: MoveOrder, followers: Sequence[int]) -> list[FollowState]:
        """What each of these follows now (states.py)."""
        return states.follow_states(order, followers)

    def _named(self, address: str, part: str) -> str:
        """The handle or id that an address of ours names, or ""."""
        if not self.recognises(address):
            return ""
        try:
            return str(resolve(urlsplit(address).path).kwargs.get(part, ""))
        except Resolver404:
            return ""


def _require_movable(order: MoveOrder) -> None:
    """Raise what stands against an order: accounts that are not there, a closed target, a move to itself."""
    _one(Account.objects.all(), order.source)
    if order.effect == "clear":
        return
    if _one(Account.objects.all(), order.target).closed_at:
        raise AccountClosed(f"the account {order.target} is closed")
    if order.source == order.target:
        raise PlatformError("an account's followers cannot be moved to itself")


def _number(text: str) -> int:
    """An id as a number, 0 (which no row has) for everything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= _LARGEST else 0


def _one(rows: QuerySet[Any], text: str) -> Any:
    return _first(rows.filter(pk=_number(text)), text)


def _first(rows: Any, text: str) -> Any:
    row = next(iter(rows), None)
    if row is None:
        raise Unknown(text)
    return row


def _account(row: Account) -> protocol.Account:
    return protocol.Account(
        id=str(row.pk),
        handle=row.handle,
        name=row.name,
        url=urljoin(settings.BASE_URL, row.get_absolute_url()),
        region=row.region,
        agency=row.agency,
        language=row.language,
        followers=Follow.objects.filter(account=row).count(),
        state=row.state.value,
        joined_at=row.joined_at,
    )


def _work(row: Post) -> protocol.Work:
    return protocol.Work(
        id=str(row.pk),
        account_id=str(row.account_id),
        title=row.title,
        url=urljoin(settings.BASE_URL, row.get_absolute_url()),
        published_at=row.published_at,
        state=row.state.value,
        views=row.views,
        kind=cast("protocol.WorkKind", row.media.kind or "video") if row.media is not None else "video",
    )


def _spooled(pieces: Iterator[bytes]) -> BinaryIO:
    """The pieces as a file that can be read and wound back; it has no name and is gone when closed."""
    plain: IO[bytes] = TemporaryFile()  # noqa: SIM115 -- the caller closes it
    for piece in pieces:
        plain.write(piece)
    plain.seek(0)
    return cast("BinaryIO", plain)
