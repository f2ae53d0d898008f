"""What connectors make of an entry of PLATFORMS, and of the ids and addresses that people paste."""

import re
from typing import Any
from urllib.parse import SplitResult, urlsplit

from portal.platforms import PlatformConfig, Unknown

# As long as the rows can keep.
LONGEST_ID = 80


def read_base_url(config: PlatformConfig) -> str:
    """The public address, without a slash at its end; raises ValueError where there is none."""
    if not config.base_url:
        raise ValueError("base_url is missing")
    return config.base_url.rstrip("/")


def read_secret(config: PlatformConfig, name: str) -> str:
    """One of the credentials; raises ValueError where it is missing."""
    value: Any = config.credentials.get(name)
    if not value or not isinstance(value, str):
        raise ValueError(f"credentials, {name}: it is missing")
    return value


def own_address(address: str, base_url: str) -> SplitResult | None:
    """An address below a platform's own, with its path from there; None for others."""
    try:
        given, own = urlsplit(address.strip()), urlsplit(base_url)
        same = (given.hostname, given.port) == (own.hostname, own.port)
    except ValueError:
        return None
    if not same or given.scheme not in {"http", "https"} or not given.path.startswith(own.path):
        return None
    return given._replace(path=given.path[len(own.path) :])


def checked_id(pattern: re.Pattern[str], text: str) -> str:
    """Text that can be an id; raises Unknown for any other, since people paste anything, and for one that rows cannot keep."""
    if len(text) > LONGEST_ID or not pattern.fullmatch(text):
        raise Unknown(text[:LONGEST_ID])
    return text
