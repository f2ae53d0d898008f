"""What reviewers write: what was found, what each side is told, which remedies follow, and a second person's word."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.forms.fields import mark_needed
from complaints.models import RemedyKind
from complaints.policies.terms import Reason
from portal.reviews.models import ReasonCode
from portal.reviews.policies import MAX_TEXT

FINDINGS, TO_COMPLAINANT, TO_RESPONDENT = "explanation", "to_complainant", "to_respondent"
_LABELS = {
    FINDINGS: _("What was found"),
    TO_COMPLAINANT: _("To the complainant"),
    TO_RESPONDENT: _("To the respondent"),
}
_HELP = {
    FINDINGS: _("The facts, and why they lead to this. Both sides read it as you write it."),
    TO_COMPLAINANT: _("Only they read this: what the decision means for them, and what convinced you or did not."),
    TO_RESPONDENT: _("Only they read this: what the decision means for them, and what convinced you or did not."),
}


class VersionForm(forms.Form):
    """A form of a case: it carries the version that its page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)


class SecondApprovalForm(VersionForm):
    """The second person's note; needed when they send the decision back."""

    note = forms.CharField(
        label=_("Your note"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("To send it back, say what is missing or wrong."),
    )


class AdmitForm(VersionForm):
    """Letting a complaint through the screening; a note for the record, if there is something to say."""

    explanation = forms.CharField(
        label=_("Note for the record"), required=False, max_length=MAX_TEXT, widget=forms.Textarea(attrs={"rows": 2})
    )


class DecisionForm(VersionForm):
    """A decision with its reasons for both sides. What makes a decision complete is for the action to say.

    `texts` names the text fields that are asked for; `refusals` (kind of remedy to why it cannot be chosen)
    is empty where there are no remedies.
    """

    reasons = forms.MultipleChoiceField(label=_("Reasons"), required=False, widget=forms.CheckboxSelectMultiple)
    remedies = forms.MultipleChoiceField(
        label=_("Remedies"), required=False, choices=RemedyKind.choices, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self,
        data: Any = None,
        *,
        version: int,
        verb: str,
        reasons: Sequence[ReasonCode],
        texts: Sequence[str],
        refusals: Mapping[str, Reason],
    ) -> None:
        super().__init__(data, initial={"version": version}, auto_id=f"id_{verb}_%s")
        self.refusals = refusals
        self.fields["reasons"].choices = [(reason.code, reason.label) for reason in reasons]  # type: ignore[attr-defined]
        if not refusals:
            del self.fields["remedies"]
        for name in texts:
            self.fields[name] = _text_field(name)
        for field in self.fields.values():
            mark_needed(field)

    @property
    def side_fields(self) -> list[Any]:
        """What each side is told, for the page."""
        return [self[name] for name in (TO_COMPLAINANT, TO_RESPONDENT) if name in self.fields]

    @property
    def remedy_rows(self) -> list[dict[str, Any]]:
        """The remedies for the page: kind, label, why it cannot be chosen, and whether it is ticked."""
        ticked = self.data.getlist("remedies") if hasattr(self.data, "getlist") else []
        return [
            {"kind": kind, "label": label, "refusal": self.refusals.get(kind), "ticked": kind in ticked}
            for kind, label in RemedyKind.choices
        ]


def _text_field(name: str) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 4})
    return forms.CharField(
        label=_LABELS[name], help_text=_HELP[name], required=False, max_length=MAX_TEXT, widget=widget
    )
