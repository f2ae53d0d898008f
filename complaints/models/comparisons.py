"""What the machine found when it compared two videos. It flags and grades; it decides nothing."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from complaints.models.complaints import Complaint
from complaints.states import Side
from portal import clock
from portal.evidence.models import KeyedRow


class Grade(models.TextChoices):
    """How strong a match is; the engine's words."""

    IDENTICAL = "identical", _("Identical file, byte for byte")
    MOTION_CONFIRMED = "motion_confirmed", _("Same imagery and same movement")
    IMAGERY = "imagery", _("Same imagery, movement not confirmed")
    STATIC = "static", _("Same imagery, with hardly any movement")
    SIMILAR = "similar", _("Changes at the same moments, no imagery in common found")
    NOT_COMPARABLE = "not_comparable", _("Not comparable: too little to recognise in the picture")
    NONE = "none", _("No match found by this method")


class Comparison(models.Model):
    """One comparison of the two videos of a complaint. `score` in [0, 1] is the matched share of the shorter one.

    `rhythm`: deviations by which the rhythm of changes is more alike than chance makes it. `usable_original` and
    `usable_copy`: the share of each video, 0..1, in which a copy could be recognised; None in comparisons made before it was
    measured. `thresholds` and `versions` say with which settings and algorithms, so that it can be repeated.
    Rows are only added: the database refuses to change or delete them.
    """

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="comparisons", verbose_name=_("complaint"))
    round = models.PositiveSmallIntegerField(_("round"))
    grade = models.CharField(_("grade"), max_length=20, choices=Grade)
    score = models.FloatField(_("score"))
    rhythm = models.FloatField(_("likeness of rhythm"), default=0, db_default=0)
    usable_original = models.FloatField(_("recognisable share of the original"), null=True)
    usable_copy = models.FloatField(_("recognisable share of the copy"), null=True)
    thresholds = models.JSONField(_("thresholds"), default=dict)
    versions = models.JSONField(_("versions"), default=dict)
    made_at = models.DateTimeField(_("made at"), default=clock.now)

    class Meta:
        verbose_name = _("comparison")
        verbose_name_plural = _("comparisons")
        ordering = ("-round",)
        constraints: ClassVar = [models.UniqueConstraint(fields=["complaint", "round"], name="comparison_once")]
        triggers: ClassVar = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.complaint_id}: {self.grade}"


class MatchSegment(models.Model):
    """A stretch of the original (a) that is found in the copy (b); times in seconds of each video. Rows are only added.

    `distance` is None where only keypoints agree; `places` says in how many places of the picture they do. `affine`: the
    six numbers that take a place of the original's picture to the copy's, empty in old rows. `transformations`: codes.
    `rule`: by which movement was judged, a code of portal/engines/fingerprints/thresholds.py, and `needed`: the correlation that
    it asks for; both empty in old rows. `by_rhythm`: seconds for which only the moments of changes were compared.
    """

    comparison = models.ForeignKey(Comparison, models.PROTECT, related_name="segments", verbose_name=_("comparison"))
    a_start = models.FloatField()
    a_end = models.FloatField()
    b_start = models.FloatField()
    b_end = models.FloatField()
    rate = models.FloatField(default=1.0)
    orientation = models.CharField(_("orientation"), max_length=20, default="upright")
    grade = models.CharField(_("grade"), max_length=20, choices=Grade)
    hits = models.PositiveIntegerField(_("matching frames"), default=0)
    distance = models.FloatField(_("mean distance in bits"), null=True)
    places = models.PositiveIntegerField(_("agreeing places"), default=0, db_default=0)
    affine = ArrayField(models.FloatField(), verbose_name=_("place in the copy"), default=list, db_default=[])
    transformations = ArrayField(
        models.CharField(max_length=20), verbose_name=_("what was changed"), default=list, db_default=[]
    )
    motion = models.FloatField(_("correlation of movement"), null=True)
    rule = models.CharField(_("rule of movement"), max_length=20, blank=True, default="", db_default="")
    needed = models.FloatField(_("correlation needed"), null=True)
    by_rhythm = models.FloatField(_("seconds compared by rhythm only"), default=0, db_default=0)

    class Meta:
        verbose_name = _("matching segment")
        verbose_name_plural = _("matching segments")
        ordering = ("a_start", "pk")
        triggers: ClassVar = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.a_start:.1f}-{self.a_end:.1f}"

    @property
    def signed_rate(self) -> float:
        """Seconds of the copy for one of the original, less than 0 where it runs backwards."""
        return -self.rate if "reversed" in self.transformations else self.rate

    def copy_second(self, second: float) -> float:
        """Where the copy shows what the original shows at that second; less than 0 where it has not begun yet.

        Where the copy's own beginning or end cuts the stretch off, the other end of it is counted from.
        """
        lasts = self.rate * (self.a_end - self.a_start)
        is_cut = self.b_end - self.b_start < lasts - 0.01
        backwards, begins = self.signed_rate < 0, self.b_start < 0.001
        from_end = is_cut and (begins != backwards)
        a = self.a_end if from_end else self.a_start
        b = self.b_end if from_end != backwards else self.b_start
        return b + (second - a) * self.signed_rate


