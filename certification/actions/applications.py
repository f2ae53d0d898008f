"""Submit and withdraw applications; request and give more information."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certification import events, notices, policies
from certification.actions import casework, checking, document_retention
from certification.actions.rules import apply_due_versions
from certification.models import Application, Credential, InfoRequest
from certification.readings import declared_number
from portal import clock
from portal.audit import trail
from portal.errors import Conflict, Invalid, require_allowed
from portal.evidence.actions import files
from portal.people.models import User
from portal.reviews.policies import MIN_EXPLANATION
from portal.texts import require_text
from portal.workflow import write_row

REMINDER_DAYS = (7, 12)
_QUESTION_TOO_SHORT = gettext_lazy("Please say in a sentence what you need and why: at least 20 characters.")


def submit_application(*, application: Application, by: User, consent: bool) -> None:
    """Submit: freeze the documents, send a receipt, enqueue the checks. Raises Invalid with what is missing, Conflict."""
    apply_due_versions()
    now, seen = clock.now(), application.state
    with transaction.atomic():
        # Nothing is taken out of it once it is locked (drafts.py), so what is whole now is handed in whole.
        casework.lock_application(application)
        if application.state != seen:
            raise Conflict(_("This application was submitted in the meantime."))
        if reason := policies.refuse_submission(application, by, consent=consent):
            raise Invalid(reason)
        application.move(
            "submit",
            requirement=policies.applicable_requirement(application),
            submitted_by=by if by.pk != application.applicant_id else None,
            consent_version=policies.CONSENT_VERSION,
            consent_at=now,
            submitted_at=now,
            touched_at=now,
            round=1,
            **application.names_to_keep(),
        )
        _freeze_documents(application, by)
        _keep_type_names(application)
        trail.record_event(
            events.APPLICATION_SUBMITTED,
            application,
            by=by,
            requirement=application.requirement_id,
            consent=application.consent_version,
        )
        notices.notify_applicant(events.APPLICATION_SUBMITTED, application)
        checking.enqueue_checks(application)


def withdraw_application(*, application: Application, by: User) -> None:
    """Withdraw an undecided application and schedule the deletion of its documents."""
    require_allowed(policies.refuse_withdrawal(application, by))
    with transaction.atomic():
        now = clock.now()
        casework.lock_application(application)
        application.move("withdraw", touched_at=now)
        casework.close_application_case(application, by=by)
        application.info_requests.filter(answered_at=None, closed_at=None).update(closed_at=now)
        document_retention.keep_application_files_until(application, clock.now() + policies.DRAFT_RETENTION)
        trail.record_event(events.APPLICATION_WITHDRAWN, application, by=by)
        if application.submitted_at is not None:
            notices.notify_applicant(events.APPLICATION_WITHDRAWN, application)


def request_information(
    *, application: Application, by: User, text: str, items: Sequence[dict[str, Any]], version: int
) -> InfoRequest:
    """Ask the applicant for more. The decision's due date is paused until they answer, for 14 days at most."""
    require_allowed(policies.refuse_question(application, by))
    text = require_text("text", text, least=MIN_EXPLANATION, most=policies.TEXT_LIMIT, missing=_QUESTION_TOO_SHORT)
    with transaction.atomic():
        casework.lock_application(application)
        request = casework.create_information_request(application, items=list(items), by=by, text=text)
        application.move("ask", touched_at=request.asked_at)
        casework.pause_application_case(application, by=by, version=version)
        trail.record_event(events.INFO_ASKED, application, by=by, number=request.number, items=len(request.items))
        notices.notify_applicant(events.INFO_ASKED, application, once=str(request.number), due_at=request.due_at)
    return request


