"""gunicorn's worker: requests are read whole, and answers written, by one event loop; threads only work.

gthread reads from a thread of its few, so that a handful of slow clients holds all of them. Here waitress reads
heads and bodies in its event loop, larger bodies into temporary files without a name, and hands a request to a
thread once it is complete; what the thread answers is buffered and sent by the loop. gunicorn stays what it is: one
process that loads the app, forks, restarts what dies, and stops.

On top of waitress: the app says how long a body may be before it is read (portal/web/bodies.py), heads and bodies have
deadlines, one address has so many connections and requests at most, and bodies that are not stored yet so much room.
What is refused is not read; the app says so on a page of its own, for which it gets the request without the body.
"""

import logging
import os
import socket
import threading
import time
from functools import partial
from typing import Any

from django.conf import settings
from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from portal import webserver
from portal.web import transit
from portal.web.bodies import Allowance, ask_allowance
from portal.web.client_address import charged_address
from portal.web.incoming import BoundedParser, ProblemTask, RequestTask, RequestTimeout
from portal.web.transit import RequestCounter, Transit, UploadRoom

_TICK = 1.0  # seconds between looks at deadlines and signs of life
_DRAIN_SECONDS = 5.0  # for requests that are being answered when the worker stops


class BodyPermission:
    """A task for a thread: asks the app how long the body of a request may be, whose head alone was read."""

    is_upload = True

    def __init__(self, channel: "BoundedChannel", request: BoundedParser) -> None:
        self.channel, self.request = channel, request

    def service(self) -> None:
        """Let the request be read on, or have it refused."""
        try:
            allowed = ask_allowance(self.channel.task_class(self.channel, self.request).get_environment())
        except Exception:  # whatever is wrong, this body is not read
            self.channel.logger.exception("body_not_permitted")
            allowed = Allowance(0)
        self.channel.go_on(self.request, allowed)

    def cancel(self) -> None:
        """Nobody waits for the answer any more."""


class BoundedChannel(HTTPChannel):
    """One connection."""

    task_class = RequestTask
    error_task_class = ProblemTask
    request: BoundedParser | None
    requests: list[BoundedParser]

    def __init__(self, server: "BoundedServer", *args: Any, **kwargs: Any) -> None:
        super().__init__(server, *args, **kwargs)
        self.parser_class = partial(BoundedParser, channel=self)
        self.requests_lock = threading.RLock()  # a connection may break while it is held
        self.peer = self.addr[0] if isinstance(self.addr, tuple) else ""
        self.address = charged_address(self.peer, None)
        self.answer: Transit | None = None
        self.may_continue = False
        self.counted: BoundedParser | None = None

    def readable(self) -> bool:
        if self.may_continue:
            self._continue_if_due()
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

    def send(self, data: bytes, do_close: bool = True) -> int:  # noqa: FBT001, FBT002 -- as waitress has it
        sent: int = super().send(data, do_close=do_close)
        if self.answer is not None:
            self.answer.move(sent)
        return sent

    def handle_close(self) -> None:
        super().handle_close()
        with self.requests_lock:
            if self.request is not None:
                self.request.give_back_room()  # nobody will work on it

    def go_on(self, request: BoundedParser, allowed: Allowance) -> None:
        """Read the rest of a request whose body is allowed, or refuse it."""
        with self.requests_lock:
            if self.request is not request or not self.connected:
                return
            request.permit(allowed)
            if request.refused:
                self._take(request)
            else:
                self.may_continue = request.expect_continue
        self.server.pull_trigger()

    def _continue_if_due(self) -> None:
        """Tell a client that waits for it to go on. In the event loop, which alone writes while no request is worked on."""
        with self.requests_lock:
            if self.may_continue and not self.requests and not self.sent_continue:
                self.may_continue = False
                self.send_continue()

    def is_too_busy(self, request: BoundedParser) -> bool:
        """Count a request once; whether its address has sent too many of them."""
        if self.counted is request:
            return False
        self.counted = request
        counter: RequestCounter = self.server.requests
        return counter.is_too_many(self.address_of(request))

    @property
    def room(self) -> UploadRoom:
        """The room of this process for bodies."""
        room: UploadRoom = self.server.room
        return room

    def address_of(self, request: BoundedParser) -> str:
        """Whom a request is charged to."""
        return charged_address(self.peer, request.headers)

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
            self.answer = None
        elif self.answer is None:
            self.answer = Transit(transit.SEND_SECONDS)
        elif now > self.answer.deadline(self.answer.moved + self.total_outbufs_len):
            self.will_close = True
        if self.will_close:
            self.handle_close()  # waitress waits until something can be written, which a silent reader never allows

    def _take(self, request: BoundedParser) -> None:
        self.request, self.sent_continue = None, False
        self.requests.append(request)
        if len(self.requests) == 1:
            self.server.add_task(self)


class BoundedServer(TcpWSGIServer):
    """One listening socket of one process."""

    channel_class = BoundedChannel

    def __init__(self, *args: Any, uploads: ThreadedTaskDispatcher, room: UploadRoom, **kwargs: Any) -> None:
        rate = settings.WEB_ADDRESS_REQUESTS_PER_SECOND
        self.requests = RequestCounter(rate, rate * transit.BURST_SECONDS)
        self.uploads, self.room = uploads, room
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
        address = charged_address(conn.getpeername()[0], None)
        if (
            address
            and sum(other.address == address for other in self.active_channels.values())
            >= settings.WEB_ADDRESS_CONNECTIONS
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


def upload_room() -> UploadRoom:
    """The room that one process has for bodies, by the settings."""
    shares = (settings.WEB_UPLOAD_BYTES, settings.WEB_ADDRESS_UPLOAD_BYTES, settings.WEB_SENDER_UPLOAD_BYTES)
    return UploadRoom(*shares)


class BufferedWorker(Worker):
    """One process of the web server."""

    def run(self) -> None:
        """Serve until gunicorn says stop; then answer what is being worked on, and end."""
        dispatchers = _dispatcher(self.cfg.threads), _dispatcher(webserver.UPLOAD_THREADS)
        sockets: dict[int, Any] = {}
        room = upload_room()
        servers = [self._server(listener.sock, sockets, room, *dispatchers) for listener in self.sockets]
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
        room: UploadRoom,
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
            room=room,
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
