"""What area leads write: requirements, credential types, areas and kinds of applicants."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from certification import number_forms
from certification.identifiers import CHECKSUM_NAMES, CHECKSUMS, ChecksumStatus, normalise_identifier
from certification.models import ApplicantCategory, CredentialType, DocumentKind, KeyArea, RuleDraft
from certification.policies.rule_rows import refuse_area_values, refuse_category_values
from certification.policies.rules import (
    LONGEST_VALIDITY,
    number_space_of_new,
    start_of_day,
    type_value_problems,
    zone_of,
)
from certification.policies.terms import Reason
from certification.rule_words import TYPE_FIELDS, names_of_number_spaces
from portal.audit.admin_pages import StampedForm
from portal.languages import TranslatedFormField
from portal.people.forms import mark_needed, textarea_field
from portal.people.guarded_rows import GuardedModel, guarded_names, row_values, set_values, waiting_change
from portal.people.models.changes import LONGEST_REASON

if TYPE_CHECKING:  # takes its row's type in the stubs only
    _TypeForm = forms.ModelForm[CredentialType]
else:
    _TypeForm = forms.ModelForm

_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_OWN_SPACE = "-"  # no space is called so
_CODE_HELP = _("Small letters, digits and hyphens. It stays as it is, because the audit trail names rows by it.")
_REASON_HELP = _("A second area lead or administrator reads it before they approve. Nothing changes until then.")


class DraftDates(forms.Form):
    """From when a draft applies, and which revision of it the page shows."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    in_force_on = forms.DateField(
        label=_("Applies from"),
        required=False,
        widget=_DAY,
        help_text=_("From the beginning of that day. It must be in the future when a second person publishes it."),
    )

    def moment(self, zone: ZoneInfo) -> datetime | None:
        """The first moment of the day; None where no day was given."""
        day: date | None = self.cleaned_data["in_force_on"]
        return start_of_day(day, zone) if day else None


def date_initial(draft: RuleDraft) -> dict[str, Any]:
    """What these two fields say of a draft."""
    day = draft.in_force_from.astimezone(zone_of(draft)).date() if draft.in_force_from else None
    return {"revision": draft.revision, "in_force_on": day}


class RequirementDraftForm(DraftDates):
    """What a version of a requirement says beside its tree. A draft may lack everything."""

    labels = TranslatedFormField(
        label=_("Label"),
        max_length=160,
        required=False,
        help_text=_("Stands on the certificate and says exactly what was checked."),
    )
    max_validity = forms.IntegerField(
        label=_("Longest validity of a certificate, in days"), required=False, min_value=1, max_value=LONGEST_VALIDITY
    )
    field_order = ("labels", "max_validity", "in_force_on", "revision")

    def __init__(self, data: Any = None, *, draft: RuleDraft) -> None:
        initial = {name: draft.values.get(name) for name in ("labels", "max_validity")} | date_initial(draft)
        super().__init__(data, initial=initial)
        for name in ("labels", "max_validity", "in_force_on"):
            mark_needed(self.fields[name])

    def values(self, expression: Mapping[str, Any]) -> dict[str, Any]:
        """What the draft says with this tree."""
        return {"expression": expression, **{name: self.cleaned_data[name] for name in ("labels", "max_validity")}}


