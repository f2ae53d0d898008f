"""The parent's side: one child a file, fed by pipe, stopped by the clock, believed in nothing."""

import json
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from portal.engines import limited_process
from portal.engines.documents import limits
from portal.engines.documents.limits import ACCEPTED, LIMITS, Limits, Page, Report
from portal.engines.limited_process import Refused

_WORKER: Final = Path(__file__).with_name("worker.py")
# Children of one process at a time: what they may hold together stays known, however many uploads come.
_PLACES: Final = threading.BoundedSemaphore(2)


def inspect_document(data: bytes, *, name: str = "", bounds: Limits = LIMITS) -> Report:
    """What `data` really is, opened in full but for drawing its pages; raises Refused."""
    head, _ = _ask("inspect", data, name, bounds, bounds.inspect_seconds)
    return Report(media_type=head["media_type"], page_count=head["page_count"])


def render_document(data: bytes, *, bounds: Limits = LIMITS) -> list[Page]:
    """Every page as a picture of our own making, in order; raises Refused."""
    return _pages_of(_ask("render", data, "", bounds, bounds.render_seconds))


def mark_page(data: bytes, text: str, *, bounds: Limits = LIMITS) -> Page:
    """A page that `render_document` drew, with a line of ASCII text across it many times; raises Refused."""
    return _pages_of(_ask("mark", data, "", bounds, bounds.render_seconds, text=text))[0]


def _pages_of(answer: tuple[dict[str, Any], bytes]) -> list[Page]:
    head, body = answer
    pages, start = [], 0
    for entry in head["pages"]:
        end = start + entry["size"]
        pages.append(Page(entry["number"], entry["width"], entry["height"], body[start:end]))
        start = end
    if start != len(body) or len(pages) != head["page_count"]:
        raise Refused(limits.BROKEN, "answer does not add up")
    return pages


def _ask(
    action: str, data: bytes, name: str, bounds: Limits, seconds: int, *, text: str = ""
) -> tuple[dict[str, Any], bytes]:
    if len(data) > bounds.file_bytes:
        raise Refused(limits.TOO_LARGE, str(len(data)))
    said = {"action": action, "name": name, "text": text}
    request = said | {"size": len(data), "seconds": seconds, "limits": asdict(bounds)}
    with _PLACES:
        parts = (json.dumps(request).encode() + b"\n", data)
        output = limited_process.run_limited(
            _WORKER, stdin=parts, seconds=bounds.wall_seconds, most=bounds.child_output
        )
    head, body = limited_process.read_answer(output, limits.CODES)
    if head.get("media_type") not in ACCEPTED:
        raise Refused(limits.BROKEN, "no type")
    return head, body
