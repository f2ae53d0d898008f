"""How much of the portal one complainant or one API client may take up: open complaints, and comparisons under way."""

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _now

from complaints.models import Complaint
from complaints.policies.terms import Reason
from complaints.states import OPEN_STATES, ComplaintState

# Comparisons that are under way at once; further ones wait until it is their turn.
AT_ONCE_OF_PERSON = 2
AT_ONCE_OF_CLIENT = 8


def refuse_more_complaints(complaint: Complaint) -> Reason:
    """Why it cannot be submitted: the complainant, or the API client, has as many open ones as anybody may have.

    Those that are submitted at the same moment do not see each other, so that it may be a few more.
    """
    submitted = Complaint.objects.filter(state__in=OPEN_STATES)
    most = settings.COMPLAINTS_OPEN_OF_PERSON
    if submitted.filter(complainant=complaint.complainant_id).count() >= most:
        return _now(
            "You have %(count)d complaints that are not decided yet, which is the maximum. You can submit this one as soon as one of them is decided or withdrawn."
        ) % {"count": most}
    most = settings.COMPLAINTS_OPEN_OF_CLIENT
    if complaint.by_client and submitted.filter(by_client=complaint.by_client).count() >= most:
        return _now(
            "This client has %(count)d complaints that are not decided yet, which is the maximum. Send this one again later."
        ) % {"count": most}
    return None


def comparisons_ahead(complaint: Complaint) -> int:
    """How many comparisons of the same complainant or API client must end before this one's turn; 0 if it is its turn."""
    earlier = Complaint.objects.filter(state=ComplaintState.RECEIVED).exclude(pk=complaint.pk)
    earlier = earlier.filter(
        Q(submitted_at__lt=complaint.submitted_at) | Q(submitted_at=complaint.submitted_at, pk__lt=complaint.pk)
    )
    ahead = earlier.filter(complainant=complaint.complainant_id).count() - AT_ONCE_OF_PERSON + 1
    if complaint.by_client:
        ahead = max(ahead, earlier.filter(by_client=complaint.by_client).count() - AT_ONCE_OF_CLIENT + 1)
    return max(ahead, 0)
