"""Originality in the admin: the policy of restitution to edit; complaints, remedies and restitutions to read.

Nothing is decided here. Neither statements nor contact data nor videos are shown.
"""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from complaints.actions import platform_reports
from complaints.models import (
    Authorisation,
    Complaint,
    EvidenceLook,
    PlatformReport,
    Remedy,
    Restitution,
    RestitutionPolicy,
    Work,
)
from complaints.states import ComplaintState, RestitutionMode
from portal.audit.admin_pages import AdminSection, ReadOnlyAdmin, StateFilter, public_id_column
from portal.errors import Text
from portal.people.guarded_admin import GuardedAdmin
from portal.people.guarded_rows import GuardedModel, Values, guard_model
from portal.people.own_rows import OthersRowsAdmin
from portal.platforms.registry import platform_names

_FORESEEN: dict[str, Text] = {
    RestitutionMode.MOVE: _("Followers are returned after complaints decided from then on."),
    RestitutionMode.OFF: _("No followers are returned."),
    RestitutionMode.INVITE: _(
        "After complaints decided from then on, followers are asked, and those who accept are returned."
    ),
    RestitutionMode.CLEAR: _(
        "After complaints decided from then on, follows gained through a copy end, and nobody is moved."
    ),
}


def _foresee_policy(before: Values, after: Values) -> list[Text]:
    """What a change of the policy of restitution does."""
    found: list[Text] = []
    if "mode" in after and after["mode"] != before.get("mode"):
        found.append(_FORESEEN[after["mode"]])
    if "hold_days" in after and after["hold_days"] < before.get("hold_days", 0):
        found.append(_("There is less time to object before followers are returned."))
    if "undo_days" in after and after["undo_days"] < before.get("undo_days", 0):
        found.append(_("Followers have less time to undo their return."))
    return found


@admin.register(RestitutionPolicy)
class RestitutionPolicyAdmin(GuardedAdmin):
    """Whether followers return in a region, and after how long a hold."""

    guarded = guard_model(GuardedModel(RestitutionPolicy, foresee=_foresee_policy))
    section = AdminSection.RULES
    list_display = ("region", "mode", "hold_days", "undo_days")
    fixed_fields = ("region",)
    deletable = False  # a region without followers to return is switched off


@admin.register(Complaint)
class ComplaintAdmin(OthersRowsAdmin):
    """Complaints by state, without texts; people by public id only."""

    section = AdminSection.RECORDS
    code_names: ClassVar = {"platform": platform_names}
    own_people = ("complainant", "respondent")
    account = public_id_column("complainant", _("complainant"))
    list_display = (
        "number",
        "account",
        "platform",
        "account_handle",
        "regime_code",
        "state",
        "submitted_at",
        "decided_at",
    )
    fields: ClassVar[Any] = (
        *list_display, "kind", "capacity", "region", "flags", "missing", "by_client", "case", "screening", "decision",
        "result", "told_at", "answer_by", "hold_until",
    )  # fmt: skip
    list_filter = (StateFilter, "regime_code")
    list_select_related = ("complainant",)
    search_fields = ("=number", "=complainant__public_id", "=account_handle")
    search_help_text = _("An exact number, complainant ID (p_…) or platform account.")


@admin.register(Remedy)
class RemedyAdmin(OthersRowsAdmin):
    """Remedies carried out on platforms."""

    section = AdminSection.RECORDS
    own_people = ("complaint__complainant", "complaint__respondent")
    list_display = ("complaint", "kind", "state", "not_before", "applied_at", "lifted_at", "problem")
    fields: ClassVar[Any] = (*list_display, "decision")
    list_filter = (StateFilter, "kind")
    list_select_related = ("complaint",)
    search_fields = ("=complaint__number",)
    search_help_text = _("An exact complaint number.")


@admin.register(Restitution)
class RestitutionAdmin(OthersRowsAdmin):
    """Restitutions in counts; never individual followers."""

    section = AdminSection.RECORDS
    code_names: ClassVar = {"platform": platform_names}
    own_people = ("remedy__complaint__complainant", "remedy__complaint__respondent")
    list_display = (
        "key",
        "source_handle",
        "target_handle",
        "state",
        "moved",
        "already",
        "passed",
        "undone",
        "restored",
    )
    fields: ClassVar[Any] = (
        *list_display, "platform", "excluded", "overridden", "missing", "expected", "work_ids", "until", "unknown_from",
        "hold_until", "undo_until", "reserved_until", "planned_at", "begun_at", "ended_at",
        "flagged_at", "interrupted_at",
    )  # fmt: skip
    list_filter = (StateFilter, "platform")
    list_select_related = ("remedy__complaint",)
    search_fields = ("=source_handle", "=target_handle", "=remedy__complaint__number")
    search_help_text = _("An exact account or complaint number.")

    @admin.display(description=_("key"))
    def key(self, restitution: Restitution) -> str:
        """How the platform knows it."""
        return restitution.key


