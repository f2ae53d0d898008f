"""A complaint handed in by the platform for one of its accounts, whole and at once."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from complaints.actions import drafts, intake
from complaints.models import Complaint
from portal.accounts import links
from portal.accounts.actions import people
from portal.accounts.models import User
from portal.errors import Conflict, Invalid
from portal.platforms import Account, PlatformError, Unknown, registry


@dataclass(frozen=True)
class Sender:
    """The API client that hands a complaint in, and its own key for it."""

    client: str
    key: str


def hand_in(*, sender: Sender, said: Mapping[str, Any]) -> Complaint:
    """File a complaint for the holder of a platform account; `said` holds the fields of the notice.

    All or nothing; the same key with the same fields gives the complaint that is there. Raises Invalid
    with a sentence for each field that is wrong, Conflict for a key that was used for something else.
    """
    digest = hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()
    if earlier := _earlier(sender, digest):
        return earlier
    try:
        with transaction.atomic():
            return _file(sender, digest, said)
    except IntegrityError:
        # The same request came twice at once; the other one was faster.
        if earlier := _earlier(sender, digest):
            return earlier
        raise


def _earlier(sender: Sender, digest: str) -> Complaint | None:
    row = Complaint.objects.filter(by_client=sender.client, client_key=sender.key).first()
    if row is not None and row.client_digest != digest:
        raise Conflict(_("This key was used for another complaint."), code="key_used")
    return row


def _file(sender: Sender, digest: str, said: Mapping[str, Any]) -> Complaint:
    person = _holder(said["platform"], _account(said["platform"], said["complainant"]))
    complaint = drafts.start(by=person)
    sent = {"by_client": sender.client, "client_key": sender.key, "client_digest": digest}
    Complaint.objects.filter(pk=complaint.pk).update(**sent)
    drafts.name_copy(complaint=complaint, by=person, address=said["copy"], platform=said["platform"])
    drafts.name_original(complaint=complaint, by=person, address=said["original"])
    texts = {"kind": said["kind"], "capacity": said["capacity"], "text": said["text"]}
    if said.get("regime"):
        texts["regime_code"] = said["regime"]
    drafts.save(complaint=complaint, by=person, **texts)
    drafts.set_contact(complaint=complaint, by=person, contact=said["contact"])
    intake.submit(complaint=complaint, by=person, ticks=said["statements"], signature=said["signature"])
    return complaint


def _account(platform: str, text: str) -> Account:
    try:
        return registry.get(platform).find_account(text)
    except Unknown as error:
        raise _wrong("complainant", _("There is no such account on this platform.")) from error
    except PlatformError as error:
        raise _wrong("complainant", _("The platform does not answer at the moment. Please try again.")) from error


def _holder(platform: str, account: Account) -> User:
    """Who has proven the account here, or a visitor known by it alone."""
    known = links.holder_of(platform, account.id)
    return known or people.visitor(
        platform=platform, external_id=account.id, display_name=account.name, language=account.language
    )


def _wrong(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, fields={field: [sentence]})
