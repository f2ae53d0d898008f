"""What is left of one person with a full history whose data were erased at their request, while everybody else stays.

The history is that of test_personal_data.py; a module of its own, since two of them in one database are each other's duplicates.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from django.apps import apps
from django.db import connection
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from complaints.models import Complaint, Statement
from complaints.reference import loading
from complaints.tests.conftest import use_fake_platform, use_quick_engine
from portal import clock
from portal.audit.models import AuditEvent
from portal.people.models import User
from portal.privacy.actions import erasures
from portal.privacy.models import Erasure
from portal.privacy.table import PersonalData
from portal.testing.shared import storages_in
from portal.testing.transactions import rolled_back
from portal.tests import test_personal_data as story


class Erased(NamedTuple):
    """By row of the table, what is left of one person; by table, where their words stand; and what others keep."""

    left: dict[str, list[Any]]
    found: dict[str, set[str]]
    others: tuple[list[Any], list[Any]]
    person: User
    erasure: Erasure


_WORDS = (
    *("The register is wrong about me.", "My site", "A witness", "By contract", "Kiln", "Vase", "Demo name"),
    *("My phone was stolen.", "They asked for it.", "I was there.", "I studied with another one"),
)
# Rows of which nobody gets a copy: the way from them to the person, or why none of them is theirs.
_WAYS: dict[str, str] = {
    "people.User:password": "pk",
    "mfa.Authenticator:data": "user",
    "usersessions.UserSession:ip": "user",
    "people.Letter:sealed": "person",
    "people.FormDraft:sealed": "person",
    "people.ChangeRequest:title": "person",
    "evidence.EvidencePage:location": "file__owner",
    "evidence.MarkedCopy:wrapped_key": "file__owner",
    "evidence.MarkedPage:location": "copy__file__owner",
    "media.MediaPart:location": "file__owner",
    "certification.HeldNumber:fingerprint": "holder",
    "privacy.DataExport:wrapped_key": "person",
    "privacy.ExportPart:location": "export__person",
    "reviews.Claim:note": "case__application__applicant",
}
_NOT_THEIRS = {
    "sessions.Session:session_key": "found by the dump",
    "outbound.Lookup:arguments": "an hour, of nobody in particular",
    "webhooks.Delivery:ordering_key": "numbers of cases",
    "webhooks.Event:body": "numbers of cases",
    "reviews.ReviewCase:account": "of the respondent",
    "reviews.Participation:topic": "of the respondent",
    "complaints.Fingerprint:data": "goes with the video, or stays for the other side of a complaint",
    "complaints.LibraryEntry:words": "as fingerprints",
    "complaints.LibraryPage:postings": "as fingerprints",
    "complaints.LibraryMatch:segments": "as fingerprints",
    "complaints.ComparisonEvidence:location": "of both sides of a complaint",
    "complaints.RestitutionPage:moved": "of followers",
    "complaints.RestitutionGround:work_id": "part of a return of followers to the other side",
    "complaints.GroundFinding:work_id": "part of a return of followers to the other side",
    "complaints.FollowerChoice:follower_id": "of followers",
    "complaints.InvitationAnswer:follower_id": "of followers",
    "complaints.FollowerOptOut:follower_id": "of followers",
}


def test_the_erasure_is_asked_of_every_row_of_the_table() -> None:
    named = {*_WAYS, *_NOT_THEIRS}
    assert {story.key(row) for row in story.ROWS if row.of is None} == named


@pytest.fixture(scope="module")
def erased(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Erased]:
    """What is left of one person with a full history once their erasure is done; everybody else stays."""
    files = override_settings(STORAGES=storages_in(tmp_path_factory.mktemp("files")))
    with pytest.MonkeyPatch.context() as patch, files, django_db_blocker.unblock(), rolled_back():
        use_fake_platform(patch)
        use_quick_engine(patch)
        loading.load_complaint_reference()
        person = story.live(patch)
        words = words_of(person)
        before = others_of(person)
        erasure = erasures.request_erasure(person=person)
        began = clock.now()
        for days in (1, 15, 16, 30, 100, 190, 191, 192, 230):
            with clock.freeze_time(began + timedelta(days=days)):
                story.run_everything()
        erasure.refresh_from_db()
        gone = User.objects.get(pk=person.pk)
        left = {story.key(row): remains_of(row, gone) for row in story.ROWS if story.key(row) not in _NOT_THEIRS}
        yield Erased(left, dump_with(words), (before, others_of(person)), gone, erasure)


@pytest.mark.django_db
@pytest.mark.parametrize("name", [story.key(row) for row in story.ROWS if story.key(row) not in _NOT_THEIRS])
def test_nothing_is_left_of_somebody_who_was_erased(name: str, erased: Erased) -> None:
    assert erased.erasure.state == "done"
    assert erased.left[name] == []


@pytest.mark.django_db
def test_the_words_of_somebody_who_was_erased_stand_nowhere(erased: Erased) -> None:
    assert erased.found == {}


@pytest.mark.django_db
def test_cases_of_others_stay_as_they_were(erased: Erased) -> None:
    before, after = erased.others
    assert before
    assert after == before


@pytest.mark.django_db
def test_nothing_resolves_what_the_trail_calls_them(erased: Erased) -> None:
    assert erased.person.email == f"{erased.person.public_id}@gone.invalid"
    assert not AuditEvent.objects.filter(actor=erased.person.public_id).exists()
    assert AuditEvent.objects.filter(event="privacy.erasure.requested").exclude(actor="").exists()


def words_of(person: User) -> list[str]:
    """What would be known again: their name, address, public id, and what they and others wrote about them alone."""
    return [person.email, person.public_id, story.NAME, *_WORDS]


def remains_of(row: PersonalData, person: User) -> list[Any]:
    """What is not empty of one person in the columns of a row of the table."""
    rows = row.rows_of(person) if row.of is not None else row.rows.filter(**{_WAYS[story.key(row)]: person.pk})
    found = [value for values in rows.values_list(*row.fields) for value in values]
    plain = [bytes(value) if isinstance(value, memoryview) else value for value in found]
    return [value for value in plain if value not in story._EMPTY and not str(value).endswith("@gone.invalid")]


def others_of(person: User) -> list[Any]:
    """What others said in complaints, and how these ended."""
    statements = Statement.objects.exclude(by=person).order_by("pk").values_list("text", "signature", "contact_sealed")
    complaints = Complaint.objects.exclude(complainant=person).order_by("pk").values_list("number", "text", "state")
    return [*statements, *complaints]


def dump_with(words: list[str]) -> dict[str, set[str]]:
    """Each of the words that stands in a row of any table, with the tables; the trail keeps the public id."""
    found: dict[str, set[str]] = {}
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    with connection.cursor() as cursor:
        for table in sorted(tables - {AuditEvent._meta.db_table}):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            text = "\n".join(row[0] for row in cursor.fetchall())
            for word in words:
                if word in text:
                    found.setdefault(word, set()).add(table)
    return found
