"""Hostile documents opened safely: files are parsed in a short-lived, limited child process.

`inspect` and `render` (child.py) are the entry points, for jobs only; `precheck_document` (sniffing.py) is the cheap look
that a request may take; limits.py says what is accepted; worker.py is the child's program; pdf.py and picture.py are
the only code that parses; watermark.py marks the pages that a reviewer sees. Pure Python, no Django.
"""

from portal.engines.documents.child import inspect_document, mark_page, render_document
from portal.engines.documents.limits import ACCEPTED, LIMITS, Limits, Page, Report
from portal.engines.documents.sniffing import precheck_document
from portal.engines.limited_process import Refused

__all__ = [
    "ACCEPTED",
    "LIMITS",
    "Limits",
    "Page",
    "Refused",
    "Report",
    "inspect_document",
    "mark_page",
    "precheck_document",
    "render_document",
]
