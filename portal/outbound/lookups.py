"""What a page has to know of a platform: a job asks, a row keeps the answer, and the page comes back for it.

A request never waits for a platform. `recorded_answer()` gives what a job has been told within the last minutes, or
raises AnswerPending and has it asked; a form then says so and is sent again by its page. That an account or work is
not there, or that the platform is silent, is said once; whoever asks after that has it asked anew.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.errors import DomainError
from portal.jobs.attempts import JobAttempt
from portal.jobs.queue import enqueue_job
from portal.outbound.deadlines import limit_calls
from portal.outbound.models import Lookup, LookupState
from portal.platforms import Account, Following, PlatformError, Unknown, Work, registry
from portal.web.callers import count_in_window, current_caller

LOOK_UP = "outbound.look_up"
LOOK_UP_ATTEMPTS = 2
# All calls of one question together: a page waits for it, and so do the questions behind it.
LOOK_UP_SECONDS = 20
# How long an answer counts, and how long one is waited for before the question is put again.
ANSWER_COUNTS = timedelta(minutes=10)
PATIENCE = timedelta(minutes=2)
KEPT = timedelta(hours=1)
# New questions of one caller within CALLER_WINDOW, and of one platform that wait for their answers. A question may keep a
# worker of the pool `lookups` for as long as a silent platform takes, until its breaker opens.
CALLER_WINDOW = timedelta(minutes=10)
MOST_OF_CALLER = 40
MOST_OPEN = 60
_SALT = "outbound.lookup"
_TYPES: dict[str, type[Any]] = {kind.__name__: kind for kind in (Account, Work, Following)}
# What somebody has just changed: every answer counts once.
_ONCE = {"accounts.profile_text"}
_ASKING = _(
    "We are asking %(platform)s, which takes a few seconds. Your form is then sent automatically; if "
    "nothing happens, press the button again."
)


_TOO_MANY = _("You have looked up many accounts and works within a few minutes. Please continue in ten minutes.")


class TooManyQuestions(DomainError):
    """One caller has looked up too much (HTTP 429): nobody searches a platform through the portal, or keeps its workers busy."""

    status = 429
    code = "too_many_questions"


class AnswerPending(DomainError):
    """A job is asking the platform. `field` is the field of a form that has to wait for the answer."""

    status = 503
    code = "being_asked"

    def __init__(self, lookup: Lookup, platform: str, *, field: str = "") -> None:
        super().__init__(_ASKING % {"platform": platform})
        self.lookup, self.platform, self.field = lookup, platform, field

    def at(self, field: str) -> "AnswerPending":
        """The same, beside a field."""
        return AnswerPending(self.lookup, self.platform, field=field)


def _connector_call(part: str, name: str) -> Callable[..., Any]:
    def call(platform: str, text: str) -> Any:
        return getattr(getattr(registry.get_connector(platform), part), name)(text)

    return call


# Question -> what a job calls with the arguments; register_question() adds others.
_CALLS = (("accounts", "find_account"), ("accounts", "account"), ("accounts", "profile_text"), ("works", "find_work"))
_questions: dict[str, Callable[..., Any]] = {f"{part}.{name}": _connector_call(part, name) for part, name in _CALLS}


def register_question(name: str, ask: Callable[..., Any], *, once: bool = False) -> None:
    """A question that is no single call; `ask(*arguments)` runs in a job and may raise PlatformError.

    `once`: the answer counts for one page only.
    """
    _questions[name] = ask
    if once:
        _ONCE.add(name)


def is_question(name: str) -> bool:
    """Whether a job can ask this."""
    return name in _questions


def recorded_answer(question: str, arguments: Sequence[Any], *, platform: str) -> Any:
    """What the platform answered within ANSWER_COUNTS; `platform` is its name, for people.

    Raises AnswerPending while a job asks, Unknown or PlatformError as the platform did, PlatformError too where
    too many questions wait for it, TooManyQuestions where the caller of this request has put too many.
    """
    now = clock.now()
    key = hashlib.sha256(json.dumps([question, *arguments]).encode()).hexdigest()
    row = Lookup.objects.filter(key=key).first()
    if row is None or not _counts(row, now):
        _refuse_flood(platform, now)
        row = _ask(key, {"question": question, "arguments": list(arguments), "platform": platform}, now)
    if row.is_open:
        return await_answer(row, platform)
    return _deliver(row)


def await_answer(row: Lookup, platform: str) -> Any:
    """The answer is not there yet."""
    raise AnswerPending(row, platform)


def gather_answers(*questions: Callable[[], Any]) -> list[Any]:
    """Put all questions before the first answer is waited for; raises AnswerPending if one is still to come."""
    answers, pending = [], None
    for question in questions:
        try:
            answers.append(question())
        except AnswerPending as one:
            pending = pending or one
    if pending is not None:
        raise pending
    return answers


def look_up(run: JobAttempt) -> None:
    """Job: ask the platform, and record what it said."""
    row = Lookup.objects.filter(pk=run.payload["lookup"], state=LookupState.ASKED).first()
    if row is None:
        return
    found = _asked(row)
    with run.finish():
        Lookup.objects.filter(pk=row.pk, state=LookupState.ASKED).update(**found, answered_at=clock.now())


def give_up_looking(payload: dict[str, int]) -> None:
    """After the last attempt: as if the platform had not answered."""
    row = Lookup.objects.filter(pk=payload["lookup"], state=LookupState.ASKED)
    row.update(state=LookupState.SILENT, answered_at=clock.now())


def purge_lookups() -> int:
    """Delete questions of which the answer counts no more; returns how many."""
    return Lookup.objects.filter(asked_at__lt=clock.now() - KEPT).delete()[0]


def lookup_token(row: Lookup) -> str:
    """What lets a page ask how far a question has come."""
    return signing.dumps(row.pk, salt=_SALT)


def lookup_of_token(token: str) -> Lookup | None:
    """The question, None once its answer was taken; raises signing.BadSignature."""
    return Lookup.objects.filter(pk=signing.loads(token, salt=_SALT, max_age=KEPT)).first()


def _counts(row: Lookup, now: datetime) -> bool:
    if row.answered_at is None:
        return row.asked_at > now - PATIENCE
    return row.answered_at > now - ANSWER_COUNTS


def _refuse_flood(platform: str, now: datetime) -> None:
    caller = current_caller()
    # A client of the API is a platform, with a quota of its own.
    if caller and not caller.startswith("client:"):
        asked = count_in_window(f"lookups:{caller}", CALLER_WINDOW.total_seconds())
        if asked > MOST_OF_CALLER:
            raise TooManyQuestions(_TOO_MANY)
    waiting = Lookup.objects.filter(platform=platform, state=LookupState.ASKED, asked_at__gt=now - PATIENCE)
    if waiting.count() >= MOST_OPEN:
        raise PlatformError(platform)


@transaction.atomic
def _ask(key: str, about: dict[str, Any], now: datetime) -> Lookup:
    fresh = {"state": LookupState.ASKED, "answer": None, "asked_at": now, "answered_at": None}
    row, created = Lookup.objects.get_or_create(key=key, defaults={**fresh, **about})
    if not created and not _counts(row, now):
        Lookup.objects.filter(pk=row.pk, asked_at=row.asked_at).update(**fresh)
        row.refresh_from_db()
    if row.is_open:
        enqueue_job(LOOK_UP, {"lookup": row.pk}, key=f"{LOOK_UP}:{row.pk}:{row.asked_at.timestamp()}")
    return row


def _asked(row: Lookup) -> dict[str, Any]:
    try:
        with limit_calls(LOOK_UP_SECONDS):
            answer = _questions[row.question](*row.arguments)
    except Unknown:
        return {"state": LookupState.UNKNOWN}
    except PlatformError:
        return {"state": LookupState.SILENT}
    return {"state": LookupState.ANSWERED, "answer": _encode(answer)}


def _deliver(row: Lookup) -> Any:
    if row.state != LookupState.ANSWERED or row.question in _ONCE:
        Lookup.objects.filter(pk=row.pk, asked_at=row.asked_at).delete()
    if row.state == LookupState.UNKNOWN:
        raise Unknown(row.question)
    if row.state == LookupState.SILENT:
        raise PlatformError(row.question)
    return _decode(row.answer)


def _encode(answer: Any) -> Any:
    if not is_dataclass(answer):
        return answer
    values = {field.name: getattr(answer, field.name) for field in fields(answer)}
    plain = {name: one.isoformat() if isinstance(one, datetime) else one for name, one in values.items()}
    return {"type": type(answer).__name__, "values": plain}


def _decode(answer: Any) -> Any:
    if not isinstance(answer, dict):
        return answer
    given: dict[str, Any] = answer["values"]
    times = {name: datetime.fromisoformat(value) for name, value in given.items() if name.endswith("_at") and value}
    return _TYPES[answer["type"]](**{**given, **times})
