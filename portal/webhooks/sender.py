"""One message sent to an address, and what came back. For jobs only.

Connections are those of the platforms' client (portal/outbound/http): the addresses of a name are looked at when it connects, and
one that is private is refused; after SECONDS everything is cut off. Unlike a platform's calls these share no rate and no breaker:
each endpoint has its own waits. Redirects are not followed, and no more than LARGEST bytes of an answer are read.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import SplitResult, urlsplit

from urllib3 import BaseHTTPResponse, HTTPHeaderDict
from urllib3.exceptions import HTTPError, SSLError
from urllib3.exceptions import TimeoutError as NoAnswerInTime

from portal.outbound.http.client import refuse_here
from portal.outbound.http.connections import TLS_ERRORS, make_pool
from portal.outbound.http.errors import Refused, Unreachable
from portal.outbound.http.exchanges import Exchange
from portal.webhooks.models import AttemptResult

SECONDS = 10.0
LARGEST = 64 << 10
_CHUNK = 8 << 10
# What errors of the connections name instead of a platform.
_NAME = "webhook"
_HEADERS = {
    "Content-Type": "application/json",
    "User-Agent": "creator-trust-portal-webhooks/1",
    "Accept-Encoding": "identity",
}


@dataclass(frozen=True)
class Reply:
    """What came of an attempt: `status` is None where no answer came. `headers` are found by their names in any case."""

    result: AttemptResult
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=HTTPHeaderDict)
    content: bytes = b""
    milliseconds: int = 0


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
    """Send a message; what the receiver or the network does is told by the reply, and never raised."""
    refuse_here()
    begun = time.monotonic()
    with Exchange(SECONDS) as exchange:
        reply = _attempt(exchange, urlsplit(url), body, _HEADERS | dict(headers))
    return replace(reply, milliseconds=round((time.monotonic() - begun) * 1000))


def _attempt(exchange: Exchange, address: SplitResult, body: bytes, headers: Mapping[str, str]) -> Reply:
    try:
        return _answer(exchange, address, body, headers)
    except Refused:
        return Reply(AttemptResult.FORBIDDEN)
    except (SSLError, *TLS_ERRORS):
        result = AttemptResult.TLS
    except Unreachable:
        result = AttemptResult.NO_CONNECTION
    except (NoAnswerInTime, TimeoutError):
        result = AttemptResult.TIMEOUT
    except (HTTPError, OSError):
        result = AttemptResult.BROKEN
    return Reply(AttemptResult.TIMEOUT if exchange.was_cut else result)


def _answer(exchange: Exchange, address: SplitResult, body: bytes, headers: Mapping[str, str]) -> Reply:
    target = (address.path or "/") + (f"?{address.query}" if address.query else "")
    with make_pool(_NAME, address, connections=1) as pool:
        response = pool.urlopen(
            "POST", target, body=body, headers=dict(headers), timeout=exchange.left, retries=False, redirect=False,
            preload_content=False, decode_content=False,
        )  # fmt: skip
        return Reply(AttemptResult.ANSWERED, response.status, response.headers, _read(response))


def _read(response: BaseHTTPResponse) -> bytes:
    """As much of the body as is looked at; the status counts even where the rest of it does not come."""
    content = b""
    try:
        for chunk in response.stream(_CHUNK, decode_content=False):
            content += chunk
            if len(content) >= LARGEST:
                break
    except (HTTPError, OSError):
        pass
    return content[:LARGEST]
