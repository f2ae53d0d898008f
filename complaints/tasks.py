"""Entry points of background work: job handlers, periodic tasks, and what AppConfig.ready() registers (file access, case links)."""

from functools import partial

from django.utils.translation import gettext_lazy as _

from complaints.actions import (
    account_claims,
    account_signals,
    comparing,
    comparison_evidence,
    copy_notices,
    follower_alerts,
    follower_choices,
    indexing,
    intake,
    invitation_answers,
    invitations,
    library_matches,
    opt_outs,
    platform_reports,
    previews,
    reconciliations,
    record_erasure,
    record_retention,
    remedies,
    remedy_checks,
    respondent_answers,
    restitution_pages,
    restitutions,
    undo_periods,
    works,
    years,
)
from complaints.models import (
    ComparisonEvidence,
    Complaint,
    FollowerChoice,
    FollowerOptOut,
    InvitationAnswer,
    PlatformReport,
    Remedy,
    Restitution,
    Statement,
)
from complaints.policies import parties, statements, terms
from portal.connectors import status
from portal.evidence import access
from portal.evidence.actions import keys, retention
from portal.jobs import registry
from portal.media import access as media_access
from portal.media.actions import retention as media_retention
from portal.outbound import lookups
from portal.outbound.platform_jobs import register_platform_jobs
from portal.people import departures, links
from portal.web import metrics

_MINUTE, _HOUR = 60, 3600


def register_complaint_tasks() -> None:
    """Called once, when the app is ready."""
    _register_intake()
    _register_remedies()
    _register_reports()
    _register_files()
    _register_platforms()


def _register_intake() -> None:
    registry.register_kind(
        comparing.PREPARE,
        comparing.prepare_videos,
        attempts=comparing.PREPARE_ATTEMPTS,
        exhausted=comparing.give_up_preparing,
    )
    for kind, handler in (
        (comparing.FINGERPRINT, comparing.fingerprint_video),
        (comparing.COMPARE, comparing.compare_videos),
    ):
        registry.register_kind(
            kind,
            handler,
            attempts=comparing.FINGERPRINT_ATTEMPTS,
            exhausted=comparing.give_up_comparing,
        )
    registry.register_kind(
        comparing.LOOK_CLOSER,
        comparing.look_closer,
        attempts=comparing.FINGERPRINT_ATTEMPTS,
        exhausted=comparing.give_up_looking,
    )
    registry.register_kind(
        comparison_evidence.DRAW_EVIDENCE,
        comparison_evidence.draw_evidence,
        attempts=comparison_evidence.DRAW_ATTEMPTS,
    )
    registry.register_kind(
        respondent_answers.MESSAGE_JOB,
        respondent_answers.send_party_message,
        attempts=respondent_answers.MESSAGE_ATTEMPTS,
        exhausted=respondent_answers.note_undelivered_message,
    )
    registry.register_kind(
        account_signals.COMPARE_ACCOUNTS,
        account_signals.compare_accounts,
        attempts=account_signals.COMPARE_ATTEMPTS,
        exhausted=account_signals.note_failed_comparison,
    )
    registry.register_kind(
        indexing.INDEX_WORK,
        indexing.index_work,
        attempts=indexing.INDEX_ATTEMPTS,
        exhausted=indexing.hold_without_words,
    )
    registry.register_kind(
        library_matches.LOOK_CLOSER,
        library_matches.look_closer,
        attempts=indexing.INDEX_ATTEMPTS,
        exhausted=library_matches.look_at_next,
    )
    registry.register_periodic("complaints.index_works", _MINUTE, indexing.enqueue_missing)
    registry.register_periodic("complaints.tell_authors", _HOUR, copy_notices.tell_authors)
    registry.register_periodic("complaints.finish_stuck", 5 * _MINUTE, comparing.restart_stuck_comparisons)
    registry.register_periodic("complaints.close_waiting", _MINUTE, respondent_answers.end_answer_periods)
    registry.register_periodic("complaints.lapse", 5 * _MINUTE, intake.lapse_overdue_complaints)
    registry.register_periodic("complaints.purge_drafts", _HOUR, intake.purge_idle_drafts)
    metrics.register_gauge(
        "library_gaps", "Works of the library of which something is missing.", ["gap"], indexing.gap_samples
    )
    links.register_link_listener(account_claims.assign_proven_account)


