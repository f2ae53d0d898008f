"""Machine checks: planned at submission, one job each; the last result moves the application on.

Every step may run twice or die half way: the state moves once, a round's check has one row, and the
last row in (the application's row lock decides which that is) leads on.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.db import transaction

from certification import checks, events, notices, readings
from certification.actions import casework, reading
from certification.actions.register_questions import ask_register
from certification.models import NOT_READY, Application, Check, CheckKind, CheckMethod, CheckResult, QueryReason
from certification.models.checks import planned_check_key
from certification.states import ApplicationState
from portal import clock
from portal.audit import trail
from portal.errors import Conflict
from portal.jobs.attempts import JobAttempt
from portal.jobs.queue import enqueue_again, enqueue_job

CHECK_ATTEMPTS = 3
BEGIN_CHECKS_JOB, CHECK_JOB = "certification.begin_checks", "certification.check"
LATE_CHECK_JOB = "certification.late_check"
_STUCK_AFTER = timedelta(minutes=15)
_PAUSE, _LONGEST_PAUSE = timedelta(seconds=10), timedelta(minutes=1)
_MOST_IDLE = 18  # looks in a row at a file that no job opens or reads: a quarter of an hour


def enqueue_checks(application: Application) -> None:
    """Have the checks of the present round begun, in the background."""
    payload = {"application": application.pk, "round": application.round}
    enqueue_job(BEGIN_CHECKS_JOB, payload, key=f"{BEGIN_CHECKS_JOB}:{application.pk}:{application.round}")


def run_begin_checks(run: JobAttempt) -> None:
    """Job: plan the round's checks and ask for each."""
    with run.finish():
        application = Application.objects.locked().get(pk=run.payload["application"])
        if application.state == ApplicationState.SUBMITTED and application.round == run.payload["round"]:
            begin_checks(application=application)


def begin_checks(*, application: Application) -> None:
    """From received to being checked: one job for every planned check."""
    with transaction.atomic():
        if application.state == ApplicationState.SUBMITTED:
            application.move("begin_checks", touched_at=clock.now())
        planned = checks.plan_checks(application)
        application.write(planned_checks=planned)
        trail.record_event(events.CHECKS_BEGUN, application, by=None, round=application.round, checks=len(planned))
        for key in planned:
            _enqueue_check(application, key)


def run_check(run: JobAttempt) -> None:
    """Job: run one check and store its row; after the last one, finish the checks."""
    application = Application.objects.select_related("area", "applicant").get(pk=run.payload["application"])
    rule, target = checks.resolve_planned_check(application, run.payload["check"], clock.now())
    try:
        outcome = rule.run(target)
    except checks.FileNotReady as missing:
        with run.finish():
            reading.enqueue_unread(str(missing))
            _retry_later(run.payload, str(missing))
        return
    with run.finish():
        _store_outcome(run.payload, outcome)


def give_up_check(payload: dict[str, Any]) -> None:
    """After the last failed attempt: store the check as inconclusive, so that a person looks at it."""
    _store_outcome(payload, checks.CheckOutcome(CheckResult.INCONCLUSIVE, "gave_up", "—"))


def finish_checks(*, application: Application) -> None:
    """When all of the round is in: back to the applicant for an unreadable file, else to the queue. Safe to repeat."""
    with transaction.atomic():
        row = Application.objects.locked().get(pk=application.pk)
        if row.state != ApplicationState.VERIFYING or not _is_complete(row):
            return
        results = row.checks.select_related("document__credential").latest_results()
        trail.record_event(events.CHECKS_FINISHED, row, by=None, round=row.round, results=_count_results(results))
        unreadable = _unreadable_documents(results)
        if unreadable:
            _request_replacements(row, unreadable)
        else:
            casework.put_application_in_queue(row, results)


def finish_stuck_checks() -> int:
    """Finish applications whose checks are complete but not closed, and enqueue checks that never began."""
    late = clock.now() - _STUCK_AFTER
    rows = Application.objects.filter(touched_at__lt=late).order_by("touched_at", "pk")
    for application in rows.filter(state=ApplicationState.SUBMITTED)[:100]:
        _unless_moved_on(begin_checks, application)
    verifying = list(rows.filter(state=ApplicationState.VERIFYING)[:100])
    for application in verifying:
        _unless_moved_on(finish_checks, application)
    return len(verifying)


def enqueue_late_checks() -> int:
    """Have checks made again that ended because a file was not ready in time, once it is ready; returns how many."""
    late = Check.objects.file_now_ready().order_by("pk").values_list("pk", flat=True)[:100]
    return sum(enqueue_again(LATE_CHECK_JOB, {"check": pk}) for pk in late)


