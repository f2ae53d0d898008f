"""Other methods on the same files: vPDQ's published rule, PDQ in eight orientations aligned, the MPEG-7 signature of ffmpeg.

The first two are computed here with the engine's PDQ, which equals the reference; the third is run where ffmpeg is installed.
"""

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import av
import numpy as np
import numpy.typing as npt

from portal.engines.fingerprints import pdq

RULE: Final = "vpdq_rule"
DIHEDRAL: Final = "pdq_dihedral"
SIGNATURE: Final = "ffmpeg_signature"

_STEP: Final = 0.25  # s between samples
_BITS: Final = 31  # vPDQ's own distance, quality and share
_QUALITY: Final = 50
_SHARE: Final = 0.8
_HITS: Final = 4  # aligned samples, .75 s from the first to the last
_SIGNATURE_SECONDS: Final = 120
_FRAMES: Final = re.compile(r"(\d+) frames matching")


class Samples:
    """PDQ hashes of a video's whole pictures, four a second."""

    def __init__(self, hashes: pdq.Hashes, quality: npt.NDArray[np.uint8]) -> None:
        self.hashes = hashes
        self.quality = quality
        self.good = quality >= _QUALITY

    @classmethod
    def of(cls, path: Path) -> "Samples":
        """Read from a video."""
        pictures: list[npt.NDArray[np.uint8]] = []
        with av.open(path, "r") as source:
            for frame in source.decode(video=0):
                if float(frame.time or 0.0) >= len(pictures) * _STEP:
                    luma = frame.reformat(pdq.SIDE, pdq.SIDE, "gray", interpolation="AREA", threads=1)
                    pictures.append(luma.to_ndarray().astype(np.uint8, copy=False))
        stacked = np.stack(pictures)
        return cls(pdq.pdq_hashes(stacked), pdq.pdq_quality(stacked))


def vpdq_rule(work: Samples, copy: Samples) -> bool:
    """Of the copy's good frames, one a second, at least 80 % are within 31 bits of a good one of the work."""
    step = round(1 / _STEP)
    left, right = work.hashes[::step, 0][work.good[::step]], copy.hashes[::step, 0][copy.good[::step]]
    if not len(left) or not len(right):
        return False
    near = pdq.hash_distances(left, right).min(axis=0) <= _BITS
    return float(near.mean()) >= _SHARE


def pdq_dihedral(work: Samples, copy: Samples) -> bool:
    """In one of eight orientations and at one offset, at least four samples are alike."""
    both = np.outer(work.good, copy.good)
    shift = np.subtract.outer(np.arange(len(work.good)), np.arange(len(copy.good))) + len(copy.good)
    for oriented in pdq.orient_hashes(work.hashes):
        alike = (pdq.hash_distances(oriented, copy.hashes[:, 0]) <= _BITS) & both
        if alike.any() and np.bincount(shift[alike]).max() >= _HITS:
            return True
    return False


def has_ffmpeg() -> bool:
    return shutil.which("ffmpeg") is not None


def ffmpeg_signature(work: Path, copy: Path) -> bool:
    """Whether ffmpeg's MPEG-7 signature finds frames in common."""
    graph = "[0:v][1:v]signature=nb_inputs=2:detectmode=full"
    command = ["ffmpeg", "-nostdin", "-hide_banner", "-threads", "1", "-i", str(work), "-i", str(copy)]
    options = ["-filter_complex", graph, "-an", "-f", "null", "-"]
    try:
        done = subprocess.run(
            [*command, *options], capture_output=True, text=True, check=False, timeout=_SIGNATURE_SECONDS
        )
    except subprocess.TimeoutExpired:
        return False
    return tells_of_a_match(done.stderr)


def tells_of_a_match(log: str) -> bool:
    """Whether a line of ffmpeg's tells of frames that match."""
    return any(int(found.group(1)) > 0 for found in _FRAMES.finditer(log))


def not_run() -> dict[str, str]:
    """Peers that a run leaves out, with the reason."""
    left_out = {"fpcalc": "not run by this command" if shutil.which("fpcalc") else "not installed"}
    left_out["vpdq"] = "not run: its rule is computed here" if importlib.util.find_spec("vpdq") else "not installed"
    return left_out if has_ffmpeg() else left_out | {SIGNATURE: "not installed"}
