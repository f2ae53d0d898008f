"""Inspections: the monthly draw, the question to the holder, the answer or its absence. A person decides on either."""

import math
import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import models, transaction
from django.db.models import Exists, F, Func, OuterRef, Q, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _

from certification import events, notices, policies
from certification.actions import casework, labels
from certification.actions.document_retention import keep_certificate_files, lock_application_files
from certification.actions.rechecks import trigger_recheck
from certification.models import (
    Certificate,
    CheckKind,
    CheckResult,
    Inquiry,
    Inspection,
    InspectionCause,
    InspectionRound,
    RecheckCause,
)
from certification.models.certificates import CertificateQuerySet
from certification.models.inspections import ANSWER_WITHIN, SHARE
from portal import clock
from portal.audit import trail
from portal.errors import Conflict, require_allowed
from portal.evidence.actions import files
from portal.evidence.models import EvidenceFile
from portal.people.models import User
from portal.texts import require_text
from portal.workflow import lock_names, write_row

_BATCH = 200
_REMINDED_BEFORE = timedelta(days=2)
_DOUBT_KEPT = timedelta(days=365)  # for so long an inquiry that ended well is a flag
# Looks that are made anyway raise no doubt about anybody.
_ROUTINE = (RecheckCause.LOOK_UP, RecheckCause.INSPECTION)
_FAILED = [f"{CheckResult.FAILED}:{kind}" for kind in CheckKind]
_MISSING = _("Please write a sentence or two.")


def draw_inspections() -> int:
    """Draw the inspections of this month, once: two in a hundred by lot, and all with a flag. Returns how many."""
    month = clock.today().replace(day=1)
    if InspectionRound.objects.filter(month=month).exists():
        return 0
    with transaction.atomic():
        lock_names("certification.inspections")
        if InspectionRound.objects.filter(month=month).exists():
            return 0
        return _draw_round(month, secrets.token_hex(16))


def drawn_by_lot(seed: str, at: datetime, population: int) -> list[int]:
    """The certificates of a draw, by primary key, from the history: the same whenever it is computed."""
    lot = Func(
        Concat(Value(f"{seed}:"), F("serial")),
        template="sha256(convert_to(%(expressions)s, 'UTF8'))",
        output_field=models.BinaryField(),
    )
    rows = Certificate.objects.valid_at(at).order_by(lot)
    return list(rows.values_list("pk", flat=True)[: math.ceil(population * SHARE)])


def ask_inspected(most: int = _BATCH) -> int:
    """Ask the next holders of drawn certificates; those that do not count any more are let be. Returns how many were asked."""
    waiting = Inspection.objects.filter(asked_at=None, ended_at=None).select_related("round")
    rows = waiting.select_related("certificate__holder", "certificate__area__jurisdiction").order_by("pk")
    return sum(_ask_holder(row) for row in rows[:most])


def answer_inspection(*, inspection: Inspection, by: User, text: str, documents: Sequence[EvidenceFile] = ()) -> None:
    """The holder answers, with text and files; a reviewer looks at it."""
    require_allowed(policies.refuse_inspection_answer(inspection, by))
    text = require_text("text", text, least=1, most=policies.TEXT_LIMIT, missing=_MISSING)
    policies.require_own_files(documents, by)
    now, certificate = clock.now(), inspection.certificate
    with transaction.atomic():
        casework.lock_certificate(certificate)
        over = _("The time to answer has expired, or you have already answered.")
        write_row(inspection, {"answer": text, "answered_at": now, "ended_at": now}, message=over, ended_at=None)
        labels.record_certificate_event(events.INSPECTION_ANSWERED, certificate, by, files=len(documents))
        _bring_to_a_person(inspection, RecheckCause.INSPECTION, by)
        inspection.files.set(documents)
        lock_application_files([certificate.application])
        files.freeze_files(documents, at=now, by=by)
        # It may have ended since it was asked about: then nobody looks, and nothing else would say how long they are kept.
        keep_certificate_files(certificate)


def close_missed_inspections() -> int:
    """Bring inspections that nobody answered within 7 days to a reviewer, who can suspend; returns how many."""
    late = Inspection.objects.filter(ended_at=None, due_at__lte=clock.now()).select_related("round")
    rows = late.select_related("certificate__holder", "certificate__area__jurisdiction").order_by("due_at", "pk")
    return sum(_close_missed(row) for row in rows[:_BATCH])


