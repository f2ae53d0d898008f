"""What the painters of the sets share: types, gradients, grain, discs, hills and pots.

Colours are (red, green, blue), 0..255; places and sizes are px of the panorama.
"""

import math
import random
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

Size = tuple[int, int]
Colour = tuple[int, int, int]
DrawMovement = Callable[[ImageDraw.ImageDraw, float], None]


def add_texture(picture: Image.Image, seed: int) -> Image.Image:
    """The picture with grain and uneven light, so that no surface is plain."""
    chance = np.random.default_rng(seed)
    light = np.ones((picture.height, picture.width), np.float32)
    for cells, depth in ((3, 0.3), (9, 0.18), (40, 0.12)):
        grid = Image.fromarray(chance.random((cells, cells * 2), np.float32))
        light += depth * (np.asarray(grid.resize(picture.size, Image.Resampling.BICUBIC)) - 0.5)
    lit = np.asarray(picture, np.float32) * light[..., None]
    return Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8))


def shade_colour(colour: Colour, light: float) -> Colour:
    red, green, blue = (min(255, max(0, round(part * light))) for part in colour)
    return red, green, blue


def colour_gradient(size: Size, top: Colour, bottom: Colour) -> Image.Image:
    """A picture that passes from one colour to another."""
    share = np.linspace(0, 1, size[1], dtype=np.float32)[:, None, None]
    column = np.asarray(top, np.float32) * (1 - share) + np.asarray(bottom, np.float32) * share
    return Image.fromarray(np.repeat(column, size[0], axis=1).astype(np.uint8))


def draw_disc(pen: ImageDraw.ImageDraw, x: float, y: float, radius: float, colour: tuple[int, ...]) -> None:
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def draw_hills(pen: ImageDraw.ImageDraw, chance: random.Random, size: Size, level: float, colour: Colour) -> None:
    wide, high = size
    waves = [(chance.uniform(1, 7), chance.uniform(0, 6.3), chance.uniform(0.01, 0.05)) for _ in range(4)]
    line = [
        (x, high * (level + sum(depth * math.sin(count * x / wide * 6.3 + phase) for count, phase, depth in waves)))
        for x in range(0, wide + 8, 8)
    ]
    pen.polygon([(0, high), *line, (wide, high)], fill=colour)


def draw_vessel(pen: ImageDraw.ImageDraw, place: tuple[float, float], size: Size, form: float, colour: Colour) -> None:
    """A pot that stands at `place` (middle of its foot); `form` 0..6.3 bends its wall."""
    x, foot = place
    rows = 24
    for row in range(rows):
        share = row / rows
        half = size[0] / 2 * (0.62 + 0.3 * math.sin(share * 3.1 + 0.2) + 0.22 * math.sin(share * 5 + form))
        top = foot - size[1] * (row + 1) / rows
        bottom = foot - size[1] * row / rows
        for part in range(6):
            left, right = x - half + half * part / 3, x - half + half * (part + 1) / 3
            stripe = 0.75 if row % 7 == int(form * 2) % 7 else 1.0
            pen.rectangle((left, top, right, bottom), fill=shade_colour(colour, stripe * (1.25 - 0.16 * part)))
    pen.ellipse((x - half, top - size[1] * 0.05, x + half, top + size[1] * 0.05), fill=shade_colour(colour, 0.4))
