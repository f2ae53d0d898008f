"""A still picture decoded, within the child, into the fingerprint of one sample.

JPEG, PNG, WebP and GIF; of several pictures the first. Its size is checked on the header, before a pixel is decoded;
it is turned as its metadata say.
"""

import io
import warnings
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import (
    GifImagePlugin,
    Image,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from portal.engines.fingerprints import borders, limits, pdq, record
from portal.engines.fingerprints.channels import PICTURE
from portal.engines.fingerprints.keypoints import KeypointFinder
from portal.engines.fingerprints.limits import Limits
from portal.engines.fingerprints.record import Fingerprint
from portal.engines.limited_process import Refused

_FORMATS: Final = (
    JpegImagePlugin.JpegImageFile.format,
    PngImagePlugin.PngImageFile.format,
    WebPImagePlugin.WebPImageFile.format,
    GifImagePlugin.GifImageFile.format,
)
_FAULTS: Final = (OSError, SyntaxError, ValueError, TypeError, OverflowError, EOFError, IndexError, KeyError)
SECONDS: Final = 1.0  # for which the one sample stands; a picture has no duration of its own


def prepare() -> None:
    """Have Pillow import its readers while files can be opened."""
    Image.preinit()


def fingerprint_still(data: bytes, bounds: Limits) -> Fingerprint:
    """The picture's fingerprint; raises Refused."""
    upright = _opened(data, bounds)
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


def _opened(data: bytes, bounds: Limits) -> Image.Image:
    """Grey, upright, on white where it is transparent."""
    Image.MAX_IMAGE_PIXELS = None  # our own bound, on the header
    warnings.simplefilter("ignore")
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            if image.width * image.height > bounds.still_pixels:
                raise Refused(limits.TOO_MANY_PIXELS, f"{image.width} x {image.height}")
            image.load()
            upright = ImageOps.exif_transpose(image)
            if upright.has_transparency_data:
                clear = upright.convert("RGBA")
                upright = Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear)
            return upright.convert("L")
    except UnidentifiedImageError as error:
        raise Refused(limits.BROKEN, "not a picture") from error
    except _FAULTS as error:
        raise Refused(limits.BROKEN, type(error).__name__) from error


def _of_side(grey: Image.Image) -> npt.NDArray[np.uint8]:
    share = PICTURE / max(grey.size)
    size = max(1, round(grey.width * share)), max(1, round(grey.height * share))
    return np.asarray(grey.resize(size, Image.Resampling.LANCZOS if share > 1 else Image.Resampling.BOX), np.uint8)
