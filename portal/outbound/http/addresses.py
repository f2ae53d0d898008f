"""Which network addresses a platform's name may lead to: none that is private, local, multicast or reserved.

A name is resolved once for each connection, all its addresses are looked at, and the connection is made to one of
these very addresses, so that a second answer of the name server changes nothing. PLATFORM_PRIVATE_HOSTS names hosts
that may be on a private network or this machine; metadata services (link-local) are refused even then.
"""

import re
import socket
import threading
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings

from portal.outbound.http.errors import Refused, Unreachable

Address = IPv4Address | IPv6Address
# What getaddrinfo gives: family, and the address as connect() takes it.
Target = tuple[socket.AddressFamily, Any]

# The well-known prefix of NAT64 and 6to4 carry an IPv4 address; its local-use prefix and Teredo are never a platform's.
_NAT64 = ip_network("64:ff9b::/96")
_SIX_TO_FOUR = ip_network("2002::/16")
_NEVER = [
    ip_network(net)
    for net in (
        *("0.0.0.0/8", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4"),
        *("64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "::/96", "fec0::/10", "5f00::/16"),
    )
]
_NAMEABLE = [
    ip_network(net)
    for net in ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
]
# Labels, and a last one that is no number and not kept for names that lead nowhere or to this machine.
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?:{_LABEL}\.)+(?!(?:localhost|invalid)\Z)[a-z][a-z0-9-]{{0,61}}[a-z0-9]")
_LONGEST_NAME = 253


def checked_targets(platform: str, host: str, port: int, *, seconds: float) -> list[Target]:
    """The addresses of a host, all of them fit to be called; raises Refused if one is not, Unreachable without any."""
    found = _resolve(platform, host, port, seconds)
    private = _may_be_private(host)
    if any(is_forbidden(str(target[1][0]), private=private) for target in found):
        raise Refused(platform)
    return found


def is_callable_host(host: str) -> bool:
    """Whether a host is a number, one of PLATFORM_PRIVATE_HOSTS, or a name that a public name server could know."""
    name = host.lower().removesuffix(".")
    try:
        ip_address(host)
    except ValueError:
        return _may_be_private(host) or (_NAME.fullmatch(name) is not None and len(name) <= _LONGEST_NAME)
    return True


def is_forbidden_number(host: str) -> bool:
    """Whether a host is written as an address that may not be called. A name is looked at when it is called."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return is_forbidden(host, private=_may_be_private(host))


def is_forbidden(text: str, *, private: bool = False) -> bool:
    """Whether an address may not be called; `private`: those of private networks and of this machine may."""
    try:
        address = _carried(ip_address(text.partition("%")[0]))
    except ValueError:
        return True
    if private and _is_in(address, _NAMEABLE):
        return False
    return not address.is_global or address.is_multicast or address.is_reserved or _is_in(address, _NEVER)


def _may_be_private(host: str) -> bool:
    return host.lower().rstrip(".") in {name.lower() for name in settings.PLATFORM_PRIVATE_HOSTS}


def _carried(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, else itself."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _SIX_TO_FOUR:
        return IPv4Address(int(address) >> 80 & 0xFFFFFFFF)
    return address


def _is_in(address: Address, networks: Sequence[Any]) -> bool:
    return any(address in network for network in networks if network.version == address.version)


def _resolve(platform: str, host: str, port: int, seconds: float) -> list[Target]:
    """Ask the name server in a thread of its own, since nothing bounds the time of getaddrinfo()."""
    found: list[Target] = []

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return
        found.extend((row[0], row[4]) for row in rows)

    asking = threading.Thread(target=ask, name="resolve", daemon=True)
    asking.start()
    asking.join(seconds)
    if asking.is_alive() or not found:
        raise Unreachable(platform, "its name leads nowhere")
    return list(found)
