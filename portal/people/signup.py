"""The forms of those who come in for the first time. Apart from portal/people/forms.py, which allauth's forms import themselves."""

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import RequestLoginCodeForm, SignupForm
from django.utils.translation import gettext_lazy as _

from portal.people.forms import PersonDetails
from portal.people.models import User


class PortalSignupForm(SignupForm):
    """allauth's form (ACCOUNT_FORMS), with one short sentence instead of one for every rule of passwords."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "password1" in self.fields:  # not when somebody signs up with a passkey
            self.fields["password1"].help_text = _("At least 10 characters; common passwords are not accepted.")


class GuestSignInForm(PersonDetails, RequestLoginCodeForm):
    """Name, address and language of somebody who comes as a guest; they get a sign-in code."""

    field_order = ("email", "display_name", "language")
    _user: User | None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["display_name"].help_text = _("The name we use when we write to you.")

    def clean_email(self) -> str:
        """The check of allauth itself, which also limits how often a code goes to an address."""
        self.cleaned_data["email"] = get_adapter().clean_email(self.cleaned_data["email"].lower())
        email: str = super().clean_email()
        return email

    def find_or_make(self, make: Callable[[str, str, str], User]) -> None:
        """Have `make(address, name, language)` make the guest if nobody who may sign in has the address."""
        if self._user is None:
            data = self.cleaned_data
            person = make(data["email"], data["display_name"], data["language"])
            self._user = person if person.is_active else None
