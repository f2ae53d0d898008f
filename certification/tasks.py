"""Entry points of background work: job handlers, periodic tasks, and what AppConfig.ready() registers (file access, case links)."""

from django.conf import settings

from certification import policies
from certification.actions import (
    abolitions,
    applications,
    batches,
    certificates,
    changes,
    checking,
    document_retention,
    drafts,
    draw_checks,
    expiry,
    indexing,
    inquiries,
    inspections,
    labels,
    reading,
    rechecks,
    record_retention,
    register_imports,
    register_queries,
    register_questions,
    register_rechecks,
    reports,
    rule_previews,
    rules,
    signing_keys,
)
from certification.models import Credential, InspectionRound, ReadField, RegisterQuery
from portal.evidence import access
from portal.evidence.actions import keys, pages, retention
from portal.jobs import registry
from portal.outbound.platform_jobs import register_platform_jobs
from portal.people import departures, links, mandates
from portal.people.models import LinkedAccount

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def register_certification_tasks() -> None:
    """Called once, when the app is ready."""
    _register_applications()
    _register_certificates()
    _register_registers()
    _register_rules()
    _register_files()


def _register_applications() -> None:
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
    registry.register_kind(checking.LATE_CHECK_JOB, checking.run_late_check, attempts=checking.CHECK_ATTEMPTS)
    registry.register_periodic("certification.late_checks", 5 * _MINUTE, checking.enqueue_late_checks)
    registry.register_periodic("certification.finish_stuck", 5 * _MINUTE, checking.finish_stuck_checks)
    registry.register_periodic("certification.remind", _HOUR, applications.send_answer_reminders)
    registry.register_periodic("certification.lapse", 5 * _MINUTE, applications.lapse_overdue_applications)
    registry.register_periodic("certification.purge_drafts", _HOUR, drafts.purge_idle_applications)


def _register_certificates() -> None:
    registry.register_kind(labels.LABEL_JOB, labels.reconcile_labels, attempts=labels.LABEL_ATTEMPTS)
    register_platform_jobs([labels.LABEL_JOB], field="person", model=LinkedAccount, path="platform", match="person_id")
    registry.register_periodic("certification.mend_labels", _HOUR, labels.mend_labels)
    links.register_link_listener(labels.update_labels_of_link)
    links.register_link_listener(changes.note_link_change)
    registry.register_periodic("certification.expire", _MINUTE, expiry.expire_due_certificates)
    registry.register_kind(expiry.EXPIRE_SOME_JOB, expiry.expire_some)
    registry.register_periodic("certification.remind_of_renewal", _HOUR, certificates.send_renewal_reminders)
    registry.register_periodic("certification.place_reports", _HOUR, reports.place_kept_reports)
    registry.register_periodic("certification.open_answer_cases", 5 * _MINUTE, inquiries.open_overdue_answer_cases)
    registry.register_kind(rechecks.READ_PROFILE_JOB, rechecks.read_profile, attempts=rechecks.READ_PROFILE_ATTEMPTS)
    register_platform_jobs([rechecks.READ_PROFILE_JOB], field="link", model=LinkedAccount, path="platform", match="pk")
    registry.register_periodic("certification.read_profiles", _HOUR, rechecks.read_profiles_again)
    registry.register_kind(rechecks.AGENCY_JOB, rechecks.compare_agency)
    mandates.register_mandate_listener(rechecks.follow_mandate)
    registry.register_kind(
        draw_checks.DRAW_JOB,
        draw_checks.compute_draw,
        attempts=draw_checks.DRAW_ATTEMPTS,
        exhausted=draw_checks.give_up_draw,
    )
    registry.register_periodic("certification.draw_inspections", _HOUR, _draw_inspections)
    registry.register_periodic("certification.ask_inspected", 5 * _MINUTE, inspections.ask_inspected)
    registry.register_periodic("certification.remind_inspected", _HOUR, inspections.remind_inspected)
    registry.register_periodic("certification.close_inspections", 5 * _MINUTE, inspections.close_missed_inspections)
    registry.register_kind(abolitions.GIVE_NOTICE_JOB, abolitions.give_notice)
    registry.register_periodic("certification.resume_notices", _HOUR, abolitions.resume_notices)
    registry.register_periodic("certification.remind_of_lapses", _HOUR, abolitions.remind_of_lapses)
    registry.register_kind(batches.BATCH_JOB, batches.carry_out_batch)
    registry.register_periodic("certification.discard_batches", _HOUR, batches.discard_forgotten_batches)
    registry.register_periodic("certification.resume_batches", 5 * _MINUTE, batches.resume_batches)
    registry.register_periodic("certification.keep_maxima", _HOUR, certificates.keep_longest_validities)
    registry.register_kind(indexing.INDEX_JOB, indexing.index_names)
    registry.register_periodic("certification.index_again", _HOUR, indexing.index_again)


