"""What is told of the Content Credentials (C2PA) of a file: what it says of itself, and whether that was signed as it is.

credential_reading.py reads it in the child, evidence.py asks for it. It is shown to people and decides nothing (ADR 0056).
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

# `status`: there are none; there are; the file names an address where they would be; its type is not searched; a fault.
NONE: Final = "none"
PRESENT: Final = "present"
ELSEWHERE: Final = "elsewhere"
UNSUPPORTED: Final = "unsupported"
UNREADABLE: Final = "unreadable"
STATUSES: Final = frozenset({NONE, PRESENT, ELSEWHERE, UNSUPPORTED, UNREADABLE})
# `signature`
VALID: Final = "valid"
INVALID: Final = "invalid"
# `content`: whether the file is the one that was signed
SAME: Final = "same"
CHANGED: Final = "changed"
UNKNOWN: Final = "unknown"

MOST_TEXTS: Final = 16  # in one list
LONGEST_TEXT: Final = 120
LONGEST_CODE: Final = 64
_WORDS: Final[Mapping[str, frozenset[str]]] = {
    "signature": frozenset({VALID, INVALID}),
    "content": frozenset({SAME, CHANGED, UNKNOWN}),
}
_TEXTS: Final = ("signer", "organisation")
_MOMENTS: Final = ("signed_at", "created_at")
_LISTS: Final = ("problems", "generators", "actions", "sources", "earlier_sources", "ingredients")
_CODE: Final = re.compile(r"[A-Za-z0-9._-]+\Z")


def checked_credentials(said: dict[str, Any]) -> dict[str, Any]:
    """What the child said, every part of it checked; raises KeyError, TypeError or ValueError.

    Always `status`. Where that is PRESENT also `signature`, `content`, `signer`, `organisation` (names as the certificate
    says, empty without), `signed_at` (a time stamp in the signature) and `created_at` (claimed), each in ISO 8601 or empty,
    and lists of texts: `problems` (codes of the C2PA specification for what failed), `generators`, `actions`, `sources`,
    `earlier_sources` (of what it was made of) and `ingredients` (titles).
    """
    if said["status"] not in STATUSES:
        raise ValueError("status")
    if said["status"] != PRESENT:
        return {"status": said["status"]}
    told: dict[str, Any] = {"status": PRESENT}
    for name, words in _WORDS.items():
        if said[name] not in words:
            raise ValueError(name)
        told[name] = said[name]
    told |= {name: _text(said[name]) for name in _TEXTS}
    told |= {name: _moment(said[name]) for name in _MOMENTS}
    for name in _LISTS:
        if not isinstance(said[name], list) or len(said[name]) > MOST_TEXTS:
            raise ValueError(name)
        told[name] = [_text(each) for each in said[name]]
    if not all(_CODE.match(each) for each in told["problems"]):
        raise ValueError("problems")
    return told


def _text(said: Any) -> str:
    if not isinstance(said, str) or len(said) > LONGEST_TEXT or not said.isprintable():
        raise ValueError("text")
    return said


def _moment(said: Any) -> str:
    if said == "":
        return ""
    found = datetime.fromisoformat(said)
    if found.tzinfo != UTC:
        raise ValueError("moment")
    return found.isoformat()
