"""What copyists do to time: pieces of the work, faster or slower, and seconds of another video between them."""

import random
from dataclasses import dataclass

from portal.bench.originality.overlap import Segment


@dataclass(frozen=True)
class Piece:
    """Seconds start..end of the work (of the other video if `foreign`), shown `speed` times as fast.

    Where `start` is the later one, `speed` is negative: they are shown backwards.
    """

    start: float
    end: float
    speed: float = 1.0
    foreign: bool = False

    @property
    def seconds(self) -> float:
        """How long it takes in the copy."""
        return (self.end - self.start) / self.speed

    def source_second(self, into: float) -> float:
        """The second of the source that is shown `into` seconds after the piece began."""
        return self.start + into * self.speed


def whole(seconds: float) -> tuple[Piece, ...]:
    return (Piece(0.0, seconds),)


def faster(chance: random.Random, seconds: float) -> tuple[Piece, ...]:
    return (Piece(0.0, seconds, chance.uniform(1.08, 1.25)),)


def slower(chance: random.Random, seconds: float) -> tuple[Piece, ...]:
    return (Piece(0.0, seconds, chance.uniform(0.8, 0.93)),)


def trim(chance: random.Random, seconds: float) -> tuple[Piece, ...]:
    """Without a part of the beginning and of the end."""
    return (Piece(chance.uniform(0.08, 0.25) * seconds, (1 - chance.uniform(0.08, 0.25)) * seconds),)


def excerpt(chance: random.Random, seconds: float, foreign: float) -> tuple[Piece, ...]:
    """Four to six seconds, or all of a shorter work, within another video of `foreign` seconds."""
    shown = min(seconds, chance.uniform(4.0, 6.0))
    start = chance.uniform(0, seconds - shown)
    cut = chance.uniform(0.3, 0.7) * foreign
    return (Piece(0.0, cut, foreign=True), Piece(start, start + shown), Piece(cut, foreign, foreign=True))


def reorder(chance: random.Random, seconds: float) -> tuple[Piece, ...]:
    """Three pieces in another order."""
    first, second = chance.uniform(0.28, 0.38) * seconds, chance.uniform(0.62, 0.72) * seconds
    pieces = [Piece(0.0, first), Piece(first, second), Piece(second, seconds)]
    order = chance.choice([(1, 0, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1), (0, 2, 1)])
    return tuple(pieces[number] for number in order)


def backwards(chance: random.Random, seconds: float, rate: float) -> tuple[Piece, ...]:
    """All of it from its last picture to the first, up to a tenth faster or slower."""
    return (Piece(seconds - 0.5 / rate, 0.0, -chance.uniform(0.9, 1.1)),)


def looped(chance: random.Random, seconds: float) -> tuple[Piece, ...]:
    """All of it or a part of at least two seconds, two to four times."""
    shown = min(seconds, max(2.0, chance.uniform(0.4, 1.2) * seconds))
    start = chance.uniform(0, seconds - shown)
    return (Piece(start, start + shown),) * chance.randint(2, 4)


def true_segments(pieces: tuple[Piece, ...]) -> tuple[Segment, ...]:
    """Where the copy shows the work; pieces that go on where the one before ended are one segment."""
    found: list[Segment] = []
    reached = 0.0
    for piece in pieces:
        end = reached + piece.seconds
        if not piece.foreign:
            found.append((min(piece.start, piece.end), max(piece.start, piece.end), reached, end))
        reached = end
    return tuple(_joined(found))


def _joined(segments: list[Segment]) -> list[Segment]:
    joined: list[Segment] = []
    for each in segments:
        if joined and abs(joined[-1][1] - each[0]) < 1e-6 and abs(joined[-1][3] - each[2]) < 1e-6:
            joined[-1] = (joined[-1][0], each[1], joined[-1][2], each[3])
        else:
            joined.append(each)
    return joined
