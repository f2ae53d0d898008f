"""For which purposes people see marked pages only, and what is written across them."""

from collections.abc import Callable
from dataclasses import dataclass

from portal.evidence.models import EvidenceFile
from portal.people.models import User


def _draw_nothing(_file: EvidenceFile) -> None:
    """Nothing is drawn on its pages."""


def _is_owner(file: EvidenceFile, viewer: User) -> bool:
    return file.owner_id == viewer.pk


@dataclass(frozen=True)
class Marking:
    """How pages of one purpose are shown.

    `case_of(file, viewer)` names the case for which the viewer sees the file, in ASCII letters; `decorate(file)` prepares the
    file's pages for the viewer's fragment, such as frames around what was read; `is_exempt(file, viewer)` says who gets the
    pages as they are: their owner, where a purpose says nothing else.
    """

    case_of: Callable[[EvidenceFile, User], str]
    decorate: Callable[[EvidenceFile], object] = _draw_nothing
    is_exempt: Callable[[EvidenceFile, User], bool] = _is_owner


_markings: dict[str, Marking] = {}


def register_marking(purpose: str, marking: Marking) -> None:
    """Have people see marked pages of files of a purpose. Products call this in AppConfig.ready()."""
    _markings[purpose] = marking


def marking_for(file: EvidenceFile, viewer: User) -> Marking | None:
    """How this person sees the file's pages; None: as they are."""
    marking = _markings.get(file.purpose)
    return None if marking is None or marking.is_exempt(file, viewer) else marking
