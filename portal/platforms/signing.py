"""Signed requests between the portal and a platform, both ways, in the manner of Standard Webhooks.

A request carries three headers: `webhook-id`, new for every attempt; `webhook-timestamp`, seconds since 1970; and
`webhook-signature`, one `v1,<base64>` for each secret of the sender, separated by spaces. What is signed, by
HMAC-SHA256, is `id.timestamp.METHOD.path.body`, where the path is that of the request line with its query. Two
secrets hold while one replaces the other: the sender signs with both, the receiver takes either.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
# How far the sender's clock may be from the receiver's, and so for how long a receiver remembers ids.
WINDOW = timedelta(minutes=5)
_PREFIX = "whsec_"
_SHORTEST_BYTES = 24
_LONGEST_ID = 100


class WrongSignature(Exception):
    """The request is not signed, or not by these secrets, or too long ago; `str()` says which."""


class Request(NamedTuple):
    """What is signed of a request; `path` is that of the request line, with its query."""

    method: str
    path: str
    body: bytes


def new_secret() -> str:
    """A random secret."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def read_secrets(text: str) -> tuple[bytes, ...]:
    """The one or two secrets of a text, separated by a comma; raises ValueError if one is no secret."""
    given = [one.strip() for one in text.split(",") if one.strip()]
    if not 1 <= len(given) <= 2:
        raise ValueError("one or two secrets are needed")
    return tuple(_read_secret(one) for one in given)


def sign_request(keys: Sequence[bytes], request: Request, now: datetime) -> dict[str, str]:
    """The headers of a request that is sent now, with an id of its own."""
    message, at = f"msg_{uuid.uuid4().hex}", str(int(now.timestamp()))
    signatures = " ".join(_signature(key, message, at, request) for key in keys)
    return {ID: message, TIMESTAMP: at, SIGNATURE: signatures}


def verify_request(keys: Sequence[bytes], headers: Mapping[str, str], request: Request, now: datetime) -> str:
    """The id of a request that is signed right, for the receiver to refuse it a second time; raises WrongSignature."""
    message, at, given = (headers.get(name) or "" for name in (ID, TIMESTAMP, SIGNATURE))
    if not message or len(message) > _LONGEST_ID or not given:
        raise WrongSignature("the request is not signed")
    if not (at.isascii() and at.isdigit()) or abs(int(at[:15]) - now.timestamp()) > WINDOW.total_seconds():
        raise WrongSignature("the time of the signature is more than five minutes away")
    expected = [_signature(key, message, at, request).encode() for key in keys]
    # All are compared, so that the time taken says nothing.
    fits = [hmac.compare_digest(one.encode(), own) for one in given.split()[:4] for own in expected]
    if not any(fits):
        raise WrongSignature("no signature fits")
    return message


def _read_secret(text: str) -> bytes:
    try:
        key = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("a secret is whsec_ and base64") from error
    if len(key) < _SHORTEST_BYTES:
        raise ValueError("a secret has 24 bytes or more")
    return key


def _signature(key: bytes, message: str, at: str, request: Request) -> str:
    signed = b".".join(
        [message.encode(), at.encode(), request.method.upper().encode(), request.path.encode(), request.body]
    )
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
