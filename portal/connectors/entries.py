"""What connectors make of an entry of PLATFORMS, and of the ids and addresses that people paste."""

import re
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from portal.platforms import PlatformConfig, Unknown

# As long as the rows can keep.
LONGEST_ID = 80
_PORTS = {"http": 80, "https": 443}


def read_base_url(config: PlatformConfig) -> str:
    """The public address, under which all pages lie, without a slash at its end; raises ValueError where there is none."""
    if not config.base_url:
        raise ValueError("base_url is missing")
    if config.pages:
        raise ValueError("pages: those of this kind lie under base_url, and need not be named")
    return config.base_url.rstrip("/")


def read_secret(config: PlatformConfig, name: str) -> str:
    """One of the credentials; raises ValueError where it is missing."""
    value: Any = config.credentials.get(name)
    if not value or not isinstance(value, str):
        raise ValueError(f"credentials, {name}: it is missing")
    return value


def own_address(address: str, base_url: str) -> SplitResult | None:
    """An address below a platform's own, with its path from there; None for others.

    A port that the scheme has anyway need not be stated, and links with http to a site with https are its own, too.
    """
    try:
        given, own = urlsplit(address.strip()), urlsplit(base_url)
        same = _site(given) == _site(own)
    except ValueError:
        return None
    above, below = own.path.rstrip("/"), given.path
    if not same or given.scheme not in _PORTS or not is_direct(given):
        return None
    if not below.startswith(above) or below[len(above) : len(above) + 1] not in {"", "/"}:
        return None
    return given._replace(path=below[len(above) :])


def is_direct(address: SplitResult) -> bool:
    """Whether an address has neither a user nor steps upwards in it, so that it leads where it seems to."""
    return "@" not in address.netloc and {".", ".."}.isdisjoint(unquote(address.path).split("/"))


def overlap(one: str, other: str) -> bool:
    """Whether one of two addresses lies under the other, or they are the same."""
    return own_address(one, other) is not None or own_address(other, one) is not None


def _site(parts: SplitResult) -> tuple[str, int | None]:
    """The host, and the port unless it is the one that the scheme has anyway. Raises ValueError."""
    port = parts.port if parts.port != _PORTS.get(parts.scheme) else None
    return (parts.hostname or "").rstrip("."), port


def checked_id(pattern: re.Pattern[str], text: str) -> str:
    """Text that can be an id; raises Unknown for any other, since people paste anything, and for one that rows cannot keep."""
    if len(text) > LONGEST_ID or not pattern.fullmatch(text):
        raise Unknown(text[:LONGEST_ID])
    return text
