import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from portal import clock
from portal.evidence.actions import retention
from portal.evidence.models import EvidenceAccess, EvidenceFile
from portal.evidence.pseudonyms import viewer_pseudonym
from portal.jobs import runner
from portal.people.models import User
from portal.testing import sample_documents

Stored = Callable[..., EvidenceFile]
pytestmark = pytest.mark.django_db


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _urls(file: EvidenceFile) -> list[str]:
    return [
        reverse("evidence:viewer", args=[file.pk]),
        reverse("evidence:page", args=[file.pk, 1]),
        reverse("evidence:original", args=[file.pk]),
    ]


@pytest.fixture
def ready(stored: Stored) -> EvidenceFile:
    file = stored()
    runner.run_due_jobs()
    file.refresh_from_db()
    return file


def test_a_page_is_our_own_picture_that_may_run_nothing(ready: EvidenceFile, reviewer: User) -> None:
    answer = _client(reviewer).get(reverse("evidence:page", args=[ready.pk, 1]))
    assert answer.status_code == 200
    assert Image.open(io.BytesIO(answer.content)).size == (1131, 1600)
    expected = {
        "Content-Type": "image/jpeg",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
        "Content-Disposition": 'inline; filename="page-1.jpg"',
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    assert {name: answer[name] for name in expected} == expected


def test_a_look_of_the_reviewer_is_logged_and_one_of_the_owner_is_not(
    ready: EvidenceFile, reviewer: User, creator: User
) -> None:
    url = reverse("evidence:page", args=[ready.pk, 2])
    assert _client(creator).get(url).status_code == 200
    assert not EvidenceAccess.objects.exists()
    assert _client(reviewer).get(url).status_code == 200
    look = EvidenceAccess.objects.get()
    assert (look.by, look.file, look.page) == (reviewer, ready, 2)


def test_a_stranger_finds_nothing(ready: EvidenceFile, stranger: User) -> None:
    assert [_client(stranger).get(url).status_code for url in _urls(ready)] == [404, 404, 404]
    assert not EvidenceAccess.objects.exists()


def test_nobody_unknown_gets_in(ready: EvidenceFile) -> None:
    answers = [Client().get(url) for url in _urls(ready)]
    assert [answer.status_code for answer in answers] == [302, 302, 302]
    assert not any(b"JFIF" in answer.content for answer in answers)


def test_a_file_without_a_rule_is_for_its_owner_only(ready: EvidenceFile, reviewer: User, creator: User) -> None:
    EvidenceFile.objects.update(purpose="no.rule")
    assert _client(reviewer).get(_urls(ready)[1]).status_code == 404
    assert _client(creator).get(_urls(ready)[1]).status_code == 200


def test_the_original_is_a_download_for_the_owner_only(stored: Stored, creator: User, reviewer: User) -> None:
    data = sample_documents.make_pdf("Licence")
    file = stored(data, name="执业证.pdf")
    answer = _client(creator).get(reverse("evidence:original", args=[file.pk]))
    assert answer.content == data
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert answer["Content-Type"] == "application/pdf"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert _client(reviewer).get(reverse("evidence:original", args=[file.pk])).status_code == 404


def test_pages_that_are_not_there(ready: EvidenceFile, creator: User) -> None:
    for number in (0, 3, 999_999_999):
        assert _client(creator).get(reverse("evidence:page", args=[ready.pk, number])).status_code == 404
    assert _client(creator).post(_urls(ready)[1]).status_code == 405


def test_a_purged_file_is_gone(stored: Stored, creator: User) -> None:
    file = stored()
    retention.evidence_retention.discard(file, by=creator)
    assert [_client(creator).get(url).status_code for url in _urls(file)] == [404, 404, 404]


def test_the_viewer_asks_again_until_pages_are_there(stored: Stored, creator: User) -> None:
    file = stored()
    url = reverse("evidence:viewer", args=[file.pk])
    waiting = _client(creator).get(url).content.decode()
    assert "being prepared" in waiting
    assert f'hx-get="{url}"' in waiting
    runner.run_due_jobs()
    shown = _client(creator).get(url).content.decode()
    assert "hx-get" not in shown
    assert "2 pages" in shown
    assert shown.count("<img") == 2
    assert 'alt="Page 1 of 2' in shown


def test_the_viewer_asks_no_more_once_its_reader_may_not_see_the_file(stored: Stored, stranger: User) -> None:
    client, url = _client(stranger), reverse("evidence:viewer", args=[stored().pk])
    assert client.get(url).status_code == 404
    fragment = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "no longer shown to you" in fragment
    assert "hx-get" not in fragment


def test_the_viewer_says_why_a_file_was_refused(stored: Stored, creator: User) -> None:
    file = stored()
    EvidenceFile.objects.update(state="refused", refusal="encrypted")
    assert "locked with a password" in _client(creator).get(reverse("evidence:viewer", args=[file.pk])).content.decode()


def test_the_viewer_asks_as_much_for_twenty_pages_as_for_one(
    stored: Stored, creator: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = _client(creator)
    for data in (sample_documents.make_pdf("x"), sample_documents.make_pdf("x", pages=20)):
        file = stored(data)
        runner.run_due_jobs()
        with django_assert_max_num_queries(4):
            client.get(reverse("evidence:viewer", args=[file.pk]))


def test_who_may_see_a_file_can_ask_how_far_it_has_come_and_nobody_else(
    stored: Stored, creator: User, stranger: User
) -> None:
    file = stored()
    address = reverse("evidence:status", args=[file.pk])
    assert "every 2s" in _client(creator).get(address).content.decode()
    runner.run_due_jobs()
    answer = _client(creator).get(address).content.decode()
    assert "2 pages" in answer
    assert "every 2s" not in answer
    assert Client().get(address).status_code == 404
    assert _client(stranger).get(address).status_code == 404


def test_a_file_that_waits_long_is_not_promised_in_seconds(stored: Stored, creator: User) -> None:
    file = stored()
    address = reverse("evidence:status", args=[file.pk])
    assert "a few seconds" in _client(creator).get(address).content.decode()
    with clock.freeze_time(clock.now() + timedelta(minutes=1)):
        said = _client(creator).get(address).content.decode()
    assert "longer than usual" in said
    assert "a few seconds" not in said


@pytest.mark.parametrize(
    ("why", "number"),
    [("C-000017", "C-000017"), ("complaint OC-000003, respondent", "OC-000003"), ("A look.", ""), ("", "")],
)
def test_a_look_names_the_case_or_complaint_it_was_for(why: str, number: str) -> None:
    assert EvidenceAccess(why=why).case_number == number


def test_the_owner_reads_who_looked_by_a_code_of_their_own(
    ready: EvidenceFile, reviewer: User, creator: User, stranger: User
) -> None:
    _client(reviewer).get(reverse("evidence:page", args=[ready.pk, 2]))
    shown = _client(creator).get(reverse("evidence:looks")).content.decode()
    assert viewer_pseudonym(reviewer, creator) in shown
    assert "licence.pdf" in shown
    assert "page 2" in shown
    assert reviewer.public_id not in shown
    assert reviewer.email not in shown
    assert viewer_pseudonym(reviewer, creator) != viewer_pseudonym(reviewer, stranger)
    assert viewer_pseudonym(stranger, creator) == "the other side of the complaint"
    assert "licence.pdf" not in _client(stranger).get(reverse("evidence:looks")).content.decode()
