"""Signs that a picture was edited. None proves anything: a person looks. Runs in the child only.

Metadata may name an editor. A part that was saved before at a lower quality than the rest loses least when it is saved at
that quality again (JPEG ghosts, Farid 2009): blocks whose best quality is not that of the others, side by side, are a hint. That
can be seen in JPEG only; the answer says whether it was looked for, as in no other case its absence means anything.
"""

import io
import re
import time
import warnings
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from portal.engines.limited_process import Refused
from portal.engines.papers.limits import BROKEN, TOO_HEAVY, Bounds, Hint, HintKind
from portal.engines.pictures import FAULTS, read_orientation, turn_place

_FORMATS: Final = (
    JpegImagePlugin.JpegImageFile.format,
    PngImagePlugin.PngImageFile.format,
    WebPImagePlugin.WebPImageFile.format,
)
_EDITORS: Final = re.compile(
    "photoshop|lightroom|gimp|pixelmator|affinity|paint\\.net|snapseed|picsart|meitu|美图|醒图|canva|corel|acorn|photopea"
    "|illustrator|faceapp|remini|facetune|pixlr|krita|imagemagick|coreldraw|wps",
    re.IGNORECASE,
)
_EARLIER: Final = tuple(range(40, 96, 5))  # qualities that are tried
_BLOCK: Final = 16  # px, two blocks of JPEG
_JPEG: Final = (
    JpegImagePlugin.JpegImageFile.format,
    "MPO",
)  # MPO: with a second picture behind it, as phones make them
_STRIP: Final = 2_000_000  # px that are looked at together; each takes some 30 bytes
_TIME: Final = 0.7  # share of the child's seconds after which it is given up
_DROP: Final = 0.5  # a ghost loses at most this share of what its neighbours lose at the same quality
_TEXTURE: Final = 4.0  # mean squared difference at the lowest quality, below which a block is too plain to tell
_BLOCKS: Final = 6  # side by side, at least
_MOST: Final = 0.15  # share of all blocks above which it is no part but the picture
_HIGHEST: Final = 0.3  # share of the height: more than a line or two of writing
_CONCENTRATED: Final = (
    0.6  # least share of the ghosts of a quality that lie in the part; elsewhere they are of the whole picture
)


def prepare() -> None:
    """Have Pillow import its readers, while files can be opened."""
    Image.preinit()
    cv2.setNumThreads(0)


def find_hints(data: bytes, bounds: Bounds) -> list[Hint]:
    """The signs in an uploaded picture; raises Refused if it is none."""
    Image.MAX_IMAGE_PIXELS = None  # our own bounds, checked on the header
    warnings.simplefilter("ignore")
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            if image.width * image.height > bounds.original_pixels:
                raise Refused(TOO_HEAVY, "pixels")
            editors = _editors(image)
            ghosts = _ghosts(image, bounds.seconds * _TIME) if image.format in _JPEG else []
    except FAULTS as error:
        raise Refused(BROKEN, type(error).__name__) from error
    return [*editors, *ghosts]


def _editors(image: Image.Image) -> list[Hint]:
    """An editor that the metadata name; phones and scanners name themselves in the same place."""
    exif = image.getexif()
    texts = [str(exif.get(tag, "")) for tag in (ExifTags.Base.Software, ExifTags.Base.ProcessingSoftware)]
    texts += [
        str(value)[:4000] for key, value in image.info.items() if isinstance(value, str | bytes) and key != "exif"
    ]
    found = next((match for text in texts if (match := _EDITORS.search(text))), None)
    return [Hint(HintKind.EDITOR, found.group().lower())] if found else []


def _ghosts(image: Image.Image, seconds: float) -> list[Hint]:
    """The largest part that was saved at another quality than the rest, and that it was looked for.

    Nothing where it cannot be told: the picture is too small, too plain, or too large for the time.
    """
    if min(image.size) < 8 * _BLOCK:
        return []
    orientation = read_orientation(image)
    losses = _losses(image, seconds)
    if losses is None or (losses[0] > _TEXTURE).sum() < 4 * _BLOCKS:
        return []
    examined = Hint(HintKind.EXAMINED)
    part = _largest_part(losses)
    if part is None:
        return [examined]
    left, top, wide, high = (number * _BLOCK for number in part)
    place = (left / image.width, top / image.height, wide / image.width, high / image.height)
    upright = tuple(round(share, 4) for share in turn_place(place, orientation))
    return [Hint(HintKind.SAVED_BEFORE, "", upright), examined]


def _losses(image: Image.Image, seconds: float) -> npt.NDArray[np.float32] | None:
    """[qualities, rows, columns] of the blocks of the whole picture, strip by strip; None if that takes too long."""
    width, height = (side // _BLOCK * _BLOCK for side in image.size)
    step = max(_STRIP // width // _BLOCK, 1) * _BLOCK
    image.load()
    begun, strips = time.monotonic(), []
    for top in range(0, height, step):
        if time.monotonic() - begun > seconds:
            return None
        strip = np.asarray(image.crop((0, top, width, min(top + step, height))).convert("RGB"), np.uint8)
        strips.append(np.stack([_block_losses(strip, quality) for quality in _EARLIER]))
    return np.concatenate(strips, axis=1)


def _block_losses(picture: npt.NDArray[np.uint8], quality: int) -> npt.NDArray[np.float32]:
    """[rows, columns]: the mean squared difference of each block after saving at a quality."""
    _, coded = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    again = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR))[..., ::-1]
    away = cv2.absdiff(picture, np.ascontiguousarray(again)).astype(np.float32)
    size = (picture.shape[1] // _BLOCK, picture.shape[0] // _BLOCK)
    # Reduced by a whole factor, each pixel is the mean of its block.
    means = cv2.resize(cv2.multiply(away, away), size, interpolation=cv2.INTER_AREA)
    return np.asarray(means.mean(axis=2), np.float32)


def _largest_part(losses: npt.NDArray[np.float32]) -> tuple[int, int, int, int] | None:
    """Left, top, width and height in blocks of the largest part with a ghost; None without one."""
    textured = losses[0] > _TEXTURE
    best: tuple[int, tuple[int, int, int, int]] | None = None
    # Along the qualities a block's loss falls; a dip below the neighbouring qualities is a ghost.
    for place in range(1, len(_EARLIER) - 2):
        expected = np.minimum(losses[place - 1], losses[place + 1])
        dips = (textured & (losses[place] < _DROP * expected)).astype(np.uint8)
        if dips.sum() > _MOST * textured.sum():
            continue  # the whole picture was saved at this quality
        joined = cv2.morphologyEx(dips, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
        count, _, figures, _ = cv2.connectedComponentsWithStats(joined)
        for number in range(1, count):
            left, top, wide, high, _area = (int(one) for one in figures[number])
            if high > _HIGHEST * dips.shape[0]:
                continue  # the edge of a table, or of a lamp's light
            size = int(dips[top : top + high, left : left + wide].sum())
            if size >= max(_BLOCKS, _CONCENTRATED * dips.sum()) and (best is None or size > best[0]):
                best = (size, (left, top, wide, high))
    return best[1] if best else None
