"""Publishing, watching and deleting videos."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from portal import clock
from portal.errors import Invalid, require_allowed
from portal.media.actions import files, retention
from portal.media.models import MediaFile
from portal.sandbox import policies
from portal.sandbox.models import Account, Post

PURPOSE = "sandbox.post"
# A deleted video's bytes are kept a little, since somebody may have complained about it.
KEEP_DELETED = timedelta(days=30)


def publish_post(*, by: Account, title: str, video: files.Stream, name: str, at: datetime | None = None) -> Post:
    """Take a video in and show it as a new post. Raises NotAllowed, Invalid, StorageDown."""
    require_allowed(policies.refuse_publishing(by))
    if not title.strip():
        raise Invalid(_("A video needs a title."), fields={"title": [_("Write a title.")]})
    # Outside the transaction: each part of a video is stored by a transaction of its own.
    file = files.store_stream(video, owner=None, purpose=PURPOSE, name=name)
    with transaction.atomic():
        retention.freeze_videos([file], at=clock.now(), by=None)
        return Post.objects.create(account=by, title=title.strip(), media=file, published_at=at or clock.now())


@transaction.atomic
def delete_post(*, post: Post, by: Account) -> None:
    """Delete an own post."""
    require_allowed(policies.refuse_deleting(post, by))
    post.deleted_at = clock.now()
    post.save(update_fields=["deleted_at"])
    if post.media is not None:
        retention.schedule_video_purge([post.media], at=clock.now() + KEEP_DELETED)


def count_post_view(*, post: Post) -> None:
    """Count one view."""
    Post.objects.filter(pk=post.pk).update(views=F("views") + 1)


def is_used_by_post(file: MediaFile) -> bool:
    """Whether a post that is not deleted rests on the file (asked before it is purged)."""
    return Post.objects.filter(media=file, deleted_at=None).exists()