def remind_inspected() -> int:
    """Remind holders two days before the time to answer is over, once; returns how many were looked at."""
    now = clock.now()
    near = Inspection.objects.filter(ended_at=None, due_at__gt=now, due_at__lte=now + _REMINDED_BEFORE)
    rows = list(near.select_related("certificate__holder", "certificate__area__jurisdiction").order_by("pk"))
    for row in rows:
        if row.due_at is not None:
            notices.remind_of_inspection(row.certificate, inspection=row.pk, due_at=row.due_at)
    return len(rows)


def _draw_round(month: date, seed: str) -> int:
    now = clock.now()
    population = Certificate.objects.valid_at(now).count()
    lots = drawn_by_lot(seed, now, population)
    flagged = list(_flagged(now).exclude(pk__in=lots).values_list("pk", flat=True))
    drawn = InspectionRound.objects.create(
        month=month, seed=seed, drawn_at=now, population=population, drawn=len(lots), flagged=len(flagged)
    )
    rows = [Inspection(round=drawn, certificate_id=pk, cause=InspectionCause.LOT) for pk in lots]
    rows += [Inspection(round=drawn, certificate_id=pk, cause=InspectionCause.FLAG) for pk in flagged]
    Inspection.objects.bulk_create(rows, batch_size=5000)
    trail.record_event(
        events.INSPECTIONS_DRAWN,
        drawn,
        by=None,
        seed=seed,
        population=population,
        drawn=len(lots),
        flagged=len(flagged),
    )
    return len(rows)


def _flagged(at: datetime) -> CertificateQuerySet:
    """Certificates with a flag that no inspection has looked at since: approved over a failed check, or doubted.

    An inquiry that was opened only because a look-up was due, or an inspection answered, is no doubt.
    """
    inspected = Inspection.objects.filter(certificate=OuterRef("pk"))
    doubted = Inquiry.objects.filter(certificate=OuterRef("pk"), ended_at__gt=at - _DOUBT_KEPT)
    doubted = doubted.exclude(policies.opened_only_by(*_ROUTINE))
    since = Inspection.objects.filter(certificate=OuterRef("certificate"), round__drawn_at__gt=OuterRef("ended_at"))
    over_failed = Q(application__case__reasons__overlap=_FAILED) & ~Exists(inspected)
    return Certificate.objects.valid_at(at).filter(over_failed | Exists(doubted.exclude(Exists(since))))


def _ask_holder(inspection: Inspection) -> bool:
    now, certificate = clock.now(), inspection.certificate
    try:
        with transaction.atomic():
            casework.lock_certificate(certificate)
            if not certificate.is_valid:
                write_row(inspection, {"ended_at": now}, asked_at=None, ended_at=None)
                return False
            due_at = now + ANSWER_WITHIN
            write_row(inspection, {"asked_at": now, "due_at": due_at}, asked_at=None, ended_at=None)
            labels.record_certificate_event(events.INSPECTION_OPENED, certificate, None, due_at=due_at.isoformat())
            once = str(inspection.pk)
            notices.notify_holder(events.INSPECTION_OPENED, certificate, once=once, due_at=due_at)
    except Conflict:
        return False
    return True


def _close_missed(inspection: Inspection) -> bool:
    certificate = inspection.certificate
    try:
        with transaction.atomic():
            casework.lock_certificate(certificate)
            write_row(inspection, {"ended_at": clock.now()}, ended_at=None)
            labels.record_certificate_event(events.INSPECTION_MISSED, certificate, None)
            _bring_to_a_person(inspection, RecheckCause.INSPECTION_MISSED, None)
    except Conflict:
        return False
    return True


def _bring_to_a_person(inspection: Inspection, cause: RecheckCause, by: User | None) -> None:
    """In the case of an inquiry; a certificate that has ended meanwhile needs nobody."""
    facts = {"month": f"{inspection.round.month:%Y-%m}"}
    occasion = f"inspection:{inspection.pk}"
    trigger = trigger_recheck(inspection.certificate, cause, occasion=occasion, facts=facts, by=by)
    if trigger is not None:
        write_row(inspection, {"trigger": trigger})
