"""What each measure does on the platform, when it may be chosen, and how it is taken back.

Every call carries the measure's key, so that doing it again does nothing more.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from complaints import transfers
from complaints.models import Complaint, Measure, MeasureKind
from complaints.policies import parties
from complaints.policies.terms import COURTESY, Reason
from portal import clock
from portal.platforms import Account, Connector, Message, PlatformError, Unknown, registry

_CLOSED = "closed"


@dataclass(frozen=True)
class Situation:
    """What the choice of measures depends on, asked once. `account` is None if the platform does not know it.

    `answers`: whether the platform answered. `reserved`: returning followers would wait until the author has
    proven an account there. `again`: followers have returned between the two within a year. `standing`: kinds
    of measures that an appealed decision has brought already.
    """

    complaint: Complaint
    account: Account | None
    answers: bool
    reserved: bool
    again: bool
    standing: frozenset[str]


def situation_of(complaint: Complaint) -> Situation:
    """Ask the platform and the tables."""
    account, answers = _account(complaint)
    reserved = transfers.target_of(complaint) is None
    again = transfers.needs_a_word(complaint, clock.now())
    return Situation(complaint, account, answers, reserved, again, complaint.measures.standing_kinds())


def _account(complaint: Complaint) -> tuple[Account | None, bool]:
    try:
        return registry.get(complaint.platform).account(complaint.account_id), True
    except Unknown:
        return None, True
    except PlatformError:
        return None, False


class Remedy:
    """One kind of measure. `wait_days` are days of hold after the decision; `in_pages` says that it is no single call."""

    needs_second = False
    wait_days = 0
    in_pages = False

    def check(self, situation: Situation) -> Reason:
        """Why it cannot be chosen, or None."""
        return None

    def apply(self, measure: Measure) -> None:
        """Have the platform do it. Raises PlatformError to try again, Unknown when the account or post is gone."""
        raise NotImplementedError

    def undo(self, measure: Measure) -> None:
        """Have the platform take it back; raises as apply() does."""
        raise NotImplementedError


class Warn(Remedy):
    """A message in the account's own language; the warning itself is the measure, which counts while it stands."""

    def check(self, situation: Situation) -> Reason:
        """An account that is gone reads nothing."""
        return _refuse_gone(situation)

    def apply(self, measure: Measure) -> None:
        """Tell the account that it is warned."""
        with translation.override(measure.complaint.account_language):
            subject = _now("Your account has been warned")
            body = _now(
                "A complaint about a copied video was upheld. If this happens again, your account can be closed. "
                "You can read the reasons and appeal against the decision: complaint %(number)s."
            )
            _send(measure, measure.key, subject, body)

    def undo(self, measure: Measure) -> None:
        """Tell the account that the warning does not stand any more."""
        with translation.override(measure.complaint.account_language):
            subject = _now("The warning has been taken back")
            body = _now("The decision was reversed. The warning does not count any more: complaint %(number)s.")
            _send(measure, f"{measure.key}-lifted", subject, body)


class Remove(Remedy):
    """The copy leaves the public; its account still has it."""

    def check(self, situation: Situation) -> Reason:
        """Only what stands on the platform can be removed from it."""
        copy = situation.complaint.copy
        if copy is None or not copy.external_id:
            return _("The copy was named without an address on the platform; there is nothing to remove.")
        return None

    def apply(self, measure: Measure) -> None:
        """Take the copy from the public."""
        _connector(measure).remove_work(_post(measure), key=measure.key, reason=_shown_reason(measure))

    def undo(self, measure: Measure) -> None:
        """Show it again, unless another complaint keeps it away."""
        _connector(measure).restore_work(_post(measure), key=measure.key)


class Restrict(Remedy):
    """The account is closed for good, after days in which it can say goodbye or appeal."""

    needs_second = True
    wait_days = COURTESY.days

    def check(self, situation: Situation) -> Reason:
        """An account can be closed once."""
        return _refuse_gone(situation)

    def apply(self, measure: Measure) -> None:
        """Close the account."""
        complaint = measure.complaint
        _connector(measure).restrict_account(complaint.account_id, key=measure.key, reason=_shown_reason(measure))

    def undo(self, measure: Measure) -> None:
        """Open it again."""
        _connector(measure).lift_restriction(measure.complaint.account_id, key=measure.key)


class Transfer(Remedy):
    """The followers whom the copy attracted return to the author, page by page (actions/restitutions.py)."""

    needs_second = True
    in_pages = True

    def check(self, situation: Situation) -> Reason:
        """Where the region allows it, from an account that is there to a person who has one or may get one."""
        if reason := transfers.refuse(situation.complaint):
            return reason
        complaint = situation.complaint
        if parties.owns_account(complaint.complainant, complaint.platform, complaint.account_id):
            return _("Both accounts are the complainant's own.")
        if complaint.complainant.is_visitor:
            return _(
                "The complainant is known only by an account of a platform. Followers return to people who joined."
            )
        if not situation.answers:
            return _("The platform does not answer at the moment. Please try again in a few minutes.")
        return _refuse_gone(situation)


REMEDIES: Mapping[str, Remedy] = {
    MeasureKind.WARN: Warn(),
    MeasureKind.REMOVE: Remove(),
    MeasureKind.RESTRICT: Restrict(),
    MeasureKind.TRANSFER: Transfer(),
}


def refusals(situation: Situation) -> dict[str, Reason]:
    """Kind of measure to why it cannot be chosen; None where it can."""
    stays = _("This stands already, and stays.")
    return {kind: stays if kind in situation.standing else remedy.check(situation) for kind, remedy in REMEDIES.items()}


def _refuse_gone(situation: Situation) -> Reason:
    """A platform that does not answer now says nothing about the account; the job will ask it again."""
    if not situation.answers:
        return None
    if situation.account is None or situation.account.state == _CLOSED:
        return _("The account is closed or gone already.")
    return None


def _connector(measure: Measure) -> Connector:
    """The platform's connector. A platform that is not served now may be later; its measures must not get lost."""
    try:
        return registry.get(measure.complaint.platform)
    except Unknown as error:
        message = f"platform {measure.complaint.platform} is not served"
        raise PlatformError(message) from error


def _send(measure: Measure, key: str, subject: str, body: str) -> None:
    complaint = measure.complaint
    message = Message(key=key, subject=subject, body=body % {"number": complaint.number})
    _connector(measure).send_message(complaint.account_id, message)


def _post(measure: Measure) -> str:
    copy = measure.complaint.copy
    assert copy is not None  # noqa: S101 -- a complaint that was handed in names one, the database says
    return copy.external_id


def _shown_reason(measure: Measure) -> str:
    """What the platform shows in the place of what it took away: no names, in the account's language."""
    with translation.override(measure.complaint.account_language):
        words = _now("After a complaint about a copied video was upheld: %(number)s")
        return words % {"number": measure.complaint.number}
