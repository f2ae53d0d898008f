"""Small secrets at rest: TOTP secrets, seeds of recovery codes, and mails that carry a code.

Sealed with keys derived from `settings.EVIDENCE_KEYS`: the first key seals, all of them open, so a
key can be rotated. The purpose is mixed into the key, so that a value sealed here opens nowhere else.
"""

from base64 import b64decode, urlsafe_b64encode
from functools import lru_cache

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_PURPOSE = b"portal.accounts"


def seal(text: str) -> str:
    """The text, encrypted and authenticated, as ASCII."""
    return _box(tuple(settings.EVIDENCE_KEYS)).encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text again. Raises cryptography.fernet.InvalidToken when it was changed or no key fits."""
    return _box(tuple(settings.EVIDENCE_KEYS)).decrypt(sealed.encode()).decode()


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    material = b64decode(key.partition(":")[2])
    return urlsafe_b64encode(HKDF(SHA256(), length=32, salt=None, info=_PURPOSE).derive(material))
