"""The pools of workers, and which of them does which kind of job. Each pool is a queue and a process of its own.

A pool that is busy delays nothing of another: two long videos hold up no code, mail or tick. The names are
those of the queues, of the processes that `manage.py serve` starts, and of docs/operations.md.
"""

from dataclasses import dataclass
from typing import Final

# Between the interruption of an attempt and the end of its process, should it not react.
KILL_SECONDS: Final = 60
# The longest that one call to a platform or a mail server may take.
CALL_SECONDS: Final = 50


@dataclass(frozen=True)
class Pool:
    """One pool: its work in words, how many processes it has, and its times in seconds.

    An attempt at a job is interrupted after `attempt_seconds`, and its process killed KILL_SECONDS later.
    Due work that waits longer than `late_seconds` is a fault, which /healthz/ tells.
    """

    work: str
    processes: int
    attempt_seconds: int
    late_seconds: int

    @property
    def hard_seconds(self) -> int:
        """After how long the process of an attempt is killed."""
        return self.attempt_seconds + KILL_SECONDS


POOLS: Final = {
    "fast": Pool("ticks, due dates, tidying up", processes=2, attempt_seconds=480, late_seconds=300),
    "documents": Pool("documents opened, rendered and checked", processes=1, attempt_seconds=240, late_seconds=900),
    "reading": Pool("documents read", processes=1, attempt_seconds=720, late_seconds=600),
    "uploads": Pool("uploads checked", processes=1, attempt_seconds=1200, late_seconds=300),
    "media": Pool("videos fetched, fingerprinted and compared", processes=1, attempt_seconds=1200, late_seconds=3600),
    "restitution": Pool("followers moved, notified and returned", processes=2, attempt_seconds=480, late_seconds=900),
    "webhooks": Pool("webhooks sent to platforms", processes=1, attempt_seconds=240, late_seconds=900),
    "outbound": Pool("codes, e-mails, labels, messages, remedies", processes=3, attempt_seconds=240, late_seconds=300),
    "registers": Pool("official registers asked", processes=1, attempt_seconds=120, late_seconds=1800),
    "lookups": Pool("questions to platforms that a page waits for", processes=2, attempt_seconds=120, late_seconds=300),
}
DEFAULT_POOL: Final = "fast"
# The longest time that the process of any attempt lives on.
LONGEST_SECONDS: Final = max(pool.hard_seconds for pool in POOLS.values())

