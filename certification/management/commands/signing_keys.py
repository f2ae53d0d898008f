"""`manage.py signing_keys`: the keys with which credentials are signed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from certification.actions import signing_keys
from certification.models import SigningKey
from certification.proof import issuer
from portal.errors import Conflict


class Command(BaseCommand):
    help = "List the issuer's signing keys, sign with a new one from now on, or withdraw one that is compromised."

    def add_arguments(self, parser: CommandParser) -> None:
        one = parser.add_mutually_exclusive_group()
        one.add_argument("--rotate", action="store_true", help="Make a new key. The old one stays published.")
        one.add_argument("--withdraw", metavar="KEY", help="Take a retired key out of the published document.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["rotate"]:
                signing_keys.rotate_signing_key()
            if options["withdraw"]:
                signing_keys.withdraw_signing_key(options["withdraw"])
        except Conflict as error:
            raise CommandError(str(error)) from error
        self.stdout.write(issuer.issuer_did())
        for key in SigningKey.objects.all():
            self.stdout.write(f"{key.kid}  {key.public_key}  {_standing(key)}")


def _standing(key: SigningKey) -> str:
    if key.withdrawn_at:
        return f"withdrawn {key.withdrawn_at:%Y-%m-%d}"
    return f"retired {key.retired_at:%Y-%m-%d}, published" if key.retired_at else "signs now"
