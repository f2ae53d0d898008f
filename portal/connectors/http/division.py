"""Pages of followers that are taken back in parts. A repetition is divided as the first call was, so that each part has its key again."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from portal.connectors.models import DividedCall
from portal.platforms.orders import RestoredPage, RestorePage
from portal.platforms.protocol import Declined

# Takes a page and the digest of its followers, by which the call is known.
Restore = Callable[[RestorePage, str], RestoredPage]


def restore_in_parts(platform: str, page: RestorePage, restore: Restore, *, most: int) -> RestoredPage:
    """Take a page back by calls of `restore` with at most as many followers as the platform took when each was first made.

    `most` is what it takes now. What it declines for having more than that was not done, and is divided again.
    """
    asked = len(page.moved) + len(page.already)
    if not asked:
        return RestoredPage(restored=0)
    named = digest({"moved": list(page.moved), "already": list(page.already)})
    size = _size_of(platform, named, most) if asked > 1 else most
    if asked <= size:
        try:
            return restore(page, named)
        except Declined:
            if asked <= most:
                raise
        size = most
        DividedCall.objects.filter(platform=platform, key=named).update(size=size)
    return _sum([restore_in_parts(platform, part, restore, most=most) for part in _parts(page, size)])


def digest(values: Mapping[str, Sequence[int]] | Sequence[Any]) -> str:
    """A text that tells these values from others, for the key of a call."""
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


def _size_of(platform: str, key: str, most: int) -> int:
    """How many followers a call had at most when it was first made; `most` if that is now."""
    rows = DividedCall.objects.filter(platform=platform, key=key).values_list("size", flat=True)
    size = rows.first()
    if size is None:
        DividedCall.objects.bulk_create([DividedCall(platform=platform, key=key, size=most)], ignore_conflicts=True)
        size = rows.get()
    return size


def _parts(page: RestorePage, size: int) -> Iterator[RestorePage]:
    moved, already = list(page.moved), list(page.already)
    for start in range(0, len(moved) + len(already), size):
        ended = max(start - len(moved), 0), max(start + size - len(moved), 0)
        yield RestorePage(moved[start : start + size], already[slice(*ended)], page.restore_data)


def _sum(parts: Sequence[RestoredPage]) -> RestoredPage:
    return RestoredPage(
        restored=sum(part.restored for part in parts),
        overridden=[one for part in parts for one in part.overridden],
        missing=[one for part in parts for one in part.missing],
    )
