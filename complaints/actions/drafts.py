"""Writing a complaint: begun, both videos named, texts and evidence kept as they are typed; purged when idle."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from complaints import events
from complaints.actions import works
from complaints.models import Complaint, CopyKind, Exhibit, Work, drafts_idle_since
from complaints.models.complaints import Capacity
from complaints.policies import drafts as policy
from complaints.policies import formalities, pairs, parties
from complaints.policies.terms import DRAFT_KEPT, EVIDENCE_PURPOSE
from complaints.regimes import REGIMES, regime_of_region
from complaints.states import ComplaintState, Side
from portal import clock, vault
from portal.audit import trail
from portal.errors import Conflict, Invalid, require_allowed
from portal.evidence.access import refuse_attaching_files
from portal.evidence.models import EvidenceFile
from portal.languages import supported_language
from portal.media.models import MediaFile
from portal.people.models import User
from portal.platforms import Account
from portal.platforms import Work as Post
from portal.texts import refuse_text, require_text
from portal.workflow import write_row


@dataclass(frozen=True)
class FoundCopy:
    """A post that is to be named as the copy, and its account, as the platform answered."""

    platform: str
    post: Post
    account: Account


_CHOICES = {"kind": CopyKind.values, "capacity": Capacity.values, "regime_code": [*REGIMES, ""]}
_NOTE, _URL = 300, 500  # characters


def start_draft(*, by: User) -> Complaint:
    """Open a draft. Raises NotAllowed for roles that do not complain."""
    require_allowed(parties.refuse_complaining(by))
    with transaction.atomic():
        complaint = Complaint.objects.create(number=get_random_string(20), complainant=by)
        complaint.number = f"OC-{complaint.pk:06d}"
        complaint.save(update_fields=["number"])
        trail.record_event(events.STARTED, complaint, by=by)
    return complaint


def name_copied_video(
    *,
    complaint: Complaint,
    by: User,
    address: str = "",
    media: MediaFile | None = None,
    account: str = "",
    platform: str = "",
) -> None:
    """Name the copied video: its address, or a recording with the account (handle, id or address) it was on.

    A recording with an address is a recording of that post. Raises Invalid at address, media or account.
    """
    _require_draft(complaint, by)
    keep, holder = _copy_and_account(by, address, media, account, platform)
    with transaction.atomic():
        _write_draft(complaint)
        _name_copy(complaint, by, keep(), holder, "address" if address.strip() else "account")


def find_copied_post(*, address: str, platform: str = "") -> FoundCopy:
    """Ask the platform for the post at an address and for its account. Raises Invalid at address."""
    connector, post = works.find_post(address, field="address", platform=platform)
    account = works.find_platform_account(connector, post.account_id, field="address")
    return FoundCopy(connector.code, post, account)


def name_found_copy(*, complaint: Complaint, by: User, copy: FoundCopy) -> None:
    """Name the copied video from what the platform answered before. Raises Invalid at address."""
    _require_draft(complaint, by)
    with transaction.atomic():
        _write_draft(complaint)
        _name_copy(complaint, by, works.work_from_post(copy.platform, copy.post), copy.account, "address")


def name_found_videos(*, complaint: Complaint, by: User, copy: FoundCopy, original_on: str, original: Post) -> None:
    """Name both videos from what platforms answered before; `original_on` is the original's. Raises Invalid at address."""
    with transaction.atomic():
        name_found_copy(complaint=complaint, by=by, copy=copy)
        _name_original(complaint, works.work_from_post(original_on, original), "address")


def _name_copy(complaint: Complaint, by: User, copy: Work, holder: Account, field: str) -> None:
    if reason := pairs.refuse_own_account(by, copy.platform, holder.id):
        raise Invalid.at(field, str(reason))
    if reason := pairs.refuse_kind_on_platform(copy):
        raise Invalid.at(field, str(reason))
    _check_pair(complaint, complaint.original, copy, field)
    fields = {
        "copy": copy,
        "platform": copy.platform,
        **account_facts(holder),
        "regime_code": _regime(complaint, holder),
    }
    _write_draft(complaint, **fields)


def name_original_video(
    *,
    complaint: Complaint,
    by: User,
    work: Work | None = None,
    address: str = "",
    media: MediaFile | None = None,
    title: str = "",
    published_at: datetime | None = None,
    published_source: str = "",
) -> None:
    """Name the original video: a work of theirs, the address of their own post, or a file, which is registered.

    Raises Invalid at work, address, media, title or published_source.
    """
    _require_draft(complaint, by)
    if work is not None:
        field, keep = "work", partial(_require_own_work, work, by)
    elif media is not None:
        facts = {"published_at": published_at, "published_source": published_source, "url": address}
        checked = works.check_work(by=by, title=title, media=media, **facts)  # type: ignore[arg-type]
        field, keep = "media", partial(works.keep_work, checked)
    elif address.strip():
        connector, post = works.find_post(address, field="address", platform=complaint.platform)
        field, keep = "address", partial(works.work_from_post, connector.code, post)
    else:
        raise Invalid.at("address", _("Please give your work, its address or the work itself."))
    with transaction.atomic():
        _write_draft(complaint)
        _name_original(complaint, keep(), field)


