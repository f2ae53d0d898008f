"""Who may do what in the queue: each function returns the reason why not, or None.

The same sentence is the disabled button's tooltip and the 403.
"""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.errors import Text
from portal.evidence.access import refuse_attaching_files
from portal.evidence.models import EvidenceFile
from portal.people.models import User
from portal.people.roles import Permission
from portal.people.second_person import refuse_second_person
from portal.reviews import eligibility
from portal.reviews.clocks import APPEAL_WINDOW, REST_AFTER_RELEASE
from portal.reviews.models import Claim, Decision, ReviewCase, ReviewerSkill
from portal.reviews.models.cases import own_parties
from portal.reviews.states import CaseState, DecisionState, Level, Stage
from portal.texts import refuse_text
from portal.web.durations import duration_text

MIN_EXPLANATION = 20
MAX_TEXT = 8000
MAX_APPEAL_FILES = 10
RELEASE_LIMIT = 3  # cases that a reviewer may release within REST_AFTER_RELEASE
NOT_QUEUED = gettext_lazy("This is not in the queue yet.")
NOT_ACKNOWLEDGED = gettext_lazy(
    "A check failed here, or something has not been opened yet. Review it, or confirm below that you approve anyway."
)
HAND_OVER_LIMIT = 10  # cases that a reviewer may give to colleagues within the same time
TWO_PEOPLE = "two_people"  # among the reasons of a case: a second person has to agree


def level_of(user: User) -> int:
    """The highest level of case that this person may take; 0 for none."""
    if user.may(Permission.REVIEW_SECOND):
        return Level.SENIOR
    return Level.REVIEWER if user.may(Permission.REVIEW) else 0


def refuse_reviewing(user: User) -> str | None:
    """Whether the person may take cases at all."""
    return None if level_of(user) else _("Only reviewers can take cases.")


def refuse_taking(case: ReviewCase, user: User, at: datetime) -> Text | None:
    """Whether the person may hold this very case: skill, level and conflicts, as the claim query has them."""
    if refusal := refuse_reviewing(user):
        return refusal
    if level_of(user) < case.level:
        return _("This case needs a senior reviewer.")
    return eligibility.ineligibility_reasons(case, {user.pk: level_of(user)}, now=at)[user.pk]


def list_takers(case: ReviewCase, at: datetime) -> list[User]:
    """Active reviewers who may hold this very case in its present stage, by name. Two queries."""
    skilled = ReviewerSkill.objects.filter(skill=case.skill).values("user")
    people = list(User.objects.filter(is_active=True, pk__in=skilled).order_by("display_name", "pk"))
    levels = {person.pk: level_of(person) for person in people if level_of(person) >= case.level}
    reasons = eligibility.ineligibility_reasons(case, levels, now=at)
    return [person for person in people if person.pk in reasons and reasons[person.pk] is None]


def refuse_case_overview(case: ReviewCase, user: User, at: datetime) -> Text | None:
    """Whether staff may see where the case stands and who has it; a party may not, whatever their role."""
    if eligibility.is_concerned(case, user, now=at):
        return _("You are a party to this case. Your own pages show what you can see of it.")
    return None


def count_releases(user: User, at: datetime) -> int:
    """How many cases the person has released within the time for which the limit counts."""
    return Claim.objects.recently_ended(at, Claim.End.RELEASED).filter(reviewer=user).count()


def refuse_release(user: User, at: datetime) -> str | None:
    """Whether the person may release a case: so often a day, so that nobody looks through cases for one that suits them."""
    again = _allowed_again(user, at, Claim.End.RELEASED, RELEASE_LIMIT)
    return again and _(
        "You have released %(count)d cases in the last 24 hours, which is the limit. You can release another in "
        "%(time)s. Until then, reassign the case, or recuse yourself if you have a conflict of interest."
    ) % {"count": RELEASE_LIMIT, "time": again}


def refuse_hand_over(user: User, at: datetime) -> str | None:
    """Whether the person may give a case to a colleague: as releasing, it can be used to look through cases."""
    again = _allowed_again(user, at, Claim.End.HANDED_OVER, HAND_OVER_LIMIT)
    return again and _(
        "You have reassigned %(count)d cases in the last 24 hours, which is the limit. You can reassign another in "
        "%(time)s."
    ) % {"count": HAND_OVER_LIMIT, "time": again}


def _allowed_again(user: User, at: datetime, end: Claim.End, limit: int) -> str | None:
    """In how long another claim may end in this way, in words; None if the limit is not reached."""
    ended = list(Claim.objects.recently_ended(at, end).filter(reviewer=user)[:limit])
    if len(ended) < limit or ended[-1].ended_at is None:
        return None
    return str(duration_text(ended[-1].ended_at + REST_AFTER_RELEASE - at))


