"""The publishing gate for many accounts in one call, and for what a profile says that somebody is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from certification import public
from certification.models import Certificate, Interruption, KeyArea, Profession
from certification.public import GateAnswer
from certification.states import CertificateState
from portal import clock
from portal.people import links
from portal.people.models import User

MOST_ACCOUNTS = 1000
LONGEST_STATEMENT = 2000


@dataclass(frozen=True)
class ProfessionAnswer:
    """Whether an account may say that its holder has a profession: by which areas, and the certificate that bears it out."""

    profession: Profession
    areas: Sequence[str]
    answer: GateAnswer


def check_gate_of_many(
    accounts: Sequence[str], area: str, at: datetime | None = None, *, platform: str
) -> list[GateAnswer]:
    """For each account (public id), in the order asked, what `public.check_gate` says. Five queries, however many."""
    code = public.code_of_area(area, at)
    known = _people(accounts, platform, at)
    certificates = _certificates(known.values(), area)
    interrupted = _interrupted(certificates, at)
    answers = {account: _answer(code, certificates.get(pk, []), at, interrupted) for account, pk in known.items()}
    nobody = public.gate_answer(code or "no_person")
    return [answers.get(account, nobody) for account in accounts]


def check_platform_gate_of_many(
    platform: str, texts: Sequence[str], area: str, at: datetime | None = None
) -> list[tuple[str | None, GateAnswer]]:
    """The same for accounts of a platform, by id or handle: public id of each's holder, and the answer. Six queries."""
    holders = links.holders_by_names(platform, texts, at)
    asked = [holders[text] for text in texts if text in holders]
    answers = dict(zip(asked, check_gate_of_many(asked, area, at, platform=platform), strict=True))
    nobody = public.gate_answer(public.code_of_area(area, at) or "no_person")
    return [(holders[text], answers[holders[text]]) if text in holders else (None, nobody) for text in texts]


def check_professions(
    account: str | None, professions: Sequence[Profession], *, platform: str
) -> list[ProfessionAnswer]:
    """For each profession, whether the account's holder has a valid certificate that bears it out. Three queries.

    A certificate counts in any area with the profession's topic and for one of its categories, whether the area has a
    gate or not: the claim needs it, not the publishing.
    """
    areas = list(KeyArea.objects.filter(topic__in={row.topic for row in professions}).order_by("position", "code"))
    known = _people([account] if account else [], platform, None)
    rows = Certificate.objects.filter(holder__in=known.values(), area__topic__in={row.topic for row in professions})
    certificates = list(rows.select_related("area", "category").order_by("-valid_from", "-pk"))
    return [
        ProfessionAnswer(
            profession,
            [area.code for area in areas if area.topic == profession.topic],
            _profession_answer(profession, certificates, is_known=bool(known)),
        )
        for profession in professions
    ]


def _profession_answer(profession: Profession, rows: Iterable[Certificate], *, is_known: bool) -> GateAnswer:
    if not is_known:
        return public.gate_answer("no_person")
    counting = [
        row for row in rows if row.area.topic == profession.topic and row.category.code in profession.categories
    ]
    return _answer("", counting, None, {})


def _people(accounts: Iterable[str], platform: str, at: datetime | None) -> dict[str, int]:
    """Of the accounts asked for, those of people with a proven account of the platform: public id to primary key."""
    rows = User.objects.filter(public_id__in=set(accounts), pk__in=links.people_of_platform(platform, at))
    return dict(rows.values_list("public_id", "pk"))


def _certificates(holders: Iterable[int], area: str) -> dict[int, list[Certificate]]:
    found: dict[int, list[Certificate]] = {}
    rows = Certificate.objects.filter(holder__in=list(holders), area__code=area).order_by("-valid_from", "-pk")
    for row in rows.defer("search_ngrams"):
        found.setdefault(row.holder_id, []).append(row)
    return found


def _interrupted(certificates: Mapping[int, list[Certificate]], at: datetime | None) -> dict[int, str]:
    """Primary key of a certificate to its interrupting state at a moment; nothing for now, which the rows tell."""
    if at is None:
        return {}
    keys = [row.pk for rows in certificates.values() for row in rows]
    running = Interruption.objects.running_at(at).filter(certificate__in=keys)
    return dict(running.values_list("certificate_id", "state"))


def _answer(code: str, rows: Sequence[Certificate], at: datetime | None, interrupted: Mapping[int, str]) -> GateAnswer:
    """As `public.check_gate` answers, from rows that were read already, newest first."""
    moment = at or clock.now()

    def state_of(row: Certificate) -> str:
        if at is None:
            return row.effective_state
        return interrupted.get(row.pk) or (row.state_after_end if row.valid_to <= at else CertificateState.ACTIVE)

    begun = [row for row in rows if row.valid_from <= moment]
    for row in begun:
        if state_of(row) == CertificateState.ACTIVE:
            return public.gate_answer("certified", row.serial, row.valid_to)
    if code:
        return public.gate_answer(code)
    if not rows:
        return public.gate_answer("no_certificate")
    return public.gate_answer(state_of(begun[0]) if begun else "not_yet")