def _name_original(complaint: Complaint, original: Work, field: str) -> None:
    _check_pair(complaint, original, complaint.copy, field)
    _write_draft(complaint, original=original)


def save_draft(*, complaint: Complaint, by: User, **texts: str) -> None:
    """Keep what was typed or chosen: text, kind, capacity, regime_code ("" lets the account's region choose).

    Nothing is asked for here; only what cannot be kept at all is refused, with a sentence at its field.
    """
    _require_draft(complaint, by)
    fields: dict[str, Any] = {name: value for name, value in texts.items() if name in (*_CHOICES, "text")}
    for name, values in _CHOICES.items():
        if name in fields and fields[name] not in values:
            raise Invalid.at(name, _("This is not one of the options."))
    require_text("text", fields.get("text", ""), most=formalities.TEXT_LIMIT)
    if fields.get("regime_code") == "" and complaint.copy is not None:
        fields["regime_code"] = regime_of_region(complaint.region).code
    _write_draft(complaint, **fields)


def set_complainant_contact(*, complaint: Complaint, by: User, contact: Mapping[str, str]) -> None:
    """Keep name, email, address and phone, encrypted; what is empty is asked for when it is handed in."""
    _require_draft(complaint, by)
    if wrong := formalities.overlong_contact(contact):
        raise Invalid(_("Some texts are too long."), fields=wrong)
    _write_draft(complaint, contact_sealed=seal_contact(contact, complaint.contact_bound_to))


def complainant_contact(complaint: Complaint) -> dict[str, str]:
    """The contact that was given, else a prefill from the complainant's profile."""
    if complaint.contact_sealed:
        return open_sealed_contact(complaint.contact_sealed, complaint.contact_bound_to)
    person = complaint.complainant
    known = {"name": person.display_name, "email": person.email if person.takes_mail else ""}
    return {name: known.get(name, "") for name in formalities.CONTACT_LIMITS}


def seal_contact(contact: Mapping[str, str], bound_to: str) -> str:
    """The contact, encrypted for storage."""
    kept = {name: contact.get(name, "").strip() for name in formalities.CONTACT_LIMITS}
    return vault.encrypt_text(json.dumps(kept, ensure_ascii=False), bound_to=bound_to)


def open_sealed_contact(token: str, bound_to: str) -> dict[str, str]:
    """What seal_contact() was given; raises vault.Tampered."""
    contact: dict[str, str] = json.loads(vault.decrypt_text(token, bound_to=bound_to))
    return contact


def add_exhibit(
    *,
    complaint: Complaint,
    by: User,
    side: str,
    level: int,
    note: str,
    url: str = "",
    file: EvidenceFile | None = None,
    defence: str = "",
    reviewers_only: str = "",
) -> Exhibit:
    """Add a piece of evidence: a file, an address, or a statement in `note`. Raises NotAllowed, Invalid.

    `reviewers_only` says why the other side is not to see the file.
    """
    require_allowed(policy.refuse_exhibit(complaint, by, side))
    row = Exhibit(complaint=complaint, side=side, level=level, defence=defence, file=file, by=by)
    row.note, row.url, row.reviewers_only = note.strip(), url.strip(), reviewers_only.strip()
    if wrong := _exhibit_errors(row):
        raise Invalid.of(wrong)
    with transaction.atomic():
        _touch(complaint)
        if reason := policy.refuse_more_exhibits(complaint, side):
            raise Invalid(reason)
        row.save(force_insert=True)
    return row


def drop_exhibit(*, exhibit: Exhibit, by: User) -> None:
    """Remove a piece of evidence that was not submitted yet."""
    require_allowed(policy.refuse_exhibit(exhibit.complaint, by, exhibit.side))
    with transaction.atomic():
        _touch(exhibit.complaint)
        if reason := policy.refuse_dropping(exhibit):
            raise Conflict(reason)
        exhibit.delete()


def discard_draft(*, complaint: Complaint, by: User) -> None:
    """Delete a draft with its contents; works registered meanwhile stay."""
    _require_draft(complaint, by)
    if not purge_draft(complaint, by=by):
        raise Conflict(policy.HANDED_IN)


def purge_idle_drafts() -> int:
    """Delete drafts unchanged for 30 days; returns how many."""
    return sum(purge_draft(draft) for draft in list(drafts_idle_since(clock.now() - DRAFT_KEPT)[:200]))


def account_facts(account: Account) -> dict[str, str]:
    """What a complaint keeps of the account complained of."""
    return {
        "account_id": account.id,
        "account_handle": account.handle[:80],
        "account_url": account.url[:500],
        "account_language": supported_language(account.language),
        "account_agency": account.agency[:200],
        "region": account.region[:10],
    }


