"""The rows' own guards."""

import pytest

from certification import models


@pytest.mark.django_db
def test_tables_exist() -> None:
    assert models.Application.objects.count() == 0
    assert models.Certificate.objects.count() == 0
