"""Bitstring Status Lists (W3C): which certificates of a list are suspended, and which are over for good.

A list has a bit for each of 131,072 certificates that follow one another by primary key. Which bit is whose follows
from a permutation of the list that only the portal's own key gives, so that neither a serial nor the order of issue
can be read from an index, nothing has to be stored, and every certificate has its bits from its first second.
"""

import gzip
import struct
from array import array
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import shake_256
from typing import Any, Final

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from certification.models import Certificate
from certification.proof.issuer import encode, issuer_did
from certification.states import CertificateState
from portal import vault

SIZE: Final = 131_072
REVOCATION, SUSPENSION = "revocation", "suspension"
PURPOSES: Final = (REVOCATION, SUSPENSION)
# For how long a list counts from when it was made; verifiers that keep one ask again by then.
COUNTS_FOR: Final = timedelta(minutes=5)
_ALIVE = (CertificateState.ACTIVE, CertificateState.SUSPENDED)


def list_of(certificate: Certificate) -> int:
    """The number of the list on which a certificate stands."""
    return int(certificate.pk) // SIZE


def index_of(certificate: Certificate) -> int:
    """The certificate's bit in its lists; the same for both purposes."""
    return _permutation(list_of(certificate), vault.keyed_fingerprint("status lists"))[certificate.pk % SIZE]


def list_address(purpose: str, number: int) -> str:
    """Where a list is."""
    return f"{settings.BASE_URL}{reverse('certification:status_list', args=[purpose, number])}"


def status_entries(certificate: Certificate) -> list[dict[str, str]]:
    """What a credential says of where its status is found."""
    index = str(index_of(certificate))
    return [
        {
            "id": f"{address}#{index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": purpose,
            "statusListIndex": index,
            "statusListCredential": address,
        }
        for purpose in PURPOSES
        for address in [list_address(purpose, list_of(certificate))]
    ]


def set_bits(purpose: str, number: int, at: datetime) -> list[int]:
    """The bits that are set now, by the rows and the clock `at`: no task has to have run. One query.

    Suspended is who can become valid again by a decision; revoked is whatever else was valid once and is over.
    """
    over = ~Q(state__in=_ALIVE) | Q(valid_to__lte=at)
    chosen = Q(state=CertificateState.SUSPENDED) if purpose == SUSPENSION else over
    rows = Certificate.objects.filter(chosen, pk__gte=number * SIZE, pk__lt=(number + 1) * SIZE)
    permutation = _permutation(number, vault.keyed_fingerprint("status lists"))
    return [permutation[pk % SIZE] for pk in rows.order_by().values_list("pk", flat=True)]


def list_credential(purpose: str, number: int, at: datetime) -> dict[str, Any]:
    """A list as a credential, ready to be signed."""
    address, did, until = list_address(purpose, number), issuer_did(), at + COUNTS_FOR
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": did,
        "validFrom": iso(at),
        "validUntil": iso(until),
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "ttl": int(COUNTS_FOR.total_seconds() * 1000),
            "encodedList": encoded_bits(set_bits(purpose, number, at)),
        },
        "iss": did,
        "jti": address,
        "nbf": int(at.timestamp()),
        "exp": int(until.timestamp()),
    }


def encoded_bits(indices: Iterable[int]) -> str:
    """Bits as the standard encodes them: the first is the highest of the first byte; GZIP, then multibase base64url."""
    bits = bytearray(SIZE // 8)
    for index in indices:
        bits[index // 8] |= 0x80 >> index % 8
    return "u" + encode(gzip.compress(bytes(bits), mtime=0))


def iso(moment: datetime) -> str:
    """A moment as credentials write it."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


@lru_cache(maxsize=32)
def _permutation(number: int, seed: str) -> "array[int]":
    """For each place of a list the bit that it has: the order of random words, drawn from the portal's key."""
    drawn = shake_256(f"{seed} {number}".encode()).digest(8 * SIZE)
    words = struct.unpack(f">{SIZE}Q", drawn)
    permutation = array("I", bytes(4 * SIZE))
    for bit, place in enumerate(sorted(range(SIZE), key=words.__getitem__)):
        permutation[place] = bit
    return permutation
