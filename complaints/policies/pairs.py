"""What two videos and two sides must be to each other for a complaint to make sense."""

from django.db.models import Q
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from complaints.models import Complaint, Work
from complaints.policies import parties
from complaints.policies.terms import Reason
from complaints.states import OPEN_STATES, ComplaintState
from portal.media.models import Kind
from portal.people.models import User
from portal.platforms import registry

# A complaint that ended so may be made anew.
_WITHOUT_RESULT = (ComplaintState.DRAFT, ComplaintState.WITHDRAWN, ComplaintState.LAPSED)


def refuse_video_pair(original: Work | None, copy: Work | None) -> Reason:
    """Why the two cannot be original and copy of each other: they are the same, or the same account's."""
    if original is None or copy is None:
        return None
    if original.pk == copy.pk or _is_same_place(original, copy):
        return _("This is the same work as the other one. The original and the copy must be two different works.")
    if original.media_id is not None and original.media_id == copy.media_id:
        return _("You have given the same file twice. Please give the copy as it appears on the platform.")
    if copy.account_id and (original.platform, original.account_id) == (copy.platform, copy.account_id):
        return _("Both works are on the same account.")
    return None


def refuse_kind_on_platform(work: Work) -> Reason:
    """Why a file cannot be a recording of something on its platform: the platform has no works of this kind."""
    if not work.platform or not work.kind or work.platform not in registry.platform_codes():
        return None
    connector = registry.get_connector(work.platform)
    if work.kind in connector.kinds:
        return None
    names = ", ".join(str(Kind(kind).label) for kind in Kind.values if kind in connector.kinds)
    return _now("%(platform)s has no works of this kind. What can be complained about there: %(kinds)s.") % {
        "platform": connector.name,
        "kinds": names,
    }


def refuse_own_account(user: User, platform: str, account_id: str) -> Reason:
    """Why they cannot complain of this account: it is theirs."""
    if parties.owns_account(user, platform, account_id):
        return _("This account is yours. You can only complain about other people's accounts.")
    return None


def refuse_repeated_pair(complaint: Complaint) -> Reason:
    """Why this pair cannot be complained of again: their earlier complaint is open, or was decided."""
    if complaint.original is None or complaint.copy is None:
        return None
    mine = Complaint.objects.filter(complainant=complaint.complainant_id).exclude(pk=complaint.pk)
    pair = same_work_query("original", complaint.original) & same_work_query("copy", complaint.copy)
    earlier = mine.filter(pair).exclude(state__in=_WITHOUT_RESULT).order_by("-submitted_at", "-pk").first()
    if earlier is None:
        return None
    if earlier.state in OPEN_STATES:
        return _now("You have already complained about this: %s.") % earlier.number
    return (
        _now("A decision on this has already been made: %s. If you do not agree, you can appeal it there.")
        % earlier.number
    )


def same_work_query(side: str, work: Work) -> Q:
    """Complaints whose `side` (original, copy) is this work: the row, the place, or the same file."""
    same = Q(**{side: work})
    if work.external_id:
        same |= Q(**{f"{side}__platform": work.platform, f"{side}__external_id": work.external_id})
    if work.media is not None and work.media.sha256:
        same |= Q(**{f"{side}__media__sha256": work.media.sha256, f"{side}__account_id": work.account_id})
    return same


def _is_same_place(one: Work, other: Work) -> bool:
    return bool(one.external_id) and (one.platform, one.external_id) == (other.platform, other.external_id)
