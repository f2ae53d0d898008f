"""Drawn videos that look filmed: places, presenters and rides of a camera, all drawn from a seed.

Each function takes the chance of what stays the same within a group (`look`) and the chance of one video (`take`), and gives
what draws the picture at a second.
"""

import math
import random
from collections.abc import Callable
from typing import Final

from PIL import Image, ImageDraw

from portal.sandbox.drawing.brushes import add_texture, colour_gradient

SIZE: Final = (480, 270)
Painter = Callable[[float], Image.Image]
Colour = tuple[int, int, int]
_BILINEAR: Final = Image.Resampling.BILINEAR


def place(look: random.Random, take: random.Random) -> Painter:
    """A camera on a tripod; things pass before a background that stays."""
    background = _background(look, SIZE)
    passing = [_passer(take, SIZE) for _ in range(take.randint(4, 7))]

    def paint(second: float) -> Image.Image:
        picture = background.copy()
        for each in passing:
            each(picture, second)
        return picture

    return paint


def ride(look: random.Random, take: random.Random) -> Painter:
    """A camera that pans and zooms over a place in which things move."""
    whole = (SIZE[0] * 2, SIZE[1] * 2)
    background = _background(look, whole)
    passing = [_passer(take, whole) for _ in range(take.randint(5, 9))]
    waves = [(take.uniform(0.1, 0.35), take.uniform(0, 6.3)) for _ in range(3)]

    def paint(second: float) -> Image.Image:
        picture = background.copy()
        for each in passing:
            each(picture, second)
        across, down, zoom = (0.5 + 0.5 * math.sin(second * pace * 2 + phase) for pace, phase in waves)
        side = 0.5 + 0.25 * zoom
        left, top = across * (1 - side) * whole[0], down * (1 - side) * whole[1]
        return picture.resize(SIZE, _BILINEAR, box=(left, top, left + side * whole[0], top + side * whole[1]))

    return paint


def presenter(look: random.Random, take: random.Random) -> Painter:
    """Somebody talks before a shelf: head, eyes, mouth and hands move."""
    background = _shelf(look)
    skin, shirt, hair = _colour(look, 120, 230), _colour(look, 30, 200), _colour(look, 10, 90)
    middle, size = look.uniform(0.35, 0.65) * SIZE[0], look.uniform(0.75, 1.1)
    sway, speech, hands = (_oscillation(take, count) for count in (2, 4, 3))

    def paint(second: float) -> Image.Image:
        picture = background.copy()
        pen = ImageDraw.Draw(picture)
        x, y = middle + 9 * sway(second), 118 + 5 * sway(second * 0.7 + 3)
        pen.polygon(
            [(x - 105 * size, 270), (x - 48 * size, 190), (x + 48 * size, 190), (x + 105 * size, 270)], fill=shirt
        )
        _head(pen, (x, y), size, (skin, hair), (speech(second), math.sin(second * 1.9 + sway(second))))
        for side in (-1, 1):
            left, top = x + side * (75 + 22 * hands(second + side)), 236 - 26 * hands(second * 1.2 + 2 * side)
            pen.ellipse((left - 17, top - 15, left + 17, top + 15), fill=skin, outline=hair)
        return picture

    return paint


def _head(
    pen: ImageDraw.ImageDraw,
    at: tuple[float, float],
    size: float,
    colours: tuple[Colour, Colour],
    state: tuple[float, float],
) -> None:
    (x, y), (skin, hair), (opening, lids) = at, colours, state
    pen.ellipse((x - 46 * size, y - 66 * size, x + 46 * size, y + 20 * size), fill=hair)
    pen.ellipse((x - 40 * size, y - 50 * size, x + 40 * size, y + 58 * size), fill=skin)
    high = 5.0 if lids < 0.9 else 1.0
    for side in (-1, 1):
        eye = x + side * 16 * size
        pen.ellipse((eye - 7, y - 8 - high, eye + 7, y - 8 + high), fill=(250, 250, 250), outline=hair)
        pen.ellipse((eye - 3, y - 11, eye + 3, y - 5), fill=hair)
    wide, tall = 15 * size, 2 + 9 * abs(opening)
    pen.ellipse((x - wide, y + 30 * size - tall, x + wide, y + 30 * size + tall), fill=(120, 40, 40))


