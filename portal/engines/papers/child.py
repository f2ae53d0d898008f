"""The parent's side: one child a page, fed by pipe, stopped by the clock, believed in nothing."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, TypeVar

from portal.engines import limited_process
from portal.engines.limited_process import Refused
from portal.engines.papers import limits
from portal.engines.papers.limits import BOUNDS, Bounds, Box, Field, FieldKind, Hint, HintKind, Line, PageReading

_WORKER: Final = Path(__file__).with_name("worker.py")
_TEXT: Final = 400  # characters of a line or value that are kept
_DETAIL: Final = 40
_WORD, _WORDS = 1 << 64, 4  # of a hash
FoundT = TypeVar("FoundT")


def read_page(data: bytes, *, bounds: Bounds = BOUNDS) -> PageReading:
    """The lines and fields of a page that is a JPEG, PNG or WebP; takes some seconds; raises Refused."""
    if len(data) > bounds.page_bytes:
        raise Refused(limits.TOO_HEAVY, str(len(data)))
    return _answered(_reading, _ask("read", data, bounds))


def inspect_picture(data: bytes, *, bounds: Bounds = BOUNDS) -> list[Hint]:
    """Signs of editing in a picture as it was uploaded (JPEG, PNG or WebP); raises Refused."""
    if len(data) > bounds.original_bytes:
        raise Refused(limits.TOO_HEAVY, str(len(data)))
    return _answered(_hints, _ask("inspect", data, bounds))


def _ask(action: str, data: bytes, bounds: Bounds) -> dict[str, Any]:
    request = {"action": action, "size": len(data), "limits": asdict(bounds)}
    parts = (json.dumps(request).encode() + b"\n", data)
    output = limited_process.run_limited(_WORKER, stdin=parts, seconds=bounds.wall_seconds, most=bounds.child_output)
    return limited_process.read_answer(output, limits.CODES)[0]


def _answered(made: Callable[[dict[str, Any]], FoundT], head: dict[str, Any]) -> FoundT:
    try:
        return made(head)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise Refused(limits.BROKEN, "answer does not add up") from error


def _hints(head: dict[str, Any]) -> list[Hint]:
    return [
        Hint(HintKind(row["kind"]), str(row["detail"])[:_DETAIL], tuple(map(float, row["place"])))
        for row in head["hints"]
    ]


def _reading(head: dict[str, Any]) -> PageReading:
    lines = tuple(
        Line(_box(row["box"]), str(row["text"])[:_TEXT], tuple(map(float, row["probabilities"])))
        for row in head["lines"]
    )
    fields = tuple(
        Field(
            FieldKind(row["kind"]),
            str(row["value"])[:_TEXT],
            _box(row["box"]),
            float(row["confidence"]),
            row["certain"] is True,
        )
        for row in head["fields"]
    )
    picture_hash = tuple(int(word) for word in head["picture_hash"])
    if any(not 0 <= word < _WORD for word in picture_hash) or len(picture_hash) not in {0, _WORDS}:
        raise ValueError(head["picture_hash"])
    return PageReading(int(head["width"]), int(head["height"]), lines, fields, picture_hash, int(head["peak"]))


def _box(corners: Any) -> Box:
    first, second, third, fourth = ((int(x), int(y)) for x, y in corners)
    return first, second, third, fourth
