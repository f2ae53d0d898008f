"""Which address a request counts for, behind proxies and past them."""

import pytest
from django.test import Client, RequestFactory
from pytest_django import Settings

from portal.web.client_address import client_address


@pytest.mark.parametrize(
    ("proxies", "chain", "address"),
    [
        (0, "", "10.0.0.9"),
        (0, "198.51.100.7", "10.0.0.9"),  # nobody of ours wrote it
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.66, 198.51.100.7", "198.51.100.7"),  # the first was sent by the client
        (1, "203.0.113.66,,203.0.113.67 , 198.51.100.7", "198.51.100.7"),
        (2, "203.0.113.66, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        (2, "198.51.100.7", "10.0.0.9"),  # came past the outer proxy
        (2, "", "10.0.0.9"),
        (1, "unknown", "10.0.0.9"),
        (1, "198.51.100.7:51234", "198.51.100.7"),
        (1, "[2001:db8::7]:51234", "2001:db8::"),  # whoever has one address has all with these 64 bits
        (1, "2001:0db8:0000::0007", "2001:db8::"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        (1, "fe80::1%eth0", "fe80::"),
        (1, "::1", "::1"),
        (1, "::ffff:198.51.100.7", "198.51.100.7"),
        (1, "1.2.3.4, " * 5000 + "198.51.100.7", "198.51.100.7"),
        (1, "198.51.100.7\x00", "10.0.0.9"),
    ],
)
def test_the_entry_of_our_outermost_proxy_counts(settings: Settings, proxies: int, chain: str, address: str) -> None:
    settings.TRUSTED_PROXY_COUNT = proxies
    headers = {"x-forwarded-for": chain} if chain else {}
    assert client_address(RequestFactory().get("/", REMOTE_ADDR="10.0.0.9", headers=headers)) == address


def test_a_request_by_a_unix_socket_has_no_address() -> None:
    assert client_address(RequestFactory().get("/", REMOTE_ADDR="")) == ""


@pytest.mark.django_db
def test_wrong_sign_ins_of_one_address_do_not_lock_out_another(client: Client, settings: Settings) -> None:
    settings.TRUSTED_PROXY_COUNT = 1

    def sign_in(name: str, chain: str) -> int:
        data = {"login": f"{name}@example.org", "password": "wrong"}
        return client.post("/accounts/login/", data, headers={"x-forwarded-for": chain}).status_code

    # Forged entries before the last one change with every try and gain nothing.
    attacker = [sign_in(f"victim-{number}", f"192.0.2.{number}, 198.51.100.7") for number in range(40)]
    assert 429 in attacker
    assert sign_in("somebody", "198.51.100.8") == 200
