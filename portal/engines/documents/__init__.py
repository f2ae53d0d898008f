"""Hostile documents opened safely: every byte of a file is read in a short-lived, limited child process.

`inspect` and `render` (child.py) are the entry points; limits.py says what is accepted; worker.py is the
child's program; pdf.py and picture.py are the only code that parses. Pure Python, no Django.
"""

from portal.engines.documents.child import inspect_document, render_document
from portal.engines.documents.limits import ACCEPTED, LIMITS, Limits, Page, Report
from portal.engines.limited_process import Refused

__all__ = ["ACCEPTED", "LIMITS", "Limits", "Page", "Refused", "Report", "inspect_document", "render_document"]
