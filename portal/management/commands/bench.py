"""Benchmarks, each a module with `add_arguments(parser)` and `run(options) -> dict` of figures.

They call production actions in a database of their own, made for the run and removed after it.
"""

import json
from argparse import ArgumentParser
from importlib import import_module
from typing import Any

from django.core.management.base import BaseCommand

BENCHMARKS = {
    "compare": "portal.management.bench_compare",
    "queue": "portal.reviews.bench",
    "web": "portal.management.bench_web",
    "restitution": "complaints.bench_restitution",
}


class Command(BaseCommand):
    help = "Measure, in a database made for it: " + ", ".join(BENCHMARKS)

    def add_arguments(self, parser: ArgumentParser) -> None:
        kinds = parser.add_subparsers(dest="name", required=True, parser_class=ArgumentParser)
        for name, path in BENCHMARKS.items():
            try:
                module = import_module(path)
            except ModuleNotFoundError:
                continue
            kind = kinds.add_parser(name, help=(module.__doc__ or "").split("\n")[0])
            kind.add_argument("--json", action="store_true", help="print the figures as JSON")
            kind.add_argument("--keep", action="store_true", help="keep the database for another run")
            module.add_arguments(kind)

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        say = self.stderr.write if options["json"] else self.stdout.write
        figures = import_module(BENCHMARKS[name]).run(options, say)
        if options["json"]:
            self.stdout.write(json.dumps(figures))
            return
        for key, value in figures.items():
            self.stdout.write(f"{key}: {value}")
