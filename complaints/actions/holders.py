"""What follows when somebody proves an account: the sides that were known by it alone are hers from then on."""

from complaints.models import Complaint, new_nonce
from complaints.states import BEFORE_DECISION, JUDGED_STATES, OPEN_STATES, Side
from portal.accounts import addresses
from portal.accounts.models import LinkedAccount, User
from portal.accounts.states import LinkState
from portal.reviews.actions import cases
from portal.reviews.actions.cases import Party
from portal.reviews.models import Participation

_NONCES = {Side.COMPLAINANT: "complainant_nonce", Side.RESPONDENT: "nonce"}


def follow_holder(link: LinkedAccount) -> None:
    """Whoever proves an account is the respondent of what is said against it, and takes over what it complained of."""
    if link.state != LinkState.PROVEN:
        return
    person = link.person
    rows = Complaint.objects.filter(state__in=(*OPEN_STATES, *JUDGED_STATES)).select_related("case", "screening")
    rows = rows.exclude(complainant=person).exclude(respondent=person).select_for_update(of=("self",))
    for complaint in rows.filter(platform=link.platform, account_id=link.external_id):
        _hand_over(complaint, Side.RESPONDENT, person)
    for complaint in rows.filter(complainant__email=addresses.of_visitor(link.platform, link.external_id)):
        if not _complains_herself(complaint, person):
            _hand_over(complaint, Side.COMPLAINANT, person)


def _hand_over(complaint: Complaint, side: Side, person: User) -> None:
    """Links and sessions of whoever was on this side before end. Who has judged the complaint takes no side in it."""
    own = [case for case in (complaint.case, complaint.screening) if case is not None]
    if Participation.objects.filter(case__in=own, user=person).exists():
        return
    Complaint.objects.filter(pk=complaint.pk).update(**{side.value: person, _NONCES[side]: new_nonce()})
    for case in own:
        cases.add_parties(case, [Party(person, side.value)])


def _complains_herself(complaint: Complaint, person: User) -> bool:
    """Whether she has complained of the same pair as a member; the two stay apart then."""
    same = Complaint.objects.filter(complainant=person, original=complaint.original_id, copy=complaint.copy_id)
    return complaint.state in BEFORE_DECISION and same.filter(state__in=BEFORE_DECISION).exists()
