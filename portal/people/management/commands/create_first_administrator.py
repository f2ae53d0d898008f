"""`manage.py create_first_administrator ana@example.org`: the first person who can sign in to a new site."""

from typing import Any
from urllib.parse import quote, urlencode

import segno
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from portal.errors import DomainError
from portal.languages import language_codes
from portal.people import addresses
from portal.people.actions.first_administrator import FirstAdministrator, create_first_administrator
from portal.people.adapters import SITE_NAME

_TEXT = """
The first administrator is {address}. What follows is shown this once:

  Sign in at     {site}/accounts/login/
  Password       {password}
  App secret     {secret}
                 {uri}
  Recovery codes {codes}

Put the secret into an authenticator app (or scan the code above), keep the recovery codes in a safe, then sign in
and set a password of your own. Invite a second administrator next: changes of roles and rules need two, and take
24 hours while there is only one.
"""


class Command(BaseCommand):
    help = "Make the first administrator of a new site, with a second factor. Refuses where there is one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="Administrator", help="How they are called here.")
        parser.add_argument("--language", default=settings.LANGUAGE_CODE, choices=language_codes())

    def handle(self, *args: Any, **options: Any) -> None:
        address = options["email"].strip()
        try:
            validate_email(address)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        if not addresses.takes_mail(address):
            raise CommandError("E-mails cannot be sent to this address.")
        try:
            made = create_first_administrator(email=address, display_name=options["name"], language=options["language"])
        except DomainError as error:
            raise CommandError(str(error)) from error
        self._show(made)

    def _show(self, made: FirstAdministrator) -> None:
        uri = _app_uri(made)
        if self.stdout.isatty():
            segno.make(uri).terminal(compact=True)
        self.stdout.write(
            _TEXT.format(
                address=made.person.email,
                site=settings.BASE_URL,
                password=made.password,
                secret=made.app_secret,
                uri=uri,
                codes=" ".join(made.recovery_codes),
            )
        )


def _app_uri(made: FirstAdministrator) -> str:
    """What an authenticator app reads from a QR code (the key URI format)."""
    label = quote(f"{SITE_NAME}:{made.person.email}")
    return f"otpauth://totp/{label}?{urlencode({'secret': made.app_secret, 'issuer': SITE_NAME})}"
