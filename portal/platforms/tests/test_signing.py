"""Signed requests: what fits, what is too old, what was changed on the way."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.platforms import signing
from portal.platforms.signing import Request, WrongSignature

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
OLD, NEW = signing.read_secrets(f"{signing.new_secret()}, {signing.new_secret()}")
REQUEST = Request("POST", "/v1/followers/move?x=1", b'{"a": 1}')


def test_a_request_fits_its_own_signature_and_every_attempt_has_an_id_of_its_own() -> None:
    first, second = (signing.sign_request([NEW], REQUEST, NOW) for _ in range(2))
    ids = [signing.verify_request([NEW], headers, REQUEST, NOW) for headers in (first, second)]
    assert len(set(ids)) == 2


@pytest.mark.parametrize("sender", [[OLD], [OLD, NEW], [NEW]])
@pytest.mark.parametrize("receiver", [[OLD, NEW], [NEW, OLD]])
def test_two_secrets_overlap(sender: list[bytes], receiver: list[bytes]) -> None:
    assert signing.verify_request(receiver, signing.sign_request(sender, REQUEST, NOW), REQUEST, NOW)


@pytest.mark.parametrize(
    "other", [REQUEST._replace(method="PUT"), REQUEST._replace(path="/v1/x"), REQUEST._replace(body=b"")]
)
def test_what_was_changed_does_not_fit(other: Request) -> None:
    with pytest.raises(WrongSignature, match="fits"):
        signing.verify_request([NEW], signing.sign_request([NEW], REQUEST, NOW), other, NOW)


@pytest.mark.parametrize("away", [timedelta(minutes=6), -timedelta(minutes=6)])
def test_the_time_has_to_be_near(away: timedelta) -> None:
    with pytest.raises(WrongSignature, match="five minutes"):
        signing.verify_request([NEW], signing.sign_request([NEW], REQUEST, NOW + away), REQUEST, NOW)


@pytest.mark.parametrize(
    "change",
    [
        *({signing.ID: ""}, {signing.ID: "x" * 101}, {signing.SIGNATURE: ""}, {signing.TIMESTAMP: "soon"}),
        *(
            {signing.TIMESTAMP: "9" * 40},
            {signing.SIGNATURE: "v1,é"},
            {signing.SIGNATURE: "v2,AAAA"},
            {signing.ID: "other"},
        ),
    ],
)
def test_what_is_not_signed_right_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(WrongSignature):
        signing.verify_request([NEW], signing.sign_request([NEW], REQUEST, NOW) | change, REQUEST, NOW)


def test_another_secret_does_not_fit() -> None:
    with pytest.raises(WrongSignature):
        signing.verify_request([OLD], signing.sign_request([NEW], REQUEST, NOW), REQUEST, NOW)


@pytest.mark.parametrize("text", ["", "whsec_AAAA", "whsec_!", "a,b,c"])
def test_what_is_no_secret_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="secret"):
        signing.read_secrets(text)
