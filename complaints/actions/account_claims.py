"""Account claims: when a person proves an account, the complaints known by that account alone become theirs."""

from django.db.models import Q

from complaints.models import Complaint, new_link_nonce
from complaints.states import BEFORE_DECISION, DECIDED_STATES, OPEN_STATES, ComplaintState, Side
from portal.people import addresses
from portal.people.models import LinkedAccount, User
from portal.people.states import LinkState
from portal.reviews.actions import cases
from portal.reviews.actions.cases import Party
from portal.reviews.models import Participation
from portal.workflow import write_row

_NONCES = {Side.COMPLAINANT: "complainant_nonce", Side.RESPONDENT: "nonce"}


def assign_proven_account(link: LinkedAccount) -> None:
    """Make the person the respondent of complaints against the account and the complainant of those it filed."""
    if link.state != LinkState.PROVEN:
        return
    person = link.person
    rows = Complaint.objects.locked().exclude(complainant=person).exclude(respondent=person)
    submitted = Q(state__in=(*OPEN_STATES, *DECIDED_STATES))
    filed = Q(complainant__email=addresses.visitor_address(link.platform, link.external_id))
    # Drafts of a visitor come from the platform's reports; of a draft the other side knows nothing.
    filed &= submitted | Q(state=ComplaintState.DRAFT)
    against = submitted & Q(platform=link.platform, account_id=link.external_id)
    # Both kinds in one query, so that all of them are locked in the order of their keys.
    for complaint in rows.filter(filed | against):
        if complaint.platform == link.platform and complaint.account_id == link.external_id:
            _hand_over_side(complaint, Side.RESPONDENT, person)
        elif not _has_same_complaint(complaint, person):
            _hand_over_side(complaint, Side.COMPLAINANT, person)


def _hand_over_side(complaint: Complaint, side: Side, person: User) -> None:
    """End the links and sessions of the side's former person. A person who decided the complaint is never made a party."""
    own = [case for case in (complaint.case, complaint.screening) if case is not None]
    if Participation.objects.filter(case__in=own, user=person).exists():
        return
    write_row(complaint, {side.value: person, _NONCES[side]: new_link_nonce()})
    for case in own:
        cases.add_case_parties(case, [Party(person, side.value)])


def _has_same_complaint(complaint: Complaint, person: User) -> bool:
    """Whether the person has filed a complaint about the same pair already; the two are not merged."""
    same = Complaint.objects.filter(complainant=person, original=complaint.original_id, copy=complaint.copy_id)
    return complaint.state in BEFORE_DECISION and same.filter(state__in=BEFORE_DECISION).exists()
