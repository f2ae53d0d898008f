"""Which addresses may be called, and that the connection goes to the one that was looked at."""

import socket
from typing import Any

import pytest
from pytest_django import Settings

from portal.outbound.http import PlatformClient, Refused
from portal.outbound.http.addresses import is_forbidden
from portal.outbound.tests.platform_server import QUICK, serving

PRIVATE = ["10.1.2.3", "127.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "::1", "fd00::1", "::ffff:10.0.0.1"]
NEVER = [
    *("0.0.0.0", "0.1.2.3", "169.254.169.254", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),  # noqa: S104
    *("192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1"),
    *("::", "fe80::1", "fe80::1%eth0", "ff02::1", "fec0::1", "2001:db8::1", "2001::1", "100::1", "::10.0.0.1"),
    *("::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2002:a9fe:a9fe::1", "not an address"),
]
# An IPv6 address that carries a private IPv4 one is no better than that.
CARRIED = ["64:ff9b::a00:1", "64:ff9b::7f00:1", "2002:a00:1::1", "2002:7f00:1::", "::ffff:127.0.0.1"]
PUBLIC = ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]


@pytest.mark.parametrize("address", [*PRIVATE, *NEVER, *CARRIED])
def test_what_is_not_public_is_not_called(address: str) -> None:
    assert is_forbidden(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_is(address: str) -> None:
    assert not is_forbidden(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_a_named_host_may_be_private(address: str) -> None:
    assert not is_forbidden(address, private=True)


@pytest.mark.parametrize("address", NEVER)
def test_but_never_a_metadata_service(address: str) -> None:
    assert is_forbidden(address, private=True)


def names(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Have the name server give these answers in turn; returns the list of what was asked for."""
    asked: list[str] = []
    left = list(answers)

    def look_up(host: str, port: int, **_named: Any) -> list[Any]:
        asked.append(host)
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET6 if ":" in one else socket.AF_INET, 1, 6, "", (one, port)) for one in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


@pytest.mark.django_db
@pytest.mark.parametrize("found", [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:127.0.0.1"], ["169.254.169.254"]])
def test_one_forbidden_address_is_enough(settings: Settings, monkeypatch: pytest.MonkeyPatch, found: list[str]) -> None:
    settings.PLATFORM_PRIVATE_HOSTS = ["other.example"]
    names(monkeypatch, found)
    with serving() as server:
        client = PlatformClient("videos", f"http://videos.example:{server.server_port}", QUICK)
        with pytest.raises(Refused) as error:
            client.call("GET", "/")
        assert not error.value.sent
        assert not server.requests


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]"])
def test_other_ways_to_write_an_address_lead_nowhere_else(settings: Settings, host: str) -> None:
    settings.PLATFORM_PRIVATE_HOSTS = []
    with serving() as server:
        with pytest.raises(Refused):
            PlatformClient("videos", f"http://{host}:{server.server_port}", QUICK).call("GET", "/")
        assert not server.requests


@pytest.mark.django_db
def test_the_name_is_resolved_once_for_a_connection(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that answers otherwise the second time (DNS rebinding) changes nothing."""
    settings.PLATFORM_PRIVATE_HOSTS = ["Videos.Example"]
    asked = names(monkeypatch, ["127.0.0.1"], ["169.254.169.254"])
    with serving() as server:
        client = PlatformClient("videos", f"http://videos.example:{server.server_port}", QUICK)
        assert client.call("GET", "/").status == 200
        assert server.requests[0][2]["Host"] == f"videos.example:{server.server_port}"
    assert asked == ["videos.example"]


@pytest.mark.django_db
def test_the_next_address_is_tried_where_one_is_dead(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PLATFORM_PRIVATE_HOSTS = ["videos.example"]
    names(monkeypatch, ["::1", "127.0.0.1"])
    with serving() as server:
        client = PlatformClient("videos", f"http://videos.example:{server.server_port}", QUICK)
        assert client.call("GET", "/").status == 200
