"""What each remedy does on the platform, when it may be chosen, and how it is taken back.

Every call carries the remedy's key, so that doing it again does nothing more.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from complaints.models import Complaint, Remedy, RemedyKind
from complaints.policies import parties
from complaints.policies.terms import RESTRICTION_DELAY, Reason
from complaints.restitution import attribution
from complaints.states import RestitutionMode
from portal import clock
from portal.connectors.reasons import reason_in_words
from portal.errors import Text
from portal.outbound.lookups import AnswerPending, TooManyQuestions
from portal.outbound.models import Effect
from portal.platforms import Ability, Account, Message, NotServed, PlatformError, Unknown, registry, served
from portal.texts import join_sentences

_CLOSED, _DELETED = "closed", "deleted"


@dataclass(frozen=True)
class AccountAnswer:
    """What a platform says of an account: None if it does not know it. `answers`: whether it answered at all.

    `pending` is there while a job asks it.
    """

    account: Account | None
    answers: bool
    asked: bool = True
    pending: AnswerPending | None = None


NOT_ASKED = AccountAnswer(None, answers=False, asked=False)


@dataclass(frozen=True)
class ChosenRemedies:
    """Kinds of remedies that somebody chose, and what the platform said of the account before the transaction."""

    kinds: frozenset[str] = frozenset()
    answer: AccountAnswer = NOT_ASKED


NO_REMEDIES = ChosenRemedies()


@dataclass(frozen=True)
class RemedySituation:
    """What the choice of remedies depends on.

    `reserved`: returning followers would wait until the author has
    proven an account there. `mode`: how they return in the region of the account. `had_recent_restitution`: followers have returned between the two within a year. `standing`: kinds
    of remedies that an appealed decision has brought already. `unserved`: what its platform does not do through the portal, with
    the reason where it is known, else "".
    """

    complaint: Complaint
    answer: AccountAnswer
    reserved: bool
    had_recent_restitution: bool
    mode: RestitutionMode
    standing: frozenset[str]
    unserved: Mapping[Ability, Text]


def remedy_situation(complaint: Complaint, answer: AccountAnswer) -> RemedySituation:
    """What the tables say, beside what the platform has answered."""
    reserved = attribution.target_account(complaint) is None
    had_recent_restitution = attribution.had_recent_restitution(complaint, clock.now())
    return RemedySituation(
        complaint,
        answer,
        reserved,
        had_recent_restitution,
        mode=RestitutionMode(attribution.restitution_policy(complaint).mode),
        standing=complaint.remedies.standing_kinds(),
        unserved=_unserved_abilities(complaint.platform),
    )


def _unserved_abilities(platform: str) -> dict[Ability, Text]:
    """Nothing where the platform is not known: its accounts are gone, and that is what is said then."""
    if platform not in registry.platform_codes():
        return {}
    connector = registry.get_connector(platform)
    unserved = (row.ability for row in REMEDY_TYPES.values() if not connector.serves(row.ability))
    return {ability: reason_in_words(connector, ability) for ability in unserved}


def ask_account(platform: str, account_id: str) -> AccountAnswer:
    """What the platform says of an account; none is known of a platform that is not served. Not within a transaction.

    A request gets what a job was told within the last minutes.
    """
    try:
        account = registry.get_connector(platform).accounts.account(account_id)
    except AnswerPending as pending:
        return AccountAnswer(None, answers=False, pending=pending)
    except (NotServed, Unknown):
        return AccountAnswer(None, answers=True)
    except (PlatformError, TooManyQuestions):
        return AccountAnswer(None, answers=False)
    return AccountAnswer(account, answers=True)


def choose_remedies(complaint: Complaint, kinds: Collection[str]) -> ChosenRemedies:
    """The choice with the platform's answer; to be called before the transaction. Without a choice nobody is asked.

    Raises AnswerPending where a remedy cannot be planned without an answer that is still to come.
    """
    if not kinds:
        return NO_REMEDIES
    answer = ask_account(complaint.platform, complaint.account_id)
    if answer.pending and any(REMEDY_TYPES[kind].in_pages for kind in kinds if kind in REMEDY_TYPES):
        raise answer.pending
    return ChosenRemedies(frozenset(kinds), answer)


class RemedyType:
    """One kind of remedy. `wait_days` are days of hold after the decision; `in_pages` says that it is no single call.

    `effect` is what the platform can be asked about, None where it cannot tell.
    `ability` is what the platform must serve, `unserved` what is said where it does not.
    `note` says when it begins, if not at once.
    """

    ability: Ability
    unserved: Text
    note: Text = ""
    needs_second_approval = False
    effect: Effect | None = None
    wait_days = 0
    in_pages = False

    def check(self, situation: RemedySituation) -> Reason:
        """Why it cannot be chosen, or None."""
        return None

    def apply(self, remedy: Remedy) -> datetime | None:
        """Have the platform do it; returns when that is complete, None if at once.

        Raises PlatformError to try again, Unknown when the account or post is gone.
        """
        raise NotImplementedError

    def undo(self, remedy: Remedy) -> datetime | None:
        """Have the platform take it back; returns and raises as apply() does."""
        raise NotImplementedError

    def holds(self, remedy: Remedy) -> bool:
        """Whether it is in effect on the platform now; for those with an `effect`. Raises as apply() does."""
        raise NotImplementedError


class WarnAccount(RemedyType):
    """A message in the account's own language; the warning itself is the remedy, which counts while it stands."""

    ability = "messages"
    unserved = _("This platform does not deliver messages through the portal.")

    def check(self, situation: RemedySituation) -> Reason:
        """An account that is gone reads nothing."""
        return _refuse_gone(situation)

    def apply(self, remedy: Remedy) -> None:
        """Tell the account that it is warned."""
        with translation.override(remedy.complaint.account_language):
            subject = _now("Your account has received a warning")
            body = _now(
                "A complaint about a copied work was upheld. If this happens again, your account can "
                "be closed. You can read the reasons and appeal the decision: complaint %(number)s."
            )
            _send_to_account(remedy, remedy.key, subject, body)

    def undo(self, remedy: Remedy) -> None:
        """Tell the account that the warning does not stand any more."""
        with translation.override(remedy.complaint.account_language):
            subject = _now("The warning has been withdrawn")
            body = _now("The decision was reversed. The warning no longer counts: complaint %(number)s.")
            _send_to_account(remedy, f"{remedy.key}-lifted", subject, body)


