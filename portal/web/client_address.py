"""Whose request it is, by network address: what rate limits count where nobody is signed in."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

LONGEST_CHAIN = 2000  # characters
_OWN_BITS = 64  # of an IPv6 address: these its owner chooses, as many as they like


def client_address(request: HttpRequest) -> str:
    """The address that a request counts for; see counted_address()."""
    return counted_address(request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", ""))


def counted_address(peer: str, forwarded_for: str) -> str:
    """The address that the outermost of our `settings.TRUSTED_PROXY_COUNT` proxies saw; "" if there is none (a Unix socket).

    `peer` is the address of the connection, `forwarded_for` the header X-Forwarded-For, to which each proxy appends the
    address that it saw. What stands before those entries was sent by the client and proves nothing. A chain that is
    too short, or that is broken at the place that counts, did not come through our proxies: then it is the address of the
    connection. Of an IPv6 address the first 64 bits count: whoever has one has all that begin so.
    """
    proxies = settings.TRUSTED_PROXY_COUNT or 0
    entries = forwarded_for[-LONGEST_CHAIN:].split(",")
    forwarded = _plain_address(entries[-proxies]) if 0 < proxies <= len(entries) else ""
    return forwarded or _plain_address(peer)


def charged_address(peer: str, headers: dict[str, str] | None) -> str:
    """Whose requests, or, without `headers`, whose connections are counted; "" for nobody's.

    Not counted are this machine and the connections of our proxies, whose requests count for the address that they saw.
    """
    if not settings.TRUSTED_PROXY_COUNT:
        return "" if peer.startswith("127.") or peer == "::1" else counted_address(peer, "")
    return "" if headers is None else counted_address(peer, headers.get("X_FORWARDED_FOR", ""))


def _plain_address(text: str) -> str:
    """The address in its shortest form, without port and brackets; "" if the text is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv4Address) or address.is_loopback:
        return str(address)
    return str(address.ipv4_mapped or ipaddress.IPv6Address(int(address) >> _OWN_BITS << _OWN_BITS))
