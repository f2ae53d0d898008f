"""Takes the place of Django's command, which would make an administrator past the rules, without a trace."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Refuses: administrators are made by create_first_administrator, and then by two administrators."

    def handle(self, *args: Any, **options: Any) -> None:
        message = "Use create_first_administrator for the first administrator; they invite the others in the portal."
        raise CommandError(message)
