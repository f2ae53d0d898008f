"""Labels that platforms show beside a name: one for each valid certificate, on each account that is proven to be the holder's.

Nothing is remembered of what a platform shows. A job compares what it shows with what is expected, sets or clears what
differs, and reads the outcome. It runs after every change, at the second at which a certificate begins or ends, once a
week for everybody, and every hour where a platform does not show what it should (portal/outbound/discrepancies.py).
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models.functions import Mod

from certification import events
from certification.models import Certificate
from portal import clock
from portal.audit import trail
from portal.jobs.attempts import JobAttempt
from portal.jobs.models import Job, JobState
from portal.jobs.queue import enqueue_again, enqueue_job
from portal.outbound.discrepancies import note_discrepancy, open_discrepancies, settle_discrepancy
from portal.outbound.models import Effect, Problem
from portal.people import links
from portal.people.models import LinkedAccount, User
from portal.platforms import Declined, Label, NotServed, PlatformError, Unknown, registry

LABEL_JOB = "certification.label"
LABEL_ATTEMPTS = 12  # about 90 minutes of a platform that does not answer
HOURS_OF_WEEK = 7 * 24
LOOKED_AFTER = timedelta(days=90)  # after the end of a certificate
_LABEL_EVENTS = {
    events.CERTIFICATE_ISSUED,
    events.CERTIFICATE_EXPIRED,
    events.CERTIFICATE_SURRENDERED,
    events.CERTIFICATE_LAPSED,
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


def are_labels_due(person: User) -> bool:
    """Whether a job has still to bring labels on platforms up to their certificates."""
    open_states = (JobState.QUEUED, JobState.RUNNING)
    return Job.objects.filter(
        kind=LABEL_JOB, payload={"person": person.pk}, state__in=open_states, run_after__lte=clock.now()
    ).exists()


def mend_labels() -> int:
    """Enqueue the labels that do not show as they should, and those whose turn in the week it is; returns how many people.

    Every hour has its part of the week's people, by their ids; whoever's certificate ended long ago is not among them.
    """
    turn = int(clock.now().timestamp()) // 3600 % HOURS_OF_WEEK
    recent = Certificate.objects.filter(valid_to__gt=clock.now() - LOOKED_AFTER)
    due = recent.annotate(turn=Mod("holder_id", HOURS_OF_WEEK)).filter(turn=turn)
    wrong = open_discrepancies().filter(effect=Effect.LABEL).values("subject")
    holders = {*due.values_list("holder_id", flat=True)}
    holders |= {*Certificate.objects.filter(serial__in=wrong).values_list("holder_id", flat=True)}
    return sum(enqueue_again(LABEL_JOB, {"person": holder}) for holder in sorted(holders))


def _apply_labels(expected: ExpectedLabels) -> None:
    """Update every platform; a failing one does not stop the others."""
    failure: PlatformError | None = None
    for place, label in expected.items():
        try:
            problem = None if _show_label(*place, label) else Problem.IGNORED
        except PlatformError as error:
            problem, failure = Problem.REFUSED if isinstance(error, Declined) else Problem.SILENT, error
        _note_outcome(*place, wanted=label is not None, problem=problem)
    if failure is not None:
        raise failure


def _show_label(platform: str, account: str, key: str, label: Label | None) -> bool:
    """Whether the platform shows the label, or none, after it was told if need be. True where there is nothing to show."""
    try:
        labels = registry.get_connector(platform).labels
        if labels is None or labels.shown_label(account, key=key) == label:
            return True
        if label is None:
            labels.clear_label(account, key=key)
        else:
            labels.set_label(account, label)
        return labels.shown_label(account, key=key) == label
    except (Unknown, NotServed):
        return True  # The account, or the platform, is not there any more: nothing shows.


def _note_outcome(platform: str, account: str, serial: str, *, wanted: bool, problem: Problem | None) -> None:
    key = f"label:{platform}:{account}:{serial}"
    if problem is None:
        # One that was to go may still show where labels are not supported any more: nobody can look.
        if wanted or not _has_unsupported_labels(platform):
            settle_discrepancy(key)
        return
    note_discrepancy(key, platform=platform, effect=Effect.LABEL, wanted=wanted, subject=serial, problem=problem)


def _has_unsupported_labels(platform: str) -> bool:
    try:
        return registry.get_connector(platform).labels is None
    except NotServed:
        return False


def _label_of_certificate(certificate: Certificate) -> Label:
    return Label(
        key=certificate.serial,
        texts=certificate.labels,
        url=f"{settings.BASE_URL}{certificate.get_absolute_url()}",
    )


def _enqueue_reconciliation(person_id: int, occasion: str, *, at: datetime | None = None) -> None:
    enqueue_job(LABEL_JOB, {"person": person_id}, key=f"label:{occasion}", at=at)
