"""Reports by the public that a certificate is false: all about one certificate come to one reviewer."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from certification import events, policies
from certification.actions import casework, labels
from certification.models import Certificate, CertificateReport, Inquiry
from portal import clock
from portal.errors import Conflict, require_allowed
from portal.people.models import User
from portal.reviews.actions.participation import record_participation
from portal.reviews.models import Participation
from portal.reviews.policies import MIN_EXPLANATION
from portal.texts import require_text

# So many reports are read with one inquiry; more of them would hide what the first ones say.
MOST_REPORTS = 20
_TOO_SHORT = _("Please say what is wrong and how you know: at least 20 characters.")
_ENOUGH = _("Many people have reported this certificate, and a reviewer is looking into it. Thank you.")


def report_certificate(*, certificate: Certificate, text: str, by: User | None) -> CertificateReport:
    """Put a report into the queue; `by` is None for whoever is not signed in. The certificate stays valid in the meantime.

    The first report opens an inquiry, with a case for a reviewer; those that come while it is open join it.
    """
    require_allowed(policies.refuse_report(certificate, by))
    text = require_text("text", text, least=MIN_EXPLANATION, most=policies.TEXT_LIMIT, missing=_TOO_SHORT)
    with transaction.atomic():
        casework.lock_certificate(certificate)
        require_allowed(policies.refuse_report(certificate, by))
        still_open = casework.open_inquiry(certificate)
        inquiry = still_open or _open_inquiry(certificate)
        # Those who sign in are counted apart, so that nobody can fill their places without an account.
        if inquiry.reports.filter(by__isnull=by is None).count() >= MOST_REPORTS:
            raise Conflict(_ENOUGH)
        if still_open is not None:
            casework.show_in_open_case(inquiry, "report", by)
        report = CertificateReport.objects.create(inquiry=inquiry, text=text, by=by, at=clock.now())
        labels.record_certificate_event(events.CERTIFICATE_REPORTED, certificate, by, inquiry=inquiry.pk)
        if by is not None:
            record_participation(inquiry.case, by, Participation.DOUBT)
    return report


def _open_inquiry(certificate: Certificate) -> Inquiry:
    case = casework.open_certificate_case(certificate, by=None)
    inquiry = Inquiry.objects.create(certificate=certificate, raised_at=clock.now(), case=case)
    labels.record_certificate_event(events.CERTIFICATE_DOUBTED, certificate, None, case=case.number)
    return inquiry
