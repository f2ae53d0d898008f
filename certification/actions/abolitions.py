"""Abolish an area, a category or a credential type: proposed by one, announced by another, in force after 60 days at least.

What rests on it ends on that day by its own end date, which is brought forward at the announcement; nothing has to run then.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from certification import events, expressions, notices, policies
from certification.actions import casework, labels
from certification.models import (
    Abolition,
    ApplicantCategory,
    Certificate,
    Credential,
    CredentialType,
    KeyArea,
)
from certification.models.abolitions import NOTICE
from certification.models.certificates import CertificateQuerySet
from certification.states import STANDING_STATES
from portal import clock
from portal.audit import trail
from portal.errors import Conflict, Invalid, require_allowed
from portal.jobs.attempts import JobAttempt
from portal.jobs.queue import enqueue_again, enqueue_job
from portal.people.models import User
from portal.reviews.policies import MIN_EXPLANATION
from portal.texts import require_text
from portal.workflow import write_row

GIVE_NOTICE_JOB = "certification.give_notice"
REMINDER_DAYS = (30, 7, 1)  # days before the end
_BATCH = 200
_APPROVALS_END = timedelta(hours=1)  # far longer than a transaction may take


def propose_abolition(
    *,
    by: User,
    takes_effect_at: datetime,
    explanations: Mapping[str, str],
    area: KeyArea | None = None,
    category: ApplicantCategory | None = None,
    credential_type: CredentialType | None = None,
) -> Abolition:
    """Ask for an abolition; nothing changes before another person announces it."""
    require_allowed(policies.refuse_abolition_proposal(by))
    for code, text in explanations.items():
        require_text(
            f"explanation_{code.replace('-', '_')}",
            text,
            least=MIN_EXPLANATION,
            most=1000,
            missing=policies.WHY_TOO_SHORT,
        )
    if takes_effect_at < clock.now() + NOTICE:
        raise Invalid.at("takes_effect_on", _("Please choose a day that is more than 60 days away."))
    try:
        with transaction.atomic():
            row = Abolition.objects.create(
                area=area,
                category=category,
                credential_type=credential_type,
                explanations=dict(explanations),
                takes_effect_at=takes_effect_at,
                proposed_by=by,
                proposed_at=clock.now(),
            )
            trail.record_event(events.ABOLITION_PROPOSED, row, by=by, at=takes_effect_at.isoformat())
    except IntegrityError as error:
        if "abolition_once" not in str(error):
            raise
        raise Invalid(_("This abolition has already been proposed or announced.")) from error
    return row


def announce_abolition(*, abolition: Abolition, by: User) -> None:
    """The second person agrees: applications are refused from now on, and every holder concerned gets notice.

    Raises Conflict if the day came closer than the notice while it waited.
    """
    require_allowed(policies.refuse_announcement(abolition, by))
    now = clock.now()
    if abolition.takes_effect_at < now + NOTICE:
        raise Conflict(_("The day is less than 60 days away by now. Call this off and propose a later day."))
    with transaction.atomic():
        write_row(abolition, {"announced_by": by, "announced_at": now}, announced_at=None, called_off_at=None)
        trail.record_event(events.ABOLITION_ANNOUNCED, abolition, by=by, at=abolition.takes_effect_at.isoformat())
        _enqueue_notice(abolition)


def call_off_abolition(*, abolition: Abolition, by: User) -> None:
    """Nothing is abolished after all, while the day has not come: certificates end when they would have ended."""
    require_allowed(policies.refuse_calling_off(abolition, by))
    with transaction.atomic():
        fields = {"called_off_by": by, "called_off_at": clock.now(), "noticed_at": None}
        write_row(abolition, fields, called_off_at=None)
        trail.record_event(events.ABOLITION_CALLED_OFF, abolition, by=by)
        _enqueue_notice(abolition)


def give_notice(run: JobAttempt) -> None:
    """Job: bring the ends of certificates forward to the day of an abolition, or back after it was called off.

    Each certificate is changed and its holder told in a transaction of its own, so that the job goes on where it ended.
    """
    abolition = Abolition.objects.select_related("area", "category", "credential_type").get(pk=run.payload["abolition"])
    change, after = _call_off if abolition.called_off_at else _bring_forward, 0
    while rows := list(_concerned(abolition).filter(pk__gt=after)[:_BATCH]):
        for row in rows:
            change(abolition, row)
        after = rows[-1].pk
        run.extend()
    with run.finish():
        same = {"called_off_at": abolition.called_off_at}
        Abolition.objects.filter(pk=abolition.pk, **same).update(noticed_at=clock.now())
        if abolition.called_off_at:
            # Another one may end what has its full time again: those that are announced are gone through once more.
            still = Abolition.objects.announced().exclude(pk=abolition.pk).filter(takes_effect_at__gt=clock.now())
            still.update(noticed_at=None)


def resume_notices() -> int:
    """Enqueue the notices of abolitions whose job was given up; returns how many abolitions."""
    late = Abolition.objects.filter(noticed_at=None).exclude(announced_at=None).values_list("pk", flat=True)
    return sum(enqueue_again(GIVE_NOTICE_JOB, {"abolition": pk}) for pk in late)


def remind_of_lapses() -> int:
    """Remind holders 30, 7 and 1 days before their certificate lapses, each once; returns how many were looked at."""
    now, count = clock.now(), 0
    rows = Certificate.objects.valid_now().filter(abolition__isnull=False, valid_to__lte=now + REMINDER_DAYS[0] * _DAY)
    for row in rows.select_related("holder", "area__jurisdiction").iterator(chunk_size=_BATCH):
        due = min(days for days in REMINDER_DAYS if row.valid_to - now <= days * _DAY)
        notices.remind_of_lapse(row, days=due)
        count += 1
    return count


_DAY = NOTICE / 60


def _enqueue_notice(abolition: Abolition) -> None:
    """Now, and once more when every approval has ended that began without seeing the abolition, or its being called off."""
    turn = "off" if abolition.called_off_at else "on"
    payload, key = {"abolition": abolition.pk}, f"{GIVE_NOTICE_JOB}:{abolition.pk}:{turn}"
    enqueue_job(GIVE_NOTICE_JOB, payload, key=key)
    enqueue_job(GIVE_NOTICE_JOB, payload, key=f"{key}:again", at=clock.now() + _APPROVALS_END)


def _concerned(abolition: Abolition) -> CertificateQuerySet:
    """Certificates whose end has still to be changed."""
    rows = Certificate.objects.filter(state__in=STANDING_STATES).order_by("pk")
    rows = rows.select_related("holder", "area__jurisdiction", "category", "application", "requirement")
    if abolition.called_off_at:
        return rows.filter(abolition=abolition, valid_to__gt=clock.now())
    day = abolition.takes_effect_at
    rows = rows.filter(valid_to__gt=day, valid_from__lt=day)
    if abolition.credential_type is None:
        rows = rows.filter(area=abolition.area)
        return rows.filter(category=abolition.category) if abolition.category else rows
    accepted = Credential.objects.filter(type=abolition.credential_type, accepted_at__isnull=False)
    return rows.filter(application__in=accepted.values("application"))


def _holds_without(certificate: Certificate, code: str) -> bool:
    accepted = certificate.application.credentials.exclude(accepted_by=None)
    held = set(accepted.values_list("type__code", flat=True)) - {code}
    return expressions.is_satisfied(certificate.requirement.expression, held)


def _bring_forward(abolition: Abolition, certificate: Certificate) -> None:
    with transaction.atomic():
        casework.lock_certificate(certificate)
        if Abolition.objects.select_for_update(no_key=True).get(pk=abolition.pk).called_off_at:
            return  # while this job ran
        day, kind = abolition.takes_effect_at, abolition.credential_type
        if certificate.state not in STANDING_STATES or certificate.valid_to <= day:
            return
        if kind is not None and _holds_without(certificate, kind.code):
            return
        full = certificate.full_valid_to or certificate.valid_to
        certificate.write(abolition=abolition, full_valid_to=full, valid_to=day)
        labels.record_certificate_event(events.LAPSE_ANNOUNCED, certificate, None, valid_to=day.isoformat())
        labels.schedule_label_updates(certificate)
        # Told each time that the end is brought forward, which may be more than once if another abolition is called off.
        notices.notify_holder(events.LAPSE_ANNOUNCED, certificate, once=f"{abolition.pk}:{clock.now().isoformat()}")


def _call_off(abolition: Abolition, certificate: Certificate) -> None:
    with transaction.atomic():
        casework.lock_certificate(certificate)
        if certificate.abolition_id != abolition.pk or certificate.valid_to <= clock.now():
            return
        end = certificate.full_valid_to or certificate.valid_to
        certificate.write(abolition=None, full_valid_to=None, valid_to=end)
        labels.record_certificate_event(events.LAPSE_CALLED_OFF, certificate, None, valid_to=end.isoformat())
        labels.schedule_label_updates(certificate)
        notices.notify_holder(events.LAPSE_CALLED_OFF, certificate, once=str(abolition.pk))