class ComparisonEvidence(KeyedRow):
    """What people are shown of a comparison, made once by a job and sealed: one ZIP file, encrypted in the storage.

    Both sides and whoever decides get this file, on appeal too. `sha256` is that of the file and stands in the audit trail.
    `summary` is what pages draw without opening it (complaints/evidence_file.py). Purged with either video: then bytes,
    key and summary are gone and the hash stays.
    """

    comparison = models.OneToOneField(Comparison, models.PROTECT, related_name="evidence", verbose_name=_("comparison"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    size = models.PositiveIntegerField(_("size in bytes"))
    location = models.CharField(max_length=80, blank=True, editable=False)
    summary = models.JSONField(_("summary"), default=dict)
    made_at = models.DateTimeField(_("made at"), default=clock.now)

    class Meta:
        verbose_name = _("evidence of a comparison")
        verbose_name_plural = _("evidence of comparisons")
        ordering = ("pk",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(purged_at__isnull=True) & ~models.Q(wrapped_key=b"") & ~models.Q(location="")
                | models.Q(purged_at__isnull=False, wrapped_key=b"", location="", summary={}),
                name="comparison_evidence_purged_leaves_no_bytes",
            )
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="evidence_stays", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="evidence_is_sealed",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("comparison", "sha256", "size", "made_at"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.comparison_id}: {self.sha256[:12]}"

    @property
    def bound_to(self) -> str:
        """What its key and its ciphertext are bound to."""
        return f"complaints.comparison_evidence:{self.comparison_id}"


class EvidenceLook(models.Model):
    """Somebody was sent a part of a comparison's evidence, once for each part and hour. Rows are never changed nor deleted.

    `by` is empty for a side that came by its link; then `side` says which. It is empty for whoever held the case. `part` is the
    name of a picture in the file, or WHOLE. It is no view of a video: second looks (portal/reviews/second_look.py) do not count it.
    """

    WHOLE = "evidence.zip"

    evidence = models.ForeignKey(
        ComparisonEvidence, models.PROTECT, related_name="looks", verbose_name=_("evidence of a comparison")
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    side = models.CharField(_("side"), max_length=12, choices=Side, blank=True)
    part = models.CharField(_("part"), max_length=40)
    at = models.DateTimeField(_("at"), default=clock.now)
    hour = models.DateTimeField(_("hour"))

    class Meta:
        verbose_name = _("view of evidence")
        verbose_name_plural = _("views of evidence")
        ordering = ("-at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["evidence", "by", "side", "part", "hour"],
                nulls_distinct=False,
                name="evidence_look_once_an_hour",
            )
        ]
        triggers: ClassVar = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.evidence_id} {self.part} {self.at:%Y-%m-%d %H:%M}"
