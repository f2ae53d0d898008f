"""One message sent to an address, and what came back. For jobs only.

The addresses of a name are looked at when the connection is made, and one that is private is refused. Redirects are not
followed, and no more than LARGEST bytes of an answer are read.
"""

import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from urllib.parse import urlsplit

import urllib3
from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError, SSLError
from urllib3.exceptions import TimeoutError as NoAnswerInTime

from portal.outbound.guard import refuse_open_transaction
from portal.webhooks.models import AttemptResult

SECONDS = 10.0
LARGEST = 64 << 10
_AGENT = "creator-trust-portal-webhooks/1"


class ForbiddenAddress(HTTPError):
    """The name leads to a private network or to this machine."""


@dataclass(frozen=True)
class Reply:
    """What came of an attempt: `status` is None where no answer came."""

    result: AttemptResult
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    milliseconds: int = 0


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
    """Send a message; what the receiver or the network does is told by the reply, and never raised."""
    refuse_open_transaction()
    begun = time.monotonic()
    given = {"Content-Type": "application/json", "User-Agent": _AGENT, **headers}
    try:
        reply = _exchange(url, body, given, begun + SECONDS)
    except ForbiddenAddress:
        reply = Reply(AttemptResult.FORBIDDEN)
    except (SSLError, ssl.SSLError):
        reply = Reply(AttemptResult.TLS)
    except NewConnectionError:
        reply = Reply(AttemptResult.NO_CONNECTION)
    except (NoAnswerInTime, TimeoutError):
        reply = Reply(AttemptResult.TIMEOUT)
    except (HTTPError, OSError):
        reply = Reply(AttemptResult.BROKEN)
    return replace(reply, milliseconds=round((time.monotonic() - begun) * 1000))


def _exchange(url: str, body: bytes, headers: Mapping[str, str], ends: float) -> Reply:
    parts = urlsplit(url)
    kind, pool_kind = (_CheckedTLS, urllib3.HTTPSConnectionPool)
    if parts.scheme == "http":
        kind, pool_kind = (_Checked, urllib3.HTTPConnectionPool)  # type: ignore[assignment]
    with pool_kind(parts.hostname or "", parts.port, timeout=SECONDS, retries=False, maxsize=1) as pool:
        pool.ConnectionCls = kind
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        response = pool.urlopen("POST", target, body=body, headers=dict(headers), preload_content=False, redirect=False)
        content = bytearray()
        while len(content) < LARGEST and time.monotonic() < ends and (chunk := response.read1(LARGEST - len(content))):
            content += chunk
        return Reply(AttemptResult.ANSWERED, response.status, dict(response.headers), bytes(content))


class _Checked(HTTPConnection):
    """Connects to an address that was looked at, without asking the name server again."""

    def _new_conn(self) -> socket.socket:
        try:
            rows = socket.getaddrinfo(self._dns_host, self.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise NewConnectionError(self, "its name leads nowhere") from error
        if not settings.DEMO and not all(ip_address(str(row[4][0]).partition("%")[0]).is_global for row in rows):
            raise ForbiddenAddress
        for family, _type, _protocol, _name, address in rows:
            sock = socket.socket(family, socket.SOCK_STREAM)
            try:
                sock.settimeout(SECONDS)
                sock.connect(address)
            except OSError:
                sock.close()
                continue
            return sock
        raise NewConnectionError(self, "no connection")


class _CheckedTLS(_Checked, HTTPSConnection):
    """The same with TLS."""
