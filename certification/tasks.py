"""Entry points of background work: job handlers, periodic tasks, and what AppConfig.ready() registers (file access, case links)."""

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from certification import policies
from certification.actions import applications, casework, certificates, checking, drafts, inquiries, labels
from certification.models import CheckKind, CheckResult, Credential, KeyArea
from certification.states import Outcome
from portal.evidence import access
from portal.evidence.actions import keys, retention
from portal.jobs import registry
from portal.people import links
from portal.reviews import case_kinds
from portal.reviews.models import ReviewCase

_MINUTE, _HOUR = 60, 3600


def register_certification_tasks() -> None:
    """Called once, when the app is ready."""
    registry.register_kind(checking.BEGIN_CHECKS_JOB, checking.run_begin_checks, queue="checks")
    registry.register_kind(
        checking.CHECK_JOB,
        checking.run_check,
        queue="checks",
        attempts=checking.CHECK_ATTEMPTS,
        exhausted=checking.give_up_check,
    )
    registry.register_kind(labels.LABEL_JOB, labels.reconcile_labels, attempts=labels.LABEL_ATTEMPTS)
    links.register_link_listener(labels.update_labels_of_link)
    registry.register_periodic("certification.finish_stuck", 5 * _MINUTE, checking.finish_stuck_checks)
    registry.register_periodic("certification.expire", _MINUTE, certificates.expire_due_certificates)
    registry.register_periodic("certification.remind_of_renewal", _HOUR, certificates.send_renewal_reminders)
    registry.register_periodic("certification.remind", _HOUR, applications.send_answer_reminders)
    registry.register_periodic("certification.lapse", 5 * _MINUTE, applications.lapse_overdue_applications)
    registry.register_periodic("certification.open_answer_cases", 5 * _MINUTE, inquiries.open_overdue_answer_cases)
    registry.register_periodic("certification.purge_drafts", _HOUR, drafts.purge_idle_applications)
    access.register_access_rule(policies.DOCUMENT_PURPOSE, policies.refuse_file_access)
    retention.register_need(policies.file_is_needed)
    keys.register_text_renewal("identifiers", _renew_identifiers)
    for kind, label in (
        (casework.APPLICATION_CASE, _("Certification")),
        (casework.CERTIFICATE_CASE, _("Doubt about a certificate")),
    ):
        case_kinds.register_case_kind(
            kind, label, _case_page_url, areas=_area_names, reasons=_flag_labels, outcomes=_outcome_labels
        )


def _renew_identifiers() -> int:
    return keys.renew_column(Credential.objects.all(), "identifier_sealed", bound_to=lambda row: row.bound_to)


def _case_page_url(case: ReviewCase) -> str:
    return reverse("certification:review", args=[case.number])


def _area_names() -> dict[str, str]:
    rows = KeyArea.objects.select_related("jurisdiction").order_by("position", "code")
    return {area.code: area.full_name for area in rows}


def _flag_labels() -> dict[str, str]:
    """The flags of casework.flags() in words."""
    failed = {f"{CheckResult.FAILED}:{kind}": _now("Failed: %(check)s") % {"check": kind.label} for kind in CheckKind}
    still_open = {
        f"{CheckResult.INCONCLUSIVE}:{kind}": _now("Open: %(check)s") % {"check": kind.label} for kind in CheckKind
    }
    return {"two_people": _now("Two people decide"), **failed, **still_open}


def _outcome_labels() -> dict[str, str]:
    return {outcome.value: str(outcome.label) for outcome in Outcome}
