"""`manage.py api_client NAME --platform CODE --scopes gate:read`: an id and a secret for a program of the platform."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.errors import Invalid
from portal.people.actions import api_clients
from portal.people.tokens import TOKEN_PATH, Scope


class Command(BaseCommand):
    help = "Make an API client and print its secret, which is shown this once only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--platform", required=True, help="code of the platform it belongs to, as in PLATFORMS")
        parser.add_argument("--scopes", nargs="+", required=True, metavar="SCOPE", help=", ".join(Scope.values))

        parser.add_argument("--test", action="store_true", help="a client that gets fixed answers and never real data")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            fields = {name: options[name] for name in ("name", "platform", "scopes", "test")}
            client, secret = api_clients.create_client(**fields)
        except Invalid as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"client_id      {client.pk}\nclient_secret  {secret}\ntoken          POST {TOKEN_PATH}")
