"""Content Credentials of both works in words, as the sealed file has them. They are shown, and nothing is derived from them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.wording.terms import joined_texts
from portal.engines.fingerprints import content_credentials as engine

_UNVERIFIED: Final = "unverified"  # of files that were sealed before signatures were verified
_MOST_SHOWN: Final = 6  # of one list
_AI: Final = frozenset({"trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia"})
_WITHOUT: Final[dict[str, Promise]] = {
    engine.NONE: gettext_lazy(
        "None in this file. That means nothing: platforms remove them from nearly every file that they serve, and most "
        "cameras and programs write none."
    ),
    engine.UNSUPPORTED: gettext_lazy("Not looked for: they cannot be read in files of this type. That means nothing."),
    engine.ELSEWHERE: gettext_lazy(
        "The file only names an address where they would be. The portal fetches nothing from there. That means nothing."
    ),
    engine.UNREADABLE: gettext_lazy(
        "They could not be read: something in the file is damaged, or reading it took more memory or time than allowed. "
        "That means nothing."
    ),
}
_SENTENCES: Final[dict[tuple[str, str], Promise]] = {
    (engine.VALID, engine.SAME): gettext_lazy("The signature is valid, and the file is as it was signed."),
    (engine.VALID, engine.CHANGED): gettext_lazy("The signature is valid. The file was changed after it was signed."),
    (engine.VALID, engine.UNKNOWN): gettext_lazy(
        "The signature is valid. Whether the file was changed after it was signed could not be checked, as with most files "
        "of more than 256 MB."
    ),
}
_NOT_VALID: Final = gettext_lazy("The signature is not valid. What follows may have been written by anyone.")
_SHORT_SENTENCES: Final[dict[str, Promise]] = {
    engine.SAME: gettext_lazy("the signature is valid"),
    engine.CHANGED: gettext_lazy("the signature is valid, the file was changed since"),
    engine.UNKNOWN: gettext_lazy("the signature is valid, changes of the file not checked"),
}
_PROBLEMS: Final[dict[str, Promise]] = {
    "signingCredential.expired": gettext_lazy("the certificate has expired"),
    "signingCredential.revoked": gettext_lazy("the certificate was revoked"),
    "signingCredential.ocsp.revoked": gettext_lazy("the certificate was revoked"),
    "signingCredential.invalid": gettext_lazy("the certificate is none that may sign works"),
    "assertion.hashedURI.mismatch": gettext_lazy("a statement was changed after it was signed"),
    "assertion.missing": gettext_lazy("a statement is missing"),
    "ingredient.hashedURI.mismatch": gettext_lazy("the credentials of a work that it was made of were changed"),
    "ingredient.manifest.mismatch": gettext_lazy("the credentials of a work that it was made of were changed"),
}
# What the sentence has said already.
_SAID: Final = ("claimSignature.", "assertion.dataHash.", "assertion.bmffHash.", "assertion.boxesHash.")
_SOURCES: Final[dict[str, Promise]] = {
    "trainedAlgorithmicMedia": gettext_lazy("made by AI"),
    "compositeWithTrainedAlgorithmicMedia": gettext_lazy("has parts made by AI"),
    "algorithmicMedia": gettext_lazy("made by a program without a trained model"),
    "algorithmicallyEnhanced": gettext_lazy("enhanced by a program"),
    "digitalCapture": gettext_lazy("recorded by a camera or microphone"),
    "computationalCapture": gettext_lazy("recorded, and put together by the device"),
    "humanEdits": gettext_lazy("edited by a person"),
    "minorHumanEdits": gettext_lazy("slightly edited by a person"),
    "digitalCreation": gettext_lazy("made by a person with software"),
    "digitalArt": gettext_lazy("made by a person with software"),
    "screenCapture": gettext_lazy("recorded from a screen"),
    "composite": gettext_lazy("put together from several works"),
    "compositeCapture": gettext_lazy("put together from several recordings"),
    "compositeSynthetic": gettext_lazy("put together, with synthetic parts"),
}
_ACTIONS: Final[dict[str, Promise]] = {
    "c2pa.created": gettext_lazy("created"),
    "c2pa.opened": gettext_lazy("file opened"),
    "c2pa.edited": gettext_lazy("edited"),
    "c2pa.edited.metadata": gettext_lazy("metadata edited"),
    "c2pa.adjustedColor": gettext_lazy("colours adjusted"),
    "c2pa.color_adjustments": gettext_lazy("colours adjusted"),
    "c2pa.converted": gettext_lazy("converted"),
    "c2pa.cropped": gettext_lazy("cropped"),
    "c2pa.drawing": gettext_lazy("drawn on"),
    "c2pa.filtered": gettext_lazy("filtered"),
    "c2pa.orientation": gettext_lazy("turned"),
    "c2pa.placed": gettext_lazy("another work placed in it"),
    "c2pa.published": gettext_lazy("made public"),
    "c2pa.removed": gettext_lazy("a part removed"),
    "c2pa.repackaged": gettext_lazy("repackaged"),
    "c2pa.resized": gettext_lazy("resized"),
    "c2pa.transcoded": gettext_lazy("re-encoded"),
    "c2pa.watermarked": gettext_lazy("watermark added"),
}


@dataclass(frozen=True)
class Fact:
    """One thing that the credentials say: a text, or a moment."""

    label: str
    text: str = ""
    at: datetime | None = None
    strong: bool = False


@dataclass(frozen=True)
class Credentials:
    """Those of one work: what they are worth in a sentence, and what they say."""

    label: str
    sentence: str
    is_present: bool
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class Signing:
    """A moment that the credentials of a work name. `stamped`: by a time stamp, else it is a mere statement."""

    side: str
    at: datetime
    stamped: bool
    source: str


def shown_credentials(summary: dict[str, Any]) -> list[Credentials]:
    """Of both works; empty where none were looked for."""
    said, labels = _said(summary), {"original": _("Original"), "copy": _("Alleged copy")}
    return [_shown(label, said[side]) for side, label in labels.items() if side in said]


def signings(summary: dict[str, Any]) -> Iterator[Signing]:
    """The moments at which either work is said to have been created or signed."""
    for side, said in _said(summary).items():
        if said["status"] == engine.PRESENT:
            for name, stamped in (("created_at", False), ("signed_at", True)):
                if said[name]:
                    yield Signing(side, datetime.fromisoformat(said[name]), stamped, _source(said, stamped=stamped))


def _said(summary: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By side, also of summaries that were sealed before signatures were verified."""
    found: dict[str, dict[str, Any]] = summary.get("content_credentials", {})
    if found:
        return found
    old = summary.get("credentials") or {}
    return {side: {**said, "status": _UNVERIFIED if said["present"] else engine.NONE} for side, said in old.items()}


