"""Screening flags of a complaint, as codes, and which of them require a screening before the respondent is told."""

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.models import Authorisation, Complaint, Grade
from complaints.policies import parties
from complaints.policies.pairs import same_work_query
from complaints.states import ComplaintState
from portal import clock
from portal.media.models import Kind
from portal.people import links
from portal.people.models import Agency, User

DUPLICATE, AUTHORISED = "duplicate", "authorised"
COUNTER_COMPLAINT, SAME_AGENCY, NO_MATCH, UNPROVEN = "counter_complaint", "same_agency", "no_match", "unproven"
SAME_PERSON, NOT_COMPARED, NOT_REACHED = "same_person", "not_compared", "not_reached"
SAME_DEVICE, SAME_PAYEE = "same_device", "same_payee"  # added by actions/account_signals.py
ACCOUNTS_NOT_COMPARED, RECENT_RETURN = "accounts_not_compared", "recent_return"
NEEDS_SCREENING = frozenset({DUPLICATE, AUTHORISED})
FLAG_TEXTS: dict[str, Promise] = {
    DUPLICATE: _("Someone else complained about the same alleged copy"),
    AUTHORISED: _("The account is on the author's list of authorised accounts"),
    COUNTER_COMPLAINT: _("The other side has complained about the same two works in reverse"),
    SAME_AGENCY: _("Both sides are with the same agency"),
    SAME_DEVICE: _("Both sides use the same device, according to the platform"),
    SAME_PAYEE: _("Both sides are paid to the same account, according to the platform"),
    ACCOUNTS_NOT_COMPARED: _("The platform did not say whether both sides share a device or a payment account"),
    RECENT_RETURN: _("Followers were returned between these two accounts within the last year"),
    NO_MATCH: _("The automatic comparison found no match"),
    UNPROVEN: _("The original is on an account that is not verified as the complainant's"),
    SAME_PERSON: _("Both accounts are verified as the same person's"),
    NOT_COMPARED: _("The works could not be compared automatically"),
    NOT_REACHED: _("The platform could not deliver our message to the other side"),
}
_OVER = (ComplaintState.WITHDRAWN, ComplaintState.LAPSED)


def screening_flags(complaint: Complaint, grade: str) -> list[str]:
    """The codes that hold for a complaint whose comparison came to `grade` ("" for none), sorted."""
    rules = {
        DUPLICATE: is_duplicate_complaint(complaint),
        AUTHORISED: is_authorised_account(complaint),
        COUNTER_COMPLAINT: is_counter_complaint(complaint),
        SAME_AGENCY: share_agency(complaint),
        NO_MATCH: grade in _grades_without_match(complaint),
        NOT_COMPARED: not grade or grade == Grade.NOT_COMPARABLE,
        UNPROVEN: is_unproven_original(complaint),
        SAME_PERSON: parties.owns_account(complaint.complainant, complaint.platform, complaint.account_id),
    }
    return sorted(code for code, holds in rules.items() if holds)


def _grades_without_match(complaint: Complaint) -> set[str]:
    """Of sounds and texts "similar" is the best grade that is not "identical"; of pictures it is a doubt."""
    is_heard_or_read = complaint.copy is not None and complaint.copy.kind in (Kind.AUDIO, Kind.TEXT)
    return {Grade.NONE} if is_heard_or_read else {Grade.NONE, Grade.SIMILAR}


def is_duplicate_complaint(complaint: Complaint) -> bool:
    """Whether another person complained about the same copy before."""
    return earlier_complaints_of_others(complaint).exists()


def earlier_complaints_of_others(complaint: Complaint) -> QuerySet[Complaint]:
    """What other people complained about the same copy before, newest first."""
    assert complaint.copy is not None  # noqa: S101 -- handed in, the database says
    others = Complaint.objects.filter(same_work_query("copy", complaint.copy)).exclude(
        complainant=complaint.complainant_id
    )
    at = complaint.submitted_at or clock.now()
    before = Q(submitted_at__lt=at) | Q(submitted_at=at, pk__lt=complaint.pk)
    return others.filter(before).exclude(state__in=(ComplaintState.DRAFT, *_OVER)).order_by("-submitted_at", "-pk")


def is_authorised_account(complaint: Complaint) -> bool:
    """Whether the author has let the account use this work, or all of theirs."""
    standing = Authorisation.objects.filter(author=complaint.complainant_id, ended_at=None)
    account = standing.filter(platform=complaint.platform, account_id=complaint.account_id)
    return account.filter(Q(work=None) | Q(work=complaint.original_id)).exists()


def is_counter_complaint(complaint: Complaint) -> bool:
    """Whether the respondent has filed the reverse complaint about this pair."""
    return counter_complaints(complaint).exists()


def counter_complaints(complaint: Complaint) -> QuerySet[Complaint]:
    """The reverse complaints about this pair, newest first."""
    assert complaint.original is not None  # noqa: S101 -- as above
    assert complaint.copy is not None  # noqa: S101 -- as above
    reversed_pair = same_work_query("copy", complaint.original) & same_work_query("original", complaint.copy)
    rows = Complaint.objects.filter(reversed_pair).exclude(pk=complaint.pk)
    return rows.exclude(state__in=(ComplaintState.DRAFT, *_OVER)).order_by("-submitted_at", "-pk")


def is_unproven_original(complaint: Complaint) -> bool:
    """Whether the original stands on an account that the complainant has not proven to be theirs."""
    work = complaint.original
    if work is None or not work.account_id:
        return False
    return not parties.owns_account(complaint.complainant, work.platform, work.account_id)


def share_agency(complaint: Complaint) -> bool:
    """Whether an agency stands behind both sides."""
    return not agencies_of_complainant(complaint).isdisjoint(agencies_of_respondent(complaint))


def agencies_of_complainant(complaint: Complaint) -> set[str]:
    """Names of the agencies that stand behind the complainant, in small letters."""
    return _agencies(complaint.complainant)


def agencies_of_respondent(complaint: Complaint) -> set[str]:
    """Names of the agencies that stand behind the account complained of and its holder, in small letters."""
    names = {complaint.account_agency} | (_agencies(complaint.respondent) if complaint.respondent else set())
    return {name.strip().casefold() for name in names if name.strip()}


def _agencies(user: User) -> set[str]:
    now = clock.now()
    mandated = Q(mandates__creator=user, mandates__starts_at__lte=now, mandates__ends_at__gt=now)
    names = set(Agency.objects.filter(mandated | Q(members=user)).values_list("name", flat=True))
    names |= set(links.proven_accounts_of(user).values_list("agency", flat=True))
    return {name.strip().casefold() for name in names if name.strip()}
