"""The app's role reads and writes rows, and can change neither tables nor history."""

import pytest
from django.db import ProgrammingError, connection, transaction

from portal import grants
from portal.people.models import Agency

pytestmark = pytest.mark.django_db


def _one(statement: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone()
    return row[0] if row else None


def test_the_tests_speak_as_the_app_role() -> None:
    assert _one("SELECT current_user") == "portal_app"
    Agency.objects.create(code="some", name="Some")
    assert Agency.objects.count() == 1


def test_the_app_role_cannot_change_tables() -> None:
    with pytest.raises(ProgrammingError), transaction.atomic():
        _one("ALTER TABLE people_agency ADD COLUMN spare text")
    with pytest.raises(ProgrammingError), transaction.atomic():
        _one("CREATE TABLE spare (id int)")


def test_append_only_tables_refuse_changes() -> None:
    tables = grants.append_only_tables()
    assert "audit_auditevent" in tables
    for table in tables:
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET id = id"):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                _one(statement)
