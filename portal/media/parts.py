"""Videos as they lie in the storage: encrypted parts of at most 4 MiB, and how their bytes are read back."""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, NamedTuple, cast

from django.db.models import F
from django.utils.translation import gettext as _

from portal import vault
from portal.errors import Conflict
from portal.evidence import blobs
from portal.media.models import MediaFile

PART_BYTES = 4 << 20


class PartLocation(NamedTuple):
    """Where one part lies, and which bytes of the video it is."""

    offset: int
    size: int
    location: str


def part_label(file: MediaFile, offset: int) -> str:
    """What the ciphertext of the part at `offset` is bound to."""
    return f"media.part:{file.pk}:{offset}"


def poster_label(file: MediaFile) -> str:
    """What a poster's ciphertext is bound to."""
    return f"media.poster:{file.pk}"


def read_video(file: MediaFile, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """The bytes from `start` up to, not with, `end` (default: all), in pieces of at most 4 MiB.

    Where they lie is looked up at once; only the parts that are needed are decrypted, one at a time,
    as they are asked for. Raises Conflict if the video was purged, StorageDown, vault.Tampered.
    """
    if file.purged_at is not None:
        raise Conflict(_("This file has been deleted because its retention period has ended."))
    stop = file.size if end is None else min(end, file.size)
    return _decrypted_parts(file, _places(file, start, stop), start, stop)


def video_digest(file: MediaFile) -> str:
    """SHA-256 of what has arrived, in hex digits."""
    found = hashlib.sha256()
    for piece in read_video(file):
        found.update(piece)
    return found.hexdigest()


def read_poster(file: MediaFile) -> bytes:
    """The still picture as JPEG, b"" where there is none; raises StorageDown, vault.Tampered."""
    if not file.poster:
        return b""
    return vault.decrypt_bytes(blobs.read_blob(file.poster), data_key=file.data_key(), bound_to=poster_label(file))


@contextmanager
def open_decrypted(file: MediaFile) -> Iterator[BinaryIO]:
    """The decrypted video in a temporary file without a name, at its beginning, for an engine's child.

    The file has no entry in any folder: it is gone when it is closed, however this process ends.
    Raises what `read` raises, and vault.Tampered unless the bytes are those of the hash.
    """
    with tempfile.TemporaryFile() as plain:
        found = hashlib.sha256()
        for piece in read_video(file):
            found.update(piece)
            plain.write(piece)
        if found.hexdigest() != file.sha256:
            raise vault.Tampered(str(file.pk))
        plain.flush()
        plain.seek(0)
        yield cast("BinaryIO", plain)


def _places(file: MediaFile, start: int, end: int) -> list[PartLocation]:
    near = file.parts.filter(offset__lt=end, offset__gt=start - F("size")).order_by("offset")
    return [PartLocation(*row) for row in near.values_list("offset", "size", "location")]


def _decrypted_parts(file: MediaFile, places: list[PartLocation], start: int, end: int) -> Iterator[bytes]:
    """The plain bytes; raises for a gap between parts as for a changed part."""
    key, position = file.data_key(), start
    for place in places:
        data = vault.decrypt_bytes(
            blobs.read_blob(place.location), data_key=key, bound_to=part_label(file, place.offset)
        )
        piece = memoryview(data)[max(start - place.offset, 0) : end - place.offset]
        if len(data) != place.size or max(place.offset, start) != position:
            raise vault.Tampered(part_label(file, place.offset))
        position += len(piece)
        yield bytes(piece)
