"""Reviewing in the admin: who may take what, reasons and calendars to edit; cases and decisions to read."""

from datetime import date
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.db.models import Max, Model, QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from portal.audit.admin_pages import (
    AdminSection,
    ReadOnlyAdmin,
    SearchResult,
    StateFilter,
    TableInline,
    public_id_column,
)
from portal.errors import Text
from portal.languages import text_lookups
from portal.people.guarded_admin import GuardedAdmin, GuardedForm
from portal.people.guarded_rows import GuardedModel, Values, guard_model
from portal.people.models import User
from portal.people.roles import ROLE_PERMISSIONS, Permission
from portal.reviews import case_kinds
from portal.reviews.models import (
    Calendar,
    CalendarDay,
    ConflictOfInterest,
    Decision,
    ReasonCode,
    ReviewCase,
    ReviewerSkill,
)
from portal.reviews.models.cases import own_parties

_REVIEWERS = [role for role, permissions in ROLE_PERMISSIONS.items() if Permission.REVIEW in permissions]


class CalendarDayInline(TableInline):
    """The days of a calendar that differ from the week."""

    model = CalendarDay


def _foresee_calendar(before: Values, _after: Values) -> list[Text]:
    """What a change of a calendar does."""
    return [_("Due dates calculated from then on change; existing ones do not.")] if before else []


@admin.register(Calendar)
class CalendarAdmin(GuardedAdmin):
    """Calendars of working days; they and their days off change for two people, since all due dates are counted by them.

    The list says of each until when its days off are known.
    """

    guarded = guard_model(GuardedModel(Calendar, foresee=_foresee_calendar))

    section = AdminSection.REVIEW
    list_display = ("code", "name", "zone", "days_off_until")
    inlines = (CalendarDayInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Calendar]:
        """With the last day of each."""
        rows: QuerySet[Calendar] = super().get_queryset(request)
        return rows.annotate(last_day=Max("days__day"))

    @admin.display(description=_("days off known until"), ordering="last_day")
    def days_off_until(self, calendar: Any) -> str:
        """The end of the last year that has days off."""
        return date_format(date(calendar.last_day.year, 12, 31)) if calendar.last_day else "–"


class ReasonForm(GuardedForm):
    """Offers the kinds of case that there are."""

    kind = forms.ChoiceField(
        label=_("Kind of case"),
        choices=lambda: [("", "-"), *case_kinds.kind_labels().items()],
    )


@admin.register(ReasonCode)
class ReasonCodeAdmin(GuardedAdmin):
    """Reasons that decisions may give; they change for two people. Decisions made earlier keep their words."""

    guarded = guard_model(GuardedModel(ReasonCode))

    section = AdminSection.REVIEW
    form = ReasonForm
    code_names: ClassVar = {"kind": case_kinds.kind_labels, "outcome": case_kinds.outcome_names}
    list_display = ("code", "kind", "outcome", "label", "active")
    list_filter = ("kind", "outcome", "active")
    search_fields = ("code", *text_lookups("labels"))
    fixed_fields = ("code", "kind", "outcome")  # decisions name the code
    deletable = False


def _reason_labels() -> dict[str, Text]:
    """Reasons in words, by code."""
    return {reason.code: reason.label for reason in ReasonCode.objects.all()}


