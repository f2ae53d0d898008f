"""Signed credentials and status lists, as an implementation that shares no code with ours verifies them."""

import itertools
import json
from collections.abc import Callable, Iterator
from datetime import UTC, timedelta
from io import StringIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from openbadgeslib.ob3 import verifier
from openbadgeslib.ob3.status import decode_encoded_list, set_indices
from pytest_django import Settings

from certification.actions import certificates, signing_keys
from certification.models import Certificate, CheckKind, CheckMethod, CheckResult, SigningKey
from certification.proof import checked, status_lists
from certification.tests import factories as make
from portal import clock
from portal.evidence.actions import keys

SITE = "https://trust.example"
DID = "did:web:trust.example"
pytestmark = pytest.mark.django_db
Download = Callable[[str], bytes]
Verify = Callable[[str], Any]


@pytest.fixture(autouse=True)
def site(settings: Settings) -> Iterator[None]:
    settings.BASE_URL = SITE
    settings.ALLOWED_HOSTS = ["*"]
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def download(client: Client) -> Download:
    """What a verifier elsewhere fetches, straight from the site."""

    def fetch(url: str) -> bytes:
        assert url.startswith(SITE), url
        parts = urlsplit(url)
        answer = client.get(f"{parts.path}?{parts.query}")
        assert answer.status_code == 200, url
        return answer.content

    return fetch


@pytest.fixture
def verify(download: Download) -> Verify:
    """The independent verifier: it resolves the issuer, checks the signature, and reads both status lists."""

    def checked(token: str) -> Any:
        cache.clear()  # a minute later
        anchored = verifier.OB3Verifier.for_issuer_did(DID, download=download)
        return anchored.verify(token, check_status=True, download=download)

    return checked


def credential_of(certificate: Certificate, client: Client, **query: str) -> str:
    answer = client.get(f"{certificate.get_absolute_url()}credential.jwt", query)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/vc+jwt"
    return answer.content.decode()


def test_an_independent_implementation_verifies_a_credential(client: Client, verify: Verify) -> None:
    certificate = make.certificate("cn-law")
    found = verify(credential_of(certificate, client, lang="en"))
    assert found.issuer.id == DID
    assert found.achievement.name == certificate.labels["en"]
    assert found.identifiers[0].identity_hash == certificate.public_name
    assert found.issuance_date == certificate.valid_from.replace(microsecond=0)
    assert found.expiration_date == certificate.valid_to.replace(microsecond=0)
    assert "A person looked up the number in the official register" in found.evidence[0].narrative


def test_a_credential_that_was_changed_is_refused(client: Client, verify: Verify) -> None:
    header, body, signature = credential_of(make.certificate(), client).split(".")
    other = credential_of(make.certificate("cn-crafts"), client).split(".")[1]
    with pytest.raises(verifier.OB3VerificationError, match="Invalid signature"):
        verify(f"{header}.{other}.{signature}")
    assert verify(f"{header}.{body}.{signature}")


def test_it_is_refused_while_suspended_and_after_revocation(client: Client, verify: Verify) -> None:
    certificate = make.certificate()
    token = credential_of(certificate, client)
    assert verify(token)
    make.suspend(certificate)
    with pytest.raises(verifier.OB3VerificationError, match="'suspension' is set"):
        verify(token)
    other = make.certificate("cn-crafts")
    revoked = credential_of(other, client)
    make.revoke(other)
    with pytest.raises(verifier.OB3VerificationError, match="'revocation' is set"):
        verify(revoked)


def test_it_is_refused_once_surrendered(client: Client, verify: Verify) -> None:
    certificate = make.certificate()
    token = credential_of(certificate, client)
    certificates.surrender_certificate(certificate=certificate, by=certificate.holder)
    with pytest.raises(verifier.OB3VerificationError, match="'revocation' is set"):
        verify(token)


def test_the_bit_of_one_that_ended_is_set_before_any_task_has_run(download: Download) -> None:
    certificate = make.certificate()
    number, index = status_lists.list_of(certificate), status_lists.index_of(certificate)
    address = status_lists.list_address(status_lists.REVOCATION, number)
    for moment, is_set in ((certificate.valid_to - timedelta(seconds=1), False), (certificate.valid_to, True)):
        cache.clear()
        with clock.freeze_time(moment):
            found = payload_of(download(address).decode())
        assert (index in bits_of(found)) is is_set
        assert certificate.state == "active"


def test_a_list_says_for_how_long_it_counts_and_is_not_older_than_that(download: Download) -> None:
    certificate = make.certificate()
    number, now = status_lists.list_of(certificate), clock.now()
    address = status_lists.list_address(status_lists.SUSPENSION, number)
    with clock.freeze_time(now):
        found = payload_of(download(address).decode())
    assert found["credentialSubject"]["ttl"] == 300_000
    assert found["exp"] - found["nbf"] == 300
    assert found["nbf"] == int(now.timestamp())
    assert len(decode_encoded_list(found["credentialSubject"]["encodedList"])) * 8 == 131_072


