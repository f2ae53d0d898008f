"""Who may appeal against a decision on a complaint, and who may answer the appeal."""

from django.utils.translation import gettext_lazy as _

from complaints.models import Complaint, Statement
from complaints.policies import parties
from complaints.policies.terms import Reason
from complaints.states import APPEALABLE_STATES, ComplaintState, Outcome, Side
from portal import clock
from portal.people.models import User
from portal.reviews import policies as reviews

MOST_REPLIES = 3
# Whom a decision is against: only they may appeal.
_AGAINST = {
    Outcome.UPHELD: (Side.RESPONDENT,),
    Outcome.PARTLY: (Side.COMPLAINANT, Side.RESPONDENT),
    Outcome.DISMISSED: (Side.COMPLAINANT,),
    Outcome.REFUSED: (Side.COMPLAINANT,),
}


def refuse_complaint_appeal(complaint: Complaint, user: User, side: str) -> Reason:
    """Why the user may not appeal for a side: not theirs, no decision, not against them, appealed already, too late."""
    if parties.user_side(complaint, user) != side:
        return _("Only the two sides of a complaint can appeal.")
    if complaint.state not in APPEALABLE_STATES or complaint.decision is None:
        return _("There is no decision that can be appealed.")
    if side not in _AGAINST[Outcome(complaint.result)]:
        return _("The decision is in your favour. Only the other side can appeal.")
    return reviews.refuse_appeal(complaint.decision, clock.now())


def refuse_appeal_reply(complaint: Complaint, user: User, side: str) -> Reason:
    """Why the user may not reply to an appeal: not the other side, decided already, too many replies."""
    if parties.user_side(complaint, user) != side:
        return _("Only the two sides of a complaint can reply.")
    if complaint.state != ComplaintState.APPEALED:
        return _("There is no open appeal here.")
    if appellant_of(complaint) == side:
        return _("This appeal is yours; the other side may reply to it.")
    if reply_count(complaint) >= MOST_REPLIES:
        return _("You have already replied three times. The appeal is decided on the available information.")
    return None


def appellant_of(complaint: Complaint) -> Side | None:
    """The side whose appeal is open; None if there is none."""
    if complaint.state not in (ComplaintState.APPEALED, ComplaintState.APPEAL_SECOND):
        return None
    # The person on a side may have changed since; what they said stays with the side.
    said = complaint.statements.filter(kind=Statement.Kind.APPEAL).order_by("-at", "-pk").values_list("side", flat=True)
    return Side(said[0])


def reply_count(complaint: Complaint) -> int:
    """How many replies to the open appeal there are. An appeal comes before its replies."""
    since = complaint.statements.filter(kind=Statement.Kind.APPEAL).order_by("-at", "-pk").values("at")[:1]
    return complaint.statements.filter(kind=Statement.Kind.REPLY, at__gte=since).count()


def appeal_leads_to(complaint: Complaint) -> Outcome | None:
    """The result if the appeal is granted; None if the complaint is reopened instead."""
    if complaint.result == Outcome.REFUSED:
        return None
    return Outcome.UPHELD if appellant_of(complaint) == Side.COMPLAINANT else Outcome.DISMISSED
