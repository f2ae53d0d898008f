"""Submit, complete and withdraw complaints."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from complaints import events, notices
from complaints.actions import casework, comparing, drafts, file_retention, respondent_answers, works
from complaints.models import Complaint, Statement, Work
from complaints.policies import drafts as draft_policy
from complaints.policies import formalities, limits, missing, pairs, parties
from complaints.policies import statements as policy
from complaints.policies.terms import FILES_KEPT
from complaints.states import ComplaintState, Side
from portal import clock
from portal.audit import trail
from portal.errors import Conflict, Invalid, require_allowed
from portal.evidence.actions import files as evidence
from portal.media.actions import files as videos
from portal.media.models import MediaFile
from portal.people import links
from portal.people.actions import people
from portal.people.models import User
from portal.texts import require_text
from portal.workflow import CHANGED

purge_idle_drafts = drafts.purge_idle_drafts
# Writes the row of a video, within the transaction that names it.
_Keep = Callable[[], Work]


def submit_complaint(*, complaint: Complaint, by: User, ticks: Sequence[str], signature: str = "") -> None:
    """Submit: freeze the files, send a receipt, enqueue the comparison.

    Raises NotAllowed, Conflict if it was handed in already or too many are open, Invalid with a sentence for each field.
    """
    require_allowed(parties.refuse_complainant_side(complaint, by))
    try:
        with transaction.atomic():
            casework.lock_complaint(complaint)
            if complaint.state != ComplaintState.DRAFT:
                raise Conflict(draft_policy.HANDED_IN)
            if reason := limits.refuse_more_complaints(complaint):
                raise Conflict(reason)
            _require_whole(complaint, ticks, signature)
            _submit(complaint, by, sorted(set(ticks)), signature.strip())
    except IntegrityError as error:
        if "complaint_one_open_pair" not in str(error):
            raise
        raise Conflict(_("You have already complained about these two works.")) from error


def complete_complaint(
    *,
    complaint: Complaint,
    by: User,
    text: str = "",
    copy_address: str = "",
    copy_media: MediaFile | None = None,
    original_address: str = "",
    original_media: MediaFile | None = None,
    uncompared: bool = False,
) -> None:
    """Add what is missing and start a new comparison round. Nothing is required if the platform had not answered.

    `uncompared`: nothing is brought; people shall look at a video that the machine cannot open.
    Raises NotAllowed, Conflict, Invalid at text, at uncompared or at the four others.
    """
    require_allowed(policy.refuse_completion(complaint, by))
    require_text("text", text, most=formalities.TEXT_LIMIT)
    keep = _replaced_copy(complaint, by, copy_address, copy_media)
    keep |= _replaced_original(complaint, by, original_address, original_media)
    with transaction.atomic():
        _lock_for_completion(complaint, by)
        changed = {side: kept() for side, kept in keep.items()}
        if uncompared:
            _require_here(complaint, changed)
        else:
            _require_brought(complaint, changed)
        _complete(complaint, by, text.strip(), changed, uncompared=uncompared)


def withdraw_complaint(*, complaint: Complaint, by: User) -> None:
    """Withdraw an undecided complaint: close its case and notify both sides."""
    require_allowed(policy.refuse_withdrawal(complaint, by))
    with transaction.atomic():
        casework.lock_complaint(complaint)
        now = clock.now()
        complaint.move("withdraw", touched_at=now)
        casework.close_complaint_cases(complaint, by=by)
        file_retention.schedule_file_deletion(complaint, now + FILES_KEPT)
        trail.record_event(events.WITHDRAWN, complaint, by=by)
        notices.notify_sides(events.WITHDRAWN, complaint)


def lapse_overdue_complaints() -> int:
    """Lapse complaints not completed within 10 days; returns how many."""
    late = Complaint.objects.filter(state=ComplaintState.INCOMPLETE, complete_by__lte=clock.now())
    return sum(_lapse_complaint(row) for row in list(late.order_by("complete_by", "pk")[:200]))


def _submit(complaint: Complaint, by: User, ticks: list[str], signature: str) -> None:
    now = clock.now()
    respondent = _respondent(complaint)
    complaint.move(
        "submit",
        regime_code=complaint.regime.code,
        respondent=respondent,
        # Prefilled contact data that was not changed counts as given.
        contact_sealed=drafts.seal_contact(drafts.complainant_contact(complaint), complaint.contact_bound_to),
        ticks=ticks,
        signature=signature,
        submitted_at=now,
        touched_at=now,
        round=1,
    )
    said = {"side": Side.COMPLAINANT, "kind": Statement.Kind.NOTICE, "text": complaint.text, "ticks": ticks}
    Statement.objects.create(complaint=complaint, by=by, at=now, signature=signature, **said)
    _freeze(complaint, by)
    data = {"regime": complaint.regime_code, "respondent": respondent.public_id}
    trail.record_event(events.SUBMITTED, complaint, by=by, **data)
    notices.notify_sides(events.SUBMITTED, complaint)
    comparing.begin_comparison(complaint)


def _require_whole(complaint: Complaint, ticks: Sequence[str], signature: str) -> None:
    contact = drafts.complainant_contact(complaint)
    gaps = draft_policy.draft_gaps(complaint, contact) | formalities.tick_gaps(complaint.regime.ticks, ticks)
    if complaint.regime.signed:
        gaps |= formalities.signature_gaps(signature, contact["name"])
    if gaps:
        raise Invalid.of(gaps)


def _respondent(complaint: Complaint) -> User:
    """The person who has proven the account, else the visitor that stands for it."""
    known = links.holder_of_account(complaint.platform, complaint.account_id)
    return known or people.find_or_add_visitor(
        platform=complaint.platform,
        external_id=complaint.account_id,
        display_name=complaint.account_handle,
        language=complaint.account_language,
    )


def _freeze(complaint: Complaint, by: User) -> None:
    now = clock.now()
    sent = [work.media for work in (complaint.original, complaint.copy) if work is not None and work.media is not None]
    videos.freeze_videos([media for media in sent if media.owner_id == by.pk], at=now, by=by)
    shown = complaint.exhibits.filter(side=Side.COMPLAINANT).exclude(file=None).select_related("file")
    evidence.freeze_files([row.file for row in shown if row.file], at=now, by=by)


def _lock_for_completion(complaint: Complaint, by: User) -> None:
    """Lock the complaint; Conflict if it was completed meanwhile, though something may be missing once more."""
    read = complaint.round
    casework.lock_complaint(complaint)
    require_allowed(policy.refuse_completion(complaint, by))
    if complaint.round != read:
        raise Conflict(CHANGED)


def _replaced_copy(complaint: Complaint, by: User, address: str, media: MediaFile | None) -> dict[str, _Keep]:
    """What keeps another copy, on the account that was complained of; the platform has been asked."""
    copy = complaint.copy
    assert copy is not None  # noqa: S101 -- handed in, the database says
    found = _same_account(complaint, address) if address.strip() else None
    if media is None:
        return {"copy": found} if found else {}
    if reason := draft_policy.refuse_media(media, by):
        raise Invalid.at("copy_media", str(reason))

    def keep() -> Work:
        shows, place = found() if found else copy, {"platform": complaint.platform, "account_id": complaint.account_id}
        return works.work_from_recording(media=media, shows=shows if shows.external_id else None, **place)

    return {"copy": keep}


def _same_account(complaint: Complaint, address: str) -> _Keep:
    """What keeps the post at an address, if it is on the account that was complained of."""
    connector, post = works.find_post(address, field="copy_address", platform=complaint.platform)
    if (connector.code, post.account_id) != (complaint.platform, complaint.account_id):
        sentence = _("This work is on another account. Please submit a separate complaint about it.")
        raise Invalid.at("copy_address", sentence)
    return partial(works.work_from_post, connector.code, post)


def _replaced_original(complaint: Complaint, by: User, address: str, media: MediaFile | None) -> dict[str, _Keep]:
    """What keeps the original anew, under the title and date it was named with."""
    before = complaint.original
    assert before is not None  # noqa: S101 -- as above
    if media is not None:
        if reason := draft_policy.refuse_media(media, by):
            raise Invalid.at("original_media", str(reason))
        facts = {"published_at": before.published_at, "published_source": before.published_source}
        checked = works.check_work(by=by, title=before.title, media=media, **facts)  # type: ignore[arg-type]
        return {"original": partial(works.keep_work, checked)}
    if not address.strip():
        return {}
    connector, post = works.find_post(address, field="original_address", platform=complaint.platform)
    return {"original": partial(works.work_from_post, connector.code, post)}


def _require_brought(complaint: Complaint, changed: dict[str, Work]) -> None:
    """Raise Invalid for a side of which something is missing and nothing new was brought, or that makes no pair."""
    lacking = {missing.code_side(code): code for code in complaint.missing if missing.code_side(code)}
    fields = {
        f"{side}_media": [missing.missing_sentence(code)] for side, code in lacking.items() if side not in changed
    }
    if missing.OTHER_KIND in complaint.missing and not changed:
        fields["copy_media"] = [missing.missing_sentence(missing.OTHER_KIND)]
    if fields:
        raise Invalid(_("Something is still missing."), fields=fields)
    original, copy = changed.get("original", complaint.original), changed.get("copy", complaint.copy)
    if reason := pairs.refuse_video_pair(original, copy):
        raise Invalid.at("copy_media" if "copy" in changed else "original_media", str(reason))


def _require_here(complaint: Complaint, changed: dict[str, Work]) -> None:
    """Raise Invalid if there is nothing that people could look at, or something new that can be compared."""
    if not missing.both_videos_here(complaint.missing):
        raise Invalid.at("uncompared", _("A work is missing, so no one can review it."))
    if changed:
        raise Invalid.at("uncompared", _("You have added a new work that can be compared. Choose one option only."))


def _complete(complaint: Complaint, by: User, text: str, changed: dict[str, Any], *, uncompared: bool) -> None:
    now = clock.now()
    brought: dict[str, Any] = {"missing": [], "complete_by": None, "round": complaint.round + 1, "touched_at": now}
    complaint.move("complete", **brought, **changed)
    said = {"side": Side.COMPLAINANT, "kind": Statement.Kind.COMPLETION, "text": text}
    Statement.objects.create(complaint=complaint, by=by, at=now, **said)
    _freeze(complaint, by)
    trail.record_event(
        events.COMPLETED, complaint, by=by, round=complaint.round, changed=sorted(changed), uncompared=uncompared
    )
    if uncompared:
        respondent_answers.admit_or_screen_complaint(complaint, grade="")
        return
    notices.notify_sides(events.COMPLETED, complaint, once=str(complaint.round))
    comparing.begin_comparison(complaint)


def _lapse_complaint(complaint: Complaint) -> bool:
    """Lapse one complaint; False if it was completed meanwhile."""
    now = clock.now()
    try:
        with transaction.atomic():
            casework.lock_complaint(complaint)
            if complaint.complete_by is None or complaint.complete_by > now:
                return False
            complaint.move("lapse", touched_at=now)
            file_retention.schedule_file_deletion(complaint, now + FILES_KEPT)
            trail.record_event(events.LAPSED, complaint, by=None)
            notices.notify_sides(events.LAPSED, complaint)
    except Conflict:
        return False
    return True
