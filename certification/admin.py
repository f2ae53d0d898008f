"""Areas and requirements, as data; applications and certificates to read, without documents and numbers.

Jurisdictions, areas and kinds of applicants are changed here and on the pages of the area leads, who prepare versions of
requirements and credential types there (certification/views/rules.py).
"""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from certification.actions.guarded_rules import GUARDED_AREA, GUARDED_CATEGORY, GUARDED_PROFESSION, GUARDED_TYPE
from certification.models import (
    ApplicantCategory,
    Application,
    AreaBan,
    Certificate,
    CredentialType,
    Jurisdiction,
    KeyArea,
    Profession,
    Requirement,
)
from certification.policies.rule_rows import refuse_type_values
from certification.requirement_trees import requirement_words
from certification.rule_words import TYPE_FIELDS, type_names
from portal.audit.admin_pages import (
    AdminSection,
    AuditedAdmin,
    ReadOnlyAdmin,
    StateFilter,
    public_id_column,
)
from portal.errors import Text
from portal.languages import text_lookups
from portal.people.guarded_admin import GuardedAdmin, GuardedForm
from portal.people.own_rows import OthersRowsAdmin


def _area_names() -> dict[str, Text]:
    """The areas by key, each with its jurisdiction: several have the same name."""
    areas = KeyArea.objects.select_related("jurisdiction").order_by("position", "code")
    return {str(area.pk): area.full_name for area in areas}


class CodedAdmin(AuditedAdmin):
    """Rows that others name by their code: it stays, and they are taken out of use rather than away."""

    section = AdminSection.RULES
    fixed_fields = ("code",)
    deletable = False  # applications and the trail name them


class GuardedCodedAdmin(GuardedAdmin, CodedAdmin):
    """The same, where some fields change for two people only."""


@admin.register(Jurisdiction)
class JurisdictionAdmin(CodedAdmin):
    """Whose rules apply."""

    list_display = ("code", "name")


@admin.register(KeyArea)
class KeyAreaAdmin(GuardedCodedAdmin):
    """The areas in which one can be certified."""

    guarded = GUARDED_AREA
    list_display = (
        "code",
        "name",
        "jurisdiction",
        "regulated",
        "gate",
        "second_approval_always",
        "active",
    )
    list_select_related = ("jurisdiction",)
    list_filter = ("jurisdiction", "regulated", "active")


@admin.register(ApplicantCategory)
class ApplicantCategoryAdmin(GuardedCodedAdmin):
    """Kinds of applicants."""

    guarded = GUARDED_CATEGORY
    list_display = ("code", "name", "practice_only", "organisation")


@admin.register(Profession)
class ProfessionAdmin(GuardedCodedAdmin):
    """What profiles say that somebody is, and which certificates bear it out."""

    guarded = GUARDED_PROFESSION
    list_display = ("code", "name", "topic", "words")


class CredentialTypeForm(GuardedForm):
    """A type that a requirement names stays in use."""

    def clean(self) -> dict[str, Any]:
        """Name the requirements that would be left without it."""
        data = super().clean()
        asked_for = CredentialType(pk=self.instance.pk, code=self.instance.code, active=data.get("active", True))
        if reason := refuse_type_values(asked_for):
            self.add_error("active", str(reason))
        return data


@admin.register(CredentialType)
class CredentialTypeAdmin(GuardedCodedAdmin):
    """What can be proved. What a type says changes by versions, on the pages of the area leads; here it is taken out of use."""

    form = CredentialTypeForm
    guarded = GUARDED_TYPE
    list_display = ("code", "name", "jurisdiction", "licence", "registry", "active")
    list_select_related = ("jurisdiction",)
    list_filter = ("jurisdiction", "licence", "registry", "active")
    search_fields = ("code", *text_lookups("names"))
    change_form_template = "admin/certification/rule.html"
    fields: ClassVar[Any] = ("code", *TYPE_FIELDS, "number_space", "version", "active")
    fixed_fields: ClassVar[Any] = ("code", *TYPE_FIELDS, "number_space", "version")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Types are added by area leads."""
        return False


@admin.register(Requirement)
class RequirementAdmin(ReadOnlyAdmin):
    """What an area asks of a kind of applicant, version by version. Area leads prepare and publish versions."""

    section = AdminSection.RULES
    code_names: ClassVar = {"area": _area_names}
    list_display = ("area", "category", "version", "label", "max_validity", "in_force_from")
    list_select_related = ("area", "category")
    list_filter = ("area", "category")
    fields: ClassVar[Any] = ("area", "category", "version", "asked", "label", "max_validity", "in_force_from")
    change_form_template = "admin/certification/rule.html"

    @admin.display(description=_("documents requested"))
    def asked(self, requirement: Requirement) -> str:
        """The tree in words."""
        return requirement_words(requirement.expression, type_names())


@admin.register(Application)
class ApplicationAdmin(OthersRowsAdmin):
    """How applications stand: neither documents, numbers nor what the applicant wrote."""

    section = AdminSection.RECORDS
    code_names: ClassVar = {"area": _area_names}
    own_people = ("applicant",)
    account = public_id_column("applicant", _("applicant"))
    list_display = ("number", "account", "area", "state", "started_at", "submitted_at", "decided_at")
    fields: ClassVar[Any] = (*list_display, "category", "requirement", "case", "decision", "round", "consent_version")
    list_filter = (StateFilter, "area")
    list_select_related = ("applicant", "area")
    search_fields = ("=number", "=applicant__public_id")
    search_help_text = _("An exact number or applicant ID (p_…).")


@admin.register(Certificate)
class CertificateAdmin(OthersRowsAdmin):
    """Certificates, with what their public pages show."""

    section = AdminSection.RECORDS
    code_names: ClassVar = {"area": _area_names}
    own_people = ("holder",)
    account = public_id_column("holder", _("holder"))
    list_display = ("serial", "account", "public_name", "area", "state", "valid_from", "valid_to")
    fields: ClassVar[Any] = (
        *list_display, "category", "requirement", "label", "claims", "affiliation", "agency_name",
        "application", "decision", "adverse_decision", "issued_at", "ended_at",
    )  # fmt: skip
    list_filter = (StateFilter, "area")
    list_select_related = ("holder", "area")
    search_fields = ("=serial", "=holder__public_id")
    search_help_text = _("An exact serial or holder ID (p_…).")


@admin.register(AreaBan)
class AreaBanAdmin(OthersRowsAdmin):
    """Areas that are closed to people after forged documents."""

    section = AdminSection.RECORDS
    code_names: ClassVar = {"area": _area_names}
    own_people = ("person",)
    account = public_id_column("person", _("person"))
    list_display = ("account", "area", "starts_at", "ends_at", "lifted_at")
    fields: ClassVar[Any] = (*list_display, "decision")
    list_select_related = ("person", "area")
