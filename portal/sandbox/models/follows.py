"""Who follows whom, how it came, and what the portal has moved.

There are millions of follows, and a move writes each of them: the table has one index, no foreign key
that the database would check row by row, and nothing that is not needed to move and to restore.
"""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.sandbox.models.accounts import Account
from portal.sandbox.models.posts import Post


class Origin(models.TextChoices):
    """How a follow came. Where nothing is known, the time must do."""

    POST = "post", _("through a video")
    PROFILE = "profile", _("on the account's page")
    SUGGESTED = "suggested", _("suggested")
    UNKNOWN = "", _("unknown")


class Follow(models.Model):
    """One account follows another. `order_key` names the order that moved it here, until they choose themselves."""

    pk = models.CompositePrimaryKey("account_id", "follower_id")
    account = models.ForeignKey(
        Account, models.DO_NOTHING, related_name="followers", db_constraint=False, db_index=False
    )
    follower = models.ForeignKey(
        Account, models.DO_NOTHING, related_name="follows", db_constraint=False, db_index=False
    )
    created_at = models.DateTimeField(default=clock.now)
    post = models.ForeignKey(Post, models.DO_NOTHING, null=True, db_constraint=False, db_index=False)
    confirmed_at = models.DateTimeField(null=True)
    source_kind = models.CharField(max_length=10, choices=Origin, default=Origin.UNKNOWN, blank=True)
    order_key = models.CharField(max_length=160, default="", blank=True)

    class Meta:
        verbose_name = _("follow")
        verbose_name_plural = _("follows")

    def __str__(self) -> str:
        return f"{self.follower_id} > {self.account_id}"


class Unfollow(models.Model):
    """An account has ended this follow themselves, and no order takes it up again. A new follow deletes the row."""

    pk = models.CompositePrimaryKey("account_id", "follower_id")
    account = models.ForeignKey(Account, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    follower = models.ForeignKey(Account, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.follower_id} x {self.account_id}"


class Block(models.Model):
    """`by` wants nothing of `account`: has blocked it, only mutes it, or has removed it from its followers."""

    pk = models.CompositePrimaryKey("account_id", "by_id")
    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    by = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    mutes_only = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["by", "account"], name="sandbox_block_by_account")]

    def __str__(self) -> str:
        return f"{self.by_id} x {self.account_id}"


class Answer(models.Model):
    """What was answered to one call about followers: the same call again is answered the same, and does nothing."""

    key = models.CharField(max_length=160)
    call = models.CharField(max_length=80)
    first = models.BigIntegerField()
    given = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key", "call", "first"], name="sandbox_answer_once"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.call}"