class SkillForm(GuardedForm):
    """Offers reviewers only, and the areas that products know."""

    skill = forms.ChoiceField(label=_("Area"), choices=lambda: [("", "-"), *case_kinds.area_names().items()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "user" in self.fields:
            self.fields["user"].queryset = _reviewers()  # type: ignore[attr-defined]


def _foresee_skill(_before: Values, after: Values) -> list[Text]:
    """What a reviewer's area does."""
    if not after:
        return [_("The reviewer can no longer take cases in this area.")]
    return [_("The reviewer can take cases in this area, up to this level and until this day.")]


@admin.register(ReviewerSkill)
class ReviewerSkillAdmin(GuardedAdmin):
    """Which areas a reviewer may take cases of, and until when; given and taken by two people."""

    guarded = guard_model(GuardedModel(ReviewerSkill, foresee=_foresee_skill))

    section = AdminSection.REVIEW
    form = SkillForm
    code_names: ClassVar = {"skill": case_kinds.area_names}
    list_display = ("user", "skill", "valid_until")
    list_select_related = ("user",)
    list_filter = ("skill",)


class ConflictOfInterestForm(GuardedForm):
    """A reviewer, and a person by their public id or an agency."""

    user = forms.ModelChoiceField(
        label=_("Person"),
        queryset=User.objects.all(),
        to_field_name="public_id",
        required=False,
        widget=forms.TextInput,
        help_text=_("Their public ID: p_…"),
        error_messages={"invalid_choice": _("No person has this public ID.")},
    )

    class Meta:
        model = ConflictOfInterest
        fields = ("reviewer", "user", "agency", "kind", "until")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reviewer"].queryset = _reviewers()  # type: ignore[attr-defined]


def _foresee_conflict(_before: Values, after: Values) -> list[Text]:
    """What taking a conflict of interest away does."""
    return [] if after else [_("The reviewer can again take cases of this person or agency.")]


@admin.register(ConflictOfInterest)
class ConflictOfInterestAdmin(GuardedAdmin):
    """Conflicts of interest: added by one administrator, taken away by two. A conflict is not turned into another."""

    guarded = guard_model(GuardedModel(ConflictOfInterest, additions=False, foresee=_foresee_conflict))
    section = AdminSection.REVIEW
    form = ConflictOfInterestForm
    list_display = ("reviewer", "user", "agency", "kind", "until", "declared_at")
    list_select_related = ("reviewer", "user", "agency")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(ReviewCase)
class ReviewCaseAdmin(ReadOnlyAdmin):
    """Cases, newest first."""

    section = AdminSection.RECORDS
    code_names: ClassVar = {
        "kind": case_kinds.kind_labels,
        "skill": case_kinds.area_names,
        "reasons": case_kinds.review_reason_names,
    }
    holder = public_id_column("claimed_by", _("assigned to"))
    list_display = ("number", "kind", "skill", "stage", "state", "priority", "opened_at", "due_at", "holder")
    fields: ClassVar[Any] = (*list_display, "title", "level", "reasons", "entered_at", "paused_at", "closed_at")
    list_filter = (StateFilter, "stage")
    list_select_related = ("claimed_by",)
    search_fields = ("pk",)  # opens the search field; get_search_results does the work
    search_help_text = _("A number: C-000123")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Without the person's own cases."""
        return ReviewCase.objects.without_own(cast("User", request.user)).order_by(*self.ordering)

    @admin.display(description=_("number"), ordering="id")
    def number(self, case: ReviewCase) -> str:
        """How people call the case."""
        return case.number

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> SearchResult:
        """The case of that number."""
        digits = search_term.strip().upper().removeprefix("C-")
        if not digits:
            return queryset, False
        return (queryset.filter(pk=int(digits)) if digits.isdecimal() and len(digits) < 18 else queryset.none()), False


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    """Decisions, newest first. Their explanation is for the person and their reviewers, not for this list."""

    section = AdminSection.RECORDS
    code_names: ClassVar = {"outcome": case_kinds.outcome_names, "reasons": _reason_labels}
    seconded_by = public_id_column("second_by", _("second person"))
    decided_by = public_id_column("by", _("decided by"))
    list_display = (
        "id",
        "case",
        "stage",
        "outcome",
        "adverse",
        "state",
        "decided_by",
        "at",
        "seconded_by",
        "second_at",
    )
    fields: ClassVar[Any] = (*list_display[1:], "reasons")
    list_filter = (StateFilter, "adverse", "stage")
    list_select_related = ("case", "by", "second_by")
    search_fields = ("=by__public_id", "=second_by__public_id")
    search_help_text = _("An exact decider (p_…).")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Without decisions on the person's own cases."""
        own = own_parties(cast("User", request.user)).values("case")
        return super().get_queryset(request).exclude(case__in=own)


def _reviewers() -> QuerySet[User]:
    return User.objects.filter(role__in=_REVIEWERS, is_active=True).order_by("display_name", "pk")
