"""The kinds of case there are; products register theirs from AppConfig.ready()."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.errors import Text

if TYPE_CHECKING:
    from portal.reviews.models import ReviewCase


Names = Callable[[], Mapping[str, Text]]


@dataclass(frozen=True)
class Kind:
    """How the queue names a kind of case and its codes, and where its page is."""

    code: str
    label: Text
    url: "Callable[[ReviewCase], str]"
    areas: Names
    reasons: Names
    outcomes: Names


kinds: dict[str, Kind] = {}


def register(
    code: str,
    label: Text,
    url: "Callable[[ReviewCase], str]",
    *,
    areas: Names = dict,
    reasons: Names = dict,
    outcomes: Names = dict,
) -> None:
    """Make a kind known. Registering it twice is a programming error.

    The last three give words for codes, each with one query at most: for skills, for the reasons why a
    person has to look, and for outcomes of decisions.
    """
    if code in kinds:
        message = f"case kind {code} is registered twice"
        raise ValueError(message)
    kinds[code] = Kind(code, label, url, areas, reasons, outcomes)


def url_of(case: "ReviewCase") -> str:
    """The page where the case is worked on."""
    return kinds[case.kind].url(case)


def label_of(case: "ReviewCase") -> Text:
    """What kind of case it is, in words."""
    return kinds[case.kind].label


def areas() -> dict[str, Text]:
    """The names of all areas that products know, by skill code."""
    return _merged(kind.areas for kind in kinds.values())


def reasons() -> dict[str, Text]:
    """The reasons why a person may have to look, by code."""
    return _merged(kind.reasons for kind in kinds.values())


def outcomes() -> dict[str, Text]:
    """The outcomes of decisions in words, by code."""
    return _merged(kind.outcomes for kind in kinds.values())


def _merged(functions: Iterable[Names]) -> dict[str, Text]:
    """What all of them say; kinds of one product share theirs, which is asked once."""
    named: dict[str, Text] = {}
    for function in dict.fromkeys(functions):
        named |= function()
    return named
