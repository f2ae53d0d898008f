"""One picture to stand for a video, within the child."""

import io
import time
from typing import Final

import numpy as np
from av.video.frame import VideoFrame
from PIL import Image

from portal.engines.fingerprints import limits, pdq, sampling
from portal.engines.fingerprints.limits import Limits
from portal.engines.fingerprints.reading import Decoder, OpenVideo
from portal.engines.limited_process import Refused

_LONG_SIDE: Final = 640  # px
_LOOK: Final = 60.0  # s of the video that are searched
_GOOD: Final = 60  # PDQ quality at which a frame shows enough
_SECONDS: Final = 6.0  # of processor time for the search


def prepare() -> None:
    """Have Pillow import its writers while files can be opened."""
    Image.preinit()


def make_poster(video: OpenVideo, bounds: Limits) -> tuple[tuple[int, int], bytes]:
    """Width and height of the video as shown, and a JPEG of its first frame that shows enough, or of its best.

    Raises Refused where nothing decodes.
    """
    started, best, best_quality, due = time.process_time(), None, -1, 0.0
    for second, frame in Decoder(video, bounds).frames():
        if best is not None and second < due:
            continue
        due = second + 0.5
        found = _quality(frame)
        # The first second is often a fade or a title.
        if found > best_quality or (second <= 1 and found >= _GOOD):
            best, best_quality = frame, found
        enough = best_quality >= _GOOD and second >= min(1.0, video.duration / 4)
        if enough or second > _LOOK or time.process_time() - started > _SECONDS:
            break
    if best is None:
        raise Refused(limits.BROKEN, "nothing decodes")
    return _shown_size(best), _jpeg(best)


def _quality(frame: VideoFrame) -> int:
    luma = frame.reformat(pdq.SIDE, pdq.SIDE, "gray", interpolation="AREA", threads=1).to_ndarray()
    return int(pdq.pdq_quality(luma[None].astype(np.uint8, copy=False))[0])


def _shown_size(frame: VideoFrame) -> tuple[int, int]:
    sideways = round(frame.rotation / 90) % 2
    return (frame.height, frame.width) if sideways else (frame.width, frame.height)


def _jpeg(frame: VideoFrame) -> bytes:
    scale = min(1.0, _LONG_SIDE / max(frame.width, frame.height))
    width, height = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
    small = (
        frame.reformat(width, height, "rgb24", interpolation="AREA", threads=1)
        .to_ndarray()
        .astype(np.uint8, copy=False)
    )
    written = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(sampling.turn_upright(frame, small))).save(written, "JPEG", quality=82)
    return written.getvalue()
