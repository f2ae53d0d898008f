"""What every reviewer writes: a decision with its reasons, and the second person's note."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.people.forms import textarea_field
from portal.reviews.casepage.previews import StatementPreview
from portal.reviews.models import ReasonCode
from portal.reviews.policies import MAX_TEXT

review_text_field = partial(textarea_field, rows=3, most=MAX_TEXT)


class VersionForm(forms.Form):
    """A form of a case: it carries the version that its page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    def show_version(self, version: int) -> None:
        """Let the next try count as having seen this version."""
        self.data = self.data.copy()  # type: ignore[attr-defined]
        self.data[self.add_prefix("version")] = version  # type: ignore[index]


class ConfirmForm(VersionForm):
    """The second person agrees, where need be although something failed or is not opened."""

    acknowledged = forms.BooleanField(label=_("I have read the marked items and approve anyway."), required=False)
    note = review_text_field(
        _("Your note"), required=False, most=2000, help_text=_("For the record; it is not shown outside.")
    )


class SendBackForm(VersionForm):
    """The second person does not agree, and says why."""

    note = review_text_field(
        _("What is missing or wrong"),
        most=2000,
        help_text=_("The person who decides again reads it. The people concerned do not."),
    )


class DecisionForm(VersionForm):
    """A decision with its reasons. What makes a decision complete is for the action to say.

    `verb` makes the ids of fields different from those of the other rulings on the page.
    """

    previews: Sequence[StatementPreview] = ()  # what people will read, if that was asked for

    reasons = forms.MultipleChoiceField(label=_("Reasons"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, data: Any = None, *, verb: str, version: int, reasons: Sequence[ReasonCode]) -> None:
        super().__init__(data, initial={"version": version}, auto_id=f"id_{verb}_%s")
        if reasons and "reasons" in self.fields:
            self.fields["reasons"].choices = [(row.code, row.label) for row in reasons]  # type: ignore[attr-defined]
        else:
            self.fields.pop("reasons", None)

    def decision_fields(self) -> dict[str, Any]:
        """What the action is called with. Only of a valid form."""
        return {name: [] for name in self.base_fields.keys() & {"reasons"}} | self.cleaned_data
