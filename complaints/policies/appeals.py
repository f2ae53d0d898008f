"""Who may appeal against a decision on a complaint, and who may answer the appeal."""

from django.utils.translation import gettext_lazy as _

from complaints.models import Complaint, Statement
from complaints.policies import parties
from complaints.policies.terms import Reason
from complaints.states import DECIDED_STATES, ComplaintState, Outcome, Side
from portal import clock
from portal.accounts.models import User
from portal.reviews import policies as reviews
from portal.reviews.actions import appeals

MOST_REPLIES = 3
MIN_TEXT, MAX_TEXT = reviews.MIN_EXPLANATION, reviews.MAX_TEXT


def refuse_appeal(complaint: Complaint, user: User, side: str) -> Reason:
    """Why the user may not appeal for a side: not hers, no decision, appealed already, too late."""
    if parties.side_of(complaint, user) != side:
        return _("Only the two sides of a complaint may appeal.")
    if complaint.state not in DECIDED_STATES or complaint.decision is None:
        return _("There is no decision that can be appealed now.")
    return reviews.refuse_appeal(complaint.decision, clock.now())


def refuse_reply(complaint: Complaint, user: User, side: str) -> Reason:
    """Why the user may not answer an appeal: not the other side, decided already, said enough."""
    if parties.side_of(complaint, user) != side:
        return _("Only the two sides of a complaint may reply.")
    if complaint.state != ComplaintState.APPEALED:
        return _("No appeal is open here.")
    if appellant_of(complaint) == side:
        return _("This appeal is yours; the other side may reply to it.")
    if replies_of(complaint) >= MOST_REPLIES:
        return _("You have replied three times already. The appeal is decided on what there is.")
    return None


def appellant_of(complaint: Complaint) -> Side | None:
    """Whose appeal is open; None if there is none."""
    case = complaint.decision.case_id if complaint.decision else None
    filed = appeals.open_appeal(case) if case else None
    if filed is None:
        return None
    return Side.COMPLAINANT if filed.by_id == complaint.complainant_id else Side.RESPONDENT


def replies_of(complaint: Complaint) -> int:
    """How many replies to the open appeal there are. An appeal comes before its replies."""
    since = complaint.statements.filter(kind=Statement.Kind.APPEAL).order_by("-at", "-pk").values("at")[:1]
    return complaint.statements.filter(kind=Statement.Kind.REPLY, at__gte=since).count()


def appeal_leads_to(complaint: Complaint) -> Outcome | None:
    """What the complaint comes to if the appeal succeeds; None if it then goes on from where it was stopped."""
    if complaint.result == Outcome.REFUSED:
        return None
    return Outcome.UPHELD if complaint.result == Outcome.DISMISSED else Outcome.DISMISSED
