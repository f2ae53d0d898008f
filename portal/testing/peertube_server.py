"""A small PeerTube in a thread, over real HTTP, for tests: what the connector calls, and how PeerTube makes that hard.

Access tokens end; a refresh token works once, and ends the pair before it; calls and token calls are limited; errors are
problem+json; a block ends the sessions of its user; answers are cut off after the change was made, if a test asks for it.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from portal.testing.peertube_routes import ROUTES, ApiRequest, give_tokens
from portal.testing.peertube_state import PeerTubeState, Problem, User
from portal.testing.server_threads import ServerThread


class _Handler(BaseHTTPRequestHandler):
    # Headers and body leave together, and at once: otherwise each answer waits 40 ms for an acknowledgement.
    protocol_version, wbufsize, disable_nagle_algorithm = "HTTP/1.1", -1, True
    server: Any

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        state: PeerTubeState = self.server.state
        parts = urlsplit(self.path)
        path = unquote(parts.path).removeprefix("/api/v1")
        with state.lock:
            state.calls.append((self.command, path))
            fault = state.take_fault(self.command, path)
            if fault == "cut":
                self.close_connection = True
                return
            try:
                state.admit(path, fault)
                given = self._act(path, parse_qs(parts.query), body)
            except Problem as problem:
                self._send_problem(problem)
                return
        if fault == "lost":
            self.close_connection = True
        elif isinstance(given, bytes):
            self._send_file(given)
        else:
            self._send_json(given)

    do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 -- the names that http.server calls

    def log_message(self, *args: Any) -> None:
        """Nothing on the console."""

    def _act(self, path: str, query: dict[str, list[str]], body: bytes) -> Any:
        state: PeerTubeState = self.server.state
        if path == "/oauth-clients/local":
            return {"client_id": "the-client", "client_secret": "its-secret"}
        if path == "/users/token":
            return give_tokens(state, {name: values[0] for name, values in parse_qs(body.decode()).items()})
        user = state.signed_in(self.headers)
        if path.startswith("/download/"):
            return _file(state, user, path)
        if user is None or not (user.moderator or path == "/users/me"):
            raise Problem(401 if user is None else 403, "not_allowed")
        for method, pattern, act in ROUTES:
            if method == self.command and (found := pattern.fullmatch(path)):
                return act(ApiRequest(state, user, query, json.loads(body or b"{}")), *found.groups())
        raise Problem(404, "no_such_route")

    def _send_problem(self, problem: Problem) -> None:
        text = json.dumps({"status": problem.status, "code": problem.code, "type": "about:blank"}).encode()
        self._send(problem.status, "application/problem+json; charset=utf-8", text, problem.headers)

    def _send_json(self, given: Any) -> None:
        if given is None:
            return self._send(204, "", b"", {})
        return self._send(200, "application/json; charset=utf-8", json.dumps(given).encode(), {})

    def _send_file(self, content: bytes) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        start = int(asked[1]) if asked else 0
        more = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"} if asked else {}
        self._send(206 if asked else 200, "video/mp4", content[start:], {"ETag": '"one"', **more})

    def _send(self, status: int, kind: str, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


def _file(state: PeerTubeState, user: User | None, path: str) -> bytes:
    video = state.video(path.rpartition("/")[2].removesuffix(".mp4"))
    if user is None and (video.is_private or "/sources/" in path):
        raise Problem(401, "invalid_token")
    return video.content


class PeerTubeServer(ServerThread, PeerTubeState):
    """The server with its state."""

    handler = _Handler

    def stop(self) -> None:
        """Listen no more; the state stays, but for the counts of calls."""
        super().stop()
        self.forget_calls()


@contextmanager
def run_peertube() -> Iterator[PeerTubeServer]:
    """A server while the block runs."""
    server = PeerTubeServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()
