"""The kinds of case there are; products register theirs from AppConfig.ready()."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.errors import Text

if TYPE_CHECKING:
    from portal.reviews.models import ReviewCase


@dataclass(frozen=True)
class Kind:
    """How the queue names a kind of case, and where its page is."""

    code: str
    label: Text
    url: "Callable[[ReviewCase], str]"


kinds: dict[str, Kind] = {}


def register(code: str, label: Text, url: "Callable[[ReviewCase], str]") -> None:
    """Make a kind known. Registering it twice is a programming error."""
    if code in kinds:
        message = f"case kind {code} is registered twice"
        raise ValueError(message)
    kinds[code] = Kind(code, label, url)


def url_of(case: "ReviewCase") -> str:
    """The page where the case is worked on."""
    return kinds[case.kind].url(case)


def label_of(case: "ReviewCase") -> Text:
    """What kind of case it is, in words."""
    return kinds[case.kind].label
