"""Films with texture in which something moves, their edited copies, and films that look like copies and are none.

Pictures are arrays [height, width, 3]; everything is drawn from a seed.
"""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from portal.engines.fingerprints.tests import specimens

Picture = np.ndarray
WIDE, HIGH = 320, 180
RATE = 12
_WORDS = [
    "orbit",
    "maple",
    "canvas",
    "river",
    "signal",
    "copper",
    "lantern",
    "meadow",
    "quartz",
    "violin",
    "harbor",
    "ember",
    "glacier",
    "thicket",
]


def noise(seed: int, size: tuple[int, int]) -> Picture:
    """Texture of several scales, colours apart."""
    chance, total = np.random.default_rng(seed), np.zeros((size[1], size[0], 3))
    for step, strength in ((4, 45), (10, 60), (30, 70)):
        small = chance.integers(0, 256, (size[1] // step + 2, size[0] // step + 2, 3), dtype=np.uint8)
        large = Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)
        total += (np.asarray(large, np.float64) - 128) * strength / 100
    return np.clip(total + 128, 0, 255).astype(np.uint8)


def film(place: int, *, take: int = 0, seconds: float = 8.0) -> list[Picture]:
    """A textured place before a still camera, in which six textured things move; `take` tells how."""
    ground, chance = noise(place, (WIDE, HIGH)), np.random.default_rng([place, take, 7])
    things = [noise(1000 + 10 * place + number, (36, 30)) for number in range(6)]
    courses = chance.uniform(0.15, 0.9, (6, 4))
    pictures = []
    for number in range(round(seconds * RATE)):
        picture, second = ground.copy(), number / RATE
        for thing, (fast, slow, start, phase) in zip(things, courses, strict=True):
            left = int((0.5 + 0.5 * np.sin(2 * fast * second + 6 * phase)) * (WIDE - 36))
            top = int((0.5 + 0.5 * np.sin(1.6 * slow * second + 6 * start)) * (HIGH - 30))
            picture[top : top + 30, left : left + 36] = thing
        pictures.append(picture)
    return pictures


def encoded(pictures: list[Picture], *, rate: float = RATE) -> bytes:
    options = {"threads": "1", "x264-params": "mbtree=0"}  # else the bytes differ from run to run
    return specimens.encoded(((number / rate, picture) for number, picture in enumerate(pictures)), **options)


def _sized(picture: Picture, size: tuple[int, int] = (WIDE, HIGH)) -> Picture:
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX), np.uint8)


def cropped(picture: Picture) -> Picture:
    return _sized(picture[30:165, 20:260])


def _bordered(picture: Picture) -> Picture:
    canvas = np.full_like(picture, (40, 90, 200))
    canvas[18:162, 32:288] = _sized(picture, (256, 144))
    return canvas


def _stripped(picture: Picture) -> Picture:
    return np.concatenate([np.full((40, WIDE, 3), (30, 30, 90), np.uint8), picture])


def _rotated(picture: Picture) -> Picture:
    turned = Image.fromarray(picture).rotate(7, Image.Resampling.BILINEAR)
    return _sized(np.asarray(turned)[20:160, 30:290])


def _captioned(picture: Picture) -> Picture:
    image = Image.fromarray(np.concatenate([np.full((36, WIDE, 3), 255, np.uint8), picture]))
    ImageDraw.Draw(image).text((10, 10), "Wait until the end of this one", fill=(0, 0, 0))
    return np.asarray(image)


def _within(picture: Picture, other: Picture) -> Picture:
    canvas = other.copy()
    canvas[8:89, 168:312] = _sized(picture, (144, 81))
    return canvas


def _beside(picture: Picture, other: Picture) -> Picture:
    canvas = np.zeros_like(picture)
    canvas[45:135, :160], canvas[45:135, 160:] = _sized(picture, (160, 90)), _sized(other, (160, 90))
    return canvas


def _each(edit: Callable[[Picture], Picture]) -> Callable[[list[Picture], list[Picture]], list[Picture]]:
    return lambda pictures, _other: [edit(picture) for picture in pictures]


def _with(edit: Callable[[Picture, Picture], Picture]) -> Callable[[list[Picture], list[Picture]], list[Picture]]:
    return lambda pictures, other: [edit(*pair) for pair in zip(pictures, other, strict=True)]


# What is done to a film; the second argument is another film, which some copies show, too.
EDITS: dict[str, Callable[[list[Picture], list[Picture]], list[Picture]]] = {
    "cropped": _each(cropped),
    "bordered": _each(_bordered),
    "strip": _each(_stripped),
    "rotated": _each(_rotated),
    "picture_in_picture": _with(_within),
    "side_by_side": _with(_beside),
    "mirrored_and_cropped": _each(lambda picture: cropped(picture)[:, ::-1]),
    "captioned": _each(_captioned),
    "faster": lambda pictures, _other: [pictures[int(number * 1.25)] for number in range(int(len(pictures) / 1.25))],
    "reversed": lambda pictures, _other: pictures[::-1],
    "excerpt": lambda pictures, other: [*other[:30], *(cropped(each) for each in pictures[24:90]), *other[30:54]],
}


def scrolled(seed: int, *, seconds: float = 8.0) -> list[Picture]:
    """Text beside a coloured panel scrolls up; another seed has other words, the same panel and the same speed."""
    chance, panel = np.random.default_rng(seed), noise(77, (60, HIGH))
    page = Image.new("RGB", (WIDE, HIGH + round(24 * seconds) + 20), (244, 244, 240))
    pen = ImageDraw.Draw(page)
    for row in range(page.height // 15):
        pen.text((70, 15 * row), " ".join(chance.choice(_WORDS, 6)), fill=(20, 20, 30))
    paper, pictures = np.asarray(page), []
    for number in range(round(seconds * RATE)):
        top = number * 24 // RATE
        pictures.append(np.concatenate([panel, paper[top : top + HIGH, 60:]], axis=1))
    return pictures


def typed(seed: int, *, seconds: float = 8.0) -> list[Picture]:
    """Text is typed into an editor's window; another seed types other words at other moments into the same window."""
    chance = np.random.default_rng(seed)
    canvas = Image.fromarray(np.concatenate([noise(78, (WIDE, 40)), np.full((HIGH - 40, WIDE, 3), 32, np.uint8)]))
    pen, text = ImageDraw.Draw(canvas), " ".join(chance.choice(_WORDS, 60))
    moments, place, pictures = np.cumsum(chance.exponential(1 / 9, len(text))), 0, []
    for number in range(round(seconds * RATE)):
        while place < len(text) and moments[place] <= number / RATE:
            pen.text((10 + 7 * (place % 42), 46 + 14 * (place // 42)), text[place], fill=(200, 220, 200))
            place += 1
        pictures.append(np.asarray(canvas).copy())
    return pictures


def faded(seed: int, *, seconds: float = 8.0) -> list[Picture]:
    """A title on a backdrop fades in and out; another seed has another title on the same backdrop at the same moments."""
    chance, backdrop = np.random.default_rng(seed), Image.fromarray(noise(79, (WIDE, HIGH)))
    ImageDraw.Draw(backdrop).text((60, 80), " ".join(chance.choice(_WORDS, 4)), fill=(255, 255, 255))
    shown, count = np.asarray(backdrop, np.float64), round(seconds * RATE)
    light = np.clip(2.2 * np.sin(np.pi * np.linspace(0, 2, count)) ** 2, 0.05, 1)
    return [(shown * share).astype(np.uint8) for share in light]
