"""`manage.py load_reference`: areas, documents, requirements, reasons and calendars to start with; safe to run again."""

from typing import Any

from django.core.management.base import BaseCommand

from certification.reference import loading


class Command(BaseCommand):
    help = "Add the areas, credential types, requirements, reasons and calendars that a new site starts with."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, count in loading.load_reference_data().items():
            self.stdout.write(f"{name}: {count} added")
