r"""Forms of numbers: the part of regular expressions that area leads may write, and what a form says in words.

A form is compared with the whole normalised number (certification/identifiers.py). It may hold letters, digits, `\d`,
classes as `[0-9A-Z]`, groups, `|`, and counts as `{8}`, `{1,8}` and `?`. There is no repetition without an end, and the
number of ways in which a form can be tried is bounded, so that no number makes the comparison slow.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certification.identifiers import CHECKSUM_LENGTHS, CHECKSUMS, normalise_identifier

LONGEST: Final = 64  # signs of a number
MOST_PATHS: Final = 10_000
_DIGITS: Final = frozenset("0123456789")
_LETTERS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_DEEPEST: Final = 8


@dataclass(frozen=True)
class Sign:
    """One sign out of a set."""

    signs: frozenset[str]

    @property
    def lengths(self) -> frozenset[int]:
        """How long a text of this form can be."""
        return frozenset({1})

    @property
    def paths(self) -> int:
        """In how many ways a comparison may try it."""
        return 1

    def words(self) -> str:
        """The form in the reader's language."""
        return _many_words(self, 1, 1)


@dataclass(frozen=True)
class Chain:
    """Forms one after the other."""

    parts: tuple["Form", ...]

    @cached_property
    def lengths(self) -> frozenset[int]:
        """How long a text of this form can be."""
        found = frozenset({0})
        for part in self.parts:
            found = _sums(found, part.lengths)
        return found

    @cached_property
    def paths(self) -> int:
        """In how many ways a comparison may try it."""
        found = 1
        for part in self.parts:
            found = min(found * part.paths, MOST_PATHS + 1)
        return found

    def words(self) -> str:
        """The form in the reader's language."""
        return _(", then ").join(part.words() for part in _joined(self.parts))


@dataclass(frozen=True)
class Choice:
    """One of several forms."""

    branches: tuple["Form", ...]

    @cached_property
    def lengths(self) -> frozenset[int]:
        """How long a text of this form can be."""
        return frozenset().union(*(branch.lengths for branch in self.branches))

    @cached_property
    def paths(self) -> int:
        """In how many ways a comparison may try it."""
        return min(sum(branch.paths for branch in self.branches), MOST_PATHS + 1)

    def words(self) -> str:
        """The form in the reader's language."""
        return _(", or ").join(branch.words() for branch in self.branches)


@dataclass(frozen=True)
class Repeat:
    """A form several times."""

    part: "Form"
    least: int
    most: int

    @cached_property
    def lengths(self) -> frozenset[int]:
        """How long a text of this form can be."""
        found, total = frozenset({0}), frozenset({0} if self.least == 0 else ())
        for count in range(1, self.most + 1):
            found = _sums(found, self.part.lengths)
            if count >= self.least:
                total |= found
        return total

    @cached_property
    def paths(self) -> int:
        """In how many ways a comparison may try it."""
        ways = sum(self.part.paths**count for count in range(self.least, self.most + 1))
        return int(min(ways, MOST_PATHS + 1))

    def words(self) -> str:
        """The form in the reader's language."""
        if isinstance(self.part, Sign):
            return _many_words(self.part, self.least, self.most)
        inner = self.part.words()
        if (self.least, self.most) == (0, 1):
            return _("perhaps (%(form)s)") % {"form": inner}
        return _("%(count)s times (%(form)s)") % {"count": _count_words(self.least, self.most), "form": inner}


@dataclass(frozen=True)
class Literal:
    """A text as it stands; made of single signs for the words."""

    text: str

    @property
    def lengths(self) -> frozenset[int]:
        """How long a text of this form can be."""
        return frozenset({len(self.text)})

    @property
    def paths(self) -> int:
        """In how many ways a comparison may try it."""
        return 1

    def words(self) -> str:
        """The form in the reader's language."""
        return _("“%(text)s”") % {"text": self.text}


Form = Sign | Chain | Choice | Repeat | Literal


