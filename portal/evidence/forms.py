"""The upload field: several files, a sentence for each bad one, and the good ones never asked for twice."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from portal.accounts.models import User
from portal.engines.documents import ACCEPTED
from portal.errors import DomainError
from portal.evidence.actions import files
from portal.evidence.models import EvidenceFile, FileState

_ACCEPT = ",".join(sorted({f".{ending}" for endings in ACCEPTED.values() for ending in endings} | set(ACCEPTED)))


@dataclass(frozen=True)
class Chosen:
    """What a form brought: ids of files stored by an earlier try, and new files."""

    kept: tuple[str, ...]
    uploads: tuple["UploadedFile[bytes]", ...]


class EvidenceInput(forms.Widget):
    """A file input, and a ticked box for each file that is stored already; works without JavaScript."""

    template_name = "evidence/upload.html"
    needs_multipart_form = True

    def __init__(self, *, multiple: bool = True) -> None:
        super().__init__()
        self.multiple = multiple

    def value_from_datadict(self, data: Any, files: MultiValueDict[str, Any], name: str) -> Chosen:
        kept = data.getlist(_kept_name(name)) if hasattr(data, "getlist") else data.get(_kept_name(name), [])
        return Chosen(tuple(kept), tuple(files.getlist(name)))

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in files and _kept_name(name) not in data

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        kept = list(value) if isinstance(value, list | tuple) else []
        context = super().get_context(name, None, attrs)
        context["widget"] |= {"kept": kept, "kept_name": _kept_name(name), "multiple": self.multiple, "accept": _ACCEPT}
        if kept:
            context["widget"]["attrs"].pop("required", None)
        return context


class EvidenceField(forms.Field):
    """Cleans to the list of the owner's stored files, in the order given.

    A form says whose files they are before it is validated: `for_owner(form, request.user)`. Good
    files are stored while the form is cleaned, bad ones give a sentence each; shown again, the form
    lists the good ones. What no form takes into use is purged after files.KEEP_UNUSED.
    """

    def __init__(self, *, purpose: str, most: int = 10, **kwargs: Any) -> None:
        super().__init__(widget=EvidenceInput(multiple=most > 1), **kwargs)
        self.purpose, self.most = purpose, most
        self.owner: User | None = None
        self._kept: list[EvidenceFile] | None = None

    def clean(self, value: Any) -> list[EvidenceFile]:
        chosen = value if isinstance(value, Chosen) else Chosen((), ())
        kept = {file.pk: file for file in self._stored_before(chosen.kept)}
        errors = []
        for upload in chosen.uploads[: self.most]:
            try:
                file = files.store(upload, by=self._owner(), purpose=self.purpose)
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
        return self._kept

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What the form shows again: the good files, never the bytes."""
        if self._kept is not None:
            return self._kept
        return self._stored_before(data.kept) if isinstance(data, Chosen) else initial

    def has_changed(self, initial: Any, data: Any) -> bool:
        before = {str(file.pk) for file in initial or []}
        return bool(data.uploads) or set(data.kept) != before if isinstance(data, Chosen) else False

    def _stored_before(self, ids: Iterable[str]) -> list[EvidenceFile]:
        """Another person's file, or one for another purpose, is as if it were not there."""
        wanted = [found for text in ids if (found := _uuid(text))][: self.most]
        own = EvidenceFile.objects.kept().filter(owner=self._owner(), purpose=self.purpose, pk__in=wanted)
        return list(own.exclude(state=FileState.REFUSED))

    def _owner(self) -> User:
        if self.owner is None:
            message = "call for_owner(form, user) before the form is validated"
            raise RuntimeError(message)
        return self.owner


def for_owner(form: forms.BaseForm, owner: User) -> None:
    """Say whose files the form's upload fields take."""
    for field in form.fields.values():
        if isinstance(field, EvidenceField):
            field.owner = owner


def _kept_name(name: str) -> str:
    return f"{name}-kept"


def _too_many(most: int) -> Any:
    text = ngettext_lazy("At most %(most)d file can be sent here.", "At most %(most)d files can be sent here.", most)
    return text % {"most": most}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


UPLOAD_HELP = _(
    "PDF, JPEG, PNG or WebP, at most 20 MB each and 20 pages. Files are encrypted and seen only by you and your reviewers."
)
