"""A certificate's quiet life: issued, renewed, expired, given up. What is decided against one is in inquiries.py."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certification import events, names, notices, policies
from certification.actions import labels
from certification.actions.papers import keep_until
from certification.models import Application, Certificate, HeldNumber
from certification.states import CertificateState
from portal import clock
from portal.accounts.mandates import running
from portal.accounts.models import User
from portal.errors import Conflict, NotAllowed
from portal.reviews.models import Decision

RENEWAL_NOTICES = (60, 30, 7, 1)  # days before the end
_BATCH = 500


def issue(*, application: Application, decision: Decision, by: User) -> Certificate:
    """Issue what an approved application earned, in the caller's transaction: label, name and dates are frozen."""
    begins, ends = policies.validity(application, clock.now())
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
        agency_name=_agency_of(application.applicant),
        label_en=requirement.label_en,
        label_zh=requirement.label_zh,
        valid_from=begins,
        valid_to=ends,
        decision=decision,
    )
    certificate.grams = _grams(certificate)
    _keep(certificate, application)
    data = {"serial": certificate.serial, "area": certificate.area.code, "valid_to": ends.isoformat()}
    labels.record(events.CERTIFICATE_ISSUED, certificate, by, **data)
    labels.follow_the_clock(certificate)
    keep_until(certificate.application, ends + policies.PAPERS_KEPT)
    return certificate


def expire_due() -> int:
    """Write down the end of certificates whose time is over; they have not counted since that second. Returns how many."""
    over = list(Certificate.objects.over_at(clock.now()).select_related("holder", "area__jurisdiction")[:_BATCH])
    return sum(_expire(certificate) for certificate in over)


def remind_of_renewal() -> int:
    """Say 60, 30, 7 and 1 day before the end that it comes, each once; nothing to those who renewed already."""
    now = clock.now()
    ending = Certificate.objects.valid_at(now).filter(
        valid_to__lte=now + timedelta(days=RENEWAL_NOTICES[0]), renewed_by=None
    )
    rows = ending.select_related("holder", "area__jurisdiction")
    for certificate in rows.order_by("valid_to", "pk").iterator(chunk_size=_BATCH):
        left = certificate.valid_to - now
        due = min(days for days in RENEWAL_NOTICES if left <= timedelta(days=days))
        notices.remind_of_renewal(certificate, days=due)
    return ending.count()


def surrender(*, certificate: Certificate, by: User) -> None:
    """The holder gives the certificate up; it ends at once."""
    if reason := policies.refuse_surrender(certificate, by):
        raise NotAllowed(reason)
    with transaction.atomic():
        end(certificate, "surrender")
        labels.record(events.CERTIFICATE_SURRENDERED, certificate, by)
        notices.about_certificate(events.CERTIFICATE_SURRENDERED, certificate)


def end(certificate: Certificate, move: str, **fields: object) -> None:
    """Make a move that ends the certificate: its numbers are free, its papers have a last day."""
    now = clock.now()
    certificate.move(move, ended_at=now, **fields)
    certificate.numbers.update(standing=False)
    keep_until(certificate.application, now + policies.PAPERS_KEPT)


def take_numbers_again(certificate: Certificate) -> None:
    """A restored certificate holds its numbers again; Conflict if somebody else holds one meanwhile."""
    try:
        with transaction.atomic():
            certificate.numbers.update(standing=True)
    except IntegrityError as error:
        raise Conflict(_NUMBER_TAKEN) from error


_NUMBER_TAKEN = gettext_lazy("A number on these papers stands on another holder's certificate.")


def _expire(certificate: Certificate) -> bool:
    try:
        with transaction.atomic():
            end(certificate, "expire")
            labels.record(events.CERTIFICATE_EXPIRED, certificate, None)
            if not Certificate.objects.filter(renews=certificate, state=CertificateState.ACTIVE).exists():
                notices.about_certificate(events.CERTIFICATE_EXPIRED, certificate)
    except Conflict:
        return False
    return True


def _keep(certificate: Certificate, application: Application) -> None:
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
            raise Conflict(_NUMBER_TAKEN) from error
        raise Conflict(_("This person already holds a certificate in this area for that time.")) from error


def _agency_of(holder: User) -> str:
    mandate = running(clock.now()).filter(creator=holder).select_related("agency").order_by("-starts_at", "pk").first()
    return mandate.agency.name if mandate else ""


def _grams(certificate: Certificate) -> list[str]:
    area = certificate.area
    return names.grams(
        certificate.public_name,
        certificate.claims,
        certificate.affiliation,
        certificate.agency_name,
        area.name_en,
        area.name_zh,
    )
