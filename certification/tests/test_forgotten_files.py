"""Files sent after a certificate has ended are let go, too."""

from datetime import timedelta

import pytest

from certification import policies
from certification.actions import document_retention, expiry, inspections
from certification.models import Certificate, Inspection
from certification.tests import factories as make
from portal import clock
from portal.evidence.actions import files, retention
from portal.evidence.models import EvidenceFile

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def inspected(row: Certificate) -> Inspection:
    """An inspection whose holder was asked."""
    inspections.draw_inspections()
    assert inspections.ask_inspected() == 1
    return Inspection.objects.get(certificate=row)


def test_an_answer_that_comes_after_the_end_is_let_go() -> None:
    row = make.certificate("cn-law")
    with clock.freeze_time(row.valid_to - 2 * DAY):
        inspection, file = inspected(row), make.paper(row.holder)
    with clock.freeze_time(row.valid_to + DAY):
        expiry.expire_due_certificates()
        inspections.answer_inspection(inspection=inspection, by=row.holder, text="Here it is.", documents=[file])
        file.refresh_from_db()
        assert file.frozen_at is not None
        assert file.purge_at is not None
    with clock.freeze_time(row.valid_to + 40 * DAY):
        retention.purge_due_files()
        file.refresh_from_db()
        assert file.purged_at is not None


def test_an_answer_is_kept_with_the_certificate_while_it_stands() -> None:
    row = make.certificate("cn-law")
    inspection, file = inspected(row), make.paper(row.holder)
    inspections.answer_inspection(inspection=inspection, by=row.holder, text="Here it is.", documents=[file])
    file.refresh_from_db()
    assert file.purge_at == row.valid_to + policies.DOCUMENT_RETENTION


def test_what_an_earlier_release_forgot_is_found() -> None:
    row = make.certificate("cn-law")
    kept = row.application.documents.all()[0].file
    forgotten = make.paper(row.holder)
    files.freeze_files([forgotten], at=clock.now(), by=row.holder)
    EvidenceFile.objects.filter(pk=kept.pk).update(purge_at=None)
    assert document_retention.let_go_forgotten_files() == 0  # not a month old yet
    with clock.freeze_time(clock.now() + 31 * DAY):
        assert document_retention.let_go_forgotten_files() == 1
        retention.purge_due_files()
    forgotten.refresh_from_db()
    kept.refresh_from_db()
    assert (forgotten.purged_at is not None, kept.purged_at) == (True, None)
