"""Many decisions prepared and confirmed at once, each then made and recorded by itself in the name of who confirmed.

Suspensions: an area lead prepares them with what was found about each holder; a senior reviewer of the area confirms; a job
raises each doubt and suspends. Whom the senior reviewer may not decide on comes to the queue for somebody else. Renewals: a
reviewer confirms those in which nothing changed.
"""

import re
from collections.abc import Container, Sequence

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certification import events, notices, policies
from certification.actions import casework, decisions, inquiries
from certification.models import (
    Application,
    Batch,
    BatchItem,
    BatchKind,
    Certificate,
    ItemOutcome,
    KeyArea,
)
from certification.states import Outcome
from portal import clock
from portal.audit import trail
from portal.errors import Conflict, DomainError, Invalid, require_allowed
from portal.jobs.attempts import JobAttempt
from portal.jobs.queue import enqueue_again, enqueue_job
from portal.people.models import User
from portal.reviews import eligibility
from portal.reviews import policies as reviews
from portal.reviews.actions import cases
from portal.reviews.models import Decision, ReasonCode
from portal.reviews.policies import MIN_EXPLANATION, NOT_ACKNOWLEDGED
from portal.texts import require_text
from portal.workflow import write_row

BATCH_JOB = "certification.carry_out_batch"
MOST_ITEMS = 5000
MOST_RENEWALS = 50
_AT_ONCE = 50  # items between two signs of life of the job
_SHOWN_WRONG = 5
MOST_GROUNDS = 2000  # characters
# The beginning of a line; what was found is the rest. A pattern for the whole line would take quadratic time.
_SERIAL = re.compile(r"(CT-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})\s*[,，;；:：\t ]", re.IGNORECASE)
_APPROVABLE = f"""
    WITH {eligibility.LANES}, {eligibility.REVIEWER}
    SELECT a.id FROM certification_application a JOIN reviews_reviewcase c ON c.id = a.case_id
    WHERE a.state IN ('in_review', 'second_review') AND a.unchanged AND a.renews_id IS NOT NULL AND c.state = 'waiting'
      AND {eligibility.HAS_SKILL} AND {eligibility.NO_CONFLICT}
      AND EXISTS (
          SELECT 1 FROM certification_certificate s WHERE s.id = a.renews_id AND s.state IN ('active', 'expired'))
      AND NOT EXISTS (
          SELECT 1 FROM certification_inquiry i WHERE i.certificate_id = a.renews_id AND i.ended_at IS NULL)
      AND NOT EXISTS (
          SELECT 1 FROM certification_check k WHERE k.application_id = a.id AND k.result = 'fail' AND NOT EXISTS (
              SELECT 1 FROM certification_check later
              WHERE later.application_id = a.id AND later.id > k.id AND later.kind = k.kind
                AND later.credential_id IS NOT DISTINCT FROM k.credential_id
                AND later.document_id IS NOT DISTINCT FROM k.document_id))
      AND NOT EXISTS (
          SELECT 1 FROM certification_credential r JOIN certification_credentialtype t ON t.id = r.type_id
          WHERE r.application_id = a.id AND t.registry <> 'none' AND NOT EXISTS (
              SELECT 1 FROM certification_check k
              WHERE k.credential_id = r.id AND k.kind = 'registry' AND k.result = 'pass' AND k.at >= %(recent)s
                AND NOT EXISTS (SELECT 1 FROM certification_check later
                                WHERE later.credential_id = r.id AND later.kind = 'registry' AND later.id > k.id)))
    ORDER BY a.submitted_at, a.id LIMIT %(most)s"""  # noqa: S608 -- composed of our own constants
_TOO_MANY = gettext_lazy("At most %(count)d certificates in one batch.")


