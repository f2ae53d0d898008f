"""One picture to stand for a video, within the child."""

import io
import time
from typing import Final

from av.video.frame import VideoFrame
from PIL import Image

from portal.engines.fingerprints import limits, pdq, showing
from portal.engines.fingerprints.limits import Limits
from portal.engines.fingerprints.reading import Decoder, OpenVideo
from portal.engines.limited_process import Refused

_LONG_SIDE: Final = 640  # px
_LOOK: Final = 60.0  # s of the video that are searched
_GOOD: Final = 60  # PDQ quality at which a frame shows enough
_SECONDS: Final = 6.0  # of processor time for the search


def prepare() -> None:
    """Have Pillow import its writers before the child can no longer open files."""
    Image.preinit()


def make_poster(video: OpenVideo, bounds: Limits) -> tuple[tuple[int, int], bytes]:
    """Width and height of the video as shown, and a JPEG of its first frame that shows enough, or of its best.

    Raises Refused where nothing decodes.
    """
    started, best, best_quality, due = time.process_time(), None, -1, 0.0
    for second, frame in Decoder(video, bounds).frames():
        if best is not None and second < due:
            continue
        due, looked = second + 0.5, second - video.start
        found = _quality(frame)
        # The first second is often a fade or a title.
        if found > best_quality or (looked <= 1 and found >= _GOOD):
            best, best_quality = frame, found
        enough = best_quality >= _GOOD and looked >= min(1.0, (video.duration - video.start) / 4)
        if enough or looked > _LOOK or time.process_time() - started > _SECONDS:
            break
    if best is None:
        raise Refused(limits.BROKEN, "nothing decodes")
    return _shown_size(best, video.aspect), _jpeg(best, video.aspect)


def _quality(frame: VideoFrame) -> int:
    return int(pdq.pdq_quality(showing.luma_of(frame, pdq.SIDE, pdq.SIDE)[None])[0])


def _shown_size(frame: VideoFrame, aspect: float) -> tuple[int, int]:
    width, height = showing.square_size(frame, aspect)
    return (height, width) if showing.is_sideways(frame) else (width, height)


def _jpeg(frame: VideoFrame, aspect: float) -> bytes:
    width, height = showing.square_size(frame, aspect)
    scale = min(1.0, _LONG_SIDE / max(width, height))
    picture = showing.rgb_of(frame, max(1, round(width * scale)), max(1, round(height * scale)))
    written = io.BytesIO()
    Image.fromarray(picture).save(written, "JPEG", quality=82)
    return written.getvalue()
