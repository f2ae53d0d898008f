"""What a notice and an answer must hold by their regime: contact, statements, signature. Each lack is one sentence."""

from collections.abc import Collection, Iterable, Mapping

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.regimes import RequiredStatement
from portal.texts import refuse_text

FieldGaps = dict[str, list[str | Promise]]

CONTACT_LIMITS = {"name": 120, "email": 254, "address": 300, "phone": 40}  # at most so many characters
TEXT_LIMIT = 4000
FEWEST_PHONE_DIGITS = 3  # fewer are a slip of the keyboard; what numbers look like differs from country to country
_NEEDED = {
    "name": _("Please enter your full name."),
    "email": _("Please enter an e-mail address."),
    "address": _("Please enter your postal address."),
    "phone": _("Please enter a phone number."),
}


def contact_gaps(required: Iterable[str], contact: Mapping[str, str]) -> FieldGaps:
    """What is missing of the contact, by field."""
    gaps: FieldGaps = {name: [_NEEDED[name]] for name in required if not contact.get(name, "").strip()}
    email = contact.get("email", "").strip()
    if email and not _is_email(email):
        gaps["email"] = [_("This is not an e-mail address.")]
    phone = contact.get("phone", "").strip()
    if phone and sum(letter.isdigit() for letter in phone) < FEWEST_PHONE_DIGITS:
        gaps["phone"] = [_("This is not a phone number. Please enter it with its country code.")]
    return gaps


def overlong_contact(contact: Mapping[str, str]) -> FieldGaps:
    """Fields of the contact that hold more than can be kept."""
    return {
        name: [_("This is too long.")] for name, limit in CONTACT_LIMITS.items() if len(contact.get(name, "")) > limit
    }


def tick_gaps(required: Iterable[RequiredStatement], ticks: Collection[str]) -> FieldGaps:
    """A sentence if not every statement has been made."""
    if all(tick.code in ticks for tick in required):
        return {}
    return {"ticks": [_("Please read and tick every statement. The complaint is not valid without them.")]}


def signature_gaps(signature: str, name: str) -> FieldGaps:
    """A sentence unless the signature is the name."""
    if name.strip() and " ".join(signature.split()).casefold() == " ".join(name.split()).casefold():
        return {}
    return {"signature": [_("Please sign by typing your full name as you gave it above.")]}


def text_gaps(text: str) -> FieldGaps:
    """A sentence if the text is empty or too long."""
    missing = _("Please describe in your own words what happened.")
    refusal = refuse_text(text, least=1, most=TEXT_LIMIT, missing=missing)
    return {"text": [refusal]} if refusal else {}


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True
