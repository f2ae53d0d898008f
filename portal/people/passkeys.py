"""Adding a passkey or security key."""

from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _


class PasskeyForm(AddWebAuthnForm):
    """allauth's form (MFA_FORMS), which offers a passkey first: most devices can be one."""

    name = forms.CharField(label=_("Name"), max_length=80, required=False, help_text=_("To tell your keys apart."))
    passwordless = forms.BooleanField(
        label=_("Sign in with this key alone"),
        required=False,
        initial=True,
        help_text=_("The device then asks for a fingerprint, face or PIN. Untick this for a simple security key."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["name", "passwordless", "credential"])
