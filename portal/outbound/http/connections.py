"""urllib3's connections, made to addresses that were looked at, and the pool of one platform in one process."""

import os
import socket
import ssl
import time
from typing import Any
from urllib.parse import SplitResult

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from portal.outbound.http.addresses import checked_targets
from portal.outbound.http.errors import Unreachable
from portal.outbound.http.exchanges import current_exchange

# Servers close connections that lie idle; one that is older may be closing while a request is written to it.
_IDLE_SECONDS = 4.0


class _Checked(HTTPConnection):
    """Connects to an address that was looked at, without asking the name server again, and tells its exchange."""

    platform = ""
    _used_at = 0.0

    def _new_conn(self) -> socket.socket:
        exchange = current_exchange()
        left = exchange.left if exchange else 30.0
        limit = self.timeout if isinstance(self.timeout, int | float) else left
        ends = time.monotonic() + min(left, limit)
        targets = checked_targets(self.platform, self._dns_host, self.port, seconds=ends - time.monotonic())
        for family, address in targets:
            sock = socket.socket(family, socket.SOCK_STREAM)
            try:
                sock.settimeout(max(ends - time.monotonic(), 0.001))
                sock.connect(address)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if exchange is not None:
                    exchange.watch(sock)
            except OSError:
                sock.close()
                continue
            return sock
        raise Unreachable(self.platform)

    @property
    def is_connected(self) -> bool:
        """Whether the connection can take another request."""
        if self._used_at and time.monotonic() - self._used_at > _IDLE_SECONDS:
            return False
        return super().is_connected

    def send(self, data: Any) -> None:
        """Write to the connection; what fails before is known not to have left."""
        if self.sock is None:
            self.connect()
        self._used_at = time.monotonic()
        exchange = current_exchange()
        if exchange is not None and not exchange.sent:
            exchange.watch(self.sock)
            exchange.sent = True
        super().send(data)


class _CheckedTLS(_Checked, HTTPSConnection):
    """The same with TLS: the certificate is checked against the platform's name, not the address."""


def make_pool(platform: str, address: SplitResult, *, connections: int) -> HTTPConnectionPool:
    """The connections of this process to a platform."""
    kind = _CheckedTLS if address.scheme == "https" else _Checked
    made: type[HTTPConnection] = type(kind.__name__, (kind,), {"platform": platform})
    pool_kind = HTTPSConnectionPool if address.scheme == "https" else HTTPConnectionPool
    pool = pool_kind(address.hostname or "", address.port, maxsize=connections, block=False)
    pool.ConnectionCls = made
    return pool


class ProcessPool:
    """A pool that each process makes for itself at its first call: a connection must not be shared after a fork."""

    def __init__(self, platform: str, address: SplitResult, *, connections: int) -> None:
        self._made_with = (platform, address, connections)
        self._process = 0
        self._pool: HTTPConnectionPool | None = None

    def get(self) -> HTTPConnectionPool:
        """The pool of this process."""
        if self._pool is None or self._process != os.getpid():
            platform, address, connections = self._made_with
            self._pool, self._process = make_pool(platform, address, connections=connections), os.getpid()
        return self._pool


TLS_ERRORS = (ssl.SSLError, ssl.CertificateError)
