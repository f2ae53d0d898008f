"""What a machine has read on uploaded papers. Values are kept encrypted, and go with the file they were read from."""

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal import clock
from portal.engines.papers import FieldKind, HintKind


class ReadState(models.TextChoices):
    """How the reading of a file ended."""

    READ = "read", _("read")
    FAILED = "failed", _("could not be read")


class ReadKind(models.TextChoices):
    """What a value on a paper is."""

    NAME = FieldKind.NAME.value, _("Name on the document")
    NUMBER = FieldKind.NUMBER.value, pgettext_lazy("on a document", "Number")
    IDENTITY = FieldKind.IDENTITY.value, _("Identity number")
    ISSUER = FieldKind.ISSUER.value, _("Issued by")
    ISSUED_ON = FieldKind.ISSUED_ON.value, _("Issued on")
    FIRST_ISSUE = FieldKind.FIRST_ISSUE.value, _("First issued on")
    EXPIRES_ON = FieldKind.EXPIRES_ON.value, _("Valid until")


class PaperReading(models.Model):
    """One file that was read, or could not be. A file has one reading at most."""

    file = models.OneToOneField(
        "evidence.EvidenceFile", models.PROTECT, related_name="paper_reading", verbose_name=_("file")
    )
    state = models.CharField(_("state"), max_length=10, choices=ReadState)
    pages = models.PositiveSmallIntegerField(_("pages read"), default=0)
    read_at = models.DateTimeField(_("read at"), default=clock.now)
    # Signs of editing as the engine answers them: [{"kind": "editor", "detail": "gimp", "place": []}]; null: not looked for.
    # One of the kind "examined" says that the whole picture was looked over.
    hints = models.JSONField(_("signs of editing"), null=True)

    class Meta:
        verbose_name = _("document read")
        verbose_name_plural = _("documents read")
        ordering = ("read_at", "pk")

    def __str__(self) -> str:
        return str(self.file_id)

    @property
    def is_examined(self) -> bool:
        """Whether the whole picture was looked over for parts that were saved at another quality."""
        return any(hint["kind"] == HintKind.EXAMINED for hint in self.hints or ())

    @property
    def edited_places(self) -> list[tuple[float, float, float, float]]:
        """Parts that were saved at another quality: left, top, width, height as shares of the page.

        Readings of earlier releases have none: their places refer to the picture before it was turned upright.
        """
        if not self.is_examined:
            return []
        return [tuple(hint["place"]) for hint in self.hints or () if hint["kind"] == HintKind.SAVED_BEFORE]


class PageHashQuerySet(models.QuerySet["PageHash"]):
    """Hashes of pages."""

    def like(self, other: "PageHash", *, most: int) -> Self:
        """Those that differ from another in `most` of 256 bits at most. Reads the whole table: for jobs."""
        distance = " + ".join(f"bit_count((word_{number} # %s)::bit(64))" for number in range(4))
        words = [getattr(other, f"word_{number}") for number in range(4)]
        bits = RawSQL(distance, words, output_field=models.IntegerField())  # noqa: S611 -- our own columns, values as parameters
        return self.annotate(distance=bits).filter(distance__lte=most)


class PageHash(models.Model):
    """The perceptual hash (PDQ) of a page, in four words of 64 bits. It stays when the file is purged, as the file's own hash does."""

    file = models.ForeignKey(
        "evidence.EvidenceFile", models.PROTECT, related_name="page_hashes", verbose_name=_("file")
    )
    page = models.PositiveSmallIntegerField(_("page"))
    word_0 = models.BigIntegerField()
    word_1 = models.BigIntegerField()
    word_2 = models.BigIntegerField()
    word_3 = models.BigIntegerField()
    objects = PageHashQuerySet.as_manager()

    class Meta:
        verbose_name = _("hash of a page")
        verbose_name_plural = _("hashes of pages")
        ordering = ("file", "page")
        constraints: ClassVar = [models.UniqueConstraint(fields=["file", "page"], name="page_hash_once")]

    def __str__(self) -> str:
        return f"{self.file_id}/{self.page}"


class ReadField(models.Model):
    """A value on a page, where it stands (corners in px of the page's picture: x, y, clockwise), and how sure the machine is."""

    reading = models.ForeignKey(PaperReading, models.CASCADE, related_name="fields", verbose_name=_("document read"))
    page = models.PositiveSmallIntegerField(_("page"))
    position = models.PositiveSmallIntegerField(_("position"))
    kind = models.CharField(_("kind"), max_length=12, choices=ReadKind)
    value_sealed = models.TextField(editable=False)
    corners = ArrayField(models.IntegerField(), size=8, verbose_name=_("corners"))
    confidence = models.FloatField(_("confidence"))
    certain = models.BooleanField(_("certain"))
    # When the applicant saw the value and kept what they had typed.
    kept_at = models.DateTimeField(_("declined at"), null=True)

    class Meta:
        verbose_name = _("value read")
        verbose_name_plural = _("values read")
        ordering = ("reading", "page", "position")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["reading", "page", "position"], name="read_field_once"),
            models.CheckConstraint(condition=Q(confidence__gte=0, confidence__lte=1), name="read_field_confidence"),
        ]

    def __str__(self) -> str:
        return f"{self.reading_id}/{self.page}/{self.position}"

    @property
    def points(self) -> str:
        """The corners as SVG writes them."""
        return " ".join(f"{x},{y}" for x, y in zip(self.corners[::2], self.corners[1::2], strict=True))

    @property
    def bound_to(self) -> str:
        """What the encrypted value belongs to; in another row it does not open."""
        return f"certification.readfield:{self.reading_id}:{self.page}:{self.position}"
