"""The works of a run: videos out of packages, and drawn ones; those of one group or one template are alike and share no second.

Works of the part "set" are those on which thresholds of the engine were set, or on which its tests were written; figures are
those of the part "reported", whose drawn works are others for every seed.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from portal.bench.originality import clips, footage, scenes, screens
from portal.bench.originality.clips import Clip
from portal.bench.originality.scenes import Painter
from portal.sandbox import drawing

SET: Final = "set"
REPORTED: Final = "reported"
_RATE: Final = 15.0


@dataclass(frozen=True)
class Work:
    """One work. `moves`: things move in it, so that motion can be confirmed.

    `group`: works of one camera, person, deck of slides or window. `template`: works whose drawing puts the same parts in
    the same places, in other colours and with other texts. Both are known from how works are made, and empty where there is none.
    `second`: one more video of its group, which is compared with the others of the group and not copied.
    """

    name: str
    kind: str
    part: str
    moves: bool
    group: str = ""
    second: bool = False
    template: str = ""

    def is_grouped(self, other: "Work") -> bool:
        """Whether the two are of one group."""
        return bool(self.group) and self.group == other.group

    def is_alike(self, other: "Work") -> bool:
        """Whether the two are one work, or of one group or template."""
        templated = bool(self.template) and self.template == other.template
        return self.name == other.name or self.is_grouped(other) or templated


@dataclass(frozen=True)
class _Family:
    """Drawn works of one kind: so many groups (or single works), with so many videos each.

    `template`: whether its drawing has one layout for every seed: the head, the mark and the rows of slides, the menus, the list
    of files and the lines of an editor, the face before the boards of a shelf. The others put shapes at random places.
    """

    paint: Callable[[random.Random, random.Random], Painter]
    groups: int
    videos: int
    moves: bool
    template: bool = False


_FAMILIES: Final = {
    "place": _Family(scenes.place, 5, 5, moves=True),
    "presenter": _Family(scenes.presenter, 4, 5, moves=True, template=True),
    "slides": _Family(screens.slides, 5, 5, moves=False, template=True),
    "editor": _Family(screens.editor, 4, 5, moves=False, template=True),
    "ride": _Family(scenes.ride, 5, 1, moves=True),
    "animation": _Family(screens.animation, 4, 1, moves=True),
    "photographs": _Family(screens.photographs, 3, 1, moves=False),
}


def all_works() -> list[Work]:
    """Every work of a full run, the videos out of packages first."""
    filmed = [
        Work(each.name, "filmed", each.part, moves=True, group=each.group)
        for package in footage.packages()
        for each in package.works
    ]
    sets = [Work(f"set-{subject}", "set", SET, moves=True) for subject in drawing.SUBJECTS]
    return [*filmed, *sets, *_drawn()]


def fewer(works: list[Work], most: int) -> list[Work]:
    """At most so many works of each part, at least two; of all kinds in turn, with the others of their groups."""
    copied = [work for work in works if work.part == REPORTED and not work.second]
    kinds = sorted({work.kind for work in copied})
    rank = {work.name: [each.name for each in copied if each.kind == work.kind].index(work.name) for work in copied}
    chosen = sorted(copied, key=lambda work: (rank[work.name], kinds.index(work.kind)))[: max(2, most)]
    chosen += [work for work in works if work.part == SET][: max(2, most)]
    groups = {work.group for work in chosen if work.group}
    return [work for work in works if work in chosen or (work.second and work.group in groups)]


def make_clip(work: Work, seed: int, videos: dict[str, Path]) -> Clip:
    """The work's pictures; `videos` are those out of packages."""
    if work.kind == "filmed":
        cut = next(each for package in footage.packages() for each in package.works if each.name == work.name)
        return clips.read_clip(videos[work.name].read_bytes(), start=cut.start, end=cut.end)
    if work.kind == "set":
        return clips.read_clip(drawing.draw_video(work.name.removeprefix("set-"), seconds=8, rate=15))
    look = random.Random(f"{seed} {work.group or work.name}")  # noqa: S311 -- a drawing, not a secret
    take = random.Random(f"{seed} {work.name}")  # noqa: S311
    seconds = take.uniform(7.0, 10.0)
    paint = _FAMILIES[work.kind].paint(look, take)
    pictures = [clips.array_of(paint(frame / _RATE)) for frame in range(round(seconds * _RATE))]
    return Clip(clips.stacked(pictures), _RATE)


def _drawn() -> Iterator[Work]:
    for kind, family in _FAMILIES.items():
        for number in range(family.groups):
            group = f"{kind}-{number}" if family.videos > 1 else ""
            for video in range(family.videos):
                name = f"{group}-{video}" if group else f"{kind}-{number}"
                template = kind if family.template else ""
                yield Work(name, kind, REPORTED, family.moves, group, second=video > 0, template=template)
