"""What senior reviewers fill in to find restitutions, and to pause, resume or stop one."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.actions.controls import MAX_REASON
from complaints.states import RestitutionState
from portal.reviews.casepage.forms import review_text_field


class RestitutionFilter(forms.Form):
    """Which restitutions are listed; it lives in the address."""

    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All")), *RestitutionState.choices])

    def chosen(self) -> dict[str, Any]:
        """What was chosen and makes sense; a made-up value in the address counts as none."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class ControlForm(forms.Form):
    """Why a restitution is paused, resumed or stopped."""

    reason = review_text_field(
        _("Reason"),
        rows=5,
        most=MAX_REASON,
        help_text=_("Both sides are sent this exactly as you write it. Do not name anyone."),
    )
