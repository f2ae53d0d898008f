"""Rules of registered works: when one may be deleted, and what rests on it until then."""

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from complaints.models import Complaint, Restitution, Work
from complaints.models.restitutions import RUNNING_STATES
from complaints.policies.terms import Reason, appeal_until
from complaints.states import DECIDED_STATES, OPEN_STATES, ComplaintState, RestitutionState
from portal import clock
from portal.people.models import User
from portal.reviews.clocks import APPEAL_WINDOW


def complaints_naming(work: Work) -> Q:
    """The complaints that name the work, or its video as another work."""
    named = Q(original=work) | Q(copy=work)
    return named | Q(original__media=work.media_id) | Q(copy__media=work.media_id) if work.media_id else named


def refuse_deleting_work(work: Work, user: User) -> Reason:
    """Why a work may not be deleted: it is somebody else's, or something rests on it, with the day until which."""
    if work.owner_id != user.pk:
        return _("Only its author can delete a work.")
    if work.deleted_at is not None:
        return _("This work has already been deleted.")
    return _refuse_for_complaint(work) or _refuse_for_restitution(work)


def _refuse_for_complaint(work: Work) -> Reason:
    states = (ComplaintState.DRAFT, *OPEN_STATES, *DECIDED_STATES)
    rows = Complaint.objects.filter(complaints_naming(work), state__in=states).order_by("-started_at", "-pk")
    for complaint in rows:
        figures = {"number": complaint.number}
        if complaint.state == ComplaintState.DRAFT:
            return _("Your draft %(number)s refers to it. Change or delete the draft first.") % figures
        if complaint.state in OPEN_STATES:
            return _("Complaint %(number)s is based on it and has not been decided yet.") % figures
        if complaint.decided_at and complaint.decided_at > clock.now() - APPEAL_WINDOW:
            until = date_format(appeal_until(complaint.decided_at))
            return _("Complaint %(number)s is based on it: both works and the findings are kept until %(until)s.") % {
                **figures,
                "until": until,
            }
    return None


def _refuse_for_restitution(work: Work) -> Reason:
    """Followers still return because of it, or may still take their return back."""
    now = clock.now()
    going_on = Q(state__in=(RestitutionState.RESERVED, *RUNNING_STATES)) | Q(undo_until__gt=now)
    named = Complaint.objects.filter(complaints_naming(work))
    row = Restitution.objects.filter(going_on, remedy__complaint__in=named).select_related("remedy__complaint").first()
    if row is None:
        return None
    figures = {"number": row.remedy.complaint.number}
    if row.undo_until and row.undo_until > now:
        until = date_format(row.undo_until)
        return _("Followers were returned after complaint %(number)s and can undo it until %(until)s.") % {
            **figures,
            "until": until,
        }
    return _("Followers are still to be returned after complaint %(number)s.") % figures
