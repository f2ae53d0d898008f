"""Videos of the sandbox, and why some of them cannot be seen."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.media.models import MediaFile
from portal.sandbox.models.accounts import Account


class PostState(models.TextChoices):
    """Whether a post can be seen; never stored, since removals come and go."""

    PUBLIC = "public", _("public")
    REMOVED = "removed", _("removed")
    DELETED = "deleted", _("deleted")


class PostQuerySet(models.QuerySet["Post"]):
    """Posts, with what their pages show."""

    def with_state(self) -> "PostQuerySet":
        """Each with `is_removed`, asked for in the same query."""
        return self.annotate(is_removed=Exists(Removal.objects.active().filter(post=OuterRef("pk"))))

    def public(self) -> "PostQuerySet":
        """Those that everybody can see, newest first."""
        removed = Exists(Removal.objects.active().filter(post=OuterRef("pk")))
        there = self.filter(~removed, deleted_at=None, account__closed_at=None)
        return there.order_by("-published_at", "-id")


class Post(models.Model):
    """One video of one account."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="posts", db_index=False)
    title = models.CharField(_("title"), max_length=120)
    media = models.ForeignKey(MediaFile, models.PROTECT, null=True, related_name="+", verbose_name=_("video"))
    published_at = models.DateTimeField(_("published"), default=clock.now)
    views = models.PositiveBigIntegerField(_("views"), default=0)
    deleted_at = models.DateTimeField(_("deleted"), null=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = _("sandbox post")
        verbose_name_plural = _("sandbox posts")
        ordering = ("published_at", "id")
        indexes: ClassVar = [
            models.Index(fields=["account", "published_at", "id"], name="sandbox_post_of_account"),
            models.Index(fields=["-published_at", "-id"], name="sandbox_post_newest"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Where it is watched."""
        return reverse("sandbox:watch", args=[self.pk])

    @property
    def state(self) -> PostState:
        """As it is now; asks the database unless the row came with its state."""
        if self.deleted_at is not None:
            return PostState.DELETED
        removed: Any = getattr(self, "is_removed", None)
        if removed is None:
            removed = Removal.objects.active().filter(post=self).exists()
        return PostState.REMOVED if removed else PostState.PUBLIC

    @property
    def is_open(self) -> bool:
        """Whether everybody can watch it."""
        return self.state == PostState.PUBLIC and self.account.closed_at is None


class RemovalQuerySet(models.QuerySet["Removal"]):
    """Removals."""

    def active(self) -> "RemovalQuerySet":
        """Those that were not taken back."""
        return self.filter(restored_at=None)


class Removal(models.Model):
    """Takes a post from the public. One that was taken back stays, so that its key removes nothing again."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="removals")
    key = models.CharField(max_length=160)
    reason = models.TextField()
    made_at = models.DateTimeField(default=clock.now)
    restored_at = models.DateTimeField(null=True)

    objects = RemovalQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["post", "key"], name="sandbox_removal_once"),
        ]

    def __str__(self) -> str:
        return self.key
