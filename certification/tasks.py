"""Entry points of background work: job handlers, periodic tasks, and what AppConfig.ready() registers (file access, case links)."""

from certification import policies
from certification.actions import (
    applications,
    certificates,
    changes,
    checking,
    drafts,
    indexing,
    inquiries,
    labels,
    reading,
    record_retention,
    signing_keys,
)
from certification.models import Credential, ReadField
from portal.evidence import access
from portal.evidence.actions import keys, pages, retention
from portal.jobs import registry
from portal.outbound.platform_jobs import register_platform_jobs
from portal.people import departures, links
from portal.people.models import LinkedAccount

_MINUTE, _HOUR = 60, 3600


def register_certification_tasks() -> None:
    """Called once, when the app is ready."""
    registry.register_kind(checking.BEGIN_CHECKS_JOB, checking.run_begin_checks)
    registry.register_kind(
        checking.CHECK_JOB,
        checking.run_check,
        attempts=checking.CHECK_ATTEMPTS,
        exhausted=checking.give_up_check,
    )
    registry.register_kind(
        reading.READ_JOB, reading.read_papers, attempts=reading.READ_ATTEMPTS, exhausted=reading.give_up_reading
    )
    pages.register_ready_listener(reading.enqueue_reading)
    registry.register_kind(labels.LABEL_JOB, labels.reconcile_labels, attempts=labels.LABEL_ATTEMPTS)
    register_platform_jobs([labels.LABEL_JOB], field="person", model=LinkedAccount, path="platform", match="person_id")
    registry.register_periodic("certification.mend_labels", _HOUR, labels.mend_labels)
    links.register_link_listener(labels.update_labels_of_link)
    links.register_link_listener(changes.note_link_change)
    registry.register_periodic("certification.finish_stuck", 5 * _MINUTE, checking.finish_stuck_checks)
    registry.register_periodic("certification.expire", _MINUTE, certificates.expire_due_certificates)
    registry.register_periodic("certification.remind_of_renewal", _HOUR, certificates.send_renewal_reminders)
    registry.register_periodic("certification.remind", _HOUR, applications.send_answer_reminders)
    registry.register_periodic("certification.lapse", 5 * _MINUTE, applications.lapse_overdue_applications)
    registry.register_periodic("certification.open_answer_cases", 5 * _MINUTE, inquiries.open_overdue_answer_cases)
    registry.register_kind(indexing.INDEX_JOB, indexing.index_names)
    registry.register_periodic("certification.index_again", _HOUR, indexing.index_again)
    registry.register_periodic("certification.purge_drafts", _HOUR, drafts.purge_idle_applications)
    access.register_access_rule(policies.DOCUMENT_PURPOSE, policies.refuse_file_access)
    retention.register_need(policies.file_is_needed)
    retention.evidence_retention.register_derived(reading.delete_read_values)
    registry.register_periodic("certification.purge_records", _HOUR, record_retention.purge_application_records)
    departures.register_holds(record_retention.holds_of_applicant)
    departures.register_endings(record_retention.endings_of_applicant)
    departures.register_erasure(record_retention.erase_drafts)
    keys.register_text_renewal("identifiers", _renew_identifiers)
    keys.register_text_renewal("values read on papers", _renew_read_values)
    keys.register_text_renewal("signing keys", signing_keys.renew_sealed_keys)


def _renew_identifiers() -> int:
    return keys.renew_column(Credential.objects.all(), "identifier_sealed", bound_to=lambda row: row.bound_to)


def _renew_read_values() -> int:
    return keys.renew_column(ReadField.objects.all(), "value_sealed", bound_to=lambda row: row.bound_to)
