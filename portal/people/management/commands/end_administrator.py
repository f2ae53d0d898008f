"""`manage.py end_administrator ana@example.org --reason "..."`: the way out where two administrators object to each other."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.errors import DomainError
from portal.people.actions import staff


class Command(BaseCommand):
    help = (
        "Take an administrator's access away, in the audit trail, and tell all administrators. It takes effect at once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--reason", required=True, help="Why; the administrators read it.")

    def handle(self, *args: Any, **options: Any) -> None:
        reason = options["reason"].strip()
        if not reason:
            raise CommandError("Say why, with --reason.")
        try:
            person = staff.end_administrator(address=options["email"].strip(), reason=reason[:500])
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{person.public_id} administers the site no longer. All administrators have been notified.")
