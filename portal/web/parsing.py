"""What API calls send: JSON, refused with 400 where it cannot be read, whatever it is that its reader stumbles over."""

from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

_DEEPEST = 20  # arrays and objects in one another; none of our calls has more than four


class BoundedJSONParser(JSONParser):
    """DRF's parser; nesting that exhausts Python's stack, here or in a serializer later, is an error of the sender."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """The parsed body; raises ParseError."""
        try:
            parsed = super().parse(stream, media_type, parser_context)
        except (RecursionError, ValueError) as error:
            raise ParseError(f"JSON parse error - {type(error).__name__}") from error
        if _is_deep(parsed):
            raise ParseError(f"JSON parse error - more than {_DEEPEST} arrays and objects in one another")
        return parsed


def _is_deep(parsed: Any) -> bool:
    level = [parsed]
    for _ in range(_DEEPEST):
        level = [child for item in level for child in _children(item)]
    return bool(level)


def _children(item: Any) -> Any:
    if isinstance(item, dict):
        return item.values()
    return item if isinstance(item, list) else ()
