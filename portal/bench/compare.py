"""Videos: seconds fingerprinted in a second on one core, beside mere decoding, and comparing two long fingerprints.

Videos are drawn for the run. Processor time is counted, so that other work on the machine changes little.
`ratio` is the time of fingerprinting for that of decoding every frame in the same run and keeping
nothing; both include starting a child process and opening the video.
"""

import statistics
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from typing import Any, BinaryIO, Final, cast

import numpy as np

from portal.bench.measuring import Say, in_turns, machine_facts, median_ratio, processor_seconds
from portal.engines import fingerprints
from portal.engines.fingerprints import Fingerprint
from portal.sandbox import drawing

_SIZES: Final = {"270p": (480, 270), "720p": (1280, 720)}
_RATE: Final = 24
_DECODE: Final = """
import sys, av
with av.open(sys.stdin.buffer.raw, "r") as video:
    video.streams.video[0].codec_context.thread_count = 1
    print(sum(1 for _ in video.decode(video=0)))
"""


def add_arguments(parser: ArgumentParser) -> None:
    """The sizes of a run."""
    parser.add_argument("--seconds", type=float, default=60.0, help="length of the videos that are read")
    parser.add_argument("--turns", type=int, default=3, help="turns of each measurement; the median is reported")
    parser.add_argument("--minutes", type=float, default=20.0, help="length of the fingerprints that are compared")


def run(options: dict[str, Any], say: Say) -> dict[str, Any]:
    """Read videos of two sizes, compare two long fingerprints."""
    figures: dict[str, Any] = {}
    for name, (width, height) in _SIZES.items():
        video = drawing.draw_video("city", seconds=options["seconds"], width=width, height=height, rate=_RATE)
        say(f"{name}: a video of {len(video)} bytes is drawn")
        figures[name] = _reading(video, options["seconds"], options["turns"])
    figures["compare"] = _comparing(options["minutes"] * 60, options["turns"], say)
    return figures | {"machine": machine_facts()}


def _reading(video: bytes, seconds: float, turns: int) -> dict[str, float]:
    """Seconds of video read in a second of one core."""
    with tempfile.TemporaryFile() as file:
        file.write(video)
        file.flush()
        opened = cast("BinaryIO", file)
        works = {
            "decode": lambda: processor_seconds(lambda: decode_video(opened)),
            "read": lambda: processor_seconds(lambda: fingerprint_video(opened)),
        }
        spent = in_turns(turns, works)
    return {
        "decode_x": round(seconds / statistics.median(spent["decode"]), 1),
        "fingerprint_x": round(seconds / statistics.median(spent["read"]), 1),
        "ratio": median_ratio(spent["read"], spent["decode"]),
    }


def _comparing(seconds: float, turns: int, say: Say) -> dict[str, Any]:
    """Two fingerprints of which the second holds a tenth of the first, mirrored and noisy."""
    first, second = _long(seconds, seed=1), _long(seconds, seed=2)
    count = len(first.times) // 10
    second.hashes[count : 2 * count] = first.hashes[4 * count : 5 * count, [1, 0, 3, 2]]
    found = fingerprints.compare_fingerprints(first, second)
    say(f"compare: {len(first.times)} samples each, {len(found.segments)} segment found")
    return {
        "samples": len(first.times),
        "packed_bytes": len(first.pack()),
        "seconds": round(
            statistics.median(
                processor_seconds(lambda: fingerprints.compare_fingerprints(first, second)) for _ in range(turns)
            ),
            3,
        ),
        "segments": len(found.segments),
    }


def _long(seconds: float, *, seed: int) -> Fingerprint:
    chance = np.random.default_rng(seed)
    times = np.arange(0, seconds, 0.5)
    return Fingerprint(
        duration=seconds,
        step=0.5,
        sampling="every_frame",
        truncated=False,
        times=times,
        quality=np.full(len(times), 100, np.uint8),
        hashes=chance.integers(0, 1 << 64, (len(times), 4, 4), dtype=np.uint64),
        thumbnails=chance.integers(0, 256, (len(times), 16, 16), dtype=np.uint8),
    )


def decode_video(video: BinaryIO) -> None:
    """Decode every frame in a child process and keep nothing."""
    video.seek(0)
    subprocess.run([sys.executable, "-I", "-c", _DECODE], stdin=video, stdout=subprocess.DEVNULL, check=True)


def fingerprint_video(video: BinaryIO) -> None:
    """Read a video as the product does."""
    video.seek(0)
    fingerprints.fingerprint_video(video)
