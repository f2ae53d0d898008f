"""The rows of `manage.py bench web`: the demo's cases, by their real steps, and many more by sets."""

import secrets
import time
from dataclasses import dataclass
from datetime import timedelta

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.idp.oidc.models import Token
from django.conf import settings
from django.test import Client
from django.urls import reverse

from certification import demo as certification_demo
from certification import search_ngrams
from certification.models import Application, Certificate, KeyArea
from certification.states import ApplicationState
from portal import clock
from portal.bench.measuring import Say, Stopwatch, vacuum_and_analyze
from portal.bench.row_sets import insert_rows
from portal.bench.web_client import BenchRequest
from portal.people import demo as accounts_demo
from portal.people.actions import api_clients
from portal.people.models import LinkedAccount, User
from portal.people.roles import Role
from portal.people.states import LinkState
from portal.people.tokens import Scope
from portal.reviews.models import Decision, ReviewCase
from portal.reviews.states import CaseState

_RUN = timedelta(days=1)  # no run lasts longer
_BATCH = 20_000  # certificates, whose search n-grams are made here
_FIRST_BATCH = 2000
_FIRST_ID = 1_000_000_000  # above what the sequences have given
_ID = "%(first)s + i"
_NUMBERS = "generate_series(%(start)s, %(stop)s - 1) i"
# Every requirement with its number from 0, how many there are, and the code of its area.
_REQUIREMENTS = """(
    SELECT r.*, a.code, a.names AS area_names, j.names AS place_names, row_number() OVER (ORDER BY r.id) - 1 AS number, count(*) OVER () AS many
    FROM certification_requirement r JOIN certification_keyarea a ON a.id = r.area_id
    JOIN certification_jurisdiction j ON j.id = a.jurisdiction_id) q"""
_SERIAL = "'CT-BNCH-' || overlay(translate(lpad(i::text, 8, '0'), '01', 'XY') placing '-' from 5 for 0)"
_ASKED = {"area_id": "q.area_id", "category_id": "q.category_id", "requirement_id": "q.id"}
_FAMILY = ("王", "李", "张", "刘", "陈", "杨", "Smith", "Jones", "Garcia", "Novak", "Silva", "Kim")
_GIVEN = ("伟", "芳", "娜", "秀英", "敏", "静", "Anna", "Ben", "Carla", "David", "Eva", "Frank")
_FIELDS = ("儿科", "劳动法", "基金", "初中数学", "Cardiology", "Family law", "Funds", "Chemistry", "Pottery")


@dataclass(frozen=True)
class Target:
    """A page and the view that it is compared with."""

    page: BenchRequest
    baseline: BenchRequest


def fill_database(certificates: int, cases: int, say: Say) -> dict[str, Target]:
    """Fill the present database, and say what to ask for."""
    watch = Stopwatch()
    accounts_demo.seed()
    certification_demo.seed()
    say(f"demo seeded in {watch.seconds:.0f} s")
    if not _are_rows_kept(certificates):
        # Triggers plan their queries once a connection: for tables with statistics, not for empty ones.
        first = min(_FIRST_BATCH, certificates)
        make_certificates(0, first)
        vacuum_and_analyze()
        make_certificates(first, certificates)
        _cases(cases)
        vacuum_and_analyze()
    say(f"rows of {certificates:,} certificates and {cases:,} cases after {watch.seconds:.0f} s")
    return _targets()


def _are_rows_kept(certificates: int) -> bool:
    """Whether an earlier run left the rows; raises RuntimeError where it left others."""
    found = Certificate.objects.filter(pk__gte=_FIRST_ID).count()
    if found not in {0, certificates}:
        message = f"there are rows of {found} certificates: run once without --keep"
        raise RuntimeError(message)
    return found > 0


def make_certificates(start: int, stop: int) -> None:
    """Holders, approved applications with closed cases and decisions, and their certificates; 1 in 10 has expired.

    The rows that belong together have the same id in each table: `_FIRST_ID` and their number.
    """
    now = clock.now()
    decider = User.objects.filter(role=Role.REVIEWER).order_by("pk").first()
    holder = User(joined_at=now)
    case = ReviewCase(kind="certification.application", titles={"en": "Bench"}, state=CaseState.CLOSED)
    case.due_at = case.closed_at = now
    decision = Decision(case_version=1, stage="first", outcome="approved", adverse=False, by=decider, state="final")
    approved = Application(state=ApplicationState.APPROVED, consent_at=now, submitted_at=now, decided_at=now)
    values, source = (
        {"start": start, "stop": stop, "first": _FIRST_ID},
        f"{_NUMBERS} JOIN {_REQUIREMENTS} ON q.number = i %% q.many",
    )
    email, links = "'creator' || i || '@bench.invalid'", {"applicant_id": _ID, "case_id": _ID, "decision_id": _ID}
    insert_rows(holder, _NUMBERS, values, id=_ID, public_id="'p_bench' || i", email=email)
    insert_rows(case, source, values, id=_ID, skill="q.code")
    insert_rows(decision, _NUMBERS, values, id=_ID, case_id=_ID)
    insert_rows(approved, source, values, id=_ID, number="'B-' || lpad(i::text, 6, '0')", **links, **_ASKED)
    for begin in range(start, stop, _BATCH):
        _issue_certificates(range(begin, min(begin + _BATCH, stop)))


