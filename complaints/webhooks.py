"""What a platform is told of complaints about its accounts, their remedies, and the return of followers."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from complaints import events
from complaints.models import Complaint, Remedy, Restitution
from portal.audit.models import AuditEvent
from portal.webhooks.registry import Notice, register_webhooks

_COMPLAINT_TYPES = {
    events.SUBMITTED: "complaint.submitted",
    events.ADMITTED: "complaint.admitted",
    events.REFUSED: "complaint.refused",
    events.RESPONDENT_TOLD: "complaint.respondent_told",
    events.UPHELD: "complaint.decided",
    events.PARTLY: "complaint.decided",
    events.DISMISSED: "complaint.decided",
    events.APPEALED: "complaint.appealed",
    events.AFFIRMED: "complaint.affirmed",
    events.REVERSED: "complaint.reversed",
    events.WITHDRAWN: "complaint.withdrawn",
    events.LAPSED: "complaint.lapsed",
}
_REMEDY_TYPES = {
    events.REMEDY_PLANNED: "remedy.planned",
    events.REMEDY_APPLIED: "remedy.applied",
    events.REMEDY_LIFTED: "remedy.lifted",
    events.REMEDY_CANCELLED: "remedy.cancelled",
}
_RESTITUTION_TYPES = {
    events.RESTITUTION_RESERVED: "restitution.planned",
    events.RESTITUTION_PLANNED: "restitution.planned",
    events.RESTITUTION_RELEASED: "restitution.planned",
    events.RESTITUTION_BEGUN: "restitution.begun",
    events.FOLLOWERS_INVITED: "restitution.asked",
    events.RESTITUTION_PAUSED: "restitution.paused",
    events.RESTITUTION_RESUMED: "restitution.resumed",
    events.RESTITUTION_STOPPED: "restitution.stopped",
    events.RESTITUTION_DONE: "restitution.done",
    events.RESTITUTION_CLEARED: "restitution.done",
    events.INVITATION_ENDED: "restitution.done",
    events.RESERVE_ENDED: "restitution.planned",
    events.GROUNDS_SETTLED: "restitution.restored_in_part",
    events.RESTITUTION_REVERSED: "restitution.reversed",
    events.RESTITUTION_CANCELLED: "restitution.cancelled",
}
_COUNTS = (
    "moved", "already", "passed", "invited", "declined", "not_moved", "undone", "restored", "overridden", "missing"
)  # fmt: skip


def register_complaint_webhooks() -> None:
    """Called once, when the app is ready."""
    register_webhooks(_complaint_notices, _COMPLAINT_TYPES)
    register_webhooks(_remedy_notices, _REMEDY_TYPES)
    register_webhooks(_restitution_notices, _RESTITUTION_TYPES)


def _complaint_notices(event: AuditEvent) -> Iterable[Notice]:
    rows = Complaint.objects.select_related("original", "copy__media")
    yield _notice(rows.get(pk=_key(event)), {})


def _remedy_notices(event: AuditEvent) -> Iterable[Notice]:
    rows = Remedy.objects.select_related("complaint__original", "complaint__copy__media")
    row = rows.get(pk=_key(event))
    remedy = {
        "key": row.key,
        "kind": row.kind,
        "state": row.state,
        "not_before": _time(row.not_before),
        "applied_at": _time(row.applied_at),
        "lifted_at": _time(row.lifted_at),
        "complete_at": _time(row.complete_at),
    }
    yield _notice(row.complaint, {"remedy": remedy})


def _restitution_notices(event: AuditEvent) -> Iterable[Notice]:
    rows = Restitution.objects.select_related("remedy__complaint__original", "remedy__complaint__copy__media")
    row = rows.get(pk=_key(event))
    restitution = {
        "key": row.key,
        "mode": row.mode,
        "state": row.state,
        "from_account": row.source,
        "to_account": row.target or None,
        "hold_until": _time(row.hold_until),
        "begun_at": _time(row.begun_at),
        "invite_until": _time(row.invite_until),
        "ended_at": _time(row.ended_at),
        **{name: getattr(row, name) for name in _COUNTS},
    }
    yield _notice(row.remedy.complaint, {"restitution": restitution})


def _notice(row: Complaint, more: dict[str, object]) -> Notice:
    """For the platform of the respondent's account; the original is named only where it is on the same platform."""
    original = row.original.external_id if row.original and row.original.platform == row.platform else ""
    data = {
        "complaint": row.number,
        "state": row.state,
        "result": row.result or None,
        "regime": row.regime_code,
        "account": row.account_id or None,
        "original": original or None,
        "copy": (row.copy.external_id if row.copy else "") or None,
        "work_kind": (row.copy.kind if row.copy else "") or None,
        "submitted_at": _time(row.submitted_at),
        "answer_by": _time(row.answer_by),
        "decided_at": _time(row.decided_at),
        "url": settings.BASE_URL + reverse("complaints_api:complaint", args=[row.number]),
        **more,
    }
    return Notice(row.platform, f"complaint:{row.number}", data)


def _key(event: AuditEvent) -> str:
    return event.subject.partition(":")[2]


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
