"""The rows of `manage.py bench web`: the demo's cases, by their real steps, and many more by sets."""

import secrets
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.idp.oidc.models import Token
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from certification import demo as certification_demo
from certification import search_ngrams
from certification.models import Application, Certificate, KeyArea, Requirement
from certification.models.certificates import new_serial
from certification.states import ApplicationState
from portal import clock
from portal.bench.measuring import Say, Stopwatch, vacuum_and_analyze
from portal.bench.web_client import BenchRequest
from portal.people import demo as accounts_demo
from portal.people.actions import api_clients
from portal.people.models import User
from portal.people.roles import Role
from portal.people.tokens import Scope
from portal.reviews.models import Decision, ReviewCase
from portal.reviews.states import CaseState

_BATCH = 5000
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
    _certificates(certificates)
    _cases(cases)
    vacuum_and_analyze()
    say(f"{certificates:,} certificates and {cases:,} cases after {watch.seconds:.0f} s")
    return _targets()


def _certificates(count: int) -> None:
    """Holders, approved applications with closed cases and decisions, and their certificates; 1 in 10 has expired."""
    requirements = list(Requirement.objects.select_related("area", "category").order_by("pk"))
    decider = User.objects.filter(role=Role.REVIEWER).order_by("pk").first()
    now = clock.now()
    for start in range(0, count, _BATCH):
        size = range(start, min(start + _BATCH, count))
        people = User.objects.bulk_create(User(email=f"creator{i}@bench.invalid") for i in size)
        made = ReviewCase.objects.bulk_create(_closed_case(requirements[i % len(requirements)], now) for i in size)
        decided = Decision.objects.bulk_create(
            Decision(
                case=case, case_version=1, stage="first", outcome="approved", adverse=False, by=decider, state="final"
            )
            for case in made
        )
        asked = [requirements[i % len(requirements)] for i in size]
        rows = [
            _application(i, *row) for i, row in zip(size, zip(people, asked, made, decided, strict=True), strict=True)
        ]
        applications = Application.objects.bulk_create(rows)
        Certificate.objects.bulk_create(_certificate(i, row, now) for i, row in zip(size, applications, strict=True))


def _closed_case(requirement: Requirement, now: datetime) -> ReviewCase:
    return ReviewCase(
        kind="certification.application",
        skill=requirement.area.code,
        titles={"en": "Bench"},
        state=CaseState.CLOSED,
        due_at=now,
        closed_at=now,
    )


def _application(
    number: int, person: User, requirement: Requirement, case: ReviewCase, decision: Decision
) -> Application:
    now = clock.now()
    return Application(
        number=f"B-{number:06d}",
        applicant=person,
        area=requirement.area,
        category=requirement.category,
        requirement=requirement,
        case=case,
        decision=decision,
        state=ApplicationState.APPROVED,
        consent_at=now,
        submitted_at=now,
        decided_at=now,
    )


def _certificate(number: int, application: Application, now: datetime) -> Certificate:
    name = f"{_FAMILY[number % 12]}{'' if number % 12 < 6 else ' '}{_GIVEN[number * 7 // 12 % 12]} {number % 997}"
    claims = _FIELDS[number % len(_FIELDS)]
    begun = now - timedelta(minutes=number % 500_000)
    lifetime = timedelta(days=365) if number % 10 else timedelta(minutes=1)
    requirement = application.requirement
    assert requirement is not None  # noqa: S101 -- made above
    return Certificate(
        serial=new_serial(),
        application=application,
        holder=application.applicant,
        area=requirement.area,
        category=requirement.category,
        requirement=requirement,
        decision=application.decision,
        public_name=name,
        claims=claims,
        labels=requirement.labels,
        valid_from=begun,
        valid_to=begun + lifetime,
        search_ngrams=search_ngrams.ngrams_of_texts(name, claims),
    )


def _cases(count: int) -> None:
    """Three in ten wait, the others are closed."""
    areas = list(KeyArea.objects.order_by("pk").values_list("code", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO reviews_reviewcase (state, kind, skill, level, entry_level, stage, titles, priority, reasons,
                   opened_at, entered_at, rank_at, due_at, paused_for, closed_at, version)
               SELECT CASE WHEN i %% 10 < 3 THEN 'waiting' ELSE 'closed' END, 'certification.application',
                      (%(areas)s::text[])[1 + i %% %(many)s], 1, 1, 'first', '{"en": "Bench"}', i %% 4, '{}', t, t,
                      t - (i %% 4) * interval '12 hours', t + interval '5 days', interval '0',
                      CASE WHEN i %% 10 < 3 THEN NULL ELSE t + interval '1 day' END, 1
               FROM (SELECT i, %(now)s - i * interval '20 seconds' AS t FROM generate_series(1, %(count)s) i) rows""",
            {"areas": areas, "many": len(areas), "count": count, "now": clock.now()},
        )


def _targets() -> dict[str, Target]:
    waiting = (
        Application.objects.filter(state=ApplicationState.IN_REVIEW).order_by("pk").select_related("applicant").first()
    )
    assert waiting is not None  # noqa: S101 -- the demo has one
    reviewer = User.objects.filter(role=Role.REVIEWER, is_demo=True).order_by("pk").first()
    assert reviewer is not None  # noqa: S101 -- the demo has one
    creator, staff, token = _session(waiting.applicant), _session(reviewer), _token()
    held = Certificate.objects.valid_at(clock.now()).select_related("holder", "area").first()
    assert held is not None  # noqa: S101 -- made above
    gate = f"{reverse('certification_api:gate')}?account={held.holder.public_id}&area={held.area.code}"
    return {
        "register": _target(reverse("certification:register"), (), b"CT-"),
        "status": _target(
            reverse("certification:application", args=[waiting.number]), creator, waiting.number.encode()
        ),
        "queue": _target(reverse("reviews:queue"), staff, b"C-0"),
        "gate": Target(BenchRequest(gate, token, b'"open":true'), BenchRequest("/bench/call/", token, b"p_")),
    }


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
    client, _secret = api_clients.create_client(name="bench", scopes=[Scope.GATE], by=None)
    value = secrets.token_urlsafe(32)
    token = Token(type=Token.Type.ACCESS_TOKEN, client=client, expires_at=clock.now() + timedelta(hours=6))
    token.set_scopes([Scope.GATE])
    token.set_value(value)
    token.save()
    return (("Authorization", f"Bearer {value}"),)
