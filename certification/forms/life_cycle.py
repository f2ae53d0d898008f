"""The life of certificates: for holders renewing, reporting a change and answering an inspection; for staff, many at once."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from certification.forms.steps import day_field
from certification.models import ApplicantCategory, Application, CredentialType, KeyArea, ReportedChange
from certification.policies import CHANGE_TOO_SHORT, DOCUMENT_PURPOSE, TEXT_LIMIT, WHY_TOO_SHORT
from certification.states import Outcome
from portal.evidence.forms import EvidenceField
from portal.people.forms import mark_needed, statement_field, textarea_field
from portal.reviews.models import ReasonCode
from portal.reviews.policies import MIN_EXPLANATION
from portal.reviews.second_look import SecondLook

_MOST_FILES = 8


class RenewUnchangedForm(forms.Form):
    """Nothing changed, and the documents may be checked again."""

    unchanged = forms.BooleanField(
        label=_("Everything shown above is still true."),
        error_messages={"required": _("Please confirm that nothing has changed, or use the full form.")},
    )
    consent = forms.BooleanField(
        label=_("I agree to the check of my documents as described."),
        error_messages={"required": _("Please agree to the check of your documents.")},
    )


class ChangeReportForm(forms.Form):
    """What changed, for a reviewer."""

    what = forms.ChoiceField(label=_("What has changed?"), choices=ReportedChange.choices, widget=forms.RadioSelect)
    text = statement_field(
        _("What is it now, and since when?"),
        help_text=_("A reviewer reads it. The certificate stays valid in the meantime."),
        too_short=CHANGE_TOO_SHORT,
    )


class InspectionAnswerForm(forms.Form):
    """The answer to an inspection."""

    text = statement_field(
        _("Your answer"),
        help_text=_("Where you work now and what you do there. Say if something has changed."),
        too_short=_("Please write a sentence or two."),
    )
    documents = EvidenceField(
        purpose=DOCUMENT_PURPOSE, most=_MOST_FILES, hands_in=True, required=False, label=_("Recent documents")
    )


class UnchangedRenewalsForm(forms.Form):
    """Which of the renewals on the page are approved."""

    chosen = forms.MultipleChoiceField(
        label=_("Renewals to approve"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please choose at least one renewal.")},
    )

    acknowledged = forms.BooleanField(label=_("I have read the marked items and approve anyway."), required=False)

    def __init__(
        self, data: Any = None, *, applications: Sequence[Application], looks: Mapping[int, SecondLook]
    ) -> None:
        super().__init__(data)
        self._known = {row.number: row for row in applications}
        if not any(look.needs_acknowledgement for look in looks.values()):
            del self.fields["acknowledged"]
        self.fields["chosen"].choices = [(number, number) for number in self._known]  # type: ignore[attr-defined]

    def applications(self) -> list[Application]:
        """Those that were ticked."""
        return [self._known[number] for number in self.cleaned_data["chosen"]]


class SuspensionBatchForm(forms.Form):
    """Certificates to suspend, each with what was found."""

    area = forms.ModelChoiceField(label=_("Key area"), queryset=KeyArea.objects.none(), empty_label=_("Choose"))
    reasons = forms.MultipleChoiceField(label=_("Reasons"), widget=forms.CheckboxSelectMultiple)
    explanation = textarea_field(
        _("Message to all holders"),
        rows=4,
        most=TEXT_LIMIT,
        least=MIN_EXPLANATION,
        missing=WHY_TOO_SHORT,
        help_text=_("They read it together with the reasons above and with what was found about them."),
    )
    lines = textarea_field(
        _("Certificates"),
        rows=10,
        most=1_000_000,
        missing=_("Please list the certificates, one on each line."),
        help_text=_("One on each line: the certificate number, a comma, and what was found about this holder."),
    )

    def __init__(self, data: Any = None, *, kind: str) -> None:
        super().__init__(data)
        areas = KeyArea.objects.select_related("jurisdiction").order_by("position", "code")
        self.fields["area"].queryset = areas  # type: ignore[attr-defined]
        self.fields["area"].label_from_instance = lambda area: area.full_name  # type: ignore[attr-defined]
        rows = ReasonCode.objects.offered(kind).filter(outcome=Outcome.SUSPENDED)
        self.fields["reasons"].choices = [(row.code, row.label) for row in rows]  # type: ignore[attr-defined]


class AbolitionForm(forms.Form):
    """What is abolished, from which day, and why."""

    area = forms.ModelChoiceField(
        label=_("Key area"), queryset=KeyArea.objects.none(), required=False, empty_label=_("None")
    )
    category = forms.ModelChoiceField(
        label=_("Only this applicant category"),
        queryset=ApplicantCategory.objects.none(),
        required=False,
        empty_label=_("All categories"),
    )
    credential_type = forms.ModelChoiceField(
        label=_("Or a credential type"),
        queryset=CredentialType.objects.none(),
        required=False,
        empty_label=_("None"),
        help_text=_("Certificates lapse that do not meet their requirement without it."),
    )
    takes_effect_on = day_field(_("From this day on"), help_text=_("At least 60 days after the announcement."))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        areas = KeyArea.objects.select_related("jurisdiction").order_by("position", "code")
        self.fields["area"].queryset = areas  # type: ignore[attr-defined]
        self.fields["area"].label_from_instance = lambda area: area.full_name  # type: ignore[attr-defined]
        self.fields["category"].queryset = ApplicantCategory.objects.order_by("position", "code")  # type: ignore[attr-defined]
        self.fields["credential_type"].queryset = CredentialType.objects.order_by("code")  # type: ignore[attr-defined]
        mark_needed(self.fields["takes_effect_on"])
        for code, name in settings.LANGUAGES:
            label = _now("Why, for the holders (%(language)s)") % {"language": name}
            self.fields[_text_field(code)] = textarea_field(
                label, rows=3, most=1000, least=MIN_EXPLANATION, missing=WHY_TOO_SHORT
            )

    def clean_takes_effect_on(self) -> date:
        """The day, which has to be given."""
        day: date | None = self.cleaned_data["takes_effect_on"]
        if day is None:
            raise forms.ValidationError(_("Please choose a day that is more than 60 days away."))
        return day

    def clean(self) -> dict[str, Any]:
        """One thing: an area, perhaps with a category, or a credential type."""
        data = super().clean() or {}
        if bool(data.get("area")) == bool(data.get("credential_type")):
            self.add_error("area", _("Please choose either a key area or a credential type."))
        elif data.get("category") and not data.get("area"):
            self.add_error("category", _("Please choose the key area to which the category belongs."))
        return data

    def explanations(self) -> dict[str, str]:
        """Why, by language."""
        return {code: self.cleaned_data[_text_field(code)] for code, _name in settings.LANGUAGES}


def _text_field(code: str) -> str:
    return f"explanation_{code.replace('-', '_')}"
