"""The instrument that watches the order of locks: what it lets pass, and what fails a test."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction

from certification.models import Application, Credential
from certification.states import ApplicationState
from certification.tests import factories as make
from portal.audit import trail
from portal.people.models import User
from portal.reviews.models import ReviewCase
from portal.testing import lock_order
from portal.workflow import lock_names

pytestmark = pytest.mark.django_db
TEXT = (
    (Path(settings.BASE_DIR) / "docs/architecture.md").read_text().split("## The order of locks")[1].split("\n## ")[0]
)


@pytest.fixture
def application() -> Application:
    return make.application(ApplicationState.IN_REVIEW)


@pytest.fixture
def found(lock_inversions: list[str]) -> Iterator[list[str]]:
    """The inversions of a test that makes some."""
    yield lock_inversions
    lock_inversions.clear()


def lock(row: object) -> None:
    """By an UPDATE that changes nothing."""
    model = type(row)
    model._base_manager.filter(pk=row.pk).update(**{model._meta.pk.name: row.pk})  # type: ignore[attr-defined]


def test_the_document_tells_the_order() -> None:
    assert (
        tuple(re.findall(r"^\d+\. `?(\w+\.\w+|name of an account|name|audit chain)", TEXT, re.MULTILINE))
        == lock_order.ORDER
    )
    for part in lock_order.PARTS:
        assert f"`{part.split('.')[1]}`" in TEXT


def test_the_order_is_let_pass(application: Application, found: list[str]) -> None:
    with transaction.atomic():
        lock(application)
        lock(application.case)
        lock(application)
        Credential.objects.filter(application=application).update(accepted_at=None)
        trail.record_event("test.one.changed", application, by=None)
        lock(application.case)
    assert found == []


def test_a_case_before_its_application_is_told_with_both_places(application: Application, found: list[str]) -> None:
    with transaction.atomic():
        ReviewCase.objects.select_for_update().get(application=application)
        lock(application)
    [said] = found
    assert f"reviews.ReviewCase {application.case_id} is locked at portal/tests/test_lock_order.py:" in said
    assert f"and after it certification.Application {application.pk} at portal/tests/test_lock_order.py:" in said


def test_rows_of_one_kind_are_locked_by_their_keys(found: list[str]) -> None:
    one, other = (User.objects.create(email=f"{name}@example.org") for name in ("one", "other"))
    with transaction.atomic():
        lock(one)
        lock(other)
    assert found == []
    with transaction.atomic():
        lock(other)
        lock(one)
    assert len(found) == 1


def test_one_statement_of_a_test_may_lock_rows_in_any_order(found: list[str]) -> None:
    one, other = (User.objects.create(email=f"{name}@example.org") for name in ("one", "other"))
    for person in (other, one):
        User.objects.filter(pk=person.pk).update(display_name="Stored again, after the first version")
    with transaction.atomic():
        User.objects.filter(display_name__startswith="Stored again").update(language="en")
    assert found == []


def test_a_part_is_locked_by_whoever_holds_its_whole(application: Application, found: list[str]) -> None:
    with transaction.atomic():
        Credential.objects.filter(application=application).update(accepted_at=None)
    assert f"is locked without certification.Application {application.pk}" in found[0]


def test_a_chain_whose_row_is_not_held_comes_last(application: Application, found: list[str]) -> None:
    with transaction.atomic():
        trail.record_event("test.one.changed", application, by=None)
        lock(application.case)
    assert f"audit chain application:{application.pk} is locked" in found[0]


def test_names_are_taken_in_one_order(found: list[str]) -> None:
    with transaction.atomic():
        lock_names("b", "a")
        lock_names("a")
    assert found == []
    with transaction.atomic():
        lock_names("b")
        lock_names("a")
    assert len(found) == 1


def test_what_is_skipped_or_new_or_in_another_transaction_is_no_inversion(
    application: Application, found: list[str]
) -> None:
    with transaction.atomic():
        lock(application.case)
    with transaction.atomic():
        lock(application)
    with transaction.atomic():
        lock(application.case)
        list(Application.objects.select_for_update(skip_locked=True).filter(pk=application.pk))
        lock(User.objects.create(email="new@example.org"))
    lock(application.case)
    lock(application)
    assert found == []


def test_what_is_read_stays_to_be_read(application: Application) -> None:
    with transaction.atomic():
        assert Application.objects.locked().get(pk=application.pk) == application
        assert Application.objects.filter(pk=application.pk).update(round=2) == 1
        assert Credential.objects.filter(application=application, pk=0).delete()[0] == 0
    assert any(isinstance(wrapper, lock_order.LockRecorder) for wrapper in connection.execute_wrappers)
