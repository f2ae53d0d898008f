"""Single pictures of a video at given moments, within the child, and each brought onto the picture of another video."""

import io
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import av
import numpy as np
from av.video.frame import VideoFrame
from PIL import Image

from portal.engines.fingerprints import showing
from portal.engines.fingerprints.limits import Limits
from portal.engines.fingerprints.reading import Decoder, OpenVideo

LONG_SIDE: Final = 640  # px of a picture that is kept
SOURCE_SIDE: Final = 1280  # px of the picture that is warped: a part of it may be enlarged
_QUALITY: Final = 85  # of JPEG
_OUTSIDE: Final = (127, 127, 127)  # where the warped picture shows nothing
_LATE: Final = 0.002  # s by which a stamp may be rounded up


@dataclass(frozen=True)
class Still:
    """The picture on the screen at a moment.

    `at`: the second from which it is shown. `warped`: it once more, brought onto the other video's picture;
    b"" where no map was given. Both JPEG, `width` x `height` px the first.
    """

    at: float
    width: int
    height: int
    picture: bytes
    warped: bytes


def prepare() -> None:
    """Have Pillow import its writers before the child can no longer open files."""
    Image.preinit()


def draw_stills(video: OpenVideo, wanted: Sequence[dict[str, Any]], bounds: Limits) -> list[Still | None]:
    """One for each moment; None where nothing decodes, or where the processor time is used up.

    A moment: `at` in seconds; `affine` (xx, xy, x0, yx, yy, y0), which takes a place of the other picture to one of this,
    both in parts of their longer side, or empty; `onto`: width and height of the other picture in px.
    """
    started = time.process_time()
    return [
        _drawn(video, each, bounds) if time.process_time() - started < bounds.decoding_seconds else None
        for each in wanted
    ]


def _drawn(video: OpenVideo, wanted: dict[str, Any], bounds: Limits) -> Still | None:
    found = _frame_at(video, wanted["at"], bounds)
    if found is None:
        return None
    second, frame = found
    small = _picture(frame, video.aspect, LONG_SIDE)
    warped = _warped(_picture(frame, video.aspect, SOURCE_SIDE), wanted) if wanted["affine"] else b""
    return Still(second, small.width, small.height, _jpeg(small), warped)


def draw_still(second: float, picture: Image.Image, wanted: dict[str, Any]) -> Still:
    """The same of a picture that is shown from that second on."""
    small, source = picture.copy(), picture.copy()
    small.thumbnail((LONG_SIDE, LONG_SIDE))
    source.thumbnail((SOURCE_SIDE, SOURCE_SIDE))
    warped = _warped(source, wanted) if wanted["affine"] else b""
    return Still(second, small.width, small.height, _jpeg(small), warped)


def _frame_at(video: OpenVideo, at: float, bounds: Limits) -> tuple[float, VideoFrame] | None:
    """The last picture that is shown at or before `at`, with its second; the first one where none is."""
    for start in (at, video.start):
        first = shown = None
        _seek(video, start)
        for second, frame in Decoder(video, bounds).frames():
            first = first or (second, frame)
            if second > at + _LATE:
                break
            shown = (second, frame)
        if shown is not None:
            return shown
    return first


def _seek(video: OpenVideo, second: float) -> None:
    """Go to the keyframe before; where the index is damaged, to the start."""
    base = float(video.stream.time_base or 1)
    try:
        video.container.seek(video.zero + int(second / base), backward=True, any_frame=False, stream=video.stream)
    except av.FFmpegError:
        video.container.seek(0)
    video.stream.codec_context.flush_buffers()


def _picture(frame: VideoFrame, aspect: float, long_side: int) -> Image.Image:
    """As players show it, in square pixels, with its longer side at most so many px."""
    width, height = showing.square_size(frame, aspect)
    share = min(1.0, long_side / max(width, height))
    rgb = showing.rgb_of(frame, max(1, round(width * share)), max(1, round(height * share)))
    return Image.fromarray(rgb)


def _warped(picture: Image.Image, wanted: dict[str, Any]) -> bytes:
    width, height = wanted["onto"]
    xx, xy, x0, yx, yy, y0 = wanted["affine"]
    longer, own = max(width, height), max(picture.size)
    linear = np.array([[xx, xy], [yx, yy]]) * own / longer
    data = (linear[0, 0], linear[0, 1], x0 * own, linear[1, 0], linear[1, 1], y0 * own)
    onto = picture.transform(
        (width, height),
        Image.Transform.AFFINE,
        data=data,
        resample=Image.Resampling.BICUBIC,
        fillcolor=_OUTSIDE,
    )
    return _jpeg(onto)


def _jpeg(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=_QUALITY)
    return written.getvalue()
