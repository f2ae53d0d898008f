"""A still picture decoded, within the child, into the fingerprint of one sample.

JPEG, PNG, WebP and GIF. Animated WebP and GIF in which something moves are read as videos, of others the first picture. Its
size is checked on the header, before a pixel is decoded; it is turned as its metadata say.
"""

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import (
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from portal.engines import pictures
from portal.engines.fingerprints import animations, borders, limits, pdq, record
from portal.engines.fingerprints.channels import PICTURE
from portal.engines.fingerprints.keypoints import KeypointFinder
from portal.engines.fingerprints.limits import Limits
from portal.engines.fingerprints.record import Fingerprint
from portal.engines.fingerprints.sampling import Sampler
from portal.engines.limited_process import Refused

_FORMATS: Final = (
    JpegImagePlugin.JpegImageFile.format,
    PngImagePlugin.PngImageFile.format,
    WebPImagePlugin.WebPImageFile.format,
    GifImagePlugin.GifImageFile.format,
)
_ANIMATED: Final = (WebPImagePlugin.WebPImageFile.format, GifImagePlugin.GifImageFile.format)
_ANIMATION_PIXELS: Final = 1_000_000_000  # of all its pictures; at twice as many the rest is left out
_LATE: Final = 0.002  # s by which the sum of durations may be rounded up
SECONDS: Final = 1.0  # for which the one sample stands; a picture has no duration of its own


@dataclass(frozen=True)
class OpenStill:
    """A decoded picture; `size`: width and height in px as it is shown, however small it was decoded."""

    picture: Image.Image
    size: tuple[int, int]
    media_type: str


def prepare() -> None:
    """Have Pillow import its readers while files can be opened."""
    Image.preinit()


def fingerprint_picture(data: bytes, bounds: Limits) -> Fingerprint:
    """The fingerprint of one sample of a still picture, that of a video of an animation; raises Refused."""
    return _fingerprint_animation(data, bounds) or fingerprint_still(data, bounds)


def _fingerprint_animation(data: bytes, bounds: Limits) -> Fingerprint | None:
    """None where nothing moves, and where the pictures are larger than those of a video may be."""
    bounds = replace(bounds, decoding_pixels=_ANIMATION_PIXELS)
    Image.MAX_IMAGE_PIXELS = None  # our own bound, on the header
    warnings.simplefilter("ignore")
    try:
        with Image.open(io.BytesIO(data), formats=_ANIMATED) as image:
            if animations.count_pictures(image) < 2 or image.width * image.height > bounds.pixels:
                return None
            measured = animations.read_animation(image, bounds)
            if measured is None:
                return None
            decoder = animations.AnimationDecoder(image, bounds)
            return Sampler.of_animation(measured, decoder, bounds).fingerprint()
    except pictures.FAULTS:
        return None  # as a still, which says what is wrong


def fingerprint_still(data: bytes, bounds: Limits) -> Fingerprint:
    """The picture's fingerprint; raises Refused."""
    upright = open_still(data, bounds, "L").picture
    square = np.asarray(upright.resize((pdq.SIDE * 2, pdq.SIDE * 2), Image.Resampling.BOX), np.uint8)[None]
    box = borders.inner_box(square)
    luma = borders.crop_to_box(square, box, pdq.SIDE)
    finder = KeypointFinder()
    finder.look(0.0, _of_side(upright))
    top, bottom, left, right = (round(float(edge) / square.shape[1], 4) for edge in box)
    return Fingerprint(
        duration=SECONDS,
        step=SECONDS,
        sampling=record.EVERY_FRAME,
        truncated=False,
        times=np.zeros(1),
        quality=pdq.pdq_quality(luma),
        hashes=pdq.pdq_hashes(luma),
        thumbnails=borders.crop_to_box(luma, (0, pdq.SIDE, 0, pdq.SIDE), record.THUMBNAIL),
        box=(top, bottom, left, right),
        keypoints=finder.keypoints(),
    )


def open_still(data: bytes, bounds: Limits, mode: str, long_side: int = 0) -> OpenStill:
    """The picture in `mode`, upright, on white where it is transparent; at most `long_side` px long, 0: as it is. Raises Refused."""
    Image.MAX_IMAGE_PIXELS = None  # our own bound, on the header
    warnings.simplefilter("ignore")
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            size, media_type = image.size, Image.MIME[str(image.format)]
            if size[0] * size[1] > bounds.still_pixels:
                raise Refused(limits.TOO_MANY_PIXELS, f"{size[0]} x {size[1]}")
            if long_side:
                image.draft("RGB", (long_side, long_side))
            image.load()
            orientation = pictures.read_orientation(image)
            upright = pictures.put_on_white(_shrunk(pictures.turn_upright(image, orientation), long_side))
            shown = size[::-1] if pictures.is_sideways(orientation) else size
            return OpenStill(upright.convert(mode), shown, media_type)
    except UnidentifiedImageError as error:
        raise Refused(limits.BROKEN, "not a picture") from error
    except pictures.FAULTS as error:
        raise Refused(limits.BROKEN, type(error).__name__) from error


def pictures_at(
    data: bytes, seconds: Sequence[float], bounds: Limits, long_side: int
) -> list[tuple[float, Image.Image]]:
    """What is shown at each second of an animation, and from which second on; of a still picture itself, from 0. Raises Refused."""
    still = open_still(data, bounds, "RGB", long_side).picture
    found = [(0.0, still)] * len(seconds)
    if not any(seconds):
        return found
    try:
        with Image.open(io.BytesIO(data), formats=_ANIMATED) as image:
            if image.width * image.height > bounds.pixels or animations.read_animation(image, bounds) is None:
                return found
            for second, picture in animations.shown_pictures(image, bounds, until=max(seconds) + _LATE):
                small = _shrunk(picture, long_side)
                found = [
                    (second, small) if second <= at + _LATE else kept for at, kept in zip(seconds, found, strict=True)
                ]
    except pictures.FAULTS:
        pass  # no animation, or damaged from here on: what has been shown so far stays
    return found


def _shrunk(picture: Image.Image, long_side: int) -> Image.Image:
    """The picture at most so long, 0: as it is. What has a palette is made plain, since colours cannot be averaged there."""
    if not long_side or max(picture.size) <= long_side:
        return picture
    if picture.mode in {"P", "PA", "1"}:
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    share = long_side / max(picture.size)
    size = max(1, round(picture.width * share)), max(1, round(picture.height * share))
    return picture.resize(size, Image.Resampling.BOX)


def _of_side(grey: Image.Image) -> npt.NDArray[np.uint8]:
    share = PICTURE / max(grey.size)
    size = max(1, round(grey.width * share)), max(1, round(grey.height * share))
    return np.asarray(grey.resize(size, Image.Resampling.LANCZOS if share > 1 else Image.Resampling.BOX), np.uint8)
