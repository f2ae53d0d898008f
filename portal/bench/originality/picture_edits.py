"""What copyists do to the picture. Each function draws a geometry and gives an edit of one picture at its second."""

import math
import random
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from portal.bench.originality import lettering
from portal.bench.originality.clips import Clip

Size = tuple[int, int]
PictureEdit = Callable[[Image.Image, float], Image.Image]
Colour = tuple[int, int, int]

_BILINEAR: Final = Image.Resampling.BILINEAR
_QUARTERS: Final = (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)


def crop(chance: random.Random, low: float, high: float) -> PictureEdit:
    """Cut away `low`..`high` of each side's length, somewhere, and enlarge the rest."""
    shares = [1 - chance.uniform(low, high) for _ in range(2)]
    places = [chance.random() * (1 - share) for share in shares]

    def edit(picture: Image.Image, _second: float) -> Image.Image:
        wide, high_px = picture.size
        left, top = places[0] * wide, places[1] * high_px
        return picture.resize(
            picture.size, _BILINEAR, box=(left, top, left + shares[0] * wide, top + shares[1] * high_px)
        )

    return edit


def border(chance: random.Random) -> PictureEdit:
    """Shrink the picture within a border of a colour."""
    colour, share = _colour(chance), chance.uniform(0.06, 0.18)
    return lambda picture, _second: _placed(
        Image.new("RGB", picture.size, colour), picture, (share, share, 1 - share, 1 - share)
    )


def strip(chance: random.Random) -> PictureEdit:
    """Shrink the picture above or below a bar with a text."""
    colour, share, text, above = (
        _colour(chance),
        chance.uniform(0.12, 0.28),
        lettering.sentence(chance),
        chance.random(),
    )

    def edit(picture: Image.Image, _second: float) -> Image.Image:
        canvas = Image.new("RGB", picture.size, colour)
        top = share if above < 0.5 else 0.0
        _write(canvas, text, 0.04 if top else 1 - share * 0.75, share * 0.4, _contrast(colour))
        return _placed(canvas, picture, (0, top, 1, top + 1 - share))

    return edit


def caption_bar(chance: random.Random) -> PictureEdit:
    """Cover a band of the picture with a bar and a text."""
    colour, share, place = _colour(chance), chance.uniform(0.1, 0.2), chance.choice((0.0, 0.4, 1.0))
    text = lettering.sentence(chance)

    def edit(picture: Image.Image, _second: float) -> Image.Image:
        picture = picture.copy()
        top = place * (1 - share)
        band = (0, round(top * picture.height), picture.width, round((top + share) * picture.height))
        ImageDraw.Draw(picture).rectangle(band, fill=colour)
        _write(picture, text, top + share * 0.2, share * 0.5, _contrast(colour))
        return picture

    return edit


def subtitle(chance: random.Random) -> PictureEdit:
    """Text near the lower edge that changes every two seconds or so."""
    texts, pace = [lettering.sentence(chance) for _ in range(8)], chance.uniform(1.4, 2.6)

    def edit(picture: Image.Image, second: float) -> Image.Image:
        picture = picture.copy()
        _write(picture, texts[int(second / pace) % len(texts)], 0.84, 0.07, (255, 255, 255), outline=True)
        return picture

    return edit


def logo(chance: random.Random) -> PictureEdit:
    """A mark in a corner."""
    colour, text, side = _colour(chance), lettering.word(chance).upper(), chance.uniform(0.1, 0.2)
    corner = chance.choice((0.03, 0.8)), chance.choice((0.04, 0.84))

    def edit(picture: Image.Image, _second: float) -> Image.Image:
        picture = picture.copy()
        left, top = corner[0] * picture.width, corner[1] * picture.height
        pen = ImageDraw.Draw(picture)
        pen.rectangle((left, top, left + side * picture.width, top + side * picture.height * 0.7), fill=colour)
        pen.text((left + 3, top + 2), text, fill=_contrast(colour), font=lettering.font(13))
        return picture

    return edit


def rotate(chance: random.Random) -> PictureEdit:
    """Turn by 3 to 12 degrees."""
    angle, colour = chance.choice((-1, 1)) * chance.uniform(3, 12), _colour(chance)
    return lambda picture, _second: picture.rotate(angle, _BILINEAR, fillcolor=colour)


def quarter_turn(chance: random.Random) -> PictureEdit:
    """Turn by 90, 180 or 270 degrees."""
    turn = chance.choice(_QUARTERS)
    return lambda picture, _second: picture.transpose(turn)


def mirror(chance: random.Random) -> PictureEdit:  # noqa: ARG001 -- all edits are drawn alike
    """Left to right."""
    return lambda picture, _second: ImageOps.mirror(picture)


def letterbox(chance: random.Random) -> PictureEdit:
    """Black bars above and below, or at the sides."""
    share = chance.uniform(0.08, 0.2)
    box = (0.0, share, 1.0, 1 - share) if chance.random() < 0.6 else (share, 0.0, 1 - share, 1.0)
    return lambda picture, _second: _placed(Image.new("RGB", picture.size), picture, box)