def _copy_and_account(
    by: User, address: str, media: MediaFile | None, account: str, platform: str
) -> tuple[Callable[[], Work], Account]:
    """What keeps the work that is the copy, once the platform has been asked; and the account that the copy stands on."""
    if media is not None and (reason := policy.refuse_media(media, by)):
        raise Invalid.at("media", str(reason))
    if address.strip():
        found = find_copied_post(address=address, platform=platform)
        return partial(_copy_of_post, found, media), found.account
    if media is None:
        raise Invalid.at("address", _("Please give the address of the copy or a recording of it."))
    if not account.strip():
        raise Invalid.at("account", _("Please say which account showed the copy: its name or address."))
    connector = works.connector_for_address(account, field="account", platform=platform)
    holder = works.find_platform_account(connector, account, field="account")
    place = partial(works.work_from_recording, platform=connector.code, account_id=holder.id)
    return partial(place, media=media), holder


def _copy_of_post(found: FoundCopy, media: MediaFile | None) -> Work:
    """The post, or somebody's recording of it."""
    shown = works.work_from_post(found.platform, found.post)
    if media is None:
        return shown
    return works.work_from_recording(media=media, shows=shown, platform=found.platform, account_id=found.account.id)


def _require_own_work(work: Work, by: User) -> Work:
    if work.owner_id != by.pk:
        raise Invalid.at("work", _("This work is not yours."))
    return work


def _check_pair(complaint: Complaint, original: Work | None, copy: Work | None, field: str) -> None:
    """Raise Invalid at the field if the two do not make a pair, or were complained of before."""
    seen = Complaint(pk=complaint.pk, complainant=complaint.complainant, original=original, copy=copy)
    if reason := pairs.refuse_video_pair(original, copy) or pairs.refuse_repeated_pair(seen):
        raise Invalid.at(field, str(reason))


def _exhibit_errors(row: Exhibit) -> formalities.FieldGaps:
    """What cannot be kept of a piece of evidence, one sentence a field."""
    wrong: formalities.FieldGaps = {}
    if row.level not in Exhibit.Level.values:
        wrong["level"] = [_("This is not one of the options.")]
    if row.defence not in Exhibit.Defence.values or (row.defence and row.side != Side.RESPONDENT):
        wrong["defence"] = [_("This is not one of the options.")]
    missing = _("Please describe in at most 300 characters what this shows.")
    if refusal := refuse_text(row.note, least=1, most=_NOTE, missing=missing):
        wrong["note"] = [refusal]
    if row.url and (len(row.url) > _URL or not row.url.startswith(("https://", "http://"))):
        wrong["url"] = [_("This is not a web address. It must start with https://")]
    if row.reviewers_only and row.file is None:
        wrong["reviewers_only"] = [_("Only files can be hidden from the other side.")]
    elif refusal := refuse_text(row.reviewers_only, most=_NOTE):
        wrong["reviewers_only"] = [refusal]
    if row.file is not None and (reason := refuse_attaching_files([row.file], row.by, purpose=EVIDENCE_PURPOSE)):
        wrong["file"] = [reason]
    return wrong


def _regime(complaint: Complaint, account: Account) -> str:
    """The regime that was chosen, or else that of the account's region."""
    chosen = complaint.regime_code not in ("", regime_of_region(complaint.region).code)
    return complaint.regime_code if chosen else regime_of_region(account.region).code


def _require_draft(complaint: Complaint, by: User) -> None:
    require_allowed(parties.refuse_complainant_side(complaint, by))
    if reason := policy.refuse_draft_editing(complaint, by):
        raise Conflict(reason)


def _write_draft(complaint: Complaint, **fields: Any) -> None:
    """Lock a draft and write fields; raises Conflict if it was handed in meanwhile, in another window."""
    fields["touched_at"] = clock.now()
    complaint.write(message=policy.HANDED_IN, **fields)


def _touch(complaint: Complaint) -> None:
    """Lock the complaint for a change of its evidence.

    Raises Conflict unless it is in the state, and has been handed in as often, as when it was read.
    """
    now = {"touched_at": clock.now()}
    write_row(complaint, now, message=policy.EVIDENCE_STAYS, state=complaint.state, round=complaint.round)


def purge_draft(complaint: Complaint, *, by: User | None = None) -> bool:
    """Delete a draft, unless it was handed in or touched meanwhile."""
    with transaction.atomic():
        drafts = Complaint.objects.filter(pk=complaint.pk, state=ComplaintState.DRAFT, touched_at=complaint.touched_at)
        if drafts.select_for_update().first() is None:
            return False
        trail.record_event(events.DISCARDED, complaint, by=by)
        Complaint.objects.filter(pk=complaint.pk).delete()
    return True