def answer_information_request(*, application: Application, by: User, text: str = "") -> None:
    """Answer the information request: check again what changed, then resume the case at its former place.

    Raises Invalid at text when nothing is said and nothing changed, since an answer is given once.
    """
    text = require_text("text", text, most=policies.TEXT_LIMIT)
    now, seen = clock.now(), application.round
    with transaction.atomic():
        casework.lock_application(application)
        if application.round != seen:  # an answer to an earlier question is none to this one
            raise Conflict(_("This has changed in the meantime. Please review the current version."))
        require_allowed(policies.refuse_answer(application, by))
        request = open_information_request(application)
        if gaps := _unreplaced_files(application, request) + policies.application_gaps(application):
            raise Invalid(gaps[0])
        if not text and not _is_anything_changed(application):
            raise Invalid.at("text", _("Please write an answer, or add or correct what was requested."))
        application.move("answer", round=application.round + 1, touched_at=now)
        InfoRequest.objects.filter(pk=request.pk).update(answer=text, answered_at=now)
        _freeze_documents(application, by)
        _keep_type_names(application)
        trail.record_event(events.INFO_ANSWERED, application, by=by, number=request.number, round=application.round)
        checking.begin_checks(application=application)


def open_information_request(application: Application) -> InfoRequest:
    """The open information request; raises Conflict if there is none."""
    request = application.info_requests.filter(answered_at=None, closed_at=None).first()
    if request is None:
        raise Conflict(_("You do not need to do anything right now."))
    return request


def send_answer_reminders() -> int:
    """Remind of open questions on day 7 and day 12, each once; returns how many are open."""
    now = clock.now()
    waiting = InfoRequest.objects.filter(answered_at=None, closed_at=None, due_at__gt=now)
    rows = list(waiting.select_related("application__applicant", "application__area").order_by("due_at", "pk"))
    for request in rows:
        days = [day for day in REMINDER_DAYS if (now - request.asked_at).days >= day]
        if days:
            notices.remind_of_question(request, day=days[-1])
    return len(rows)


def lapse_overdue_applications() -> int:
    """Lapse applications whose information request was not answered within 14 days; returns how many."""
    over = InfoRequest.objects.filter(answered_at=None, closed_at=None, due_at__lte=clock.now())
    rows = list(over.select_related("application__applicant", "application__area").order_by("due_at", "pk")[:200])
    return sum(lapse_application(request=request) for request in rows)


def lapse_application(*, request: InfoRequest) -> bool:
    """Close one application without an answer. False if the answer came first."""
    application = request.application
    now = clock.now()
    try:
        with transaction.atomic():
            application.move("lapse", touched_at=now)
            InfoRequest.objects.filter(pk=request.pk).update(closed_at=now)
            casework.close_application_case(application, by=None)
            document_retention.keep_application_files_until(application, clock.now() + policies.DRAFT_RETENTION)
            trail.record_event(events.APPLICATION_LAPSED, application, by=None)
            notices.notify_applicant(events.APPLICATION_LAPSED, application)
    except Conflict:
        return False
    return True


def reveal_credential_number(*, credential: Credential, by: User) -> str:
    """The whole number of a credential, for those who may see documents; every look is logged."""
    application = credential.application
    require_allowed(policies.refuse_documents(application, by))
    if by.pk != application.applicant_id:
        trail.record_event(events.NUMBER_REVEALED, credential, by=by, type=credential.type.code)
    return declared_number(credential)


def _freeze_documents(application: Application, by: User) -> None:
    current = application.documents.current()
    files.freeze_files([document.file for document in current], at=clock.now(), by=by)


def _keep_type_names(application: Application) -> None:
    """Credentials that were declared since the last time keep the names of their types."""
    for credential in application.credentials.filter(type_names={}).select_related("type"):
        write_row(credential, credential.names_to_keep())


def _is_anything_changed(application: Application) -> bool:
    """Whether a paper or a credential was added or changed since the last round of checks."""
    rows = (application.documents.current(), application.credentials.all())
    return any(row.filter(round__gt=application.round).exists() for row in rows)


def _unreplaced_files(application: Application, request: InfoRequest) -> list[str]:
    """Unreadable files that have not been replaced."""
    asked = {item["document"] for item in request.items if item.get("code") == "file.refused"}
    left = application.documents.current().filter(pk__in=asked)
    return [_("Please replace the file “%(name)s”.") % {"name": document.file.name} for document in left]