def _register_remedies() -> None:
    for kind, handler in ((remedies.APPLY_REMEDY, remedies.apply_remedy), (remedies.LIFT_REMEDY, remedies.lift_remedy)):
        registry.register_kind(
            kind, handler, attempts=remedies.REMEDY_ATTEMPTS, exhausted=remedies.note_unreachable_platform
        )
    registry.register_kind(
        remedies.CHECK_REMEDY,
        remedy_checks.check_remedy,
        attempts=remedy_checks.CHECK_ATTEMPTS,
        exhausted=remedy_checks.note_silent_platform,
    )
    registry.register_periodic("complaints.mend_remedies", _HOUR, remedy_checks.mend_remedies)
    registry.register_periodic("complaints.release_remedies", _MINUTE, remedies.begin_due_remedies)
    for kind, handler in (
        (restitutions.MOVE_FOLLOWERS, restitution_pages.move_pages),
        (undo_periods.TELL_FOLLOWERS, restitution_pages.tell_pages),
        (restitutions.RESTORE_FOLLOWERS, restitution_pages.restore_pages),
        (invitations.REMIND_FOLLOWERS, restitution_pages.remind_pages),
    ):
        registry.register_kind(
            kind, handler, attempts=restitution_pages.PAGE_ATTEMPTS, exhausted=restitutions.note_failed_restitution_job
        )
    registry.register_kind(
        previews.PREVIEW_FOLLOWERS,
        previews.preview_followers,
        attempts=previews.PREVIEW_ATTEMPTS,
        exhausted=previews.note_failed_preview,
    )
    registry.register_kind(
        reconciliations.RECONCILE_FOLLOWERS,
        reconciliations.reconcile_followers,
        attempts=reconciliations.RECONCILE_ATTEMPTS,
        exhausted=reconciliations.note_failed_reconciliation,
    )
    registry.register_kind(follower_choices.UNDO_FOLLOW, follower_choices.undo_follow)
    registry.register_kind(opt_outs.APPLY_OPT_OUT, opt_outs.apply_opt_out, attempts=opt_outs.OPT_OUT_ATTEMPTS)
    registry.register_periodic("complaints.resume_opt_outs", _HOUR, opt_outs.resume_abandoned_opt_outs)
    registry.register_periodic("complaints.purge_opt_outs", _HOUR, opt_outs.purge_ended_opt_outs)
    registry.register_kind(
        invitation_answers.CARRY_OUT, invitation_answers.carry_out_answers, attempts=invitation_answers.ANSWER_ATTEMPTS
    )
    registry.register_periodic("complaints.end_invitations", 5 * _MINUTE, invitations.end_due_invitations)
    registry.register_periodic("complaints.remind_invited", _HOUR, invitations.remind_due_followers)
    registry.register_periodic("complaints.resume_answers", _HOUR, invitations.resume_abandoned_answers)
    lookups.register_question(follower_choices.FOLLOWING, follower_choices.ask_following, once=True)
    registry.register_periodic("complaints.begin_restitutions", _MINUTE, restitutions.begin_due_restitutions)
    registry.register_periodic("complaints.release_reserved", _HOUR, restitutions.release_reserved_restitutions)
    registry.register_periodic("complaints.resume_restitutions", _HOUR, restitution_pages.resume_abandoned_jobs)
    registry.register_kind(years.RECOUNT_YEARS, years.recount_years)
    registry.register_periodic("complaints.count_years", 24 * _HOUR, years.count_years)
    registry.register_periodic("complaints.note_late_followers", _HOUR, follower_alerts.note_late_followers)
    registry.register_periodic("complaints.finish_choices", 5 * _MINUTE, follower_choices.finish_abandoned_choices)


