"""Drawn videos that were never filmed: slides, recordings of an editor, animations and shows of photographs.

Arguments and results as in scenes.py.
"""

import bisect
import itertools
import math
import random
from typing import Final

from PIL import Image, ImageDraw

from portal.bench.originality import lettering, scenes
from portal.bench.originality.scenes import SIZE, Colour, Painter

_LINES: Final = 13  # of an editor
_SHOWN: Final = 12.0  # s for which a drawing is prepared


def slides(look: random.Random, take: random.Random) -> Painter:
    """A template with a head, a mark and a foot; text and figures differ, the moments of change at times do not."""
    head, paper, ink = (_bright(look, *tones) for tones in ((20, 150), (205, 255), (0, 80)))
    mark, foot, even = lettering.word(look).upper(), lettering.sentence(look, 3), look.random() < 0.4
    pace = look.uniform(2.0, 3.0)
    moments = [pace * number for number in range(1, 7)] if even else list(itertools.accumulate(_pauses(take)))
    pages = [_slide(take, (head, paper, ink), (mark, foot)) for _ in range(len(moments) + 1)]
    return lambda second: pages[bisect.bisect_right(moments, second)]


def editor(look: random.Random, take: random.Random) -> Painter:
    """A window with menus and a list of files, in which somebody types; the text scrolls."""
    frame = _window(look)
    ink, pace, phase = _bright(look, 150, 255), take.uniform(9, 22), take.uniform(0, 3)
    lines = [" " * 2 * take.randint(0, 3) + lettering.sentence(take, take.randint(1, 5)) for _ in range(60)]
    ends = list(itertools.accumulate(len(line) + 2 for line in lines))
    typed = take.randint(150, 330)

    def paint(second: float) -> Image.Image:
        picture = frame.copy()
        pen = ImageDraw.Draw(picture)
        count = typed + int(pace * second + 2 * math.sin(second * 1.3 + phase))
        last = bisect.bisect_right(ends, count)
        rest = lines[last][: count - (ends[last - 1] if last else 0)]
        for row, text in enumerate([*lines[max(0, last - _LINES + 1) : last], rest + "|" * (int(second * 2) % 2)]):
            pen.text((112, 26 + row * 18), text, fill=ink, font=lettering.font(12))
        return picture

    return paint


def animation(look: random.Random, take: random.Random) -> Painter:
    """Plain shapes that wander and turn before a plain ground."""
    ground = _bright(look, 180, 250)
    shapes = [
        (_bright(take, 10, 230), take.randint(3, 7), take.uniform(14, 44), [take.uniform(0.3, 2.2) for _ in range(3)])
        for _ in range(take.randint(5, 10))
    ]
    phase = take.uniform(0, 6.3)

    def paint(second: float) -> Image.Image:
        picture = Image.new("RGB", SIZE, ground)
        pen = ImageDraw.Draw(picture)
        for number, (colour, corners, radius, (across, down, turn)) in enumerate(shapes):
            x = SIZE[0] * (0.5 + 0.42 * math.sin(across * second + phase + number * 1.7))
            y = SIZE[1] * (0.5 + 0.40 * math.cos(down * second + number * 2.3))
            pen.regular_polygon(
                (x, y, radius), corners, rotation=math.degrees(turn * second), fill=colour, outline=(0, 0, 0)
            )
        return picture

    return paint


def photographs(look: random.Random, take: random.Random) -> Painter:  # noqa: ARG001 -- nothing is shared
    """Three still pictures, each slowly enlarged, one fading into the next."""
    stills = [scenes.place(take, take)(take.uniform(0, 9)) for _ in range(3)]
    pace, ends = take.uniform(2.4, 3.2), [(take.random(), take.random()) for _ in stills]

    def enlarged(number: int, second: float) -> Image.Image:
        share = 1 - 0.03 * min(second - number * pace, pace + 1)
        left, top = (place * (1 - share) * side for place, side in zip(ends[number], SIZE, strict=True))
        box = (left, top, left + share * SIZE[0], top + share * SIZE[1])
        return stills[number].resize(SIZE, Image.Resampling.BILINEAR, box=box)

    def paint(second: float) -> Image.Image:
        number = min(int(second / pace), len(stills) - 1)
        into = second - number * pace
        if number and into < 0.5:
            return Image.blend(enlarged(number - 1, second), enlarged(number, second), into / 0.5)
        return enlarged(number, second)

    return paint


def _slide(chance: random.Random, colours: tuple[Colour, Colour, Colour], texts: tuple[str, str]) -> Image.Image:
    head, paper, ink = colours
    picture = Image.new("RGB", SIZE, paper)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, SIZE[0], 40), fill=head)
    pen.text((14, 9), lettering.sentence(chance, 3), fill=(255, 255, 255), font=lettering.font(20))
    pen.rectangle((SIZE[0] - 76, 8, SIZE[0] - 12, 32), fill=paper)
    pen.text((SIZE[0] - 70, 11), texts[0], fill=head, font=lettering.font(14))
    for row in range(chance.randint(3, 6)):
        top = 58 + row * 31
        pen.ellipse((22, top + 5, 30, top + 13), fill=head)
        pen.text((40, top), lettering.sentence(chance, chance.randint(2, 4)), fill=ink, font=lettering.font(15))
    if chance.random() < 0.5:
        for column in range(5):
            high = chance.uniform(20, 130)
            pen.rectangle((330 + column * 26, 220 - high, 350 + column * 26, 220), fill=_bright(chance, 40, 220))
    pen.text((14, SIZE[1] - 20), texts[1], fill=ink, font=lettering.font(11))
    return picture


def _window(chance: random.Random) -> Image.Image:
    ground, side, bar = _bright(chance, 10, 50), _bright(chance, 30, 80), _bright(chance, 50, 120)
    picture = Image.new("RGB", SIZE, ground)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, 100, SIZE[1]), fill=side)
    pen.rectangle((0, 0, SIZE[0], 20), fill=bar)
    for number in range(6):
        pen.text(
            (8 + number * 62, 4), lettering.word(chance).capitalize(), fill=(230, 230, 230), font=lettering.font(11)
        )
    for row in range(12):
        pen.text((10, 28 + row * 19), lettering.word(chance) + ".py", fill=(200, 205, 210), font=lettering.font(11))
    return picture


def _pauses(chance: random.Random) -> list[float]:
    return [chance.uniform(1.2, 3.2) for _ in range(8)]


def _bright(chance: random.Random, low: int, high: int) -> Colour:
    red, green, blue = (chance.randint(low, high) for _ in range(3))
    return red, green, blue
