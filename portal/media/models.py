"""Files of works, their encrypted parts, and the log of who saw them."""

from datetime import timedelta
from typing import ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.evidence.models import BlobPart, KeptFile
from portal.media import guards, refusals
from portal.people.models import User

_CHECKED_WITHIN = timedelta(seconds=20)  # a stored file, as pages say


class MediaState(models.TextChoices):
    """How far a video has come."""

    UPLOADING = "uploading", _("uploading")
    STORED = "stored", _("being checked")
    READY = "ready", _("ready")
    REFUSED = "refused", _("refused")


class Kind(models.TextChoices):
    """What a work is, by its content (portal/engines/fingerprints/sniffing.py)."""

    VIDEO = "video", _("video")
    IMAGE = "image", _("picture")
    AUDIO = "audio", _("sound recording")
    TEXT = "text", _("text")


class MediaFileQuerySet(models.QuerySet["MediaFile"]):
    """Videos by what may be done with them."""

    def kept(self) -> Self:
        """Videos whose bytes are still there, oldest first."""
        return self.filter(purged_at__isnull=True).order_by("stored_at", "id")

    def unfinished(self) -> Self:
        """Uploads that can be resumed, annotated with `arrived`: bytes received."""
        open_ones = self.kept().filter(state=MediaState.UPLOADING, purge_at__gt=clock.now())
        return open_ones.annotate(arrived=Coalesce(models.Max(F("parts__offset") + F("parts__size")), 0))


class MediaFile(KeptFile):
    """One video, picture, sound or text, uploaded by a person or fetched by the system (no owner). Its bytes lie in MediaPart.

    `size` is in bytes: while the video arrives, what was announced, later what it is. What the probe
    finds (kind to poster) is empty until the state is READY; `duration` is in seconds, `frame_rate`
    in frames a second on average. `playable` says whether browsers can be expected to play it. `poster`: of a video one
    picture, of a picture all of it as people are shown it.
    """

    audit_name = "media.file"
    owner = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        related_name="videos",
        verbose_name=_("owner"),
        help_text=_("Empty: fetched by the system."),
    )
    size = models.PositiveBigIntegerField(_("size in bytes"))
    state = models.CharField(_("state"), max_length=10, choices=MediaState, default=MediaState.UPLOADING)
    # In rows that were written before there were other kinds, the database says "video".
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, blank=True, default="", db_default=Kind.VIDEO)
    media_type = models.CharField(_("type"), max_length=40, blank=True)
    codec = models.CharField(_("codec"), max_length=40, blank=True)
    width = models.PositiveIntegerField(_("width in pixels"), null=True)
    height = models.PositiveIntegerField(_("height in pixels"), null=True)
    duration = models.FloatField(_("duration in seconds"), null=True)
    frame_rate = models.FloatField(_("frames per second"), null=True)
    has_audio = models.BooleanField(_("has sound"), default=False)
    playable = models.BooleanField(_("browsers can play it"), default=False)
    poster = models.CharField(max_length=80, blank=True, editable=False)

    objects = MediaFileQuerySet.as_manager()

    class Meta(KeptFile.Meta):
        verbose_name = _("video")
        verbose_name_plural = _("videos")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["owner", "purpose", "sha256"],
                condition=Q(purged_at__isnull=True) & ~Q(sha256=""),
                nulls_distinct=False,
                name="media_once",
            ),
            models.CheckConstraint(
                condition=(Q(state="refused") & ~Q(refusal="")) | (~Q(state="refused") & Q(refusal="")),
                name="media_refused_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(state="uploading", sha256="") | ~Q(state="uploading") & ~Q(sha256=""),
                name="media_hash_once_arrived",
            ),
            models.CheckConstraint(
                condition=Q(frozen_at__isnull=True) | ~Q(state="uploading"), name="media_frozen_whole"
            ),
            models.CheckConstraint(
                condition=Q(purged_at__isnull=True) & ~Q(wrapped_key=b"")
                | Q(purged_at__isnull=False, wrapped_key=b"", name="", poster=""),
                name="media_purged_leaves_no_bytes",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["sha256"], name="media_sha256"),
            models.Index(fields=["purge_at", "id"], condition=Q(purged_at__isnull=True), name="media_purge_due"),
        ]
        triggers: ClassVar = [
            pgtrigger.FSM(
                name="moves_by_table",
                field="state",
                transitions=[("uploading", "stored"), ("stored", "ready"), ("stored", "refused")],
            ),
            guards.FROZEN_STAYS,
            guards.FROZEN_IS_SEALED,
        ]

    @property
    def refusal_text(self) -> str | Promise:
        """The sentence for a refused video, "" for others."""
        return refusals.video_refusal_sentence(self.refusal) if self.refusal else ""

    def waits_long(self) -> bool:
        """Whether its check has waited for longer than pages say that it takes."""
        return self.state == MediaState.STORED and clock.now() - self.stored_at > _CHECKED_WITHIN

    @property
    def runtime(self) -> str:
        """How long it plays, as 0:07 or 1:02:03; "" while that is not known."""
        if self.duration is None:
            return ""
        minutes, seconds = divmod(round(self.duration), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


class MediaPart(BlobPart):
    """Up to 4 MiB of a video, encrypted under its data key and bound to its place in it."""

    file = models.ForeignKey(MediaFile, models.PROTECT, related_name="parts", verbose_name=_("video"))

    class Meta:
        verbose_name = _("part of a video")
        verbose_name_plural = _("parts of videos")
        ordering = ("file", "offset")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["file", "offset"], name="media_part_once"),
            models.CheckConstraint(condition=Q(size__gte=1), name="media_part_not_empty"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="part_unchanged", operation=pgtrigger.Update),
            guards.PART_FOLLOWS,
            guards.PART_GOES_WITH_FILE,
        ]

    def __str__(self) -> str:
        return f"{self.file_id}+{self.offset}"


class MediaLook(models.Model):
    """Somebody other than the owner played a video, once for each hour. Rows are never changed nor deleted."""

    file = models.ForeignKey(MediaFile, models.PROTECT, related_name="looks", verbose_name=_("video"))
    by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("by"),
        help_text=_("Empty: someone without an account."),
    )
    why = models.CharField(_("why"), max_length=120)
    at = models.DateTimeField(_("at"), default=clock.now)
    hour = models.DateTimeField(_("hour"))

    class Meta:
        verbose_name = _("view of a video")
        verbose_name_plural = _("views of videos")
        ordering = ("-at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["file", "by", "hour"], nulls_distinct=False, name="media_look_once_an_hour")
        ]
        triggers: ClassVar = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.file_id} {self.at:%Y-%m-%d %H:%M}"