class RemoveCopy(RemedyType):
    """The copy leaves the public; its account still has it."""

    ability = "removals"
    effect = Effect.REMOVAL
    unserved = _("This platform does not remove works through the portal.")

    def check(self, situation: RemedySituation) -> Reason:
        """Only what stands on the platform can be removed from it."""
        copy = situation.complaint.copy
        if copy is None or not copy.external_id:
            return _("The copy has no address on the platform, so there is nothing to remove.")
        return None

    def apply(self, remedy: Remedy) -> datetime | None:
        """Take the copy from the public."""
        removals = served(registry.get_connector(remedy.complaint.platform).removals)
        return removals.remove_work(_copy_id(remedy), key=remedy.key, reason=_shown_reason(remedy))

    def undo(self, remedy: Remedy) -> datetime | None:
        """Show it again, unless another complaint keeps it away; also where the platform removes nothing new."""
        connector = registry.get_connector(remedy.complaint.platform)
        return served(connector.removals or connector.restores).restore_work(_copy_id(remedy), key=remedy.key)

    def holds(self, remedy: Remedy) -> bool:
        """Whether the copy is away by this remedy; one that its account has deleted needs no removal."""
        connector = registry.get_connector(remedy.complaint.platform)
        if connector.works.find_work(_copy_id(remedy)).state == _DELETED:
            raise Unknown(_copy_id(remedy))
        return served(connector.removals or connector.restores).has_removal(_copy_id(remedy), key=remedy.key)


