"""Papers read: the lines of a page image, and the fields among them, each with a confidence and whether it is certain.

`read_page` (child.py) is the entry point, for jobs only; limits.py has what it answers and its bounds; worker.py is the child's
program. In the child, lines.py finds lines and reads them with the models that the wheel of rapidocr brings, and fields.py
finds labels (labels.py) and their values (dates.py, numbers.py). Pure Python, no Django.
"""

from portal.engines.limited_process import Refused
from portal.engines.papers.child import inspect_picture, read_page
from portal.engines.papers.choosing import choose_fields
from portal.engines.papers.limits import BOUNDS, Bounds, Field, FieldKind, Hint, HintKind, Line, PageReading

__all__ = [
    "BOUNDS",
    "Bounds",
    "Field",
    "FieldKind",
    "Hint",
    "HintKind",
    "Line",
    "PageReading",
    "Refused",
    "choose_fields",
    "inspect_picture",
    "read_page",
]
