"""Papers read: how many values are right, how many are certain, and whether one that is certain is wrong.

Every paper is drawn from the seed in one of two languages and six layouts, photographed, opened and drawn as an uploaded file
is, and read as the job reads it. A field that was not read counts as wrong. Then the publishing gate is measured among
certificates; `manage.py bench gate` does so among a million.
"""

import random
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

from portal.bench import gate
from portal.bench.certification import layouts, papers, photos
from portal.bench.measuring import Say
from portal.engines import documents
from portal.engines.papers import FieldKind, PageReading, choose_fields, read_page

_MIB: Final = 1024 * 1024
_MOST_PAPERS: Final = 4  # of an application: a doctor in China needs most; one page each
_A_YEAR: Final = 42_000  # applications, as Kuaishou certified in 2021
_GROUPS: Final = {
    FieldKind.NUMBER: "number",
    FieldKind.ISSUED_ON: "date",
    FieldKind.EXPIRES_ON: "date",
    FieldKind.NAME: "name",
}


@dataclass
class _Tally:
    """What was counted over all papers."""

    right: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    certain: int = 0
    wrong_but_certain: int = 0
    seconds: float = 0.0
    peak: int = 0


def add_arguments(parser: ArgumentParser) -> None:
    """The sizes of a run."""
    parser.add_argument("--seed", type=int, default=1, help="decides what papers say and how they are photographed")
    parser.add_argument("--papers", type=int, default=204, help="papers of both languages and all layouts in turn")
    parser.add_argument("--processes", type=int, default=1, help="pages read at the same time")
    parser.add_argument("--certificates", type=int, default=20_000, help="among which the gate is asked; 0: it is not")


def run(options: dict[str, Any], say: Say) -> dict[str, Any]:
    """Draw, read, count."""
    tally = _Tally()
    with ThreadPoolExecutor(options["processes"]) as pool:
        orders = range(options["papers"])
        for number, (paper, found, seconds) in enumerate(pool.map(lambda one: _read(options["seed"], one), orders)):
            tally.seconds += seconds
            tally.peak = max(tally.peak, found.peak)
            for sentence in _count(tally, paper, found):
                say(f"paper {number}: {sentence}")
            if number % 20 == 19:
                say(f"{number + 1} papers read")
    figures = _figures(tally, options["papers"])
    return figures | (gate.measure_small(options["certificates"], say) if options["certificates"] else {})


def _read(seed: int, number: int) -> tuple[papers.Paper, PageReading, float]:
    chance = random.Random(f"certification {seed} {number}")  # noqa: S311 -- a benchmark
    paper = papers.draw_paper(chance, ("zh", "en")[number % 2])
    names = list(layouts.LAYOUTS)
    image = layouts.LAYOUTS[names[number // 2 % len(names)]](paper, chance)
    page = documents.render_document(photos.photograph(image, chance))[0]
    start = time.perf_counter()
    found = read_page(page.data)
    return paper, found, time.perf_counter() - start


def _count(tally: _Tally, paper: papers.Paper, found: PageReading) -> Iterator[str]:
    """Add a paper to the figures; yields a sentence for each wrong value."""
    chosen = choose_fields(found.fields)
    for kind, truth in _truth(paper):
        read = chosen.get(kind)
        right = read is not None and read.value == truth
        tally.asked[_GROUPS[kind]] += 1
        tally.right[_GROUPS[kind]] += right
        tally.certain += right and read is not None and read.certain
        wrong = read is not None and read.certain and not right
        tally.wrong_but_certain += wrong
        if not right:
            shown = f"{read.value} ({read.confidence:.2f}{', certain' if read.certain else ''})" if read else "nothing"
            yield f"{kind} is {truth}, read {shown}"


def _truth(paper: papers.Paper) -> Iterator[tuple[FieldKind, str]]:
    yield FieldKind.NUMBER, paper.number
    yield FieldKind.ISSUED_ON, paper.issued_on.isoformat()
    yield FieldKind.EXPIRES_ON, paper.expires_on.isoformat()
    yield FieldKind.NAME, paper.name


def _figures(tally: _Tally, count: int) -> dict[str, Any]:
    shares = {f"{group}_accuracy": tally.right[group] / tally.asked[group] for group in ("number", "date", "name")}
    seconds = tally.seconds / count
    return {
        "papers": count,
        "certain_share": tally.certain / tally.asked.total(),
        **shares,
        "wrong_but_certain": tally.wrong_but_certain,
        "seconds_per_page": seconds,
        "applications_per_hour": 3600 / (seconds * _MOST_PAPERS),
        "share_of_a_reader": _A_YEAR * _MOST_PAPERS * seconds / (365 * 24 * 3600),
        "peak_mb": tally.peak / _MIB,
    }
