"""The child's program: limits itself, reads one request, answers, ends.

Run by its path with `-I`, so that nothing of the environment reaches it. Request on stdin: one line
of JSON (action, name, text, size, limits), then the file. Answer on stdout: one line of JSON, then the
pages one after another. Nothing is written to disk: the file exists in memory only.
"""

import json
import resource
import sys
import types
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_MODULES = tuple(f"portal.engines.documents.{name}" for name in ("pdf", "picture", "sniffing", "watermark"))


def main() -> None:
    """Answer one request."""
    request = json.loads(sys.stdin.buffer.readline())
    # The package's own __init__ starts Celery; a bare package of the same name is enough here.
    package = types.ModuleType("portal")
    package.__path__ = [str(Path(__file__).resolve().parents[2])]
    sys.modules["portal"] = package
    from portal.engines import limited_process  # noqa: PLC0415 -- after the bare package
    from portal.engines.documents.limits import TOO_HEAVY, Limits  # noqa: PLC0415 -- after the bare package

    bounds = Limits(**request["limits"])
    limited_process.limit_self(bounds.child_memory, request["seconds"], _MODULES)
    data = sys.stdin.buffer.read(request["size"])
    try:
        _answer(*_work(request, data, bounds))
    except limited_process.Refused as refused:
        _answer({"refused": refused.code, "detail": refused.detail}, ())
    except MemoryError:
        _answer({"refused": TOO_HEAVY, "detail": "memory"}, ())


def _work(request: dict[str, Any], data: bytes, bounds: Any) -> tuple[dict[str, Any], Iterable[bytes]]:
    from portal.engines.documents import limits, pdf, picture, sniffing, watermark  # noqa: PLC0415 -- within the limits

    action = request["action"]
    media_type = sniffing.detect_document_type(data, request["name"])
    if action == "mark":
        count, pages = 1, [watermark.mark_page(data, request["text"], bounds)]
    elif media_type == limits.PDF:
        count = pdf.inspect_pdf(data, bounds)
        pages = list(pdf.render_pdf(data, bounds)) if action == "render" else []
    else:
        count = 1 if action == "render" else picture.inspect_picture(data, bounds)
        pages = [picture.render_picture(data, bounds)] if action == "render" else []
    head = {"number": 0, "width": 0, "height": 0, "size": 0}
    listed = [head | {key: getattr(page, key) for key in ("number", "width", "height")} for page in pages]
    for entry, page in zip(listed, pages, strict=True):
        entry["size"] = len(page.data)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = {"media_type": media_type, "page_count": count, "pages": listed, "peak": peak}
    return answer, (page.data for page in pages)


def _answer(head: dict[str, Any], bodies: Iterable[bytes]) -> None:
    out = sys.stdout.buffer
    out.write(json.dumps(head).encode() + b"\n")
    for body in bodies:
        out.write(body)
    out.flush()


if __name__ == "__main__":
    main()
