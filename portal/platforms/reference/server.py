"""The reference platform over HTTP: routes, signatures, problems, tiny pages, and faults on request."""

import hashlib
import json
import math
import os
import re
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from portal.platforms import signing
from portal.platforms.reference import demo, faults, modes, moves, people
from portal.platforms.reference.store import Problem, Store

ABILITIES = ("messages", "removals", "restrictions", "labels", "followers", "signals", *modes.ABILITIES)
LIMITS = {"followers_per_page": 5000, **modes.LIMITS, "works_per_page": people.LARGEST_PAGE}


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
        is_demo: bool = False,
        rate: float = 0,
        followers_per_page: int = LIMITS["followers_per_page"],
    ) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        store.most_followers = followers_per_page
        self.rate_limit, self.limits = faults.RateLimit(rate), {**LIMITS, "followers_per_page": followers_per_page}
        self.store, self.keys, self.serves, self.lock = store, keys, serves, Lock()
        self.takes_faults, self.is_demo = takes_faults, is_demo
        self.site = f"http://127.0.0.1:{self.server_port}"

    def capabilities(self) -> dict[str, Any]:
        return {"contract": "1.0", "pages": [f"{self.site}/"], "serves": self.serves, "limits": self.limits}

    def check(self, method: str, path: str, headers: Any, body: bytes) -> None:
        """Raise Problem unless the call is signed right, and for the first time."""
        try:
            message = signing.verify_request(self.keys, headers, signing.Request(method, path, body), datetime.now(UTC))
        except signing.WrongSignature as error:
            raise Problem(401, "wrong_signature", str(error)) from error
        self.store.db.execute("DELETE FROM seen WHERE at < ?", (time.time() - 2 * signing.WINDOW.total_seconds(),))
        if not self.store.db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (message, time.time())).rowcount:
            raise Problem(401, "replayed")

    def route(self, method: str, path: str, body: bytes) -> Any:
        parsed = urlsplit(path)
        modes.require_served(parsed.path, self.serves)
        for verb, pattern, answer in ROUTES:
            if verb == method and (match := re.fullmatch(f"/v1/{pattern}", parsed.path)):
                parts = [unquote(one) for one in match.groups()]
                return answer(Call(self, parts, dict(parse_qsl(parsed.query)), json.loads(body or "{}")))
        raise Problem(404, "no_such_call")

    def page(self, path: str) -> str:
        """What people see: an account with its labels, inbox and works, or a work and why it is removed."""
        account, work = re.fullmatch("/@(.+)", path), re.fullmatch("/works/(.+)", path)
        if work:
            row = people.find_work(self.store, self.site, {"address": f"{self.site}{path}"})
            reasons = [one["reason"] for one in people.marks(self.store, "removals", int(row["id"]))]
            return _page(row["title"], row["state"], *reasons)
        if account:
            row = people.find_account(self.store, self.site, {"handle": account[1]})
            labels, inbox = (people.marks(self.store, kind, int(row["id"])) for kind in ("labels", "messages"))
            shown = [one["texts"]["en"] for one in labels]
            shown += [f"{one['subject']}: {one['body']} {one.get('url', '')}" for one in inbox]
            shown.insert(0, people.profile(self.store, row["id"])["text"])
            return _page(f"@{row['handle']}", f"{row['followers']} followers", *shown)
        rows = self.store.rows("SELECT handle FROM account WHERE handle IS NOT NULL ORDER BY id LIMIT 100")
        return _page("Reference platform", *(f"@{row['handle']}" for row in rows))


class Call(NamedTuple):
    """One call: the server, the parts of the path, the query, and the body as JSON."""

    at: "ReferenceServer"
    path: list[str]
    query: dict[str, str]
    body: dict[str, Any]

    def mark(self) -> None:
        """Make a removal, restriction, label or message, or take it back."""
        owner, kind, key = self.path
        if kind not in self.at.serves:
            raise Problem(403, "not_served")
        people.put_mark(self.at.store, kind, owner, key, self.body)

    def read_mark(self) -> dict[str, Any]:
        return people.mark(self.at.store, self.path[1], self.path[0], self.path[2])

    def end_mark(self) -> None:
        people.end_mark(self.at.store, self.path[1], self.path[0], self.path[2])


