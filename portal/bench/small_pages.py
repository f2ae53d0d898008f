"""Pages of a restitution with so many followers as CHAOS_PAGE says, for workers that import this module.

`manage.py bench chaos` has its workers import it, so that a move lasts long enough to be interrupted often.
"""

import os

from complaints.restitution import attribution

PAGE = "CHAOS_PAGE"


def small_page(batch: int, seconds: float) -> int:  # noqa: ARG001 -- as the function that it stands for
    """In place of `attribution.next_page_size`."""
    return int(os.environ[PAGE])


if PAGE in os.environ:
    attribution.next_page_size = small_page
