"""Places outside: an orchard, a shore and a city."""

import math
import random

from PIL import Image, ImageDraw

from portal.sandbox.drawing.brushes import DrawMovement, Size, colour_gradient, draw_disc, draw_hills, shade_colour


def paint_orchard(chance: random.Random, size: Size) -> Image.Image:
    wide, high = size
    picture = colour_gradient(size, (92, 156, 216), (238, 226, 200))
    pen = ImageDraw.Draw(picture)
    for level, tone in ((0.45, (118, 150, 142)), (0.55, (92, 136, 92)), (0.66, (120, 156, 66))):
        draw_hills(pen, chance, size, level, tone)
    for row in range(3):
        radius = wide * (0.035 + 0.022 * row)
        for column in range(10 - 2 * row):
            x = wide * (column + chance.uniform(0.1, 0.9)) / (10 - 2 * row)
            _tree(pen, chance, (x, high * (0.62 + 0.14 * row)), radius)
    return picture


def _tree(pen: ImageDraw.ImageDraw, chance: random.Random, foot: tuple[float, float], radius: float) -> None:
    x, y = foot
    pen.line((x, y, x, y - radius * 2), fill=(78, 54, 38), width=max(2, round(radius / 4)))
    for colour, count, dot in (((38, 92, 42), 14, 0.5), ((84, 140, 54), 12, 0.36), ((206, 50, 40), 9, 0.13)):
        for _ in range(count):
            turn, away = chance.uniform(0, 6.3), radius * math.sqrt(chance.random())
            tone = shade_colour(colour, chance.uniform(0.75, 1.2))
            draw_disc(
                pen, x + away * math.cos(turn), y - radius * 2.3 + away * 0.8 * math.sin(turn), radius * dot, tone
            )


