"""Background work in the admin: what waits, what failed, and another try."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.audit import trail
from portal.audit.admin_pages import AdminSection, ReadOnlyAdmin
from portal.jobs import queue
from portal.jobs.models import Job, JobState


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Jobs, newest first. The payload holds ids only."""

    section = AdminSection.WORK
    list_display = ("id", "kind", "key", "state", "attempts", "run_after", "finished_at", "error")
    list_filter = ("state",)
    search_fields = ("=kind",)
    search_help_text = _("The kind, exactly: people.letter")
    ordering = ("-id",)
    actions = ("try_again",)

    @admin.action(description=_("Try failed jobs again"))
    def try_again(self, request: HttpRequest, rows: QuerySet[Job]) -> None:
        """Give failed jobs a new set of attempts."""
        failed = list(rows.filter(state=JobState.FAILED))
        for job in failed:
            queue.retry_job(job)
            trail.record_event("jobs.job.retried", job, by=_actor(request), kind=job.kind)
        if failed:
            messages.success(request, _("%d failed jobs will be tried again.") % len(failed))
        else:
            messages.warning(request, _("None of these has failed."))


def _actor(request: HttpRequest) -> Any:
    return request.user
