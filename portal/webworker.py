"""gunicorn's worker: requests are read whole, and answers written, by one event loop; threads only work.

gthread reads from a thread of its few, so that a handful of slow clients holds all of them. Here waitress reads
heads and bodies in its event loop, larger bodies into temporary files without a name, and hands a request to a
thread once it is complete; what the thread answers is buffered and sent by the loop. gunicorn stays what it is: one
process that loads the app, forks, restarts what dies, and stops.

On top of waitress: the app says how long a body may be before it is read (portal/web/bodies.py), heads and bodies have
deadlines, and one address has so many connections and requests at most.
"""

import logging
import os
import socket
import time
from collections import Counter
from functools import partial
from typing import Any

from django.conf import settings
from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, ThreadedTaskDispatcher
from waitress.utilities import Error, RequestEntityTooLarge

from portal import webserver
from portal.web.bodies import SMALL_BODY_BYTES, ask_allowed_body_bytes
from portal.web.plain_problems import API, problem_text

# Sent by the scripts of upload fields; bodies of 64 kB or less may be parts of files, too.
_UPLOAD_HEADERS = frozenset({"TUS_RESUMABLE", "X_UPLOAD"})
_TICK = 1.0  # seconds between looks at deadlines and signs of life
_DRAIN_SECONDS = 5.0  # for requests that are being answered when the worker stops


class TooManyRequests(Error):
    code = 429
    reason = "Too Many Requests"


class RequestTimeout(Error):
    code = 408
    reason = "Request Timeout"


class ProblemTask(ErrorTask):
    """What is answered to a request that was not read to its end; under /api/ as the API says what is wrong."""

    def execute(self) -> None:
        error, path = self.request.error, str(getattr(self.request, "path", "") or "")
        if not path.startswith(API):
            super().execute()
            return
        body = problem_text(error.code, error.body).encode()
        self.status, self.content_length = f"{error.code} {error.reason}", len(body)
        self.response_headers.append(("Content-Type", "application/json"))
        self.set_close_on_finish()
        self.write(body)


class BoundedParser(HTTPRequestParser):
    """One request as it arrives. `allowed` is None until the app has said how long its body may be."""

    def __init__(self, adj: Adjustments, channel: "BoundedChannel") -> None:
        super().__init__(adj)
        self.channel = channel
        self.began = time.monotonic()
        self.allowed: int | None = None
        self.is_asking = False

    @property
    def body_length(self) -> int:
        """How long its body will be, as far as is known."""
        return max(int(self.content_length), int(self.body_bytes_received))

    @property
    def is_long(self) -> bool:
        """Whether its body is longer than any address takes without being asked."""
        return self.body_length > SMALL_BODY_BYTES

    @property
    def is_upload(self) -> bool:
        """Whether it brings a file, or a part of one."""
        return not self.error and (self.is_long or not self.headers.keys().isdisjoint(_UPLOAD_HEADERS))

    @property
    def waits_for_permission(self) -> bool:
        """Whether no more of it may be read for now."""
        return self.is_long and self.allowed is None and not self.error

    @property
    def deadline(self) -> float:
        """When it must have arrived, on the monotonic clock: its head soon, its body at a rate that a phone has."""
        if not self.headers_finished:
            return self.began + webserver.HEAD_SECONDS
        return self.began + webserver.BODY_SECONDS + self.body_length / webserver.BODY_BYTES_PER_SECOND

    def received(self, data: bytes) -> int:
        consumed: int = super().received(data)
        if self.headers_finished and not self.error and self.channel.is_too_busy(self):
            self.refuse(TooManyRequests("Please wait a few seconds before you ask again."))
        if self.allowed is not None and self.body_bytes_received > self.allowed:
            self.refuse(RequestEntityTooLarge(f"At most {self.allowed} bytes are taken here."))
        return consumed

    def refuse(self, error: Error) -> None:
        """Answer with an error instead of reading on; the connection is closed after it."""
        self.error, self.completed, self.connection_close = error, True, True


class BodyPermission:
    """A task for a thread: asks the app how long the body of a request may be, whose head alone was read."""

    is_upload = True

    def __init__(self, channel: "BoundedChannel", request: BoundedParser) -> None:
        self.channel, self.request = channel, request

    def service(self) -> None:
        """Let the request be read on, or have it refused."""
        try:
            allowed = ask_allowed_body_bytes(self.channel.task_class(self.channel, self.request).get_environment())
        except Exception:  # whatever is wrong, this body is not read
            self.channel.logger.exception("body_not_permitted")
            allowed = 0
        self.channel.go_on(self.request, allowed)

    def cancel(self) -> None:
        """Nobody waits for the answer any more."""


