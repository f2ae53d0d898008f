"""A line of text drawn across a page, again and again, so that no part of it can be copied without. Runs in the child only."""

import io
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from portal.engines.documents import limits, picture
from portal.engines.documents.limits import Limits, Page
from portal.engines.limited_process import Refused

MOST_LETTERS: Final = 120
_ANGLE: Final = 28  # degrees
_INK: Final = (150, 20, 20, 92)
_EDGE: Final = (255, 255, 255, 70)  # around each letter, so that it is seen on dark photographs as well
_QUALITY: Final = 85


def prepare() -> None:
    """Have Pillow import its font, which is part of it, while files can be opened."""
    ImageFont.load_default(12)


def mark_page(data: bytes, text: str, bounds: Limits) -> Page:
    """The page with the text across it, of the same size; raises Refused."""
    if not text or len(text) > MOST_LETTERS or not text.isascii():
        raise Refused(limits.BROKEN, "text")
    page = picture.load_picture(data, bounds).convert("RGB")
    size = max(13, min(page.width, page.height) // 38)
    tile = _draw_tile(text, size)
    layer = Image.new("RGBA", page.size)
    step_x, step_y = int(tile.width * 0.92), int(tile.height * 0.62)
    for row, y in enumerate(range(-tile.height // 2, page.height, step_y)):
        for x in range(-(row % 2) * step_x // 2 - tile.width // 4, page.width, step_x):
            layer.alpha_composite(tile, (max(x, 0), max(y, 0)), (max(-x, 0), max(-y, 0)))
    page.paste(layer, (0, 0), layer)
    out = io.BytesIO()
    page.save(out, "JPEG", quality=_QUALITY)
    return Page(number=1, width=page.width, height=page.height, data=out.getvalue())


def _draw_tile(text: str, size: int) -> Image.Image:
    """The text once, slanted, on nothing."""
    font = ImageFont.load_default(size)
    left, top, right, bottom = ImageDraw.Draw(Image.new("RGBA", (1, 1))).textbbox((0, 0), text, font=font)
    line = Image.new("RGBA", (int(right - left) + 2 * size, int(bottom - top) + size))
    at = (size - left, size / 2 - top)
    ImageDraw.Draw(line).text(at, text, font=font, fill=_INK, stroke_width=1, stroke_fill=_EDGE)
    return line.rotate(_ANGLE, expand=True, resample=Image.Resampling.BICUBIC)
