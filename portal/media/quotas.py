"""How much a person may keep: every video whose bytes are there counts, whatever it has become part of."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from portal.media.models import MediaFile
from portal.people.models import User

_GIGABYTE = 1_000_000_000


@dataclass(frozen=True)
class StorageUse:
    """What a person keeps and may keep: a number of videos, and bytes; an unfinished upload counts as announced."""

    count: int
    most: int
    size: int
    largest: int

    @property
    def bytes_left(self) -> int:
        """How many more bytes may be kept."""
        return max(0, self.largest - self.size)

    @property
    def is_full(self) -> bool:
        """Whether not one more video may be sent."""
        return self.count >= self.most or not self.bytes_left

    @property
    def gigabytes(self) -> float:
        """What is kept, in gigabytes (10^9 bytes)."""
        return self.size / _GIGABYTE

    @property
    def most_gigabytes(self) -> float:
        """What may be kept, in gigabytes (10^9 bytes)."""
        return self.largest / _GIGABYTE


def video_use_of(owner: User) -> StorageUse:
    """What a person keeps of videos."""
    kept = MediaFile.objects.filter(owner=owner, purged_at=None).aggregate(count=Count("pk"), size=Sum("size"))
    return StorageUse(kept["count"], settings.MEDIA_QUOTA_VIDEOS, kept["size"] or 0, settings.MEDIA_QUOTA_BYTES)


def refuse_more_videos(owner: User, size: int) -> str | None:
    """Why a person may not keep one more video of `size` bytes; None if they may."""
    use = video_use_of(owner)
    if use.count >= use.most:
        return _(
            "You are storing %(count)d files, which is the maximum. Delete one that you no longer "
            "need. Files you uploaded and did not use are deleted after a week."
        ) % {"count": use.count}
    return no_room_sentence(use) if size > use.bytes_left else None


def no_room_sentence(use: StorageUse) -> str:
    """What is said of a video that does not fit into what is left."""
    figures = {"size": f"{use.gigabytes:.1f}", "most": f"{use.most_gigabytes:.1f}"}
    return _("There is no room for this file: your files use %(size)s of %(most)s GB. Delete one first.") % figures
