"""The sign-up form. Apart from portal/accounts/forms.py, which allauth's forms import themselves."""

from typing import Any

from allauth.account.forms import SignupForm
from django.utils.translation import gettext_lazy as _


class SignUp(SignupForm):
    """allauth's form (ACCOUNT_FORMS), with one short sentence instead of one for every rule of passwords."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "password1" in self.fields:  # not when somebody signs up with a passkey
            self.fields["password1"].help_text = _("At least 10 signs, and not one that many people use.")
