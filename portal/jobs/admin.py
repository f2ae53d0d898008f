"""Background work in the admin: what waits, what failed, and another try."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.audit import trail
from portal.audit.admin_pages import AdminSection, ReadOnlyAdmin, retry_failed
from portal.jobs import queue
from portal.jobs.models import Job, JobState


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Jobs, newest first. The payload holds ids only."""

    section = AdminSection.WORK
    list_display = ("id", "kind", "key", "state", "attempts", "run_after", "finished_at", "error")
    list_filter = ("state",)
    search_fields = ("=kind",)
    search_help_text = _("The exact kind: people.letter")
    actions = ("try_again",)

    @admin.action(description=_("Retry failed jobs"))
    def try_again(self, request: HttpRequest, rows: QuerySet[Job]) -> None:
        """Give failed jobs a new set of attempts."""

        def retry(job: Job) -> None:
            queue.retry_job(job)
            trail.record_event("jobs.job.retried", job, by=_actor(request), kind=job.kind)

        retry_failed(request, rows.filter(state=JobState.FAILED), retry, _("%d failed jobs will be retried."))


def _actor(request: HttpRequest) -> Any:
    return request.user
