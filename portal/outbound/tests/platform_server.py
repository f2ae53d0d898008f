"""A small HTTP server in a thread that does as a test tells it, at 127.0.0.1."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from portal.outbound.http import ClientSettings, PlatformClient

# Quick repetitions, so that tests need not wait.
QUICK = ClientSettings(rate=1000, backoff_seconds=0.01, backoff_most=0.02, total_seconds=5, read_seconds=2)


class Handler(BaseHTTPRequestHandler):
    """Answers with the next reply; the last one again and again."""

    # Headers and body leave together, and at once: otherwise each answer waits 40 ms for an acknowledgement.
    protocol_version, wbufsize, disable_nagle_algorithm = "HTTP/1.1", -1, True
    server: "Server"

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        with self.server.lock:
            self.server.requests.append((self.command, self.path, dict(self.headers), body))
            replies = self.server.replies
            reply = replies.pop(0) if len(replies) > 1 else replies[0]
        reply(self)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer  # noqa: N815 -- the names that http.server calls

    def log_message(self, *args: Any) -> None:
        """Nothing on the console."""


Reply = Callable[[Handler], None]


class Server(ThreadingHTTPServer):
    """Holds the replies to give and the requests that came: method, path, headers, body."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.replies: list[Reply] = [reply(200, b"{}")]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *args: Any) -> None:
        """Clients that go away are part of the tests."""

    def client(self, settings: ClientSettings = QUICK, **options: Any) -> PlatformClient:
        return PlatformClient("videos", self.url, settings, **options)


def reply(status: int, body: bytes = b"", kind: str = "application/json", **headers: str) -> Reply:
    """A whole answer; underscores in the names of headers are hyphens. `length` is a false Content-Length."""
    length = headers.pop("length", str(len(body)))

    def give(handler: Handler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", length)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return give


def hang_up(handler: Handler) -> None:
    """Close the connection without a word."""
    handler.close_connection = True


@contextmanager
def serving(*replies: Reply) -> Iterator[Server]:
    """A server while the block runs."""
    server = Server()
    if replies:
        server.replies = list(replies)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
