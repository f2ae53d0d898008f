"""Videos: a set is painted as a panorama, things move in it, and a moving camera takes it in shots.

The same call draws the same bytes.
"""

import itertools
import random
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from PIL import Image, ImageDraw

from portal.sandbox.drawing import interiors, landscapes
from portal.sandbox.drawing.brushes import DrawMovement, Size, add_texture
from portal.sandbox.drawing.editing import encode_video


@dataclass(frozen=True)
class Set:
    """A place: `paint(chance, size)` gives the panorama, `act(chance, size)` what draws its movement."""

    paint: Callable[[random.Random, Size], Image.Image]
    act: Callable[[random.Random, Size], DrawMovement]


# Draws the picture at a second of the shot.
Shot = Callable[[float], Image.Image]

_SETS: Final[dict[str, Set]] = {
    "potter": Set(interiors.paint_workshop, interiors.animate_potter),
    "orchard": Set(landscapes.paint_orchard, landscapes.animate_birds),
    "waves": Set(landscapes.paint_shore, landscapes.animate_waves),
    "city": Set(landscapes.paint_city, landscapes.animate_cars),
    "kitchen": Set(interiors.paint_kitchen, interiors.animate_cooking),
}
SUBJECTS: Final[tuple[str, ...]] = tuple(_SETS)
_SHOT_SECONDS: Final = 5.0
_MARGIN: Final = 1.5  # panorama over picture, each way: the room in which the camera moves


def draw_video(
    subject: str,
    *,
    seconds: float = 20.0,
    width: int = 480,
    height: int = 270,
    rate: int = 12,
    still: bool = False,
    take: int = 0,
) -> bytes:
    """An MP4 (H.264, index first) of one of SUBJECTS; sizes in px, even; `rate` in frames a second.

    `still` puts the camera on a tripod. Another `take` is filmed on the same sets with the same camera, but
    things move otherwise: with a still camera it looks like a copy and is none. Raises KeyError for an
    unknown subject.
    """
    shots = (
        _shot(_SETS[subject], zlib.crc32(f"{subject} {number}".encode()), take, (width, height), still=still)
        for number in itertools.count()
    )
    return encode_video(_pictures(shots, seconds, rate), (width, height), Fraction(rate), crf=30)


def _pictures(shots: Iterator[Shot], seconds: float, rate: int) -> Iterator[Image.Image]:
    frames, shot_frames = round(seconds * rate), round(_SHOT_SECONDS * rate)
    for start, shot in zip(range(0, frames, shot_frames), shots, strict=False):
        yield from (shot(frame / rate) for frame in range(min(shot_frames, frames - start)))


def _shot(scenery: Set, seed: int, take: int, size: Size, *, still: bool) -> Shot:
    whole = (round(size[0] * _MARGIN), round(size[1] * _MARGIN))
    chance = random.Random(seed)  # noqa: S311 -- a drawing, not a secret
    panorama = add_texture(scenery.paint(chance, whole), seed)
    camera = _camera(chance, whole)
    act = scenery.act(random.Random(seed + take), whole)  # noqa: S311

    def picture(second: float) -> Image.Image:
        canvas = panorama.copy()
        act(ImageDraw.Draw(canvas, "RGBA"), second)
        return canvas.resize(size, Image.Resampling.BILINEAR, box=camera(0.5 if still else second / _SHOT_SECONDS))

    return picture


def _camera(chance: random.Random, whole: Size) -> Callable[[float], tuple[float, float, float, float]]:
    """The part of the panorama that is seen at a share of the shot: from one framing to another, eased."""

    def framing() -> tuple[float, float, float]:
        zoom = chance.uniform(0.62, 0.8)
        return zoom, chance.uniform(0, 1 - zoom), chance.uniform(0, 1 - zoom)

    first, last = framing(), framing()

    def at(share: float) -> tuple[float, float, float, float]:
        eased = share * share * (3 - 2 * share)
        zoom, left, top = (a + (b - a) * eased for a, b in zip(first, last, strict=True))
        return left * whole[0], top * whole[1], (left + zoom) * whole[0], (top + zoom) * whole[1]

    return at
