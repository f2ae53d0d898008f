"""Snapshot and changes: a copy that a program keeps is the register, whatever was committed when."""

from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from certification import feeds
from certification.actions import certificates, decisions, expiry
from certification.models import Certificate, CertificateChange
from certification.states import CertificateState
from certification.tests import factories as make
from certification.tests.test_api import bearer, has_account
from portal import clock
from portal.people.actions import links
from portal.people.links import announce_link_change
from portal.people.models import LinkedAccount
from portal.people.tests.linking import claim, prove
from portal.people.tokens import Scope
from portal.testing.concurrency import in_background
from portal.testing.fake_platform import FakePlatform

pytestmark = pytest.mark.django_db
API = "/api/v1/certificates"


def read(client: Client, path: str, headers: dict[str, str], **question: Any) -> Any:
    answer = client.get(f"{API}/{path}/", question, headers=headers)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_every_change_of_state_comes_once_and_in_order(client: Client) -> None:
    headers, certificate = bearer(Scope.CERTIFICATES), make.certificate()
    has_account(certificate.holder)
    make.revoke(certificate)
    found, after = [], 0
    while True:
        page = read(client, "changes", headers, after=after, page_size=1)
        found += [row["state_then"] for row in page["results"]]
        after = page["after"]
        if not page["more"]:
            break
    assert found == ["active", "suspended", "revoked"]
    assert read(client, "changes", headers, after=after)["results"] == []


def test_a_row_shows_the_certificate_as_it_is_and_no_name(client: Client) -> None:
    certificate = make.certificate()
    person = has_account(certificate.holder)
    [row] = read(client, "changes", bearer(Scope.CERTIFICATES))["results"]
    assert row["certificate"] == certificate.serial
    assert row["accounts"] == [person.public_id]
    assert row["valid"] is True
    assert person.display_name not in str(row)
    with clock.freeze_time(certificate.valid_to):
        [row] = read(client, "changes", bearer(Scope.CERTIFICATES))["results"]
    assert (row["state"], row["valid"], row["state_then"]) == ("expired", False, "active")


def test_expiry_by_many_rows_at_once_is_told_too(client: Client) -> None:
    certificate = make.certificate()
    has_account(certificate.holder)
    with clock.freeze_time(certificate.valid_to):
        expiry.expire_due_certificates()
    states = [row["state_then"] for row in read(client, "changes", bearer(Scope.CERTIFICATES))["results"]]
    assert states == ["active", "expired"]


def test_a_platform_hears_of_its_own_people_only(client: Client, platform: FakePlatform) -> None:
    certificate = make.certificate()
    elsewhere = bearer(Scope.CERTIFICATES, platform=platform.code)
    has_account(certificate.holder)
    for path in ("changes", "snapshot"):
        assert read(client, path, elsewhere)["results"] == []
        assert len(read(client, path, bearer(Scope.CERTIFICATES))["results"]) == 1


def test_a_link_that_begins_or_ends_is_a_change(client: Client, platform: FakePlatform) -> None:
    certificate, headers = make.certificate(), bearer(Scope.CERTIFICATES, platform="fake")
    platform.open_account("7", "Ana")
    start = read(client, "changes", headers)["after"]
    link = prove(certificate.holder, platform)
    page = read(client, "changes", headers, after=start)
    assert [(row["certificate"], row["accounts"]) for row in page["results"]] == [(certificate.serial, ["7"])]
    links.end_link(link=link, by=certificate.holder)
    page = read(client, "changes", headers, after=page["after"])
    assert [(row["certificate"], row["accounts"]) for row in page["results"]] == [(certificate.serial, [])]


def test_snapshot_and_changes_make_the_register(client: Client) -> None:
    headers = bearer(Scope.CERTIFICATES)
    rows = [make.certificate() for _ in range(4)]
    for row in rows:
        has_account(row.holder)
    make.suspend(rows[0])
    certificates.surrender_certificate(certificate=rows[1], by=rows[1].holder)
    copy: dict[str, str] = {}
    page, changes_after = {"more": True, "after": 0}, None
    while page["more"]:
        page = read(client, "snapshot", headers, after=page["after"], page_size=2)
        changes_after = page["changes_after"] if changes_after is None else changes_after
        copy |= {row["certificate"]: row["state"] for row in page["results"]}
        if page["more"]:  # between two pages
            certificates.surrender_certificate(certificate=rows[3], by=rows[3].holder)
    copy |= {
        row["certificate"]: row["state"] for row in read(client, "changes", headers, after=changes_after)["results"]
    }
    standing = {serial for serial, state in copy.items() if state in {"active", "suspended"}}
    assert standing == {rows[0].serial, rows[2].serial}


def test_a_position_that_never_was_is_refused(client: Client) -> None:
    answer = client.get(f"{API}/changes/", {"after": 10**9}, headers=bearer(Scope.CERTIFICATES))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "unknown_position"


def test_another_scope_does_not_open_the_feeds(client: Client) -> None:
    for path in ("changes", "snapshot"):
        assert client.get(f"{API}/{path}/", headers=bearer(Scope.GATE)).status_code == 403


