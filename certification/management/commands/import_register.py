"""`manage.py import_register CODE FILE --layout NAME`: put the file of a register in use (docs/registers.md)."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_slug

from certification.actions import register_imports
from certification.models import CredentialType, RegisterVersion
from certification.registers.layouts import LAYOUTS, WrongFile


class Command(BaseCommand):
    help = (
        "Import the file of a register; the one in use stays where it is refused. Without arguments: what was imported."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("register", nargs="?", help="the register's code, as credential types name it")
        parser.add_argument("file", nargs="?", type=Path, help="CSV, or a ZIP archive with it")
        parser.add_argument("--layout", choices=list(LAYOUTS), help="the layout of the file")
        parser.add_argument(
            "--dated", type=date.fromisoformat, help="the date of the file, if its name does not tell it"
        )
        parser.add_argument("--may-shrink", action="store_true", help="take a file with far fewer entries than before")

    def handle(self, *args: Any, register: str | None, file: Path | None, **options: Any) -> None:
        if register is None:
            for row in RegisterVersion.objects.all():
                words = row.error or f"{row.entries_count} entries"
                self.stdout.write(f"{row.register}  {row.dated_on}  {row.layout}  {row.get_state_display()}  {words}")
            return
        if file is None or not options["layout"]:
            raise CommandError("Please give the file and its --layout.")
        try:
            validate_slug(register)
            version = register_imports.import_file(
                register, file, options["layout"], dated_on=options["dated"], may_shrink=options["may_shrink"]
            )
        except WrongFile as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"In use: {version.register}, dated {version.dated_on}, {version.entries_count} entries.")
        if not CredentialType.objects.filter(register_code=register, registry="file").exists():
            self.stdout.write("No credential type is looked up in it yet: choose it in the credential type.")