_OWN = "accounts/([^/]+)"
_MARK = "(?:works|accounts)/([^/]+)/([a-z]+)/([^/]+)"
# Method and path -> what answers.
ROUTES: list[tuple[str, str, Callable[[Call], Any]]] = [
    ("GET", "capabilities", lambda call: call.at.capabilities()),
    ("GET", "accounts", lambda call: people.find_account(call.at.store, call.at.site, call.query)),
    ("GET", _OWN, lambda call: people.account(call.at.store, call.at.site, call.path[0])),
    ("GET", f"{_OWN}/profile", lambda call: people.profile(call.at.store, call.path[0])),
    ("GET", f"{_OWN}/signals", lambda call: people.signals(call.at.store, call.path[0])),
    ("GET", f"{_OWN}/works", lambda call: people.works_of(call.at.store, call.at.site, call.path[0], call.query)),
    ("GET", f"{_OWN}/ranges", lambda call: modes.ranges(call.at.store, call.path[0], call.query)),
    ("GET", "works", lambda call: people.find_work(call.at.store, call.at.site, call.query)),
    ("GET", "works/([^/]+)", lambda call: people.work(call.at.store, call.at.site, call.path[0])),
    ("GET", "works/([^/]+)/media", lambda call: people.media(call.at.store, call.path[0])),
    ("GET", _MARK, Call.read_mark),
    ("PUT", _MARK, Call.mark),
    ("DELETE", _MARK, Call.end_mark),
    ("POST", "messages", lambda call: people.send_many(call.at.store, call.body)),
    ("POST", "followers/move", lambda call: moves.move(call.at.store, call.body)),
    ("POST", "followers/answers?", lambda call: modes.answer_invitations(call.at.store, call.body)),
    ("PUT", "followers/([^/]+)/opt-out", lambda call: modes.opt_out(call.at.store, call.path[0])),
    ("DELETE", "followers/([^/]+)/opt-out", lambda call: modes.opt_in(call.at.store, call.path[0])),
    ("POST", "followers/states", lambda call: modes.follow_states(call.at.store, call.body)),
    ("POST", "followers/preview", lambda call: modes.preview(call.at.store, call.body)),
    ("POST", "followers/restore", lambda call: moves.restore(call.at.store, call.body)),
    ("POST", "followers/return", lambda call: moves.give_back(call.at.store, call.body)),
    ("GET", "followers/following", lambda call: moves.following(call.at.store, call.query)),
]


def _page(title: str, *lines: str) -> str:
    rows = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return f'<!doctype html><html lang="en"><title>{escape(title)}</title><h1>{escape(title)}</h1>{rows}'


class _Handler(BaseHTTPRequestHandler):
    server: ReferenceServer
    protocol_version, wbufsize, disable_nagle_algorithm = "HTTP/1.1", -1, True

    def handle_call(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        try:
            if self.path.startswith("/v1/"):
                self._answer_call(body)
            elif self.command != "GET":
                self._take_post(body)
            else:
                with self.server.lock:
                    page = self.server.page(self.path)
                self._send(200, "text/html; charset=utf-8", page.encode())
        except Problem as problem:
            self._refuse(problem)
        except (KeyError, TypeError, ValueError) as error:
            self._refuse(Problem(422, "invalid", repr(error)))

    def _answer_call(self, body: bytes) -> None:
        with self.server.lock:
            wait = self.server.rate_limit.take()
            kind, seconds = ("busy", math.ceil(wait)) if wait else faults.take_fault(self.server.store, self.path)
        if kind in faults.EARLY:
            return self._refuse(faults.EARLY[kind], {"Retry-After": str(int(seconds))} if kind == "busy" else {})
        if kind == "garbage":
            return self._send(200, "text/html", b"<p>not an answer")
        time.sleep(seconds if kind == "slow" else 0)
        with self.server.lock, self.server.store.transaction():
            self.server.check(self.command, self.path, self.headers, body)
        for _ in range(2 if kind == "duplicate" else 1):
            with self.server.lock, self.server.store.transaction():
                self.server.store.key = self.headers.get("idempotency-key") or ""
                answer = self.server.route(self.command, self.path, body)
        if kind == "restart":
            os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 -- the command of this process
        if kind == "lost":
            time.sleep(seconds)
            self.close_connection = True
            return None
        return self._send_media(answer) if isinstance(answer, bytes) else self._send_json(answer)

    def _take_post(self, body: bytes) -> None:
        """What is no call of the contract: a fault, or in the demo the text of a profile."""
        if self.path == "/_faults" and self.server.takes_faults:
            self._set_fault(json.loads(body))
        elif self.path.startswith("/@") and self.server.is_demo:
            with self.server.lock, self.server.store.transaction():
                demo.write_profile(self.server.store, self.path.removeprefix("/@"), body.decode())
            self._send_json(None)
        else:
            raise Problem(404, "no_such_call")

    def _set_fault(self, fault: dict[str, Any]) -> None:
        with self.server.lock:
            faults.keep_fault(self.server.store, fault)
        self._send_json(None)

    def _refuse(self, problem: Problem, headers: dict[str, str] | None = None) -> None:
        shown = {"type": "about:blank", "title": problem.code, "status": problem.status, "code": problem.code}
        body = json.dumps(shown | {"detail": str(problem)}).encode()
        self._send(problem.status, "application/problem+json", body, headers)

    def _send_json(self, answer: Any) -> None:
        body = b"" if answer is None else json.dumps(answer, ensure_ascii=False).encode()
        self._send(200 if body else 204, "application/json", body)

    def _send_media(self, data: bytes) -> None:
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
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **(headers or {})}.items():
            if status != 204 or name.lower() not in {"content-type", "content-length"}:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


for _method in ("GET", "PUT", "POST", "DELETE"):
    setattr(_Handler, f"do_{_method}", _Handler.handle_call)
