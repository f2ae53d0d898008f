"""Writes docs/privacy.md from the table of personal data; a test compares the file with it."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation

from portal.privacy.table import CLOCKS, PersonalData, personal_data

TARGET = settings.BASE_DIR / "docs" / "privacy.md"
_HEAD = """# Personal data

Written by `manage.py privacy_table` from the tables in `portal/privacy/platform_data.py`, `certification/personal_data.py` and
`complaints/personal_data.py`; do not edit. `portal/tests/test_personal_data.py` fails for a column of text that stands neither here nor among
those that hold no personal data, and moves the clock to ten years after every account was closed, when nothing of this may be left.

From the day that the page named, the data of a closed account are looked through every hour: what no case needs is deleted on that day, name and
address when the last case that needs them is over. The row of a person stays with its public id, to which decisions and the audit trail refer;
so do a file's hash and a case's outcome and dates. Backups have a time of keeping of their own (ADR 0006).
"""


class Command(BaseCommand):
    help = "Write docs/privacy.md; with --check only say whether it is up to date."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"]:
            TARGET.write_text(privacy_document())
        elif TARGET.read_text() != privacy_document():
            self.stderr.write("docs/privacy.md is old: run manage.py privacy_table")
            raise SystemExit(1)


def privacy_document() -> str:
    """The text of docs/privacy.md."""
    with translation.override("en"):
        clocks = [f"| {clock.code} | {clock.text} | {_code(clock.jobs)} |" for clock in CLOCKS]
        rows = [_row(row) for row in sorted(personal_data(), key=lambda row: (row.model, row.fields))]
    return "\n".join(
        [
            _HEAD,
            "## Clocks",
            "| clock | kept | deleted by |",
            "|---|---|---|",
            *clocks,
            "",
            "## What is kept",
            "| model | columns | what | ground | clock | in the copy of one's data |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _row(row: PersonalData) -> str:
    copied = "yes" if row.of else f"no: {row.withheld}"
    cells = (row.model, _code(row.fields), row.what, row.basis.text, row.clock.code, copied)
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def _code(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
