"""Kinds of copies that are reported apart: they were added after the aims were declared, and count into none of them.

Each kind has a stream of chance of its own, so that the other attacks are those of earlier runs with the same seed.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageEnhance

from portal.bench.originality import attacks, drawn_sounds, high_range, time_edits
from portal.bench.originality import picture_edits as pictures
from portal.bench.originality.attacks import Attack, Recipe
from portal.bench.originality.clips import Clip, write_clip
from portal.bench.originality.overlap import Segment
from portal.bench.originality.picture_edits import PictureEdit
from portal.bench.originality.sound_edits import Sound
from portal.engines.fingerprints import transformations

SAME: Final = "same"
ANOTHER: Final = "another"
_LIGHTLY: Final[tuple[Callable[[random.Random], PictureEdit] | None, ...]] = (
    None,
    pictures.rescale,
    pictures.colour_change,
    pictures.logo,
)


@dataclass(frozen=True)
class Further:
    """`says`: the engine's code of what was done, "" where it has none. `high_range`: written in HDR.

    `sound`: the work has one, and the copy has the same or another; "" where neither has any.
    """

    draw: Attack
    says: str = ""
    high_range: bool = False
    sound: str = ""


def _reversed(chance: random.Random, work: Clip, _other: Clip) -> Recipe:
    return Recipe(pieces=time_edits.backwards(chance, work.seconds, work.rate))


def _looped(chance: random.Random, work: Clip, _other: Clip) -> Recipe:
    return Recipe(pieces=time_edits.looped(chance, work.seconds))


def _dark(chance: random.Random, _work: Clip, _other: Clip) -> Recipe:
    """Brightness of about a quarter."""
    share = chance.uniform(0.2, 0.3)

    def edit(picture: Image.Image, _second: float) -> Image.Image:
        return ImageEnhance.Brightness(picture).enhance(share)

    return Recipe((edit,))


def _high_range(chance: random.Random, _work: Clip, _other: Clip) -> Recipe:
    return Recipe(crf=chance.randint(20, 30))


def _lightly(chance: random.Random, _work: Clip, _other: Clip) -> Recipe:
    """The picture as it is or lightly edited."""
    edit = chance.choice(_LIGHTLY)
    return Recipe((edit(chance),) if edit else ())


FURTHER: Final[dict[str, Further]] = {
    "reversed": Further(_reversed, transformations.REVERSED),
    "looped": Further(_looped, transformations.REPEATED),
    "dark": Further(_dark),
    "high_range": Further(_high_range, high_range=True),
    "revoiced": Further(_lightly, transformations.SOUND_REPLACED, sound=ANOTHER),
    "own_sound": Further(_lightly, sound=SAME),  # nobody should say of it that its sound was replaced
}


def make_copy(attack: str, seed: str, work: Clip, other: Clip) -> tuple[bytes, tuple[Segment, ...]]:
    """The copy as an MP4 without sound, and where it shows the work. Equal seeds make equal copies."""
    chance = random.Random(seed)  # noqa: S311 -- a geometry, not a secret
    kind = FURTHER[attack]
    recipe = kind.draw(chance, work, other)
    shown = attacks.show_copy(recipe, work, other)
    if kind.high_range:
        light = high_range.draw_light(chance)
        return high_range.write_clip(shown.pictures, shown.size, shown.rate, light, crf=recipe.crf), shown.truth
    return write_clip(shown.pictures, shown.size, shown.rate, crf=recipe.crf), shown.truth


def draw_two_sounds(seed: str, seconds: float) -> tuple[Sound, Sound]:
    """The sound of a work, and the one of its copy, each of any kind and nothing in common."""
    first, second = (_drawn_sound(f"{seed} {which}", seconds) for which in ("own", "other"))
    return first, second


def _drawn_sound(seed: str, seconds: float) -> Sound:
    chance = random.Random(seed)  # noqa: S311 -- a drawing, not a secret
    return drawn_sounds.draw_sound(chance.choice(drawn_sounds.KINDS), chance, chance, seconds)