def may_read_releases(user: User) -> bool:
    """Whether the person reads why reviewers released cases: who leads areas and who audits; not their colleagues."""
    return user.may(Permission.LEAD_AREA) or user.may(Permission.READ_ALL)


def own_case_chains(user: User) -> list[str]:
    """The chains of the trail of cases that are the person's own."""
    return [f"case:{case}" for case in own_parties(user).values_list("case", flat=True)]


def is_beyond_everybody(case: ReviewCase, at: datetime) -> bool:
    """Whether a waiting case can be taken by nobody at present: somebody has to be given the area, or lent."""
    return case.state == CaseState.WAITING and not list_takers(case, at)


def refuse_holding(case: ReviewCase, user: User, at: datetime) -> str | None:
    """Whether the person holds the case now; everything done to a case needs that."""
    if case.state == CaseState.CLOSED:
        return _("This case is closed. There is nothing left to do.")
    if case.state != CaseState.CLAIMED or case.claimed_by_id != user.pk:
        return _how_claim_ended(case, user) or _("This case is not assigned to you. Take it from the queue first.")
    if case.lease_until is not None and case.lease_until <= at:
        return _("Your claim on this case has expired. Take the next one from the queue.")
    return None


def _how_claim_ended(case: ReviewCase, user: User) -> str | None:
    """Why somebody who had the case does not have it any more, where they did not end that themselves."""
    last = case.claims.filter(reviewer=user).exclude(ended_at=None).order_by("-ended_at").first()
    taken = case.state == CaseState.CLAIMED
    if last is None or last.end not in {Claim.End.EXPIRED, Claim.End.HANDED_OVER}:
        return None
    if last.end == Claim.End.EXPIRED and taken:
        return _("Your claim on this case has expired, and a colleague has taken the case.")
    if last.end == Claim.End.EXPIRED:
        return _(
            "Your claim on this case has expired, and the case is back in the queue. You can take it again from there."
        )
    return _("This case was reassigned to a colleague.")


def refuse_case_work(case: ReviewCase | None, user: User, at: datetime) -> Text | None:
    """Why the person may not work on a case: it is not there yet, they do not hold it, or may not have it any more."""
    if case is None:
        return NOT_QUEUED
    return refuse_holding(case, user, at) or refuse_taking(case, user, at)


def refuse_decision(case: ReviewCase, user: User, at: datetime) -> Text | None:
    """Why the person may not decide a case that they hold; None if they may."""
    if case.needs_second_approval:
        return _("This case is waiting for second approval: confirm the decision or send it back.")
    return refuse_taking(case, user, at)


def refuse_second_approval(decision: Decision, user: User, at: datetime) -> Text | None:
    """Why the person may not confirm a held decision or send it back; None if they may."""
    if decision.state != DecisionState.HELD:
        return _("This decision is not waiting for a second person.")
    same = refuse_second_person(user, first=decision.by_id)
    return same or refuse_case_work(decision.case, user, at)


def refuse_explanation(text: str, *, least: int = MIN_EXPLANATION, missing: Text = "") -> str | None:
    """Why a text that explains something cannot be kept: too short to say anything, or too long."""
    return refuse_text(text, least=least, most=MAX_TEXT, missing=missing)


def statement_errors(
    text: str, files: Sequence[EvidenceFile], user: User, *, missing: Text = ""
) -> dict[str, list[Text]]:
    """What is wrong with a party's text and the files with it, by field."""
    fields: dict[str, list[Text]] = {}
    if refusal := refuse_explanation(text, missing=missing):
        fields["text"] = [refusal]
    if len(files) > MAX_APPEAL_FILES:
        fields["files"] = [_("Please attach at most %(count)d files.") % {"count": MAX_APPEAL_FILES}]
    if foreign := refuse_attaching_files(files, user):
        fields["files"] = [foreign]
    return fields


def refuse_appeal(decision: Decision, at: datetime) -> str | None:
    """Whether an appeal against a decision is open; who may file it is the product's question."""
    if not decision.adverse or decision.state != DecisionState.FINAL:
        return _("There is nothing to appeal against.")
    if decision.stage in {Stage.APPEAL, Stage.APPEAL_SECOND}:
        return _("This is the decision on an appeal. It is final here; you can still go to court.")
    if hasattr(decision, "appeal"):
        return _("An appeal against this decision has already been filed.")
    if at > decision.in_force_since + APPEAL_WINDOW:
        return _("The six-month period for an appeal has ended.")
    return None
