"""The kinds of case there are; products register theirs from AppConfig.ready()."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.errors import Text

if TYPE_CHECKING:
    from portal.reviews.models import ReviewCase


@dataclass(frozen=True)
class Kind:
    """How the queue names a kind of case, its areas and its reasons, and where its page is."""

    code: str
    label: Text
    url: "Callable[[ReviewCase], str]"
    areas: Callable[[], Mapping[str, Text]]
    reason: Callable[[str], Text]


kinds: dict[str, Kind] = {}


def register(
    code: str,
    label: Text,
    url: "Callable[[ReviewCase], str]",
    *,
    areas: Callable[[], Mapping[str, Text]] = dict,
    reason: Callable[[str], Text] = str,
) -> None:
    """Make a kind known. Registering it twice is a programming error.

    `areas()` names the skill codes (one query at most); `reason(code)` says in words why a person has
    to look, and is called for every row of a list.
    """
    if code in kinds:
        message = f"case kind {code} is registered twice"
        raise ValueError(message)
    kinds[code] = Kind(code, label, url, areas, reason)


def url_of(case: "ReviewCase") -> str:
    """The page where the case is worked on."""
    return kinds[case.kind].url(case)


def label_of(case: "ReviewCase") -> Text:
    """What kind of case it is, in words."""
    return kinds[case.kind].label


def reasons_of(case: "ReviewCase") -> list[Text]:
    """Why a person has to look, in words."""
    return [kinds[case.kind].reason(code) for code in case.reasons]


def areas() -> dict[str, Text]:
    """The names of all areas that products know, by skill code."""
    named: dict[str, Text] = {}
    for function in dict.fromkeys(kind.areas for kind in kinds.values()):
        named |= function()
    return named
