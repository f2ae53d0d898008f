"""Small works of every kind for tests with the real engine: an original, and an edited copy of it."""

import io
import random
import wave

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

SENTENCES = (
    "The kiln at the river was lit before dawn, and nobody slept until the first bowl stood on the table.",
    "Her grandmother had mixed the glaze from ash and feldspar, and kept the proportions in a notebook without numbers.",
    "When the flood came, the wheel was carried up the hill, and the clay was left where it had always been.",
)


def picture(seed: int = 1, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """Shapes at random places, so that keypoints are found."""
    drawn = random.Random(seed)  # noqa: S311 -- a picture
    image = Image.new("RGB", size, (40, 60, 80))
    pen = ImageDraw.Draw(image)
    for _ in range(160):
        x, y, side = drawn.randrange(size[0]), drawn.randrange(size[1]), drawn.randrange(8, 60)
        colour = tuple(drawn.randrange(256) for _ in range(3))
        draw = drawn.choice((pen.rectangle, pen.ellipse))
        draw((x, y, x + side, y + drawn.randrange(8, 60)), fill=colour, outline="white")
    return image


def as_bytes(image: Image.Image, form: str = "JPEG") -> bytes:
    written = io.BytesIO()
    image.save(written, form)
    return written.getvalue()


def cropped(image: Image.Image) -> bytes:
    """A copy cut by a tenth at each side."""
    width, height = image.size
    return as_bytes(image.crop((width // 10, height // 10, width * 9 // 10, height * 9 // 10)), "PNG")


def sound(seed: int = 1, seconds: int = 3) -> bytes:
    """A WAV of notes."""
    notes = np.random.default_rng(seed).integers(200, 900, seconds * 4)
    return _wave(np.concatenate([np.sin(np.arange(2000) * 2 * np.pi * note / 8000) for note in notes]))


def excerpt_of_sound(seed: int, seconds: int) -> bytes:
    """A copy of sound() without its first and last two seconds, quieter and with noise."""
    notes = np.random.default_rng(seed).integers(200, 900, seconds * 4)[8:-8]
    samples = np.concatenate([np.sin(np.arange(2000) * 2 * np.pi * note / 8000) for note in notes])
    return _wave(samples / 2 + np.random.default_rng(seed).normal(0, 0.02, len(samples)))


def _wave(samples: npt.NDArray[np.float64]) -> bytes:
    written = io.BytesIO()
    with wave.open(written, "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(8000)
        target.writeframes((samples * 9000).astype("<i2").tobytes())
    return written.getvalue()


def animation(step: int, pictures: int = 30, *, cut: int = 0) -> bytes:
    """A GIF in which a picture wanders by `step` px a frame; `cut` px of each side are missing."""
    whole = picture(7, (400, 300))
    frames = [whole.crop((n * step + cut, n + cut, 320 + n * step - cut, 240 + n - cut)) for n in range(pictures)]
    written = io.BytesIO()
    frames[0].save(written, "GIF", save_all=True, append_images=frames[1:], duration=100, loop=0)
    return written.getvalue()
