"""The parent's side: one child a page, fed by pipe, stopped by the clock, believed in nothing."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from portal.engines import limited_process
from portal.engines.limited_process import Refused
from portal.engines.papers import limits
from portal.engines.papers.limits import BOUNDS, Bounds, Box, Field, FieldKind, Line, PageReading

_WORKER: Final = Path(__file__).with_name("worker.py")
_TEXT: Final = 400  # characters of a line or value that are kept


def read_page(data: bytes, *, bounds: Bounds = BOUNDS) -> PageReading:
    """The lines and fields of a page that is a JPEG, PNG or WebP; takes some seconds; raises Refused."""
    if len(data) > bounds.page_bytes:
        raise Refused(limits.TOO_HEAVY, str(len(data)))
    request = {"size": len(data), "limits": asdict(bounds)}
    parts = (json.dumps(request).encode() + b"\n", data)
    output = limited_process.run_limited(_WORKER, stdin=parts, seconds=bounds.seconds, most=bounds.child_output)
    head, _ = limited_process.read_answer(output, limits.CODES)
    try:
        return _reading(head)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise Refused(limits.BROKEN, "answer does not add up") from error


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
    return PageReading(int(head["width"]), int(head["height"]), lines, fields, int(head["peak"]))


def _box(corners: Any) -> Box:
    first, second, third, fourth = ((int(x), int(y)) for x, y in corners)
    return first, second, third, fourth
