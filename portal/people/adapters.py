"""Adapters of django-allauth: mails, languages, secrets at rest, and the last second factor."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from portal import vault
from portal.people import addresses, letters, second_factor
from portal.people.models import User
from portal.web.client_address import client_address

SITE_NAME = "Creator Trust Portal"
LONGEST_ADDRESS = 254
# Said by allauth's forms, whose Chinese catalogue takes it for the code of a program.
ALLAUTH_TEXTS = (_("Code"),)


class AccountAdapter(DefaultAccountAdapter):
    """Sends allauth's mails as letters, in the reader's language."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write a letter instead of sending; the address decides whose language it is in. None to where no mail goes."""
        if not addresses.takes_mail(email):
            return
        person = User.objects.filter(email=email.lower()).first() or _user_in(context)
        kept = {name: value for name, value in context.items() if name != "request"}
        letters.write_letter(template_prefix, email, {"email": email, **kept}, person=person)

    def clean_email(self, email: str) -> str:
        """Refuse an address that does not fit, which allauth would cut off, and one to which no mail goes."""
        if not addresses.takes_mail(email):
            raise ValidationError(_("E-mails cannot be sent to this address."))
        if len(email) > LONGEST_ADDRESS:
            raise ValidationError(_("This address is too long."))
        return email

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Refuse visitors, and demo people outside a demo, whatever way they come in."""
        if user.is_visitor or (user.is_demo and not settings.DEMO):
            response: HttpResponse = self.respond_user_inactive(request, user)
            return response
        answer: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return answer

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Show the pages in the person's language from now on."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        if not user.is_demo:
            set_language_cookie(response, user.language)
        return response

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that rate limits of the sign-in pages count; those without one share one count."""
        return client_address(request) or "0.0.0.0"  # noqa: S104 -- no address is bound

    def get_user_search_fields(self) -> list[str]:
        """What a person is found by in allauth's own admin pages."""
        return ["email", "display_name", "public_id"]


class SecondFactorAdapter(DefaultMFAAdapter):
    """Keeps secrets sealed and the last second factor in place."""

    error_messages: ClassVar = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": _(
            "This is your last second factor, and your role requires one. Add another before you remove this one."
        ),
    }

    def encrypt(self, text: str) -> str:
        """Seal a TOTP secret or the seed of the recovery codes."""
        return vault.encrypt_text(text, bound_to=second_factor.SECRETS_BOUND_TO)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret again."""
        return vault.decrypt_text(encrypted_text, bound_to=second_factor.SECRETS_BOUND_TO)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Refuse to delete the last factor of a person whose role requires one."""
        return not (
            second_factor.needs_second_factor(authenticator.user) and second_factor.is_last_factor(authenticator)
        )

    def _get_site_name(self) -> str:
        return SITE_NAME


def set_language_cookie(response: HttpResponse, language: str) -> None:
    """Have the browser ask for this language from now on."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.SESSION_COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def _user_in(context: dict[str, Any]) -> User | None:
    user = context.get("user")
    return user if isinstance(user, get_user_model()) and user.pk else None
