"""Geometry of the small charts that the server draws: numbers in, SVG coordinates out."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Bar:
    """One bar of a chart, in the units of its viewBox."""

    label: str
    value: float
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """Where its texts are centred."""
        return round(self.x + self.width / 2, 1)

    @property
    def top(self) -> float:
        """Baseline of the value above the bar."""
        return round(self.y - 6, 1)


def bar_geometry(rows: Sequence[tuple[str, float]], *, width: float, base: float, headroom: float = 22) -> list[Bar]:
    """Bars of (label, value >= 0) standing on y = `base`; the highest leaves `headroom` for its value."""
    slot = width / max(len(rows), 1)
    thick = min(slot * 0.7, 72)
    top = max((value for _label, value in rows), default=0) or 1
    drawn = []
    for number, (label, value) in enumerate(rows):
        tall = round(value / top * (base - headroom), 1)
        x = round(number * slot + (slot - thick) / 2, 1)
        drawn.append(Bar(label, value, x, round(base - tall, 1), round(thick, 1), tall))
    return drawn


def line_points(
    values: Sequence[float], *, width: float, height: float, margin: float = 3
) -> list[tuple[float, float]]:
    """Points of a line through `values`, evenly spaced, lowest at the bottom; a flat line in the middle."""
    if not values:
        return []
    low, high = min(values), max(values)
    step = (width - 2 * margin) / max(len(values) - 1, 1)
    scale = (height - 2 * margin) / (high - low) if high > low else 0
    flat = height / 2
    return [
        (round(margin + n * step, 1), round(height - margin - (v - low) * scale, 1) if scale else flat)
        for n, v in enumerate(values)
    ]


@dataclass(frozen=True)
class Segment:
    """One part of a stacked bar: where it begins and how long it is, in the units of its viewBox."""

    label: str
    value: int
    tone: str
    x: float
    width: float
    percent: int


def stack_geometry(parts: Sequence[tuple[str, int, str]], *, width: float, least: float = 4) -> list[Segment]:
    """Segments of (label, value >= 0, tone) that fill `width`; a part that is not zero is `least` wide at least."""
    shown = [part for part in parts if part[1] > 0]
    whole = sum(value for _label, value, _tone in shown) or 1
    wide = [max(value / whole * width, least) for _label, value, _tone in shown]
    scale = width / sum(wide) if wide else 0
    segments, x = [], 0.0
    for (label, value, tone), length in zip(shown, wide, strict=True):
        segments.append(Segment(label, value, tone, round(x, 2), round(length * scale, 2), round(value / whole * 100)))
        x += length * scale
    return segments
