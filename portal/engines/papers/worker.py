"""The child's program: limits itself, reads one page, answers, ends.

Run by its path with `-I`. Request on stdin: one line of JSON (action, size, limits), then the picture. Answer on stdout: one line of
JSON. The models are loaded before files and network are given up; nothing is written to disk.
"""

import json
import resource
import sys
import types
from dataclasses import asdict
from pathlib import Path
from typing import Any

_MODULES = {
    "read": ("portal.engines.papers.models", "portal.engines.papers.reading"),
    "inspect": ("portal.engines.papers.hints",),
}
_KIB = 1 if sys.platform == "darwin" else 1024  # the unit of ru_maxrss in bytes


def main() -> None:
    """Answer one request."""
    request = json.loads(sys.stdin.buffer.readline())
    # The package's own __init__ starts Celery; a bare package of the same name is enough here.
    package = types.ModuleType("portal")
    package.__path__ = [str(Path(__file__).resolve().parents[2])]
    sys.modules["portal"] = package
    from portal.engines import limited_process  # noqa: PLC0415 -- after the bare package
    from portal.engines.papers import limits  # noqa: PLC0415 -- after the bare package

    bounds = limits.Bounds(**request["limits"])
    limited_process.limit_self(bounds.child_memory, bounds.seconds, _MODULES[request["action"]])
    data = sys.stdin.buffer.read(request["size"])
    try:
        _answer(_work(request["action"], data, bounds))
    except limited_process.Refused as refused:
        _answer({"refused": refused.code, "detail": refused.detail})
    except MemoryError:
        _answer({"refused": limits.TOO_HEAVY, "detail": "memory"})


def _work(action: str, data: bytes, bounds: Any) -> dict[str, Any]:
    if action == "inspect":
        from portal.engines.papers import hints  # noqa: PLC0415 -- within the limits

        return {"hints": [asdict(hint) for hint in hints.find_hints(data, bounds)]}
    from portal.engines.papers import reading  # noqa: PLC0415 -- within the limits

    found = asdict(reading.read_picture(data, bounds))
    return found | {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIB}


def _answer(head: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