def read_number_form(pattern: str) -> Form:
    """The form that a pattern says. Raises ValidationError with a sentence on what cannot be used."""
    try:
        form = _Reader(pattern).read()
    except RecursionError as error:  # pragma: no cover -- groups are counted first
        raise ValidationError(_("The groups are nested too deeply.")) from error
    if form.paths > MOST_PATHS:
        raise ValidationError(
            _("This form could make a check very slow: too many parts can vary. Please use fixed counts.")
        )
    if not form.lengths or max(form.lengths) > LONGEST:
        raise ValidationError(_("A number can have at most %(count)d signs.") % {"count": LONGEST})
    if 0 in form.lengths:
        raise ValidationError(_("The form would accept an empty number."))
    return form


def validate_identifier_rule(pattern: str, checksum: str) -> None:
    """Refuse (Django's ValidationError) a form or a check digit that cannot be used, and a pair that no number can have."""
    if checksum and checksum not in CHECKSUMS:
        raise ValidationError({"checksum": _("Unknown. Available: %s") % ", ".join(CHECKSUMS)})
    if checksum and not pattern:
        raise ValidationError({"identifier_pattern": _("A check digit needs the form of its number.")})
    try:
        form = read_number_form(pattern) if pattern else None
    except ValidationError as error:
        raise ValidationError({"identifier_pattern": error.messages}) from error
    if form is not None and checksum and not form.lengths & CHECKSUM_LENGTHS[checksum]:
        lengths = _(" or ").join(str(length) for length in sorted(CHECKSUM_LENGTHS[checksum]))
        raise ValidationError(
            {
                "checksum": _("No number can meet both: numbers with this check digit have %(count)s signs.")
                % {"count": lengths}
            }
        )


def fits(pattern: str, number: str) -> bool:
    """Whether a normalised number has the form."""
    return re.fullmatch(pattern, number) is not None


def describe_number_form(pattern: str) -> str:
    """The form in words; empty for none, and for one of an earlier time that cannot be read."""
    if not pattern:
        return ""
    try:
        return read_number_form(pattern).words()
    except ValidationError:
        return pattern


