"""How far a complaint of the demo is taken: the steps of both sides, of the automatic comparison and of reviewers.

A walk is called while time is held at the moment when the complaint was handed in; each step has its day after that.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import timedelta
from functools import wraps
from typing import Any

from complaints.actions import (
    appeals,
    controls,
    decisions,
    follower_choices,
    intake,
    remedies,
    respondent_answers,
    restitution_pages,
    restitutions,
    undo_periods,
)
from complaints.models import Complaint, Restitution
from complaints.policies import reviewers
from complaints.restitution import attribution
from complaints.states import ComplaintState, Outcome, RestitutionState, Side
from portal import clock
from portal.jobs import runner
from portal.jobs.models import Job, JobState
from portal.people.demo import demo_person
from portal.people.models import User
from portal.reviews.demo_reviewers import claim_for_demo
from portal.reviews.models import ReviewCase
from portal.sandbox.actions import posts
from portal.sandbox.models import Post

_COMPARING = ("media.probe", "complaints.prepare", "complaints.fingerprint", "complaints.compare")
_CARRYING_OUT = ("complaints.message", remedies.APPLY_REMEDY, remedies.LIFT_REMEDY)
_RETURNING = (restitutions.MOVE_FOLLOWERS, undo_periods.TELL_FOLLOWERS, restitutions.RESTORE_FOLLOWERS)
_JOBS = (*_COMPARING, *_CARRYING_OUT)
# How long the second half of the return that still runs is left alone, so that visitors see one that runs.
_LEFT_ALONE = timedelta(days=1)
_WITHOUT_RETURN = ("warn", "remove")
_WITH_RETURN = (*_WITHOUT_RETURN, "restitution")
_CONTACT = {"address": "1 Demo Street, Demo Town", "phone": "+1 555 0100"}
_FINDINGS = "Demo decision. The two works were compared side by side: picture and movement match from beginning to end."
_REASONS = {
    Outcome.UPHELD: "copy-whole",
    Outcome.PARTLY: "copy-some-parts",
    Outcome.DISMISSED: "authorship-not-shown",
    Outcome.AFFIRMED: "decision-right",
    Outcome.REVERSED: "new-evidence",
}
Walk = Callable[[Complaint], None]


def contact_of(person: User, fields: Iterable[str]) -> dict[str, str]:
    """The contact that a regime asks for, of a person of the demo."""
    known = {"name": person.display_name, "email": "somebody@example.org", **_CONTACT}
    return {field: known[field] for field in fields}


def _on_day(days: float) -> Callable[[Walk], Walk]:
    """Have a step done so many days after the complaint was handed in, with the complaint as it is then."""

    def decorate(step: Walk) -> Walk:
        @wraps(step)
        def done(complaint: Complaint) -> None:
            with clock.freeze_time(clock.now() + timedelta(days=days)):
                step(Complaint.objects.with_parties().get(pk=complaint.pk))
                run_jobs()

        return done

    return decorate


def leave_draft(complaint: Complaint) -> None:
    """The draft stays a draft."""


def walk_to_notice(_complaint: Complaint) -> None:
    """Compared; the other side is told and can answer."""
    run_jobs()


def walk_to_screening(_complaint: Complaint) -> None:
    """Compared; a person looks first, because somebody else complained of the same copy."""
    run_jobs()


def walk_to_incomplete(complaint: Complaint) -> None:
    """The copy was deleted before it could be fetched; something is missing now."""
    assert complaint.copy is not None  # noqa: S101 -- handed in, the database says
    post = Post.objects.select_related("account").get(pk=complaint.copy.external_id)
    posts.delete_post(post=post, by=post.account)
    run_jobs()


def walk_to_lapsed(complaint: Complaint) -> None:
    """Incomplete, and nobody has completed it in time."""
    walk_to_incomplete(complaint)
    with clock.freeze_time(clock.now() + timedelta(days=11)):
        intake.lapse_overdue_complaints()


def walk_to_answer(complaint: Complaint) -> None:
    """Answered; waiting for a reviewer."""
    run_jobs()
    _answer(complaint)


def walk_to_withdrawn(complaint: Complaint) -> None:
    """Withdrawn by the author after the answer."""
    walk_to_answer(complaint)
    _withdraw(complaint)


def walk_to_proposal(complaint: Complaint) -> None:
    """Decided by one person; a second is waited for."""
    walk_to_answer(complaint)
    _decide(complaint, Outcome.UPHELD, (*_WITHOUT_RETURN, "restrict"))


def walk_to_upheld(complaint: Complaint) -> None:
    """Upheld: the account is warned, the copy removed."""
    walk_to_answer(complaint)
    _decide(complaint, Outcome.UPHELD, _WITHOUT_RETURN)


def walk_to_partly(complaint: Complaint) -> None:
    """Upheld in part: the account is warned."""
    walk_to_answer(complaint)
    _decide(complaint, Outcome.PARTLY, ("warn",))


def walk_to_dismissed(complaint: Complaint) -> None:
    """Dismissed; the author can appeal."""
    walk_to_answer(complaint)
    _decide(complaint, Outcome.DISMISSED)


def walk_to_appealed(complaint: Complaint) -> None:
    """Dismissed, and the author has appealed."""
    walk_to_dismissed(complaint)
    _appeal(complaint, Side.COMPLAINANT)


def walk_to_affirmed(complaint: Complaint) -> None:
    """Upheld; the other side has appealed, and the decision stands."""
    walk_to_upheld(complaint)
    _appeal(complaint, Side.RESPONDENT)
    _decide_appeal(complaint, Outcome.AFFIRMED)


def walk_to_reversed(complaint: Complaint) -> None:
    """Upheld; the other side has appealed, and was right: everything is taken back."""
    walk_to_upheld(complaint)
    _appeal(complaint, Side.RESPONDENT)
    _decide_appeal(complaint, Outcome.REVERSED)


def walk_to_appeal_second(complaint: Complaint) -> None:
    """Dismissed, appealed, and found right by one person; a second is waited for."""
    walk_to_appealed(complaint)
    _decide_appeal(complaint, Outcome.REVERSED, _WITH_RETURN)


def walk_to_returned_followers(complaint: Complaint) -> None:
    """Upheld by two people; the followers have returned after the hold, and were told."""
    _uphold_with_return(complaint)
    _return_followers(complaint)


def walk_to_returning_followers(complaint: Complaint) -> None:
    """Upheld by two people; the first page of followers has returned, the others follow a day from now."""
    _uphold_with_return(complaint)
    _begin_returning(complaint)


def walk_to_paused_return(complaint: Complaint) -> None:
    """Upheld by two people; a senior reviewer has paused the return after the first page of followers."""
    _uphold_with_return(complaint)
    _begin_returning(complaint)
    _pause_returning(complaint)


def walk_to_reserved_return(complaint: Complaint) -> None:
    """Upheld by two people; the followers are reserved for the author, who has not verified an account."""
    _uphold_with_return(complaint)


def walk_to_held_return(complaint: Complaint) -> None:
    """Upheld by two people; the other side has appealed, so the followers stay until that is decided."""
    _uphold_with_return(complaint)
    _appeal(complaint, Side.RESPONDENT)


def walk_to_cancelled_return(complaint: Complaint) -> None:
    """Upheld, appealed and reversed before any follower was returned."""
    walk_to_held_return(complaint)
    _decide_appeal(complaint, Outcome.REVERSED)


def walk_to_reversed_return(complaint: Complaint) -> None:
    """Upheld, appealed after the followers had returned, and reversed: every follow is as it was."""
    walk_to_returned_followers(complaint)
    _appeal(complaint, Side.RESPONDENT)
    _decide_appeal(complaint, Outcome.REVERSED)
    _restore_followers(complaint)


def walk_to_partly_reversed_return(complaint: Complaint) -> None:
    """The same, except that one follower had undone their own move before."""
    walk_to_returned_followers(complaint)
    _undo_one_move(complaint)
    _appeal(complaint, Side.RESPONDENT)
    _decide_appeal(complaint, Outcome.REVERSED)
    _restore_followers(complaint)


def run_jobs(kinds: Collection[str] = _JOBS) -> None:
    """Run jobs in this process without delays; mails are left to the workers."""
    queued = Job.objects.filter(kind__in=kinds, state=JobState.QUEUED).order_by("run_after", "pk")
    while job := queued.first():
        with clock.freeze_time(max(clock.now(), job.run_after)):
            runner.run_job(job.pk)


@_on_day(1)
def _answer(complaint: Complaint) -> None:
    by = complaint.respondent
    if complaint.state != ComplaintState.NOTIFIED or by is None:
        return
    regime = complaint.regime
    contact = contact_of(by, regime.answer_contact)
    respondent_answers.submit_answer(
        complaint=complaint,
        by=by,
        text="Demo answer. I found this video on another site and believed that anyone could use it.",
        ticks=[tick.code for tick in regime.answer_ticks],
        contact=contact,
        signature=contact["name"] if regime.signed else "",
    )


@_on_day(2)
def _withdraw(complaint: Complaint) -> None:
    intake.withdraw_complaint(complaint=complaint, by=complaint.complainant)


def _decide(complaint: Complaint, outcome: Outcome, chosen: Collection[str] = ()) -> None:
    @_on_day(3)
    def step(complaint: Complaint) -> None:
        case, by = _claim(complaint)
        decisions.decide_complaint(
            complaint=_fresh(complaint), by=by, outcome=outcome, remedies=chosen, **_grounds(case, outcome)
        )

    step(complaint)


@_on_day(4)
def _confirm(complaint: Complaint) -> None:
    case, by = _claim(complaint)
    decisions.confirm_complaint_decision(complaint=_fresh(complaint), by=by, version=case.version, acknowledged=True)


def _appeal(complaint: Complaint, side: Side) -> None:
    @_on_day(9)
    def step(complaint: Complaint) -> None:
        by = complaint.complainant if side == Side.COMPLAINANT else complaint.respondent
        assert by is not None  # noqa: S101 -- told, so known as the holder of an account
        text = "Demo appeal. Please review the end of both videos again, where my name is visible."
        appeals.appeal_complaint_decision(complaint=complaint, by=by, side=side, text=text)

    step(complaint)


def _decide_appeal(complaint: Complaint, outcome: Outcome, chosen: Collection[str] = ()) -> None:
    @_on_day(19)
    def step(complaint: Complaint) -> None:
        case, by = _claim(complaint)
        grounds = _grounds(case, outcome)
        if outcome == Outcome.AFFIRMED:
            appeals.affirm_decision(complaint=_fresh(complaint), by=by, **grounds)
        else:
            appeals.reverse_decision(complaint=_fresh(complaint), by=by, remedies=chosen, **grounds)

    step(complaint)


def _uphold_with_return(complaint: Complaint) -> None:
    walk_to_answer(complaint)
    _decide(complaint, Outcome.UPHELD, _WITH_RETURN)
    _confirm(complaint)


@_on_day(6)
def _return_followers(_complaint: Complaint) -> None:
    remedies.begin_due_remedies()
    restitutions.begin_due_restitutions()
    run_jobs(_RETURNING)


@_on_day(6)
def _begin_returning(complaint: Complaint) -> None:
    restitutions.begin_due_restitutions()
    row = Restitution.objects.get(remedy__complaint=complaint)
    if row.state != RestitutionState.MOVING:
        return
    Restitution.objects.filter(pk=row.pk).update(batch=attribution.SMALLEST_PAGE)
    restitution_pages.move_page(row.pk)
    waiting = Job.objects.filter(kind=restitutions.MOVE_FOLLOWERS, payload__restitution=row.pk)
    waiting.update(run_after=clock.now() + _LEFT_ALONE)


@_on_day(6)
def _pause_returning(complaint: Complaint) -> None:
    row = Restitution.objects.get(remedy__complaint=complaint)
    if row.state == RestitutionState.MOVING:
        reason = "Demo reason. Paused until the platform has confirmed how it counts these followers."
        controls.pause_restitution(restitution=row, by=demo_person("senior"), reason=reason)


@_on_day(7)
def _undo_one_move(complaint: Complaint) -> None:
    row = Restitution.objects.get(remedy__complaint=complaint)
    follower = next(follower for page in row.pages.order_by("number") for follower in page.moved)
    follower_choices.undo_follower_return(restitution=row, follower_id=follower)


@_on_day(19)
def _restore_followers(_complaint: Complaint) -> None:
    run_jobs(_RETURNING)


def _claim(complaint: Complaint) -> tuple[ReviewCase, User]:
    case = reviewers.active_case(_fresh(complaint))
    assert case is not None  # noqa: S101 -- every walk comes here with an open case
    by = claim_for_demo(case)
    case.refresh_from_db()
    return case, by


def _grounds(case: ReviewCase, outcome: Outcome) -> dict[str, Any]:
    return {
        "version": case.version,
        "reasons": [_REASONS[outcome]],
        "explanation": _FINDINGS,
        "to_complainant": "Demo decision. You have shown when you published your video.",
        "to_respondent": "Demo decision. You have not shown permission to use the video.",
    }


def _fresh(complaint: Complaint) -> Complaint:
    return Complaint.objects.with_parties().get(pk=complaint.pk)
