"""An imported register: how long a generated file in the layout of the US register NPPES takes to load, and a look-up in it.

The file has every column of the published one. `ratio` is the time of a look-up, as a job makes it, for that of a bare
indexed query in the same run.
"""

import random
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from django.db import connection
from stdnum import luhn

from certification.actions import register_imports
from certification.models import RegisterEntry, RegisterVersion, VersionState
from certification.registers import nppes
from certification.registers.imported import ImportedRegister
from portal import clock
from portal.bench.measuring import Say, Stopwatch, bench_database, percentile_ms, server_facts, vacuum_and_analyze

_CODE: Final = "bench-npi"
_MEBI: Final = 1 << 20
_GIVEN: Final = ("ALEX", "BLAKE", "CASEY", "DEVON", "ELLIS", "FRANCES", "GALE", "HOLLIS", "INDIRA", "JULES")
_FAMILY: Final = ("ASHDOWN", "BIRCH", "COBBLE", "DALE", "ELMFIELD", "FERNLEY", "GARTH", "HEATH", "IVORY", "KNOLL")


def add_arguments(parser: ArgumentParser) -> None:
    """The sizes of a run."""
    parser.add_argument("--seed", type=int, default=1, help="decides what the file says and which numbers are asked")
    parser.add_argument("--entries", type=int, default=1_000_000, help="entries of the file")
    parser.add_argument("--look-ups", type=int, default=2_000, help="numbers that are asked, a tenth of them unknown")


def run(options: dict[str, Any], say: Say) -> dict[str, Any]:
    """Write two files, load one after the other, ask."""
    count, watch = options["entries"], Stopwatch()
    with tempfile.TemporaryDirectory() as folder, bench_database(keep=options["keep"]):
        RegisterEntry.objects.all().delete()
        RegisterVersion.objects.all().delete()
        files = [_write(Path(folder), day, count, options["seed"]) for day in (2, 1)]
        say(f"two files of {files[0].stat().st_size // _MEBI} MB written in {watch.seconds:.0f} s")
        load, replace, again = (_load(path) for path in (files[0], files[1], files[1]))
        say(
            f"{count} entries loaded in {load:.1f} s, replaced in {replace:.1f} s, the same file again in {again:.1f} s"
        )
        vacuum_and_analyze()
        asked = _ask(options)
        return {
            "entries": count,
            "columns": len(nppes.COLUMNS),
            "file_mb": round(files[0].stat().st_size / _MEBI, 1),
            "load_seconds": round(load, 2),
            "replace_seconds": round(replace, 2),
            "again_seconds": round(again, 2),
            "entries_per_second": round(count / load),
            **asked,
            **server_facts(),
        }


def _write(folder: Path, days_ago: int, count: int, seed: int) -> Path:
    day = clock.today() - timedelta(days=days_ago)
    path = folder / f"npidata_pfile_20050523-{day:%Y%m%d}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        nppes.write_rows(file, _rows(count, random.Random(f"{seed} register")))  # noqa: S311 -- a benchmark
    return path


def _rows(count: int, chance: random.Random) -> Iterator[dict[str, str]]:
    """Rows in no order; one in fifty was deactivated."""
    order = list(range(count))
    chance.shuffle(order)
    for number in order:
        npi = _npi(number)
        if number % 50 == 7:
            yield nppes.ended_row(npi, "03/01/2024")
            continue
        row = nppes.provider_row(npi, chance.choice(_GIVEN), chance.choice(_FAMILY), middle=chance.choice("ABCDE"))
        row |= {
            "Provider First Line Business Mailing Address": f"{number} EXAMPLE STREET",
            "Provider Business Mailing Address City Name": "SPECIMEN CITY",
            "Provider Business Mailing Address State Name": "NY",
            "Healthcare Provider Taxonomy Code_1": "207Q00000X",
            "Healthcare Provider Primary Taxonomy Switch_1": "Y",
        }
        yield row


def _npi(number: int) -> str:
    body = f"1{number:08d}"
    return body + luhn.calc_check_digit("80840" + body)


def _load(path: Path) -> float:
    watch = Stopwatch()
    file = register_imports.register_file(path, "nppes", None)
    register_imports.import_register(_CODE, file)
    return watch.seconds


def _ask(options: dict[str, Any]) -> dict[str, Any]:
    chance = random.Random(f"{options['seed']} asked")  # noqa: S311 -- a benchmark
    count = options["entries"]
    numbers = [_npi(chance.randrange(count)) for _number in range(options["look_ups"])]
    numbers = [f"2{number[1:]}" if place % 10 == 3 else number for place, number in enumerate(numbers)]
    register, version = ImportedRegister(_CODE), RegisterVersion.objects.get(register=_CODE, state=VersionState.CURRENT)
    register.ask(numbers[0])
    asked, bare, found = [], [], 0
    for number in numbers:  # in turns, so that other load on the machine falls on both
        asked.append(_seconds(lambda number=number: register.ask(number)))
        bare.append(_seconds(lambda number=number: _bare(version.pk, number)))
        found += register.ask(number).record is not None
    return {
        "look_up_p50_ms": percentile_ms(asked, 0.5),
        "look_up_p95_ms": percentile_ms(asked, 0.95),
        "bare_p50_ms": percentile_ms(bare, 0.5),
        "ratio": round(sum(asked) / sum(bare), 2),
        "found": found,
        "asked": len(numbers),
        "as_of": version.dated_on.isoformat(),
    }


def _bare(version: int, number: str) -> None:
    table = RegisterEntry._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} WHERE version_id = %s AND number = %s", [version, number])
        cursor.fetchone()


def _seconds(act: Any) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start
