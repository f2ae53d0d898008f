"""Parties of a complaint: complainant, respondent, holder of the case; who may see which files."""

from collections.abc import Callable

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from complaints.models import Complaint
from complaints.policies import disclosure
from complaints.policies.terms import Reason
from complaints.states import UNTOLD_STATES, ComplaintState, Side
from portal import clock
from portal.evidence.models import EvidenceFile
from portal.media.models import MediaFile
from portal.people import addresses, links
from portal.people.mandates import own_circle
from portal.people.models import User
from portal.people.roles import Permission
from portal.reviews import policies as reviews


def user_side(complaint: Complaint, user: User) -> Side | None:
    """On which side the user stands; None for strangers, and for a respondent who has not been told yet."""
    if complaint.complainant_id == user.pk:
        return Side.COMPLAINANT
    told = complaint.told_at is not None and complaint.state not in UNTOLD_STATES
    return Side.RESPONDENT if told and complaint.respondent_id == user.pk else None


def opens_by_link(complaint: Complaint, side: str) -> bool:
    """Whether a signed link opens the case for a side: a respondent who was told, a complainant who cannot sign in."""
    if side == Side.COMPLAINANT:
        return complaint.complainant.is_visitor and complaint.state != ComplaintState.DRAFT
    return complaint.told_at is not None and complaint.state not in UNTOLD_STATES


def refuse_complainant_side(complaint: Complaint, user: User) -> Reason:
    """Why the user may not see and do what the complainant may."""
    if complaint.complainant_id == user.pk:
        return None
    return _("This complaint belongs to someone else.")


def refuse_respondent_side(complaint: Complaint, user: User) -> Reason:
    """Why the user may not see and do what the respondent may."""
    if user_side(complaint, user) == Side.RESPONDENT:
        return None
    return _("This complaint is not against you.")


def refuse_reviewing(complaint: Complaint, user: User) -> Reason:
    """Why the user may not work on the complaint: role, own case, own agency, or not the one who holds it."""
    if not user.may(Permission.REVIEW):
        return _("Only reviewers can do this.")
    cases = [case for case in (complaint.case, complaint.screening) if case is not None]
    reasons = [reviews.refuse_case_work(case, user, clock.now()) for case in cases]
    return None if None in reasons else next(iter(reasons), reviews.NOT_QUEUED)


def refuse_evidence_access(user: User, file: EvidenceFile) -> Reason:
    """Why the user may not see a document: the two sides may once it was handed in, and who holds the case."""

    def may_look(complaint: Complaint) -> bool:
        side = user_side(complaint, user)
        if side is None:
            return refuse_reviewing(complaint, user) is None
        return disclosure.is_file_shown(complaint, side, file)

    sentence = _("Only the two sides and their reviewer can see this file.")
    return _refuse_look(user, _resting_on(file), may_look, sentence)


def sees_as_side(file: EvidenceFile, user: User) -> bool:
    """Whether a document is the user's own, or shown to the side on which they stand: they get its pages as they are."""
    if file.owner_id == user.pk:
        return True
    rows = Complaint.objects.filter(_sides(user), _resting_on(file)).distinct()
    sides = ((row, user_side(row, user)) for row in rows)
    return any(side is not None and disclosure.is_file_shown(row, side, file) for row, side in sides)


def complaint_of_viewer(file: EvidenceFile, user: User) -> str:
    """The number of the complaint for which a reviewer sees a document: the one whose case they hold."""
    rows = Complaint.objects.filter(_claimed_by(user), _resting_on(file)).distinct().order_by("pk")
    return next((row.number for row in rows), "")


def refuse_video_access(user: User, file: MediaFile) -> Reason:
    """Why the user may not see a video: the two sides may, and who holds the case."""
    resting = Q(original__media=file) | Q(copy__media=file)
    sentence = _("Only the two sides and their reviewer can see this work.")
    return _refuse_look(user, resting, lambda complaint: _may_look(complaint, user), sentence)


def refuse_complaining(user: User) -> Reason:
    """Why the user may neither complain nor send a video for it."""
    return None if user.may(Permission.COMPLAIN) else _("Your role cannot complain about copies.")


def owns_account(user: User, platform: str, account_id: str) -> bool:
    """Whether a platform's account is theirs: proven, or all that is known of them."""
    if user.is_visitor:
        return user.email == addresses.visitor_address(platform, account_id)
    return links.proven_accounts_of(user).filter(platform=platform, external_id=account_id).exists()


def _refuse_look(user: User, resting: Q, may_look: Callable[[Complaint], bool], sentence: Reason) -> Reason:
    rows = Complaint.objects.filter(resting).select_related("case", "screening").distinct()
    mine = rows.filter(_sides(user) | _claimed_by(user))
    return None if any(may_look(row) for row in mine) else sentence


def _resting_on(file: EvidenceFile) -> Q:
    return Q(exhibits__file=file) | Q(statements__files=file)


def _sides(user: User) -> Q:
    """A draft gives its author access to their own files only, whatever it names."""
    return (Q(complainant=user) & ~Q(state=ComplaintState.DRAFT)) | Q(respondent=user)


def _claimed_by(user: User) -> Q:
    return Q(case__claimed_by=user) | Q(screening__claimed_by=user)


def _may_look(complaint: Complaint, user: User) -> bool:
    return user_side(complaint, user) is not None or refuse_reviewing(complaint, user) is None


def own_chains(user: User) -> list[str]:
    """The chains of the trail of the complaints in which the person, or whom their agency acts for, is one of the sides."""
    circle = own_circle(user, clock.now()).values("pk")
    own = Complaint.objects.filter(Q(complainant__in=circle) | Q(respondent__in=circle))
    return [complaint.chain for complaint in own.only("pk")]


def refuse_open_complaint(person: User) -> Reason:
    """A staff conflict (portal/people/staff_conflicts.py): a complaint by or against them that is not over."""
    theirs = Complaint.objects.filter(Q(complainant=person) | Q(respondent=person))
    complaint = theirs.open().first()
    if complaint is None:
        return None
    number = {"number": complaint.number}
    return _("They are a side of an open complaint, %(number)s. It must end first.") % number
