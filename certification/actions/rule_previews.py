"""Who would fail under a draft of a rule: every valid certificate held against it, with what was accepted for it.

A preview of a few certificates is made at once, a longer one by a job, in batches: each batch is one transaction with its
findings and the place where the next one begins. Numbers are compared by the machine; a finding says that one does
not fit, never what it is.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from certification import expressions
from certification.identifiers import CHECKSUMS, ChecksumStatus
from certification.models import (
    Application,
    Certificate,
    Credential,
    Document,
    PreviewFinding,
    PreviewResult,
    RuleDraft,
    RulePreview,
)
from certification.policies import rules as policies
from certification.readings import declared_number
from certification.states import STANDING_STATES, ApplicationState
from portal import clock
from portal.errors import require_allowed
from portal.jobs.attempts import JobAttempt
from portal.jobs.queue import enqueue_job
from portal.people.models import User

PREVIEW_JOB = "certification.preview_rule"
AT_ONCE = 100  # certificates that a page waits for
_BATCH = 500
_KEPT = timedelta(days=30)  # after the draft was closed

Reasons = list[dict[str, Any]]
Finding = tuple[int, str, Reasons]


def begin_preview(*, draft: RuleDraft, by: User) -> RulePreview:
    """The preview of what a draft says now; made at once where there are few certificates, else by a job."""
    require_allowed(policies.refuse_leading(by))
    with transaction.atomic():
        total = _concerned(draft)[: AT_ONCE + 1].count()  # a job counts all
        preview, new = RulePreview.objects.get_or_create(
            draft=draft, revision=draft.revision, defaults={"total": total, "open_drafts": _open_drafts(draft)}
        )
        if new and total > AT_ONCE:
            enqueue_job(PREVIEW_JOB, {"preview": preview.pk}, key=f"{PREVIEW_JOB}:{preview.pk}")
    if preview.finished_at is None and preview.total <= AT_ONCE:
        while not _examine_batch(preview.pk):
            pass
        preview.refresh_from_db()
    return preview


def run_preview(run: JobAttempt) -> None:
    """Job: examine what is left, batch by batch. One that was superseded or deleted ends at once."""
    with run.held():
        while not _examine_batch(run.payload["preview"]):
            run.note_progress()
    with run.finish():
        pass


def purge_previews() -> int:
    """Delete previews of what drafts do not say any more, and of drafts that were closed a month ago; returns how many."""
    old = RulePreview.objects.filter(~Q(revision=F("draft__revision")) | Q(draft__closed_at__lte=clock.now() - _KEPT))
    keys = list(old.order_by("pk").values_list("pk", flat=True)[:200])
    for key in keys:
        RulePreview.objects.filter(pk=key).delete()
    return len(keys)


def _examine_batch(preview_id: int) -> bool:
    """Examine the next certificates; whether that was all."""
    with transaction.atomic():
        preview = RulePreview.objects.select_for_update(no_key=True).filter(pk=preview_id).first()
        if preview is None or preview.finished_at is not None:
            return True
        draft = RuleDraft.objects.with_rows().get(pk=preview.draft_id)
        if draft.revision != preview.revision:
            return True
        if preview.last_seen == 0:
            preview.total = _concerned(draft).count()
        examine = _examine_type if draft.type_id is not None else _examine_requirement
        rows = list(_concerned(draft).filter(pk__gt=preview.last_seen).order_by("pk")[:_BATCH])
        found = [finding for finding in examine(rows, draft) if finding[1]]
        PreviewFinding.objects.bulk_create(
            [
                PreviewFinding(preview=preview, certificate_id=pk, result=result, reasons=why)
                for pk, result, why in found
            ],
            ignore_conflicts=True,
        )
        counts: dict[str, int] = defaultdict(int)
        for _pk, result, _why in found:
            counts[result] += 1
        preview.examined += len(rows)
        preview.failing += counts[PreviewResult.FAILS]
        preview.shorter += counts[PreviewResult.SHORTER]
        preview.unknown += counts[PreviewResult.UNKNOWN]
        preview.last_seen = rows[-1].pk if rows else preview.last_seen
        is_over = len(rows) < _BATCH
        if is_over:
            preview.finished_at, preview.total = clock.now(), preview.examined
        preview.save()
    return is_over


def _concerned(draft: RuleDraft) -> QuerySet[Certificate]:
    """The certificates that stand and were given under what the draft changes."""
    standing = Certificate.objects.filter(state__in=STANDING_STATES, valid_to__gt=clock.now())
    if draft.type_id is None:
        return standing.filter(area=draft.area_id, category=draft.category_id)
    given = Credential.objects.filter(type=draft.type_id, accepted_by__isnull=False)
    return standing.filter(application__in=given.values("application"))


def _open_drafts(draft: RuleDraft) -> int:
    """How many applications are being written that the new version would meet."""
    rows = Application.objects.filter(state=ApplicationState.DRAFT)
    if draft.type_id is None:
        return rows.filter(area=draft.area_id, category=draft.category_id).count()
    return rows.filter(credentials__type=draft.type_id).count()


def _examine_requirement(rows: Sequence[Certificate], draft: RuleDraft) -> Iterable[Finding]:
    accepted = Credential.objects.filter(
        application__in=[row.application_id for row in rows], accepted_by__isnull=False
    )
    held: dict[int, set[str]] = defaultdict(set)
    for application, code in accepted.values_list("application", "type__code"):
        held[application].add(code)
    expression, days = draft.expression, draft.values.get("max_validity")
    for row in rows:
        missing = expressions.missing_parts(expression, held[row.application_id])
        reasons: Reasons = [{"code": "missing", "types": choice} for choice in missing if choice]
        yield row.pk, *_result(reasons, [], _too_long(row, days))


def _examine_type(rows: Sequence[Certificate], draft: RuleDraft) -> Iterable[Finding]:
    assert draft.type is not None  # noqa: S101 -- the caller saw to it
    code, values = draft.type.code, draft.values
    given = Credential.objects.filter(
        type=draft.type, application__in=[row.application_id for row in rows], accepted_by__isnull=False
    ).select_related("application")
    by_application = {row.application_id: row for row in given}
    papers: dict[int, list[Document]] = defaultdict(list)
    for paper in Document.objects.filter(credential__in=list(by_application.values())).select_related("application"):
        if paper.replaced_at is None and paper.credential_id is not None:
            papers[paper.credential_id].append(paper)
    check = _number_check(values)
    for row in rows:
        credential = by_application[row.application_id]
        failed, unknown = check(credential)
        failed += _paper_reasons(credential, papers[credential.pk], values)
        for reason in (*failed, *unknown):
            reason["type"] = code
        yield row.pk, *_result(failed, unknown, _too_long(row, values.get("max_validity")))


def _result(failed: Reasons, unknown: Reasons, shorter: Reasons) -> tuple[str, Reasons]:
    """The gravest of what was found; "" for nothing."""
    found = ((PreviewResult.FAILS, failed), (PreviewResult.UNKNOWN, unknown), (PreviewResult.SHORTER, shorter))
    result = next((str(kind) for kind, reasons in found if reasons), "")
    return result, [*failed, *unknown, *shorter]


def _too_long(row: Certificate, days: int | None) -> Reasons:
    too_long = days is not None and row.valid_to > row.issued_at + timedelta(days=days)
    return [{"code": "validity", "days": days}] if too_long else []


def _number_check(values: dict[str, Any]) -> Callable[[Credential], tuple[Reasons, Reasons]]:
    """The comparison of a number with the form and the check digit; what fails, and what cannot be determined."""
    form = re.compile(values["identifier_pattern"]) if values.get("identifier_pattern") else None
    function = CHECKSUMS.get(values.get("checksum", ""))

    def check(credential: Credential) -> tuple[Reasons, Reasons]:
        if form is None:
            return [], []
        number = declared_number(credential)
        if not number:
            gone = bool(credential.identifier_masked or credential.application.purged_at)
            return ([], [{"code": "number_gone"}]) if gone else ([{"code": "number_missing"}], [])
        failed: Reasons = []
        if not values.get("unconfirmed") and not form.fullmatch(number):
            failed.append({"code": "number_form"})
        if function is not None and function(number).status is ChecksumStatus.WRONG:
            failed.append({"code": "check_digit"})
        return failed, []

    return check


def _paper_reasons(credential: Credential, papers: Sequence[Document], values: dict[str, Any]) -> Reasons:
    kinds = {paper.kind for paper in papers}
    reasons: Reasons = [
        {"code": "document", "kind": kind} for kind in values.get("evidence_kinds") or [] if kind not in kinds
    ]
    if values.get("needs_expiry") and credential.expires_on is None:
        reasons.append({"code": "no_end"})
    if most := values.get("max_age_of_proof"):
        if any(paper.dated_on is None for paper in papers):
            reasons.append({"code": "no_date"})
        ages = [_age(paper) for paper in papers]
        oldest = max((age for age in ages if age is not None), default=0)
        if oldest > most:
            reasons.append({"code": "proof_old", "days": oldest, "most": most})
    return reasons


def _age(paper: Document) -> int | None:
    """How many days old a document was when it was handed in."""
    handed_in = paper.application.submitted_at or paper.added_at
    return (handed_in.date() - paper.dated_on).days if paper.dated_on else None
