"""Texts made of syllables, and their fonts."""

import functools
import random
from typing import Final

from PIL import ImageFont

_CONSONANTS: Final = "bcdfghklmnprstvz"
_VOWELS: Final = "aeiou"


def word(chance: random.Random) -> str:
    """Two or three syllables."""
    return "".join(chance.choice(_CONSONANTS) + chance.choice(_VOWELS) for _ in range(chance.randint(2, 3)))


def sentence(chance: random.Random, words: int = 5) -> str:
    return " ".join(word(chance) for _ in range(words)).capitalize()


@functools.cache
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font, `size` px high."""
    return ImageFont.load_default(size)
