"""What makes these tests quick enough to be run often."""

import pytest
from pytest_django import DjangoDbBlocker

from certification.tests import factories as make
from portal.engines import documents
from portal.engines.documents import LIMITS, Limits, Page, Report, picture


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
    inspect, render = documents.inspect_document, documents.render_document

    def quick_inspect(data: bytes, *, name: str = "", bounds: Limits = LIMITS) -> Report:
        if not data.startswith(b"\x89PNG"):
            return inspect(data, name=name, bounds=bounds)
        return Report("image/png", picture.inspect_picture(data, bounds))

    def quick_render(data: bytes, *, bounds: Limits = LIMITS) -> list[Page]:
        return [picture.render_picture(data, bounds)] if data.startswith(b"\x89PNG") else render(data, bounds=bounds)

    monkeypatch.setattr(documents, "inspect_document", quick_inspect)
    monkeypatch.setattr(documents, "render_document", quick_render)
