"""Who signs: the issuer's `did:web`, its document with the published keys, and signatures as compact JWT."""

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.utils.translation import gettext as _

from certification.models import SigningKey


def issuer_did() -> str:
    """The issuer's decentralised identifier, which follows from the address of the site."""
    return f"did:web:{quote(urlsplit(settings.BASE_URL).netloc, safe='')}"


def issuer_profile() -> dict[str, Any]:
    """The issuer as credentials name it."""
    return {"id": issuer_did(), "type": ["Profile"], "name": _("Creator Trust Portal"), "url": settings.BASE_URL}


def did_document(keys: Iterable[SigningKey]) -> dict[str, Any]:
    """The document of the issuer's identifier: the keys with which its signatures are verified, the current one first."""
    did = issuer_did()
    methods = [
        {"id": f"{did}#{key.kid}", "type": "JsonWebKey", "controller": did, "publicKeyJwk": _public_jwk(key)}
        for key in keys
    ]
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
        "service": [{"id": f"{did}#register", "type": "LinkedDomains", "serviceEndpoint": settings.BASE_URL}],
    }


def new_key_pair() -> tuple[str, str]:
    """A fresh private key and its public half, both as base64url of 32 bytes."""
    private = Ed25519PrivateKey.generate()
    return encode(private.private_bytes_raw()), encode(private.public_key().public_bytes_raw())


def signed_jwt(credential: Mapping[str, Any], key: SigningKey) -> str:
    """A verifiable credential as a compact JWT (`vc+jwt`): the credential itself is the payload, beside registered claims.

    Signed again with the same key it is the same text, because Ed25519 has no random part.
    """
    header = {"alg": "EdDSA", "typ": "vc+jwt", "cty": "vc", "kid": f"{issuer_did()}#{key.kid}"}
    signed = f"{_json(header)}.{_json(credential)}"
    private = Ed25519PrivateKey.from_private_bytes(decode(key.opened()))
    return f"{signed}.{encode(private.sign(signed.encode()))}"


def encode(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decode(text: str) -> bytes:
    """What encode() was given."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _public_jwk(key: SigningKey) -> dict[str, str]:
    return {"kty": "OKP", "crv": key.algorithm, "x": key.public_key, "alg": "EdDSA", "use": "sig", "kid": key.kid}


def _json(data: Mapping[str, Any]) -> str:
    return encode(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode())
