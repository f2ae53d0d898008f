"""Machine checks: planned at hand-in, one job each, and what follows when the last one is in.

Every step may run twice or die half way: the state moves once, a round's check has one row, and the
last row in (the application's row lock decides which that is) leads on.
"""

from datetime import timedelta
from typing import Any

from django.db import transaction

from certification import checks, events, notices, policies
from certification.actions import casework
from certification.models import Application, Check, CheckKind, InfoRequest, Method, Result
from certification.models.checks import plan_key
from certification.states import ApplicationState
from portal import clock
from portal.audit import trail
from portal.jobs.attempts import Run
from portal.jobs.queue import enqueue

ATTEMPTS = 3
BEGIN, CHECK = "certification.begin_checks", "certification.check"
_STUCK_AFTER = timedelta(minutes=15)
_BETWEEN_LOOKS = timedelta(seconds=10)
_MOST_LOOKS = 90  # a quarter of an hour


def ask_for_checks(application: Application) -> None:
    """Have the checks of the present round begun, in the background."""
    payload = {"application": application.pk, "round": application.round}
    enqueue(BEGIN, payload, key=f"{BEGIN}:{application.pk}:{application.round}")


def begin(run: Run) -> None:
    """Job: plan the round's checks and ask for each."""
    with run.finish():
        application = _locked(run.payload["application"])
        if application.state == ApplicationState.SUBMITTED and application.round == run.payload["round"]:
            begin_checks(application=application)


def begin_checks(*, application: Application) -> None:
    """From received to being checked: one job for every planned check."""
    with transaction.atomic():
        if application.state == ApplicationState.SUBMITTED:
            application.move("begin_checks", touched_at=clock.now())
        planned = checks.plan(application)
        Application.objects.filter(pk=application.pk).update(planned_checks=planned)
        application.planned_checks = planned
        data = {"round": application.round, "checks": len(planned)}
        trail.record(events.CHECKS_BEGUN, by=None, on=application, chain=application.chain, data=data)
        for key in planned:
            payload = {"application": application.pk, "round": application.round, "check": key}
            enqueue(CHECK, payload, key=_job_key(payload))


def run_check(run: Run) -> None:
    """Job: make one check and keep its row; the last one in leads on."""
    application = Application.objects.select_related("area", "applicant").get(pk=run.payload["application"])
    rule, target = checks.target_of(application, run.payload["check"], clock.now())
    try:
        outcome = rule.run(target)
    except checks.NotReady:
        with run.finish():
            _look_later(run.payload)
        return
    with run.finish():
        _keep(run.payload, outcome)


def give_up(payload: dict[str, Any]) -> None:
    """When every attempt failed: the check is inconclusive, and a person will look."""
    _keep(payload, checks.Outcome(Result.INCONCLUSIVE, "gave_up", "—"))


def finish_checks(*, application: Application) -> None:
    """When all of the round is in: back to the applicant for an unreadable file, else to the queue. Safe to repeat."""
    with transaction.atomic():
        row = _locked(application.pk)
        if row.state != ApplicationState.VERIFYING or not _is_complete(row):
            return
        results = row.checks.standing()
        data = {"round": row.round, "results": _tally(results)}
        trail.record(events.CHECKS_FINISHED, by=None, on=row, chain=row.chain, data=data)
        unreadable = _unreadable(results)
        if unreadable:
            _return_files(row, unreadable)
        else:
            casework.put_in_queue(row, results)


def finish_stuck() -> int:
    """Lead on what a lost worker left standing; asks again for checks that never began."""
    late = clock.now() - _STUCK_AFTER
    rows = Application.objects.filter(touched_at__lt=late).order_by("touched_at", "pk")
    for application in rows.filter(state=ApplicationState.SUBMITTED)[:100]:
        begin_checks(application=application)
    verifying = list(rows.filter(state=ApplicationState.VERIFYING)[:100])
    for application in verifying:
        finish_checks(application=application)
    return len(verifying)


def _look_later(payload: dict[str, Any]) -> None:
    """The file is still being prepared: look again in a moment, for a quarter of an hour at most."""
    looks = payload.get("looks", 0) + 1
    if looks > _MOST_LOOKS:
        _keep(payload, checks.Outcome(Result.INCONCLUSIVE, "file.not_ready", "—"))
        return
    later = {**payload, "looks": looks}
    enqueue(CHECK, later, key=f"{_job_key(payload)}:{looks}", at=clock.now() + _BETWEEN_LOOKS)


def _job_key(payload: dict[str, Any]) -> str:
    return f"{CHECK}:{payload['application']}:{payload['round']}:{payload['check']}"


def _keep(payload: dict[str, Any], outcome: checks.Outcome) -> None:
    row = _locked(payload["application"])
    if row.state != ApplicationState.VERIFYING or row.round != payload["round"]:
        return
    kind, credential, document = payload["check"].split(":")
    Check.objects.bulk_create(
        [
            Check(
                application=row,
                round=row.round,
                kind=kind,
                credential_id=int(credential) if credential else None,
                document_id=int(document) if document else None,
                method=Method.COMPUTED,
                input=outcome.input[:200],
                result=outcome.result,
                finding=outcome.finding,
                data=outcome.data,
            )
        ],
        ignore_conflicts=True,
    )
    finish_checks(application=row)


def _locked(pk: int) -> Application:
    rows = Application.objects.select_for_update(of=("self",)).select_related("area", "applicant", "case")
    return rows.get(pk=pk)


def _is_complete(application: Application) -> bool:
    made = application.checks.filter(round=application.round, method=Method.COMPUTED)
    keys = {plan_key(*row) for row in made.values_list("kind", "credential_id", "document_id")}
    return keys >= set(application.planned_checks)


def _tally(results: list[Check]) -> dict[str, int]:
    return {result.value: sum(row.result == result for row in results) for result in Result}


def _unreadable(results: list[Check]) -> list[Check]:
    """Files that could not be opened and still count."""
    return [
        row
        for row in results
        if row.kind == CheckKind.DOCUMENT_OPENS
        and row.result == Result.FAILED
        and row.document is not None
        and row.document.replaced_at is None
    ]


def _return_files(application: Application, unreadable: list[Check]) -> None:
    now = clock.now()
    items = [{"code": row.finding, "document": row.document_id} for row in unreadable]
    request = InfoRequest.objects.create(
        application=application,
        number=application.info_requests.count() + 1,
        items=items,
        asked_at=now,
        due_at=now + policies.ANSWER_TIME,
    )
    application.move("return_unreadable", touched_at=now)
    trail.record(events.FILES_RETURNED, by=None, on=application, chain=application.chain, data={"items": len(items)})
    notices.about_application(events.FILES_RETURNED, application, once=str(request.number), due_at=request.due_at)
