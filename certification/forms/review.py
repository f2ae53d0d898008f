"""What reviewers write: what they saw, what they ask for, what they decide and why."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certification.forms.steps import mark_as_needed
from certification.models import CheckResult, Credential, Document
from portal.reviews.models import ReasonCode

_ITEMS, _ITEM_LENGTH = 10, 300
_RESULTS = [
    (CheckResult.PASSED, _("It fits")),
    (CheckResult.FAILED, _("It says something else")),
    (CheckResult.INCONCLUSIVE, _("No clear answer")),
]


def _textarea_field(
    label: Any, *, rows: int = 3, most: int = 4000, required: bool = True, **kwargs: Any
) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=most, widget=widget, required=required, **kwargs)


class RegistryCheckForm(forms.Form):
    """What a person found in the official register."""

    result = forms.ChoiceField(label=_("What the register says"), choices=_RESULTS, widget=forms.RadioSelect)
    url = forms.URLField(label=_("Address of the page"), max_length=500, assume_scheme="https")
    seen = _textarea_field(_("What you saw"), rows=2, most=2000)

    def __init__(self, data: Any = None, *, credential: Credential) -> None:
        self.credential = credential
        super().__init__(data, prefix=f"look-{credential.pk}", initial={"url": credential.type.registry_url})


class DocumentCheckForm(forms.Form):
    """What a person read on a paper."""

    result = forms.ChoiceField(label=_("The paper and what was declared"), choices=_RESULTS, widget=forms.RadioSelect)
    seen = _textarea_field(_("What you saw"), rows=2, most=2000)

    def __init__(self, data: Any = None, *, document: Document) -> None:
        self.document = document
        super().__init__(data, prefix=f"paper-{document.pk}")


class VersionForm(forms.Form):
    """A form of a case: it carries the version that its page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)


class InformationRequestForm(VersionForm):
    """A request for more."""

    text = _textarea_field(_("What you need, and why"), help_text=_("The applicant reads this as you write it."))
    items = _textarea_field(
        _("One thing a line"),
        required=False,
        most=3000,
        help_text=_("For example: the page with the stamp. At most ten lines."),
    )

    def clean_items(self) -> list[dict[str, str]]:
        """The lines as items."""
        lines = [line.strip() for line in self.cleaned_data["items"].splitlines() if line.strip()]
        if len(lines) > _ITEMS:
            raise forms.ValidationError(_("At most ten lines, please."))
        if any(len(line) > _ITEM_LENGTH for line in lines):
            raise forms.ValidationError(_("Each line can have at most 300 characters."))
        return [{"text": line} for line in lines]


class SecondApprovalForm(VersionForm):
    """The second person's note; needed when they send the decision back."""

    note = _textarea_field(
        _("Your note"), required=False, most=2000, help_text=_("To send it back, say what is missing or wrong.")
    )


class DecisionForm(VersionForm):
    """A decision with its reasons. What makes a decision complete is for the action to say."""

    reasons = forms.MultipleChoiceField(label=_("Reasons"), required=False, widget=forms.CheckboxSelectMultiple)
    explanation = _textarea_field(_("Explanation"), rows=5, required=False)
    accepted = forms.MultipleChoiceField(
        label=_("Papers that you accept"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self,
        data: Any = None,
        *,
        version: int,
        verb: str,
        adverse: bool,
        reasons: Sequence[ReasonCode],
        credentials: Sequence[Credential],
    ) -> None:
        super().__init__(data, initial={"version": version}, auto_id=f"id_{verb}_%s")
        choices: Any = [(reason.code, reason.label) for reason in reasons]
        self.fields["reasons"].choices = choices  # type: ignore[attr-defined]
        self.fields["accepted"].choices = [(str(row.pk), row.type.name) for row in credentials]  # type: ignore[attr-defined]
        if not reasons:
            del self.fields["reasons"]
        if not credentials:
            del self.fields["accepted"]
        self.fields["explanation"].help_text = _ADVERSE if adverse else _FAVOURABLE
        if adverse:
            self.fields["explanation"].label = _("Explanation for the person")
        for name, field in self.fields.items():
            if adverse or name == "accepted":
                mark_as_needed(field)

    def accepted_ids(self) -> list[int]:
        """Ids of the credentials that were ticked."""
        return [int(pk) for pk in self.cleaned_data.get("accepted", [])]


_ADVERSE = _("Which facts, and why they lead to this. They read it as you write it, together with the reasons above.")
_FAVOURABLE = _("Needed when a check failed: why you approve nevertheless.")


class DoubtForm(forms.Form):
    """Why somebody doubts a certificate."""

    grounds = _textarea_field(
        _("What the doubt is"),
        rows=5,
        help_text=_("What you saw, where and when. Reviewers read it; the holder gets the reasons of the decision."),
    )
