"""`manage.py bench NAME`: the benchmarks of portal.bench."""

import json
import signal
import sys
from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand

from portal.bench import (
    abuse,
    certification,
    chaos,
    compare,
    decisions,
    expiry,
    fuzz,
    gate,
    library,
    originality,
    queue,
    register,
    restitution,
    vocabulary,
    web,
)

BENCHMARKS: Final = {
    module.__name__.rpartition(".")[2]: module
    for module in (
        *(compare, originality, library, vocabulary, certification, register, expiry, queue, decisions),
        *(web, gate, restitution, chaos, abuse, fuzz),
    )
}


class Command(BaseCommand):
    help = "Measure, in a database made for it: " + ", ".join(BENCHMARKS)

    def add_arguments(self, parser: ArgumentParser) -> None:
        kinds = parser.add_subparsers(dest="name", required=True, parser_class=ArgumentParser)
        for name, module in BENCHMARKS.items():
            kind = kinds.add_parser(name, help=(module.__doc__ or "").split("\n")[0])
            kind.add_argument("--json", action="store_true", help="print the figures as JSON")
            kind.add_argument("--keep", action="store_true", help="keep the database for another run")
            module.add_arguments(kind)

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        # Ended by a signal, a benchmark still stops what it started.
        signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
        say = self.stderr.write if options["json"] else self.stdout.write
        figures = BENCHMARKS[name].run(options, say)
        if options["json"]:
            self.stdout.write(json.dumps(figures))
            return
        for key, value in figures.items():
            self.stdout.write(f"{key}: {value}")
