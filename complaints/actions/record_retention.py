"""The end of a complaint's record, what of it rests on its parties' data until then, and what goes with an author who left."""

from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from complaints import events
from complaints.actions import drafts, works
from complaints.actions.intake import withdraw_complaint
from complaints.models import (
    Authorisation,
    Complaint,
    CopyNotices,
    Exhibit,
    FollowerChoice,
    GroundFinding,
    InvitationAnswer,
    Restitution,
    RestitutionControl,
    RestitutionGround,
    RestitutionPage,
    SideReasons,
    Statement,
    Work,
)
from complaints.models.restitutions import RUNNING_STATES
from complaints.policies import works as works_policy
from complaints.policies.statements import refuse_withdrawal
from complaints.policies.terms import DRAFT_KEPT, appeal_until
from complaints.states import DECIDED_STATES, OPEN_STATES, ComplaintState, RestitutionState
from portal import clock
from portal.audit import trail
from portal.media.actions.retention import video_retention
from portal.people.departures import Ending, Hold
from portal.people.models import User
from portal.reviews.actions.record_retention import purge_case_records
from portal.reviews.clocks import RECORD_KEPT
from portal.workflow import ERASED

_BATCH = 100
_ENDS = ("touched_at", "submitted_at", "decided_at", "case__closed_at", "screening__closed_at")
_GOING_ON = (RestitutionState.RESERVED, *RUNNING_STATES)
# Texts, contacts and accounts of a complaint, and of the return of followers after it.
_COMPLAINT_TEXTS = (
    *("text", "contact_sealed", "signature", "client_key", "client_digest"),
    *("account_id", "account_handle", "account_url", "account_agency"),
)
_RESTITUTION_TEXTS = ("source", "source_handle", "target", "target_handle")
_WORK_TEXTS = ("description", "platform", "external_id", "account_id", "url", "published_source")


def purge_complaint_records() -> int:
    """Delete the texts of complaints that ended five years ago; returns how many. The outcome and its dates stay."""
    count = sum(_purge_record(complaint) for complaint in _over()[:_BATCH])
    _delete_unnamed_works()
    return count


def holds_of_party(person: User) -> list[Hold]:
    """The complaints that need a party's name and address: undecided ones, and those that can still be appealed.

    Of a visitor nothing is known but the account of a complaint: it goes with the record.
    """
    rows = Complaint.objects.filter(Q(complainant=person) | Q(respondent=person), purged_at=None)
    holds = [_hold(complaint, person) for complaint in rows.exclude(state=ComplaintState.DRAFT).order_by("pk")]
    return [hold for hold in holds if hold is not None]


def endings_of_complainant(person: User) -> list[Ending]:
    """Their undecided complaints. What is decided or appealed goes on, and so does every complaint against them."""
    rows = Complaint.objects.filter(complainant=person, state__in=OPEN_STATES).exclude(state=ComplaintState.DRAFT)
    return [
        Ending(
            _("Complaint %(number)s") % {"number": row.number},
            row.get_absolute_url(),
            partial(withdraw_complaint, complaint=row, by=person),
        )
        for row in rows.order_by("pk")
        if refuse_withdrawal(row, person) is None
    ]


def erase_party_rows(person: User) -> None:
    """Their drafts, works on which nothing rests, the accounts that they let use them, and how they are told of copies."""
    for draft in Complaint.objects.filter(complainant=person, state=ComplaintState.DRAFT):
        drafts.purge_draft(draft)
    Authorisation.objects.filter(author=person).delete()
    CopyNotices.objects.filter(user=person).delete()
    for work in Work.objects.registered_by(person):
        if works_policy.refuse_deleting_work(work, person) is None:
            works.delete_work(work=work, by=person)


