"""Clients that ask again as soon as they are answered, each in a process of its own, over one kept connection."""

import multiprocessing
import socket
import time
from dataclasses import dataclass
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier


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


def run(load: Load, asked: BenchRequest, seconds: float = 0.0) -> LoadResult:
    """Ask over all connections at once; raises when an answer is not what was asked for."""
    fork = multiprocessing.get_context("fork")
    results: Queue[list[float] | str] = fork.Queue()
    ready = fork.Barrier(load.connections)
    wanted = seconds or load.seconds
    children = [
        fork.Process(target=_client, args=(load.port, asked, wanted, ready, results)) for _ in range(load.connections)
    ]
    for child in children:
        child.start()
    told = [results.get() for _ in children]
    for child in children:
        child.join()
    wrong = [answer for answer in told if isinstance(answer, str)]
    if wrong:
        raise RuntimeError(wrong[0])
    seen = [each for answer in told for each in answer if isinstance(each, float)]
    return LoadResult(len(seen) / wanted, seen)


def _client(
    port: int, asked: BenchRequest, seconds: float, ready: Barrier, results: "Queue[list[float] | str]"
) -> None:
    lines = [f"GET {asked.path} HTTP/1.1", f"Host: localhost:{port}", *(f"{name}: {v}" for name, v in asked.headers)]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    seen: list[float] = []
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        ready.wait()
        end = time.perf_counter() + seconds
        while (before := time.perf_counter()) < end:
            line.sendall(request)
            head, body = _answer(line)
            seen.append(time.perf_counter() - before)
            if not head.startswith(b"HTTP/1.1 200") or asked.holds not in body:
                results.put(f"{asked.path}: {head[:200]!r} {body[:200]!r}")
                return
    results.put(seen)


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