class _Reader:
    """Reads a pattern sign by sign."""

    def __init__(self, pattern: str) -> None:
        self.pattern, self.at, self.depth = pattern, 0, 0

    def read(self) -> Form:
        form = self._choice()
        if self.at < len(self.pattern):
            raise self._refuse(self.pattern[self.at])
        return form

    def _next(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def _take(self) -> str:
        sign = self._next()
        if not sign:
            raise ValidationError(
                _("The form is not complete: a bracket is not closed, or something is missing at the end.")
            )
        self.at += 1
        return sign

    def _choice(self) -> Form:
        branches = [self._sequence()]
        while self._next() == "|":
            self._take()
            branches.append(self._sequence())
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def _sequence(self) -> Form:
        parts: list[Form] = []
        while self._next() not in {"", "|", ")"}:
            parts.append(self._repeated(self._atom()))
        if not parts:
            raise ValidationError(
                _("The form is not complete: a bracket is not closed, or something is missing at the end.")
            )
        return parts[0] if len(parts) == 1 else Chain(tuple(parts))

    def _atom(self) -> Form:
        sign = self._take()
        if sign == "(":
            return self._group()
        if sign == "[":
            return Sign(frozenset(self._class()))
        if sign == "\\":
            return Sign(self._escape())
        if sign in "*+?{}])^$.":
            raise self._refuse(sign)
        return Sign(frozenset({_possible(sign)}))

    def _group(self) -> Form:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise ValidationError(_("The groups are nested too deeply."))
        if self._next() == "?":
            if self.pattern[self.at : self.at + 2] != "?:":
                raise self._refuse(self.pattern[self.at : self.at + 2])
            self.at += 2
        form = self._choice()
        if self._take() != ")":
            raise self._refuse(")")
        self.depth -= 1
        return form

    def _escape(self) -> frozenset[str]:
        sign = self._take()
        if sign == "d":
            return _DIGITS
        raise self._refuse("\\" + sign)

    def _class(self) -> Iterator[str]:
        if self._next() in {"^", "]"}:
            raise self._refuse("[" + self._next())
        while (sign := self._take()) != "]":
            if sign == "\\":
                yield from self._escape()
            elif self._next() == "-" and self.pattern[self.at + 1 : self.at + 2] not in {"]", ""}:
                self._take()
                yield from self._range(sign, self._take())
            else:
                yield _possible(sign)

    def _range(self, first: str, last: str) -> Iterator[str]:
        inside = next((group for group in (_DIGITS, _LETTERS) if first in group and last in group), None)
        if inside is None or first > last:
            raise self._refuse(f"{first}-{last}")
        yield from (sign for sign in inside if first <= sign <= last)

    def _repeated(self, part: Form) -> Form:
        if self._next() == "?":
            self._take()
            part = Repeat(part, 0, 1)
        elif self._next() == "{":
            part = self._counted(part)
        if self._next() and self._next() in "?*+{":  # a count of a count, or a repetition without an end
            raise self._refuse(self._next())
        return part

    def _counted(self, part: Form) -> Form:
        end = self.pattern.find("}", self.at)
        text = self.pattern[self.at + 1 : end] if end > 0 else ""
        least, comma, most = text.partition(",")
        numbers = [least, most] if comma else [least]
        if not all(number.isascii() and number.isdecimal() and len(number) <= 3 for number in numbers):
            raise self._refuse("{" + text + "}")
        self.at = end + 1
        first, last = int(least), int(numbers[-1])
        if first > last or last == 0 or last > LONGEST:
            raise self._refuse("{" + text + "}")
        return Repeat(part, first, last)

    def _refuse(self, sign: str) -> ValidationError:
        if sign in {"*", "+"}:
            return ValidationError(
                _("“%(sign)s” repeats without an end. Please say how many at most, for example {1,8}.") % {"sign": sign}
            )
        return ValidationError(
            _(
                "“%(sign)s” cannot be used here. Use letters, digits, \\d, [0-9A-Z], groups, | and counts as {8} or {1,8}."
            )
            % {"sign": sign}
        )


def _possible(sign: str) -> str:
    """A sign that a normalised number can have: no small letters, dashes, dots, slashes or spaces."""
    if normalise_identifier(sign) != sign or not sign.isalnum():
        raise ValidationError(
            _(
                "“%(sign)s” never occurs: numbers are compared in capital letters, without spaces, dashes, dots and slashes."
            )
            % {"sign": sign}
        )
    return sign


def _sums(first: frozenset[int], second: frozenset[int]) -> frozenset[int]:
    """Sums of one of each; what is longer than any number is kept as one length."""
    return frozenset(min(a + b, LONGEST + 1) for a in first for b in second)


def _joined(parts: Sequence[Form]) -> Iterator[Form]:
    """The parts, neighbouring single signs as one text."""
    text = ""
    for part in parts:
        if isinstance(part, Sign) and len(part.signs) == 1:
            text += next(iter(part.signs))
            continue
        if text:
            yield Literal(text)
        text = ""
        yield part
    if text:
        yield Literal(text)


def _many_words(sign: Sign, least: int, most: int) -> str:
    signs, count = sign.signs, _count_words(least, most)
    if len(signs) == 1:
        return _same_words(next(iter(signs)), least, most)
    if signs == _DIGITS:
        return ngettext("%(count)s digit", "%(count)s digits", most) % {"count": count}
    if signs == _LETTERS:
        return ngettext("%(count)s letter", "%(count)s letters", most) % {"count": count}
    if signs == _LETTERS | _DIGITS:
        return ngettext("%(count)s letter or digit", "%(count)s letters or digits", most) % {"count": count}
    figures = {"count": count, "signs": _set_words(signs)}
    return ngettext("%(count)s sign out of %(signs)s", "%(count)s signs out of %(signs)s", most) % figures


def _same_words(sign: str, least: int, most: int) -> str:
    """One and the same sign, once or several times."""
    text = Literal(sign).words()
    if (least, most) == (1, 1):
        return text
    if (least, most) == (0, 1):
        return _("perhaps %(form)s") % {"form": text}
    return _("%(count)s times %(form)s") % {"count": _count_words(least, most), "form": text}


def _count_words(least: int, most: int) -> str:
    return str(most) if least == most else _("%(least)d to %(most)d") % {"least": least, "most": most}


def _set_words(signs: frozenset[str]) -> str:
    """A set of signs as short as people write it: 0–9, A–F, X."""
    runs: list[list[str]] = []
    ordered = sorted(signs)
    for before, sign in pairwise(["", *ordered]):
        follows = bool(before) and ord(sign) == ord(before) + 1 and (sign.isdigit() == before.isdigit())
        if follows:
            runs[-1].append(sign)
        else:
            runs.append([sign])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(run) for run in runs)
