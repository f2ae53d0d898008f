"""Works: registered by their author, found on a platform, or recorded by a complainant."""

import hashlib
import io
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from complaints import events
from complaints.actions import indexing
from complaints.models import Complaint, Fingerprint, Work
from complaints.policies import drafts as policy
from complaints.policies import works as works_policy
from complaints.policies.terms import VIDEO_PURPOSE
from portal import clock
from portal.audit import trail
from portal.errors import Invalid, NotAllowed, require_allowed
from portal.media.actions import files
from portal.media.actions.retention import video_retention
from portal.media.models import MediaFile, MediaState
from portal.outbound.lookups import AnswerPending
from portal.people.models import User
from portal.people.roles import Permission
from portal.platforms import Account, Connector, FetchedFile, PlatformError, Unknown, registry
from portal.platforms import Work as Post
from portal.texts import text_errors
from portal.workflow import lock_names

_TITLE, _SOURCE = 160, 300  # characters
_DESCRIPTION = 5000  # that are kept of what a platform gives
# What a recording says of the post that it shows.
_SHOWN = ("title", "url", "published_at", "published_source", "stated_by_uploader", "stated_kind", "description")


def register_work(
    *,
    by: User,
    title: str,
    media: MediaFile,
    published_at: datetime | None = None,
    published_source: str = "",
    url: str = "",
) -> Work:
    """Keep a video as a work of theirs; the same video again is the same work. `url` is their own post of it, if any.

    Raises NotAllowed, Invalid with sentences for title, media, url, published_source.
    """
    facts = {"published_at": published_at, "published_source": published_source, "url": url}
    return keep_work(check_work(by=by, title=title, media=media, **facts))  # type: ignore[arg-type]


def store_pasted_text(*, by: User, text: str, title: str) -> MediaFile:
    """A text that was pasted into a form, stored as a file of theirs; the same text sent again is the same file.

    Raises Invalid, NotAllowed, StorageDown.
    """
    data = text.replace("\r\n", "\n").encode()
    stored = MediaFile.objects.kept().filter(owner=by, purpose=VIDEO_PURPOSE, sha256=hashlib.sha256(data).hexdigest())
    known = stored.exclude(state=MediaState.REFUSED).order_by("pk").first()
    return known or files.store_stream(io.BytesIO(data), owner=by, purpose=VIDEO_PURPOSE, name=f"{title[:_TITLE]}.txt")


@dataclass(frozen=True)
class CheckedWork:
    """A work that can be registered: what its row will hold. The platform has been asked for the author's own post."""

    owner: User
    media: MediaFile
    facts: dict[str, Any]


def check_work(
    *,
    by: User,
    title: str,
    media: MediaFile,
    published_at: datetime | None = None,
    published_source: str = "",
    url: str = "",
) -> CheckedWork:
    """The first half of register_work(), which may call a platform and writes nothing. Raises as that does."""
    if not by.may(Permission.COMPLAIN):
        raise NotAllowed(_("Your role cannot register works."))
    _check_work(by, title, media, published_source)
    place = _own_post(url) if url.strip() else {}
    values: dict[str, Any] = {
        "title": title.strip(),
        "published_at": published_at,
        "published_source": published_source.strip(),
    }
    return CheckedWork(by, media, values | place)


def keep_work(checked: CheckedWork) -> Work:
    """The second half, which may run within the caller's transaction."""
    by, media = checked.owner, checked.media
    try:
        with transaction.atomic():
            work = Work.objects.create(owner=by, media=media, **checked.facts)
            files.freeze_videos([media], at=clock.now(), by=by)
            trail.record_event(events.WORK_REGISTERED, work, by=by, media=str(media.pk))
            indexing.enqueue_index(media.pk)
    except IntegrityError:
        return Work.objects.get(owner=by, media=media)
    return work