def prepare_suspensions(*, area: KeyArea, by: User, reasons: Sequence[str], explanation: str, lines: str) -> Batch:
    """Prepare the suspension of many certificates: `lines` name each by its serial, and what was found about its holder.

    Nothing is suspended before somebody else confirms. Raises Invalid with the lines that cannot be used.
    """
    require_allowed(policies.refuse_preparing_suspensions(by))
    offered = ReasonCode.objects.offered(casework.CERTIFICATE_CASE).filter(outcome=Outcome.SUSPENDED, code__in=reasons)
    if not reasons or offered.count() != len(set(reasons)):
        raise Invalid.at("reasons", _("Choose at least one reason."))
    explanation = require_text(
        "explanation", explanation, least=MIN_EXPLANATION, most=policies.TEXT_LIMIT, missing=policies.WHY_TOO_SHORT
    )
    found = _parse_lines(area, lines)
    if own := policies.serials_of_circle([certificate for certificate, _grounds in found], by):
        sentence = _("%(serial)s: someone else must prepare this, because the certificate is yours or of your agency.")
        raise Invalid.at("lines", sentence % {"serial": own[0]})
    with transaction.atomic():
        batch = Batch.objects.create(
            kind=BatchKind.SUSPENSIONS,
            area=area,
            reasons=sorted(set(reasons)),
            explanation=explanation,
            prepared_by=by,
            prepared_at=clock.now(),
        )
        BatchItem.objects.bulk_create(
            BatchItem(batch=batch, certificate=certificate, grounds=grounds) for certificate, grounds in found
        )
        trail.record_event(events.BATCH_PREPARED, batch, by=by, area=area.code, items=len(found))
    return batch


def confirm_suspensions(*, batch: Batch, by: User) -> None:
    """A senior reviewer of the area takes the decisions: a job makes them one by one in their name."""
    require_allowed(policies.refuse_confirming_suspensions(batch, by))
    with transaction.atomic():
        _confirm(batch, by)


def discard_batch(*, batch: Batch, by: User) -> None:
    """Nobody confirms it any more; nothing was suspended."""
    require_allowed(policies.refuse_discarding(batch, by))
    with transaction.atomic():
        write_row(batch, {"discarded_at": clock.now()}, confirmed_at=None, discarded_at=None)
        trail.record_event(events.BATCH_DISCARDED, batch, by=by)


def discard_forgotten_batches() -> int:
    """Discard what nobody has confirmed in Batch.WAITS: what was found may be old, and its holders cannot surrender; how many."""
    rows = Batch.objects.filter(confirmed_at=None, discarded_at=None, prepared_at__lt=clock.now() - Batch.WAITS)
    return sum(_discard_forgotten(batch) for batch in rows.order_by("pk"))


def _discard_forgotten(batch: Batch) -> bool:
    try:
        with transaction.atomic():
            write_row(batch, {"discarded_at": clock.now()}, confirmed_at=None, discarded_at=None)
            trail.record_event(events.BATCH_DISCARDED, batch, by=None)
    except Conflict:
        return False
    return True


def approvable_renewals(by: User) -> list[Application]:
    """Renewals that a reviewer can approve together now, oldest first: nothing changed, no check failed, registers agree.

    A senior reviewer's have those that somebody else has proposed. Two queries. The rules are looked at once more, for each, when it is decided.
    """
    values = eligibility.eligibility_parameters(by, level=reviews.level_of(by), now=clock.now())
    recent = clock.now() - policies.REGISTRY_CHECK_VALIDITY
    with connection.cursor() as cursor:
        cursor.execute(_APPROVABLE, {**values, "recent": recent, "most": MOST_RENEWALS})
        ids = [row[0] for row in cursor.fetchall()]
    rows = Application.objects.filter(pk__in=ids).select_related(
        "area__jurisdiction", "category", "renews", "decision__by"
    )
    return list(rows.order_by("submitted_at", "pk"))


