"""Members of what a platform answers as JSON: read as the type that they must have, since answers may be anything."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.platforms.protocol import BrokenAnswer


class UnknownAnswer(BrokenAnswer):
    """The platform answered something that its connector does not know."""


def member(given: Any, name: str) -> str:
    """A member that is text and not empty; raises UnknownAnswer."""
    found = given.get(name) if isinstance(given, Mapping) else None
    if not isinstance(found, str) or not found:
        raise UnknownAnswer(f"the platform's answer has no {name}")
    return found


def part(given: Any, name: str) -> Mapping[str, Any]:
    """A member that is an object; raises UnknownAnswer."""
    found = given.get(name) if isinstance(given, Mapping) else None
    if not isinstance(found, Mapping):
        raise UnknownAnswer(f"the platform's answer has no {name}")
    return found


def rows(given: Any, name: str) -> list[Mapping[str, Any]]:
    """A member that is a list of objects, as in one page of a list; raises UnknownAnswer."""
    found = given.get(name) if isinstance(given, Mapping) else None
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise UnknownAnswer("the platform's answer is not a list")
    return found


def count(given: Any) -> int:
    """A number that counts something; raises UnknownAnswer."""
    if isinstance(given, bool) or not isinstance(given, int) or given < 0:
        raise UnknownAnswer("the platform's answer has a wrong number")
    return given


def moment(given: Any, name: str) -> datetime:
    """A member that is a time with its zone; raises UnknownAnswer."""
    try:
        at = datetime.fromisoformat(member(given, name))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise UnknownAnswer(f"the platform's answer has no time {name}")
    return at