def _issue_certificates(numbers: range) -> None:
    names, claims, ngrams = zip(*map(_texts, numbers), strict=True)
    values = {"now": clock.now(), "first": _FIRST_ID, "start": numbers.start}
    values |= {"names": list(names), "claims": list(claims), "ngrams": ["{" + ",".join(row) + "}" for row in ngrams]}
    texts = "unnest(%(names)s::text[], %(claims)s::text[], %(ngrams)s::text[]) WITH ORDINALITY"
    rows = f"(SELECT *, %(start)s + n - 1 AS i FROM {texts} AS t (name, claims, ngrams, n)) rows"
    begun = "%(now)s - i %% 500000 * interval '1 minute'"
    insert_rows(
        Certificate(),
        f"{rows} JOIN {_REQUIREMENTS} ON q.number = i %% q.many",
        values,
        id=_ID,
        serial=_SERIAL,
        holder_id=_ID,
        application_id=_ID,
        decision_id=_ID,
        labels="q.labels",
        area_names="q.area_names",
        place_names="q.place_names",
        public_name="name",
        claims="claims",
        issued_at=begun,
        valid_from=begun,
        valid_to=f"{begun} + CASE WHEN i %% 10 = 0 THEN interval '1 minute' ELSE q.max_validity * interval '24 hours' END",
        search_ngrams="ngrams::varchar[]",
        **_ASKED,
    )


def _texts(number: int) -> tuple[str, str, list[str]]:
    """Name, speciality and search n-grams of certificate `number`."""
    name = f"{_FAMILY[number % 12]}{'' if number % 12 < 6 else ' '}{_GIVEN[number * 7 // 12 % 12]} {number % 997}"
    claims = _FIELDS[number % len(_FIELDS)]
    return name, claims, search_ngrams.ngrams_of_texts(name, claims)


def _cases(count: int) -> None:
    """Three in ten wait, the others are closed."""
    values = {
        "areas": list(KeyArea.objects.order_by("pk").values_list("code", flat=True)),
        "now": clock.now(),
        "count": count,
    }
    insert_rows(
        ReviewCase(kind="certification.application", titles={"en": "Bench"}),
        "(SELECT i, %(now)s - i * interval '20 seconds' AS t FROM generate_series(1, %(count)s) i) rows",
        values,
        state="CASE WHEN i %% 10 < 3 THEN 'waiting' ELSE 'closed' END",
        skill="(%(areas)s::text[])[1 + i %% cardinality(%(areas)s::text[])]",
        priority="i %% 4",
        opened_at="t",
        entered_at="t",
        rank_at="t - (i %% 4) * interval '12 hours'",
        due_at="t + interval '5 days'",
        closed_at="CASE WHEN i %% 10 < 3 THEN NULL ELSE t + interval '1 day' END",
    )


def _targets() -> dict[str, Target]:
    waiting = (
        Application.objects.filter(state=ApplicationState.IN_REVIEW).order_by("pk").select_related("applicant").first()
    )
    assert waiting is not None  # noqa: S101 -- the demo has one
    reviewer = User.objects.filter(role=Role.REVIEWER, is_demo=True).order_by("pk").first()
    assert reviewer is not None  # noqa: S101 -- the demo has one
    creator, staff, token = _session(waiting.applicant), _session(reviewer), _token()
    # One that is valid throughout the run, in an area that asks for it.
    lasting = Certificate.objects.valid_at(clock.now()).filter(valid_to__gt=clock.now() + _RUN, area__gate=True)
    held = lasting.select_related("holder", "area").first()
    first_case = ReviewCase.objects.waiting().first()
    assert held is not None  # noqa: S101 -- made above
    assert first_case is not None  # noqa: S101 -- made above
    _prove_account(held.holder)
    gate = f"{reverse('certification_api:gate')}?account={held.holder.public_id}&area={held.area.code}"
    return {
        "register": _target(reverse("certification:register"), (), b"CT-"),
        "status": _target(
            reverse("certification:application", args=[waiting.number]), creator, waiting.number.encode()
        ),
        "queue": _target(reverse("reviews:queue"), staff, first_case.number.encode()),
        "gate": Target(BenchRequest(gate, token, b'"open":true'), BenchRequest("/bench/call/", token, b"p_")),
    }


def _prove_account(person: User) -> None:
    """The gate knows people by their accounts on the client's platform."""
    proven = {"handle": f"bench-{person.pk}", "state": LinkState.PROVEN, "proven_at": clock.now()}
    account = {"person": person, "platform": "sandbox", "external_id": f"bench-{person.pk}"}
    LinkedAccount.objects.get_or_create(**account, defaults=proven)


def _target(path: str, headers: tuple[tuple[str, str], ...], holds: bytes) -> Target:
    return Target(BenchRequest(path, headers, holds), BenchRequest("/bench/page/", headers, b"p_"))


def _session(person: User) -> tuple[tuple[str, str], ...]:
    """The cookie of somebody who has signed in with a second factor."""
    client = Client()
    client.force_login(person)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "at": time.time(), "type": "totp"}]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()
    return (("Cookie", f"{settings.SESSION_COOKIE_NAME}={session.session_key}"),)


def _token() -> tuple[tuple[str, str], ...]:
    """The header of an API client that may ask the gate."""
    client, _secret = api_clients.create_client(name="bench", platform="sandbox", scopes=[Scope.GATE])
    value = secrets.token_urlsafe(32)
    token = Token(type=Token.Type.ACCESS_TOKEN, client=client, expires_at=clock.now() + _RUN)
    token.set_scopes([Scope.GATE])
    token.set_value(value)
    token.save()
    return (("Authorization", f"Bearer {value}"),)