def animate_birds(chance: random.Random, size: Size) -> DrawMovement:
    wide, high = size
    birds = [(chance.random(), chance.uniform(0.05, 0.7), chance.uniform(0.06, 0.16)) for _ in range(11)]
    clouds = [(chance.random(), chance.uniform(0.02, 0.3), chance.uniform(0.02, 0.05)) for _ in range(4)]

    def act(pen: ImageDraw.ImageDraw, second: float) -> None:
        for x, y, pace in clouds:
            left = wide * ((x + second * pace) % 1.2 - 0.1)
            for puff in range(5):
                draw_disc(
                    pen, left + wide * 0.03 * puff, high * (y + 0.02 * (puff % 2)), wide * 0.035, (255, 255, 255, 225)
                )
        for x, y, pace in birds:
            left, beat = wide * (1.1 - (x + second * pace) % 1.2), math.sin(second * 60 * pace + x * 9)
            top, span = high * (y + 0.03 * math.sin(second + x * 7)), wide * 0.025
            wing = [(left - span, top - span * beat), (left, top), (left + span, top - span * beat)]
            pen.line(wing, fill=(36, 36, 52, 255), width=max(2, wide // 150))

    return act


def paint_shore(chance: random.Random, size: Size) -> Image.Image:
    wide, high = size
    picture = colour_gradient(size, (58, 78, 140), (250, 178, 120))
    pen = ImageDraw.Draw(picture)
    draw_disc(pen, wide * chance.uniform(0.15, 0.85), high * 0.36, high * chance.uniform(0.08, 0.14), (255, 236, 170))
    for level, tone in ((0.4, (112, 92, 128)), (0.45, (78, 70, 108))):
        draw_hills(pen, chance, size, level, tone)
    pen.rectangle((0, high * 0.5, wide, high), fill=(34, 72, 110))
    for _ in range(9):
        x, tall = wide * chance.random(), high * chance.uniform(0.05, 0.2)
        foot = high * chance.uniform(0.5, 0.62)
        side = tall * chance.uniform(0.4, 1.1)
        rock = [(x - side, foot), (x - side / 2, foot - tall * 0.7), (x + side / 6, foot - tall), (x + side, foot)]
        pen.polygon(rock, fill=shade_colour((70, 58, 62), chance.uniform(0.6, 1.4)))
    return picture


def animate_waves(chance: random.Random, size: Size) -> DrawMovement:
    wide, high = size
    rows = [(chance.uniform(5, 14), chance.uniform(0, 6.3), chance.uniform(0.8, 2.2)) for _ in range(7)]
    boat, pace = chance.uniform(0.1, 0.5), chance.uniform(0.03, 0.07)

    def act(pen: ImageDraw.ImageDraw, second: float) -> None:
        for number, (count, phase, speed) in enumerate(rows):
            base, deep = high * (0.56 + 0.065 * number), high * (0.012 + 0.004 * number)
            line = [
                (x, base + deep * math.sin(count * x / wide * 6.3 + phase + second * speed))
                for x in range(0, wide + 9, 9)
            ]
            pen.polygon([(0, high), *line, (wide, high)], fill=(*shade_colour((52, 118, 160), 0.6 + 0.1 * number), 255))
            pen.line(line, fill=(214, 232, 240, 255), width=max(1, round(high * 0.006)))
            if number == 2:
                _sail(pen, wide * (boat + pace * second), base + 2 * deep * math.sin(second * 1.6 + phase), high * 0.2)

    return act


def _sail(pen: ImageDraw.ImageDraw, x: float, y: float, tall: float) -> None:
    hull = [(x - tall / 2, y), (x + tall / 2, y), (x + tall / 3, y + tall / 5), (x - tall / 3, y + tall / 5)]
    pen.polygon(hull, fill=(120, 48, 40, 255))
    pen.polygon([(x, y - tall), (x, y), (x + tall / 2.2, y)], fill=(246, 240, 226, 255))
    pen.polygon([(x - 3, y - tall * 0.8), (x - 3, y), (x - tall / 3, y)], fill=(226, 196, 160, 255))


def paint_city(chance: random.Random, size: Size) -> Image.Image:
    wide, high = size
    picture = colour_gradient(size, (28, 30, 70), (216, 120, 106))
    pen = ImageDraw.Draw(picture)
    for depth in range(3):
        x = -wide * 0.02
        while x < wide:
            side = wide * chance.uniform(0.05, 0.11)
            top = high * (chance.uniform(0.1, 0.5) + 0.1 * depth)
            tone = shade_colour(chance.choice([(88, 84, 120), (120, 92, 100), (70, 92, 110)]), 1.1 - 0.28 * depth)
            pen.rectangle((x, top, x + side, high * 0.84), fill=tone)
            _windows(pen, chance, (x, top, x + side, high * 0.82), wide / 80)
            x += side + wide * chance.uniform(0, 0.03)
    pen.rectangle((0, high * 0.84, wide, high), fill=(44, 44, 54))
    for number in range(12):
        pen.rectangle(
            (wide * number / 12, high * 0.915, wide * (number + 0.5) / 12, high * 0.925), fill=(220, 210, 160)
        )
    return picture


def _windows(
    pen: ImageDraw.ImageDraw, chance: random.Random, wall: tuple[float, float, float, float], step: float
) -> None:
    left, top, right, bottom = wall
    for row in range(int((bottom - top) / step) - 1):
        for column in range(int((right - left) / step) - 1):
            x, y = left + (column + 0.7) * step, top + (row + 0.7) * step
            tone = chance.choice([(255, 214, 130), (40, 44, 66), (40, 44, 66), (250, 240, 200)])
            pen.rectangle((x, y, x + step * 0.5, y + step * 0.55), fill=tone)


def animate_cars(chance: random.Random, size: Size) -> DrawMovement:
    wide, high = size
    paints = [(208, 60, 52), (236, 190, 60), (80, 150, 210), (230, 230, 230)]
    cars = [
        (chance.random(), chance.choice([-1, 1]) * chance.uniform(0.08, 0.25), chance.choice(paints)) for _ in range(8)
    ]

    def act(pen: ImageDraw.ImageDraw, second: float) -> None:
        for start, pace, paint in cars:
            x, y = wide * ((start + pace * second) % 1.2 - 0.1), high * (0.87 if pace > 0 else 0.94)
            long, tall = wide * 0.08, high * 0.05
            pen.rectangle((x, y - tall, x + long, y), fill=(*paint, 255))
            pen.rectangle(
                (x + long * 0.2, y - tall * 1.8, x + long * 0.8, y - tall), fill=(*shade_colour(paint, 0.7), 255)
            )
            for wheel in (0.2, 0.8):
                draw_disc(pen, x + long * wheel, y, tall * 0.4, (18, 18, 22, 255))
            lamp = x + long if pace > 0 else x
            draw_disc(pen, lamp, y - tall / 2, tall, (255, 246, 190, 120))

    return act
