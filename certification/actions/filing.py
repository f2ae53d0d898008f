"""The job that files certificates again under the n-grams by which the register is searched, after their rule has changed."""

from certification import search_ngrams
from certification.actions.certificates import ngrams_of_certificate
from certification.models import Certificate
from portal.jobs.attempts import JobAttempt
from portal.jobs.queue import enqueue_job

FILE_JOB = "certification.file_names"
_ROWS = 200  # locked at a time


def file_again() -> int:
    """Periodic: enqueue the job for every version of the rule once; returns 1."""
    _enqueue(0)
    return 1


def file_names(run: JobAttempt) -> None:
    """Job: file some certificates, in the order of their keys, and enqueue the next ones. Those of erased people stay empty.

    What a certificate was filed under before stays: the release before this one may still be answering.
    """
    with run.finish():
        rows = Certificate.objects.filter(pk__gt=run.payload["after"]).exclude(search_ngrams=[]).order_by("pk")
        found = list(rows.select_for_update(of=("self",), no_key=True).select_related("area")[:_ROWS])
        for row in found:
            grams = sorted({*row.search_ngrams, *ngrams_of_certificate(row)})
            Certificate.objects.filter(pk=row.pk).update(search_ngrams=grams)
        if found:
            _enqueue(found[-1].pk)


def _enqueue(after: int) -> None:
    enqueue_job(FILE_JOB, {"after": after}, key=f"{FILE_JOB}:{search_ngrams.VERSION}:{after}")
