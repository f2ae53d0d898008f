"""For which purposes a reviewer sees marked pages only, and what is written across them."""

from collections.abc import Callable
from dataclasses import dataclass

from portal.evidence.models import EvidenceFile
from portal.people.models import User


@dataclass(frozen=True)
class Marking:
    """How pages of one purpose are shown to others than their owner.

    `case_of(file, viewer)` names the case for which the viewer sees the file, in ASCII letters; `decorate(file)` prepares the
    file's pages for the viewer's fragment, such as frames around what was read.
    """

    case_of: Callable[[EvidenceFile, User], str]
    decorate: Callable[[EvidenceFile], object]


_markings: dict[str, Marking] = {}


def register_marking(purpose: str, marking: Marking) -> None:
    """Have everybody but the owner see marked pages of files of a purpose. Products call this in AppConfig.ready()."""
    _markings[purpose] = marking


def marking_for(file: EvidenceFile, viewer: User) -> Marking | None:
    """How this person sees the file's pages; None: as they are."""
    return None if file.owner_id == viewer.pk else _markings.get(file.purpose)