class BoundedChannel(HTTPChannel):
    """One connection."""

    error_task_class = ProblemTask
    request: BoundedParser | None
    requests: list[BoundedParser]

    def __init__(self, server: "BoundedServer", *args: Any, **kwargs: Any) -> None:
        super().__init__(server, *args, **kwargs)
        self.parser_class = partial(BoundedParser, channel=self)
        self.address = self.addr[0] if isinstance(self.addr, tuple) else ""
        self.sending_since = 0.0
        self.counted: BoundedParser | None = None

    def readable(self) -> bool:
        waits = self.request is not None and self.request.waits_for_permission
        return bool(super().readable()) and not waits

    def received(self, data: bytes) -> bool:
        done = bool(super().received(data))
        request = self.request
        if request is not None and request.waits_for_permission and not request.is_asking:
            request.is_asking = True
            self.server.add_task(BodyPermission(self, request))
        return done

    @property
    def is_upload(self) -> bool:
        """Whether the request that is next to be worked on brings a file."""
        return bool(self.requests) and self.requests[0].is_upload

    @property
    def is_busy(self) -> bool:
        """Whether a request is worked on, or its answer still being sent."""
        return bool(self.requests or self.total_outbufs_len)

    def send_continue(self) -> None:
        if self.request is not None and not self.request.waits_for_permission:
            super().send_continue()

    def go_on(self, request: BoundedParser, allowed: int) -> None:
        """Read the rest of a request whose body may have `allowed` bytes, or refuse it."""
        with self.requests_lock:
            if self.request is not request or not self.connected:
                return
            request.allowed = allowed
            if request.body_length > allowed:
                request.refuse(RequestEntityTooLarge(f"At most {allowed} bytes are taken here."))
                self._take(request)
            elif request.expect_continue and not self.requests and not self.sent_continue:
                self.send_continue()
        self.server.pull_trigger()

    def is_too_busy(self, request: BoundedParser) -> bool:
        """Count a request once; whether its address has sent too many of them."""
        if self.counted is request:
            return False
        self.counted = request
        counter: RequestCounter = self.server.requests
        return counter.is_too_many(client_address(self.address, request.headers))

    def end_if_late(self, now: float) -> None:
        """Refuse a request that does not arrive, and give up an answer that nobody reads."""
        with self.requests_lock:
            request = self.request
            if (
                request is not None
                and not request.waits_for_permission
                and not self.requests
                and now > request.deadline
            ):
                request.refuse(RequestTimeout("The request did not arrive in time."))
                self._take(request)
        if not self.total_outbufs_len:
            self.sending_since = 0.0
        elif not self.sending_since:
            self.sending_since = now
        elif now > self.sending_since + webserver.SEND_SECONDS:
            self.will_close = True
        if self.will_close:
            self.handle_close()  # waitress waits until something can be written, which a silent reader never allows

    def _take(self, request: BoundedParser) -> None:
        self.request, self.sent_continue = None, False
        self.requests.append(request)
        if len(self.requests) == 1:
            self.server.add_task(self)


class RequestCounter:
    """Requests of each address: a bucket that refills at `rate` a second and holds `burst`. For one thread."""

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst = rate, burst
        self._taken: Counter[str] = Counter()
        self._since = time.monotonic()

    def is_too_many(self, address: str) -> bool:
        """Count one request of this address; "" is not counted."""
        if not address or not self.rate:
            return False
        self._taken[address] += 1
        return self._taken[address] > self.burst

    def refill(self) -> None:
        """Forget what was counted, as fast as the rate allows; called about every second."""
        now = time.monotonic()
        freed, self._since = (now - self._since) * self.rate, now
        self._taken = Counter({address: left for address, taken in self._taken.items() if (left := taken - freed) > 0})


