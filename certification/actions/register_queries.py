"""The job that asks registers. Claimed, asked with no row locked, recorded as a check with the values that the register gave.

A job that runs twice finds the question answered; one that dies leaves the claim to the next attempt; a register that does
not answer leaves the check open for a person.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from certification import events, policies
from certification.actions import checking, register_rechecks
from certification.actions.register_questions import ASK_JOB, ask_register, enqueue_question
from certification.models import (
    Application,
    Check,
    CheckKind,
    CheckMethod,
    CheckResult,
    Credential,
    QueryReason,
    RegisterQuery,
)
from certification.readings import declared_number
from certification.registers import Finding, Record, RegisterSilent, find_register, judge_reply, seal_values
from portal import clock
from portal.audit import trail
from portal.errors import Conflict, require_allowed
from portal.jobs.attempts import JobAttempt
from portal.outbound.calls import CallInProgress
from portal.people.models import User

ASK_ATTEMPTS: Final = 3  # after which the check stays open
_PAUSE, _LONGEST_PAUSE = timedelta(minutes=2), timedelta(minutes=5)


@dataclass(frozen=True)
class _Heard:
    """What came of asking: the finding, with the record, or with why there is none."""

    finding: Finding
    record: Record | None = None
    silent: RegisterSilent | None = None


def ask_register_again(*, credential: Credential, by: User) -> None:
    """Have a register asked again, by a reviewer who holds the case."""
    require_allowed(policies.refuse_examining(credential.application, by))
    if not credential.type.is_asked_automatically:
        raise Conflict(_("This register cannot be asked automatically. Please look it up."))
    with transaction.atomic():
        credential.application = Application.objects.locked().get(pk=credential.application_id)
        if not credential.register_queries.unanswered().exists():
            ask_register(credential=credential, by=by, reason=QueryReason.AGAIN)


def run_ask(run: JobAttempt) -> None:
    """Job: ask the register of `payload["query"]`, and record what it says."""
    query = _query(run.payload["query"])
    if query.answered_at is not None:
        with run.finish():
            return
    attempt, key = run.payload["attempt"], f"{ASK_JOB}:{query.pk}:{run.fence}"
    try:
        query.claim_call(key, answered_at=None)
    except CallInProgress:
        with run.finish():
            enqueue_question(query, attempt=attempt, after=_PAUSE)
        return
    heard = _ask(query.credential)
    with run.finish():
        query.end_call(key)
        if heard.silent is not None and heard.silent.may_pass and attempt < ASK_ATTEMPTS:
            enqueue_question(query, attempt=attempt + 1, after=_pause(heard.silent))
        else:
            _record_answer(query, heard)


def give_up_asking(payload: dict[str, Any]) -> None:
    """After the last attempt that ended in an error: the check stays open."""
    _record_answer(_query(payload["query"]), _Heard(Finding(CheckResult.INCONCLUSIVE, "gave_up")))


def _ask(credential: Credential) -> _Heard:
    register = find_register(credential.type)
    if register is None:  # a person looks it up by now
        return _Heard(Finding(CheckResult.INCONCLUSIVE, "register.not_set_up"))
    if not (number := declared_number(credential)):  # the type had no number when it was declared
        return _Heard(Finding(CheckResult.INCONCLUSIVE, "register.no_number"))
    try:
        reply = register.ask(number)
    except RegisterSilent as silent:
        return _Heard(Finding(CheckResult.INCONCLUSIVE, silent.code), silent=silent)
    oldest = policies.REGISTRY_CHECK_VALIDITY
    return _Heard(judge_reply(credential, reply, today=clock.today(), oldest=oldest), reply.record)


def _record_answer(asked: RegisterQuery, heard: _Heard) -> None:
    """Write the check, once, and go on with what waits for it. `asked` is the question as it was when it was asked."""
    application = Application.objects.locked().get(pk=asked.credential.application_id)
    query = _query(asked.pk)
    if query.answered_at is not None:
        return
    if (query.round, query.credential.fingerprint) != (asked.round, asked.credential.fingerprint):
        enqueue_question(query, attempt=1)  # something else has been declared since
        return
    check = _write_check(application, query, heard.finding)
    values = {"values_sealed": seal_values(query, heard.record), "answered_at": check.at, "check_row": check}
    RegisterQuery.objects.filter(pk=query.pk).update(**values)
    data = {"credential": query.credential_id, "result": check.result, "finding": check.finding}
    trail.record_event(events.REGISTER_ANSWERED, application, by=None, **data)
    checking.finish_checks(application=application)  # if they waited for this one
    register_rechecks.enqueue_consequence(check)


def _write_check(application: Application, query: RegisterQuery, finding: Finding) -> Check:
    return Check.objects.create(
        application=application,
        credential=query.credential,
        round=query.round,
        kind=CheckKind.REGISTRY,
        method=CheckMethod.REGISTRY,
        input=query.credential.identifier_masked,
        result=finding.result,
        finding=finding.code,
        data=finding.data,
        at=clock.now(),
    )


def _query(pk: int) -> RegisterQuery:
    return RegisterQuery.objects.select_related("credential__type", "credential__application").get(pk=pk)


def _pause(silent: RegisterSilent) -> timedelta:
    return min(timedelta(seconds=silent.after), _LONGEST_PAUSE) if silent.after else _PAUSE
