"""Placeholder addresses in `.invalid` for people known by a platform account only; no mail is sent there."""

import hashlib
import re

_NOWHERE = ".invalid"
VISITORS = f"@visitor{_NOWHERE}"
_GONE = f"@gone{_NOWHERE}"
# What may stand in an address as it is; ids that differ in the case of letters only must stay apart.
_PLAIN = re.compile(r"[a-z0-9-]{1,60}")


def takes_mail(address: str) -> bool:
    """Whether mail can be sent to an address (RFC 2606 keeps `.invalid` for those to which it cannot)."""
    return not address.lower().rstrip(".").endswith(_NOWHERE)


def is_visitor_address(address: str) -> bool:
    """Whether the address is a visitor's."""
    return address.lower().endswith(VISITORS)


def visitor_address(platform: str, external_id: str) -> str:
    """The address that stands for an account of a platform: `<platform>.<id>@visitor.invalid`.

    An id with other signs than small letters and digits is replaced by 32 digits of its hash.
    """
    plain = _PLAIN.fullmatch(external_id) is not None
    name = external_id if plain else "~" + hashlib.sha256(external_id.encode()).hexdigest()[:32]
    return f"{platform}.{name}{VISITORS}"


def gone_address(public_id: str) -> str:
    """The address of a person whose data were deleted."""
    return f"{public_id}{_GONE}"
