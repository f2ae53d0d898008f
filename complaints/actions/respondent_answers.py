"""The respondent: notified through the platform, answers once; then a person decides."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from complaints import events, notices
from complaints.actions import account_signals, casework, drafts
from complaints.models import Complaint, Statement
from complaints.policies import screening
from complaints.policies import statements as policy
from complaints.policies.terms import EVIDENCE_PURPOSE, REACH_TIME
from complaints.states import ComplaintState, Side
from portal import clock
from portal.audit import trail
from portal.errors import Conflict, Invalid, require_allowed
from portal.evidence.access import refuse_attaching_files
from portal.evidence.actions import files as evidence
from portal.evidence.models import EvidenceFile
from portal.jobs import queue
from portal.jobs.attempts import JobAttempt
from portal.jobs.models import Job, JobState
from portal.outbound import discrepancies
from portal.outbound.models import Discrepancy, Effect, Problem
from portal.people.models import User
from portal.platforms import Unknown, Unserved, registry, served

MESSAGE_JOB = notices.MESSAGE_JOB
MESSAGE_ATTEMPTS = 12  # about an hour and a half
FIRST_MESSAGE_KIND = f"complaints.{notices.NOTICES_BY_EVENT[events.RESPONDENT_TOLD][Side.RESPONDENT]}"
_AGAIN = timedelta(hours=1)
read_case_file_link = notices.read_case_file_link


def admit_or_screen_complaint(complaint: Complaint, *, grade: str) -> None:
    """After the comparison: notify the respondent, or open a screening if there are flags.

    Within the caller's transaction, which has the complaint locked. `grade` is "" when nothing was compared.
    """
    found = screening.screening_flags(complaint, grade)
    account_signals.enqueue_account_comparison(complaint)
    if not screening.NEEDS_SCREENING.intersection(found):
        tell_respondent(complaint, flags=found)
        return
    case = casework.open_screening_case(complaint, found)
    complaint.move("screen", screening=case, flags=found, touched_at=clock.now())
    trail.record_event(events.SCREENED, complaint, by=None, flags=found)
    notices.notify_sides(events.SCREENED, complaint)


def tell_respondent(complaint: Complaint, *, move: str = "notify", **fields: Any) -> None:
    """Notify the respondent and start the time to answer: from RECEIVED by `notify`, from SCREENING by `admit`."""
    now = clock.now()
    answer_by = now + complaint.regime.answer_time
    with transaction.atomic():
        complaint.move(move, told_at=now, answer_by=answer_by, touched_at=now, **fields)
        trail.record_event(events.RESPONDENT_TOLD, complaint, by=None, answer_by=answer_by.isoformat())
        notices.notify_sides(events.RESPONDENT_TOLD, complaint)


def send_party_message(run: JobAttempt) -> None:
    """Job: deliver one message to one side through the platform; a late first message restarts the time to answer."""
    said = run.payload
    complaint = Complaint.objects.with_parties().get(pk=said["complaint"])
    account = notices.reachable_account(complaint, said["side"])
    if account is None:
        return
    given = _restarted_answer_time(complaint, said)
    message = notices.platform_message(
        complaint, side=said["side"], kind=said["kind"], key=said["key"], facts=said["facts"]
    )
    try:
        served(registry.get_connector(account[0]).messages).send_message(account[1], message)
    except (Unknown, Unserved):
        with run.finish():
            discrepancies.settle_discrepancy(f"message:{said['key']}")
            _flag_not_reached(said)
        return
    with run.finish():
        discrepancies.settle_discrepancy(f"message:{said['key']}")
        if given:
            Complaint.objects.filter(pk=complaint.pk, state=ComplaintState.NOTIFIED).update(**given)


def note_undelivered_message(payload: Mapping[str, Any]) -> None:
    """After the last failed attempt: note it for staff, flag it for the reviewer; it is tried again every hour.

    A first message for as long as the time to answer can be begun anew, any other for two weeks. Then it is given up:
    nothing is open for staff any more, and the flag stays on the case.
    """
    at = clock.now() + _AGAIN
    complaint = _flag_not_reached(payload)
    since: datetime | None = _note_message(payload).since
    if payload["kind"] == FIRST_MESSAGE_KIND:
        is_waiting = complaint is not None and complaint.state == ComplaintState.NOTIFIED
        since = complaint.told_at if complaint is not None and is_waiting else None
    if since is None or at >= since + REACH_TIME:
        discrepancies.settle_discrepancy(f"message:{payload['key']}")
        return
    slot = int(at.timestamp() // _AGAIN.total_seconds())
    queue.enqueue_job(MESSAGE_JOB, dict(payload), key=f"{MESSAGE_JOB}:{payload['key']}:again{slot}", at=at)


def _note_message(payload: Mapping[str, Any]) -> Discrepancy:
    complaint = Complaint.objects.get(pk=payload["complaint"])
    account = notices.reachable_account(complaint, payload["side"])
    return discrepancies.note_discrepancy(
        f"message:{payload['key']}",
        platform=account[0] if account else complaint.platform,
        effect=Effect.MESSAGE,
        wanted=True,
        subject=complaint.number,
        problem=Problem.SILENT,
    )


def _flag_not_reached(payload: Mapping[str, Any]) -> Complaint | None:
    """Flag that the respondent may not have been reached; None for a message to the complainant."""
    if payload["side"] != Side.RESPONDENT:
        return None
    complaint = Complaint.objects.locked().get(pk=payload["complaint"])
    if screening.NOT_REACHED not in complaint.flags:
        complaint.write(flags=sorted([*complaint.flags, screening.NOT_REACHED]))
    return complaint


def submit_answer(
    *,
    complaint: Complaint,
    by: User,
    text: str,
    ticks: Sequence[str],
    contact: Mapping[str, str] | None = None,
    signature: str = "",
    files: Sequence[EvidenceFile] = (),
    exhibits: Sequence[Mapping[str, Any]] = (),
) -> Statement:
    """The respondent answers, once: text, statements, files, and exhibits (fields of `drafts.add_exhibit`).

    Then the complaint goes to review. Raises NotAllowed, Conflict, Invalid with a sentence for each field.
    """
    require_allowed(policy.refuse_answer(complaint, by))
    given = dict(contact or {})
    if gaps := policy.answer_gaps(complaint, text, ticks, given, signature):
        raise Invalid.of(gaps)
    if reason := refuse_attaching_files(files, by, purpose=EVIDENCE_PURPOSE):
        raise Invalid.at("files", reason)
    said = Statement(complaint=complaint, side=Side.RESPONDENT, kind=Statement.Kind.ANSWER, by=by, text=text.strip())
    said.ticks, said.signature, said.at = sorted(set(ticks)), signature.strip(), clock.now()
    said.contact_sealed = drafts.seal_contact(given, said.contact_bound_to) if any(given.values()) else ""
    try:
        with transaction.atomic():
            _store_answer(said, files, exhibits)
    except IntegrityError as error:
        raise Conflict(_("The time to answer has expired, or you have already answered.")) from error
    return said


def end_answer_periods() -> int:
    """Open review cases for complaints whose time to answer is over; returns how many.

    What the platform has not been able to tell the other side yet waits for that, for 14 days at most.
    """
    now = clock.now()
    due = Complaint.objects.filter(state=ComplaintState.NOTIFIED, answer_by__lte=now)
    due = due.exclude(pk__in=_complaints_not_delivered(), told_at__gt=now - REACH_TIME)
    return sum(_end_answer_period(pk) for pk in due.order_by("answer_by", "pk").values_list("pk", flat=True)[:200])


def record_case_file_opening(complaint: Complaint, side: Side) -> None:
    """Record that the case file was opened with a side's signed link."""
    trail.record_event(events.CASE_FILE_OPENED, complaint, by=None, side=side)


