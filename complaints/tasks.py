"""Doors to the work that nobody waits for: jobs, what beat calls, who may see files, how cases are linked."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from complaints.actions import casework, comparing, hearing, holders, intake, measures, moving, restitutions
from complaints.models import Complaint, Statement
from complaints.policies import flags, hearings, parties, terms
from complaints.states import Outcome
from portal.accounts import links
from portal.errors import Text
from portal.evidence import access
from portal.evidence.actions import keys, retention
from portal.jobs import registry
from portal.media import access as media_access
from portal.media.actions import retention as media_retention
from portal.reviews import kinds
from portal.reviews.models import ReviewCase

_MINUTE, _HOUR = 60, 3600


def register() -> None:
    """Called once, when the app is ready."""
    _register_intake()
    _register_measures()
    _register_files()
    _register_reviews()


def _register_intake() -> None:
    registry.register(
        comparing.PREPARE,
        comparing.prepare,
        queue="media",
        attempts=comparing.ATTEMPTS,
        exhausted=comparing.give_up_preparing,
    )
    for kind, handler in ((comparing.FINGERPRINT, comparing.fingerprint), (comparing.COMPARE, comparing.compare)):
        registry.register(
            kind,
            handler,
            queue="media",
            attempts=comparing.FINGERPRINT_ATTEMPTS,
            exhausted=comparing.give_up_comparing,
        )
    registry.register(
        hearing.MESSAGE, hearing.send_message, attempts=hearing.ATTEMPTS, exhausted=hearing.could_not_tell
    )
    registry.periodic("complaints.finish_stuck", 5 * _MINUTE, comparing.finish_stuck)
    registry.periodic("complaints.close_waiting", _MINUTE, hearing.close_waiting)
    registry.periodic("complaints.lapse", 5 * _MINUTE, intake.lapse_due)
    registry.periodic("complaints.purge_drafts", _HOUR, intake.purge_idle)
    links.register(holders.follow_holder)


def _register_measures() -> None:
    for kind, handler in ((measures.APPLY, measures.apply), (measures.LIFT, measures.lift)):
        registry.register(kind, handler, attempts=measures.ATTEMPTS, exhausted=measures.give_up)
    registry.periodic("complaints.release_measures", _MINUTE, measures.release_due)
    for kind, handler in (
        (restitutions.MOVE, moving.move),
        (restitutions.TELL, moving.tell),
        (restitutions.RESTORE, moving.restore),
    ):
        registry.register(kind, handler, attempts=moving.ATTEMPTS, exhausted=restitutions.give_up)
    registry.periodic("complaints.begin_restitutions", _MINUTE, restitutions.begin_due)
    registry.periodic("complaints.release_reserved", _HOUR, restitutions.release_reserved)
    registry.periodic("complaints.go_on", _HOUR, moving.go_on)


def _register_files() -> None:
    access.register(terms.EVIDENCE_PURPOSE, parties.refuse_evidence)
    retention.register(hearings.paper_is_needed)
    media_access.register(terms.VIDEO_PURPOSE, parties.refuse_video, parties.refuse_sending_videos)
    media_retention.register(hearings.video_is_needed)
    keys.register_texts("complaint contacts", _renew_contacts)


def _register_reviews() -> None:
    for kind, label in (
        (casework.COMPLAINT, _("Originality complaint")),
        (casework.SCREENING, _("Look before the other side is told")),
    ):
        kinds.register(kind, label, _review_page, areas=_areas, reasons=_reasons, outcomes=_outcomes)


def _renew_contacts() -> int:
    rows = [(Complaint, "contact_sealed"), (Statement, "contact_sealed")]
    return sum(
        keys.renew_column(model._default_manager.all(), column, bound_to=lambda row: row.contact_bound_to)
        for model, column in rows
    )


def _review_page(case: ReviewCase) -> str:
    return reverse("complaints:review", args=[case.number])


def _areas() -> dict[str, Text]:
    return {terms.SKILL: _("Originality")}


def _reasons() -> dict[str, Text]:
    return dict(flags.WORDS)


def _outcomes() -> dict[str, Text]:
    return {outcome.value: outcome.label for outcome in Outcome}
