"""People of the sandbox, for the contract: they use the same actions as the pages."""

import io
from collections.abc import Iterable
from datetime import datetime
from itertools import count

from portal import clock
from portal.platforms.contract.stage import PUBLISHED, FollowEdge
from portal.platforms.messages import Message
from portal.platforms.protocol import Label
from portal.sandbox.actions import follows, inbox, posts, profile
from portal.sandbox.models import Account, Block, Follow, Notice, Post, Removal
from portal.sandbox.models import Label as Shown


class SandboxStage:
    def __init__(self) -> None:
        self.numbers = count(1)

    def account(self, handle: str = "author", *, bio: str = "", region: str = "us", agency: str = "") -> str:
        row = Account.objects.create(handle=handle, name=handle.title(), bio=bio, region=region, agency=agency)
        return str(row.pk)

    def work(
        self, account_id: str, *, title: str = "A film", at: datetime = PUBLISHED, video: bytes | None = None
    ) -> str:
        by = Account.objects.get(pk=account_id)
        if video is None:
            return str(Post.objects.create(account=by, title=title, published_at=at).pk)
        return str(posts.publish_post(by=by, title=title, video=io.BytesIO(video), name="film.mp4", at=at).pk)

    def viewer(self, *, is_bot: bool = False, is_minor_closed: bool = False) -> int:
        name = f"viewer-{next(self.numbers)}"
        return Account.objects.create(handle=name, name=name, is_bot=is_bot, is_minor_closed=is_minor_closed).pk

    def give_signals(self, account_id: str, *, devices: Iterable[str], payees: Iterable[str]) -> None:
        raise NotImplementedError("the sandbox knows no devices and no payees")

    def delete_work(self, work_id: str) -> None:
        post = Post.objects.get(pk=work_id)
        posts.delete_post(post=post, by=post.account)

    def follow(
        self, account_id: str, follower_id: int, *, at: datetime, work_id: str | None = None, kind: str = ""
    ) -> None:
        post = Post.objects.get(pk=work_id) if work_id else None
        with clock.freeze_time(at):
            follows.follow_account(account=self._row(account_id), by=self._row(follower_id), post=post, origin=kind)

    def unfollow(self, account_id: str, follower_id: int) -> None:
        follows.unfollow_account(account=self._row(account_id), by=self._row(follower_id))

    def confirm(self, account_id: str, follower_id: int) -> None:
        follows.confirm_follow(account=self._row(account_id), by=self._row(follower_id))

    def block(self, account_id: str | int, by: str | int, *, mutes_only: bool = False) -> None:
        Block.objects.create(account_id=int(account_id), by_id=int(by), mutes_only=mutes_only)

    def close(self, account_id: str | int) -> None:
        profile.close_sandbox_account(by=self._row(account_id))

    def edges(self) -> set[FollowEdge]:
        return {
            FollowEdge(
                str(row.account_id),
                row.follower_id,
                row.created_at,
                str(row.post_id) if row.post_id else None,
                f"{row.source_kind}/{row.confirmed_at}",
            )
            for row in Follow.objects.all()
        }

    def messages(self, account_id: str | int) -> list[Message]:
        inbox.deliver_group_messages(self._row(account_id))
        rows = Notice.objects.filter(account_id=account_id).order_by("id")
        return [Message(row.key, row.subject, row.body, row.url) for row in rows]

    def labels(self, account_id: str) -> list[Label]:
        rows = Shown.objects.filter(account_id=account_id)
        return [Label(row.key, row.texts, row.url) for row in rows]

    def removal_reasons(self, work_id: str) -> list[str]:
        return list(Removal.objects.active().filter(post_id=work_id).values_list("reason", flat=True))

    def _row(self, account_id: str | int) -> Account:
        return Account.objects.get(pk=account_id)