def test_indices_are_a_permutation_that_tells_no_order(settings: Settings) -> None:
    rows = [Certificate(pk=3 * status_lists.SIZE + place) for place in range(status_lists.SIZE)]
    indices = [status_lists.index_of(row) for row in rows]
    assert sorted(indices) == list(range(status_lists.SIZE))
    ascending = sum(later > earlier for earlier, later in itertools.pairwise(indices))
    assert 0.49 < ascending / len(indices) < 0.51
    # Another portal's key gives another order.
    settings.FINGERPRINT_KEY = "A" * 43 + "="
    assert status_lists.index_of(rows[0]) != indices[0] or status_lists.index_of(rows[1]) != indices[1]


def test_what_was_signed_before_a_rotation_stays_verifiable(client: Client, verify: Verify, download: Download) -> None:
    certificate = make.certificate()
    before = credential_of(certificate, client)
    old = signing_keys.current_signing_key()
    new = signing_keys.rotate_signing_key()
    after = credential_of(certificate, client)
    assert kid_of(before) == f"{DID}#{old.kid}" != kid_of(after) == f"{DID}#{new.kid}"
    assert verify(before)
    assert verify(after)
    old.refresh_from_db()
    assert old.private_sealed == ""
    document = json.loads(download(f"{SITE}/.well-known/did.json"))
    assert [method["id"].partition("#")[2] for method in document["verificationMethod"]] == [new.kid, old.kid]
    assert "d" not in document["verificationMethod"][0]["publicKeyJwk"]
    signing_keys.withdraw_signing_key(old.kid)
    with pytest.raises(verifier.OB3VerificationError, match="no verificationMethod"):
        verify(before)
    assert verify(after)


def test_the_command_rotates_lists_and_withdraws() -> None:
    first = signing_keys.current_signing_key()
    with pytest.raises(CommandError, match="Rotate first"):
        call_command("signing_keys", withdraw=first.kid)
    out = StringIO()
    call_command("signing_keys", "--rotate", stdout=out)
    call_command("signing_keys", "--withdraw", first.kid, stdout=out)
    last = out.getvalue().splitlines()[-2:]
    assert last[0].endswith("signs now")
    assert "withdrawn" in last[1]


def test_the_private_key_is_sealed_and_renewed_with_the_others(settings: Settings) -> None:
    key = signing_keys.current_signing_key()
    opened = key.opened()
    assert opened not in key.private_sealed
    settings.EVIDENCE_KEYS = ["new:" + "B" * 43 + "=", *settings.EVIDENCE_KEYS]
    assert keys.rotate_keys()["signing keys"] == 1
    renewed = SigningKey.objects.get()
    assert ".new." in renewed.private_sealed
    assert renewed.opened() == opened


def test_a_certificate_that_is_not_valid_gets_no_credential(client: Client) -> None:
    certificate = make.certificate()
    make.suspend(certificate)
    answer = client.get(f"{certificate.get_absolute_url()}credential.jwt")
    assert answer.status_code == 410
    assert "suspended" in answer.content.decode()


@pytest.mark.parametrize("path", ["revocation/9999999", "renewal/0", "suspension/999999999999999999999"])
def test_a_list_that_nobody_is_on_does_not_exist(client: Client, path: str) -> None:
    assert client.get(f"/status/{path}/").status_code == 404


def test_the_same_request_again_is_answered_with_304(client: Client) -> None:
    certificate = make.certificate()
    for path in ("credential.jwt", "badge.svg"):
        first = client.get(certificate.get_absolute_url() + path)
        assert first["Cache-Control"] == "public, max-age=60"
        again = client.get(certificate.get_absolute_url() + path, headers={"If-None-Match": first["ETag"]})
        assert again.status_code == 304


def payload_of(token: str) -> Any:
    return json.loads(decoded(token.split(".")[1]))


def kid_of(token: str) -> str:
    return str(json.loads(decoded(token.split(".", maxsplit=1)[0]))["kid"])


def decoded(part: str) -> bytes:
    from openbadgeslib._jws.utils import base64url_decode

    return bytes(base64url_decode(part))


def bits_of(found: Any) -> frozenset[int]:
    return frozenset(set_indices(decode_encoded_list(found["credentialSubject"]["encodedList"])))


def test_dates_are_in_utc_whatever_the_readers_zone(client: Client) -> None:
    certificate = make.certificate()
    client.cookies["timezone"] = "Pacific/Kiritimati"
    here = credential_of(certificate, client)
    del client.cookies["timezone"]
    assert credential_of(certificate, client) == here
    assert payload_of(here)["validFrom"] == certificate.valid_from.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_later_look_without_a_result_takes_no_confirmation_back() -> None:
    certificate = make.certificate("cn-law")
    [before] = checked.checked_credentials(certificate)
    assert any("looked up the number in the official register" in way for way in before.ways)
    look = certificate.application.checks.filter(kind=CheckKind.REGISTRY).get()
    for result in (CheckResult.INCONCLUSIVE, CheckResult.FAILED):
        look.pk, look.result, look.method, look.by = None, result, CheckMethod.REGISTRY, None
        look.save(force_insert=True)
        [after] = checked.checked_credentials(certificate)
        assert (after.ways == before.ways) is (result == CheckResult.INCONCLUSIVE)
