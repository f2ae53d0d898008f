"""Encryption at rest: keys, data keys, encrypted texts and keyed digests.

Everything is AES-256-GCM under a key of settings.EVIDENCE_KEYS (`id:base64 of 32 bytes`): the first
key encrypts, all of them decrypt. Three keys are derived from each by HKDF, one a use, so that no
ciphertext of one use can pass for another's. What a ciphertext belongs to (`bound_to`) is its
associated data: moved to another row it does not open.

* Files: each has a random data key of its own, wrapped by the first key and kept in the file's row.
  Rotation re-wraps these 60 bytes and leaves the stored ciphertext alone.
* Texts (identifiers, secrets of second factors): `encrypt_text` gives `v1.<key id>.<base64>`.
* Fingerprints: HMAC-SHA256 for "have we seen this number?" without keeping it. Their key must not
  change with rotation, or the same number would pass as new: it is derived from
  settings.FINGERPRINT_KEY or, where that is unset, from the **last** key of EVIDENCE_KEYS. A new
  key is put in front; the last one stays, even when nothing is encrypted under it any more.
"""

import base64
import binascii
import hmac
import secrets
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_KEY = 32  # bytes
_NONCE = 12  # bytes
_VERSION = "v1"


class Tampered(Exception):
    """A ciphertext does not open: it was changed, moved from its row, or its key is missing."""


@dataclass(frozen=True)
class WrappedKey:
    """A file's data key, wrapped for storage in the file's row."""

    key_id: str
    sealed: bytes


def current_key_id() -> str:
    """Id of the key that encrypts now."""
    return next(iter(_keys(tuple(settings.EVIDENCE_KEYS))))


def new_data_key() -> bytes:
    """A fresh random key for one file."""
    return secrets.token_bytes(_KEY)


def wrap_data_key(data_key: bytes, *, bound_to: str) -> WrappedKey:
    """The data key, encrypted under the current key."""
    key_id = current_key_id()
    return WrappedKey(key_id, _seal(_derived(key_id, "data keys"), data_key, bound_to))


def unwrap_data_key(wrapped: WrappedKey, *, bound_to: str) -> bytes:
    """The data key itself; raises Tampered."""
    return _open(_derived(wrapped.key_id, "data keys"), wrapped.sealed, bound_to)


def encrypt_bytes(data: bytes, *, data_key: bytes, bound_to: str) -> bytes:
    """Nonce, ciphertext and tag: 28 bytes more than `data`."""
    return _seal(data_key, data, bound_to)


def decrypt_bytes(sealed: bytes, *, data_key: bytes, bound_to: str) -> bytes:
    """What `encrypt` was given; raises Tampered."""
    return _open(data_key, sealed, bound_to)


def encrypt_text(text: str, *, bound_to: str) -> str:
    """A token of ASCII letters that opens only with the same `bound_to`."""
    key_id = current_key_id()
    sealed = _seal(_derived(key_id, "texts"), text.encode(), bound_to)
    return f"{_VERSION}.{key_id}.{base64.urlsafe_b64encode(sealed).decode()}"


def decrypt_text(token: str, *, bound_to: str) -> str:
    """What `encrypt_text` was given; raises Tampered."""
    try:
        version, key_id, body = token.split(".")
        sealed = base64.urlsafe_b64decode(body.encode("ascii"))
    except (ValueError, UnicodeEncodeError, binascii.Error) as error:
        raise Tampered("not a token") from error
    if version != _VERSION:
        raise Tampered("version")
    return _open(_derived(key_id, "texts"), sealed, bound_to).decode()


def renew_text(token: str, *, bound_to: str) -> str:
    """The same text under the current key; the token itself if it is there already."""
    if token.startswith(f"{_VERSION}.{current_key_id()}."):
        return token
    return encrypt_text(decrypt_text(token, bound_to=bound_to), bound_to=bound_to)


def keyed_fingerprint(text: str) -> str:
    """A keyed digest of the text: 64 hex digits, equal for equal texts.

    Callers normalise first (case, spaces, width): the fingerprint is of the exact characters.
    """
    return hmac.new(
        _fingerprint_key(settings.FINGERPRINT_KEY, tuple(settings.EVIDENCE_KEYS)), text.encode(), "sha256"
    ).hexdigest()


def fingerprint_key(use: str) -> bytes:
    """A key for digests of one use that somebody else computes; like keyed_fingerprint() it does not change with rotation."""
    root = _fingerprint_key(settings.FINGERPRINT_KEY, tuple(settings.EVIDENCE_KEYS))
    return _hkdf(root, f"digests of {use}")


def _seal(key: bytes, data: bytes, bound_to: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, bound_to.encode())


def _open(key: bytes, sealed: bytes, bound_to: str) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], bound_to.encode())
    except (InvalidTag, ValueError) as error:
        raise Tampered(bound_to) from error


def _derived(key_id: str, use: str) -> bytes:
    keys = _keys(tuple(settings.EVIDENCE_KEYS))
    if key_id not in keys:
        message = f"no key {key_id} in EVIDENCE_KEYS"
        raise Tampered(message)
    return _hkdf(keys[key_id], use)


@lru_cache(maxsize=64)
def _hkdf(key: bytes, use: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY, salt=None, info=f"portal.evidence {use}".encode()).derive(key)


@lru_cache(maxsize=8)
def _keys(entries: tuple[str, ...]) -> dict[str, bytes]:
    keys: dict[str, bytes] = {}
    for entry in entries:
        key_id, _, body = entry.partition(":")
        if not key_id.isalnum() or key_id in keys:
            message = "EVIDENCE_KEYS: each entry is `id:base64`, ids are letters and digits and stand once."
            raise ImproperlyConfigured(message)
        keys[key_id] = _key_bytes(body, "EVIDENCE_KEYS")
    if not keys:
        raise ImproperlyConfigured("EVIDENCE_KEYS is empty.")
    return keys


@lru_cache(maxsize=8)
def _fingerprint_key(own: str, entries: tuple[str, ...]) -> bytes:
    root = _key_bytes(own, "FINGERPRINT_KEY") if own else list(_keys(entries).values())[-1]
    return _hkdf(root, "fingerprints")


def _key_bytes(text: str, setting: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != _KEY:
        message = f"{setting}: a key is the base64 of {_KEY} random bytes."
        raise ImproperlyConfigured(message)
    return key
