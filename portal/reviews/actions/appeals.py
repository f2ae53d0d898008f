"""Appeals: the same case, text and files, another person."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from portal import clock
from portal.audit import trail
from portal.errors import Conflict, Invalid, require_allowed
from portal.evidence.actions import files as evidence
from portal.evidence.models import EvidenceFile
from portal.people.models import User
from portal.reviews import events, policies
from portal.reviews.actions.cases import enter_stage, lock_case
from portal.reviews.models import Appeal, Decision
from portal.reviews.states import Level, Stage


@transaction.atomic
def file_appeal(
    decision: Decision, *, by: User, text: str, due_at: datetime, files: Sequence[EvidenceFile] = ()
) -> Appeal:
    """Object to a decision. The case goes to a senior reviewer who has had no part in it; the files are frozen.

    The product has asked whether this person may appeal; here the window, the single appeal, the
    text and the files are checked.
    """
    _check_appeal(by, text, files)
    lock_case(decision.case)
    require_allowed(policies.refuse_appeal(decision, clock.now()))
    appeal = _create_appeal(decision, by, text.strip())
    appeal.files.set(files)
    evidence.freeze_files(files, at=appeal.filed_at, by=by)
    enter_stage(decision.case, "reopen", Stage.APPEAL, Level.SENIOR, due_at=due_at)
    trail.record_event(events.APPEAL_FILED, appeal, by=by, decision=decision.pk, files=len(files))
    return appeal


def _create_appeal(decision: Decision, by: User, text: str) -> Appeal:
    try:
        with transaction.atomic():
            return Appeal.objects.create(decision=decision, by=by, text=text, filed_at=clock.now())
    except IntegrityError as error:
        raise Conflict(_("An appeal against this decision has already been filed.")) from error


def _check_appeal(by: User, text: str, files: Sequence[EvidenceFile]) -> None:
    missing = _("Please explain in a sentence or two what is wrong with the decision.")
    if fields := policies.statement_errors(text, files, by, missing=missing):
        raise Invalid(_("The appeal was not filed. Please check the marked fields."), fields=fields)


def pending_appeal(decision_case_id: int) -> Appeal | None:
    """The appeal that a case waits to have answered, if any."""
    return (
        Appeal.objects.filter(decision__case=decision_case_id, answer=None, withdrawn_at=None)
        .select_related("decision")
        .first()
    )


def record_appeal_answer(appeal: Appeal, decision: Decision) -> None:
    """Note which decision answered the appeal."""
    Appeal.objects.filter(pk=appeal.pk, answer=None, withdrawn_at=None).update(answer=decision)