_REPORT_PROBLEMS: dict[str, Text] = {
    platform_reports.REMOTE: _("Reported on another server"),
    platform_reports.GONE: _("The reporter or the video no longer exists"),
    platform_reports.REFUSED: _("No complaint can be made about this video"),
}
# What became of a report: label and condition, the first that applies.
_REPORT_STATES: dict[str, tuple[Text, Q]] = {
    "draft": (_("Draft of the reporter"), Q(complaint__state=ComplaintState.DRAFT)),
    "submitted": (
        _("Submitted as a complaint"),
        Q(complaint__isnull=False) & ~Q(complaint__state=ComplaintState.DRAFT),
    ),
    "deleted": (_("Draft deleted"), Q(complaint=None, problem="")),
    "failed": (_("Not imported"), Q(complaint=None) & ~Q(problem="")),
}


class ReportStateFilter(StateFilter):
    """Reports by what became of them."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Every state there is."""
        return [(code, label) for code, (label, _condition) in _REPORT_STATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Reports in the state that was asked for."""
        found = _REPORT_STATES.get(self.value() or "")
        return queryset.filter(found[1]) if found else queryset


@admin.register(PlatformReport)
class PlatformReportAdmin(OthersRowsAdmin):
    """Reports of platforms' users that were imported, and what became of each."""

    section = AdminSection.RECORDS
    code_names: ClassVar = {"platform": platform_names, "problem": lambda: _REPORT_PROBLEMS}
    own_people = ("complaint__complainant", "complaint__respondent")
    list_display = (
        "report",
        "platform",
        "outcome",
        "complaint",
        "problem",
        "found_at",
        "told_at",
        "answer",
        "answered_at",
    )
    fields: ClassVar[Any] = list_display
    list_filter = (ReportStateFilter, "platform")
    list_select_related = ("complaint",)
    search_fields = ("=report", "=complaint__number")
    search_help_text = _("The exact ID of a report, or an exact complaint number.")

    @admin.display(description=_("state"))
    def outcome(self, report: PlatformReport) -> Text:
        """What became of it."""
        if report.complaint is None:
            return _REPORT_STATES["failed" if report.problem else "deleted"][0]
        return _REPORT_STATES["draft" if report.complaint.state == ComplaintState.DRAFT else "submitted"][0]


@admin.register(Work)
class WorkAdmin(ReadOnlyAdmin):
    """Registered works and found copies, without their videos."""

    section = AdminSection.RECORDS
    code_names: ClassVar = {"platform": platform_names}
    list_display = ("id", "title", "platform", "external_id", "published_at", "registered_at")
    fields: ClassVar[Any] = (*list_display, "url", "account_id", "published_source", "fetch_error")
    list_filter = ("platform",)
    search_fields = ("=external_id",)
    search_help_text = _("An exact ID on a platform.")


@admin.register(Authorisation)
class AuthorisationAdmin(OthersRowsAdmin):
    """Which accounts may use an author's works, as they say."""

    section = AdminSection.RECORDS
    code_names: ClassVar = {"platform": platform_names}
    own_people = ("author",)
    account = public_id_column("author", _("author"))
    list_display = ("id", "account", "platform", "handle", "work", "given_at", "ended_at")
    fields: ClassVar[Any] = list_display
    list_filter = ("platform",)
    list_select_related = ("author", "work")


@admin.register(EvidenceLook)
class EvidenceLookAdmin(OthersRowsAdmin):
    """Who was sent which part of a comparison's evidence, newest first. The evidence itself is not here."""

    section = AdminSection.RECORDS
    own_people = (
        "evidence__comparison__complaint__complainant",
        "evidence__comparison__complaint__respondent",
    )
    looked_by = public_id_column("by", _("by"), nobody=_("someone without an account"))
    list_display = ("at", "looked_by", "side", "complaint", "part")
    fields: ClassVar[Any] = list_display
    list_display_links = ("at",)
    list_filter = ("side",)
    list_select_related = ("by", "evidence__comparison__complaint")
    search_fields = ("=by__public_id", "=evidence__comparison__complaint__number")
    search_help_text = _("An exact viewer (p_…) or complaint number.")

    @admin.display(description=_("complaint"))
    def complaint(self, look: EvidenceLook) -> str:
        """Its number."""
        return str(look.evidence.comparison.complaint.number)
