"""The reference platform over HTTP: signatures, problems, and faults on request."""

import hashlib
import json
import math
import os
import re
import sys
import time
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from portal.platforms import signing
from portal.platforms.reference import faults, modes, moves, pages, people  # noqa: F401 -- those declare their calls
from portal.platforms.reference.calls import ROUTES, Call, Json, route
from portal.platforms.reference.store import Problem, Store

ABILITIES = (
    *("messages", "removals", "restrictions", "labels", "signals", "followers"),
    *("previews", "clearing", "invitations", "opt_outs", "states"),
)
LIMITS = {
    "followers_per_page": 5000,
    "answers_per_call": 2000,
    "ranges_at_once": 8,
    "messages_per_call": 10_000,
    "works_per_page": 100,
}


@route("GET", "capabilities")
def capabilities(call: Call) -> Json:
    return {"contract": "1.0", "pages": [f"{call.site}/"], "serves": call.serves, "limits": call.limits}


class ReferenceServer(ThreadingHTTPServer):
    """Listens on this machine only. Calls are answered one after the other, each in a transaction."""

    daemon_threads = True

    def __init__(
        self,
        store: Store,
        port: int,
        keys: tuple[bytes, ...],
        serves: list[str],
        *,
        takes_faults: bool,
        rate: float = 0,
        followers_per_page: int = LIMITS["followers_per_page"],
    ) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.site, self.store, self.keys, self.lock = f"http://127.0.0.1:{self.server_port}", store, keys, Lock()
        self.rate_limit, self.takes_faults = faults.RateLimit(rate), takes_faults
        limits = {**LIMITS, "followers_per_page": followers_per_page}
        self.empty_call = Call(store, self.site, serves, limits, query={}, body={})

    def check(self, request: signing.Request, headers: Any) -> None:
        """Raise Problem unless the call is signed right, and for the first time."""
        try:
            message = signing.verify_request(self.keys, headers, request, datetime.now(UTC))
        except signing.WrongSignature as error:
            raise Problem(401, "wrong_signature", str(error)) from error
        self.store.db.execute("DELETE FROM seen WHERE at < ?", (time.time() - 2 * signing.WINDOW.total_seconds(),))
        if not self.store.db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (message, time.time())).rowcount:
            raise Problem(401, "replayed")

    def answer(self, request: signing.Request, key: str) -> Any:
        """What the function of a call gives; under an Idempotency-Key, what it gave first."""
        address = urlsplit(request.path)
        query, body = dict(parse_qsl(address.query)), json.loads(request.body or "{}")
        call = self.empty_call._replace(query=query, body=body)
        for one in ROUTES:
            if one.method == request.method and (match := one.path.fullmatch(address.path)):
                if not set(one.needs) <= set(call.serves):
                    raise Problem(403, "not_served")
                work = partial(one.answer, call, *map(unquote, match.groups()))
                return self.store.answer_once(key, work) if one.once else work()
        raise Problem(404, "no_such_call")

    def take_post(self, path: str, body: bytes) -> None:
        """What is no call of the contract: a fault to inject."""
        if path != "/_faults" or not self.takes_faults:
            raise Problem(404, "no_such_call")
        faults.keep_fault(self.store, json.loads(body))


class _Handler(BaseHTTPRequestHandler):
    server: ReferenceServer
    protocol_version, wbufsize, disable_nagle_algorithm = "HTTP/1.1", -1, True

    def handle_request(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        try:
            if self.path.startswith("/v1/"):
                self._answer_call(signing.Request(self.command, self.path, body))
            else:
                self._serve_people(body)
        except Problem as problem:
            self._refuse(problem)
        except (KeyError, TypeError, ValueError) as error:
            self._refuse(Problem(422, "invalid", repr(error)))

    def _answer_call(self, request: signing.Request) -> None:
        """Answer a call, with the fault that waits for it."""
        with self.server.lock:
            wait = self.server.rate_limit.take()
            kind, seconds = ("busy", math.ceil(wait)) if wait else faults.take_fault(self.server.store, self.path)
        if kind in faults.EARLY:
            return self._refuse(faults.EARLY[kind], {"Retry-After": str(int(seconds))} if kind == "busy" else {})
        if kind == "garbage":
            return self._send(200, "text/html", b"<p>not an answer")
        time.sleep(seconds if kind == "slow" else 0)
        with self.server.lock, self.server.store.transaction():
            self.server.check(request, self.headers)
        for _ in range(2 if kind == "duplicate" else 1):
            with self.server.lock, self.server.store.transaction():
                answer = self.server.answer(request, self.headers.get("idempotency-key") or "")
        if kind == "restart":
            os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 -- the command of this process
        if kind == "lost":
            time.sleep(seconds)
            self.close_connection = True
            return None
        return self._send_media(answer) if isinstance(answer, bytes) else self._send_json(answer)

    def _serve_people(self, body: bytes) -> None:
        with self.server.lock, self.server.store.transaction():
            if self.command != "GET":
                self.server.take_post(self.path, body)
                return self._send_json(None)
            page = pages.show_page(self.server.empty_call, self.path)
        return self._send(200, "text/html; charset=utf-8", page.encode())

    def _refuse(self, problem: Problem, headers: dict[str, str] | None = None) -> None:
        shown = {"type": "about:blank", "title": problem.code, "status": problem.status, "code": problem.code}
        body = json.dumps(shown | {"detail": str(problem)}).encode()
        self._send(problem.status, "application/problem+json", body, headers)

    def _send_json(self, answer: Any) -> None:
        body = b"" if answer is None else json.dumps(answer, ensure_ascii=False).encode()
        self._send(200 if body else 204, "application/json", body)

    def _send_media(self, data: bytes) -> None:
        """The file or, to go on with a download of this very file, a part of it."""
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("range") or "")
        shown = {"Accept-Ranges": "bytes", "ETag": f'"{hashlib.sha256(data).hexdigest()}"'}
        if not asked or self.headers.get("if-range", shown["ETag"]) != shown["ETag"]:
            return self._send(200, "video/mp4", data, shown)
        first, last = int(asked[1]), min(int(asked[2] or len(data)), len(data) - 1)
        if first > last:
            raise Problem(416, "no_such_range")
        shown["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
        return self._send(206, "video/mp4", data[first : last + 1], shown)

    def _send(self, status: int, kind: str, body: bytes, headers: dict[str, str] | None = None) -> None:
        about = {} if status == 204 else {"Content-Type": kind, "Content-Length": str(len(body))}
        self.send_response(status)
        for name, value in {**about, **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_DELETE = handle_request  # noqa: N815 -- as http.server names them
