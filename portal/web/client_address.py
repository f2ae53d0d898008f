"""Whose request it is, by network address: what rate limits count where nobody is signed in."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

LONGEST_CHAIN = 2000  # characters


def client_address(request: HttpRequest) -> str:
    """The address that the outermost of our `settings.TRUSTED_PROXY_COUNT` proxies saw; "" if there is none (a Unix socket).

    Each proxy appends the address that it saw to X-Forwarded-For. What stands before those entries was sent by
    the client and proves nothing. A chain that is too short, or that is broken at the place that counts, did not
    come through our proxies: then it is the address of the connection.
    """
    return _forwarded_address(request) or _plain_address(request.META.get("REMOTE_ADDR", ""))


def _forwarded_address(request: HttpRequest) -> str:
    proxies = settings.TRUSTED_PROXY_COUNT or 0
    entries = request.headers.get("X-Forwarded-For", "")[-LONGEST_CHAIN:].split(",")
    return _plain_address(entries[-proxies]) if 0 < proxies <= len(entries) else ""


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
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)
