"""Which message goes to whom at which event; the texts are in templates/emails/certification/."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils.formats import date_format

from certification import events
from certification.models import Application, Batch, Certificate, InfoRequest
from portal import clock
from portal.languages import Texts
from portal.notifications.mail import render_notification
from portal.notifications.messages import Told, notify_many, notify_person
from portal.people.models import User
from portal.web.durations import duration_text

MessageFact = str | datetime | timedelta

ASK_REMINDER = "certification.ask_reminder"
RENEWAL_DUE = "certification.renewal_due"
LAPSE_DUE = "certification.lapse_due"
INSPECTION_DUE = "certification.inspection_due"
BATCH_SKIPPED = "certification.batch_skipped"


# The message of each event; it goes to the person whose case it is. Events that are not in this table tell nobody: they are steps that the pages show.
NOTICES: dict[str, str] = {
    events.APPLICATION_SUBMITTED: "certification.submitted",
    events.APPLICATION_WITHDRAWN: "certification.withdrawn",
    events.FILES_RETURNED: "certification.files_returned",
    events.INFO_ASKED: "certification.asked",
    events.APPLICATION_LAPSED: "certification.lapsed",
    events.APPLICATION_APPROVED: "certification.approved",
    events.APPLICATION_REJECTED: "certification.rejected",
    events.APPLICATION_APPEALED: "certification.appealed",
    events.APPEAL_GRANTED: "certification.appeal_granted",
    events.APPEAL_DISMISSED: "certification.appeal_dismissed",
    events.CERTIFICATE_EXPIRED: "certification.expired",
    events.CERTIFICATE_LAPSED: "certification.lapsed_rule",
    events.LAPSE_ANNOUNCED: "certification.lapse_announced",
    events.LAPSE_CALLED_OFF: "certification.lapse_called_off",
    events.INSPECTION_OPENED: "certification.inspection",
    events.CERTIFICATE_SUSPENDED: "certification.suspended",
    events.CHANGE_CONFIRMED: "certification.change_confirmed",
    events.CERTIFICATE_CLEARED: "certification.cleared",
    events.CERTIFICATE_REVOKED: "certification.revoked",
    events.FINDING_RECORDED: "certification.finding",
    events.FINDING_WITHDRAWN: "certification.finding_withdrawn",
    events.REVOCATION_APPEALED: "certification.revocation_appealed",
    events.CERTIFICATE_RESTORED: "certification.restored",
    events.REVOCATION_UPHELD: "certification.revocation_upheld",
    events.CERTIFICATE_SURRENDERED: "certification.surrendered",
}


def notify_applicant(event: str, application: Application, *, once: str = "", **facts: MessageFact) -> None:
    """Tell the applicant. `once` sets repeated events apart (a second question); facts go into the text."""
    key = f"{event}:{application.pk}:{once}"
    _send_notice(application.applicant, NOTICES[event], key, application, {"number": application.number, **facts})


def notify_holder(event: str, certificate: Certificate, *, once: str = "", **facts: MessageFact) -> None:
    """Tell the holder."""
    _send_notice(certificate.holder, NOTICES[event], f"{event}:{certificate.pk}:{once}", certificate, facts)


def notify_holders(event: str, certificates: Iterable[Certificate]) -> None:
    """Tell the holders of many certificates, each once: as notify_holder() does for one."""
    kind, texts = NOTICES[event], _SharedTexts(NOTICES[event])
    told = [Told(row.holder, f"{event}:{row.pk}:", row.holder_url, *texts.of_certificate(row)) for row in certificates]
    notify_many(kind, told)


class _SharedTexts:
    """The texts of one kind of message about many certificates: written once where they differ by the serial only."""

    _PLACE = "CT-PLACE-OF-SERIAL"

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._written: dict[tuple[str, datetime], tuple[Texts, Texts]] = {}

    def of_certificate(self, row: Certificate) -> tuple[Texts, Texts]:
        """Subjects and bodies."""
        key = (json.dumps([row.area_names, row.place_names], sort_keys=True), row.valid_to)
        if key not in self._written:
            facts: dict[str, MessageFact] = {"serial": self._PLACE, "valid_to": row.valid_to}
            self._written[key] = render_notification(self._kind, lambda: _text_context(row, facts))
        subjects, bodies = self._written[key]
        return subjects, {code: text.replace(self._PLACE, row.serial) for code, text in bodies.items()}


def remind_of_question(request: InfoRequest, *, day: int) -> None:
    """Remind the applicant of an open question, once for each reminder day."""
    application = request.application
    facts: dict[str, MessageFact] = {"number": application.number, "due_at": request.due_at}
    _send_notice(application.applicant, ASK_REMINDER, f"{ASK_REMINDER}:{request.pk}:{day}", application, facts)


def remind_of_renewal(certificate: Certificate, *, days: int) -> None:
    """Say in how long a certificate ends, once for each of the days on which people are reminded."""
    key = f"{RENEWAL_DUE}:{certificate.pk}:{days}"
    _send_notice(certificate.holder, RENEWAL_DUE, key, certificate, {"left": certificate.valid_to - clock.now()})


def remind_of_lapse(certificate: Certificate, *, days: int) -> None:
    """Say in how long a certificate lapses because of an abolition, once for each of the days of reminders."""
    key = f"{LAPSE_DUE}:{certificate.pk}:{days}"
    _send_notice(certificate.holder, LAPSE_DUE, key, certificate, {"left": certificate.valid_to - clock.now()})


def remind_of_inspection(certificate: Certificate, *, inspection: int, due_at: datetime) -> None:
    """Remind the holder, two days before the end, that an inspection waits for their answer."""
    key = f"{INSPECTION_DUE}:{inspection}"
    _send_notice(certificate.holder, INSPECTION_DUE, key, certificate, {"due_at": due_at})


def tell_skipped(batch: Batch, *, skipped: int, items: int) -> None:
    """Tell whoever confirmed a batch that not everything in it was decided; its page says why."""
    if batch.confirmed_by is None:
        return
    facts = {"skipped": str(skipped), "items": str(items)}
    key = f"{BATCH_SKIPPED}:{batch.pk}"
    notify_person(batch.confirmed_by, BATCH_SKIPPED, key=key, context=lambda: facts, url=batch.get_absolute_url())


def _send_notice(
    person: User, kind: str, key: str, row: Application | Certificate, facts: dict[str, MessageFact]
) -> None:
    """Write the message; its texts and dates are kept in every language."""
    known = dict(facts)
    if isinstance(row, Certificate):
        known |= {"serial": row.serial, "valid_to": row.valid_to}
    url = row.holder_url if isinstance(row, Certificate) else row.get_absolute_url()
    notify_person(person, kind, key=key, context=lambda: _text_context(row, known), url=url)


def _text_context(row: Application | Certificate, facts: dict[str, MessageFact]) -> dict[str, str]:
    """What the texts need, in the current language."""
    return {"area": row.full_area_name} | {name: _formatted_fact(fact) for name, fact in facts.items()}


def _formatted_fact(fact: MessageFact) -> str:
    if isinstance(fact, timedelta):
        return duration_text(fact)
    return date_format(fact, "DATE_FORMAT") if isinstance(fact, datetime) else fact
