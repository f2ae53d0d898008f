"""Registering a work, and letting an account use one."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.forms.fields import (
    PastDayField,
    PlatformField,
    address_field,
    hide_single_platform,
    pasted_text_field,
    require_one_source,
)
from complaints.models import Work
from complaints.policies.terms import VIDEO_PURPOSE
from portal.media.forms import VideoField
from portal.people.forms import PlainTextField, mark_needed
from portal.people.models import User


class WorkForm(forms.Form):
    """A work: its title, its video, and where it first appeared."""

    title = PlainTextField(label=_("Title"), max_length=160, error_messages={"required": _("Please give it a title.")})
    video = VideoField(purpose=VIDEO_PURPOSE, required=False, label=_("The file"))
    pasted = pasted_text_field()
    published_at = PastDayField(label=_("First published on"))
    published_source = PlainTextField(
        label=_("Where it was first published"),
        max_length=300,
        required=False,
        help_text=_("A web address or the name of a place. Leave empty if it was never published."),
    )
    url = address_field(_("Your own post of it"), help_text=_("The address of a post on one of your accounts."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mark_needed(self.fields["video"])

    def clean(self) -> dict[str, Any]:
        """A file or a text, one of both."""
        data: dict[str, Any] = super().clean() or {}
        require_one_source(self, data)
        return data

    def facts(self) -> dict[str, Any]:
        """The work as the action takes it; `media` is missing where `pasted`, which is no fact of it, was given."""
        given = {name: value for name, value in self.cleaned_data.items() if name not in ("video", "pasted")}
        return given | ({"media": self.cleaned_data["video"][0]} if self.cleaned_data.get("video") else {})


class AuthorisationForm(forms.Form):
    """An account that may use one's works."""

    platform = PlatformField()
    account = PlainTextField(
        label=_("Account"),
        max_length=200,
        help_text=_("Its name, or the address of its page."),
        error_messages={"required": _("Please enter the account.")},
    )
    work = forms.ModelChoiceField(
        label=_("What it may use"), queryset=Work.objects.none(), required=False, empty_label=_("All my works")
    )
    note = PlainTextField(
        label=_("Note"),
        max_length=200,
        required=False,
        help_text=_("For your own reference. For example: licence of 3 May, for one year."),
    )

    def __init__(self, *args: Any, owner: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hide_single_platform(self)
        self.fields["work"].queryset = Work.objects.registered_by(owner)  # type: ignore[attr-defined]
        mark_needed(self.fields["work"])
