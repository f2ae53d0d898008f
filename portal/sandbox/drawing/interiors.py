"""Rooms: a pottery and a kitchen."""

import math
import random

from PIL import Image, ImageDraw, ImageFilter

from portal.sandbox.drawing.brushes import DrawMovement, Size, colour_gradient, draw_disc, draw_vessel, shade_colour


def paint_workshop(chance: random.Random, size: Size) -> Image.Image:
    wide, high = size
    picture = colour_gradient(size, (150, 104, 74), (86, 60, 48))
    pen = ImageDraw.Draw(picture)
    plank = wide / chance.randint(7, 12)
    for number in range(13):
        tone = shade_colour((142, 98, 68), chance.uniform(0.6, 1.3))
        pen.rectangle((number * plank, 0, (number + 1) * plank - 3, high * 0.72), fill=tone)
    pane = chance.uniform(0.1, 0.7)
    pen.rectangle((pane * wide, high * 0.06, (pane + 0.2) * wide, high * 0.34), fill=(236, 226, 190))
    pen.line(((pane + 0.1) * wide, high * 0.06, (pane + 0.1) * wide, high * 0.34), fill=(80, 60, 50), width=5)
    for level in (0.42, 0.7):
        pen.rectangle((0, high * level, wide, high * (level + 0.03)), fill=(60, 38, 28))
        x = chance.uniform(0.0, 0.06)
        while x < 1:
            tone = chance.choice([(196, 120, 82), (92, 128, 140), (222, 206, 178), (120, 70, 54), (70, 92, 80)])
            body = (round(wide * chance.uniform(0.05, 0.1)), round(high * chance.uniform(0.1, 0.22)))
            draw_vessel(pen, (wide * x, high * level), body, chance.uniform(0, 6.3), tone)
            x += chance.uniform(0.07, 0.15)
    pen.rectangle((0, high * 0.86, wide, high), fill=(74, 66, 62))
    return picture


def animate_potter(chance: random.Random, size: Size) -> DrawMovement:
    wide, high = size
    x, pace, phase = wide * chance.uniform(0.35, 0.65), chance.uniform(0.5, 0.9), chance.uniform(0, 6.3)

    def act(pen: ImageDraw.ImageDraw, second: float) -> None:
        pen.ellipse((x - wide * 0.15, high * 0.84, x + wide * 0.15, high * 0.94), fill=(54, 50, 52, 255))
        tall = high * (0.28 + 0.1 * math.sin(second * pace + phase))
        draw_vessel(pen, (x, high * 0.89), (round(wide * 0.15), round(tall)), second * 2.2 + phase, (188, 112, 78))
        for side in (-1, 1):
            y = high * 0.86 - tall * (0.55 + 0.4 * math.sin(second * pace * 2 + side + phase))
            hand = x + side * wide * (0.1 + 0.015 * math.sin(second * 5 + phase))
            pen.line((hand, y, x + side * wide * 0.3, high), fill=(72, 88, 132, 255), width=round(wide * 0.05))
            draw_disc(pen, hand, y, wide * 0.03, (226, 176, 146, 255))

    return act


def paint_kitchen(chance: random.Random, size: Size) -> Image.Image:
    wide, high = size
    picture = Image.new("RGB", size, (206, 200, 190))
    pen = ImageDraw.Draw(picture)
    tile = wide / chance.randint(14, 20)
    glaze = chance.choice([(120, 168, 172), (226, 214, 186), (190, 130, 110)])
    for row in range(int(high * 0.6 / tile) + 1):
        for column in range(int(wide / tile) + 1):
            box = (column * tile, row * tile, (column + 1) * tile - 2, (row + 1) * tile - 2)
            pen.rectangle(box, fill=shade_colour(glaze, chance.uniform(0.72, 1.15)))
    pen.rectangle((0, high * 0.62, wide, high), fill=(126, 86, 58))
    for _ in range(26):
        x, y, long = wide * chance.random(), high * chance.uniform(0.64, 1), wide * chance.uniform(0.1, 0.3)
        pen.line((x, y, x + long, y), fill=(106, 70, 46), width=2)
    for _ in range(7):
        x, tall = wide * chance.random(), high * chance.uniform(0.18, 0.36)
        tone = chance.choice([(60, 90, 60), (150, 60, 50), (235, 225, 205), (70, 74, 90), (214, 160, 60)])
        draw_vessel(pen, (x, high * 0.66), (round(wide * 0.07), round(tall)), chance.uniform(0, 6.3), tone)
    for _ in range(12):
        tone = chance.choice([(206, 58, 44), (110, 150, 56), (232, 140, 50), (120, 60, 110)])
        draw_disc(
            pen, wide * chance.random(), high * chance.uniform(0.72, 0.95), high * chance.uniform(0.02, 0.05), tone
        )
    return picture.filter(ImageFilter.SMOOTH)


def animate_cooking(chance: random.Random, size: Size) -> DrawMovement:
    wide, high = size
    x, pace, phase = wide * chance.uniform(0.3, 0.7), chance.uniform(1.5, 2.6), chance.uniform(0, 6.3)
    bits = [(chance.uniform(0, 6.3), chance.uniform(-0.09, 0.09), chance.uniform(0.8, 1.3)) for _ in range(10)]
    paints = [(206, 58, 44), (110, 150, 56), (240, 190, 70)]

    def act(pen: ImageDraw.ImageDraw, second: float) -> None:
        tilt = high * 0.03 * math.sin(second * pace + phase)
        for puff in range(7):
            rise = (second * 0.35 + puff / 7 + phase) % 1
            drift = wide * 0.03 * math.sin(second * 2 + puff * 2)
            fog = round(150 * (1 - rise))
            draw_disc(pen, x + drift, high * (0.68 - 0.5 * rise), high * (0.03 + 0.07 * rise), (246, 246, 246, fog))
        for number, (turn, aside, spring) in enumerate(bits):
            jump = abs(math.sin(second * pace * spring + turn)) * high * 0.24
            draw_disc(pen, x + wide * aside, high * 0.76 - jump, high * 0.025, (*paints[number % 3], 255))
        pen.line((x, high * 0.8 + tilt, x + wide * 0.3, high * 0.76 - tilt), fill=(32, 30, 32, 255), width=wide // 45)
        pen.chord(
            (x - wide * 0.13, high * 0.68 + tilt, x + wide * 0.13, high * 0.88 - tilt), 0, 180, fill=(48, 48, 54, 255)
        )
        pen.ellipse((x - wide * 0.13, high * 0.75, x + wide * 0.13, high * 0.81), outline=(90, 90, 98, 255), width=4)

    return act
