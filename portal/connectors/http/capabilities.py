"""What a platform serves: asked by a job, kept in a row, and read from there whenever its connector is handed out."""

import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, get_args

from portal import clock
from portal.connectors.http.answers import ContractBroken
from portal.connectors.models import PlatformCapabilities
from portal.platforms import Ability

_LOG = logging.getLogger(__name__)
MAJOR_VERSION = "1"
ABILITIES = frozenset(get_args(Ability))
# Where a platform states no limit of its own, and the most that it is believed.
_DEFAULT_LIMITS = {
    "followers_per_page": 1_000,
    "answers_per_call": 1,
    "ranges_at_once": 1,
    "messages_per_call": 1_000,
    "works_per_page": 100,
}
_LARGEST_LIMIT = 50_000
# Seconds since 1970, perhaps with parameters.
_STRUCTURED_DATE = re.compile(r"@(-?[0-9]{1,15})(?:\s*;.*)?")


@dataclass(frozen=True)
class Capabilities:
    """What a platform serves, the addresses under which its pages lie, and how much it takes at once."""

    serves: frozenset[str] = frozenset()
    pages: tuple[str, ...] = ()
    followers_per_page: int = _DEFAULT_LIMITS["followers_per_page"]
    answers_per_call: int = _DEFAULT_LIMITS["answers_per_call"]
    ranges_at_once: int = _DEFAULT_LIMITS["ranges_at_once"]
    messages_per_call: int = _DEFAULT_LIMITS["messages_per_call"]
    works_per_page: int = _DEFAULT_LIMITS["works_per_page"]


def parse_capabilities(given: Any) -> Capabilities:
    """What the document of a platform says; raises ContractBroken. Abilities that we do not know are left out."""
    try:
        if str(given["contract"]).split(".", maxsplit=1)[0] != MAJOR_VERSION:
            raise ContractBroken(f"the platform speaks version {str(given['contract'])[:20]} of the contract")
        pages = tuple(page for page in map(str, given["pages"]) if page.startswith(("https://", "http://")))
        limits = {name: _limit(given.get("limits", {}).get(name, most)) for name, most in _DEFAULT_LIMITS.items()}
        return Capabilities(frozenset(map(str, given["serves"])) & ABILITIES, pages, **limits)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ContractBroken("the platform does not say what it serves as the contract asks") from error


def known_capabilities(platform: str) -> Capabilities:
    """What the platform said last; nothing but accounts and works until it has said something."""
    row = PlatformCapabilities.objects.filter(platform=platform).exclude(document=None).first()
    try:
        return parse_capabilities(row.document) if row is not None else Capabilities()
    except ContractBroken:
        # Kept by another release of the portal, which read it otherwise; the platform is asked again soon.
        return Capabilities()


def note_capabilities(platform: str, document: Any, *, sunset: str = "", deprecation: str = "") -> None:
    """Keep what the platform says now, and when its version of the contract ends (HTTP date) and is deprecated (RFC 9745)."""
    parse_capabilities(document)
    ends, deprecated = _http_date(sunset), _structured_date(deprecation)
    if ends is not None:
        _LOG.warning("platform %s ends this version of the contract on %s", platform, ends.date())
    if deprecated is not None:
        _LOG.warning("platform %s deprecates this version of the contract from %s", platform, deprecated.date())
    note_document(platform, document, sunset_at=ends, deprecated_at=deprecated)


def note_document(
    platform: str, document: Any, *, sunset_at: datetime | None = None, deprecated_at: datetime | None = None
) -> None:
    """Keep what a connector has found out of its platform, in a form of its own."""
    now = clock.now()
    ends = {"sunset_at": sunset_at, "deprecated_at": deprecated_at}
    _note(platform, document=document, read_at=now, asked_at=now, problem="", **ends)


def note_problem(platform: str, problem: str) -> None:
    """Note that the platform did not say it; what it said last still counts."""
    _LOG.warning("platform %s does not say what it serves: %s", platform, problem)
    _note(platform, asked_at=clock.now(), problem=problem[:200])


def _note(platform: str, **values: Any) -> None:
    row = PlatformCapabilities(platform=platform, **values)
    PlatformCapabilities.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["platform"], update_fields=list(values)
    )


def _limit(given: Any) -> int:
    return max(1, min(int(given), _LARGEST_LIMIT))


def _http_date(text: str) -> datetime | None:
    """The moment in UTC; None without a readable one. One without a zone is UTC."""
    try:
        at = parsedate_to_datetime(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def _structured_date(text: str) -> datetime | None:
    """The moment of a date as structured fields write it (RFC 9651), `@1688169599`; None without a readable one."""
    found = _STRUCTURED_DATE.fullmatch(text.strip())
    try:
        return datetime.fromtimestamp(int(found[1]), UTC) if found else None
    except (ValueError, OverflowError, OSError):
        return None
