"""Clients that ask again as soon as they are answered, each in a process of its own, over one kept connection."""

import socket
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier

from portal.bench.measuring import Stopwatch, at_the_same_time


@dataclass(frozen=True)
class Load:
    """Where to, over how many connections, for how long."""

    port: int
    connections: int
    seconds: float


@dataclass(frozen=True)
class BenchRequest:
    """A GET with its headers, and a text that every right answer holds."""

    path: str
    headers: tuple[tuple[str, str], ...]
    holds: bytes


@dataclass(frozen=True)
class LoadResult:
    """What came of it: every request's seconds, and how many a second were answered."""

    requests_per_s: float
    seconds: list[float]


def run_load(load: Load, asked: BenchRequest, seconds: float = 0.0) -> LoadResult:
    """Ask over all connections at once; raises RuntimeError when an answer is not what was asked for."""
    duration = seconds or load.seconds
    told = at_the_same_time(load.connections, lambda _number, ready: _ask(load.port, asked, duration, ready))
    seen = [each for answers in told for each in answers]
    return LoadResult(len(seen) / duration, seen)


def _ask(port: int, asked: BenchRequest, seconds: float, ready: Barrier) -> list[float]:
    """The seconds that each answer took."""
    lines = [f"GET {asked.path} HTTP/1.1", f"Host: localhost:{port}", *(f"{name}: {v}" for name, v in asked.headers)]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    seen: list[float] = []
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        ready.wait()
        whole = Stopwatch()
        while whole.seconds < seconds:
            watch = Stopwatch()
            line.sendall(request)
            head, body = _answer(line)
            seen.append(watch.seconds)
            if not head.startswith(b"HTTP/1.1 200") or asked.holds not in body:
                message = f"{asked.path}: {head[:200]!r} {body[:200]!r}"
                raise ValueError(message)
    return seen


def _answer(line: socket.socket) -> tuple[bytes, bytes]:
    got = b""
    while b"\r\n\r\n" not in got:
        got += _more(line)
    head, _gap, body = got.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    while len(body) < length:
        body += _more(line)
    return head, body


def _more(line: socket.socket) -> bytes:
    chunk = line.recv(65536)
    if not chunk:
        message = "the server closed the connection"
        raise ConnectionError(message)
    return chunk