def confirm_renewals(*, applications: Sequence[Application], by: User, acknowledged: bool = False) -> Batch:
    """A reviewer approves renewals in which nothing changed, together; each is decided by itself by a job.

    Those that somebody has proposed they approve as the second person. What they may not approve so by then is left as it was.
    Raises Invalid where none is chosen, and at `acknowledged` where the second person has not opened all documents of one.
    """
    require_allowed(reviews.refuse_reviewing(by))
    if not 0 < len(applications) <= MOST_RENEWALS:
        raise Invalid(_("Please choose at least one renewal."))
    proposed = [row for row in applications if row.is_proposed]
    looks = policies.renewals_second_look(proposed, by).values()
    if not acknowledged and any(look.needs_acknowledgement for look in looks):
        raise Invalid.at("acknowledged", NOT_ACKNOWLEDGED)
    with transaction.atomic():
        batch = Batch.objects.create(kind=BatchKind.RENEWALS, prepared_by=by, prepared_at=clock.now())
        BatchItem.objects.bulk_create(BatchItem(batch=batch, application=application) for application in applications)
        trail.record_event(events.BATCH_PREPARED, batch, by=by, items=len(applications))
        _confirm(batch, by)
    return batch


def carry_out_batch(run: JobAttempt) -> None:
    """Job: decide what is open in a confirmed batch, each item in a transaction of its own; it goes on where it ended."""
    batch = Batch.objects.select_related("confirmed_by", "prepared_by", "area").get(pk=run.payload["batch"])
    by = batch.confirmed_by
    if by is None or batch.finished_at is not None:
        return
    with translation.override(by.language):
        while items := list(_open_items(batch)[:_AT_ONCE]):
            for item in items:
                _carry_out(batch, item, by.pk)
            run.extend()
    with run.finish():
        counts = count_outcomes(batch)
        write_row(batch, {"finished_at": clock.now()}, finished_at=None)
        trail.record_event(events.BATCH_FINISHED, batch, by=None, **counts)
        if counts[ItemOutcome.SKIPPED]:
            notices.tell_skipped(batch, skipped=counts[ItemOutcome.SKIPPED], items=sum(counts.values()))


def resume_batches() -> int:
    """Enqueue confirmed batches whose job was given up; returns how many."""
    under_way = Batch.objects.filter(finished_at=None, confirmed_at__isnull=False).values_list("pk", flat=True)
    return sum(enqueue_again(BATCH_JOB, {"batch": pk}) for pk in under_way)


def count_outcomes(batch: Batch) -> dict[str, int]:
    """How many items came out how; `open` are those that wait. One query."""
    counts = {"open": 0, **dict.fromkeys(ItemOutcome.values, 0)}
    for outcome in batch.items.values_list("outcome", flat=True).iterator(chunk_size=5000):
        counts[outcome or "open"] += 1
    return counts


def _confirm(batch: Batch, by: User) -> None:
    fields = {"confirmed_by": by, "confirmed_at": clock.now()}
    write_row(batch, fields, confirmed_at=None, discarded_at=None)
    trail.record_event(events.BATCH_CONFIRMED, batch, by=by)
    enqueue_job(BATCH_JOB, {"batch": batch.pk}, key=f"{BATCH_JOB}:{batch.pk}")


def _refuse_line(serial: str, grounds: str, known: Container[str]) -> str | None:
    """Why a line cannot be used, with a place for its number."""
    if not grounds:
        return _("Line %(line)d: please write the certificate number, a comma, and what was found.")
    if len(grounds) < MIN_EXPLANATION:
        return _("Line %(line)d: please say what was found in at least 20 characters.")
    if len(grounds) > MOST_GROUNDS:
        return _("Line %(line)d: please say what was found in at most 2,000 characters.")
    return _("Line %(line)d: this certificate is listed twice.") if serial in known else None


def _parse_lines(area: KeyArea, lines: str) -> list[tuple[Certificate, str]]:
    """Certificates with what was found about each; Invalid at `lines`, naming the first wrong ones."""
    rows: dict[str, str] = {}
    wrong: list[str] = []
    for number, line in enumerate(lines.splitlines(), start=1):
        plain = line.strip()
        if not plain:
            continue
        match = _SERIAL.match(plain)
        serial, grounds = (match[1].upper(), plain[match.end() :].strip()) if match else ("", "")
        if refusal := _refuse_line(serial, grounds, rows):
            wrong.append(refusal % {"line": number})
        else:
            rows[serial] = grounds
    if len(rows) > MOST_ITEMS:
        raise Invalid.at("lines", _TOO_MANY % {"count": MOST_ITEMS})
    found = {row.serial: row for row in Certificate.objects.filter(serial__in=rows, area=area)}
    unknown = [serial for serial in rows if serial not in found]
    wrong += [_("%(serial)s is not a certificate of this area.") % {"serial": serial} for serial in unknown]
    if wrong or not rows:
        raise Invalid(
            _("Please list the certificates, one on each line."),
            fields={"lines": wrong[:_SHOWN_WRONG] or [_("Please list the certificates, one on each line.")]},
        )
    return [(found[serial], grounds) for serial, grounds in rows.items()]