@pytest.mark.parametrize("path", ["changes", "snapshot"])
def test_pages_cost_as_many_queries_for_many_rows_as_for_one(client: Client, path: str) -> None:
    headers = bearer(Scope.CERTIFICATES)
    counts = []
    for number in (1, 5):
        for _ in range(number):
            has_account(make.certificate().holder)
        read(client, path, headers)
        with CaptureQueriesContext(connection) as queries:
            read(client, path, headers)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


@pytest.mark.django_db(transaction=True)
def test_what_is_committed_late_is_told_later_and_nothing_twice() -> None:
    """A change with a smaller id is committed after others were read."""
    rows = [make.certificate() for _ in range(3)]
    for row in rows:
        has_account(row.holder)
    seen = [(row.certificate.pk, row.state_then) for row in feeds.changes_page("sandbox", 0).rows]
    after = feeds.last_position()
    begun, go_on = Event(), Event()

    def change_late() -> None:
        with transaction.atomic():
            Certificate.objects.get(pk=rows[0].pk).move("surrender", ended_at=clock.now())
            begun.set()
            assert go_on.wait(30)

    with in_background(change_late) as done:
        assert begun.wait(30)
        rows[1].refresh_from_db()
        rows[1].move("surrender", ended_at=clock.now())
        first = feeds.changes_page("sandbox", after)
        go_on.set()
        done.result(30)
    late = CertificateChange.objects.get(certificate=rows[0], state=CertificateState.SURRENDERED)
    early = CertificateChange.objects.get(certificate=rows[1], state=CertificateState.SURRENDERED)
    assert late.pk < early.pk
    second = feeds.changes_page("sandbox", first.position)
    told = [(row.certificate.pk, row.state_then) for row in (*first.rows, *second.rows)]
    assert told == [(rows[1].pk, "surrendered"), (rows[0].pk, "surrendered")]
    assert feeds.changes_page("sandbox", second.position).rows == []
    assert len(seen) == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["link", "certificate"], ids=["link commits late", "certificate commits late"])
def test_a_link_and_a_certificate_of_the_same_moment_are_both_told(first: str, platform: FakePlatform) -> None:
    """Neither transaction sees the other; a reader comes between the two commits."""
    application = make.application("in_review", "cn-law")
    reviewer, case = make.claim(application)
    make.look_up_all(make.fresh(application), reviewer)
    holder = application.applicant
    platform.open_account("7", "Ana")
    link = claim(holder)

    def prove_link() -> None:  # the transaction of links.prove_account(), which asks the platform before it
        with transaction.atomic():
            link.move("prove", proven_at=clock.now())
            announce_link_change(link)

    def issue() -> None:
        made = make.fresh(application)
        decisions.approve_application(
            application=made, by=reviewer, version=case.version, accepted=make.accepted(made), explanation=make.ENOUGH
        )

    late, early = (prove_link, issue) if first == "link" else (issue, prove_link)
    told = read_between(late, early)
    certificate = Certificate.objects.get()
    assert told[-1] == (certificate.pk, ("7",))


@pytest.mark.django_db(transaction=True)
def test_a_link_that_ends_as_a_certificate_is_issued_takes_it_away(platform: FakePlatform) -> None:
    application = make.application("in_review", "cn-law")
    reviewer, case = make.claim(application)
    make.look_up_all(make.fresh(application), reviewer)
    platform.open_account("7", "Ana")
    link = prove(application.applicant, platform)

    def issue() -> None:
        made = make.fresh(application)
        decisions.approve_application(
            application=made, by=reviewer, version=case.version, accepted=make.accepted(made), explanation=make.ENOUGH
        )

    told = read_between(lambda: links.end_link(link=link, by=application.applicant), issue)
    certificate = Certificate.objects.get()
    assert told == [(certificate.pk, ("7",)), (certificate.pk, ())]


def read_between(late: Callable[[], object], early: Callable[[], object]) -> list[tuple[int, tuple[str, ...]]]:
    """Everything that a reader is told who reads before both, between the two commits, and after both."""
    done, go_on = Event(), Event()

    def commit_late() -> None:
        with transaction.atomic():
            late()
            done.set()
            assert go_on.wait(30)

    pages = [feeds.changes_page("fake", 0)]
    with in_background(commit_late) as running:
        while not done.wait(0.1):
            assert not running.done(), running.result()
        early()
        pages.append(feeds.changes_page("fake", pages[-1].position))
        go_on.set()
        running.result(30)
    pages.append(feeds.changes_page("fake", pages[-1].position))
    assert feeds.changes_page("fake", pages[-1].position).rows == []
    return [(row.certificate.pk, tuple(row.accounts)) for page in pages for row in page.rows]


def test_accounts_that_are_no_longer_proven_are_not_told(client: Client) -> None:
    certificate = make.certificate()
    has_account(certificate.holder)
    LinkedAccount.objects.update(state="ended", ended_at=clock.now())
    assert read(client, "snapshot", bearer(Scope.CERTIFICATES))["results"] == []
