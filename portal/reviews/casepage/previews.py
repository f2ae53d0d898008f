"""What a decision would tell people, shown to the reviewer who writes it."""

from dataclasses import dataclass
from typing import Any

from portal.errors import Text


@dataclass(frozen=True)
class StatementPreview:
    """A statement of reasons as a person would get it: a title, and the template that shows the statement."""

    title: Text
    template: str
    statement: Any
