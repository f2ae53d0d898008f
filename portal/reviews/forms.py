"""Forms of the queue: its filters, releasing and handing over a case, and conflicts of interest."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from portal.errors import Text
from portal.people.models import User
from portal.reviews import case_kinds
from portal.reviews.models import ConflictOfInterest

# The filters that narrow what "take the next case" gives, too. Flags and due dates would let people pick single cases.
NARROWING = ("kind", "skill")


@dataclass(frozen=True)
class Choice:
    """What was chosen in a filter: the code, and how people call it."""

    code: str
    label: Text


class QueueFilter(forms.Form):
    """What the list shows; it lives in the URL, so that a view can be kept as a bookmark."""

    kind = forms.ChoiceField(label=_("Kind"), required=False)
    skill = forms.ChoiceField(label=_("Area"), required=False)
    reason = forms.ChoiceField(label=_("Flag"), required=False)
    overdue = forms.BooleanField(label=_("Overdue only"), required=False)

    def __init__(self, *args: Any, areas: dict[str, Text], reasons: dict[str, Text], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, named in (("kind", case_kinds.kind_labels()), ("skill", areas), ("reason", reasons)):
            self.fields[name].choices = [("", _("All")), *named.items()]  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, Any]:
        """What was chosen and makes sense; a made-up value in the URL counts as none."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def narrowing(self) -> dict[str, Choice]:
        """What of it narrows the next case, too, by the name of the filter."""
        chosen = self.chosen()
        labels = {name: dict(self.fields[name].choices) for name in NARROWING}  # type: ignore[attr-defined]
        return {name: Choice(chosen[name], labels[name][chosen[name]]) for name in NARROWING if name in chosen}


class ReleaseForm(forms.Form):
    """Why a case goes back to the queue."""

    why = forms.CharField(
        label=_("Why are you releasing it?"),
        max_length=300,
        help_text=_("Area leads are notified and can read this. The case is not offered to you again for a day."),
    )


class HandOverForm(forms.Form):
    """To whom a case goes; offers the people who may take it."""

    to = forms.ModelChoiceField(
        label=_("Colleague"),
        queryset=User.objects.none(),
        to_field_name="public_id",
        help_text=_("Only colleagues who can take this case are listed."),
        error_messages={"invalid_choice": _("This colleague cannot take the case. Choose someone from the list.")},
    )
    note_to = forms.CharField(
        label=_("Note for your colleague"),
        max_length=300,
        required=False,
        help_text=_("Shown on the case page. Your colleague is notified."),
    )

    def __init__(self, *args: Any, colleagues: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = colleagues  # type: ignore[attr-defined]


class CaseConflictForm(forms.Form):
    """What connects the reviewer to the people of a case."""

    kind = forms.ChoiceField(
        label=_("What is the conflict?"), choices=ConflictOfInterest.Kind.choices, widget=forms.RadioSelect
    )


class DeclaredConflictForm(forms.Form):
    """A conflict of interest that a reviewer declares before any case of that person reaches them."""

    person = forms.CharField(
        label=_("With whom?"), max_length=254, help_text=_("Their e-mail address, or the ID that starts with p_.")
    )
    kind = forms.ChoiceField(label=_("What is the conflict?"), choices=[("", "…"), *ConflictOfInterest.Kind.choices])
    until = forms.DateField(
        label=_("Until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Leave empty if the conflict has no end date."),
    )
