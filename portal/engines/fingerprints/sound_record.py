"""What is kept of a sound, and its packed form."""

import hashlib
import json
import struct
import zlib
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from portal.engines.fingerprints.record import Unreadable
from portal.engines.fingerprints.sound_cells import BANDS, CELL_MOST, ROWS, Cells

SOUND_VERSION: Final = 1  # of everything that shapes a fingerprint of sound
MOST_ROWS: Final = 1 << 20
_MAGIC: Final = b"CTFS"
_HEAD: Final = struct.Struct("<4sHI")  # magic, version, rows
_DETAIL: Final = 256  # bytes
_EFFORT: Final = 6  # of compression, 1..9
_HEARD: Final = 100  # sum of squares of a row from which something is heard that can be recognised


@dataclass(frozen=True, eq=False)
class SoundFingerprint:
    """`cells` (int8 [rows, BANDS], see sound_cells.py): ROWS a second from second 0. `duration` in seconds.

    `silent`: nothing is heard at all. `truncated`: the sound goes on, or parts of it did not decode. A file without sound
    has no rows.
    """

    duration: float
    cells: Cells
    silent: bool
    truncated: bool
    version: int = SOUND_VERSION

    @property
    def heard_share(self) -> float:
        """The share of its seconds, 0..1, in which something is heard that can be recognised."""
        return float(self.heard().mean()) if len(self.cells) else 0.0

    @property
    def heard_seconds(self) -> float:
        return float(self.heard().sum()) / ROWS

    def heard(self) -> npt.NDArray[np.bool_]:
        """Of each row: whether something is heard that can be recognised."""
        return np.asarray((self.cells.astype(np.int16) ** 2).sum(axis=1) >= _HEARD)

    def digest(self) -> bytes:
        """Equal for equal fingerprints; orders any two others, whichever is named first."""
        return hashlib.sha256(repr(self.duration).encode() + np.ascontiguousarray(self.cells).tobytes()).digest()

    def pack(self) -> bytes:
        """As stored; unpack() reads it."""
        detail = {"duration": self.duration, "silent": self.silent, "truncated": self.truncated}
        body = json.dumps(detail).encode().ljust(_DETAIL) + np.ascontiguousarray(self.cells).tobytes()
        return _HEAD.pack(_MAGIC, self.version, len(self.cells)) + zlib.compress(body, _EFFORT)

    @classmethod
    def unpack(cls, data: bytes) -> "SoundFingerprint":
        """What `pack` wrote; raises Unreadable for anything else."""
        if len(data) < _HEAD.size:
            raise Unreadable("too little")
        magic, version, count = _HEAD.unpack_from(data)
        if magic != _MAGIC or version != SOUND_VERSION or count > MOST_ROWS:
            raise Unreadable("not of this version")
        body = _opened(data[_HEAD.size :], _DETAIL + count * BANDS)
        duration, silent, truncated = _detail(body[:_DETAIL])
        cells = np.frombuffer(body[_DETAIL:], np.int8).reshape(count, BANDS)
        if count and (cells.max() > CELL_MOST or cells.min() < -CELL_MOST):
            raise Unreadable("cells")
        if count > (duration + 1) * ROWS:
            raise Unreadable("duration")
        return cls(duration, cells, silent, truncated)


def unheard_sound(duration: float) -> SoundFingerprint:
    """Of a sound that cannot be read: it is like no other."""
    return SoundFingerprint(duration, np.zeros((0, BANDS), np.int8), silent=False, truncated=True)


def _opened(packed: bytes, size: int) -> bytes:
    opener = zlib.decompressobj()
    try:
        body = opener.decompress(packed, size + 1)
    except zlib.error as error:
        raise Unreadable("not compressed") from error
    if len(body) != size or not opener.eof or opener.unused_data:
        raise Unreadable("size")
    return body


def _detail(line: bytes) -> tuple[float, bool, bool]:
    try:
        found = json.loads(line)
        duration = float(found["duration"])
        silent, truncated = found["silent"] is True, found["truncated"] is True
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
        raise Unreadable("detail") from error
    if not 0 <= duration < 1e6:
        raise Unreadable("duration")
    return duration, silent, truncated