class RestrictAccount(RemedyType):
    """The account is closed for good, after days in which it can tell its followers, or appeal."""

    ability = "restrictions"
    effect = Effect.RESTRICTION
    unserved = _("This platform does not restrict accounts through the portal.")
    note = _("After seven days, unless there is an appeal.")
    needs_second_approval = True
    wait_days = RESTRICTION_DELAY.days

    def check(self, situation: RemedySituation) -> Reason:
        """An account can be closed once."""
        return _refuse_gone(situation)

    def apply(self, remedy: Remedy) -> None:
        """Close the account."""
        complaint = remedy.complaint
        served(registry.get_connector(remedy.complaint.platform).restrictions).restrict_account(
            complaint.account_id, key=remedy.key, reason=_shown_reason(remedy)
        )

    def undo(self, remedy: Remedy) -> None:
        """Open it again."""
        served(registry.get_connector(remedy.complaint.platform).restrictions).lift_restriction(
            remedy.complaint.account_id, key=remedy.key
        )

    def holds(self, remedy: Remedy) -> bool:
        """Whether the account is closed by this remedy."""
        complaint = remedy.complaint
        restrictions = served(registry.get_connector(complaint.platform).restrictions)
        return restrictions.has_restriction(complaint.account_id, key=remedy.key)


class ReturnFollowers(RemedyType):
    """The followers whom the copy attracted return to the author, page by page (actions/restitutions.py)."""

    ability = "followers"
    unserved = _("Followers cannot be returned through the portal on this platform.")
    note = _("After the hold period of the region, unless there is an appeal.")
    needs_second_approval = True
    in_pages = True

    def check(self, situation: RemedySituation) -> Reason:
        """Where the region allows it, from an account that is there to a person who has one or may get one."""
        if reason := attribution.refuse_restitution(situation.complaint):
            return reason
        complaint = situation.complaint
        if parties.owns_account(complaint.complainant, complaint.platform, complaint.account_id):
            return _("Both accounts are the complainant's own.")
        if complaint.complainant.is_visitor:
            return _(
                "The complainant is known only by a platform account. Followers are returned to registered members."
            )
        if situation.answer.asked and not situation.answer.answers and not situation.answer.pending:
            return _("The platform is not responding. Please try again in a few minutes.")
        return _refuse_gone(situation)


REMEDY_TYPES: Mapping[str, RemedyType] = {
    RemedyKind.WARN: WarnAccount(),
    RemedyKind.REMOVE: RemoveCopy(),
    RemedyKind.RESTRICT: RestrictAccount(),
    RemedyKind.RESTITUTION: ReturnFollowers(),
}


def remedy_refusals(situation: RemedySituation) -> dict[str, Reason]:
    """Kind of remedy to why it cannot be chosen; None where it can."""
    return {kind: _refuse_remedy(kind, remedy, situation) for kind, remedy in REMEDY_TYPES.items()}


def _refuse_remedy(kind: str, remedy: RemedyType, situation: RemedySituation) -> Reason:
    if kind in situation.standing:
        return _("This is already in effect and is kept.")
    if remedy.ability in situation.unserved:
        return join_sentences(remedy.unserved, situation.unserved[remedy.ability])
    return remedy.check(situation)


def _refuse_gone(situation: RemedySituation) -> Reason:
    """A platform that does not answer now says nothing about the account; the job will ask it again."""
    account = situation.answer.account
    if not situation.answer.answers:
        return None
    if account is None or account.state == _CLOSED:
        return _("The account is already closed or no longer exists.")
    return None


def delivers_unconfirmed(platform: str) -> bool:
    """Whether messages to accounts are sent there, and the platform does not say whether they arrive."""
    if platform not in registry.platform_codes():
        return False
    messages = registry.get_connector(platform).messages
    return messages is not None and not messages.confirms


def _send_to_account(remedy: Remedy, key: str, subject: str, body: str) -> None:
    complaint = remedy.complaint
    message = Message(key=key, subject=subject, body=body % {"number": complaint.number})
    served(registry.get_connector(remedy.complaint.platform).messages).send_message(complaint.account_id, message)


def _copy_id(remedy: Remedy) -> str:
    copy = remedy.complaint.copy
    assert copy is not None  # noqa: S101 -- a complaint that was handed in names one, the database says
    return copy.external_id


def _shown_reason(remedy: Remedy) -> str:
    """What the platform shows in the place of what it took away: no names, in the account's language."""
    with translation.override(remedy.complaint.account_language):
        words = _now("After a complaint about a copied work was upheld: %(number)s")
        return words % {"number": remedy.complaint.number}
