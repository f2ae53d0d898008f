"""Notices: one table from events to the messages of either side.

A person with an address is told by portal.notifications. The respondent is told through the platform as
well, and so is a complainant of whom only an account is known; the job `complaints.message` carries that.
Both use the same texts, templates/emails/complaints/.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.conf import settings
from django.core import signing
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.functional import Promise

from complaints import events
from complaints.models import Complaint
from complaints.policies import missing, parties
from complaints.policies.terms import appeal_until
from complaints.states import UNTOLD_STATES, Outcome, Side
from portal import clock
from portal.errors import NotAllowed
from portal.jobs.queue import enqueue_job
from portal.notifications.messages import notify_person
from portal.people import addresses
from portal.people.models import User
from portal.platforms import Message

Fact = str | Promise | datetime

MESSAGE_JOB = "complaints.message"
_SALT = "complaints.answer"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?([+-]\d\d:\d\d)?")
_C, _R = Side.COMPLAINANT, Side.RESPONDENT

# The message of each event for either side. Events that are not here tell nobody: they are steps that pages show.
NOTICES_BY_EVENT: dict[str, dict[str, str]] = {
    events.SUBMITTED: {_C: "received"},
    events.RETURNED: {_C: "incomplete"},
    events.COMPLETED: {_C: "completed"},
    events.LAPSED: {_C: "lapsed"},
    events.SCREENED: {_C: "screened"},
    events.REFUSED: {_C: "refused"},
    events.RESPONDENT_TOLD: {_C: "other_side_told", _R: "complained_of"},
    events.ANSWERED: {_C: "answered", _R: "answer_received"},
    events.WAIT_OVER: {_C: "in_review", _R: "wait_over"},
    events.WITHDRAWN: {_C: "withdrawn", _R: "withdrawn_other"},
    events.UPHELD: {_C: "upheld", _R: "upheld_other"},
    events.PARTLY: {_C: "partly", _R: "partly_other"},
    events.DISMISSED: {_C: "dismissed", _R: "dismissed_other"},
    events.AFFIRMED: {_C: "affirmed", _R: "affirmed"},
    events.RESTITUTION_RELEASED: {_C: "followers_released"},
    events.RESTITUTION_CANCELLED: {_C: "followers_lapsed"},
    events.RESTITUTION_DONE: {_C: "followers_returned", _R: "followers_returned_other"},
    events.RESTITUTION_CLEARED: {_C: "followers_cleared", _R: "followers_cleared_other"},
    events.FOLLOWERS_INVITED: {_C: "followers_invited", _R: "followers_invited_other"},
    events.INVITATION_ENDED: {_C: "followers_answered", _R: "followers_answered_other"},
    events.RESERVE_ENDING: {_C: "followers_reserved"},
    events.RESERVE_ENDED: {_C: "followers_unclaimed"},
    events.RESTITUTION_PAUSED: {_C: "followers_paused", _R: "followers_paused"},
    events.RESTITUTION_RESUMED: {_C: "followers_resumed", _R: "followers_resumed"},
    events.RESTITUTION_STOPPED: {_C: "followers_stopped", _R: "followers_stopped"},
    events.STOP_SETTLED: {_C: "followers_stop_settled", _R: "followers_stop_settled"},
    events.GROUNDS_SETTLED: {_C: "followers_given_back", _R: "followers_given_back"},
    events.RESTITUTION_REVERSED: {_C: "followers_restored", _R: "followers_restored"},
}
# The same for what a reversal comes to, by the result.
REVERSAL_NOTICES: dict[str, str] = {Outcome.UPHELD: "reversed_to_upheld", Outcome.DISMISSED: "reversed_to_dismissed"}
# The same for what either side may do: first whoever did it, then the other.
NOTICES_BY_ACTING_SIDE: dict[str, tuple[str, str]] = {
    events.APPEALED: ("appeal_received", "appealed"),
    events.APPEAL_REPLIED: ("reply_received", "replied"),
}


def notify_sides(event: str, complaint: Complaint, *, once: str = "", side: str = "", **facts: Fact) -> None:
    """Tell both sides of an event, in the caller's transaction, once each.

    `once` sets repeated events apart; `side` says who did what either may do; facts (times, codes, words
    that are not private) go into the texts. A respondent who has not been told yet is told nothing.
    """
    for to, name in _notices_by_side(event, complaint, side).items():
        if to == _R and (complaint.told_at is None or complaint.state in UNTOLD_STATES):
            continue
        _notify_side(_Notice(complaint, to, f"complaints.{name}", f"{event}:{complaint.pk}:{to}:{once}", facts))


def case_file_link(complaint: Complaint, side: str) -> str:
    """The address by which a side opens the case without signing in; it names nobody and can be made worthless."""
    token = signing.dumps([complaint.pk, complaint.nonce_of(side), str(side)], salt=_SALT, compress=False)
    return f"{settings.BASE_URL}{reverse('complaints:answer_open', args=[token])}"


def read_case_file_link(token: str) -> tuple[Complaint, Side]:
    """What a link opens, and for which side; raises NotAllowed for a wrong or old one, and while it opens nothing."""
    refusal = NotAllowed(translation.gettext("This link is invalid or has expired."))
    try:
        pk, nonce, name = signing.loads(token, salt=_SALT)
        side = Side(name)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise refusal from error
    rows = Complaint.objects.select_related("complainant", "respondent", "original", "copy", "case")
    complaint = rows.filter(pk=pk).first()
    if complaint is None or complaint.nonce_of(side) != nonce or not parties.opens_by_link(complaint, side):
        raise refusal
    return complaint, side


def reachable_account(complaint: Complaint, side: str) -> tuple[str, str] | None:
    """(platform, account) by which a side is reached; None for a complainant who is not known by an account."""
    if side == _R:
        return complaint.platform, complaint.account_id
    work = complaint.original
    if work is None or not work.account_id:
        return None
    known = complaint.complainant.email == addresses.visitor_address(work.platform, work.account_id)
    return (work.platform, work.account_id) if known else None


def platform_message(complaint: Complaint, *, side: str, kind: str, key: str, facts: Mapping[str, str]) -> Message:
    """What the platform shows to one side, in the language of its account; times in `facts` are ISO texts."""
    language = complaint.account_language if side == _R else complaint.complainant.language
    with translation.override(language):
        context = _text_context(complaint, {name: _parsed(value) for name, value in facts.items()})
        context |= _platform_only_context(complaint, side)
        subject, body = (render_to_string(f"emails/{kind.replace('.', '/')}.{part}.txt", context) for part in _PARTS)
    return Message(key=key, subject=subject.strip(), body=body.strip(), url=case_file_link(complaint, side))


_PARTS = ("subject", "body")


def _notices_by_side(event: str, complaint: Complaint, side: str) -> dict[str, str]:
    if event == events.REVERSED:
        return dict.fromkeys((_C, _R), REVERSAL_NOTICES[complaint.result])
    if event in NOTICES_BY_ACTING_SIDE:
        own, other = NOTICES_BY_ACTING_SIDE[event]
        return {_C: own, _R: other} if side == _C else {_C: other, _R: own}
    return NOTICES_BY_EVENT[event]


@dataclass(frozen=True)
class _Notice:
    """One message to one side."""

    complaint: Complaint
    to: str
    kind: str
    key: str
    facts: Mapping[str, Fact]

    @property
    def person(self) -> User | None:
        return self.complaint.complainant if self.to == _C else self.complaint.respondent


def _notify_side(notice: _Notice) -> None:
    complaint, person = notice.complaint, notice.person
    if person is not None and not person.is_visitor:
        url = complaint.get_absolute_url() if notice.to == _C else complaint.answer_url
        context = partial(_text_context, complaint, notice.facts)
        notify_person(person, notice.kind, key=notice.key, context=context, url=url)
    if notice.to == _R or (person is not None and person.is_visitor and reachable_account(complaint, notice.to)):
        _ask_for_message(notice)


def _ask_for_message(notice: _Notice) -> None:
    payload = {
        "complaint": notice.complaint.pk,
        "side": str(notice.to),
        "kind": notice.kind,
        "key": notice.key,
        "facts": {name: _serialised(fact) for name, fact in notice.facts.items()},
    }
    enqueue_job(MESSAGE_JOB, payload, key=f"{MESSAGE_JOB}:{notice.key}")


def _text_context(complaint: Complaint, facts: Mapping[str, Fact]) -> dict[str, str]:
    """What the texts may need, in the current language: numbers, dates, addresses of posts; nobody's name."""
    copy = complaint.copy
    known: dict[str, Fact | None] = {
        "number": complaint.number,
        "copy": copy.url if copy and copy.url else "—",
        "regime": complaint.regime.label,
        "answer_by": complaint.answer_by,
        "complete_by": complaint.complete_by,
        "appeal_until": appeal_until(complaint.decided_at or clock.now()),
        "contact": f"{settings.BASE_URL}{reverse('web:contact')}",
        "missing": "\n".join(f"- {missing.missing_sentence(code)}" for code in complaint.missing),
        **facts,
    }
    return {name: _formatted(fact) for name, fact in known.items() if fact is not None}


def _platform_only_context(complaint: Complaint, side: str) -> dict[str, str]:
    """What is shown on the platform but kept in no message of the portal: the title of the post, and a name if the law asks for it."""
    if side != _R or complaint.copy is None:
        return {}
    name = complaint.signature if complaint.regime.names_complainant else ""
    return {"title": complaint.copy.title, "complainant": name, "account": complaint.account_handle}


def _formatted(fact: Fact) -> str:
    return date_format(fact, "DATE_FORMAT") if isinstance(fact, datetime) else str(fact)


def _serialised(fact: Fact) -> str:
    return fact.isoformat() if isinstance(fact, datetime) else str(fact)


def _parsed(text: str) -> Fact:
    return datetime.fromisoformat(text) if _TIME.fullmatch(text) else text
