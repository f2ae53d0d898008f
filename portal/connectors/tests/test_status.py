"""The status of platforms: what the page says of each, who may see it, and a check by hand."""

import html
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from portal import clock
from portal.connectors import status
from portal.connectors.http import capabilities, make
from portal.jobs import registry as registered
from portal.jobs import runner
from portal.jobs.models import Job, JobState
from portal.outbound import discrepancies, lookups, platform_jobs, samples
from portal.outbound.http import ClientSettings, traffic
from portal.outbound.models import Effect, FailureKind, Lookup, PlatformTraffic, Problem
from portal.people.models import LinkedAccount, User
from portal.people.roles import Role
from portal.platforms import Ability, PlatformConfig, PlatformError, registry, signing
from portal.testing.fake_platform import FakePlatform
from portal.testing.shared import Enter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("slow_platforms")]
SETTINGS = ClientSettings(rate=10, quota=1000, break_after=2)


@pytest.fixture
def lead(enter: Enter) -> Client:
    return enter(User.objects.create_user("lead@example.org", role=Role.AREA_LEAD))


@pytest.fixture
def admin(enter: Enter) -> Client:
    return enter(User.objects.create_user("admin@example.org", role=Role.ADMIN))


def shown(client: Client) -> str:
    text = client.get(reverse("connectors:status")).content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def state(code: str = "fake") -> str:
    (row,) = [row for row in status.platform_statuses() if row.code == code]
    return str(row.state.label)


