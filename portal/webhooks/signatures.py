"""Secrets and signatures of Standard Webhooks 1.0: `whsec_` secrets, HMAC-SHA256 over id, time and body."""

import base64
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime

_PREFIX = "whsec_"
_SECRET_BYTES = 32


def new_secret() -> str:
    """A random secret, as the receiver stores it."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signed_headers(message: str, at: datetime, body: bytes, keys: Iterable[str]) -> dict[str, str]:
    """The three headers of a message: its id, the time of this attempt, and one signature for each secret in `keys`."""
    timestamp = str(int(at.timestamp()))
    signed = b".".join((message.encode(), timestamp.encode(), body))
    return {
        "webhook-id": message,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(secret, signed) for secret in keys),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