class CredentialTypeForm(_TypeForm):
    """What a credential type says. An example proves that the form of its number and the check digit can be met."""

    evidence_kinds = forms.MultipleChoiceField(
        label=_("Documents required"),
        choices=DocumentKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    checksum = forms.ChoiceField(
        label=_("Check digit"), choices=[("", _("none")), *CHECKSUM_NAMES.items()], required=False
    )
    example = forms.CharField(
        label=_("An example of a number"),
        required=False,
        max_length=80,
        help_text=_("Made up, not a real person's. It must have the format and the check digit. It is not kept."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    class Meta:
        model = CredentialType
        fields: ClassVar[tuple[str, ...]] = TYPE_FIELDS
        widgets: ClassVar = {"registry": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        order = list(self.fields)
        order.insert(order.index("checksum") + 1, "example")
        self.order_fields(list(dict.fromkeys(order)))
        pattern = self.fields["identifier_pattern"]
        pattern.help_text = _(
            "Letters and digits as they stand, \\d for a digit, [0-9A-Z] for one sign out of several, {8} or {1,8} for how "
            "many, | for “or”. Empty: there is no number."
        )

    def clean(self) -> dict[str, Any]:
        """Hold the example against the format, and ask for something that can be proved."""
        data = super().clean() or {}
        if {"identifier_pattern", "checksum"} & set(self.changed_data) and not self.errors:
            self._clean_example(data)
        for name, sentence in list(type_value_problems(data)):
            if name not in self.errors:
                self.add_error(name, str(sentence))
        return data

    def _clean_example(self, data: Mapping[str, Any]) -> None:
        pattern, function = data.get("identifier_pattern", ""), CHECKSUMS.get(data.get("checksum", ""))
        try:
            number_forms.validate_identifier_rule(pattern, data.get("checksum", ""))
        except ValidationError:
            return  # said by the row's own validation
        if not pattern:
            return
        number = normalise_identifier(data.get("example", ""))
        if not number:
            self.add_error("example", _("Please enter an example of a number that must be accepted."))
        elif not number_forms.fits(pattern, number):
            self.add_error(
                "example", _("This example does not have the format: %s.") % number_forms.describe_number_form(pattern)
            )
        elif function is not None and function(number).status is ChecksumStatus.WRONG:
            self.add_error("example", _("The check digit of this example is wrong."))


class TypeDraftForm(DraftDates, CredentialTypeForm):
    """The next version of a credential type."""

    class Meta(CredentialTypeForm.Meta):
        pass

    def __init__(self, data: Any = None, *, draft: RuleDraft) -> None:
        assert draft.type is not None  # noqa: S101 -- the caller saw to it
        row = CredentialType.objects.get(pk=draft.type.pk)
        set_values(row, {name: value for name, value in draft.values.items() if name in TYPE_FIELDS})
        super().__init__(data, instance=row, initial=date_initial(draft))
        mark_needed(self.fields["in_force_on"])
        self.order_fields([name for name in self.fields if name not in {"in_force_on", "revision"}])

    def values(self) -> dict[str, Any]:
        """What the draft says."""
        return row_values(self.instance, TYPE_FIELDS)


class _GuardedForm(StampedForm):
    """Asks why, where a guarded field changes."""

    guarded: GuardedModel
    change_reason = textarea_field(
        _("Reason for the change"), rows=3, most=LONGEST_REASON, required=False, help_text=_REASON_HELP
    )

    @property
    def changed_names(self) -> list[str]:
        """The fields that were changed; all of them of a new row."""
        names = self.fields if self.instance._state.adding else self.changed_data
        return [name for name in names if name not in {"change_reason", "stamp", "example"}]

    def require_reason(self) -> None:
        """Refuse a guarded change without a reason, and a second one while one waits."""
        if not guarded_names(self.guarded, self.instance, self.changed_names):
            return
        if not self.cleaned_data.get("change_reason"):
            self.add_error(
                "change_reason", _("Please give a reason: this change requires a second person, who will read it.")
            )
        if self.instance.pk and waiting_change(self.instance):
            self.add_error(None, _("Another change to this is already pending. It must be decided or withdrawn first."))

    def refuse_field(self, name: str, reason: Reason) -> None:
        """Say beside a field what a policy refuses, if it does."""
        if reason:
            self.add_error(name, str(reason))


class NewCredentialTypeForm(_GuardedForm, CredentialTypeForm):
    """A credential type that does not exist yet; its first version, too, needs a second person."""

    space = forms.ChoiceField(
        label=_("Number space"),
        required=False,
        help_text=_(
            "A number is on one holder's certificates only, whichever of the types in its space names it. This cannot be "
            "changed later."
        ),
    )

    class Meta(CredentialTypeForm.Meta):
        fields: ClassVar[tuple[str, ...]] = ("code", *TYPE_FIELDS)
        help_texts: ClassVar = {"code": _CODE_HELP}

    def __init__(self, data: Any = None, *, guarded: GuardedModel, **kwargs: Any) -> None:
        self.guarded = guarded
        super().__init__(data, **kwargs)
        mark_needed(self.fields["change_reason"])
        self.fields["space"].choices = [  # type: ignore[attr-defined]
            ("", _("The one of a type with the same register or issuer; its own if there is none")),
            (_OWN_SPACE, _("Its own")),
            *names_of_number_spaces().items(),
        ]
        order = list(self.fields)
        order.insert(order.index("personal") + 1, "space")
        self.order_fields(list(dict.fromkeys(order)))

    @property
    def changed_names(self) -> list[str]:
        """All fields of the row, the space of its numbers among them."""
        return [*(name for name in super().changed_names if name != "space"), "number_space"]

    def clean(self) -> dict[str, Any]:
        """With a reason."""
        data = super().clean() or {}
        self.require_reason()
        return data

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # Django's stubs leave it out
        chosen = self.cleaned_data.get("space", "")
        own = self.instance.code if chosen == _OWN_SPACE else chosen
        self.instance.number_space = own or number_space_of_new(self.instance)


class AreaForm(_GuardedForm):
    """An area that exists."""

    class Meta:
        model = KeyArea
        fields: ClassVar[tuple[str, ...]] = (
            "names", "summaries", "jurisdiction", "topic", "regulated", "gate", "second_approval_always", "calendar",
            "decision_days", "appeal_days", "position", "active",
        )  # fmt: skip

    def __init__(self, data: Any = None, *, guarded: GuardedModel, **kwargs: Any) -> None:
        self.guarded = guarded
        super().__init__(data, **kwargs)
        if self.instance._state.adding:  # a new area is guarded as a whole
            mark_needed(self.fields["change_reason"])

    def clean(self) -> dict[str, Any]:
        """With a reason where one is needed."""
        data = super().clean() or {}
        if place := data.get("jurisdiction"):
            self.refuse_field("jurisdiction", refuse_area_values(KeyArea(pk=self.instance.pk, jurisdiction=place)))
        self.require_reason()
        return data


class NewAreaForm(AreaForm):
    """An area that does not exist yet."""

    class Meta(AreaForm.Meta):
        fields: ClassVar[tuple[str, ...]] = ("code", *AreaForm.Meta.fields)
        help_texts: ClassVar = {"code": _CODE_HELP}


class CategoryForm(_GuardedForm):
    """A kind of applicant, which may be narrower than an area: a truck driver, not a farmer."""

    class Meta:
        model = ApplicantCategory
        fields: ClassVar[tuple[str, ...]] = ("names", "help_texts", "practice_only", "organisation", "position")

    def __init__(self, data: Any = None, *, guarded: GuardedModel, **kwargs: Any) -> None:
        self.guarded = guarded
        super().__init__(data, **kwargs)

    def clean(self) -> dict[str, Any]:
        """With a reason where one is needed."""
        data = super().clean() or {}
        asked_for = ApplicantCategory(pk=self.instance.pk, practice_only=bool(data.get("practice_only")))
        self.refuse_field("practice_only", refuse_category_values(asked_for))
        self.require_reason()
        return data


class NewCategoryForm(CategoryForm):
    """A kind of applicant that does not exist yet."""

    class Meta(CategoryForm.Meta):
        fields: ClassVar[tuple[str, ...]] = ("code", *CategoryForm.Meta.fields)
        help_texts: ClassVar = {"code": _CODE_HELP}


class AskForm(forms.Form):
    """Why a draft should be published."""

    reason = textarea_field(_("Reason for the change"), rows=3, most=LONGEST_REASON, help_text=_REASON_HELP)
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class RefusalForm(forms.Form):
    """Why a change is refused."""

    reason = textarea_field(_("Reason for rejection (if you reject)"), rows=3, most=LONGEST_REASON)