# Kind of job -> pool. A test refuses a kind that is not named here.
ROUTES: Final = {
    "audit.mail_head": "outbound",
    "audit.write_head": "fast",
    "certification.apply_rules": "fast",
    "certification.ask_register": "registers",
    "certification.ask_inspected": "fast",
    "certification.begin_checks": "documents",
    "certification.carry_out_batch": "fast",
    "certification.check": "documents",
    "certification.close_inspections": "fast",
    "certification.compare_agency": "fast",
    "certification.compute_draw": "fast",
    "certification.discard_batches": "fast",
    "certification.draw_inspections": "fast",
    "certification.end_looks": "fast",
    "certification.expire": "fast",
    "certification.expire_some": "fast",
    "certification.expired_papers": "fast",
    "certification.finish_stuck": "fast",
    "certification.give_notice": "fast",
    "certification.index_again": "fast",
    "certification.index_names": "fast",
    "certification.keep_maxima": "fast",
    "certification.label": "outbound",
    "certification.lapse": "fast",
    "certification.late_check": "documents",
    "certification.late_checks": "fast",
    "certification.open_answer_cases": "fast",
    "certification.mend_labels": "fast",
    "certification.place_reports": "fast",
    "certification.plan_rechecks": "fast",
    "certification.purge_drafts": "fast",
    "certification.preview_rule": "fast",
    "certification.purge_records": "fast",
    "certification.purge_rule_previews": "fast",
    "certification.purge_register_files": "fast",
    "certification.read_papers": "reading",
    "certification.recheck": "fast",
    "certification.read_profile": "outbound",
    "certification.read_profiles": "fast",
    "certification.remind": "fast",
    "certification.remind_inspected": "fast",
    "certification.remind_of_lapses": "fast",
    "certification.remind_of_renewal": "fast",
    "certification.take_register_answer": "fast",
    "certification.resume_batches": "fast",
    "certification.resume_notices": "fast",
    "certification.forgotten_files": "documents",
    "certification.shorten_retention": "documents",
    "complaints.answer_report": "outbound",
    "complaints.answer_reports": "fast",
    "complaints.apply_opt_out": "outbound",
    "complaints.apply_remedy": "outbound",
    "complaints.ask_for_reports": "fast",
    "complaints.begin_restitutions": "restitution",
    "complaints.carry_out_answer": "outbound",
    "complaints.check_remedy": "outbound",
    "complaints.close_waiting": "fast",
    "complaints.compare": "media",
    "complaints.compare_accounts": "outbound",
    "complaints.draw_evidence": "media",
    "complaints.end_invitations": "restitution",
    "complaints.count_years": "restitution",
    "complaints.fingerprint": "media",
    "complaints.finish_choices": "restitution",
    "complaints.finish_stuck": "fast",
    "complaints.index_work": "media",
    "complaints.index_works": "fast",
    "complaints.lapse": "fast",
    "complaints.look_at_match": "media",
    "complaints.look_closer": "media",
    "complaints.lift_remedy": "outbound",
    "complaints.mend_remedies": "fast",
    "complaints.message": "outbound",
    "complaints.move_followers": "restitution",
    "complaints.note_late_followers": "fast",
    "complaints.prepare": "media",
    "complaints.preview_followers": "restitution",
    "complaints.purge_drafts": "fast",
    "complaints.purge_opt_outs": "fast",
    "complaints.purge_records": "fast",
    "complaints.read_reports": "outbound",
    "complaints.reconcile_followers": "restitution",
    "complaints.recount_years": "restitution",
    "complaints.release_remedies": "fast",
    "complaints.release_reserved": "restitution",
    "complaints.remind_followers": "restitution",
    "complaints.remind_invited": "restitution",
    "complaints.restore_followers": "restitution",
    "complaints.resume_answers": "fast",
    "complaints.resume_opt_outs": "fast",
    "complaints.resume_restitutions": "restitution",
    "complaints.tell_authors": "fast",
    "complaints.tell_followers": "restitution",
    "complaints.tell_reporter": "outbound",
    "complaints.undo_follow": "outbound",
    "connectors.ask_platforms": "fast",
    "connectors.lift_expired": "fast",
    "connectors.lift_hold": "outbound",
    "connectors.purge_holds": "fast",
    "connectors.purge_received": "fast",
    "connectors.read_capabilities": "outbound",
    "evidence.mark": "documents",
    "evidence.mark_keys": "fast",
    "evidence.purge": "documents",
    "evidence.purge_marked": "documents",
    "evidence.render": "documents",
    "evidence.sweep": "documents",
    "jobs.purge_done": "fast",
    "media.probe": "uploads",
    "media.purge": "documents",
    "notifications.notification": "outbound",
    "notifications.purge": "fast",
    "notifications.report_discrepancies": "fast",
    "outbound.look_up": "lookups",
    "outbound.purge_discrepancies": "fast",
    "outbound.note_overdue_jobs": "fast",
    "outbound.purge_failures": "fast",
    "outbound.purge_lookups": "fast",
    "people.due_changes": "fast",
    "people.letter": "outbound",
    "people.purge_changes": "fast",
    "people.purge_departed": "fast",
    "people.purge_letters": "fast",
    "people.purge_form_drafts": "fast",
    "people.purge_sessions": "fast",
    "people.purge_tokens": "fast",
    "people.purge_unconfirmed": "fast",
    "portal.unsafe_switches": "fast",
    "privacy.erase": "documents",
    "privacy.erase_due": "fast",
    "privacy.export": "media",
    "privacy.purge_exports": "documents",
    "reviews.expire_leases": "fast",
    "webhooks.collect": "fast",
    "webhooks.deliver": "webhooks",
    "webhooks.dispatch": "fast",
    "webhooks.purge": "fast",
}


def pool_of(kind: str) -> str:
    """The name of the pool that does a kind of job."""
    return ROUTES.get(kind, DEFAULT_POOL)


def worker_arguments(name: str, processes: int) -> list[str]:
    """The arguments of `celery` that start a pool's worker."""
    return ["worker", "-Q", name, "-n", f"{name}@%h", "-c", str(processes), "--without-gossip", "--without-mingle"]
