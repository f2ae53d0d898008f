"""Reports of a platform's users that became drafts."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from complaints.models.complaints import Complaint
from portal import clock


class PlatformReport(models.Model):
    """One report, taken over once. `complaint` is its draft, and what became of it; none if it could not be taken over.

    `problem` is a code for why not. `answer` is what the portal has told the platform's moderators: accepted, rejected, or
    nothing yet. The draft's deletion leaves the report to them.
    """

    class Answer(models.TextChoices):
        """What the platform's moderators were told."""

        ACCEPTED = "accepted", _("accepted")
        REJECTED = "rejected", _("rejected")

    platform = models.CharField(_("platform"), max_length=40)
    report = models.CharField(_("id of the report"), max_length=80)
    complaint = models.OneToOneField(
        Complaint, models.SET_NULL, null=True, related_name="report", verbose_name=_("complaint")
    )
    problem = models.CharField(_("problem"), max_length=20, blank=True)
    found_at = models.DateTimeField(_("found at"), default=clock.now)
    told_at = models.DateTimeField(_("reporter notified at"), null=True)
    answer = models.CharField(_("answer"), max_length=10, choices=Answer, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True)
    # When a job was last asked to answer it.
    tried_at = models.DateTimeField(_("last tried at"), null=True)

    class Meta:
        verbose_name = _("report of a platform")
        verbose_name_plural = _("reports of platforms")
        ordering = ("pk",)
        constraints: ClassVar = [models.UniqueConstraint(fields=["platform", "report"], name="platform_report_once")]

    def __str__(self) -> str:
        return f"{self.platform} {self.report}"
