"""Child processes that open hostile files: limited, fed, stopped by the clock, dead when run_limited() returns.

The parent calls run_limited() with the path of the child's program; the program calls limit_self() first.
"""

import importlib
import json
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import IO, Any, Final

from portal.engines import isolation

BROKEN: Final = "broken"
TOO_HEAVY: Final = "too_heavy"
_ENVIRONMENT: Final = {"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "1", "OPENBLAS_NUM_THREADS": "1"}
_NICE: Final = 10
_OPEN_FILES: Final = 64
_CHUNK: Final = 1 << 16
_GRACE: Final = 5  # seconds to exit after the last byte of output


_wanted = True
_answering: ContextVar[bool] = ContextVar("answering_request", default=False)


class OnRequestThread(RuntimeError):
    """Slow work was begun while somebody waits for a page; it belongs into a job."""


@contextmanager
def answering_request() -> Iterator[None]:
    """While the block runs a web request is answered: nothing hostile is opened then, and nothing compared."""
    token = _answering.set(True)
    try:
        yield
    finally:
        _answering.reset(token)


def is_answering_request() -> bool:
    """Whether this thread answers a web request."""
    return _answering.get()


def refuse_on_request_thread(what: str) -> None:
    """Raise OnRequestThread within answering_request()."""
    if _answering.get():
        raise OnRequestThread(what)


class Refused(Exception):
    """A hostile file is not accepted; `code` is one of its engine's, `detail` is for logs and holds no content."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


def run_limited(
    program: Path, arguments: Sequence[str] = (), *, stdin: IO[Any] | Sequence[bytes], seconds: float, most: int
) -> bytes:
    """What the child said on stdout; b"" if it failed, took more than `seconds` on the clock, or said more than `most` bytes.

    What the work may cost is bounded by limit_self(), in processor time: other work delays a child and does not end it.
    `stdin` is a real file, which the child may seek in but not change, or the parts of a pipe. The child gets neither
    our environment nor our working directory, and `-I` keeps it from our import path. Raises OnRequestThread
    while a web request is answered.
    """
    refuse_on_request_thread(program.name)
    parts = stdin if isinstance(stdin, Sequence) else None
    with _opened(stdin) as given:
        child = subprocess.Popen(
            [sys.executable, "-I", "-B", str(program), *arguments],
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_ENVIRONMENT | {"PARENT": str(os.getpid()), "ISOLATED": "1" if is_isolated() else ""},
            cwd="/",
            start_new_session=True,
        )
    clock = threading.Timer(seconds, child.kill)
    feeder = threading.Thread(target=_feed, args=(child, parts or ()), daemon=True)
    clock.start()
    feeder.start()
    try:
        output = _read(child, most)
        code = _wait(child)
    finally:
        clock.cancel()
        clock.join()
        child.kill()
        child.wait()
        feeder.join()
        if child.stdout:
            child.stdout.close()
    return output if code == 0 else b""


def read_answer(output: bytes, codes: Collection[str]) -> tuple[dict[str, Any], bytes]:
    """The head and the body of a child's answer: one line of JSON, then bytes. Raises Refused, with one of the codes."""
    line, _, body = output.partition(b"\n")
    try:
        head = json.loads(line)
    except ValueError as error:  # it died before it could answer: memory, time, or a fault in a parser
        raise Refused(TOO_HEAVY, "no answer") from error
    if not isinstance(head, dict):
        raise Refused(BROKEN, "no answer")
    if head.get("refused") in codes:
        raise Refused(head["refused"], str(head.get("detail", ""))[:200])
    return head, body


def switch_isolation(*, on: bool) -> None:
    """Whether children isolate themselves where they can; for the setting PARSER_ISOLATION."""
    global _wanted  # noqa: PLW0603 -- settings are of the process, too
    _wanted = on


def is_isolated() -> bool:
    """Whether children isolate themselves: it is wanted, and the system lets them."""
    return _wanted and isolation.isolation_available()


def limit_self(memory: int, seconds: int, modules: Collection[str] = ()) -> None:
    """Bound this process: address space in bytes, processor time in seconds, few open files, nothing written to disk.

    It dies with its parent. Then `modules`, all that is needed later, are imported, and `prepare()` is called of those that
    have it; and where the parent found isolation wanted and available it gives up files, network and other processes.
    Raises NotIsolated if that fails.
    """
    os.nice(_NICE)  # people who wait for pages come first
    isolation.die_with_parent(int(os.environ["PARENT"]))
    limits = {resource.RLIMIT_CPU: seconds, resource.RLIMIT_CORE: 0, resource.RLIMIT_FSIZE: 0}
    limits[resource.RLIMIT_NOFILE] = _OPEN_FILES
    if sys.platform != "darwin":  # macOS does not keep address space limits
        limits[resource.RLIMIT_AS] = memory
    for kind, bound in limits.items():
        hard = resource.getrlimit(kind)[1]
        allowed = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(kind, (allowed, allowed))
    for name in modules:
        getattr(importlib.import_module(name), "prepare", list)()
    if os.environ.get("ISOLATED"):
        isolation.isolate_self()


@contextmanager
def _opened(stdin: IO[Any] | Sequence[bytes]) -> Iterator[int]:
    """What the child gets as its stdin: a pipe, or the file, opened anew and only to read, where the system has names for that."""
    if isinstance(stdin, Sequence):
        yield subprocess.PIPE
        return
    stdin.flush()
    place = f"/proc/self/fd/{stdin.fileno()}"
    if not os.path.exists(place):  # noqa: PTH110 -- a file without a name has no path
        yield stdin.fileno()
        return
    opened = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.lseek(opened, stdin.tell(), os.SEEK_SET)
        yield opened
    finally:
        os.close(opened)


def _wait(child: "subprocess.Popen[bytes]") -> int:
    try:
        return child.wait(timeout=_GRACE)
    except subprocess.TimeoutExpired:
        return -1


def _feed(child: "subprocess.Popen[bytes]", parts: Sequence[bytes]) -> None:
    if child.stdin is None:
        return
    try:
        with child.stdin as pipe:
            for part in parts:
                pipe.write(part)
    except OSError:
        return  # the child has exited; its output, or lack of output, explains why


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
