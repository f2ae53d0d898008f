"""Whether the key of fingerprints is the one with which the site began: a digest of it is kept from its first use on.

With another key the same number would pass as new, and each certificate would have another place in the status lists,
without any error. So /healthz/ fails then, as do `check --deploy` and `rotate_keys`, and an hourly job logs it.
"""

import hashlib
import logging
from typing import Final

from django.core.checks import CheckMessage
from django.core.checks import Error as Problem
from django.db import DatabaseError

from portal import clock, vault
from portal.evidence.models import KeyMark

logger = logging.getLogger(__name__)

MARK_JOB: Final = "evidence.mark_keys"
CHANGED: Final = (
    "The key of fingerprints is not the one with which this site began (FINGERPRINT_KEY or, where that is unset, the last key of "
    "EVIDENCE_KEYS)."
)
_NAME = "fingerprints"
_HINT = "Set the keys as they were: numbers would pass as new, and status lists would name other certificates."
_right: set[str] = set()  # digests that were compared in this process and are right


def refuse_changed_key() -> str | None:
    """Why fingerprints must not be made now; None for the key of the site. The first use keeps the digest."""
    digest = _digest()
    if digest not in _right:
        mark, _is_new = KeyMark.objects.get_or_create(name=_NAME, defaults={"digest": digest, "since": clock.now()})
        if mark.digest != digest:
            return CHANGED
        _right.add(digest)
    return None


def mark_keys() -> int:
    """Periodic: keep the digest, and log an error where the key is another one; how many are wrong."""
    if (refusal := refuse_changed_key()) is None:
        return 0
    logger.error("fingerprint_key_changed", extra={"reason": refusal})
    return 1


def check_fingerprint_key(**_kwargs: object) -> list[CheckMessage]:
    """For `check --deploy`; writes nothing."""
    try:
        mark = KeyMark.objects.filter(name=_NAME).first()
    except DatabaseError:  # not migrated, or not there: other checks say so
        return []
    if mark is None or mark.digest == _digest():
        return []
    return [Problem(CHANGED, hint=_HINT, id="evidence.E001")]


def _digest() -> str:
    return hashlib.sha256(vault.fingerprint_key("the mark of the key")).hexdigest()