def blurred_vertical(chance: random.Random) -> PictureEdit:
    """An upright picture: the video across it, above and below a blurred enlargement."""
    radius, place = chance.uniform(6, 14), chance.uniform(0.3, 0.7)

    def edit(picture: Image.Image, _second: float) -> Image.Image:
        wide, high = 270, 480
        behind = picture.resize((36, 64), _BILINEAR).filter(ImageFilter.GaussianBlur(radius / 7.5))
        canvas = behind.resize((wide, high), _BILINEAR)
        inner = picture.resize((wide, round(wide * picture.height / picture.width)), _BILINEAR)
        canvas.paste(inner, (0, round(place * max(0, high - inner.height))))
        return canvas

    return edit


def picture_in_picture(chance: random.Random, other: Clip) -> PictureEdit:
    """Small, over another video."""
    share = chance.uniform(0.38, 0.62)
    left, top = chance.random() * (1 - share), chance.random() * (1 - share)

    def edit(picture: Image.Image, second: float) -> Image.Image:
        behind = other.at(second % other.seconds).resize(picture.size, _BILINEAR)
        return _placed(behind, picture, (left, top, left + share, top + share))

    return edit


def side_by_side(chance: random.Random, other: Clip) -> PictureEdit:
    """Beside another video, each half as wide, its shape kept."""
    first, high = chance.random() < 0.5, chance.uniform(0.5, 0.75)

    def edit(picture: Image.Image, second: float) -> Image.Image:
        halves = [picture, other.at(second % other.seconds)]
        canvas = Image.new("RGB", picture.size)
        for number, half in enumerate(halves if first else halves[::-1]):
            canvas = _placed(canvas, half, (number / 2, (1 - high) / 2, number / 2 + 0.5, (1 + high) / 2))
        return canvas

    return edit


def camcording(chance: random.Random) -> PictureEdit:
    """Taken from a screen by hand: perspective, sway, blur, noise, light."""
    corners = [(x + chance.uniform(-0.05, 0.05), y + chance.uniform(-0.05, 0.05)) for x in (0, 1) for y in (0, 1)]
    sway, light, blur = chance.uniform(0.002, 0.006), chance.uniform(0.7, 1.2), chance.uniform(0.5, 1.1)
    noise = np.random.default_rng(chance.getrandbits(32))

    def edit(picture: Image.Image, second: float) -> Image.Image:
        moved = sway * math.sin(second * 2.3), sway * math.cos(second * 1.7)
        held = [((x + moved[0]) * picture.width, (y + moved[1]) * picture.height) for x, y in corners]
        taken = picture.transform(
            picture.size, Image.Transform.PERSPECTIVE, _perspective(held, picture.size), _BILINEAR
        ).filter(ImageFilter.GaussianBlur(blur))
        grain = noise.normal(0, 6, (picture.height, picture.width, 1)).astype(np.float32)
        lit = np.asarray(taken, np.float32) * np.float32(light) + grain
        return Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8))

    return edit


def colour_change(chance: random.Random) -> PictureEdit:
    """Brightness, contrast and saturation."""
    factors = [chance.uniform(0.65, 1.4) for _ in range(3)]

    def edit(picture: Image.Image, _second: float) -> Image.Image:
        for kind, factor in zip(
            (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color), factors, strict=True
        ):
            picture = kind(picture).enhance(factor)
        return picture

    return edit


def rescale(chance: random.Random) -> PictureEdit:
    """Smaller, .4 to .75 of each side."""
    share = chance.uniform(0.4, 0.75)
    return lambda picture, _second: picture.resize(
        (round(picture.width * share / 2) * 2, round(picture.height * share / 2) * 2), _BILINEAR
    )


def _placed(canvas: Image.Image, picture: Image.Image, box: Sequence[float]) -> Image.Image:
    """The picture within a box, in parts of the canvas's sides."""
    left, top, right, bottom = (
        round(each * side) for each, side in zip(box, (canvas.width, canvas.height) * 2, strict=True)
    )
    canvas.paste(picture.resize((max(2, right - left), max(2, bottom - top)), _BILINEAR), (left, top))
    return canvas


def _write(picture: Image.Image, text: str, top: float, high: float, colour: Colour, *, outline: bool = False) -> None:
    font = lettering.font(max(8, round(high * picture.height)))
    left = max(4.0, (picture.width - font.getlength(text)) / 2)
    stroke = 2 if outline else 0
    ImageDraw.Draw(picture).text(
        (left, top * picture.height), text, fill=colour, font=font, stroke_width=stroke, stroke_fill=(0, 0, 0)
    )


def _perspective(corners: list[tuple[float, float]], size: Size) -> list[float]:
    """The eight coefficients that take the corners of a picture of this size to the given places."""
    own = [(x * size[0], y * size[1]) for x in (0, 1) for y in (0, 1)]
    rows, wanted = [], []
    for (x, y), (u, v) in zip(own, corners, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    return [float(each) for each in np.linalg.solve(np.array(rows, float), np.array(wanted, float))]


def _colour(chance: random.Random) -> Colour:
    red, green, blue = (chance.randrange(256) for _ in range(3))
    return red, green, blue


def _contrast(colour: Colour) -> Colour:
    return (0, 0, 0) if sum(colour) > 380 else (255, 255, 255)
