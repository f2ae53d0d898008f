"""A worker killed while it draws: the next one finishes, each page is there once, nothing stays behind."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from portal import clock
from portal.evidence import blobs
from portal.evidence.models import EvidenceFile, EvidencePage, FileState, OrphanBlob
from portal.jobs import runner
from portal.jobs.models import Job
from portal.testing import sample_documents
from portal.testing.concurrency import run_until_killed

pytestmark = pytest.mark.django_db(transaction=True)

# What the worker is about to do when it dies, and for which time.
MOMENTS: dict[str, tuple[object, str, int]] = {
    "before storing": (blobs, "store_blob", 1),
    "between pages": (blobs, "store_blob", 3),
    "before commit": (EvidencePage.objects, "bulk_create", 1),
}


@pytest.mark.parametrize("moment", ["before storing", "between pages", "before commit"])
def test_a_killed_worker_loses_and_doubles_nothing(
    stored: Callable[..., EvidenceFile], storage: Path, moment: str
) -> None:
    file = stored(sample_documents.make_pdf("Licence", pages=4))
    job = Job.objects.get(kind="evidence.render")
    place, name, call = MOMENTS[moment]
    run_until_killed(partial(runner.run_job, job.pk), place, name, call=call)
    assert not EvidencePage.objects.exists()
    assert not runner.run_job(job.pk)  # the dead worker's lease still holds
    with clock.freeze_time(clock.now() + timedelta(minutes=10)):
        assert runner.run_job(job.pk)
    file.refresh_from_db()
    assert (file.state, file.page_count) == (FileState.READY, 4)
    assert list(file.pages.values_list("number", flat=True)) == [1, 2, 3, 4]
    with clock.freeze_time(clock.now() + timedelta(hours=2)):
        assert blobs.sweep_orphan_blobs() == {"before storing": 0, "between pages": 2, "before commit": 4}[moment]
    assert not OrphanBlob.objects.exists()
    assert sum(path.is_file() for path in storage.rglob("*")) == 5


def test_an_upload_killed_before_its_commit_leaves_only_a_orphan_blob(storage: Path) -> None:
    blobs.store_blob(b"bytes of a request whose process died")
    with clock.freeze_time(clock.now() + timedelta(hours=2)):
        assert blobs.sweep_orphan_blobs() == 1
    assert not [path for path in storage.rglob("*") if path.is_file()]
