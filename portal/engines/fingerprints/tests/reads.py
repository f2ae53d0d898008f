"""Films in memory read through the real child process."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from portal.engines import fingerprints
from portal.engines.fingerprints import LIMITS, Fingerprint, Limits, Probe


@contextmanager
def opened(data: bytes) -> Iterator[BinaryIO]:
    """The film as a file without a name."""
    with tempfile.TemporaryFile() as file:
        file.write(data)
        yield cast("BinaryIO", file)


def probe(data: bytes, bounds: Limits = LIMITS) -> Probe:
    with opened(data) as file:
        return fingerprints.probe_video(file, bounds=bounds)


def fingerprint(data: bytes, bounds: Limits = LIMITS) -> Fingerprint:
    with opened(data) as file:
        return fingerprints.fingerprint_video(file, bounds=bounds)
