"""Small servers of platforms in a thread, over real HTTP, for tests, and the faults that their next calls meet."""

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar


@dataclass
class Fault:
    """What happens to the next calls of a path: `lost` (done, then cut off), `cut` (not done), a status, or a server's own."""

    kind: str
    method: str
    path: str
    times: int


@dataclass
class Faults:
    """The faults that the next calls meet, and the calls so far."""

    faults: list[Fault] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def inject(self, kind: str, *, method: str = "*", path: str = "*", times: int = 1) -> None:
        """Let the next calls of a path below /api/v1 fail."""
        with self.lock:
            self.faults.append(Fault(kind, method, path, times))

    def take_fault(self, method: str, path: str) -> str:
        """The kind of fault that this call meets, "" for none."""
        for fault in self.faults:
            if fault.times > 0 and fnmatch(method, fault.method) and fnmatch(path, fault.path):
                fault.times -= 1
                return fault.kind
        return ""


class ServerThread:
    """Listens in a thread, at `port` once it has one; its handler reads what the server knows from `server.state`."""

    handler: ClassVar[type[BaseHTTPRequestHandler]]
    port: int
    _http: "_Http | None" = None

    def start(self) -> None:
        """Listen, at the same port as before."""
        self._http = _Http(("127.0.0.1", self.port), self)
        self.port = self._http.server_port
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        """Listen no more; the state stays."""
        if self._http is not None:
            self._http.shutdown()
            self._http.server_close()
            self._http.end_connections()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, place: tuple[str, int], state: ServerThread) -> None:
        self.state, self._open = state, list[Any]()
        super().__init__(place, state.handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Take note of the connection, which goes on after this."""
        self._open.append(request)
        super().process_request(request, client_address)

    def end_connections(self) -> None:
        """Cut off every connection that is open still."""
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, *args: Any) -> None:
        """Clients that go away are part of the tests."""