def _open_items(batch: Batch) -> QuerySet[BatchItem]:
    related = (
        *("certificate__holder", "certificate__area__jurisdiction", "certificate__area__calendar"),
        *("certificate__category", "certificate__application__case"),
        *("application__applicant", "application__area__jurisdiction", "application__area__calendar"),
        *("application__case", "application__category", "application__requirement", "application__renews"),
    )
    return batch.items.filter(outcome="").select_related(*related).order_by("pk")


def _carry_out(batch: Batch, item: BatchItem, confirmed_by: int) -> None:
    """Decide one item and keep what became of it, both or neither.

    Who confirmed is read again for each: they may have lost their account or their role since.
    """
    try:
        with transaction.atomic():
            by = User.objects.select_for_update(no_key=True).get(pk=confirmed_by)
            require_allowed(policies.refuse_carrying_out(by))
            decided = _approve_renewal(batch, item, by) if item.application else _suspend(batch, item, by)
            outcome, decision, refusal = decided
            _settle(item, outcome, decision, refusal)
    except DomainError as error:
        with transaction.atomic():
            _settle(item, ItemOutcome.SKIPPED, None, str(error.message))


def _settle(item: BatchItem, outcome: ItemOutcome, decision: Decision | None, refusal: str) -> None:
    fields = {"outcome": outcome, "decision": decision, "refusal": refusal[:300], "done_at": clock.now()}
    write_row(item, fields, outcome="")


def _suspend(batch: Batch, item: BatchItem, by: User) -> tuple[ItemOutcome, Decision | None, str]:
    """The doubt is raised in the name of who prepared the batch, and decided in the name of who confirmed it."""
    certificate = item.certificate
    assert certificate is not None  # noqa: S101 -- the database says that a suspension has one
    inquiry = inquiries.raise_doubt(certificate=certificate, by=batch.prepared_by, grounds=item.grounds, prepared=True)
    if refusal := reviews.refuse_taking(inquiry.case, by, clock.now()):
        return ItemOutcome.QUEUED, None, str(refusal)
    cases.take_case(inquiry.case, by=by)
    explanation = f"{batch.explanation}\n\n{item.grounds}"
    decision = inquiries.suspend_certificate(
        inquiry=inquiry, by=by, version=inquiry.case.version, reasons=batch.reasons, explanation=explanation
    )
    return ItemOutcome.DONE, decision, ""


def _approve_renewal(batch: Batch, item: BatchItem, by: User) -> tuple[ItemOutcome, Decision | None, str]:
    application = item.application
    assert application is not None  # noqa: S101 -- the caller has looked
    assert application.case is not None  # noqa: S101 -- the policy has looked
    casework.lock_application(application)
    assert batch.confirmed_at is not None  # noqa: S101 -- the job has looked
    require_allowed(policies.refuse_decided_since(application, batch.confirmed_at))
    require_allowed(policies.refuse_unchanged_approval(application, by))
    cases.take_case(application.case, by=by)
    if application.is_proposed:
        certificate = decisions.confirm_approval(
            application=application, by=by, version=application.case.version, acknowledged=True
        )
        return ItemOutcome.DONE, certificate.decision, ""
    accepted = list(application.credentials.values_list("pk", flat=True))
    decision = decisions.approve_application(
        application=application, by=by, accepted=accepted, version=application.case.version
    )
    return ItemOutcome.DONE, decision, ""
