"""The library of works: which videos can be found by their visual words, and which of them show the same."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from complaints.models.comparisons import Grade
from complaints.models.complaints import Complaint
from complaints.models.works import Work
from portal import clock


class EntryGap(models.TextChoices):
    """What is missing of an entry; operators see how many there are of each."""

    UNREADABLE = "unreadable", _("cannot be read")
    TOO_HEAVY = "too_heavy", _("took more memory or time than allowed; tried again later")
    FAILED = "failed", _("its job failed; tried again later")
    CROWDED = "crowded", _("most of its words are in too many works; found through those")
    UNFINISHED = "unfinished", _("more works match than were compared")


class LibraryEntry(models.Model):
    """A work that the library holds. `words`: its words as int32, by which its postings are found again.

    `version`: of what it is made from; an entry of another version is made anew. `gap`: what is missing of it, and
    `tries` how often in a row that was found.
    """

    media = models.OneToOneField(
        "media.MediaFile", models.CASCADE, related_name="library_entry", verbose_name=_("video")
    )
    version = models.CharField(_("version"), max_length=40)
    words = models.BinaryField(editable=False)
    count = models.PositiveIntegerField(_("number of words"))
    gap = models.CharField(_("what is missing"), max_length=20, choices=EntryGap, blank=True, db_default="", default="")
    tries = models.PositiveSmallIntegerField(_("tries"), db_default=0, default=0)
    made_at = models.DateTimeField(_("made at"), default=clock.now)

    class Meta:
        verbose_name = _("entry of the library")
        verbose_name_plural = _("entries of the library")
        ordering = ("pk",)
        indexes: ClassVar = [models.Index(fields=["gap"], condition=~Q(gap=""), name="library_entry_gap")]

    def __str__(self) -> str:
        return f"{self.media_id} {self.version}"


class LibraryPage(models.Model):
    """The postings of one word: twelve bytes for each entry that holds it, its number (uint32) and a signature (uint64).

    `id` is part * WORD_COUNT + word; a part is a run of entries, so that no page grows without end.
    """

    id = models.BigIntegerField(primary_key=True)
    postings = models.BinaryField(editable=False)

    class Meta:
        verbose_name = _("page of the library")
        verbose_name_plural = _("pages of the library")

    def __str__(self) -> str:
        return str(self.pk)


class LibraryMatch(models.Model):
    """Two videos of the library that the full comparison found to show the same; `a` came in before `b`.

    `segments`: the stretches in common, each with a_start, a_end, b_start, b_end (seconds), rate, grade and transformations.
    """

    a = models.ForeignKey("media.MediaFile", models.CASCADE, related_name="+", verbose_name=_("earlier video"))
    b = models.ForeignKey("media.MediaFile", models.CASCADE, related_name="+", verbose_name=_("later video"))
    grade = models.CharField(_("grade"), max_length=20, choices=Grade)
    score = models.FloatField(_("score"))
    segments = models.JSONField(_("matching segments"), default=list)
    versions = models.JSONField(_("versions"), default=dict)
    found_at = models.DateTimeField(_("found at"), default=clock.now)

    class Meta:
        verbose_name = _("match in the library")
        verbose_name_plural = _("matches in the library")
        ordering = ("-found_at", "-pk")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["a", "b"], name="library_match_once"),
            models.CheckConstraint(condition=~Q(a=F("b")), name="library_match_of_two_videos"),
        ]

    def __str__(self) -> str:
        return f"{self.a_id} {self.b_id}: {self.grade}"


class PossibleCopy(models.Model):
    """A post of somebody else whose video matches a work; it may be older than the work, and the original of it.

    The author of the work alone sees it. One that they dismissed stays dismissed. `complaint`: what they began because of
    it. `told_at`: when a message to the author counted it.
    """

    work = models.ForeignKey(Work, models.CASCADE, related_name="possible_copies", verbose_name=_("work"))
    post = models.ForeignKey(Work, models.CASCADE, related_name="+", verbose_name=_("post"))
    match = models.ForeignKey(LibraryMatch, models.CASCADE, related_name="possible_copies", verbose_name=_("match"))
    complaint = models.ForeignKey(Complaint, models.SET_NULL, null=True, related_name="+", verbose_name=_("complaint"))
    found_at = models.DateTimeField(_("found at"), default=clock.now)
    dismissed_at = models.DateTimeField(_("dismissed at"), null=True)
    told_at = models.DateTimeField(_("author told at"), null=True)

    class Meta:
        verbose_name = _("possible copy")
        verbose_name_plural = _("possible copies")
        ordering = ("-found_at", "-pk")
        indexes: ClassVar = [
            models.Index(
                fields=["work"],
                condition=Q(told_at=None, dismissed_at=None, complaint=None),
                name="possible_copy_untold",
            )
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["work", "post"], name="possible_copy_once"),
            models.CheckConstraint(condition=~Q(work=F("post")), name="possible_copy_of_two_works"),
        ]

    def __str__(self) -> str:
        return f"{self.work_id} {self.post_id}"


class CopyNotices(models.Model):
    """How an author is told of possible copies. `told_at`: when the last message was written, at most one a day.

    `by_mail`: whether it is mailed too. Who has no row is mailed.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="copy_notices", verbose_name=_("author")
    )
    by_mail = models.BooleanField(_("by e-mail"), default=True)
    told_at = models.DateTimeField(_("told at"), null=True)

    class Meta:
        verbose_name = _("messages about possible copies")
        verbose_name_plural = _("messages about possible copies")

    def __str__(self) -> str:
        return str(self.user_id)
