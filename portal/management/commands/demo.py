"""`manage.py demo`: the demo people and their documents; safe to run again."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.management import preparation


class Command(BaseCommand):
    help = "Put the demo people and their documents into the database."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            message = "Demo people are for demos: PORTAL_MODE is not demo."
            raise CommandError(message)
        preparation.seed_demo_data()
