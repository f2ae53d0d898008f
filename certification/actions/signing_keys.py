"""The keys with which credentials and status lists are signed: made, rotated, withdrawn.

What was signed before a rotation stays verifiable: the old public key stays in the issuer's document. Withdrawing a key
takes it out, where its private half may have been learned by others; everything that it has signed is then worthless.
"""

import secrets

from django.db import transaction

from certification import events
from certification.models import SigningKey
from certification.proof import issuer
from portal import clock
from portal.audit import trail
from portal.errors import Conflict
from portal.evidence.actions import keys
from portal.workflow import lock_names, write_row

_LOCK = "certification.signing_keys"


def current_signing_key() -> SigningKey:
    """The key that signs now; the first is made when it is first needed. One query."""
    return SigningKey.objects.current() or _make_first_key()


def rotate_signing_key() -> SigningKey:
    """Sign with a new key from now on. The private half of the one before is deleted."""
    with transaction.atomic():
        lock_names(_LOCK)
        if (current := SigningKey.objects.current()) is not None:
            write_row(current, {"retired_at": clock.now(), "private_sealed": ""})
        return _make_key()


def withdraw_signing_key(kid: str) -> SigningKey:
    """Take a retired key out of the issuer's document. Raises Conflict for one that still signs or is withdrawn."""
    with transaction.atomic():
        lock_names(_LOCK)
        key = SigningKey.objects.filter(kid=kid, withdrawn_at=None).exclude(retired_at=None).first()
        if key is None:
            raise Conflict("Only a retired key that is still published can be withdrawn. Rotate first.")
        write_row(key, {"withdrawn_at": clock.now()})
        trail.record_event(events.SIGNING_KEY_WITHDRAWN, key, by=None, kid=key.kid)
        return key


def renew_sealed_keys() -> int:
    """Seal the private key under the vault's current key; returns how many were renewed."""
    return keys.renew_column(SigningKey.objects.all(), "private_sealed", bound_to=lambda row: row.bound_to)


def _make_first_key() -> SigningKey:
    with transaction.atomic():
        lock_names(_LOCK)
        return SigningKey.objects.current() or _make_key()


def _make_key() -> SigningKey:
    private, public = issuer.new_key_pair()
    key = SigningKey(kid=f"key-{secrets.token_hex(4)}", public_key=public, created_at=clock.now())
    key.private_sealed = key.seal(private)
    key.save(force_insert=True)
    trail.record_event(events.SIGNING_KEY_MADE, key, by=None, kid=key.kid)
    return key
