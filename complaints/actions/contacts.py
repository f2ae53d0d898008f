"""Reveal a side's contact data to the holder of the case; every look is logged."""

from django.db import transaction

from complaints import events
from complaints.actions import drafts
from complaints.models import Complaint, Statement
from complaints.policies import parties
from complaints.states import Side
from portal.audit import trail
from portal.errors import require_allowed
from portal.people.models import User


@transaction.atomic
def read_party_contact(*, complaint: Complaint, by: User, side: str) -> dict[str, str]:
    """What a side gave as its contact, by field; nothing where the rules asked for none. Raises NotAllowed."""
    require_allowed(parties.refuse_reviewing(complaint, by))
    trail.record_event(events.CONTACT_READ, complaint, by=by, side=side)
    given = drafts.complainant_contact(complaint) if side == Side.COMPLAINANT else _contact_in_answer(complaint)
    return {name: value for name, value in given.items() if value}


def _contact_in_answer(complaint: Complaint) -> dict[str, str]:
    answer = complaint.statements.filter(kind=Statement.Kind.ANSWER).exclude(contact_sealed="").first()
    return drafts.open_sealed_contact(answer.contact_sealed, answer.contact_bound_to) if answer else {}
