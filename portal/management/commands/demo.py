"""`manage.py demo`: the demo people and their documents; safe to run again."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.management import preparation


class Command(BaseCommand):
    help = "Put the demo people and their documents into the database."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--fill", action="store_true", help="Only add what may come while the site is open.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            message = "Demo people are for demos: PORTAL_MODE is not demo."
            raise CommandError(message)
        if options["fill"]:
            preparation.fill_demo_data()
        else:
            preparation.seed_demo_data()
            preparation.fill_demo_data()
