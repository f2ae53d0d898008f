"""One request and its answer on the network: what has left, and the moment at which it is cut off whatever it does."""

import os
import socket
import threading
import time
from contextlib import suppress
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Self

_current: ContextVar["Exchange | None"] = ContextVar("portal.outbound.http.exchange", default=None)


class Exchange:
    """Ends its connection after `seconds`: time limits of single reads do not bound an answer that comes byte by byte.

    `sent`: a byte of the request may have left. `was_cut`: time was up.
    """

    def __init__(self, seconds: float) -> None:
        self.ends = time.monotonic() + seconds
        self.sent = self.was_cut = False
        self._copy: socket.socket | None = None
        self._over = False
        self._lock = threading.Lock()
        self._timer = threading.Timer(max(seconds, 0), self._cut)
        self._timer.daemon = True
        self._token: Token[Exchange | None] | None = None

    def __enter__(self) -> Self:
        self._token = _current.set(self)
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            self._over = True
            self._forget()
        if self._token is not None:
            _current.reset(self._token)

    @property
    def left(self) -> float:
        """Seconds until the end, above 0."""
        return max(self.ends - time.monotonic(), 0.001)

    def watch(self, sock: socket.socket) -> None:
        """Take note of the connection, by a descriptor of its own: TLS takes the first one over. Raises TimeoutError."""
        with self._lock:
            if self.was_cut:
                raise TimeoutError
            self._forget()
            self._copy = socket.socket(fileno=os.dup(sock.fileno()))

    def _cut(self) -> None:
        with self._lock:
            if self._over:
                return
            self.was_cut = True
            if self._copy is not None:
                with suppress(OSError):
                    self._copy.shutdown(socket.SHUT_RDWR)

    def _forget(self) -> None:
        if self._copy is not None:
            self._copy.close()
            self._copy = None


def current_exchange() -> Exchange | None:
    """The exchange of this thread, if one is under way."""
    return _current.get()
