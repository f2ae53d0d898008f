"""Writes docs/states.md from the tables of moves that the code obeys; a test compares the file with them."""

from argparse import ArgumentParser
from importlib import import_module, util
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand

from portal.workflow import Workflow

TARGET = settings.BASE_DIR / "docs" / "states.md"
_HEAD = """# States

Written by `manage.py state_diagram` from the tables of moves in `*/states.py`; do not edit. The same
tables make the moves in code and the triggers by which the database refuses any other.
"""


class Command(BaseCommand):
    help = "Write docs/states.md; with --check only say whether it is up to date."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"]:
            TARGET.write_text(states_document())
        elif TARGET.read_text() != states_document():
            self.stderr.write("docs/states.md is old: run manage.py state_diagram")
            raise SystemExit(1)


def all_workflows() -> list[Workflow]:
    """Every Workflow in the module `states` of an installed app, by app and name."""
    found = []
    for config in sorted(apps.get_app_configs(), key=lambda config: config.name):
        if config.name.startswith(("portal.", "certification", "complaints")) and util.find_spec(
            f"{config.name}.states"
        ):
            values = vars(import_module(f"{config.name}.states")).values()
            found += sorted({w.name: w for w in values if isinstance(w, Workflow)}.values(), key=lambda w: w.name)
    return found


def states_document() -> str:
    """The text of docs/states.md: a diagram and a table of moves for each workflow."""
    return "\n".join([_HEAD, *(_section(workflow) for workflow in all_workflows())])


def _section(workflow: Workflow) -> str:
    rows = [f"| {move.name} | {', '.join(move.sources)} | {move.target} | {move.by} |" for move in workflow.moves]
    table = "\n".join(["| move | from | to | by |", "|---|---|---|---|", *rows])
    title = workflow.name[0].upper() + workflow.name[1:]
    return f"## {title}\n\n```mermaid\n{workflow.mermaid()}\n```\n\n{table}\n"
