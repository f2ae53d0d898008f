"""The kinds of copies: edits of picture and time whose geometry is drawn from a seed."""

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from PIL import Image

from portal.bench.originality import picture_edits as pictures
from portal.bench.originality import time_edits
from portal.bench.originality.clips import Clip, write_clip
from portal.bench.originality.overlap import Segment
from portal.bench.originality.picture_edits import PictureEdit
from portal.bench.originality.time_edits import Piece

_CRF: Final = 28


@dataclass(frozen=True)
class Recipe:
    """How a copy is made. `rate`: frames a second of the copy, for one of the work."""

    edits: tuple[PictureEdit, ...] = ()
    pieces: tuple[Piece, ...] = ()
    rate: float = 1.0
    crf: int = _CRF


# Takes chance, the work and the other video; `other` is what the work is shown beside, over or within.
Attack = Callable[[random.Random, Clip, Clip], Recipe]


def _picture(*edits: Callable[[random.Random], PictureEdit]) -> Attack:
    return lambda chance, _work, _other: Recipe(tuple(edit(chance) for edit in edits))


def _over(edit: Callable[[random.Random, Clip], PictureEdit]) -> Attack:
    return lambda chance, _work, other: Recipe((edit(chance, other),))


def _time(edit: Callable[[random.Random, float], tuple[Piece, ...]]) -> Attack:
    return lambda chance, work, _other: Recipe(pieces=edit(chance, work.seconds))


def _excerpt(chance: random.Random, work: Clip, other: Clip) -> Recipe:
    return Recipe(pieces=time_edits.excerpt(chance, work.seconds, other.seconds))


def _small_crop(chance: random.Random) -> PictureEdit:
    return pictures.crop(chance, 0.04, 0.16)


def _large_crop(chance: random.Random) -> PictureEdit:
    return pictures.crop(chance, 0.2, 0.4)


def _excerpt_cropped(chance: random.Random, work: Clip, other: Clip) -> Recipe:
    return Recipe((_small_crop(chance),), time_edits.excerpt(chance, work.seconds, other.seconds))


def _mirrored_faster_letterboxed(chance: random.Random, work: Clip, _other: Clip) -> Recipe:
    edits = (pictures.mirror(chance), pictures.letterbox(chance))
    return Recipe(edits, time_edits.faster(chance, work.seconds))


def _repost(chance: random.Random, work: Clip, _other: Clip) -> Recipe:
    kinds = (_small_crop, pictures.colour_change, pictures.logo, pictures.rescale)
    return Recipe(
        tuple(kind(chance) for kind in kinds), time_edits.trim(chance, work.seconds), crf=chance.randint(32, 38)
    )


def _slower_bordered_captioned(chance: random.Random, work: Clip, _other: Clip) -> Recipe:
    edits = (pictures.border(chance), pictures.caption_bar(chance))
    return Recipe(edits, time_edits.slower(chance, work.seconds))


ATTACKS: Final[dict[str, Attack]] = {
    "re_encode": lambda chance, _work, _other: Recipe(crf=chance.randint(36, 42)),
    "rescale": _picture(pictures.rescale),
    "colour": _picture(pictures.colour_change),
    "frame_rate": lambda chance, _work, _other: Recipe(rate=chance.uniform(0.5, 0.8)),
    "crop_4_16": _picture(_small_crop),
    "crop_20_40": _picture(_large_crop),
    "border": _picture(pictures.border),
    "strip": _picture(pictures.strip),
    "caption_bar": _picture(pictures.caption_bar),
    "subtitle": _picture(pictures.subtitle),
    "logo": _picture(pictures.logo),
    "letterbox": _picture(pictures.letterbox),
    "rotation": _picture(pictures.rotate),
    "quarter_turn": _picture(pictures.quarter_turn),
    "mirror": _picture(pictures.mirror),
    "blurred_vertical": _picture(pictures.blurred_vertical),
    "picture_in_picture": _over(pictures.picture_in_picture),
    "side_by_side": _over(pictures.side_by_side),
    "camcording": _picture(pictures.camcording),
    "faster": _time(time_edits.faster),
    "slower": _time(time_edits.slower),
    "trim": _time(time_edits.trim),
    "reorder": _time(time_edits.reorder),
    "excerpt": _excerpt,
    "mirror_crop_subtitle": _picture(pictures.mirror, _small_crop, pictures.subtitle),
    "vertical_subtitle": _picture(pictures.blurred_vertical, pictures.subtitle),
    "logo_subtitle": _picture(pictures.logo, pictures.subtitle),
    "excerpt_crop": _excerpt_cropped,
    "mirror_faster_letterbox": _mirrored_faster_letterboxed,
    "slower_border_caption": _slower_bordered_captioned,
    "repost": _repost,
}

WITH_ANOTHER: Final = frozenset(
    {"picture_in_picture", "side_by_side", "excerpt", "excerpt_crop"}
)  # show the other video too


def deal(chance: random.Random, works: int, copies: int) -> Iterator[list[str]]:
    """Attacks for each work: none twice for one work, and all about equally often."""
    hand: list[str] = []
    for _ in range(works):
        dealt: list[str] = []
        while len(dealt) < min(copies, len(ATTACKS)):
            attack = next((each for each in hand if each not in dealt), None)
            if attack is None:
                hand += chance.sample(list(ATTACKS), len(ATTACKS))
                continue
            hand.remove(attack)
            dealt.append(attack)
        yield dealt


@dataclass(frozen=True)
class Shown:
    """A copy's pictures, their size (px, even) and rate, and where it shows the work."""

    pictures: Iterator[Image.Image]
    size: tuple[int, int]
    rate: float
    truth: tuple[Segment, ...]


def make_copy(attack: str, seed: str, work: Clip, other: Clip) -> tuple[bytes, tuple[Segment, ...]]:
    """The copy as an MP4, and where it shows the work. Equal seeds make equal copies."""
    recipe = ATTACKS[attack](random.Random(seed), work, other)  # noqa: S311 -- a geometry, not a secret
    shown = show_copy(recipe, work, other)
    return write_clip(shown.pictures, shown.size, shown.rate, crf=recipe.crf), shown.truth


def show_copy(recipe: Recipe, work: Clip, other: Clip) -> Shown:
    """The copy that a recipe makes."""
    pieces = recipe.pieces or time_edits.whole(work.seconds)
    rate = max(8.0, work.rate * recipe.rate)
    shown = _shown(pieces, recipe.edits, rate, work, other)
    first = next(shown)
    size = first.width // 2 * 2, first.height // 2 * 2
    even = (_even(each, size) for each in itertools.chain([first], shown))
    return Shown(even, size, rate, time_edits.true_segments(pieces))


def _shown(
    pieces: tuple[Piece, ...], edits: tuple[PictureEdit, ...], rate: float, work: Clip, other: Clip
) -> Iterator[Image.Image]:
    """The pictures of the copy; what is foreign is brought to the work's size and edited with it."""
    tick, began = 0, 0.0
    for piece in pieces:
        source = other if piece.foreign else work
        while (second := tick / rate) < began + piece.seconds - 1e-6:
            picture = source.at(piece.source_second(second - began))
            picture = picture if picture.size == work.size else picture.resize(work.size)
            for edit in edits:
                picture = edit(picture, second)
            yield picture
            tick += 1
        began += piece.seconds


def _even(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    return picture if picture.size == size else picture.crop((0, 0, *size))
