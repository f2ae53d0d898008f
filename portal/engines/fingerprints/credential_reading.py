"""Content Credentials (C2PA) of a file, within the child: read and verified by the library c2pa.

Nothing is fetched: neither manifests that the file names by an address, nor lists of trusted signers, nor whether a
certificate was revoked; the child has no network either, where it is isolated. No list of signers is given to the library, so
every signer is one that it does not know, and a name is what the signer's own certificate says.

The library hashes stretches of more than 256 MiB in a thread of its own, which an isolated child may not start. It then reports
another content than was signed; its explanation tells the two apart, and what does not say that hashes differ is UNKNOWN.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO, Any, Final

import c2pa

from portal.engines.fingerprints.content_credentials import (
    CHANGED,
    ELSEWHERE,
    INVALID,
    LONGEST_CODE,
    LONGEST_TEXT,
    MOST_TEXTS,
    NONE,
    PRESENT,
    SAME,
    UNKNOWN,
    UNREADABLE,
    UNSUPPORTED,
    VALID,
)

_SETTINGS: Final = {
    "verify": {
        "verify_after_reading": True,
        "remote_manifest_fetch": False,
        "ocsp_fetch": False,
        "verify_trust": True,
        # Nobody's time stamps are known here. Verified they would be left out; as it is, the page says whose word they are.
        "verify_timestamp_trust": False,
    },
    "core": {
        "allowed_network_hosts": [],
        "allow_redirects": False,
        "decode_identity_assertions": False,  # these may name addresses, which the list of hosts does not cover
        "max_decompressed_manifest_size_in_mb": 8,
    },
}
_MOST_MANIFESTS: Final = 24
_UNTRUSTED: Final = "signingCredential.untrusted"
_CONTENT: Final = re.compile(r"assertion\.(data|bmff|boxes|collection)Hash\.(match|mismatch)\Z")
_HASHES_DIFFER: Final = re.compile(r"hash verification\(")
_CODE: Final = re.compile(rf"[A-Za-z0-9._-]{{1,{LONGEST_CODE}}}\Z")
_ACTIONS: Final = ("c2pa.actions", "c2pa.actions.v2")


def prepare() -> None:
    """Load the settings once, while files can still be opened."""
    c2pa.Context.from_dict(_SETTINGS).close()


def read_credentials(file: IO[bytes]) -> dict[str, Any]:
    """What content_credentials.checked_credentials() then checks in the parent."""
    file.seek(0)
    try:
        # Without a type the library finds it by content.
        with c2pa.Context.from_dict(_SETTINGS) as context, c2pa.Reader(None, file, context=context) as reader:
            store = json.loads(reader.json())
    except c2pa.C2paError.ManifestNotFound:
        return {"status": NONE}
    except c2pa.C2paError.NotSupported:
        return {"status": UNSUPPORTED}
    except (c2pa.C2paError, ValueError) as error:
        return {"status": ELSEWHERE if str(error).startswith("Remote: must fetch") else UNREADABLE}
    return _told(store)


def _told(store: dict[str, Any]) -> dict[str, Any]:
    active = store["manifests"][store["active_manifest"]]
    # By label: the library keeps them in no order, and equal files must be told equally.
    others = [each for label, each in sorted(store["manifests"].items()) if label != store["active_manifest"]]
    succeeded, failed = _results(store, "success"), _results(store, "failure")
    signature, actions = active.get("signature_info") or {}, list(_actions(active))
    return {
        "status": PRESENT,
        "signature": _signature(succeeded, failed),
        "content": _content(succeeded, failed),
        "problems": _unique(iter(sorted(code for code, _ in _problems(store) if _CODE.match(code)))),
        "signer": _text(signature.get("common_name")),
        "organisation": _text(signature.get("issuer")),
        "signed_at": _moment(signature.get("time")),
        "created_at": next((when for each in actions if (when := _created_at(each))), ""),
        "generators": _unique(_generators(active)),
        "actions": _unique(_text(each.get("action")) for each in actions),
        "sources": _unique(_source(each) for each in actions),
        "earlier_sources": _unique(
            _source(each) for manifest in others[:_MOST_MANIFESTS] for each in _actions(manifest)
        ),
        "ingredients": _unique(_text(each.get("title")) for each in active.get("ingredients") or ()),
    }


def _results(store: dict[str, Any], kind: str) -> list[tuple[str, str]]:
    """Code and explanation of each check of the manifest in force that succeeded, or failed."""
    found = ((store.get("validation_results") or {}).get("activeManifest") or {}).get(kind) or ()
    return [(str(each.get("code", "")), str(each.get("explanation", ""))) for each in found]


def _problems(store: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What failed anywhere, but for the signer being unknown, and for contents that were not compared."""
    for each in store.get("validation_status") or ():
        code, explanation = str(each.get("code", "")), str(each.get("explanation", ""))
        if code != _UNTRUSTED and (not _CONTENT.match(code) or _HASHES_DIFFER.search(explanation)):
            yield code, explanation


def _signature(succeeded: list[tuple[str, str]], failed: list[tuple[str, str]]) -> str:
    validated = any(code == "claimSignature.validated" for code, _ in succeeded)
    return VALID if validated and not any(code.startswith("claimSignature.") for code, _ in failed) else INVALID


def _content(succeeded: list[tuple[str, str]], failed: list[tuple[str, str]]) -> str:
    """Whether the file is the one that was signed."""
    found = [explanation for code, explanation in failed if _CONTENT.match(code)]
    if any(_HASHES_DIFFER.search(each) for each in found):
        return CHANGED
    return SAME if not found and any(_CONTENT.match(code) for code, _ in succeeded) else UNKNOWN


def _generators(manifest: dict[str, Any]) -> Iterator[str]:
    """Programs and devices that wrote the claim, each with its version."""
    listed = manifest.get("claim_generator_info") or ()
    for each in listed:
        if isinstance(each, dict):
            yield _text(" ".join(str(each[key]) for key in ("name", "version") if each.get(key)))
    if not listed:
        yield _text(manifest.get("claim_generator"))


def _actions(manifest: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for assertion in manifest.get("assertions") or ():
        data = assertion.get("data")
        if str(assertion.get("label", "")).partition("__")[0] in _ACTIONS and isinstance(data, dict):
            listed = data.get("actions")
            yield from (each for each in (listed if isinstance(listed, list) else ()) if isinstance(each, dict))


def _created_at(action: dict[str, Any]) -> str:
    return _moment(action.get("when")) if action.get("action") == "c2pa.created" else ""


def _source(action: dict[str, Any]) -> str:
    """The last part of the address that names a digital source type."""
    return _text(str(action.get("digitalSourceType") or "").rpartition("/")[2])


def _moment(said: Any) -> str:
    """A moment in UTC; empty where it is none, or does not say of which zone it is."""
    try:
        found = datetime.fromisoformat(said)
        return found.astimezone(UTC).replace(microsecond=0).isoformat() if found.tzinfo else ""
    except (TypeError, ValueError, OverflowError):
        return ""


def _text(said: Any) -> str:
    text = said[:LONGEST_TEXT] if isinstance(said, str) else ""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _unique(texts: Iterator[str]) -> list[str]:
    found = dict[str, None]()
    for text in texts:
        if text and len(found) < MOST_TEXTS:
            found[text] = None
    return list(found)