def run_late_check(run: JobAttempt) -> None:
    """Job: make the check `payload["check"]` again, whose file was not ready in time, and show the reviewer what it says."""
    rows = Check.objects.file_now_ready().select_related("application__area", "application__applicant")
    ended = rows.filter(pk=run.payload["check"]).first()
    if ended is None:
        with run.finish():
            return
    rule, target = checks.resolve_planned_check(ended.application, ended.key, clock.now())
    outcome = rule.run(target)
    with run.finish():
        application = Application.objects.locked().get(pk=ended.application_id)
        if Check.objects.file_now_ready().filter(pk=ended.pk).exists():
            _make_row(application, ended.key, outcome, in_round=ended.round, method=CheckMethod.RECOMPUTED).save()
            results = application.checks.select_related("document__credential").latest_results()
            casework.show_check_made_again(application, results)


def _unless_moved_on(step: Callable[..., None], application: Application) -> None:
    """Do a step of the sweep; what somebody has moved on since it was read is left to them, and keeps up nobody else."""
    with suppress(Conflict):
        step(application=application)


def _enqueue_check(application: Application, key: str) -> None:
    """A job for a planned check; a register is asked by jobs of its own (register_queries.py)."""
    kind, credential, _document = key.split(":")
    if kind == CheckKind.REGISTRY:
        row = application.credentials.get(pk=int(credential))
        row.application = application
        ask_register(credential=row, by=None, reason=QueryReason.APPLICATION)
        return
    payload = {"application": application.pk, "round": application.round, "check": key}
    enqueue_job(CHECK_JOB, payload, key=_job_key(payload))


def _retry_later(payload: dict[str, Any], file: str) -> None:
    """Look again, less and less often, for as long as a job is to open or read the file, however long it waits for its turn.

    Where there is none, it may just have ended; only after some more looks nothing will come, and a person is told so.
    """
    looks = payload.get("looks", 0) + 1
    idle = 0 if readings.is_being_read(file) else payload.get("idle", 0) + 1
    if idle > _MOST_IDLE:
        _store_outcome(payload, checks.CheckOutcome(CheckResult.INCONCLUSIVE, NOT_READY, "—"))
        return
    later = {**payload, "looks": looks, "idle": idle}
    pause = min(looks * _PAUSE, _LONGEST_PAUSE)
    enqueue_job(CHECK_JOB, later, key=f"{_job_key(payload)}:{looks}", at=clock.now() + pause)


def _job_key(payload: dict[str, Any]) -> str:
    return f"{CHECK_JOB}:{payload['application']}:{payload['round']}:{payload['check']}"


def _store_outcome(payload: dict[str, Any], outcome: checks.CheckOutcome) -> None:
    row = Application.objects.locked().get(pk=payload["application"])
    if row.state != ApplicationState.VERIFYING or row.round != payload["round"]:
        return
    made = _make_row(row, payload["check"], outcome, in_round=row.round, method=CheckMethod.COMPUTED)
    Check.objects.bulk_create([made], ignore_conflicts=True)
    finish_checks(application=row)


def _make_row(
    application: Application, key: str, outcome: checks.CheckOutcome, *, in_round: int, method: CheckMethod
) -> Check:
    kind, credential, document = key.split(":")
    return Check(
        application=application,
        round=in_round,
        kind=kind,
        credential_id=int(credential) if credential else None,
        document_id=int(document) if document else None,
        method=method,
        input=outcome.input[:200],
        result=outcome.result,
        finding=outcome.finding,
        data=outcome.data,
    )


def _is_complete(application: Application) -> bool:
    made = application.checks.filter(round=application.round).exclude(method=CheckMethod.MANUAL)
    keys = {planned_check_key(*row) for row in made.values_list("kind", "credential_id", "document_id")}
    return keys >= set(application.planned_checks)


def _count_results(results: list[Check]) -> dict[str, int]:
    return {result.value: sum(row.result == result for row in results) for result in CheckResult}


def _unreadable_documents(results: list[Check]) -> list[Check]:
    """Results for current files that could not be opened."""
    return [
        row
        for row in results
        if row.kind == CheckKind.DOCUMENT_OPENS
        and row.result == CheckResult.FAILED
        and row.document is not None
        and row.document.replaced_at is None
    ]


def _request_replacements(application: Application, unreadable: list[Check]) -> None:
    items = [{"code": row.finding, "document": row.document_id} for row in unreadable]
    request = casework.create_information_request(application, items=items)
    application.move("return_unreadable", touched_at=request.asked_at)
    trail.record_event(events.FILES_RETURNED, application, by=None, items=len(items))
    notices.notify_applicant(events.FILES_RETURNED, application, once=str(request.number), due_at=request.due_at)