def _oscillation(chance: random.Random, count: int) -> Callable[[float], float]:
    """A sum of waves, -1..1."""
    waves = [(chance.uniform(0.6, 5.0), chance.uniform(0, 6.3), chance.uniform(0.4, 1.0)) for _ in range(count)]
    total = sum(depth for _, _, depth in waves)
    return lambda second: sum(depth * math.sin(pace * second + phase) for pace, phase, depth in waves) / total


def _background(chance: random.Random, size: tuple[int, int]) -> Image.Image:
    picture = colour_gradient(size, _colour(chance, 60, 240), _colour(chance, 40, 200))
    pen = ImageDraw.Draw(picture)
    for _ in range(chance.randint(40, 90)):
        _shape(pen, chance, size)
    return add_texture(picture, chance.getrandbits(30))


def _shape(pen: ImageDraw.ImageDraw, chance: random.Random, size: tuple[int, int]) -> None:
    x, y = chance.uniform(-0.1, 1) * size[0], chance.uniform(0.1, 1) * size[1]
    wide, high = chance.uniform(6, 70), chance.uniform(6, 60)
    colour, kind = _colour(chance, 10, 245), chance.random()
    if kind < 0.5:
        pen.rectangle((x, y, x + wide, y + high), fill=colour, outline=_colour(chance, 0, 255))
    elif kind < 0.8:
        pen.ellipse((x, y, x + wide, y + high), fill=colour, outline=_colour(chance, 0, 255))
    else:
        pen.polygon([(x, y + high), (x + wide / 2, y), (x + wide, y + high)], fill=colour)


def _shelf(chance: random.Random) -> Image.Image:
    picture = colour_gradient(SIZE, _colour(chance, 90, 220), _colour(chance, 60, 180))
    pen = ImageDraw.Draw(picture)
    for row in range(4):
        x, foot = 0.0, 66 + 66 * row
        while x < SIZE[0]:
            wide, high = chance.uniform(6, 19), chance.uniform(26, 54)
            pen.rectangle((x, foot - high, x + wide, foot), fill=_colour(chance, 20, 235), outline=(30, 26, 22))
            x += wide + (chance.uniform(8, 40) if chance.random() < 0.1 else 1)
        pen.rectangle((0, foot, SIZE[0], foot + 5), fill=(70, 48, 30))
    return add_texture(picture, chance.getrandbits(30))


def _passer(chance: random.Random, size: tuple[int, int]) -> Callable[[Image.Image, float], None]:
    """A textured thing on a path of its own."""
    wide, high = round(chance.uniform(0.06, 0.16) * size[0]), round(chance.uniform(0.1, 0.3) * size[1])
    sprite = Image.new("RGB", (wide, high), _colour(chance, 10, 245))
    pen = ImageDraw.Draw(sprite)
    for _ in range(9):
        _shape(pen, chance, (wide, high))
    mask = Image.new("L", (wide, high))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, wide - 1, high - 1), radius=min(wide, high) // 3, fill=255)
    across, down = _oscillation(chance, 2), _oscillation(chance, 2)
    middle = chance.uniform(0.15, 0.85), chance.uniform(0.3, 0.9)

    def show(picture: Image.Image, second: float) -> None:
        left = (middle[0] + 0.45 * across(second * 0.6)) * size[0] - wide / 2
        top = (middle[1] + 0.2 * down(second * 0.8)) * size[1] - high / 2
        picture.paste(sprite, (round(left), round(top)), mask)

    return show


def _colour(chance: random.Random, low: int, high: int) -> Colour:
    red, green, blue = (chance.randint(low, high) for _ in range(3))
    return red, green, blue
