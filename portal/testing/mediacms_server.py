"""A small MediaCMS 8.3.2 in a thread, over real HTTP, for tests: what the connector calls, and how MediaCMS makes that hard.

Unknown users and works are 400, a mail to nobody is 204, an unknown page is 200 in HTML, a change by an editor takes the work
over, the state is changed by owners only, and for five minutes a file is given, or not, as it was before.
"""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from portal.testing.mediacms_routes import ROUTES, ApiRequest, Created
from portal.testing.mediacms_state import MediaCmsState, Problem
from portal.testing.server_threads import ServerThread

_API = "/api/v1"
_PAGE = b"<!doctype html><title>MediaCMS</title>"
# More than the portal takes of an answer.
_BIG = b"[" + b"1," * (5 << 20) + b"1]"
SLOW_SECONDS = 3.0


class _Handler(BaseHTTPRequestHandler):
    # Headers and body leave together, and at once: otherwise each answer waits 40 ms for an acknowledgement.
    protocol_version, wbufsize, disable_nagle_algorithm = "HTTP/1.1", -1, True
    server: Any

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        state: MediaCmsState = self.server.state
        parts = urlsplit(self.path)
        path = unquote(parts.path)
        below = path.removeprefix(_API)
        with state.lock:
            state.calls.append((self.command, below))
            if self.command != "GET":
                state.bodies.append((self.command, below, self.headers.get("Content-Type") or "", body))
            fault = state.take_fault(self.command, below)
        if fault == "slow":
            time.sleep(SLOW_SECONDS)
        if fault == "cut":
            self.close_connection = True
        elif fault.isdecimal() or fault in {"html", "big"}:
            self._send_fault(fault)
        else:
            self._do(state, path, dict(parse_qsl(parts.query)), body, is_lost=fault == "lost")

    do_GET = do_POST = do_PUT = answer  # noqa: N815 -- the names that http.server calls

    def log_message(self, *args: Any) -> None:
        """Nothing on the console."""

    def _do(self, state: MediaCmsState, path: str, query: dict[str, str], body: bytes, *, is_lost: bool) -> None:
        try:
            with state.lock:
                given = self._act(state, path, query, body)
        except Problem as problem:
            return self._send_json(problem.status, problem.given)
        if is_lost:
            self.close_connection = True
            return None
        if isinstance(given, bytes):
            return self._send_file(given)
        if isinstance(given, Created):
            return self._send_json(201, given.given)
        return self._send(204, "", b"") if given is None else self._send_json(200, given)

    def _act(self, state: MediaCmsState, path: str, query: dict[str, str], body: bytes) -> Any:
        if not path.startswith(f"{_API}/"):
            return self._page_or_file(state, path)
        kind = (self.headers.get("Content-Type") or "").partition(";")[0]
        request = ApiRequest(state, state.user_of(self.headers), query, kind, body)
        for method, pattern, act in ROUTES:
            if method == self.command and (found := pattern.fullmatch(path.removeprefix(_API))):
                return act(request, *found.groups())
        raise Problem(404, "Not found.")

    def _page_or_file(self, state: MediaCmsState, path: str) -> bytes:
        """A file by the rules of media-auth, which looks at sessions only: tokens change nothing."""
        found = [medium for medium in state.media.values() if medium.path == path]
        if not found:
            return _PAGE
        if not state.may_have_file(found[0]):
            raise Problem(403, "no access")
        return found[0].content

    def _send_fault(self, fault: str) -> None:
        if fault == "big":
            return self._send(200, "application/json", _BIG)
        return self._send(int(fault) if fault.isdecimal() else 200, "text/html; charset=utf-8", _PAGE)

    def _send_json(self, status: int, given: Any) -> None:
        self._send(status, "application/json", json.dumps(given).encode())

    def _send_file(self, content: bytes) -> None:
        if content == _PAGE:
            return self._send(200, "text/html; charset=utf-8", content)
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        if asked is None:
            return self._send_whole(content)
        start, end = int(asked[1]), int(asked[2] or len(content) - 1)
        range_header = f"bytes {start}-{end}/{len(content)}"
        return self._send(206, "video/mp4", content[start : end + 1], {"Content-Range": range_header})

    def _send_whole(self, content: bytes) -> None:
        """A whole file, or the first half of it before the connection ends."""
        state: MediaCmsState = self.server.state
        if not state.cuts_files:
            return self._send(200, "video/mp4", content)
        state.cuts_files -= 1
        self.close_connection = True
        return self._send(200, "video/mp4", content[: len(content) // 2], {"Content-Length": str(len(content))})

    def _send(self, status: int, kind: str, content: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        length = {"Content-Type": kind, "Content-Length": str(len(content))} if kind else {}
        for name, value in {**length, "Last-Modified": "Mon, 01 Jun 2026 08:00:00 GMT", **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


class MediaCmsServer(ServerThread, MediaCmsState):
    """The server with its state."""

    handler = _Handler


@contextmanager
def run_mediacms() -> Iterator[MediaCmsServer]:
    """A server while the block runs."""
    server = MediaCmsServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()
