"""Labels that platforms show beside a name: one for each valid certificate, on each account that is proven to be the holder's.

Nothing is remembered of what a platform shows. A job compares nothing: it sets what is expected and clears
the rest, both of which a platform does as often as it is asked. It runs after every change, and at the
second at which a certificate begins or ends.
"""

from datetime import datetime

from django.conf import settings

from certification import events
from certification.models import Certificate
from portal import clock
from portal.audit import trail
from portal.jobs.attempts import JobAttempt
from portal.jobs.queue import enqueue_job
from portal.people import links
from portal.people.models import LinkedAccount, User
from portal.platforms import Label, PlatformError, Unknown, registry

LABEL_JOB = "certification.label"
LABEL_ATTEMPTS = 12  # about 90 minutes of a platform that does not answer
_LABEL_EVENTS = {
    events.CERTIFICATE_ISSUED,
    events.CERTIFICATE_EXPIRED,
    events.CERTIFICATE_SURRENDERED,
    events.CERTIFICATE_SUSPENDED,
    events.CERTIFICATE_CLEARED,
    events.CERTIFICATE_REVOKED,
    events.CERTIFICATE_RESTORED,
}
# Platform, account and key of a label, to the label that belongs there or None.
ExpectedLabels = dict[tuple[str, str, str], Label | None]


def record_certificate_event(event: str, certificate: Certificate, by: User | None, **data: object) -> None:
    """Record an event of a certificate; if its validity changed, enqueue the update of its labels."""
    row = trail.record_event(event, certificate, by=by, **data)
    if event in _LABEL_EVENTS:
        _enqueue_reconciliation(certificate.holder_id, f"event:{row.pk}")


def schedule_label_updates(certificate: Certificate) -> None:
    """Look again when the certificate begins and when it ends."""
    for moment in (certificate.valid_from, certificate.valid_to):
        if moment > clock.now():
            _enqueue_reconciliation(certificate.holder_id, f"{certificate.serial}:{moment.isoformat()}", at=moment)


def update_labels_of_link(link: LinkedAccount) -> None:
    """An account was proven to be somebody's, or is no longer theirs (portal/people/links.py)."""
    _enqueue_reconciliation(link.person_id, f"link:{link.pk}:{link.state}")


def reconcile_labels(run: JobAttempt) -> None:
    """Job handler: make the labels of one person true.

    Ends only when what it asked for is still what is expected: of two jobs at the same moment, the one
    that asks last has then seen what the other knew. Raises PlatformError after all platforms were asked.
    """
    asked: ExpectedLabels = {}
    while (expected := expected_labels(run.payload["person"])) != asked:
        _apply_labels(
            {place: label for place, label in expected.items() if place not in asked or asked[place] != label}
        )
        asked = expected


def expected_labels(person_id: int) -> ExpectedLabels:
    """Every label of the person, on every account that is or was theirs. Three queries."""
    valid = set(Certificate.objects.filter(holder=person_id).valid_now().values_list("pk", flat=True))
    certificates = Certificate.objects.filter(holder=person_id).order_by("pk")
    places: dict[tuple[str, str], bool] = {}
    for link in links.ever_proven_accounts_of(person_id):
        place = (link.platform, link.external_id)
        places[place] = places.get(place, False) or link.is_proven
    return {
        (*place, row.serial): _label_of_certificate(row) if proven and row.pk in valid else None
        for row in certificates
        for place, proven in places.items()
    }


def _apply_labels(expected: ExpectedLabels) -> None:
    """Update every platform; a failing one does not stop the others."""
    failure: PlatformError | None = None
    for (platform, account, key), label in expected.items():
        try:
            shown = registry.get_connector(platform).labels
            if shown is None:
                continue  # The platform shows no labels through the portal.
            if label is None:
                shown.clear_label(account, key=key)
            else:
                shown.set_label(account, label)
        except Unknown:
            continue  # The account, or the platform, is not there any more: nothing shows.
        except PlatformError as error:
            failure = error
    if failure is not None:
        raise failure


def _label_of_certificate(certificate: Certificate) -> Label:
    return Label(
        key=certificate.serial,
        texts=certificate.labels,
        url=f"{settings.BASE_URL}{certificate.get_absolute_url()}",
    )


def _enqueue_reconciliation(person_id: int, occasion: str, *, at: datetime | None = None) -> None:
    enqueue_job(LABEL_JOB, {"person": person_id}, key=f"label:{occasion}", at=at)
