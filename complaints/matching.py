"""The machine's comparison of two videos: fingerprints, made once for each video, and what they have in common."""

from complaints.models import Fingerprint
from portal.engines import fingerprints
from portal.media import parts
from portal.media.models import MediaFile

ALGORITHM = "pdq"


class Unreadable(Exception):
    """The engine cannot decode a video; `code` is one of portal.media.refusals."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def is_identical(one: MediaFile, other: MediaFile) -> bool:
    """Whether both are the same file, byte for byte; then nothing need be decoded."""
    return one.sha256 == other.sha256


def has_fingerprint(media: MediaFile) -> bool:
    """Whether the present engine has been over the video."""
    return _kept(media) is not None


def make_fingerprint(media: MediaFile) -> Fingerprint:
    """The fingerprint of a video, not saved; takes seconds to minutes. Raises Unreadable."""
    try:
        with parts.open_plain(media) as plain:
            made = fingerprints.fingerprint(plain)
    except fingerprints.Refused as refused:
        raise Unreadable(refused.code) from refused
    return Fingerprint(media=media, algorithm=ALGORITHM, version=str(made.version), data=made.pack())


def compare(original: MediaFile, copy: MediaFile) -> fingerprints.Comparison:
    """What of the original is found in the copy. Raises LookupError while a fingerprint is missing."""
    if is_identical(original, copy):
        return fingerprints.identical(original.duration or 0.0)
    a, b = _unpacked(original), _unpacked(copy)
    return fingerprints.compare(a, b)


def _unpacked(media: MediaFile) -> fingerprints.Fingerprint:
    row = _kept(media)
    if row is None:
        raise LookupError("a fingerprint is missing")
    return fingerprints.Fingerprint.unpack(bytes(row.data))


def _kept(media: MediaFile) -> Fingerprint | None:
    rows = Fingerprint.objects.filter(media=media, algorithm=ALGORITHM, version=str(fingerprints.VERSION))
    return rows.first()
