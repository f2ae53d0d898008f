"""Hostile documents opened safely: files are parsed in a short-lived, limited child process.

`inspect` and `render` (child.py) are the entry points, for jobs only; `screen_document` (sniffing.py) is the cheap look
that a request may take; limits.py says what is accepted; worker.py is the child's program; pdf.py and picture.py are
the only code that parses. Pure Python, no Django.
"""

from portal.engines.documents.child import inspect_document, render_document
from portal.engines.documents.limits import ACCEPTED, LIMITS, Limits, Page, Report
from portal.engines.documents.sniffing import screen_document
from portal.engines.limited_process import Refused

__all__ = [
    "ACCEPTED",
    "LIMITS",
    "Limits",
    "Page",
    "Refused",
    "Report",
    "inspect_document",
    "render_document",
    "screen_document",
]
