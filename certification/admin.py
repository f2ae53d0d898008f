"""Areas and requirements, as data to edit; applications and certificates to read, without documents and numbers.

Everything an area needs is made here: jurisdiction, area, kinds of applicants, credential types and a
requirement. A version of a requirement that somebody was checked against never changes; a new one is made of it.
"""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from certification.identifiers import CHECKSUMS
from certification.models import (
    ApplicantCategory,
    Application,
    AreaBan,
    Certificate,
    CredentialType,
    DocumentKind,
    Jurisdiction,
    KeyArea,
    Profession,
    Requirement,
)
from portal import clock
from portal.audit.admin_pages import (
    AdminSection,
    AuditedAdmin,
    StateFilter,
    public_id_column,
)
from portal.errors import Text
from portal.languages import text_lookups
from portal.people.guarded_admin import GuardedAdmin, GuardedForm
from portal.people.guarded_rows import GuardedModel, Values, guard_model
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


def _foresee_area(before: Values, after: Values) -> list[Text]:
    """What a change of an area does; a new area changes nothing for who is certified elsewhere."""
    on_off: dict[str, tuple[Text, Text]] = {
        "gate": (
            _(
                "The publishing gate closes: with immediate effect, only holders of a valid "
                "certificate can publish in this area."
            ),
            _(
                "The publishing gate opens: with immediate effect, anyone can publish in this area "
                "without a certificate."
            ),
        ),
        "second_approval_always": (
            _("Each approval in this area needs a second person."),
            _("One person alone can approve in this area."),
        ),
        "regulated": (
            _("Approvals require a look-up in the register within the last 30 days."),
            _("Approvals no longer require a look-up in the register."),
        ),
        "active": (
            _("New applications are accepted in this area."),
            _("New applications are not accepted in this area."),
        ),
    }
    return [
        texts[not after[name]] for name, texts in on_off.items() if name in after and before.get(name) != after[name]
    ]


@admin.register(KeyArea)
class KeyAreaAdmin(GuardedCodedAdmin):
    """The areas in which one can be certified."""

    guarded = guard_model(
        GuardedModel(
            KeyArea,
            frozenset({
                "jurisdiction", "regulated", "gate", "second_approval_always", "calendar", "decision_days",
                "appeal_days", "active",
            }),
            foresee=_foresee_area,
        )
    )  # fmt: skip
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

    guarded = guard_model(
        GuardedModel(ApplicantCategory, frozenset({"practice_only", "organisation"}), additions=False)
    )
    list_display = ("code", "name", "practice_only", "organisation")


@admin.register(Profession)
class ProfessionAdmin(GuardedCodedAdmin):
    """What profiles say that somebody is, and which certificates bear it out."""

    guarded = guard_model(
        GuardedModel(
            Profession,
            foresee=lambda _before, _after: [
                _("Platforms that ask whether a profile may claim it get the new answer at once.")
            ],
        )
    )
    list_display = ("code", "name", "topic", "words")


class CredentialTypeForm(GuardedForm):
    """Offers the kinds of documents and check digit functions that exist."""

    evidence_kinds = forms.MultipleChoiceField(
        label=_("Documents needed"), choices=DocumentKind.choices, required=False, widget=CheckboxSelectMultiple
    )
    checksum = forms.ChoiceField(
        label=_("Check digit"), choices=[("", "-"), *((name, name) for name in CHECKSUMS)], required=False
    )


@admin.register(CredentialType)
class CredentialTypeAdmin(GuardedCodedAdmin):
    """What can be proved, by which document and number."""

    form = CredentialTypeForm
    guarded = guard_model(
        GuardedModel(
            CredentialType,
            frozenset({
                "jurisdiction", "licence", "identifier_pattern", "checksum", "personal", "registry", "registry_name",
                "registry_url", "evidence_kinds", "needs_expiry", "max_age_of_proof", "max_validity", "unconfirmed", "active",
            }),
            additions=False,
            foresee=lambda _before, _after: [_("Applications decided after that are checked against it.")],
        )
    )  # fmt: skip
    list_display = ("code", "name", "jurisdiction", "licence", "registry", "active")
    list_select_related = ("jurisdiction",)
    list_filter = ("jurisdiction", "licence", "registry", "active")
    search_fields = ("code", *text_lookups("names"))


@admin.register(Requirement)
class RequirementAdmin(GuardedAdmin):
    """What an area asks of a kind of applicant, version by version."""

    guarded = guard_model(
        GuardedModel(
            Requirement,
            foresee=lambda _before, _after: [
                _(
                    "Applications started after it is in force are checked against it; existing "
                    "certificates do not change."
                )
            ],
        )
    )
    section = AdminSection.RULES
    code_names: ClassVar = {"area": _area_names}
    list_display = ("area", "category", "version", "label", "max_validity", "in_force_from")
    list_select_related = ("area", "category")
    list_filter = ("area", "category")
    fixed_fields = ("area", "category")
    fields = ("area", "category", "expression", "labels", "max_validity", "in_force_from", "stamp")
    change_form_template = "admin/certification/requirement.html"

    def has_change_permission(self, request: HttpRequest, obj: Requirement | None = None) -> bool:
        """Until somebody is checked against it. The database refuses it, too."""
        return obj is None or not obj.applications.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for changing."""
        return obj is not None and self.has_change_permission(request, obj)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """`?from=…` begins a new version with what another says."""
        digits = request.GET.get("from", "")
        old = Requirement.objects.filter(pk=digits).first() if digits.isdecimal() and len(digits) < 10 else None
        if old is None:
            return {"in_force_from": clock.now(), "expression": {"all": [{"is": ""}]}}
        kept = ("area", "category", "expression", "labels", "max_validity")
        return {name: getattr(old, name) for name in kept} | {"in_force_from": clock.now()}


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
