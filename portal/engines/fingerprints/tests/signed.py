"""Files with Content Credentials, signed by the library's own signer under a chain of certificates made here."""

import functools
import io
from datetime import UTC, datetime
from typing import Any, Final

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from PIL import Image

SIGNER, ORGANISATION = "Example Signing", "Example Studio"
AI: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
CREATED: Final = "2026-02-03T04:05:06Z"
_FROM, _TO = datetime(2020, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC)
_SETTINGS: Final = {"verify": {"verify_after_sign": False}, "builder": {"thumbnail": {"enabled": False}}}


def manifest(*, generator: str = "Example Camera", actions: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """What is signed: made with a model, unless other actions are given."""
    made = {"action": "c2pa.created", "when": CREATED, "digitalSourceType": AI}
    return {
        "claim_generator_info": [{"name": generator, "version": "2.1"}],
        "assertions": [{"label": "c2pa.actions", "data": {"actions": [made] if actions is None else actions}}],
    }


def sign(
    data: bytes,
    media_type: str,
    said: dict[str, Any] | None = None,
    *,
    address: str = "",
    made_of: tuple[str, bytes, str] | None = None,
) -> bytes:
    """The file with a manifest in it, or, with `address`, with nothing but where one would be.

    `made_of`: title, bytes and media type of another work that it was made of.
    """
    chain, key = certificates()
    with c2pa.Context.from_dict(_SETTINGS) as context, c2pa.Builder(said or manifest(), context=context) as builder:
        if made_of is not None:
            builder.add_ingredient(
                {"title": made_of[0], "relationship": "componentOf"}, made_of[2], io.BytesIO(made_of[1])
            )
        if address:
            builder.set_no_embed()
            builder.set_remote_url(address)
        written = io.BytesIO()
        signer = c2pa.Signer.from_info(c2pa.C2paSignerInfo(c2pa.C2paSigningAlg.ES256, chain, key, None))
        builder.sign(signer, media_type, io.BytesIO(data), written)
    return written.getvalue()


@functools.cache
def certificates() -> tuple[bytes, bytes]:
    """A signer's certificate with that of the authority that issued it, and the signer's key, as PEM."""
    authority, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    issuer, subject = _name("Example Authority", "Example Authority"), _name(ORGANISATION, SIGNER)
    usage = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    of_authority = x509.SubjectKeyIdentifier.from_public_key(authority.public_key())
    root = (
        _certificate(issuer, issuer, authority)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, **usage), critical=True)
        .add_extension(of_authority, critical=False)
    )
    leaf = (
        _certificate(subject, issuer, own)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(digital_signature=True, key_cert_sign=False, crl_sign=False, **usage), critical=True
        )
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(of_authority), critical=False)
    )
    chain = b"".join(
        each.sign(authority, hashes.SHA256()).public_bytes(serialization.Encoding.PEM) for each in (leaf, root)
    )
    key = own.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return chain, key


def picture(kind: str = "JPEG") -> bytes:
    """A small picture."""
    written = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").save(written, kind)
    return written.getvalue()


def _name(organisation: str, common: str) -> x509.Name:
    parts = ((NameOID.ORGANIZATION_NAME, organisation), (NameOID.COMMON_NAME, common))
    return x509.Name([x509.NameAttribute(*part) for part in parts])


def _certificate(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    began = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    return began.serial_number(x509.random_serial_number()).not_valid_before(_FROM).not_valid_after(_TO)
