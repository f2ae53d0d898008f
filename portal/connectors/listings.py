"""Lists of works that platforms give page by page, as the protocol wants them: each work once, and of the time that was asked for."""

from collections.abc import Iterable
from datetime import datetime

from portal.platforms import Work


def listed_works(works: Iterable[Work], *, since: datetime | None, until: datetime | None) -> list[Work]:
    """Those published from `since` up to, not with, `until`, oldest first. One that was told twice is as it was told last."""
    by_id = {work.id: work for work in works}
    within = (
        work
        for work in by_id.values()
        if (since is None or work.published_at >= since) and (until is None or work.published_at < until)
    )
    return sorted(within, key=lambda work: work.published_at)
