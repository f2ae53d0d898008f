"""API submissions: a complete complaint filed by the platform for one of its accounts."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from complaints.actions import drafts, intake, works
from complaints.models import Complaint
from complaints.policies import formalities
from portal.errors import Conflict, Invalid
from portal.languages import supported_language
from portal.outbound.lookups import gather_answers
from portal.people import links
from portal.people.actions import people
from portal.people.addresses import visitor_address
from portal.people.models import User
from portal.platforms import Account, PlatformError, Unknown, registry
from portal.platforms import Work as Post
from portal.workflow import lock_names

_FORM_FIELDS = {
    "ticks": "statements",
    "regime_code": "regime",
    **{name: f"contact.{name}" for name in formalities.CONTACT_LIMITS},
}


@dataclass(frozen=True)
class ApiSender:
    """The API client that submits a complaint, and its idempotency key."""

    client: str
    key: str


@dataclass(frozen=True)
class _Found:
    """What the platforms answered before anything is written: the complainant, the copy, the original and where it is."""

    complainant: Account
    copy: drafts.FoundCopy
    original_on: str
    original: Post


def submit_platform_complaint(*, sender: ApiSender, said: Mapping[str, Any]) -> Complaint:
    """File a complaint for the holder of a platform account; `said` holds the fields of the notice.

    All or nothing; the same key with the same fields gives the complaint that is there. Raises Invalid
    with a sentence for each field that is wrong, Conflict for a key that was used for something else, AnswerPending
    while jobs ask the platforms: then the same is to be sent again.
    """
    digest = hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()
    if earlier := _earlier(sender, digest):
        return earlier
    found = _ask_platforms(said)
    try:
        with transaction.atomic():
            return _file_complaint(sender, digest, said, found)
    except IntegrityError:
        # A concurrent request with the same key was committed first.
        if earlier := _earlier(sender, digest):
            return earlier
        raise


def _earlier(sender: ApiSender, digest: str) -> Complaint | None:
    row = Complaint.objects.filter(by_client=sender.client, client_key=sender.key).first()
    if row is not None and row.client_digest != digest:
        raise Conflict(_("This key has been used for another complaint."), code="key_used")
    return row


def _ask_platforms(said: Mapping[str, Any]) -> _Found:
    def find_copy() -> drafts.FoundCopy:
        with _api_fields({"address": "copy"}):
            return drafts.find_copied_post(address=said["copy"], platform=said["platform"])

    complainant, copy, (connector, original) = gather_answers(
        lambda: _account(said["platform"], said["complainant"]),
        find_copy,
        lambda: works.find_post(said["original"], field="original", platform=said["platform"]),
    )
    if copy.platform != said["platform"]:
        raise Invalid.at("copy", _("This work is on a different platform from yours."))
    return _Found(complainant, copy, connector.code, original)


def _file_complaint(sender: ApiSender, digest: str, said: Mapping[str, Any], found: _Found) -> Complaint:
    lock_names(*_shared_names(said["platform"], found))
    person = _holder_or_visitor(said["platform"], found.complainant)
    complaint = drafts.start_draft(by=person)
    complaint.write(by_client=sender.client, client_key=sender.key, client_digest=digest)
    with _api_fields({"address": "copy"}):
        drafts.name_found_videos(
            complaint=complaint, by=person, copy=found.copy, original_on=found.original_on, original=found.original
        )
    texts = {"kind": said["kind"], "capacity": said["capacity"], "text": said["text"]}
    if said.get("regime"):
        texts["regime_code"] = said["regime"]
    with _api_fields(_FORM_FIELDS):
        drafts.save_draft(complaint=complaint, by=person, **texts)
        drafts.set_complainant_contact(complaint=complaint, by=person, contact=said["contact"])
        intake.submit_complaint(complaint=complaint, by=person, ticks=said["statements"], signature=said["signature"])
    return complaint


@contextmanager
def _api_fields(names: Mapping[str, str]) -> Iterator[None]:
    """Have errors name the fields of the API's request: `names` maps the fields of the forms to them."""
    try:
        yield
    except Invalid as error:
        raise Invalid.of({names.get(field, field): said for field, said in error.fields.items()}) from error


def _shared_names(platform: str, found: _Found) -> list[str]:
    """Everything that another complaint may need at the same moment, perhaps with the two sides exchanged."""
    sides = ((platform, found.complainant), (found.copy.platform, found.copy.account))
    posts = ((found.copy.platform, found.copy.post), (found.original_on, found.original))
    return [visitor_address(place, account.id) for place, account in sides] + [works.post_name(*post) for post in posts]


def _account(platform: str, text: str) -> Account:
    try:
        return registry.get_connector(platform).accounts.find_account(text)
    except Unknown as error:
        raise Invalid.at("complainant", _("This account was not found on the platform.")) from error
    except PlatformError as error:
        raise Invalid.at("complainant", _("The platform is not responding. Please try again.")) from error


def _holder_or_visitor(platform: str, account: Account) -> User:
    """The person who has proven the account, else the visitor that stands for it."""
    known = links.holder_of_account(platform, account.id)
    return known or people.find_or_add_visitor(
        platform=platform,
        external_id=account.id,
        display_name=account.name,
        language=supported_language(account.language),
    )
