"""The attacks of `manage.py bench abuse`: each keeps one process busy until it is told to stop, over loopback only."""

import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from multiprocessing.synchronize import Event

from portal.bench.abuse_rows import Cast, Headers

Attack = Callable[[int, Event, Cast], None]
_LINES = 60  # slow connections
_LARGE = 100 << 20
_VIDEO = 256 << 10
_PIECE = 16 << 10
_TUS = (("Tus-Resumable", "1.0.0"),)


def slow_clients(port: int, over: Event, cast: Cast) -> None:
    """Heads and bodies, a byte each half second; the bodies to addresses that would take them."""
    starts = itertools.cycle([b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", *map(_slow_body, cast.uploaders)])
    lines: list[socket.socket] = []
    while not over.wait(0.5):
        while len(lines) < _LINES:
            line = socket.create_connection(("127.0.0.1", port), timeout=5)
            line.sendall(next(starts))
            lines.append(line)
        lines = [line for line in lines if _drips(line)]


def large_bodies(port: int, over: Event, _cast: Cast) -> None:
    """Six anonymous posts of 100 MB at a time, again and again."""
    _threads(6, over, lambda _number: _post_large(port))


def hostile_papers(port: int, over: Event, cast: Cast) -> None:
    """PDFs with an array of two million elements, from people who may upload documents."""
    numbers, uploaders = itertools.count(), itertools.cycle(cast.uploaders)
    _threads(3, over, lambda _number: _send_paper(port, next(numbers), *next(uploaders)))


def nested_json(port: int, over: Event, cast: Cast) -> None:
    """Calls of the API whose bodies are thousands of arrays in one another."""
    headers = (*cast.api, ("Content-Type", "application/json"), ("Idempotency-Key", "bench-nested"))
    body = b"[" * 30_000 + b"]" * 30_000
    _threads(4, over, lambda _number: _ask(port, "POST", "/api/v1/complaints/", headers, body, pause=0.05))


def uploading_guests(port: int, over: Event, cast: Cast) -> None:
    """Every guest sends one video of 256 kB, in pieces and slowly, all of them at once."""
    _threads(len(cast.guests), over, lambda number: _send_video(port, over, cast.guests[number], number), rounds=1)


ATTACKS: dict[str, Attack] = {
    "slow_clients": slow_clients,
    "large_bodies": large_bodies,
    "hostile_papers": hostile_papers,
    "nested_json": nested_json,
    "uploading_guests": uploading_guests,
}


def _threads(count: int, over: Event, work: Callable[[int], object], *, rounds: int = 0) -> None:
    """Do the work in so many threads until it is over, or so many times; what the server refuses is no error."""

    def run(number: int) -> None:
        for _ in range(rounds) if rounds else itertools.count():
            if over.is_set():
                return
            with suppress(OSError, HTTPException):
                work(number)

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    over.wait()


def _slow_body(uploader: tuple[str, Headers]) -> bytes:
    address, headers = uploader
    lines = [f"POST {address} HTTP/1.1", "Host: localhost", "Content-Length: 1000000"]
    lines += ["Content-Type: multipart/form-data; boundary=cut", *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _drips(line: socket.socket) -> bool:
    try:
        line.sendall(b"x")
        line.setblocking(False)
        return line.recv(10) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        line.setblocking(True)


def _post_large(port: int) -> None:
    head = b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=cut\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall(head + b"Content-Length: %d\r\n\r\n" % _LARGE)
        for _ in range(_LARGE // _PIECE):
            line.sendall(bytes(_PIECE))
    time.sleep(0.2)


def _send_paper(port: int, number: int, address: str, headers: Headers) -> None:
    body = b'--cut\r\nContent-Disposition: form-data; name="more-other-uploads"; filename="a.pdf"\r\n'
    body += b"Content-Type: application/pdf\r\n\r\n" + hostile_pdf(number) + b"\r\n--cut--\r\n"
    kind = (("Content-Type", "multipart/form-data; boundary=cut"),)
    _ask(port, "POST", address, (*headers, *kind), body, pause=0.3)


def hostile_pdf(number: int) -> bytes:
    """A PDF with one page and an array of two million numbers; `number` makes each another file."""
    array = b"1 0 obj\n[" + b"0 " * 2_000_000 + b"]\nendobj\n"
    rest = b"2 0 obj<</Type/Catalog/Pages 3 0 R>>endobj\n3 0 obj<</Type/Pages/Count 1/Kids[4 0 R]>>endobj\n"
    rest += b"4 0 obj<</Type/Page/Parent 3 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 2 0 R/Size 5>>\n"
    return b"%%PDF-1.7\n%% %d\n" % number + array + rest + b"startxref\n0\n%%EOF\n"


def _send_video(port: int, over: Event, headers: Headers, number: int) -> None:
    about = (*headers, *_TUS, ("Upload-Length", str(_VIDEO)), ("Upload-Metadata", "purpose Y29tcGxhaW50cy52aWRlbw=="))
    place = _ask(port, "POST", "/media/uploads/", about, b"")
    start = (*headers, *_TUS, ("Upload-Offset", "0"), ("Content-Type", "application/offset+octet-stream"))
    line = HTTPConnection("127.0.0.1", port, timeout=60)
    line.request("PATCH", place, _pieces(over, number), dict((*start, ("Content-Length", str(_VIDEO)))))
    line.getresponse().read()
    line.close()


def _pieces(over: Event, number: int) -> Iterator[bytes]:
    for _ in range(_VIDEO // _PIECE):
        yield b"%016d" % number * (_PIECE // 16)
        over.wait(0.25)


def _ask(port: int, method: str, path: str, headers: Headers, body: bytes, *, pause: float = 0.0) -> str:
    """The address that the answer names, if any."""
    line = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        line.request(method, path, body, dict(headers))
        answer = line.getresponse()
        answer.read()
        return answer.headers.get("Location", "")
    finally:
        line.close()
        time.sleep(pause)
