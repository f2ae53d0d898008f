"""Doors to the work that nobody waits for: jobs, what beat calls, who may see papers, how cases are linked."""

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from certification import policies
from certification.actions import applications, casework, certificates, checking, drafts, inquiries, labels
from certification.models import CheckKind, Credential, KeyArea, Result
from certification.states import Outcome
from portal.accounts import links
from portal.evidence import access
from portal.evidence.actions import keys, retention
from portal.jobs import registry
from portal.reviews import kinds
from portal.reviews.models import ReviewCase

_MINUTE, _HOUR = 60, 3600


def register() -> None:
    """Called once, when the app is ready."""
    registry.register(checking.BEGIN, checking.begin, queue="checks")
    registry.register(
        checking.CHECK, checking.run_check, queue="checks", attempts=checking.ATTEMPTS, exhausted=checking.give_up
    )
    registry.register(labels.KIND, labels.reconcile, attempts=labels.ATTEMPTS)
    links.register(labels.follow_link)
    registry.periodic("certification.finish_stuck", 5 * _MINUTE, checking.finish_stuck)
    registry.periodic("certification.expire", _MINUTE, certificates.expire_due)
    registry.periodic("certification.remind_of_renewal", _HOUR, certificates.remind_of_renewal)
    registry.periodic("certification.remind", _HOUR, applications.remind)
    registry.periodic("certification.lapse", 5 * _MINUTE, applications.lapse_due)
    registry.periodic("certification.open_hearings", 5 * _MINUTE, inquiries.open_due)
    registry.periodic("certification.purge_drafts", _HOUR, drafts.purge_idle)
    access.register(policies.PAPER_PURPOSE, policies.refuse_look)
    retention.register(policies.file_is_needed)
    keys.register_texts("identifiers", _renew_identifiers)
    for kind, label in (
        (casework.APPLICATION, _("Certification")),
        (casework.CERTIFICATE, _("Doubt about a certificate")),
    ):
        kinds.register(kind, label, _review_page, areas=_area_names, reasons=_reasons, outcomes=_outcomes)


def _renew_identifiers() -> int:
    return keys.renew_column(Credential.objects.all(), "identifier_sealed", bound_to=lambda row: row.bound_to)


def _review_page(case: ReviewCase) -> str:
    return reverse("certification:review", args=[case.number])


def _area_names() -> dict[str, str]:
    rows = KeyArea.objects.select_related("jurisdiction").order_by("position", "code")
    return {area.code: area.full_name for area in rows}


def _reasons() -> dict[str, str]:
    """The flags of casework.flags() in words."""
    failed = {f"{Result.FAILED}:{kind}": _now("Failed: %(check)s") % {"check": kind.label} for kind in CheckKind}
    still_open = {
        f"{Result.INCONCLUSIVE}:{kind}": _now("Open: %(check)s") % {"check": kind.label} for kind in CheckKind
    }
    return {"two_people": _now("Two people decide"), **failed, **still_open}


def _outcomes() -> dict[str, str]:
    return {outcome.value: str(outcome.label) for outcome in Outcome}
