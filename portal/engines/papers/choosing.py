"""Of all values read on the pages of one paper, the one for each kind."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from portal.engines.papers.limits import Field, FieldKind

FieldT = TypeVar("FieldT", bound=Field)


def choose_fields(found: Sequence[FieldT], *, pattern: str = "") -> dict[FieldKind, FieldT]:
    """The likeliest value of each kind. Where values differ, none is certain.

    The day of a first issue is taken for the day of issue only where no other is known, and is not certain then.
    `pattern` is the form of the number that is asked for; numbers of that form come before others, and without it no number is certain.
    """
    chosen: dict[FieldKind, FieldT] = {}
    for kind in FieldKind:
        candidates = [field for field in found if field.kind is kind]
        if kind is FieldKind.NUMBER and pattern:
            formed = [field for field in candidates if re.fullmatch(pattern, field.value)]
            candidates = formed or [replace(field, certain=False) for field in candidates]
        if candidates:
            chosen[kind] = _likeliest(candidates)
    if FieldKind.ISSUED_ON not in chosen and (first := chosen.get(FieldKind.FIRST_ISSUE)):
        chosen[FieldKind.ISSUED_ON] = replace(first, kind=FieldKind.ISSUED_ON, certain=False)
    return chosen


def _likeliest(candidates: list[FieldT]) -> FieldT:
    best = max(candidates, key=lambda field: (field.certain, field.confidence))
    alone = len({field.value for field in candidates}) == 1
    return replace(best, certain=best.certain and alone)
