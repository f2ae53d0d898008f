"""What one side leaves in the records of closed complaints, emptied when that person's data are erased.

The complaint, its outcome and dates, the decision and everything that the other side said or sent stay.
"""

from typing import Any, Final

import pgtrigger
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from complaints import events
from complaints.models import Complaint, Exhibit, Remedy, Restitution, SideReasons, Statement, Work
from complaints.models.restitutions import RemedyKind
from complaints.states import OPEN_STATES, ComplaintState, RemedyState, Side
from portal import clock
from portal.audit import trail
from portal.people.departures import Hold
from portal.people.models import User
from portal.reviews.actions.record_retention import erase_account_of_case, erase_appeals_by
from portal.reviews.clocks import RECORD_KEPT
from portal.workflow import ERASED

# Rows that the database keeps as they were written until the record of the complaint is over: here one side's are emptied
# before, at the request of the person whose texts they are, or to whom they were written.
_GUARDS: Final = ("complaints.Statement:statement_unchanged", "complaints.SideReasons:side_reasons_stay")
_NOTICE = ("text", "contact_sealed", "signature", "client_key", "client_digest")
_ACCOUNT = ("account_id", "account_handle", "account_url", "account_agency")
_WORK = ("description", "platform", "external_id", "account_id", "url", "published_source")
_IN_EFFECT = (RemedyState.HELD, RemedyState.APPLYING, RemedyState.ACTIVE, RemedyState.LIFTING)


def holds_of_restricted(person: User) -> list[Hold]:
    """Remedies in force against their account: they could not be kept up, nor reversed, without knowing which account it is."""
    rows = Remedy.objects.filter(complaint__respondent=person, state__in=_IN_EFFECT).exclude(kind=RemedyKind.WARN)
    return [
        Hold(
            _("A decision on complaint %(number)s is in force against your account.")
            % {"number": row.complaint.number},
            (row.complaint.decided_at or clock.now()) + RECORD_KEPT,
            row.complaint.answer_url if row.complaint.told_at else "",
        )
        for row in rows.select_related("complaint").order_by("complaint_id", "pk").distinct("complaint_id")
    ]


def erase_records_of_party(person: User) -> None:
    """Empty what is theirs in the records of all closed complaints in which they are a side; safe to call again."""
    closed = Complaint.objects.filter(Q(complainant=person) | Q(respondent=person), purged_at=None)
    for complaint in closed.exclude(state__in=(ComplaintState.DRAFT, *OPEN_STATES)).order_by("pk"):
        _erase_side(complaint.pk, person)
    # Works on which nobody else's record rests are gone (record_retention.py).
    for work in Work.objects.filter(owner=person).order_by("pk"):
        _erase_work(work)


def _erase_side(pk: int, person: User) -> None:
    with transaction.atomic():
        row = Complaint.objects.locked().filter(pk=pk, purged_at=None).first()
        if row is None:
            return
        is_complainant = row.complainant_id == person.pk
        side = Side.COMPLAINANT if is_complainant else Side.RESPONDENT
        Complaint.objects.filter(pk=row.pk).update(**dict.fromkeys(_NOTICE if is_complainant else _ACCOUNT, ""))
        _erase_words(row, person, side)
        _erase_restitutions(row, is_complainant=is_complainant)
        for case in filter(None, (row.case, row.screening)):
            erase_appeals_by(person, case)
            if not is_complainant:
                erase_account_of_case(case)
        if row.copy is not None and not is_complainant:
            _erase_work(row.copy)
        trail.record_event(events.SIDE_ERASED, row, by=None, side=str(side))


def _erase_words(complaint: Complaint, person: User, side: Side) -> None:
    with pgtrigger.ignore(*_GUARDS):
        own = Statement.objects.filter(complaint=complaint, by=person)
        own.update(text="", signature="", contact_sealed="")
        SideReasons.objects.filter(complaint=complaint, side=side).update(text=ERASED)
    Exhibit.objects.filter(complaint=complaint, by=person).update(note="", url="", reviewers_only="")


def _erase_restitutions(complaint: Complaint, *, is_complainant: bool) -> None:
    """The account on one end of a return of followers; the counts stay."""
    names = ("target", "target_handle") if is_complainant else ("source", "source_handle")
    gone: dict[str, Any] = dict.fromkeys(names, ERASED)
    if is_complainant:
        gone |= {"work_ids": [], "disputed_work_ids": [], "shown_at": []}
    Restitution.objects.filter(remedy__complaint=complaint).update(**gone)


def _erase_work(work: Work) -> None:
    """What says which video it was, unless a complaint is open about it."""
    if Complaint.objects.filter(Q(original=work) | Q(copy=work), state__in=OPEN_STATES).exists():
        return
    gone = {**dict.fromkeys(_WORK, ""), "title": ERASED, "published_at": None, "owner": None}
    Work.objects.filter(pk=work.pk).update(**gone, deleted_at=work.deleted_at or clock.now())
