"""Reports by the public that a certificate is false: all about one certificate come to one reviewer.

Reports without an account cost nothing to send. They open a bounded number of cases, of low priority; the others are kept, and
come to the reviewer with the next case about their certificate, or open one once there is room again. None is dropped.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import Min
from django.utils.translation import gettext_lazy as _

from certification import events, policies
from certification.actions import casework, labels
from certification.models import Certificate, CertificateReport, Inquiry
from certification.states import STANDING_STATES
from portal import clock
from portal.errors import require_allowed
from portal.people.models import User
from portal.reviews.actions.participation import record_participation
from portal.reviews.models import Participation
from portal.reviews.policies import MIN_EXPLANATION
from portal.texts import require_text
from portal.workflow import lock_names

# With and without an account each: so many are announced in an open case. More would make its reviewer's forms stale for ever.
MOST_REPORTS = 20
# Of reports without an account: cases about all certificates within a day, and about one certificate within a month.
CASES_A_DAY = 30
CASES_OF_CERTIFICATE = 2
_DAY, _MONTH = timedelta(days=1), timedelta(days=30)
_ANONYMOUS_PRIORITY = 0
_BATCH = 500
_LOCK = "certification.reports"
_TOO_SHORT = _("Please say what is wrong and how you know: at least 20 characters.")


class Place(StrEnum):
    """What became of a report."""

    CASE = "case"  # in the case of a reviewer, who is shown that it came
    ADDED = "added"  # in such a case, below many others
    KEPT_TODAY = "kept_today"  # kept: no more cases are opened within a day
    KEPT_RECENT = "kept_recent"  # kept: reports about this certificate were looked into lately


@dataclass(frozen=True)
class Reported:
    """A report, and what became of it."""

    report: CertificateReport
    place: Place


def report_certificate(*, certificate: Certificate, text: str, by: User | None) -> Reported:
    """Put a report into the queue; `by` is None for whoever is not signed in. The certificate stays valid in the meantime.

    The first report opens an inquiry, with a case for a reviewer; those that come while it is open join it.
    """
    require_allowed(policies.refuse_report(certificate, by))
    text = require_text("text", text, least=MIN_EXPLANATION, most=policies.TEXT_LIMIT, missing=_TOO_SHORT)
    with transaction.atomic():
        casework.lock_certificate(certificate)
        require_allowed(policies.refuse_report(certificate, by))
        report = CertificateReport(certificate=certificate, text=text, by=by, at=clock.now())
        report.inquiry = casework.open_inquiry(certificate)
        place = _join(report) if report.inquiry is not None else _open(report)
        report.save()
        inquiry = report.inquiry
        labels.record_certificate_event(
            events.CERTIFICATE_REPORTED, certificate, by, inquiry=inquiry.pk if inquiry else None
        )
        if by is not None and inquiry is not None:
            record_participation(inquiry.case, by, Participation.DOUBT)
    return Reported(report, place)


def place_kept_reports() -> int:
    """Bring reports that were kept into a case, the oldest first: one that is open, or a new one where there is room; how many."""
    kept = CertificateReport.objects.filter(inquiry=None, certificate__state__in=STANDING_STATES)
    waiting = kept.values("certificate").annotate(first=Min("at")).order_by("first", "certificate")
    keys = list(waiting.values_list("certificate", flat=True)[:_BATCH])
    return sum(_place_kept(pk) for pk in keys)


def _place_kept(pk: int) -> int:
    with transaction.atomic():
        certificate = Certificate.objects.select_related("holder", "area__jurisdiction", "category").get(pk=pk)
        casework.lock_certificate(certificate)
        if certificate.effective_state not in STANDING_STATES:
            return 0
        rows = list(CertificateReport.objects.filter(certificate=certificate, inquiry=None).order_by("at", "pk"))
        if not rows:
            return 0
        first, *others = rows
        first.inquiry = casework.open_inquiry(certificate)
        if first.inquiry is not None:
            _join(first)
        elif _open(first) != Place.CASE:
            return 0
        first.save(update_fields=["inquiry", "opened_at"])
        # The case was announced with the first one.
        CertificateReport.objects.filter(pk__in=[row.pk for row in others]).update(inquiry=first.inquiry)
    return len(rows)


def _join(report: CertificateReport) -> Place:
    """Join the inquiry that is open. Those who sign in are counted apart, so that nobody can fill their places."""
    inquiry = report.inquiry
    assert inquiry is not None  # noqa: S101 -- the caller saw to it
    if inquiry.reports.filter(by__isnull=report.by is None).count() >= MOST_REPORTS:
        return Place.ADDED
    priority = _ANONYMOUS_PRIORITY if report.by is None else casework.DOUBT_PRIORITY
    casework.show_in_open_case(inquiry, "report", report.by, priority=priority)
    return Place.CASE


def _open(report: CertificateReport) -> Place:
    """Open an inquiry with a case, or say why the report is kept."""
    certificate, now = report.certificate, clock.now()
    assert certificate is not None  # noqa: S101 -- the caller saw to it
    if report.by is None:
        lock_names(_LOCK)  # several are counted one after another
        opened = CertificateReport.objects.filter(by=None, opened_at__isnull=False)
        if opened.filter(certificate=certificate, opened_at__gt=now - _MONTH).count() >= CASES_OF_CERTIFICATE:
            return Place.KEPT_RECENT
        if opened.filter(opened_at__gt=now - _DAY).count() >= CASES_A_DAY:
            return Place.KEPT_TODAY
    priority = _ANONYMOUS_PRIORITY if report.by is None else casework.DOUBT_PRIORITY
    case = casework.open_certificate_case(certificate, by=None, priority=priority)
    report.inquiry = Inquiry.objects.create(certificate=certificate, raised_at=now, case=case)
    report.opened_at = now
    labels.record_certificate_event(events.CERTIFICATE_DOUBTED, certificate, None, case=case.number)
    return Place.CASE
