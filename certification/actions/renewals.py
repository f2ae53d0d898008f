"""The short form of a renewal: nothing changed, so what the certificate rests on is handed in again, under the rules of now."""

from django.db import transaction
from django.utils.translation import gettext as _

from certification import events, policies
from certification.actions import applications, drafts
from certification.actions.rules import apply_due_versions
from certification.models import Application, Certificate
from portal.audit import trail
from portal.errors import Invalid
from portal.people.models import User


def renew_unchanged(*, certificate: Certificate, by: User, consent: bool) -> tuple[Application, bool]:
    """The holder says that nothing changed: begin the renewal with all that was accepted, and submit it.

    Where the rules in force ask for more, or a document is too old or was deleted, it stays a draft with what there is;
    the second value says whether it was submitted.
    """
    apply_due_versions()
    if certificate.renewable_from is not None:
        raise Invalid(_("A change was confirmed. Please renew with the details that are true now."))
    with transaction.atomic():
        renewal = drafts.start_application(area=certificate.area, by=by, renews=certificate)
        _copy_credentials(certificate.application, renewal)
        trail.record_event(events.RENEWAL_PREFILLED, renewal, by=by)
        if policies.application_gaps(renewal):
            return renewal, False
        if reason := policies.refuse_submission(renewal, by, consent=consent):
            raise Invalid(reason)
        renewal.write(unchanged=True)
        applications.submit_application(application=renewal, by=by, consent=consent)
    return renewal, True


def _copy_credentials(old: Application, renewal: Application) -> None:
    for credential in old.credentials.exclude(accepted_by=None).select_related("type").order_by("pk"):
        if credential.type.active:
            drafts.copy_credential(credential, renewal)