def _draw_inspections() -> int:
    """In a demo the first draw is made once its register is full of certificates of the past (certification/demo)."""
    if settings.DEMO and not InspectionRound.objects.exists():
        return 0
    return inspections.draw_inspections()


def _register_registers() -> None:
    registry.register_kind(
        register_questions.ASK_JOB,
        register_queries.run_ask,
        attempts=register_queries.ASK_ATTEMPTS,
        exhausted=register_queries.give_up_asking,
    )
    registry.register_kind(register_rechecks.CONSEQUENCE_JOB, register_rechecks.take_answer)
    registry.register_periodic("certification.plan_rechecks", _DAY, register_rechecks.plan_rechecks)
    registry.register_periodic("certification.recheck", _HOUR, register_rechecks.recheck_due_credentials)
    registry.register_periodic("certification.end_looks", _HOUR, register_rechecks.end_idle_looks)
    registry.register_periodic("certification.expired_papers", _DAY, register_rechecks.open_cases_of_expired_papers)
    registry.register_periodic("certification.purge_register_files", _HOUR, register_imports.delete_replaced_entries)


def _register_rules() -> None:
    registry.register_periodic("certification.apply_rules", _MINUTE, rules.apply_due_versions)
    rules.register_rule_changes()
    registry.register_kind(rule_previews.PREVIEW_JOB, rule_previews.run_preview)
    registry.register_periodic("certification.purge_rule_previews", 24 * _HOUR, rule_previews.purge_previews)


def _register_files() -> None:
    access.register_access_rule(policies.DOCUMENT_PURPOSE, policies.refuse_file_access)
    access.register_access_rule(policies.PAGE_PURPOSE, policies.refuse_register_page_access, binds_owner=True)
    retention.register_need(policies.file_is_needed)
    retention.evidence_retention.register_derived(reading.delete_read_values)
    registry.register_periodic("certification.shorten_retention", 24 * _HOUR, document_retention.shorten_retention)
    registry.register_periodic("certification.forgotten_files", _DAY, document_retention.let_go_forgotten_files)
    registry.register_periodic("certification.purge_records", _HOUR, record_retention.purge_application_records)
    departures.register_holds(record_retention.holds_of_applicant)
    departures.register_endings(record_retention.endings_of_applicant)
    departures.register_erasure(record_retention.erase_drafts)
    departures.register_erasure_wait(labels.are_labels_due)
    departures.register_erasure_holds(record_retention.holds_of_excluded)
    departures.register_erasure_holds(record_retention.holds_of_reporter)
    departures.register_erasure_endings(record_retention.endings_of_holder)
    departures.register_record_erasure(record_retention.erase_records_of_applicant)
    departures.register_record_erasure(record_retention.erase_reports_of_person)
    departures.register_erasure(record_retention.erase_profile_claims)
    keys.register_text_renewal("identifiers", _renew_identifiers)
    keys.register_text_renewal("values read on papers", _renew_read_values)
    keys.register_text_renewal("answers of registers", _renew_register_values)
    keys.register_text_renewal("signing keys", signing_keys.renew_sealed_keys)


def _renew_identifiers() -> int:
    return keys.renew_column(Credential.objects.all(), "identifier_sealed", bound_to=lambda row: row.bound_to)


def _renew_read_values() -> int:
    return keys.renew_column(ReadField.objects.all(), "value_sealed", bound_to=lambda row: row.bound_to)


def _renew_register_values() -> int:
    return keys.renew_column(RegisterQuery.objects.all(), "values_sealed", bound_to=lambda row: row.bound_to)
