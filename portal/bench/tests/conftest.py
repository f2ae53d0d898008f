"""Benchmarks that tests start copy their database."""

import pytest


@pytest.fixture(autouse=True, scope="module")
def _template(django_db_modify_db_settings: None) -> None:
    """Have DATABASE_TEMPLATE name the tests' template: all migrations take most of a minute for each benchmark."""
