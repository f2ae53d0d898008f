"""Values of a page: which text belongs to which label, by what stands behind it, beside it or below it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from portal.engines.papers import dates, labels, names, numbers, periods, scripts
from portal.engines.papers.labels import Label
from portal.engines.papers.limits import Box, Field, FieldKind, Line

# In heights of the label: how far beside and below it a value may stand.
_BESIDE, _ASIDE = 14.0, 0.7
_BELOW: Final = (0.5, 2.6)
_GAP: Final = 1.6  # between two parts of one value
_OVERLAP: Final = 1.2  # how far two boxes on one line may overlap
_UNDER: Final = 1.8  # a line that begins so close below a value may be the rest of it
_PERIOD: Final = (FieldKind.ISSUED_ON, FieldKind.EXPIRES_ON)
_DATES: Final = (*_PERIOD, FieldKind.FIRST_ISSUE)
_NUMBERS: Final = (FieldKind.NUMBER, FieldKind.IDENTITY)
_SURE: Final = dict.fromkeys(FieldKind, 0.9)  # least probability of a character of a certain value
# A word behind a number is no part of it.
_WORD_BEHIND: Final = re.compile(r"\d\W*\s\W*[^\W\d_]{3,}\W*$")


@dataclass(frozen=True)
class Value:
    """The text after a label, the lines that it was read in (numbers in the page's list), and whether all of it is there."""

    label: Label
    kind: FieldKind
    text: str
    places: tuple[int, ...]
    whole: bool


@dataclass(frozen=True)
class _Placed:
    """A line with where it stands, in px: middle of its left side, middle, length, height, and its direction."""

    left: tuple[float, float]
    length: float
    height: float
    along: tuple[float, float]

    def seen_from(self, x: float, y: float) -> tuple[float, float]:
        """How far a point is along and below the left end, in heights."""
        dx, dy = x - self.left[0], y - self.left[1]
        across = dx * self.along[0] + dy * self.along[1]
        down = dy * self.along[0] - dx * self.along[1]
        return across / self.height, down / self.height


def find_values(lines: Sequence[Line]) -> list[Value]:
    """The values of all known labels, in the order of the lines."""
    page = _Page(lines)
    return [value for place in range(len(lines)) if (value := page.value_at(place)) is not None]


def read_value(value: Value, lines: Sequence[Line]) -> Field | None:
    """The value as a field, certain as far as this one reading goes; None if it is none of its kind."""
    confidence = _confidence(value, lines)
    parsed = _parse(value)
    if parsed is None:
        return None
    text, right = parsed
    certain = right and value.whole and confidence >= _SURE[value.kind]
    return Field(value.kind, text, lines[value.places[0]].box, confidence, certain)


def agree(first: Sequence[Field], second: Sequence[Field]) -> list[Field]:
    """The fields of the first reading: certain where the second reads the same for certain."""
    sure = {(field.kind, field.value) for field in second if field.certain}
    fields = [replace(field, certain=field.certain and (field.kind, field.value) in sure) for field in first]
    return _cross_check(fields)


def _confidence(value: Value, lines: Sequence[Line]) -> float:
    """The probability of the least sure letter or digit of the value; of a date's digits alone if it has any."""
    signs = [
        pair for place in value.places for pair in zip(lines[place].text, lines[place].probabilities, strict=False)
    ]
    kept = [(scripts.plain_width(sign), share) for sign, share in signs if sign.isalnum()]
    wanted = "".join(sign for sign in value.text if sign.isalnum())
    start = "".join(sign for sign, _ in kept).rfind(wanted)
    chosen = kept[start : start + len(wanted)] if start >= 0 else kept
    if value.kind in _DATES and any(sign.isdigit() for sign, _ in chosen):
        chosen = [(sign, share) for sign, share in chosen if sign.isdigit()]
    return min((share for _, share in chosen), default=0.0)


class _Page:
    """The lines of a page with their labels."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines
        self._texts = [scripts.plain_width(line.text) for line in lines]
        self._labels = [labels.match_label(scripts.simplify(text)) for text in self._texts]
        self._placed = [_place(line.box) for line in lines]

    def value_at(self, place: int) -> Value | None:
        """The value of the label with which a line begins."""
        label = self._labels[place]
        if label is None or label.kind is None:
            return None
        if label.rest:
            return self._behind(place, label, label.kind)
        found = self._beside(place) or self._below(place)
        if found is None:
            return None
        return self._whole(label, label.kind, labels.cut_at_label(self._texts[found]), found, 0)

    def _behind(self, place: int, label: Label, kind: FieldKind) -> Value | None:
        # Simplifying keeps the count of characters: the end of the line as it is printed is as long as the rest.
        printed = self._texts[place][len(self._texts[place]) - len(label.rest) :]
        text = labels.cut_at_label(printed)
        return self._whole(label, kind, text, place, len(printed) - len(text))

    def _whole(self, label: Label, kind: FieldKind, text: str, place: int, cut: int) -> Value:
        """With what follows on the same line of the page, if nothing was cut off."""
        places = [place]
        while not cut and (more := self._next_part(places[-1])) is not None:
            text, places = f"{text} {self._texts[more]}", [*places, more]
        whole = cut > 0 or kind in _DATES or not self._goes_on(places[0], kind)
        return Value(label, kind, text.strip(), tuple(places), whole)

    def _next_part(self, place: int) -> int | None:
        here = self._placed[place]
        end = here.length / here.height
        return self._nearest(place, lambda across, down: abs(down) < _ASIDE / 2 and -_OVERLAP < across - end < _GAP)

    def _beside(self, place: int) -> int | None:
        end = self._placed[place].length / self._placed[place].height
        return self._nearest(place, lambda across, down: abs(down) < _ASIDE and -_OVERLAP < across - end < _BESIDE)

    def _below(self, place: int) -> int | None:
        end = self._placed[place].length / self._placed[place].height
        return self._nearest(
            place, lambda across, down: _BELOW[0] < down < _BELOW[1] and -3.0 < across < max(end, 3.0), by_row=True
        )

    def _goes_on(self, place: int, kind: FieldKind) -> bool:
        """Whether a line without a label begins right below the value: it may be the rest of it."""
        if kind in _NUMBERS:
            return False
        return self._nearest(place, lambda across, down: 0.5 < down < _UNDER and abs(across) < 1.0) is not None

    def _nearest(self, place: int, fits: "object", *, by_row: bool = False) -> int | None:
        here, best, nearest = self._placed[place], None, float("inf")
        for other, placed in enumerate(self._placed):
            if other == place or self._labels[other] is not None or not self._texts[other].strip():
                continue
            across, down = here.seen_from(*placed.left)
            if not fits(across, down):  # type: ignore[operator]
                continue
            distance = abs(down) * 10 + abs(across) if by_row else abs(across)
            if distance < nearest:
                best, nearest = other, distance
        return best


def _place(box: Box) -> _Placed:
    (x1, y1), (x2, y2), (x3, y3), (x4, y4) = box
    left, right = ((x1 + x4) / 2, (y1 + y4) / 2), ((x2 + x3) / 2, (y2 + y3) / 2)
    length = max(((right[0] - left[0]) ** 2 + (right[1] - left[1]) ** 2) ** 0.5, 1.0)
    height = max((((x4 - x1) ** 2 + (y4 - y1) ** 2) ** 0.5 + ((x3 - x2) ** 2 + (y3 - y2) ** 2) ** 0.5) / 2, 1.0)
    return _Placed(left, length, height, ((right[0] - left[0]) / length, (right[1] - left[1]) / length))


def _parse(value: Value) -> tuple[str, bool] | None:
    """The value as it is kept, and whether nothing speaks against it; None if it is none of its kind."""
    if value.kind in _DATES:
        return _parse_date(value)
    if value.kind in _NUMBERS:
        return _parse_number(value)
    if value.kind is FieldKind.NAME:
        begins_sentence = not value.label.exact
        in_sentence = begins_sentence and bool(value.label.rest) and not value.label.ends
        return names.read_name(value.text, in_sentence=in_sentence, begins_sentence=begins_sentence)
    return _parse_issuer(value.text.strip(" .,;:"))


def _parse_issuer(text: str) -> tuple[str, bool] | None:
    """Seals are named in brackets, and a day of issue may follow."""
    alone = not dates.find_dates(scripts.plain(text)) and not re.search(r"[(（【\[<]", text)
    return (text, len(text) >= 4 and alone) if text else None


def _parse_date(value: Value) -> tuple[str, bool] | None:
    text = scripts.plain(value.text)
    is_end = value.kind is FieldKind.EXPIRES_ON
    found = periods.find_end(text, is_until=value.label.exact) if is_end else periods.find_start(text)
    return (found[0].isoformat(), found[1]) if found else None


def _parse_number(value: Value) -> tuple[str, bool] | None:
    text, *behind = re.split(r"[(（;；,，]", value.text, maxsplit=1)
    number = numbers.compared_number(text)
    if len(number) < 4 or not any(sign.isdigit() for sign in number) or not number.isascii():
        return None
    checked = numbers.check_number(number)
    right = number.isalnum() and (checked if checked is not None else not numbers.is_ambiguous(number))
    right = right and not any(map(str.isalnum, "".join(behind))) and _WORD_BEHIND.search(text) is None
    return number, right and (value.kind is FieldKind.NUMBER or checked is True)


def _cross_check(fields: list[Field]) -> list[Field]:
    """Uncertain where fields contradict: an end before its beginning, an identity number that a number does not hold."""
    wrong = {field for pair in _contradictions(fields) for field in pair}
    return [replace(field, certain=field.certain and field not in wrong) for field in fields]


def _contradictions(fields: list[Field]) -> Iterator[tuple[Field, Field]]:
    for one in fields:
        for other in fields:
            issued_late = (one.kind, other.kind) == _PERIOD and one.value > other.value
            holds_other = (one.kind, other.kind) == _NUMBERS and len(one.value) == 27 and one.value[9:] != other.value
            if issued_late or holds_other:
                yield one, other