class BoundedServer(TcpWSGIServer):
    """One listening socket of one process."""

    channel_class = BoundedChannel

    def __init__(self, *args: Any, uploads: ThreadedTaskDispatcher, **kwargs: Any) -> None:
        self.requests = RequestCounter(webserver.ADDRESS_REQUESTS_PER_SECOND, webserver.ADDRESS_BURST)
        self.uploads = uploads
        super().__init__(*args, **kwargs)

    def add_task(self, task: "BoundedChannel | BodyPermission") -> None:
        """Have a thread do it: one of those for uploads where it brings a file, so that pages never wait for that."""
        dispatcher = self.uploads if task.is_upload else self.task_dispatcher
        dispatcher.add_task(task)

    def getsockname(self) -> tuple[str, str]:
        if self.socket.family == socket.AF_UNIX:
            return "unix", self.socket.getsockname()
        name: tuple[str, str] = super().getsockname()
        return name

    def set_socket_options(self, conn: socket.socket) -> None:
        """Prepare a new connection; raises ConnectionRefusedError for one too many of its address."""
        if conn.family == socket.AF_UNIX:
            return
        super().set_socket_options(conn)
        address = client_address(conn.getpeername()[0], None)
        if (
            address
            and sum(other.address == address for other in self.active_channels.values())
            >= webserver.ADDRESS_CONNECTIONS
        ):
            conn.close()
            raise ConnectionRefusedError

    def fix_addr(self, addr: Any) -> tuple[str, int | None]:
        return addr[:2] if isinstance(addr, tuple) else ("", None)

    def readable(self) -> bool:
        # A process whose threads are all busy leaves new connections to the others.
        return bool(super().readable()) and len(self.task_dispatcher.queue) < self.adj.threads

    def maintenance(self, now: float) -> None:
        super().maintenance(now)
        self.requests.refill()
        for channel in [*self.active_channels.values()]:
            channel.end_if_late(time.monotonic())


def client_address(peer: str, headers: dict[str, str] | None) -> str:
    """Whose requests, or, without `headers`, whose connections are counted; "" for nobody's.

    Not counted are this machine and the connections of our proxies, whose requests count for the address that they saw.
    """
    proxies = settings.TRUSTED_PROXY_COUNT or 0
    if not proxies:
        return "" if peer.startswith("127.") or peer in ("", "::1") else peer
    if headers is None:
        return ""
    told = [part.strip() for part in headers.get("X_FORWARDED_FOR", "").split(",")]
    return told[-proxies] if len(told) >= proxies else peer


class BufferedWorker(Worker):
    """One process of the web server."""

    def run(self) -> None:
        """Serve until gunicorn says stop; then answer what is being worked on, and end."""
        dispatchers = _dispatcher(self.cfg.threads), _dispatcher(webserver.UPLOAD_THREADS)
        sockets: dict[int, Any] = {}
        servers = [self._server(listener.sock, sockets, *dispatchers) for listener in self.sockets]
        while self.alive and self.ppid == os.getppid():
            self.notify()
            _loop_for(_TICK, sockets, lambda: not self.alive)
        for server in servers:
            server.accepting = False
            server.del_channel()
        _loop_for(_DRAIN_SECONDS, sockets, lambda: not any(channel.is_busy for channel in _channels(servers)))
        for dispatcher in dispatchers:
            dispatcher.shutdown(timeout=1)

    def _server(
        self,
        listener: socket.socket,
        sockets: dict[int, Any],
        pages: ThreadedTaskDispatcher,
        uploads: ThreadedTaskDispatcher,
    ) -> BoundedServer:
        adjustments = Adjustments(
            threads=self.cfg.threads,
            connection_limit=webserver.CONNECTIONS,
            channel_timeout=webserver.IDLE_SECONDS,
            cleanup_interval=_TICK,
            recv_bytes=1 << 16,
            max_request_header_size=webserver.HEAD_BYTES,
            # The app knows how many proxies are trusted, and reads what they say itself.
            clear_untrusted_proxy_headers=False,
            ident=None,
            asyncore_use_poll=True,
            log_socket_errors=False,
        )
        return BoundedServer(
            self.wsgi,
            map=sockets,
            _sock=listener,
            dispatcher=pages,
            uploads=uploads,
            adj=adjustments,
            sockinfo=(listener.family, socket.SOCK_STREAM, None, None),
            bind_socket=False,
        )


def _dispatcher(threads: int) -> ThreadedTaskDispatcher:
    made = ThreadedTaskDispatcher()
    made.queue_logger.setLevel(logging.ERROR)  # that requests wait for a moment is no news
    made.set_thread_count(threads)
    return made


def _channels(servers: list[BoundedServer]) -> list[BoundedChannel]:
    return [channel for server in servers for channel in server.active_channels.values()]


def _loop_for(seconds: float, sockets: dict[int, Any], is_over: Any) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0 and not is_over():
        wasyncore.loop(timeout=left, use_poll=True, map=sockets, count=1)
