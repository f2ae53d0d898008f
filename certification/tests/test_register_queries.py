"""Registers asked by a job: claimed, asked, recorded once; and what a decision may rest on."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from pytest_django import Settings

from certification import policies
from certification.actions import decisions, register_queries, register_questions
from certification.models import (
    Application,
    Check,
    CheckKind,
    CheckResult,
    Credential,
    CredentialType,
    QueryReason,
    ReadKind,
    RegisterEntry,
    RegisterQuery,
    RegisterVersion,
    RegistryKind,
    VersionState,
)
from certification.readings import Agreement, declared_number
from certification.registers import RegisterSilent, http_register, open_record
from certification.states import ApplicationState as State
from certification.tests import factories as make
from portal import clock
from portal.errors import Invalid, NotAllowed
from portal.jobs.models import Job
from portal.jobs.runner import run_due_jobs
from portal.outbound.tests.platform_server import Server, reply, serving
from portal.people.models import User
from portal.privacy.table import personal_data
from portal.reviews.tests.factories import case_url
from portal.testing.reading import page_text
from portal.testing.shared import Enter

pytestmark = pytest.mark.django_db
NAME = "Li Ming"  # as make.declare() declares it
ASKED = [register_questions.ASK_JOB]


@pytest.fixture
def imported() -> CredentialType:
    """The register of lawyers is a file that was imported today."""
    return by_file(clock.today())


def by_file(day: Any) -> CredentialType:
    RegisterVersion.objects.filter(state=VersionState.CURRENT).update(state=VersionState.REPLACED)
    RegisterVersion.objects.create(
        register="law", layout="plain", dated_on=day, sha256="0" * 64, state=VersionState.CURRENT
    )
    CredentialType.objects.filter(code="cn-lawyer").update(registry=RegistryKind.FILE, register_code="law")
    return CredentialType.objects.get(code="cn-lawyer")


def enter_in_register(application: Application, **facts: Any) -> None:
    number = declared_number(application.credentials.get())
    version = RegisterVersion.objects.get(state=VersionState.CURRENT)
    RegisterEntry.objects.filter(version=version).delete()
    RegisterEntry.objects.create(version=version, number=number, **{"name": NAME, "state": "in_force", **facts})


def checked(**facts: Any) -> Application:
    """An application whose number the register has with these facts."""
    application = make.draft("cn-law")
    enter_in_register(application, **facts)
    make.submit(application)
    make.run_jobs()
    return make.fresh(application)


def answer_of(application: Application) -> Check:
    return application.checks.get(kind=CheckKind.REGISTRY)


@pytest.mark.parametrize(
    ("facts", "result", "finding"),
    [
        ({}, "pass", "register.agrees"),
        ({"name": "Li Min"}, "fail", "register.other_name"),
        ({"state": "ended"}, "fail", "register.ended"),
        ({"expires_on": "2020-01-01"}, "fail", "register.over"),
        ({"name": ""}, "inconclusive", "register.no_name"),
    ],
    ids=["agrees", "name", "ended", "over", "nameless"],
)
def test_the_answer_is_a_check_that_says_how_it_was_made(
    imported: CredentialType, facts: dict[str, Any], result: str, finding: str
) -> None:
    application = checked(**facts)
    row = answer_of(application)
    assert (row.method, row.result, row.finding, row.by) == ("registry", result, finding, None)
    assert row.data["as_of"] == clock.today().isoformat()
    assert application.state == State.IN_REVIEW
    assert application.case is not None
    assert (f"{result}:registry" in application.case.reasons) is (result != "pass")
    number = declared_number(application.credentials.get())
    query = RegisterQuery.objects.get()
    assert number not in query.values_sealed
    record = open_record(query)
    assert record is not None
    assert record.number == number
    jobs = json.dumps(list(Job.objects.values_list("payload", "key", "error")))
    assert number not in jobs


def test_a_number_that_is_not_there_fails_and_never_rejects(imported: CredentialType) -> None:
    application = make.draft("cn-law")
    make.submit(application)
    make.run_jobs()
    assert answer_of(application).finding == "register.absent"
    assert make.fresh(application).state == State.IN_REVIEW


def test_without_a_number_the_register_is_not_asked(imported: CredentialType) -> None:
    application = make.draft("cn-law")
    application.credentials.update(identifier_sealed="", identifier_masked="")
    CredentialType.objects.filter(code="cn-lawyer").update(identifier_pattern="")
    make.submit(application)
    make.run_jobs()
    assert (answer_of(application).result, answer_of(application).finding) == ("inconclusive", "register.no_number")


def test_a_file_of_long_ago_leaves_the_check_open() -> None:
    make.reference()
    by_file(clock.today() - timedelta(days=31))
    application = checked()
    assert (answer_of(application).result, answer_of(application).finding) == ("inconclusive", "register.old")


def test_a_job_that_runs_twice_writes_one_check(imported: CredentialType) -> None:
    application = checked()
    Job.objects.filter(kind=ASKED[0]).update(state="queued", attempts=0, run_after=clock.now(), lease_until=None)
    run_due_jobs(ASKED)
    assert application.checks.filter(kind=CheckKind.REGISTRY).count() == 1


def test_the_claim_of_a_dead_worker_makes_others_wait(imported: CredentialType) -> None:
    application = make.draft("cn-law")
    enter_in_register(application)
    make.submit(application)
    run_due_jobs(["certification.begin_checks"])
    query = RegisterQuery.objects.get()
    query.claim_call("somebody", answered_at=None)
    make.run_jobs()
    assert not application.checks.filter(kind=CheckKind.REGISTRY).exists()
    with clock.freeze_time(clock.now() + timedelta(minutes=3)):
        make.run_jobs()
        assert answer_of(application).result == CheckResult.PASSED
        assert make.fresh(application).state == State.IN_REVIEW


def test_an_answer_of_thirty_days_ago_carries_no_approval_until_it_is_asked_again(
    imported: CredentialType, enter: Enter
) -> None:
    application = checked()
    with clock.freeze_time(clock.now() + timedelta(days=32)):
        reviewer, case = make.claim(application)
        application = make.fresh(application)
        accepted = make.accepted(application)
        with pytest.raises(NotAllowed, match="asked again"):
            decisions.approve_application(application=application, by=reviewer, version=case.version, accepted=accepted)
        client = enter(reviewer)
        text = page_text(client.get(case_url(case, product="certification")))
        assert "older than 30 days" in text
        assert "Ask the register again" in text
        by_file(clock.today())
        enter_in_register(application)
        credential = application.credentials.get()
        url = f"/certification/review/{case.number}/ask-register/{credential.pk}/"
        assert client.post(url).status_code == 302
        assert "The register is being asked." in page_text(client.get(case_url(case, product="certification")))
        run_due_jobs(ASKED)
        decisions.approve_application(application=application, by=reviewer, version=case.version, accepted=accepted)


def test_areas_that_are_not_regulated_need_a_fresh_look_too() -> None:
    application = make.draft("cn-farming")
    CredentialType.objects.filter(code="practice-work").update(registry=RegistryKind.MANUAL)
    make.submit(application)
    make.run_jobs()
    reviewer, case = make.claim(application)
    accepted = make.accepted(application)
    with pytest.raises(NotAllowed, match="last 30 days"):
        decisions.approve_application(
            application=make.fresh(application), by=reviewer, version=case.version, accepted=accepted
        )
    make.look_up_all(make.fresh(application), reviewer)
    decisions.approve_application(
        application=make.fresh(application), by=reviewer, version=case.version, accepted=accepted
    )


def test_the_page_shows_the_registers_values_beside_the_declared_ones(imported: CredentialType, enter: Enter) -> None:
    application = checked(name="LI MING", issuer="司法厅", issued_on="2019-05-06")
    reviewer, case = make.claim(application)
    client = enter(reviewer)
    answer = client.get(case_url(case, product="certification"))
    text = page_text(answer)
    assert "LI MING" in text
    assert "司法厅" in text
    assert "6 May 2019" in text
    assert "answered by the register" in text
    assert declared_number(application.credentials.get()) not in answer.content.decode()


# --- a person's look ---------------------------------------------------------------------------


@pytest.fixture
def looking() -> tuple[Credential, User]:
    application = make.application(State.IN_REVIEW, "cn-law")
    reviewer, _case = make.claim(application)
    return make.fresh(application).credentials.select_related("type", "application").get(), reviewer


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"url": "https://elsewhere.example/li"}, "url"),
        ({"url": "https://www.12348.gov.cn.elsewhere.example/"}, "url"),
        ({"url": "ftp://www.12348.gov.cn/"}, "url"),
        ({"url": "https://me:secret@www.12348.gov.cn/"}, "url"),
        ({"seen_at": timedelta(hours=1)}, "seen_at"),
        ({"seen_at": -timedelta(days=8)}, "seen_at"),
        ({"page": None}, "page"),
    ],
    ids=["site", "suffix", "scheme", "password", "future", "old", "no-picture"],
)
def test_a_look_that_does_not_count_is_refused_where_it_is_wrong(
    looking: tuple[Credential, User], changes: dict[str, Any], field: str
) -> None:
    credential, reviewer = looking
    credential.type.registry_url = "https://www.12348.gov.cn/"
    given = {
        "url": "https://credit.12348.gov.cn/li",
        "seen_at": -timedelta(minutes=2),
        "page": make.register_page(reviewer),
    }
    given |= changes
    given["seen_at"] = clock.now() + given["seen_at"]  # type: ignore[operator]
    with pytest.raises(Invalid) as refused:
        decisions.record_registry_check(credential=credential, by=reviewer, result="pass", seen="Li", **given)  # type: ignore[arg-type]
    assert list(refused.value.fields) == [field]
    assert not Check.objects.filter(kind=CheckKind.REGISTRY).exists()


def test_a_look_keeps_its_time_and_its_picture_for_those_who_hold_the_case(
    looking: tuple[Credential, User], enter: Enter
) -> None:
    credential, reviewer = looking
    seen_at, page = clock.now() - timedelta(days=3), make.register_page(reviewer)
    row = decisions.record_registry_check(
        credential=credential,
        by=reviewer,
        result="pass",
        url=make.register_url(credential.type),
        seen="Li",
        seen_at=seen_at,
        page=page,
    )
    assert (row.at, row.file) == (seen_at, page)
    page.refresh_from_db()
    assert page.frozen_at is not None
    assert policies.file_is_needed(page)
    assert policies.refuse_register_page_access(make.reviewer(), page)
    assert policies.refuse_register_page_access(credential.application.applicant, page)
    assert policies.refuse_register_page_access(reviewer, page) is None
    run_due_jobs(["evidence.render"])
    case = credential.application.case
    assert case is not None
    assert f"viewer-{page.pk}" in enter(reviewer).get(case_url(case, product="certification")).content.decode()


def test_what_a_person_saw_of_an_entry_stands_in_the_column_of_the_register(
    looking: tuple[Credential, User], enter: Enter
) -> None:
    credential, reviewer = looking
    case, until = credential.application.case, clock.today() + timedelta(days=60)
    assert case is not None
    issued = clock.today() - timedelta(days=600)
    Credential.objects.filter(pk=credential.pk).update(issuer="Bar of Here", issued_on=issued)
    pk, page = credential.pk, make.register_page(reviewer)
    typed = {
        "result": "pass",
        "url": make.register_url(credential.type),
        "seen": "Active",
        "seen_at": f"{clock.now():%Y-%m-%dT%H:%M}",
        "page-kept": str(page.pk),
        "registered_name": "LI MING",
        "registered_issuer": "Bar of Elsewhere",
        "registered_issue": issued.isoformat(),
        "registered_until": until.isoformat(),
    }
    client = enter(reviewer)
    url = case_url(case, f"look-up/{pk}/", product="certification")
    assert client.post(url, {f"look-{pk}-{name}": value for name, value in typed.items()}).status_code == 302
    check = Check.objects.get(kind=CheckKind.REGISTRY)
    assert check.data == {"expires_on": until.isoformat()}
    assert "LI MING" not in check.register_query.values_sealed
    compared = client.get(case_url(case, product="certification")).context["credentials"][0]["compared"]
    cells = {pair["cell"].kind: pair["cell"] for pair in compared if pair["cell"]}
    assert cells.keys() == {ReadKind.NAME, ReadKind.ISSUER, ReadKind.ISSUED_ON, ReadKind.EXPIRES_ON}
    assert (cells[ReadKind.NAME].value, cells[ReadKind.NAME].agreement) == ("LI MING", Agreement.SAME)
    issuer = cells[ReadKind.ISSUER]
    assert (issuer.value, issuer.agreement) == ("Bar of Elsewhere", Agreement.DIFFERS)
    assert (cells[ReadKind.ISSUED_ON].day, cells[ReadKind.ISSUED_ON].agreement) == (issued, Agreement.SAME)
    assert cells[ReadKind.EXPIRES_ON].day == until
    data = next(row for row in personal_data() if row.model == "certification.RegisterQuery")
    told = str(data.read["values_sealed"](check.register_query))
    assert told == f"LI MING, Bar of Elsewhere, Issued on: {issued}, Valid until: {until}"


@pytest.mark.parametrize(
    ("issued", "until", "field", "sentence"),
    [
        (2, 60, "registered_issue", "该日期晚于今天。"),
        (-20, -21, "registered_until", "截止日期早于签发日期。"),
    ],
    ids=["future", "after-end"],
)
def test_a_day_of_issue_that_cannot_be_is_refused_at_its_field(
    looking: tuple[Credential, User], issued: int, until: int, field: str, sentence: str
) -> None:
    credential, reviewer = looking
    given: dict[str, Any] = {
        "url": make.register_url(credential.type),
        "seen": "Strange",
        "registered_issue": clock.today() + timedelta(days=issued),
        "registered_until": clock.today() + timedelta(days=until),
    }
    with translation.override("zh-hans"), pytest.raises(Invalid) as refused:
        decisions.record_registry_check(credential=credential, by=reviewer, result="inconclusive", **given)
    assert refused.value.fields == {field: [sentence]}
    assert not Check.objects.filter(kind=CheckKind.REGISTRY).exists()


def test_an_entry_that_has_ended_is_no_match(looking: tuple[Credential, User]) -> None:
    credential, reviewer = looking
    given: dict[str, Any] = {
        "url": make.register_url(credential.type),
        "seen": "Over",
        "page": make.register_page(reviewer),
        "registered_until": clock.today() - timedelta(days=1),
    }
    with pytest.raises(Invalid) as refused:
        decisions.record_registry_check(credential=credential, by=reviewer, result="pass", **given)
    assert list(refused.value.fields) == ["registered_until"]
    check = decisions.record_registry_check(credential=credential, by=reviewer, result="fail", **given)
    assert not check.data  # a day that has passed would make it due each day
    record = open_record(check.register_query)
    assert record is not None
    assert record.expires_on == given["registered_until"]


def test_what_is_inconclusive_may_have_nothing_to_show(looking: tuple[Credential, User]) -> None:
    credential, reviewer = looking
    url = make.register_url(credential.type)
    decisions.record_registry_check(
        credential=credential, by=reviewer, result="inconclusive", url=url, seen="It is down."
    )
    assert policies.latest_registry_checks(credential.application)[credential.pk].result == CheckResult.INCONCLUSIVE


# --- over HTTP ---------------------------------------------------------------------------------

FOUND = {"count": 1, "rows": [{"no": "A1", "name": NAME, "status": "A", "until": "2030-01-31"}]}


@pytest.fixture
def server(settings: Settings) -> Iterator[Server]:
    settings.PLATFORM_PRIVATE_HOSTS = ["127.0.0.1"]
    with serving() as running:
        settings.REGISTERS = [entry(running.url)]
        yield running


def entry(url: str, /, **changes: Any) -> dict[str, Any]:
    return {
        "code": "bar",
        "url": f"{url}/people?no={{number}}",
        "number": "rows.0.no",
        "name": "rows.0.name",
        "state": "rows.0.status",
        "in_force": ["A"],
        "ended": ["D"],
        "expires_on": "rows.0.until",
        "absent": {"path": "count", "values": [0]},
        "headers": {"X-Key": "secret-of-the-register"},
        "rate": 1000,
        "total_seconds": 3,
        "attempts": 1,
        **changes,
    }


def ask(number: str = "A1") -> Any:
    return http_register.http_registers()["bar"].ask(number)


def said(**changes: Any) -> Any:
    return reply(200, json.dumps({**FOUND, "rows": [{**FOUND["rows"][0], **changes}]}).encode())  # type: ignore[index]


def test_a_register_is_asked_as_its_entry_says(server: Server) -> None:
    server.replies = [said()]
    answer = ask()
    assert (answer.record.full_name, answer.record.in_force) == (NAME, True)
    assert str(answer.record.expires_on) == "2030-01-31"
    method, path, headers, _body = server.requests[0]
    assert (method, path, headers["X-Key"]) == ("GET", "/people?no=A1", "secret-of-the-register")


def test_what_goes_into_the_address_is_quoted(server: Server) -> None:
    server.replies = [reply(200, b'{"count": 0}')]
    assert ask("A&X=2 #").record is None
    assert server.requests[-1][1] == "/people?no=A%26X%3D2+%23"


def test_none_and_ended_are_told_apart(server: Server) -> None:
    server.replies = [reply(200, b'{"count": 0, "rows": []}')]
    assert ask().record is None
    server.replies = [said(status="D")]
    assert ask().record.in_force is False
    server.replies = [said(status="suspended?")]
    assert ask().record.in_force is None


def slow(handler: Any) -> None:
    time.sleep(4)
    reply(200, json.dumps(FOUND).encode())(handler)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (slow, "register.no_answer"),
        (reply(500, b"<h1>down</h1>", "text/html"), "register.no_answer"),
        (reply(503, b"", Retry_After="60"), "register.no_answer"),
        (reply(429, b""), "register.no_answer"),
        (reply(200, b"<html>Welcome</html>", "text/html"), "register.wrong_answer"),
        (reply(200, b'{"rows": [{"no": "A1"'), "register.wrong_answer"),
        (reply(302, b"", Location="http://127.0.0.1/other"), "register.wrong_answer"),
        (reply(403, b"{}"), "register.wrong_answer"),
        (reply(404, b"{}"), "register.wrong_answer"),
        (reply(200, b'{"rows": "' + b"x" * (2 << 20) + b'"}'), "register.wrong_answer"),
        (reply(200, b'{"rows": [{"no": "B2", "name": "Li Ming", "status": "A"}]}'), "register.wrong_answer"),
        (reply(200, b"[]"), "register.wrong_answer"),
    ],
    ids=["slow", "500", "503", "429", "html", "cut-off", "redirect", "403", "404", "huge", "another", "list"],
)
def test_an_answer_that_cannot_be_used_is_neither_a_pass_nor_an_absence(server: Server, given: Any, code: str) -> None:
    server.replies = [given]
    with pytest.raises(RegisterSilent) as silent:
        ask()
    assert silent.value.code == code
    assert len(server.requests) <= 2
    assert all("other" not in path for _method, path, _headers, _body in server.requests)


def test_private_addresses_are_not_called(server: Server, settings: Settings) -> None:
    settings.PLATFORM_PRIVATE_HOSTS = []
    with pytest.raises(RegisterSilent, match="refused"):
        ask()
    assert server.requests == []


def test_the_job_asks_three_times_and_leaves_the_check_open(server: Server) -> None:
    make.reference()
    CredentialType.objects.filter(code="cn-lawyer").update(registry=RegistryKind.HTTP, register_code="bar")
    server.replies = [reply(200, b"<html>", "text/html")]
    application = make.draft("cn-law")
    make.submit(application)
    now = clock.now()
    for minutes in (0, 10, 20):
        assert not application.checks.filter(kind=CheckKind.REGISTRY).exists()
        assert make.fresh(application).state != State.IN_REVIEW
        with clock.freeze_time(now + timedelta(minutes=minutes)):
            make.run_jobs()
    assert (answer_of(application).result, answer_of(application).finding) == ("inconclusive", "register.wrong_answer")
    assert make.fresh(application).state == State.IN_REVIEW
    assert len(server.requests) == register_queries.ASK_ATTEMPTS


def test_the_job_takes_what_the_register_says(server: Server) -> None:
    make.reference()
    CredentialType.objects.filter(code="cn-lawyer").update(registry=RegistryKind.HTTP, register_code="bar")
    application = make.draft("cn-law")
    server.replies = [said(no=declared_number(application.credentials.get()))]
    make.submit(application)
    make.run_jobs()
    assert answer_of(application).result == CheckResult.PASSED
    assert RegisterQuery.objects.get().reason == QueryReason.APPLICATION


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"url": "https://example.org/people"}, "must have {number}"),
        ({"url": "https://{number}.example.org/"}, "must have {number}"),
        ({"url": "file:///etc/{number}"}, "entry 1"),
        ({"code": "Bar!"}, "code must be"),
        ({"name": ""}, "where the name is"),
        ({"in_force": []}, "state needs in_force"),
        ({"absent": {"path": "count"}}, "path and values"),
        ({"headrs": {}}, "unknown: headrs"),
    ],
    ids=["no-number", "host", "scheme", "code", "name", "states", "absent", "unknown"],
)
def test_wrong_entries_are_named_without_their_secrets(
    settings: Settings, changes: dict[str, Any], sentence: str
) -> None:
    settings.REGISTERS = [entry("https://example.org", **changes)]
    (error,) = http_register.check_registers()
    assert sentence in error.msg
    assert "secret-of-the-register" not in error.msg
    assert http_register.http_registers() == {}


def test_what_is_wrong_in_the_answer_of_a_list_of_paths() -> None:
    person = {"basic": {"first": "Anna", "last": "Schmidt", "ok": True}}
    assert http_register.find_value([person], "0.basic.first 0.basic.middle 0.basic.last") == "Anna Schmidt"
    assert http_register.find_value([person], "0.basic.ok") == "true"
    assert http_register.find_value([person], "5.basic") == http_register.find_value(person, "basic") == ""


def test_a_person_who_does_not_hold_the_case_cannot_have_it_asked(imported: CredentialType) -> None:
    application = checked()
    with pytest.raises(NotAllowed):
        register_queries.ask_register_again(
            credential=application.credentials.select_related("type", "application").get(), by=make.reviewer()
        )
    assert RegisterQuery.objects.count() == 1


def test_the_button_leads_back_where_nothing_was_sent(imported: CredentialType, enter: Enter) -> None:
    application = checked()
    reviewer, case = make.claim(application)
    client: Client = enter(reviewer)
    pk = application.credentials.get().pk
    assert client.get(f"/certification/review/{case.number}/ask-register/{pk}/")["Location"] == case_url(
        case, product="certification"
    )