def delete_work(*, work: Work, by: User) -> None:
    """Delete a work on which nothing rests, its video and its fingerprints with it. Raises NotAllowed.

    Where the record of an old complaint names it, title and dates stay until that record is deleted.
    """
    with transaction.atomic():
        row = Work.objects.select_for_update(of=("self",)).select_related("media").get(pk=work.pk)
        require_allowed(works_policy.refuse_deleting_work(row, by))
        trail.record_event(events.WORK_DELETED, row, by=by)
        if Complaint.objects.filter(Q(original=row) | Q(copy=row)).exists():
            Work.objects.filter(pk=row.pk).update(deleted_at=clock.now())
        else:
            row.delete()
        if row.media is not None:
            _drop_video(row.media, by)


def delete_fingerprints(media: MediaFile) -> None:
    """Delete what was computed from a video that is purged."""
    indexing.forget_video(media)
    Fingerprint.objects.filter(media=media).delete()


def _drop_video(media: MediaFile, by: User) -> None:
    """Purge a video at once, or as soon as nothing else needs it."""
    if video_retention.is_needed(media):
        video_retention.schedule([media], at=clock.now())
    else:
        video_retention.purge(MediaFile.objects.kept().filter(pk=media.pk), by=by)


def post_name(platform: str, post: Post) -> str:
    """The name under which work_from_post() locks a post."""
    return f"post:{platform}:{post.id}"


def work_from_post(platform: str, post: Post) -> Work:
    """The row of a post that the platform returned; the same one however often it is named."""
    with transaction.atomic():
        # Serialise concurrent calls for one post; a unique constraint cannot, since recordings share the columns.
        lock_names(post_name(platform, post))
        rows = Work.objects.filter(platform=platform, external_id=post.id, owner=None).select_related("media")
        known = next((row for row in rows if row.media is None or row.media.owner_id is None), None)
        return known or Work.objects.create(
            platform=platform,
            external_id=post.id,
            account_id=post.account_id,
            title=post.title[:_TITLE],
            url=post.url,
            published_at=post.published_at,
            published_source=registry.get_connector(platform).name,
            stated_by_uploader=post.stated_by_uploader,
            stated_kind=post.kind,
            description=post.description[:_DESCRIPTION],
        )


def work_from_recording(*, media: MediaFile, platform: str, account_id: str, shows: Work | None = None) -> Work:
    """A complainant's own recording of a copy, and the post that it shows if that is known; the same again is one row."""
    place = {"platform": platform, "account_id": account_id, "external_id": shows.external_id if shows else ""}
    known = Work.objects.filter(owner=None, media=media, **place).first()
    about = {"title": media.name[:_TITLE] or media.sha256[:12]}
    if shows is not None:
        about = {name: getattr(shows, name) for name in _SHOWN}
    return known or Work.objects.create(media=media, attached_at=_attached_at(media), **place, **about)


def fetch_work_video(work: Work) -> str:
    """Fetch the video of a post. Returns "" or why it cannot be: `gone`, `refused:<code>`; raises PlatformError."""
    if work.media is not None and (work.media.owner_id is not None or work.media.purged_at is None):
        return ""
    try:
        with closing(registry.get_connector(work.platform).works.open_media(work.external_id)) as stream:
            media = files.store_stream(stream, owner=None, purpose=VIDEO_PURPOSE, name=work.title)
            modified_at = stream.modified_at if isinstance(stream, FetchedFile) else None
    except Unknown:
        return _note_fetch_error(work, "gone")
    except Invalid as error:
        return _note_fetch_error(work, f"refused:{error.code if isinstance(error, files.VideoTooLarge) else 'broken'}")
    work.media, work.attached_at = media, _attached_at(media)
    # A platform that stands for its date of publication says more by that.
    work.file_modified_at = modified_at if work.stated_by_uploader else None
    fetched = {name: getattr(work, name) for name in ("media", "attached_at", "file_modified_at")}
    Work.objects.filter(pk=work.pk).update(**fetched, fetch_error="")
    return ""