def _hold(complaint: Complaint, person: User) -> Hold | None:
    figures, url = {"number": complaint.number}, complaint.get_absolute_url()
    if complaint.respondent_id == person.pk:
        url = complaint.answer_url if complaint.told_at else ""
    if complaint.state in OPEN_STATES:
        return Hold(_("Complaint %(number)s is not decided yet.") % figures, None, url)
    restitution = _restitutions_going_on().filter(remedy__complaint=complaint).first()
    if restitution is not None:
        return Hold(
            _("Followers are being returned after complaint %(number)s.") % figures, restitution.undo_until, url
        )
    until = appeal_until(complaint.decided_at) if complaint.decided_at else None
    if complaint.state in DECIDED_STATES and until is not None and until > clock.now():
        return Hold(_("The decision on complaint %(number)s can be appealed.") % figures, until, url)
    if person.is_visitor:
        return Hold(_("Complaint %(number)s is on record.") % figures, None, url)
    return None


def _restitutions_going_on() -> "QuerySet[Restitution]":
    return Restitution.objects.filter(Q(state__in=_GOING_ON) | Q(undo_until__gt=clock.now()))


def _over() -> "QuerySet[Complaint]":
    """Complaints whose record is over: nothing has happened for five years, and nothing goes on."""
    rows = Complaint.objects.filter(purged_at=None).exclude(state__in=(ComplaintState.DRAFT, *OPEN_STATES))
    rows = rows.exclude(Exists(_restitutions_going_on().filter(remedy__complaint=OuterRef("pk"))))
    return rows.annotate(ended=Greatest(*_ENDS)).filter(ended__lte=clock.now() - RECORD_KEPT).order_by("pk")


def _purge_record(complaint: Complaint) -> bool:
    with transaction.atomic():
        row = Complaint.objects.locked().filter(pk=complaint.pk, purged_at=None).first()
        if row is None:
            return False
        gone = dict.fromkeys(_COMPLAINT_TEXTS, "")
        Complaint.objects.filter(pk=row.pk).update(**gone, purged_at=clock.now())
        _erase_statements(row)
        _erase_ledger(row)
        purge_case_records((row.case, row.screening))
        for work in sorted(filter(None, (row.original, row.copy)), key=lambda work: work.pk):
            _erase_work(work)
        trail.record_event(events.RECORD_PURGED, row, by=None)
    return True


def _erase_statements(complaint: Complaint) -> None:
    Statement.objects.filter(complaint=complaint).update(text="", signature="", contact_sealed="")
    Exhibit.objects.filter(complaint=complaint).update(note="", url="", reviewers_only="")
    SideReasons.objects.filter(complaint=complaint).update(text=ERASED)


def _erase_ledger(complaint: Complaint) -> None:
    """Who followed whom: the counts stay, the accounts go."""
    rows = Restitution.objects.filter(remedy__complaint=complaint)
    FollowerChoice.objects.filter(restitution__in=rows).delete()
    InvitationAnswer.objects.filter(restitution__in=rows).delete()
    RestitutionPage.objects.filter(restitution__in=rows).delete()
    GroundFinding.objects.filter(ground__restitution__in=rows).delete()
    RestitutionGround.objects.filter(restitution__in=rows).delete()
    RestitutionControl.objects.filter(restitution__in=rows).update(reason=ERASED)
    rows.update(
        control_reason="",
        **dict.fromkeys(_RESTITUTION_TEXTS, ERASED),
        work_ids=[],
        disputed_work_ids=[],
        shown_at=[],
    )


def _delete_unnamed_works() -> None:
    """Posts that were looked up for a draft and that no complaint names any more, with the videos fetched for them."""
    named = Exists(Complaint.objects.filter(Q(original=OuterRef("pk")) | Q(copy=OuterRef("pk"))))
    rows = Work.objects.filter(~named, owner=None, registered_at__lt=clock.now() - DRAFT_KEPT)
    for work in rows.select_related("media").order_by("pk")[:_BATCH]:
        with transaction.atomic():
            work.delete()
            if work.media is not None and work.media.purge_at is None:
                video_retention.schedule([work.media], at=clock.now())


def _erase_work(work: Work) -> None:
    """What says which video it was, unless it is still somebody's or another record names it."""
    named = Complaint.objects.filter(Q(original=work) | Q(copy=work), purged_at=None).exists()
    if named or (work.owner_id is not None and work.deleted_at is None):
        return
    gone = dict.fromkeys(_WORK_TEXTS, "")
    Work.objects.filter(pk=work.pk).update(**gone, title=ERASED, published_at=None, owner=None, deleted_at=clock.now())
