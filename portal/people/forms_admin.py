"""Forms of the admin's pages about people and API clients."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from portal.languages import language_choices
from portal.people.actions.people import ROLES_WITHOUT_INVITATION
from portal.people.forms import PlainTextField, ReasonForm
from portal.people.models import Agency, User
from portal.people.roles import Role
from portal.people.tokens import Scope
from portal.platforms import registry


class FindPersonForm(forms.Form):
    """An e-mail address that somebody has; `cleaned_data["email"]` is the person."""

    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))

    def clean_email(self) -> User:
        person = User.objects.filter(email__iexact=self.cleaned_data["email"]).first()
        if person is None:
            raise ValidationError(_("No one has this address."))
        return person


class RoleFields(forms.Form):
    """A role, and the agency that agents need."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    agency = forms.ModelChoiceField(
        label=_("Agency"), queryset=Agency.objects.all(), required=False, help_text=_("For agency agents.")
    )


class InviteStaffForm(ReasonForm, RoleFields):
    """Somebody who will work here, and why."""

    field_order = ("email", "display_name", "language", "role", "agency", "reason")
    email = forms.EmailField(label=_("E-mail address"))
    display_name = PlainTextField(label=_("Display name"), max_length=80)
    language = forms.ChoiceField(label=_("Language"), choices=language_choices)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["role"].choices = [row for row in Role.choices if row[0] not in ROLES_WITHOUT_INVITATION]  # type: ignore[attr-defined]


class RoleForm(ReasonForm, RoleFields):
    """Another role, and why."""

    field_order = ("role", "agency", "reason")


class ScopesForm(ReasonForm):
    """What an API client may open, and why."""

    field_order: tuple[str, ...] = ("scopes", "reason")

    scopes = forms.MultipleChoiceField(label=_("Scopes"), choices=Scope.choices, widget=forms.CheckboxSelectMultiple)


class ApiClientForm(ScopesForm):
    """A new API client, and why."""

    field_order = ("name", "platform", "scopes", "test", "reason")
    name = PlainTextField(label=_("Name"), max_length=100)
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=[Scope.GATE],
        help_text=_("Only what the program needs. More can be added later."),
    )
    test = forms.BooleanField(
        label=_("Test client"),
        required=False,
        help_text=_("For trying the API: it gets fixed answers and never real data. This cannot be changed."),
    )
    platform = forms.ChoiceField(
        label=_("Platform"),
        choices=registry.platform_choices,
        help_text=_(
            "The client can only read and submit on this platform. This cannot be changed: another "
            "platform needs its own client."
        ),
    )