def test_it_says_what_a_platform_does_in_part(
    lead: Client, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    partly = ("sent, not confirmed", "regions of accounts", "Managers of the platform can also write profile texts")
    assert not any(words in shown(lead) for words in partly)
    platform.confirms = False
    connector = replace(platform.connector(), managers_write_profiles=True, tells_regions=False)
    monkeypatch.setattr(registry, "_connectors", {"fake": connector})
    assert all(words in shown(lead) for words in partly)


def test_it_says_when_the_platform_told_what_it_serves(lead: Client, platform: FakePlatform) -> None:
    assert "as the platform said" not in shown(lead)
    capabilities.note_problem("fake", "no answer")
    assert "It has not said yet. We ask every five minutes." in shown(lead)
    document = {"contract": "1.0", "pages": [], "serves": []}
    capabilities.note_capabilities("fake", document, sunset="Fri, 31 Dec 2027 12:00:00 GMT", deprecation="@1788169599")
    page = shown(lead)
    assert "Its version of the contract ends" in page
    assert "Its version of the contract is deprecated from" in page
    assert "Last query failed" not in page
    capabilities.note_problem("fake", "no answer")
    assert "Last query failed" in shown(lead)


def admit() -> Any:
    return traffic.admit_call("fake", SETTINGS, patience=60, probe_seconds=20)


def test_each_state_says_what_it_is_and_what_comes_next(platform: FakePlatform) -> None:
    now = clock.now()
    assert state("sandbox") == "In this portal"
    assert state() == "Not called yet"
    with clock.freeze_time(now):
        traffic.record_answer(admit())
        assert state() == "Answering"
        traffic.record_failure(admit(), "server_error", 500)
        assert state() == "Last call failed"
        traffic.record_failure(admit(), "no_answer", None)
        (row,) = [row for row in status.platform_statuses() if row.code == "fake"]
        assert str(row.state.label) == "Not answering"
        assert row.state.until is not None
        first = timedelta(seconds=ClientSettings().break_seconds)
        assert first <= row.state.until - now <= first * 1.2
    with clock.freeze_time(now + timedelta(seconds=13)):
        probe = admit()
        assert state() == "Being tried"
        traffic.record_busy(probe, 429, 30)
        assert state() == "Busy"
    with clock.freeze_time(now + timedelta(seconds=60)):
        # It has said when to come again, and is called as before. Where it does not say it, it is called less often.
        assert state() == "Answering"
        traffic.record_busy(admit(), 429, None)
        assert state() == "Answering, slowed down"
    with clock.freeze_time(now + timedelta(seconds=600)):
        assert state() == "Answering"


@pytest.mark.parametrize(
    ("signs_calls", "said"),
    [
        (True, "The platform refuses our signature: check the secret and the clock."),
        (False, "The platform refuses the portal's account"),
    ],
)
def test_a_platform_that_refuses_the_portal_says_what_to_check(
    platform: FakePlatform, monkeypatch: pytest.MonkeyPatch, signs_calls: bool, said: str
) -> None:
    monkeypatch.setattr(registry, "_connectors", {"fake": replace(platform.connector(), signs_calls=signs_calls)})
    traffic.record_answer(admit())
    traffic.record_fault("fake", FailureKind.ACCESS_REFUSED, 401)
    (row,) = [row for row in status.platform_statuses() if row.code == "fake"]
    assert (row.state.tone, str(row.state.label)) == ("bad", "Access refused")
    assert said in str(row.state.sentence)
    assert [(one["label"], one["number"], one["status"]) for one in row.failures] == [
        ("signature or credentials refused", 1, 401)
    ]
    traffic.record_fault("fake", FailureKind.WRONG_ANSWER, 200)
    assert state() == "Unexpected answers"
    traffic.record_answer(admit())
    assert state() == "Answering"


def test_a_used_up_quota_is_told_with_its_end(platform: FakePlatform, lead: Client) -> None:
    now = clock.now()
    with clock.freeze_time(now):
        few = replace(SETTINGS, quota=2)
        for _ in range(2):
            assert state() != "Daily limit reached"
            traffic.record_answer(traffic.admit_call("fake", few, patience=60, probe_seconds=20))
        assert state() == "Daily limit reached"
        assert "Next call:" in shown(lead)
    with clock.freeze_time(traffic.quota_ends(now)):
        assert state() == "Answering"


def test_it_says_what_is_served_of_returns_of_followers(
    lead: Client, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_connectors", {"fake": platform.connector(without={"clearing"})})
    (row,) = status.platform_statuses()
    assert {"asking followers before they are moved", "preview of how many followers would return"} <= set(
        map(str, row.serves)
    )
    assert "ending of follows without a move" in [str(one["label"]) for one in row.lacks]
    monkeypatch.setattr(registry, "_connectors", {"fake": platform.connector(without=status.ABILITIES)})
    (row,) = status.platform_statuses()
    assert [str(one["label"]) for one in row.lacks if "follow" in str(one["label"])] == ["return of followers"]


def test_addresses_that_a_platform_may_not_claim_are_shown(lead: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    config = PlatformConfig("fake", "Fake", "http", "https://fake.example", {"secrets": signing.new_secret()})
    monkeypatch.setattr(registry, "_connectors", {"fake": make(config)})
    document = {"contract": "1.0", "serves": [], "pages": ["https://fake.example/"]}
    capabilities.note_capabilities("fake", document)
    assert "Addresses that are not its own" not in shown(lead)
    capabilities.note_capabilities("fake", {**document, "pages": ["https://fake.example/", "https://honest.example/"]})
    assert "Addresses that are not its own https://honest.example/" in shown(lead)


def test_a_platform_that_is_configured_no_more_is_still_told_of(platform: FakePlatform, lead: Client) -> None:
    traffic.admit_call("gone", SETTINGS, patience=1, probe_seconds=1)
    assert state("gone") == "Not configured"
    assert "/platforms/gone/check/" not in lead.get("/platforms/").content.decode()


def test_the_page_tells_all_there_is_to_know(
    platform: FakePlatform, lead: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector = platform.connector(without={"labels", "followers"})
    monkeypatch.setitem(registry._connectors, "fake", connector)
    for kind, code in (("no_answer", None), ("server_error", 502)):
        traffic.record_failure(admit(), kind, code)
    Lookup.objects.create(key="1", question="accounts.account", platform=platform.name)
    text = shown(lead)
    for words in (
        "10 of 10",
        "2 of 1,000",
        "no answer in time",
        "server error",
        "502",
        "Queries waiting 1",
        "Not answering",
    ):
        assert words in text
    assert re.search(r"Does not support .*labels on accounts.*return of followers", text)


def test_nothing_personal_and_no_secret_is_on_the_page(
    platform: FakePlatform, admin: Client, settings: Settings
) -> None:
    entry = {"code": "v", "name": "V", "kind": "nowhere", "credentials": {"token": "s3cr3t-t0ken"}}
    settings.PLATFORMS = [entry]
    Lookup.objects.create(
        key="1", question="accounts.account", platform=platform.name, arguments=["fake", "ana-handle"]
    )
    page = admin.get("/platforms/").content.decode()
    assert "no connector of the kind" in page
    assert "s3cr3t-t0ken" not in page
    assert "ana-handle" not in page


def test_jobs_are_counted_for_their_platform(platform: FakePlatform, admin: Client, lead: Client) -> None:
    person = User.objects.create_user("ana@example.org")
    other = User.objects.create_user("ben@example.org")
    for who, code in ((person, "fake"), (person, "sandbox"), (other, "sandbox")):
        LinkedAccount.objects.create(person=who, platform=code, external_id=f"{who.pk}", handle="h")
    for number, (who, where, attempts) in enumerate(
        (
            (person, JobState.QUEUED, 0),
            (person, JobState.QUEUED, 3),
            (person, JobState.RUNNING, 1),
            (person, JobState.FAILED, 5),
            (person, JobState.DONE, 1),
            (other, JobState.RUNNING, 2),
        )
    ):
        Job.objects.create(
            kind="certification.label", key=str(number), payload={"person": who.pk}, state=where, attempts=attempts
        )
    assert platform_jobs.open_jobs() == {
        "fake": platform_jobs.OpenJobs(waiting=3, failing=1, given_up=1),
        "sandbox": platform_jobs.OpenJobs(waiting=4, failing=2, given_up=1),
    }
    assert "Tasks waiting 3 · 1 has failed and will be retried Failed tasks 1" in shown(lead)
    link = "/admin/jobs/job/?state__exact=failed"
    assert link in admin.get("/platforms/").content.decode()
    assert link not in lead.get("/platforms/").content.decode()
    assert admin.get(link).status_code == 200


def test_what_a_platform_does_not_show_is_counted(platform: FakePlatform, admin: Client, lead: Client) -> None:
    for number in range(2):
        discrepancies.note_discrepancy(
            f"k{number}", platform="fake", effect=Effect.LABEL, wanted=True, subject="s", problem=Problem.SILENT
        )
    discrepancies.settle_discrepancy("k0")
    assert "Discrepancies 1" in shown(lead)
    (link,) = re.findall(r'href="(/admin/outbound/[^"]+)"', admin.get("/platforms/").content.decode())
    assert admin.get(html.unescape(link)).context["cl"].result_count == 1
    settled = admin.get("/admin/outbound/discrepancy/?settled_at__isempty=0")
    assert [row.settled_at is None for row in settled.context["cl"].result_list] == [False]
    assert "No discrepancies" in admin.get("/admin/outbound/discrepancy/?platform=sandbox").content.decode()
    assert "/admin/outbound/" not in lead.get("/platforms/").content.decode()


def test_a_check_asks_at_once_and_the_page_tells_how_it_went(platform: FakePlatform, lead: Client) -> None:
    for _ in range(2):
        traffic.record_failure(admit(), "no_answer", None)
    page = lead.post("/platforms/fake/check/", follow=True).content.decode()
    assert platform.calls == []
    assert "Checking, a few seconds" in page
    assert 'hx-trigger="every 2s"' in page
    runner.run_due_jobs([lookups.LOOK_UP])
    assert platform.calls == ["find_account"]
    assert "Checked: it answers" in shown(lead)
    assert admit().probe  # the breaker lets one call through, however long its pause was to be
    platform.fail(1)
    lead.post("/platforms/fake/check/")
    runner.run_due_jobs([lookups.LOOK_UP])
    assert "Checked: no usable answer" in shown(lead)


def test_a_check_of_an_unknown_platform_or_one_with_too_many_questions(
    platform: FakePlatform, lead: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lead.post("/platforms/nowhere/check/").status_code == 404
    monkeypatch.setattr(lookups, "MOST_OPEN", 0)
    assert "Too many queries are waiting" in lead.post("/platforms/fake/check/", follow=True).content.decode()
    with pytest.raises(PlatformError):
        status.check_platform("fake")


def test_the_pages_of_staff_lead_there(admin: Client, lead: Client, enter: Enter, reviewer: User) -> None:
    assert 'href="/platforms/"' in admin.get("/admin/").content.decode()
    assert 'href="/platforms/"' in lead.get("/reviews/team/").content.decode()
    assert 'href="/platforms/"' not in enter(reviewer).get("/reviews/team/").content.decode()


def test_figures_for_monitoring(platform: FakePlatform, client: Client) -> None:
    traffic.record_answer(admit())
    assert samples.refuse_silent_platforms() is None
    for kind in ("no_answer", "no_answer"):
        traffic.record_failure(admit(), kind, None)
    Lookup.objects.create(key="1", question="accounts.account", platform="Fake platform")
    text = client.get("/metrics").content.decode()
    for line in (
        'portal_platform_called{platform="fake"} 0.0',
        'portal_platform_rate{platform="fake"} 10.0',
        'portal_platform_rate_limit{platform="fake"} 10.0',
        'portal_platform_calls_today{platform="fake"} 3.0',
        'portal_platform_failures_today{kind="no_answer",platform="fake"} 2.0',
        'portal_platform_lookups{platform="Fake platform"} 1.0',
    ):
        assert line in text
    assert 'portal_platform_last_answer_seconds{platform="fake"}' in text
    assert samples.refuse_silent_platforms() == "no answer from fake"
    PlatformTraffic.objects.update(breaker="closed")
    assert samples.refuse_silent_platforms() is None


@pytest.mark.parametrize("kind", sorted(platform_jobs._sources))
def test_every_kind_of_job_that_is_counted_leads_to_a_platform(kind: str) -> None:
    Job.objects.create(kind=kind, key=kind, payload={platform_jobs._sources[kind].field: 0})
    assert platform_jobs.open_jobs() == {}
    assert kind in registered.kinds


def test_every_ability_is_named() -> None:
    assert set(status.ABILITIES) == set(get_args(Ability))


def test_it_says_of_every_ability_whether_it_is_served(lead: Client, platform: FakePlatform) -> None:
    text = shown(lead)
    assert [label for label in map(str, status.ABILITIES.values()) if label not in text] == []
