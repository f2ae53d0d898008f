"""The upload field: several files, an error for each refused one; accepted ones are kept for the next try."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from portal.engines.documents import ACCEPTED, LIMITS
from portal.engines.documents.limits import TOO_LARGE
from portal.errors import DomainError
from portal.evidence.actions import files
from portal.evidence.models import EvidenceFile, FileState, FileT
from portal.evidence.refusals import refusal_sentence
from portal.people.models import User
from portal.web.form_recovery import submitted_data

BoundForm = TypeVar("BoundForm", bound=forms.BaseForm)


@dataclass(frozen=True)
class ChosenFiles:
    """What a form brought: ids of files stored by an earlier try, and new files."""

    kept: tuple[str, ...]
    uploads: tuple["UploadedFile[bytes]", ...]


class StoredFilesInput(forms.Widget):
    """A file input, and a ticked box for each file that is stored already; works without JavaScript."""

    needs_multipart_form = True
    accept = ""
    # Whether there is a second input, which opens the camera of a phone.
    has_camera = False

    # Set where the form waits for its files to be opened; its page sends it again by itself then.
    waits = False

    def __init__(self, *, most: int) -> None:
        super().__init__()
        self.most = most

    def value_from_datadict(self, data: Any, files: MultiValueDict[str, Any], name: str) -> ChosenFiles:
        kept = data.getlist(_kept_name(name)) if hasattr(data, "getlist") else data.get(_kept_name(name), [])
        return ChosenFiles(tuple(kept), (*files.getlist(name), *files.getlist(camera_name(name))))

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in files and camera_name(name) not in files and _kept_name(name) not in data

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        kept = list(value) if isinstance(value, list | tuple) else []
        context = super().get_context(name, None, attrs)
        about = {"kept": kept, "kept_name": _kept_name(name), "multiple": self.most > 1, "accept": self.accept}
        about |= {"camera_name": camera_name(name) if self.has_camera else ""}
        about |= {"waits": self.waits, "largest": LIMITS.file_bytes, "says_large": refusal_sentence(TOO_LARGE)}
        context["widget"] |= about
        if kept:
            context["widget"]["attrs"].pop("required", None)
        if self.waits:  # nothing is wrong with what was sent
            context["widget"]["attrs"].pop("aria-invalid", None)
        return context


class StoredFilesField(forms.Field, Generic[FileT]):
    """Cleans to the list of the owner's stored files, in the order given.

    A form says whose files they are before it is validated: `for_owner(form, request.user)`. Good
    files are stored while the form is cleaned, bad ones give a sentence each; shown again, the form
    lists the good ones. What no form takes into use is purged after files.KEEP_UNUSED.

    A stored file is opened by a job. Where the form hands its files in (`hands_in`), it waits for that: it comes back
    with all that was typed, lists the files as being opened, and is sent again by its page as soon as they are.
    """

    input: type[StoredFilesInput]

    def __init__(self, *, purpose: str, most: int = 10, hands_in: bool = False, **kwargs: Any) -> None:
        super().__init__(widget=self.input(most=most), **kwargs)
        self.purpose, self.most = purpose, most
        self.hands_in = hands_in
        self.owner: User | None = None
        self._kept: list[FileT] | None = None

    def belongs_to(self, owner: User) -> None:
        """Say whose files these are."""
        self.owner = owner

    def store(self, upload: "UploadedFile[bytes]", *, by: User) -> FileT:
        """Store one file; raises DomainError with the sentence for it."""
        raise NotImplementedError

    def files_of(self, owner: User) -> "QuerySet[FileT]":
        """The owner's files that a form may keep, refused ones included."""
        raise NotImplementedError

    def clean(self, value: Any) -> list[FileT]:
        chosen = value if isinstance(value, ChosenFiles) else ChosenFiles((), ())
        before = self._stored_before(chosen.kept)
        kept = {file.pk: file for file in before if not file.refusal}
        errors = [format_html("{}: {}", file.name, file.refusal_text) for file in before if file.refusal]
        for upload in chosen.uploads[: self.most]:
            try:
                file = self.store(upload, by=self._owner())
                kept[file.pk] = file
            except DomainError as error:
                errors.append(format_html("{}: {}", upload.name, error.message))
        self._kept = list(kept.values())
        if errors:
            raise ValidationError(errors)
        if len(kept) > self.most or len(chosen.uploads) > self.most:
            raise ValidationError(_too_many(self.most))
        if self.required and not kept:
            raise ValidationError(self.error_messages["required"], code="required")
        if self.hands_in and any(file.state == FileState.STORED for file in self._kept):
            self.widget.waits = True
            raise ValidationError(_OPENING, code="opening")
        return self._kept

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What the form shows again: the good files, never the bytes."""
        if self._kept is not None:
            return self._kept
        if not isinstance(data, ChosenFiles):
            return initial
        return [file for file in self._stored_before(data.kept) if not file.refusal]

    def has_changed(self, initial: Any, data: Any) -> bool:
        before = {str(file.pk) for file in initial or []}
        return bool(data.uploads) or set(data.kept) != before if isinstance(data, ChosenFiles) else False

    def _stored_before(self, ids: Iterable[str]) -> list[FileT]:
        """Treat another person's file, or one for another purpose, as missing."""
        known_ids = [found for text in ids if (found := _uuid(text))][: self.most]
        return list(self.files_of(self._owner()).filter(purpose=self.purpose, pk__in=known_ids))

    def _owner(self) -> User:
        if self.owner is None:
            message = "call for_owner(form, user) before the form is validated"
            raise RuntimeError(message)
        return self.owner


_OPENING = _(
    "Your files are stored and being processed, which takes a few seconds. Your form is then sent "
    "automatically; if nothing happens, press the button again."
)
_UPLOAD_HELP = _(
    "PDF, JPEG, PNG or WebP, up to 20 MB and 20 pages each. Files are encrypted and visible only to "
    "you and your reviewers."
)


class EvidenceInput(StoredFilesInput):
    """The input for documents."""

    template_name = "evidence/upload.html"
    has_camera = True
    accept = ",".join(sorted({f".{ending}" for endings in ACCEPTED.values() for ending in endings} | set(ACCEPTED)))


class EvidenceField(StoredFilesField[EvidenceFile]):
    """Documents: PDFs and photos."""

    input = EvidenceInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"help_text": _UPLOAD_HELP, **kwargs})

    def store(self, upload: "UploadedFile[bytes]", *, by: User) -> EvidenceFile:
        return files.store_file(upload, by=by, purpose=self.purpose)

    def files_of(self, owner: User) -> "QuerySet[EvidenceFile]":
        return EvidenceFile.objects.kept().filter(owner=owner)


def set_files_owner(form: forms.BaseForm, owner: User) -> None:
    """Say whose files the form's upload fields take."""
    for field in form.fields.values():
        if isinstance(field, StoredFilesField):
            field.belongs_to(owner)


def bind_file_form(form: type[BoundForm], request: HttpRequest, owner: User, /, **options: Any) -> BoundForm:
    """The form with what was sent, or what was typed before signing in; the owner is whose files it takes."""
    bound = form(submitted_data(request), request.FILES or None, **options)
    set_files_owner(bound, owner)
    return bound


def camera_name(name: str) -> str:
    """The name of the input beside a file input that opens the camera."""
    return f"{name}-camera"


def _kept_name(name: str) -> str:
    return f"{name}-kept"


def _too_many(most: int) -> Any:
    text = ngettext_lazy(
        "At most %(most)d file can be submitted here.", "At most %(most)d files can be submitted here.", most
    )
    return text % {"most": most}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
