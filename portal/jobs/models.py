"""Background work as rows. A row is the truth; Celery only carries its id to a worker."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal import clock


class JobState(models.TextChoices):
    """Where a job is."""

    QUEUED = "queued", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", pgettext_lazy("job", "failed")


class Job(models.Model):
    """One piece of work, written in the transaction that wants it done."""

    kind = models.CharField(_("kind"), max_length=60)
    key = models.CharField(_("key"), max_length=120, unique=True, help_text=_("Each job is requested only once."))
    payload = models.JSONField(_("payload"), default=dict)
    state = models.CharField(_("state"), max_length=10, choices=JobState, default=JobState.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    # Counts every claim there ever was of this job, so that no two attempts have the same number.
    fence = models.PositiveBigIntegerField(_("fence number"), default=0)
    run_after = models.DateTimeField(_("not before"), default=clock.now)
    lease_until = models.DateTimeField(_("leased until"), null=True)
    sent_at = models.DateTimeField(_("last sent at"), null=True)
    created_at = models.DateTimeField(_("created at"), default=clock.now)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    error = models.CharField(_("last error"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ("id",)
        indexes: ClassVar = [
            models.Index(fields=["run_after", "id"], condition=Q(state="queued"), name="job_due"),
            models.Index(fields=["lease_until"], condition=Q(state="running"), name="job_leased"),
            models.Index(fields=["finished_at"], condition=Q(state="done"), name="job_done"),
            models.Index(fields=["id"], condition=Q(state="failed"), name="job_failed"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