def _register_platforms() -> None:
    """For whom the jobs that call a platform are, as the status of platforms tells it."""
    for kinds, field, model, path in (
        (
            (comparing.PREPARE, respondent_answers.MESSAGE_JOB, previews.PREVIEW_FOLLOWERS),
            "complaint",
            Complaint,
            "platform",
        ),
        (
            (remedies.APPLY_REMEDY, remedies.LIFT_REMEDY, remedies.CHECK_REMEDY),
            "remedy",
            Remedy,
            "complaint__platform",
        ),
        (
            (
                restitutions.MOVE_FOLLOWERS,
                undo_periods.TELL_FOLLOWERS,
                restitutions.RESTORE_FOLLOWERS,
                invitations.REMIND_FOLLOWERS,
                reconciliations.RECONCILE_FOLLOWERS,
            ),
            "restitution",
            Restitution,
            "platform",
        ),
        ((follower_choices.UNDO_FOLLOW,), "choice", FollowerChoice, "restitution__platform"),
        ((opt_outs.APPLY_OPT_OUT,), "opt_out", FollowerOptOut, "platform"),
        ((invitation_answers.CARRY_OUT,), "answer", InvitationAnswer, "restitution__platform"),
    ):
        register_platform_jobs(kinds, field=field, model=model, path=path)


def _register_reports() -> None:
    for kind, handler, attempts in (
        (platform_reports.READ_REPORTS, platform_reports.read_reports, platform_reports.READ_ATTEMPTS),
        (platform_reports.TELL_REPORTER, platform_reports.tell_reporter, platform_reports.REPORT_ATTEMPTS),
        (platform_reports.ANSWER_REPORT, platform_reports.answer_report, platform_reports.REPORT_ATTEMPTS),
    ):
        registry.register_kind(kind, handler, attempts=attempts)
    status.register_listing(
        status.Listing(
            _("Imported reports"), "admin:complaints_platformreport_changelist", platform_reports.count_by_platform
        )
    )
    every = platform_reports.EVERY_SECONDS
    registry.register_periodic("complaints.ask_for_reports", every, platform_reports.ask_for_reports)
    registry.register_periodic("complaints.answer_reports", every, platform_reports.answer_decided_reports)
    register_platform_jobs(
        (platform_reports.TELL_REPORTER, platform_reports.ANSWER_REPORT),
        field="report",
        model=PlatformReport,
        path="platform",
    )


def _register_files() -> None:
    access.register_access_rule(terms.EVIDENCE_PURPOSE, parties.refuse_evidence_access)
    retention.register_need(statements.evidence_is_needed)
    media_access.register_media_access(terms.VIDEO_PURPOSE, parties.refuse_video_access, parties.refuse_complaining)
    media_retention.register_video_use(statements.video_is_needed)
    media_retention.register_derived_data(works.delete_fingerprints)
    media_retention.register_derived_data(comparison_evidence.purge_evidence_of)
    registry.register_periodic("complaints.purge_records", _HOUR, record_retention.purge_complaint_records)
    departures.register_holds(record_retention.holds_of_party)
    departures.register_endings(record_retention.endings_of_complainant)
    departures.register_erasure(record_retention.erase_party_rows)
    departures.register_erasure_holds(record_erasure.holds_of_restricted)
    departures.register_record_erasure(record_erasure.erase_records_of_party)
    keys.register_text_renewal("complaint contacts", _renew_contacts)
    keys.register_text_renewal("comparison evidence", partial(keys.rewrap_data_keys, ComparisonEvidence))


def _renew_contacts() -> int:
    rows = [(Complaint, "contact_sealed"), (Statement, "contact_sealed")]
    return sum(
        keys.renew_column(model._default_manager.all(), column, bound_to=lambda row: row.contact_bound_to)
        for model, column in rows
    )
