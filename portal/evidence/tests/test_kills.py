"""A worker killed while it draws: the next one finishes, each page is there once, nothing stays behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from portal import clock
from portal.evidence import blobs
from portal.evidence.models import EvidenceFile, EvidencePage, FileState, OrphanBlob
from portal.jobs import runner
from portal.jobs.models import Job
from portal.testing import sample_documents

pytestmark = pytest.mark.django_db(transaction=True)

# A real process does the job and kills itself at the moment that is tried.
WORKER = """
import os, signal, sys
import django
from django.conf import settings
settings.STORAGES["default"]["OPTIONS"]["location"] = sys.argv[1]
django.setup()
from portal.evidence import blobs
from portal.evidence.actions import pages
from portal.jobs import runner

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

put, calls = blobs.store_blob, []
def put_twice(data):
    calls.append(1)
    return put(data) if len(calls) < 3 else die()

{"before storing": lambda: setattr(blobs, "store_blob", die),
 "between pages": lambda: setattr(blobs, "store_blob", put_twice),
 "before commit": lambda: setattr(pages.EvidencePage.objects, "bulk_create", die)}[sys.argv[2]]()
runner.run(int(sys.argv[3]))
"""


def _killed_worker(storage: Path, moment: str, job: Job) -> None:
    environment = os.environ | {"DATABASE_NAME": connection.settings_dict["NAME"]}
    command = [sys.executable, "-c", WORKER, str(storage), moment, str(job.pk)]
    ended = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()


@pytest.mark.parametrize("moment", ["before storing", "between pages", "before commit"])
def test_a_killed_worker_loses_and_doubles_nothing(
    stored: Callable[..., EvidenceFile], storage: Path, moment: str
) -> None:
    file = stored(sample_documents.make_pdf("Licence", pages=4))
    job = Job.objects.get(kind="evidence.render")
    _killed_worker(storage, moment, job)
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


def test_an_upload_killed_before_its_commit_leaves_only_a_loose_blob(storage: Path) -> None:
    blobs.store_blob(b"bytes of a request whose process died")
    with clock.freeze_time(clock.now() + timedelta(hours=2)):
        assert blobs.sweep_orphan_blobs() == 1
    assert not [path for path in storage.rglob("*") if path.is_file()]
