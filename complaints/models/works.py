"""Works: what an author made, what is said to be a copy, and their fingerprints."""

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.media.models import Kind, MediaState


class WorkQuerySet(models.QuerySet["Work"]):
    """Works by whose they are."""

    def registered_by(self, user: models.Model) -> Self:
        """What an author has registered and not deleted, newest first, with its video."""
        return self.filter(owner=user, deleted_at=None).select_related("media").order_by("-registered_at", "-pk")


class Work(models.Model):
    """A video, picture, sound or text: registered by its author (`owner`), found on a platform (`platform`, `external_id`), or a recording.

    `media` is the portal's own copy of the file, as it was when it was handed in or fetched. A recording
    is what a complainant took of a copy themselves: nobody's work, with or without the place where it stood.
    One that its author deleted stays while the record of a complaint names it (`deleted_at`), without its video.
    `description` is what its uploader wrote beside it on the platform, as it was when the portal came to know it.
    `stated_kind` is what its platform says it is, "" for what came as a file or was named before platforms said so.
    `published_at` and `published_source` say when and where it first appeared, as its author says. `stated_by_uploader`: the
    platform gives as the date what the uploader has written, which may be anything; the date that the server gave for the
    file is kept then, too (`file_modified_at`). `attached_at`: when `media` became the file of this work; posts with equal
    bytes share one row of media, which may have been stored long before for another.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="works", verbose_name=_("author")
    )
    title = models.CharField(_("title"), max_length=160)
    description = models.TextField(_("description"), blank=True, default="", db_default="")
    media = models.ForeignKey(
        "media.MediaFile", models.PROTECT, null=True, related_name="works", verbose_name=_("video")
    )
    stated_kind = models.CharField(_("kind"), max_length=10, choices=Kind, blank=True, default="", db_default="")
    platform = models.CharField(_("platform"), max_length=40, blank=True)
    external_id = models.CharField(_("id on the platform"), max_length=80, blank=True)
    account_id = models.CharField(_("account on the platform"), max_length=80, blank=True)
    url = models.URLField(_("address"), max_length=500, blank=True)
    published_at = models.DateTimeField(_("first published at"), null=True)
    published_source = models.CharField(_("where it was first published"), max_length=300, blank=True)
    stated_by_uploader = models.BooleanField(_("date as stated by the uploader"), default=False, db_default=False)
    file_modified_at = models.DateTimeField(_("file last modified, as stated by the server"), null=True, editable=False)
    registered_at = models.DateTimeField(_("registered at"), default=clock.now)
    attached_at = models.DateTimeField(_("file attached at"), null=True, editable=False)
    deleted_at = models.DateTimeField(_("deleted at"), null=True, editable=False)
    fetch_error = models.CharField(max_length=40, blank=True, editable=False)
    objects = WorkQuerySet.as_manager()

    class Meta:
        verbose_name = _("work")
        verbose_name_plural = _("works")
        ordering = ("-registered_at", "-pk")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["owner", "media"], condition=Q(owner__isnull=False, media__isnull=False), name="work_once"
            ),
            models.CheckConstraint(
                condition=Q(owner__isnull=False)
                | ~Q(external_id="")
                | Q(media__isnull=False)
                | Q(deleted_at__isnull=False),
                name="work_has_an_author_a_place_or_a_file",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["platform", "external_id"], name="work_on_platform"),
            models.Index(fields=["owner", "-registered_at"], name="work_of_owner"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Its page for its author."""
        return reverse("complaints:work", args=[self.pk])

    @property
    def kind(self) -> str:
        """What its file is by its content; before that is known what its platform says, else empty."""
        found = self.media.kind if self.media is not None and self.media.state == MediaState.READY else ""
        return found or self.stated_kind

    @property
    def stored_at(self) -> datetime | None:
        """When the portal stored the file of this work; what it had of another work with equal bytes does not count."""
        if self.media is None:
            return None
        if self.owner_id is not None:
            return self.media.stored_at
        # Works from before `attached_at` was kept: not before the portal knew of them.
        return self.attached_at or max(self.media.stored_at, self.registered_at)


class Fingerprint(models.Model):
    """The fingerprint of a video by one algorithm and version, as one compressed blob (never a row a frame)."""

    media = models.ForeignKey("media.MediaFile", models.CASCADE, related_name="fingerprints", verbose_name=_("video"))
    algorithm = models.CharField(_("algorithm"), max_length=40)
    version = models.CharField(_("version"), max_length=40)
    data = models.BinaryField(editable=False)
    made_at = models.DateTimeField(_("made at"), default=clock.now)

    class Meta:
        verbose_name = _("fingerprint")
        verbose_name_plural = _("fingerprints")
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["media", "algorithm", "version"], name="fingerprint_once"),
        ]

    def __str__(self) -> str:
        return f"{self.media_id} {self.algorithm} {self.version}"


class Authorisation(models.Model):
    """An author lets an account use their works: it is on their list, and a complaint against it is looked at first."""

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="authorisations", verbose_name=_("author")
    )
    platform = models.CharField(_("platform"), max_length=40)
    account_id = models.CharField(_("id on the platform"), max_length=80)
    handle = models.CharField(_("account"), max_length=80)
    work = models.ForeignKey(
        Work,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("work"),
        help_text=_("Empty: all."),
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    given_at = models.DateTimeField(_("given at"), default=clock.now)
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        verbose_name = _("authorisation")
        verbose_name_plural = _("authorisations")
        ordering = ("-given_at", "-pk")
        indexes: ClassVar = [
            models.Index(
                fields=["author", "platform", "account_id"], condition=Q(ended_at=None), name="authorisation_standing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.author_id}: {self.platform}/{self.account_id}"