def _shown(label: str, said: dict[str, Any]) -> Credentials:
    status = said["status"]
    if status == _UNVERIFIED:
        return Credentials(label, _("Present, not verified"), True, tuple(_statements(said)))
    if status != engine.PRESENT:
        return Credentials(label, str(_WITHOUT[status]), False)
    return Credentials(
        label, str(_SENTENCES.get((said["signature"], said["content"]), _NOT_VALID)), True, tuple(_facts(said))
    )


def _facts(said: dict[str, Any]) -> Iterator[Fact]:
    if failed := _failed(said["problems"]):
        yield Fact(_("Failed checks"), _listed(failed), strong=True)
    yield Fact(_("Signed by"), _("%(name)s, who is not on any list of this portal") % {"name": signer_name(said)})
    if said["signed_at"]:
        yield Fact(_("Time stamp"), at=datetime.fromisoformat(said["signed_at"]))
    else:
        yield Fact(_("Time stamp"), _("none, so nobody else says when it was signed"))
    if said["created_at"]:
        yield Fact(_("Created, as the signer says"), at=datetime.fromisoformat(said["created_at"]))
    yield from _statements(said)
    if said["earlier_sources"]:
        yield _of_sources(_("Source of a work that it was made of"), said["earlier_sources"])
    if said["ingredients"]:
        yield Fact(_("Made of"), _listed(said["ingredients"]))


def _statements(said: dict[str, Any]) -> Iterator[Fact]:
    """What credentials of either age say."""
    if said["sources"]:
        yield _of_sources(_("Claimed source"), said["sources"])
    if said["generators"]:
        yield Fact(_("Written by"), _listed(said["generators"]))
    if said["actions"]:
        yield Fact(_("Claimed actions"), _listed([str(_ACTIONS.get(each, each)) for each in said["actions"]]))


def _of_sources(label: str, codes: Sequence[str]) -> Fact:
    """Whether AI made it comes first and is stressed."""
    ordered = sorted(codes, key=lambda code: code not in _AI)
    texts = list(dict.fromkeys(str(_SOURCES.get(code, code)) for code in ordered))
    return Fact(label, _listed(texts), strong=not _AI.isdisjoint(codes))


def _listed(texts: Sequence[str]) -> str:
    """So few that a file cannot fill the page; the sealed file has all."""
    shown, more = joined_texts(list(texts[:_MOST_SHOWN])), len(texts) - _MOST_SHOWN
    return shown if more <= 0 else _("%(shown)s, and %(count)d more") % {"shown": shown, "count": more}


def _failed(problems: Sequence[str]) -> list[str]:
    """What failed besides what the sentence says."""
    return list(dict.fromkeys(str(_PROBLEMS.get(code, code)) for code in problems if not code.startswith(_SAID)))


def signer_name(said: dict[str, Any]) -> str:
    """Who signed, as the certificate says."""
    name, organisation = said["signer"], said["organisation"]
    if name and organisation and name != organisation:
        return _("%(name)s (%(organisation)s)") % {"name": name, "organisation": organisation}
    return name or organisation or _("a signer without a name")


def _source(said: dict[str, Any], *, stamped: bool) -> str:
    """Whose word a moment is, and what that is worth."""
    valid = said["signature"] == engine.VALID
    worth = [str(_SHORT_SENTENCES[said["content"]]) if valid else _("the signature is not valid")]
    if _failed(said["problems"]):
        worth.append(_("other checks failed"))
    worth.append(_("the signer is unknown to the portal"))
    text = (
        _("by a time stamp in the file, signed by %(name)s; %(worth)s")
        if stamped
        else _("as signed in the file by %(name)s; %(worth)s")
    )
    return text % {"name": signer_name(said), "worth": _("; ").join(worth)}
