"""The field for videos, pictures, sounds and texts: sent in pieces as soon as one is chosen, or with the form where there is no JavaScript."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from portal.engines.documents import LIMITS
from portal.errors import Invalid
from portal.evidence.forms import StoredFilesField, StoredFilesInput
from portal.evidence.uploads import OversizedFile
from portal.media import quotas
from portal.media.actions import files
from portal.media.first_bytes import refuse_first_bytes
from portal.media.models import MediaFile, MediaState
from portal.people.models import User


class VideoInput(StoredFilesInput):
    """The input for videos; `owner` and `purpose` find what was begun before and not finished."""

    template_name = "media/upload.html"
    accept = "video/*,audio/*,image/jpeg,image/png,image/webp,image/gif,text/plain,.mkv,.md"
    owner: User | None = None
    purpose = ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        begun = MediaFile.objects.unfinished().filter(owner=self.owner, purpose=self.purpose) if self.owner else ()
        context["widget"] |= {
            "begun": begun,
            "purpose": self.purpose,
            "use": quotas.video_use_of(self.owner) if self.owner else None,
            # Pieces are sent by whoever is signed in; a visitor never is, and sends the video with the form.
            "in_pieces": self.owner is None or not self.owner.is_visitor,
            "most": self.most,
            "largest": settings.MEDIA_MAX_BYTES,
            "largest_mb": settings.MEDIA_MAX_BYTES >> 20,
            "largest_without_script_mb": LIMITS.file_bytes // 1_000_000,
        }
        return context


class VideoField(StoredFilesField[MediaFile]):
    """Videos of the form's owner for one purpose, whose rules let them send them (portal/media/access.py)."""

    input = VideoInput
    widget: VideoInput

    def __init__(self, *, purpose: str, most: int = 1, **kwargs: Any) -> None:
        super().__init__(purpose=purpose, most=most, **kwargs)
        self.widget.purpose = purpose

    def belongs_to(self, owner: User) -> None:
        super().belongs_to(owner)
        self.widget.owner = owner

    def store(self, upload: "UploadedFile[bytes]", *, by: User) -> MediaFile:
        if isinstance(upload, OversizedFile):
            raise Invalid(_("A file of more than 20 MB can be uploaded only with JavaScript enabled."))
        upload.seek(0)
        return files.store_stream(upload, owner=by, purpose=self.purpose, name=upload.name or "")

    def clean(self, value: Any) -> list[MediaFile]:
        """As its base does; refuses what its first bytes show to be no work."""
        found = super().clean(value)
        reasons = {file.pk: reason for file in found if (reason := refuse_first_bytes(file))}
        if reasons:
            self._kept = [file for file in found if file.pk not in reasons]
            raise ValidationError(
                [format_html("{}: {}", file.name, reasons[file.pk]) for file in found if file.pk in reasons]
            )
        return found

    def files_of(self, owner: User) -> "QuerySet[MediaFile]":
        return MediaFile.objects.kept().filter(owner=owner).exclude(state=MediaState.UPLOADING)
