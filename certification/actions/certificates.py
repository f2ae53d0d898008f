"""Issue, renew and give up certificates. Their end by time is in expiry.py, what is decided against one in inquiries.py."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from certification import events, notices, policies, search_ngrams
from certification.actions import labels, periods
from certification.actions.casework import end_looks, lock_certificate
from certification.actions.document_retention import keep_certificate_files
from certification.models import Application, Certificate, HeldNumber
from portal import clock
from portal.errors import Conflict, require_allowed
from portal.people.mandates import running_mandates
from portal.people.models import User
from portal.reviews.models import Decision

RENEWAL_REMINDER_DAYS = (60, 30, 7, 1)  # days before the end
_BATCH = 500


def issue_certificate(*, application: Application, decision: Decision, by: User) -> Certificate:
    """Issue the certificate of an approved application, in the caller's transaction: label, name and dates are frozen."""
    now = clock.now()
    begins, ends = policies.certificate_validity(application, now)
    full = policies.full_validity(application, now)[1]
    requirement = application.requirement
    assert requirement is not None  # noqa: S101 -- the policy of approval saw to it
    certificate = Certificate(
        application=application,
        holder=application.applicant,
        area=application.area,
        category=application.category,
        requirement=requirement,
        renews=application.renews,
        public_name=application.public_name,
        claims=application.claims,
        affiliation=application.affiliation,
        agency_name=agency_of(application.applicant),
        labels=requirement.labels,
        issued_at=now,
        valid_from=begins,
        valid_to=ends,
        decision=decision,
    )
    if ends < full:
        certificate.abolition, certificate.full_valid_to = policies.ending_abolition(application), full
    for field, texts in certificate.names_to_keep().items():
        setattr(certificate, field, texts)
    certificate.search_ngrams = ngrams_of_certificate(certificate)
    if application.renews is not None and begins < application.renews.valid_to:
        periods.end_replaced(application.renews, application)
    _save_with_numbers(certificate, application)
    data = {"serial": certificate.serial, "area": certificate.area.code, "valid_to": ends.isoformat()}
    labels.record_certificate_event(events.CERTIFICATE_ISSUED, certificate, by, **data)
    labels.schedule_label_updates(certificate)
    keep_certificate_files(certificate)
    return certificate


def keep_longest_validities() -> int:
    """Have rows of earlier releases keep the maximum of their requirement, as new ones do; returns how many."""
    missing = Certificate.objects.filter(max_validity=None).order_by("pk").values("pk")[:_BATCH]
    count = 0
    # The trigger puts in what the requirement says.
    while done := Certificate.objects.filter(pk__in=list(missing.values_list("pk", flat=True))).update(max_validity=0):
        count += done
    return count


def send_renewal_reminders() -> int:
    """Send reminders 60, 30, 7 and 1 days before the end, each once, except where a renewal exists."""
    now = clock.now()
    ending = Certificate.objects.valid_now().filter(
        valid_to__lte=now + timedelta(days=RENEWAL_REMINDER_DAYS[0]), renewed_by=None, abolition=None
    )
    rows = ending.select_related("holder", "area__jurisdiction")
    for certificate in rows.order_by("valid_to", "pk").iterator(chunk_size=_BATCH):
        if now < certificate.renewal_opens_at:
            continue
        left = certificate.valid_to - now
        due = min(days for days in RENEWAL_REMINDER_DAYS if left <= timedelta(days=days))
        notices.remind_of_renewal(certificate, days=due)
    return ending.count()


def surrender_certificate(*, certificate: Certificate, by: User) -> None:
    """The holder gives the certificate up, with all its periods: it ends at once."""
    with transaction.atomic():
        lock_certificate(certificate)  # a doubt that is raised at this moment is seen, or sees the end
        require_allowed(policies.refuse_surrender(certificate, by))
        end_looks(certificate)  # cases are locked before files
        periods.surrender_periods(certificate, by)
        notices.notify_holder(events.CERTIFICATE_SURRENDERED, certificate)


def _save_with_numbers(certificate: Certificate, application: Application) -> None:
    """Save it with its numbers. The database refuses overlapping certificates and numbers of other holders."""
    try:
        with transaction.atomic():
            certificate.save(force_insert=True)
            accepted = application.credentials.exclude(accepted_by=None).filter(type__personal=True)
            HeldNumber.objects.bulk_create(
                HeldNumber(
                    certificate=certificate,
                    holder=application.applicant,
                    type=credential.type,
                    fingerprint=credential.fingerprint,
                )
                for credential in accepted.exclude(fingerprint="").select_related("type")
            )
    except IntegrityError as error:
        if "number_one_holder" in str(error):
            raise Conflict(periods.NUMBER_TAKEN) from error
        raise Conflict(_("This person already holds a certificate in this area for that period.")) from error


def agency_of(holder: User) -> str:
    """The name of the agency that represents a person now, or ""."""
    rows = running_mandates(clock.now()).filter(creator=holder).select_related("agency")
    mandate = rows.order_by("-starts_at", "pk").first()
    return mandate.agency.name if mandate else ""


def ngrams_of_certificate(certificate: Certificate) -> list[str]:
    """Under what the register finds a certificate."""
    area = certificate.area
    return search_ngrams.ngrams_of_texts(
        certificate.public_name,
        certificate.claims,
        certificate.affiliation,
        certificate.agency_name,
        *area.names.values(),
    )
