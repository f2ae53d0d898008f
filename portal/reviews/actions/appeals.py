"""Appeals: the same matter, text and files, another person."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from portal import clock
from portal.accounts.models import User
from portal.audit import trail
from portal.errors import Conflict, Invalid, NotAllowed
from portal.evidence.models import EvidenceFile
from portal.reviews import events, policies
from portal.reviews.actions.cases import enter_stage
from portal.reviews.models import Appeal, Decision
from portal.reviews.states import Level, Stage


@transaction.atomic
def file(decision: Decision, *, by: User, text: str, due_at: datetime, files: Sequence[EvidenceFile] = ()) -> Appeal:
    """Object to a decision. The case goes to a senior reviewer who has had no part in it.

    The product has asked whether this person may appeal; here the window, the single appeal and the
    text are checked.
    """
    refusal = policies.refuse_appeal(decision, clock.now())
    if refusal:
        raise NotAllowed(refusal)
    if len(text.strip()) < policies.MIN_EXPLANATION:
        sentence = _("Please say in a sentence or two what is wrong with the decision.")
        raise Invalid(sentence, fields={"text": [sentence]})
    appeal = _create(decision, by, text.strip())
    appeal.files.set(files)
    enter_stage(decision.case, "reopen", Stage.APPEAL, Level.SENIOR, due_at=due_at)
    data = {"decision": decision.pk, "files": len(files)}
    trail.record(events.APPEAL_FILED, by=by, on=appeal, chain=decision.case.chain, data=data)
    return appeal


def _create(decision: Decision, by: User, text: str) -> Appeal:
    try:
        with transaction.atomic():
            return Appeal.objects.create(decision=decision, by=by, text=text, filed_at=clock.now())
    except IntegrityError as error:
        raise Conflict(_("An appeal against this decision has been filed already.")) from error


def open_appeal(decision_case_id: int) -> Appeal | None:
    """The appeal that a case waits to have answered, if any."""
    return Appeal.objects.filter(decision__case=decision_case_id, answer=None).select_related("decision").first()


def answer(appeal: Appeal, decision: Decision) -> None:
    """Note which decision answered the appeal."""
    Appeal.objects.filter(pk=appeal.pk, answer=None).update(answer=decision)
