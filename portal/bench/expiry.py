"""Certificates that end at one second: how soon it is written down, and that gate and register know before any job has run.

The rows are those of `bench web`, moved so that all of them end at the same second. What is measured is the production action
`expiry.expire_due_certificates` with the job that it enqueues, in as many processes as the pool of workers has: states, numbers,
files, the audit trail, and a message with its mail to every holder.
"""

import time
from argparse import ArgumentParser
from datetime import datetime, timedelta
from multiprocessing.synchronize import Barrier
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.db.models import F

from certification import public
from certification.actions import expiry
from certification.models import Certificate
from certification.reference import loading
from certification.states import CertificateState
from portal import clock
from portal.audit import trail
from portal.audit.models import AuditEvent
from portal.bench import web_rows
from portal.bench.measuring import (
    Say,
    Stopwatch,
    at_the_same_time,
    bench_database,
    server_facts,
    vacuum_and_analyze,
    write_checkpoint,
)
from portal.jobs import runner
from portal.notifications.models import Notification
from portal.people import demo as accounts_demo

_ASKED: Final = 200  # certificates of which gate and register are asked before the jobs


def add_arguments(parser: ArgumentParser) -> None:
    """The sizes of a run."""
    parser.add_argument("--certificates", type=int, default=42_000, help="certificates that end at one second")
    parser.add_argument("--others", type=int, default=0, help="certificates that go on")


def run(options: dict[str, Any], say: Say) -> dict[str, Any]:
    """Make the rows, ask before any job has run, write the ends down, and check what was written."""
    ending, others = options["certificates"], options["others"]
    with bench_database(keep=options["keep"]):
        end = _make_rows(ending, others, say)
        with clock.freeze_time(end):
            wrong_before = _count_wrong_answers()
            checkpointed = write_checkpoint()
            watch = Stopwatch()
            at_the_same_time(settings.POOL_PROCESSES["fast"], _end)
            seconds = watch.seconds
            count = Certificate.objects.filter(ended_at=end).count()
            return {
                "expired": count,
                "seconds": round(seconds, 2),
                "per_second": round(count / seconds, 1),
                "wrong_before_any_job": wrong_before,
                **_count_written(ending),
                "settings": {**server_facts(), "others": others, "checkpointed": checkpointed},
            }


def _make_rows(ending: int, others: int, say: Say) -> datetime:
    """Certificates that all end in an hour, and others that go on; returns that moment."""
    watch = Stopwatch()
    loading.load_reference_data()
    accounts_demo.seed()
    web_rows.make_certificates(0, ending + others)
    end = clock.now() + timedelta(hours=1)
    first = Certificate.objects.order_by("pk").values_list("pk", flat=True)[0]
    rows = Certificate.objects.filter(pk__lt=first + ending)
    rows.update(valid_from=F("issued_at"), valid_to=end)
    vacuum_and_analyze()
    say(f"rows of {ending + others:,} certificates after {watch.seconds:.0f} s")
    return end


def _end(number: int, ready: Barrier) -> None:
    """What the worker process of this number does: the first has the periodic work, the next its job."""
    if number == 0:
        expiry.expire_due_certificates()
        ready.wait()
    else:
        while not runner.run_due_jobs([expiry.EXPIRE_SOME_JOB]) and not ready.n_waiting:
            time.sleep(0.05)
        ready.wait()


def _count_wrong_answers() -> int:
    """Of some of those whose second has come: whether gate, register or page still call them valid."""
    over = Certificate.objects.over_at(clock.now()).select_related("holder", "area")
    return sum(_is_called_valid(row) for row in over[:_ASKED])


def _is_called_valid(row: Certificate) -> bool:
    listed = any(found.serial == row.serial for found in public.search_register(row.serial).certificates)
    answer = public.check_gate(row.holder.public_id, row.area.code)
    return answer.code == "certified" or listed or row.effective_state != CertificateState.EXPIRED


def _count_written(ending: int) -> dict[str, Any]:
    """What is missing of it, which is nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM jobs_job WHERE kind = 'notifications.notification'")
        mails = cursor.fetchone()
    return {
        "states_missing": ending - Certificate.objects.filter(state=CertificateState.EXPIRED).count(),
        "events_missing": ending - AuditEvent.objects.filter(event="certification.certificate.expired").count(),
        "messages_missing": ending - Notification.objects.filter(kind="certification.expired").count(),
        "mails_enqueued": mails[0] if mails else 0,
        "broken_chains": len(trail.broken_links()),
    }
