"""What reviewers write: what was found, what each side is told, and which remedies follow."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.models import RemedyKind
from complaints.remedies import REMEDY_TYPES, RemedySituation, remedy_refusals
from portal.people.forms import mark_needed
from portal.reviews.casepage.forms import DecisionForm, review_text_field

FINDINGS, TO_COMPLAINANT, TO_RESPONDENT = "explanation", "to_complainant", "to_respondent"
_LABELS = {
    FINDINGS: _("Findings"),
    TO_COMPLAINANT: _("To the complainant"),
    TO_RESPONDENT: _("To the respondent"),
}
_HELP = {
    FINDINGS: _("The facts and why they lead to this decision. Both sides see it exactly as you write it."),
    TO_COMPLAINANT: _(
        "Only they read this: what the decision means for them, and which arguments were convincing or not."
    ),
    TO_RESPONDENT: _(
        "Only they read this: what the decision means for them, and which arguments were convincing or not."
    ),
}


class AdmitForm(DecisionForm):
    """Letting a complaint through the screening; a note for the record, if there is something to say."""

    reasons = None  # type: ignore[assignment]
    explanation = review_text_field(_("Note for the record"), rows=2, required=False)


class ComplaintDecisionForm(DecisionForm):
    """A decision with its reasons for both sides.

    `texts` names the text fields that are asked for; `situation` is what the choice of remedies depends on,
    or None where there are no remedies.
    """

    remedies = forms.MultipleChoiceField(
        label=_("Remedies"), required=False, choices=RemedyKind.choices, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, data: Any = None, *, texts: Sequence[str], situation: RemedySituation | None, **options: Any
    ) -> None:
        super().__init__(data, **options)
        self.situation = situation
        if situation is None:
            del self.fields["remedies"]
        for name in texts:
            self.fields[name] = review_text_field(_LABELS[name], rows=4, required=False, help_text=_HELP[name])
        for field in self.fields.values():
            mark_needed(field)

    @property
    def side_fields(self) -> list[Any]:
        """What each side is told, for the page."""
        return [self[name] for name in (TO_COMPLAINANT, TO_RESPONDENT) if name in self.fields]

    @property
    def remedy_rows(self) -> list[dict[str, Any]]:
        """The remedies for the page: kind, label, type, why it cannot be chosen, and whether it is ticked."""
        refusals = remedy_refusals(self.situation) if self.situation else {}
        ticked = self.data.getlist("remedies") if hasattr(self.data, "getlist") else []
        return [
            {
                "kind": kind,
                "label": label,
                "type": REMEDY_TYPES[kind],
                "refusal": refusals.get(kind),
                "ticked": kind in ticked,
            }
            for kind, label in RemedyKind.choices
        ]
