"""What makes these tests quick enough to be run often."""

import pytest
from pytest_django import DjangoDbBlocker

from certification.tests import factories as make
from portal.engines import documents
from portal.engines.documents import LIMITS, Limits, Page, picture
from portal.people.models import User
from portal.people.roles import Role


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Areas and papers once for all: loading them takes a second."""
    with django_db_blocker.unblock():
        make.reference()


@pytest.fixture(autouse=True)
def _pictures_without_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open our own specimens here, not in a child process: the same code, half a second less each.

    Children and their limits are tried in portal/evidence and portal/engines.
    """
    render = documents.render_document

    def quick_render(data: bytes, *, bounds: Limits = LIMITS) -> list[Page]:
        return [picture.render_picture(data, bounds)] if data.startswith(b"\x89PNG") else render(data, bounds=bounds)

    monkeypatch.setattr(documents, "render_document", quick_render)


@pytest.fixture
def lead() -> User:
    """An area lead."""
    return make.person(Role.AREA_LEAD)
