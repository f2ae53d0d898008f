"""A page read: turned upright, its lines read once, and those that hold values once more. Runs in the child only."""

from typing import Final

import cv2
import numpy as np

from portal.engines.fingerprints import pdq
from portal.engines.limited_process import Refused
from portal.engines.papers import fields, lines, models, scripts
from portal.engines.papers.limits import BROKEN, TOO_HEAVY, Bounds, Box, Field, Line, PageReading
from portal.engines.papers.lines import Corners
from portal.engines.papers.models import Picture

_TALL: Final = 1.5  # height of a line by its width, above which it stands upright on a page that lies on its side
_TRIED: Final = 4  # lines read to see whether a page is upside down, and read the other way unless they are clear
_CLEAR: Final = 0.95
_PLAIN: Final = 10  # quality of a hash (0..100) below which pages are too alike
_MARGIN: Final = 0.12  # of the second reading, as a share of a line's height
# From a turned page back: cv2's codes by quarter turns clockwise.
_TURNS: Final = {1: cv2.ROTATE_90_CLOCKWISE, 2: cv2.ROTATE_180, 3: cv2.ROTATE_90_COUNTERCLOCKWISE}


def prepare() -> None:
    """Read tables, while files can be opened."""
    scripts.prepare()


def read_picture(data: bytes, bounds: Bounds) -> PageReading:
    """Everything on the page; raises Refused."""
    picture = _decoded(data, bounds)
    height, width = picture.shape[:2]
    turned, boxes, turns = _upright(picture, bounds)
    first = [_line(turned, box, bounds) for box in boxes]
    kept = [(box, line) for box, line in zip(boxes, first, strict=True) if line.text.strip()]
    boxes, first = [box for box, _ in kept], [line for _, line in kept]
    found = _fields(turned, boxes, first, bounds)
    back = [Line(_turned_back(line.box, turns, width, height), line.text, line.probabilities) for line in first]
    placed = [
        Field(one.kind, one.value, _turned_back(one.box, turns, width, height), one.confidence, one.certain)
        for one in found
    ]
    return PageReading(width, height, tuple(back), tuple(placed), _picture_hash(picture))


def _picture_hash(picture: Picture) -> tuple[int, ...]:
    """PDQ of the page; () if it is too plain."""
    small = cv2.resize(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), (pdq.SIDE, pdq.SIDE), interpolation=cv2.INTER_AREA)
    luma = np.asarray(small, np.uint8)[None]
    if pdq.pdq_quality(luma)[0] < _PLAIN:
        return ()
    return tuple(int(word) for word in pdq.pdq_hashes(luma)[0, 0])


def _decoded(data: bytes, bounds: Bounds) -> Picture:
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise Refused(BROKEN, "not a picture") from error
    if picture is None or min(picture.shape[:2]) < models.LINE_HEIGHT:
        raise Refused(BROKEN, "not a picture")
    if picture.shape[0] * picture.shape[1] > bounds.pixels:
        raise Refused(TOO_HEAVY, "pixels")
    return np.asarray(picture, np.uint8)


def _fields(picture: Picture, boxes: list[Corners], first: list[Line], bounds: Bounds) -> list[Field]:
    """Values, certain where a second reading of their lines, cut wider and with its contrast stretched, agrees."""
    values = fields.find_values(first)
    places = {place for value in values for place in value.places}
    second = [
        _line(_stretched(picture, boxes[place]), boxes[place], bounds, margin=_MARGIN) if place in places else line
        for place, line in enumerate(first)
    ]
    readings = [
        [one for value in fields.find_values(read) if (one := fields.read_value(value, read)) is not None]
        for read in (first, second)
    ]
    return fields.agree(*readings)


def _stretched(picture: Picture, box: Corners) -> Picture:
    """The picture with the darkest and the lightest level of the line's place as black and white."""
    left, top = np.maximum(box.min(axis=0).astype(int) - 4, 0)
    right, bottom = box.max(axis=0).astype(int) + 4
    low, high = np.percentile(picture[top:bottom, left:right], (1, 99))
    stretched = picture.copy()
    part = stretched[top:bottom, left:right].astype(np.float32)
    stretched[top:bottom, left:right] = np.clip((part - low) * 255 / max(high - low, 1), 0, 255).astype(np.uint8)
    return stretched


def _upright(picture: Picture, bounds: Bounds) -> tuple[Picture, list[Corners], int]:
    """The page so that its lines run from left to right, its lines, and the quarter turns clockwise that it took."""
    turns = 0
    boxes = lines.find_lines(picture, bounds)
    sizes = [lines.line_size(box) for box in boxes]
    tall = sum(high * wide for wide, high in sizes if high > _TALL * wide)
    if tall * 2 > sum(wide * high for wide, high in sizes):
        picture, turns = _turn(picture, 1), 1
        boxes = lines.find_lines(picture, bounds)
    if _is_upside_down(picture, boxes, bounds):
        picture, turns = _turn(picture, 2), turns + 2
        boxes = lines.find_lines(picture, bounds)
    return picture, boxes, turns


def _is_upside_down(picture: Picture, boxes: list[Corners], bounds: Bounds) -> bool:
    longest = sorted(boxes, key=lambda box: -lines.line_size(box)[0])[:_TRIED]
    cuts = [lines.cut_line(picture, box, bounds) for box in longest]
    upright = sum(map(_mean, cuts))
    return upright < _CLEAR * len(cuts) and sum(_mean(_turn(cut, 2)) for cut in cuts) > upright + 0.05 * len(cuts)


def _mean(cut: Picture) -> float:
    found = lines.read_line(cut).probabilities
    return sum(found) / len(found) if found else 0.0


def _turn(picture: Picture, turns: int) -> Picture:
    return np.asarray(cv2.rotate(picture, _TURNS[turns]), np.uint8)


def _line(picture: Picture, box: Corners, bounds: Bounds, *, margin: float = 0.0) -> Line:
    found = lines.read_line(lines.cut_line(picture, box, bounds, margin=margin))
    corners: Box = tuple((int(x), int(y)) for x, y in box.round())  # type: ignore[assignment]
    return Line(corners, found.text, found.probabilities)


def _turned_back(box: Box, turns: int, width: int, height: int) -> Box:
    """A box of the page turned clockwise, on the page as it was, of `width` x `height`."""
    if turns == 0:
        return box
    ways = {1: lambda x, y: (y, height - 1 - x), 2: lambda x, y: (width - 1 - x, height - 1 - y)}
    ways[3] = lambda x, y: (width - 1 - y, x)
    first, second, third, fourth = (ways[turns](x, y) for x, y in box)
    return first, second, third, fourth