def _store_answer(said: Statement, files: Sequence[EvidenceFile], exhibits: Sequence[Mapping[str, Any]]) -> None:
    complaint, by = said.complaint, said.by
    Complaint.objects.locked().get(pk=complaint.pk)  # before its files; what was read is compared below
    for exhibit in exhibits:
        drafts.add_exhibit(complaint=complaint, by=by, side=Side.RESPONDENT, **exhibit)
    said.save(force_insert=True)
    said.files.set(files)
    shown = complaint.exhibits.filter(side=Side.RESPONDENT).exclude(file=None).select_related("file")
    evidence.freeze_files([*files, *(row.file for row in shown if row.file)], at=said.at, by=by)
    complaint.move("answer", case=casework.open_decision_case(complaint), touched_at=said.at)
    trail.record_event(events.ANSWERED, complaint, by=by, files=len(files))
    notices.notify_sides(events.ANSWERED, complaint)


def _end_answer_period(pk: int) -> bool:
    """End one answer period; False if the answer was committed first."""
    try:
        with transaction.atomic():
            complaint = Complaint.objects.locked().get(pk=pk)
            if complaint.answer_by is None or complaint.answer_by > clock.now():
                return False
            complaint.move("wait_over", case=casework.open_decision_case(complaint), touched_at=clock.now())
            trail.record_event(events.WAIT_OVER, complaint, by=None)
            notices.notify_sides(events.WAIT_OVER, complaint)
    except Conflict:
        return False
    return True


def _complaints_not_delivered() -> list[int]:
    """Complaints whose first message is undelivered and whose account holder gets no mail."""
    open_states = (JobState.QUEUED, JobState.RUNNING)
    jobs = Job.objects.filter(kind=MESSAGE_JOB, state__in=open_states, payload__kind=FIRST_MESSAGE_KIND)
    rows = Complaint.objects.select_related("respondent").filter(
        pk__in=list(jobs.values_list("payload__complaint", flat=True))
    )
    return [row.pk for row in rows if not _reads_mail(row)]


def _reads_mail(complaint: Complaint) -> bool:
    return complaint.respondent is not None and complaint.respondent.takes_mail


def _restarted_answer_time(complaint: Complaint, said: Mapping[str, Any]) -> dict[str, Any]:
    """New due dates if this message is the first notice that reaches the respondent; clears the flag."""
    first = said["kind"] == FIRST_MESSAGE_KIND
    if not first or _reads_mail(complaint) or complaint.told_at is None or complaint.state != ComplaintState.NOTIFIED:
        return {}
    now = clock.now()
    complaint.answer_by = now + complaint.regime.answer_time
    flags = [code for code in complaint.flags if code != screening.NOT_REACHED]
    return {"told_at": now, "answer_by": complaint.answer_by, "flags": flags}
