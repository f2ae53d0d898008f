"""The job that indexes certificates again, after the rule of the n-grams by which the register is searched has changed."""

from certification import search_ngrams
from certification.actions.certificates import ngrams_of_certificate
from certification.models import Certificate
from portal.jobs.attempts import JobAttempt
from portal.jobs.queue import enqueue_job

INDEX_JOB = "certification.index_names"
_ROWS = 200  # locked at a time


def index_again() -> int:
    """Periodic: enqueue the job for every version of the rule once; returns 1."""
    _enqueue(0)
    return 1


def index_names(run: JobAttempt) -> None:
    """Job: index some certificates, in the order of their keys, and enqueue the next ones. Those of erased people stay empty.

    What a certificate was found by before stays: the release before this one may still be answering.
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
    enqueue_job(INDEX_JOB, {"after": after}, key=f"{INDEX_JOB}:{search_ngrams.VERSION}:{after}")
