"""Lines of writing: found on a picture, cut out straight, read. Runs in the child only."""

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from portal.engines.papers import models
from portal.engines.papers.limits import Bounds
from portal.engines.papers.models import Map, Picture

Corners = npt.NDArray[np.float32]  # [4, 2], clockwise, px

_SEARCH_SIDE: Final = 1024  # px, long side of the picture on which lines are looked for
_GRID: Final = 32
_WRITING, _LINE = 0.3, 0.5  # probabilities of a pixel, and on average of a line
_GROWTH: Final = 1.6  # how much wider lines are than the map shows them, by area to circumference
_SMALLEST: Final = 5.0  # px, height of a line


@dataclass(frozen=True)
class Text:
    """What a line says, with the probability of each character."""

    text: str
    probabilities: tuple[float, ...]


def find_lines(picture: Picture, bounds: Bounds) -> list[Corners]:
    """The corners of all lines, from top to bottom."""
    height, width = picture.shape[:2]
    scale = min(1.0, _SEARCH_SIDE / max(height, width))
    sides = [max(_GRID, round(side * scale / _GRID) * _GRID) for side in (width, height)]
    found = models.writing_map(np.asarray(cv2.resize(picture, sides, interpolation=cv2.INTER_AREA), np.uint8))
    mask = cv2.dilate((found > _WRITING).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    factor = np.array([width / sides[0], height / sides[1]], np.float32)
    boxes = [box * factor for contour in contours if (box := _grown_box(contour, found)) is not None]
    boxes = [box for box in boxes if min(line_size(box)) >= _SMALLEST]
    boxes.sort(key=lambda box: (float(box[:, 1].mean()), float(box[:, 0].mean())))
    return boxes[: bounds.lines]


def line_size(box: Corners) -> tuple[float, float]:
    """Width and height in px."""
    return float(np.linalg.norm(box[1] - box[0])), float(np.linalg.norm(box[3] - box[0]))


def cut_line(picture: Picture, box: Corners, bounds: Bounds, *, margin: float = 0.0) -> Picture:
    """The line straight and models.LINE_HEIGHT px high; `margin` is added above and below, as a share of its height."""
    down = (box[3] - box[0]) * margin
    along = (box[1] - box[0]) / max(line_size(box)[0], 1) * line_size(box)[1] * margin
    shift = np.stack([-down - along, -down + along, down + along, down - along])
    wide, high = line_size(box + shift)
    width = round(models.LINE_HEIGHT * min(wide / max(high, 1), bounds.line_ratio))
    target = np.array([[0, 0], [width, 0], [width, models.LINE_HEIGHT], [0, models.LINE_HEIGHT]], np.float32)
    turn = cv2.getPerspectiveTransform((box + shift).astype(np.float32), target)
    size = (max(width, 1), models.LINE_HEIGHT)
    return np.asarray(
        cv2.warpPerspective(picture, turn, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def read_line(line: Picture) -> Text:
    """What a straight line says."""
    return _decode(models.line_probabilities(line))


def _decode(found: Map) -> Text:
    """Each run of one class is one character, with the highest probability of the run."""
    best, shares = found.argmax(axis=1), found.max(axis=1)
    known = models.characters()
    text: list[str] = []
    probabilities: list[float] = []
    before = 0
    for step, (number, share) in enumerate(zip(best.tolist(), shares.tolist(), strict=True)):
        if number and step and number == before:
            probabilities[-1] = max(probabilities[-1], share)
        elif number:
            text.append(known[number - 1])
            probabilities.append(share)
        before = number
    return Text("".join(text), tuple(round(share, 4) for share in probabilities))


def _grown_box(contour: npt.NDArray[Any], found: Map) -> Corners | None:
    """The smallest rectangle around a contour, grown by what the map leaves out; None if it is no line."""
    centre, (wide, high), angle = cv2.minAreaRect(contour)
    if min(wide, high) < 3 or _mean_probability(contour, found) < _LINE:
        return None
    growth = 2 * wide * high * _GROWTH / (2 * (wide + high))
    return _ordered(cv2.boxPoints((centre, (wide + growth, high + growth), angle)).astype(np.float32))


def _mean_probability(contour: npt.NDArray[Any], found: Map) -> float:
    left, top, wide, high = cv2.boundingRect(contour)
    mask = np.zeros((high, wide), np.uint8)
    cv2.fillPoly(mask, [contour - np.array([[left, top]])], [1])
    return float(cv2.mean(found[top : top + high, left : left + wide], mask)[0])


def _ordered(points: Corners) -> Corners:
    """Clockwise from the corner at the top left."""
    by_x = points[np.argsort(points[:, 0], kind="stable")]
    left, right = by_x[:2], by_x[2:]
    left, right = left[np.argsort(left[:, 1])], right[np.argsort(right[:, 1])]
    return np.stack([left[0], right[0], right[1], left[1]])
