"""The parent's side: one child a file, fed by pipe, stopped by the clock, believed in nothing."""

import json
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from portal.engines.documents import limits
from portal.engines.documents.limits import ACCEPTED, LIMITS, Limits, Page, Refused, Report

_WORKER: Final = Path(__file__).with_name("worker.py")
_ENVIRONMENT: Final = {"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "1"}
_CHUNK: Final = 1 << 16
# Children of one process at a time: what they may hold together stays known, however many uploads come.
_PLACES: Final = threading.BoundedSemaphore(2)
_GRACE: Final = 5  # seconds to end after the last byte was said


def inspect(data: bytes, *, name: str = "", bounds: Limits = LIMITS) -> Report:
    """What `data` really is, opened in full but for drawing its pages; raises Refused."""
    head, _ = _ask("inspect", data, name, bounds, bounds.inspect_seconds)
    return Report(media_type=head["media_type"], page_count=head["page_count"])


def render(data: bytes, *, bounds: Limits = LIMITS) -> list[Page]:
    """Every page as a picture of our own making, in order; raises Refused."""
    head, body = _ask("render", data, "", bounds, bounds.render_seconds)
    pages, start = [], 0
    for entry in head["pages"]:
        end = start + entry["size"]
        pages.append(Page(entry["number"], entry["width"], entry["height"], body[start:end]))
        start = end
    if start != len(body) or len(pages) != head["page_count"]:
        raise Refused(limits.BROKEN, "answer does not add up")
    return pages


def _ask(action: str, data: bytes, name: str, bounds: Limits, seconds: int) -> tuple[dict[str, Any], bytes]:
    if len(data) > bounds.file_bytes:
        raise Refused(limits.TOO_LARGE, str(len(data)))
    request = {"action": action, "name": name, "size": len(data), "seconds": seconds, "limits": asdict(bounds)}
    with _PLACES:
        output = _run(json.dumps(request).encode() + b"\n", data, seconds, bounds.child_output)
    line, _, body = output.partition(b"\n")
    try:
        head: dict[str, Any] = json.loads(line)
    except ValueError as error:  # it died before it could answer: memory, time, or a fault in a parser
        raise Refused(limits.TOO_HEAVY, "no answer") from error
    if head.get("refused") in limits.CODES:
        raise Refused(head["refused"], head["detail"])
    if head.get("media_type") not in ACCEPTED:
        raise Refused(limits.BROKEN, "no type")
    return head, body


def _run(request: bytes, data: bytes, seconds: int, most: int) -> bytes:
    """Output of a child that is dead when this returns; b"" if it took too long or said too much."""
    child = subprocess.Popen(
        [sys.executable, "-I", str(_WORKER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_ENVIRONMENT,
        cwd="/",
        start_new_session=True,
    )
    clock = threading.Timer(seconds, child.kill)
    feeder = threading.Thread(target=_feed, args=(child, request, data), daemon=True)
    clock.start()
    feeder.start()
    try:
        output = _read(child, most)
        code = _wait(child)
    finally:
        clock.cancel()
        child.kill()
        child.wait()
        feeder.join()
        if child.stdout:
            child.stdout.close()
    return output if code == 0 else b""


def _wait(child: "subprocess.Popen[bytes]") -> int:
    try:
        return child.wait(timeout=_GRACE)
    except subprocess.TimeoutExpired:
        return -1


def _feed(child: "subprocess.Popen[bytes]", *parts: bytes) -> None:
    if child.stdin is None:
        return
    try:
        with child.stdin as pipe:
            for part in parts:
                pipe.write(part)
    except OSError:
        return  # the child has gone; what it said, or did not, tells why


def _read(child: "subprocess.Popen[bytes]", most: int) -> bytes:
    if child.stdout is None:
        return b""
    kept = bytearray()
    while chunk := child.stdout.read(_CHUNK):
        kept += chunk
        if len(kept) > most:
            child.kill()
            return b""
    return bytes(kept)