def video_status(work: Work) -> str:
    """The state of its video: `waiting`, `ready`, `gone`, `refused:<code>`."""
    media = work.media
    if media is None or media.purged_at is not None:
        return "gone"
    if media.state == MediaState.REFUSED:
        return f"refused:{media.refusal}"
    return "ready" if media.state == MediaState.READY else "waiting"


def find_post(address: str, *, field: str, platform: str = "") -> tuple[Connector, Post]:
    """The post at an address (or with an id on a `platform`); raises Invalid with a sentence at `field`."""
    connector = connector_for_address(address, field=field, platform=platform)
    try:
        return connector, _handled(connector, connector.works.find_work(address.strip()), field)
    except AnswerPending as pending:
        raise pending.at(field) from pending
    except Unknown as error:
        raise Invalid.at(field, _not_found(connector, address)) from error
    except PlatformError as error:
        raise Invalid.at(field, platform_silent_message(connector)) from error


def _handled(connector: Connector, post: Post, field: str) -> Post:
    """The post, if it is of a kind that the portal can have of this platform; raises Invalid with a sentence at `field`."""
    if post.kind not in connector.kinds:
        raise Invalid.at(field, _("Works of this kind on %s cannot be complained about here.") % connector.name)
    return post


def _not_found(connector: Connector, address: str) -> str:
    """The error for a post that is not there; what is no address is called so."""
    if "://" in address:
        return _("This work was not found on %s.") % connector.name
    return _("This is not the address of a work on %s. Copy the whole address, with https://") % connector.name


def connector_for_address(address: str, *, field: str, platform: str = "") -> Connector:
    """The platform of an address; without one the named, or the only one there is."""
    if connector := registry.connector_of_address(address.strip()):
        return connector
    codes = [platform] if platform else registry.platform_codes()
    if len(codes) != 1 or codes[0] not in registry.platform_codes() or "://" in address:
        raise Invalid.at(field, _("This address does not belong to a connected platform."))
    return registry.get_connector(codes[0])


def find_platform_account(connector: Connector, text: str, *, field: str) -> Account:
    """The account by handle, id or address; raises Invalid with a sentence at `field`."""
    try:
        return connector.accounts.find_account(text.strip())
    except AnswerPending as pending:
        raise pending.at(field) from pending
    except Unknown as error:
        raise Invalid.at(field, _("This account was not found on %s.") % connector.name) from error
    except PlatformError as error:
        raise Invalid.at(field, platform_silent_message(connector)) from error


def platform_silent_message(connector: Connector) -> str:
    """The error for a platform that does not answer."""
    return _("%s is not responding. Please try again in a minute.") % connector.name


def _check_work(by: User, title: str, media: MediaFile, published_source: str) -> None:
    fields = text_errors({"title": (title.strip(), _TITLE), "published_source": (published_source.strip(), _SOURCE)})
    if not title.strip():
        fields["title"] = [_("Please give a title of at most 160 characters.")]
    if reason := policy.refuse_media(media, by):
        fields["media"] = [str(reason)]
    if fields:
        raise Invalid.of(fields)


def _own_post(url: str) -> dict[str, str]:
    """The platform and id of the author's post of the work; an address elsewhere is only kept."""
    if not url.strip().lower().startswith(("https://", "http://")):
        raise Invalid.at("url", _("This is not a web address. It must start with https://"))
    if registry.connector_of_address(url.strip()) is None:
        return {"url": url.strip()[:500]}
    connector, post = find_post(url, field="url")
    place = {"platform": connector.code, "external_id": post.id, "account_id": post.account_id, "url": post.url}
    return place | {"description": post.description[:_DESCRIPTION]}


def _attached_at(media: MediaFile) -> datetime:
    """When a file becomes that of one more work: as it is stored, unless it was stored for another one."""
    return clock.now() if media.works.exists() else media.stored_at


def _note_fetch_error(work: Work, code: str) -> str:
    Work.objects.filter(pk=work.pk).update(fetch_error=code[:40])
    return code
