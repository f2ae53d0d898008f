"""Uploading documents: one small form for every document that is asked for."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certification.forms.steps import day_field
from certification.models import Credential, Document, DocumentKind
from certification.policies import DOCUMENT_PURPOSE
from portal.evidence.forms import EvidenceField, set_files_owner
from portal.evidence.models import EvidenceFile
from portal.people.forms import mark_needed
from portal.people.models import User

_MOST_AT_ONCE = 5


class DocumentUploadField(EvidenceField):
    """New files of one document. The good ones are stored even when another one is bad; they are listed beside the field."""

    @property
    def good(self) -> list[EvidenceFile]:
        """The files that could be stored."""
        return list(self._kept or [])

    def bound_data(self, data: Any, initial: Any) -> Any:
        """A file input starts empty."""
        return []


class DocumentUploadForm(forms.Form):
    """The files of one document, and the date printed on it."""

    uploads = DocumentUploadField(purpose=DOCUMENT_PURPOSE, most=_MOST_AT_ONCE, required=False, label=_("Add a file"))
    dated_on = day_field(_("Date on the document"))

    def __init__(
        self,
        data: Any = None,
        uploads: Any = None,
        *,
        kind: str,
        credential: Credential | None,
        documents: Sequence[Document],
    ) -> None:
        self.kind, self.credential, self.documents = kind, credential, documents
        code = credential.type.code if credential else "more"
        dated = next((row.dated_on for row in documents if row.dated_on), None)
        super().__init__(data, uploads, prefix=f"{code}-{kind}", initial={"dated_on": dated})
        if credential is None or not credential.type.max_age_of_proof:
            del self.fields["dated_on"]
        for field in self.fields.values():
            mark_needed(field)

    def good_files(self, owner: User) -> list[EvidenceFile]:
        """Check what was sent; the files that could be stored. The others have their sentence beside the field."""
        set_files_owner(self, owner)
        self.full_clean()
        field = self.fields["uploads"]
        return field.good if isinstance(field, DocumentUploadField) else []

    @property
    def title(self) -> str:
        """What the document is."""
        return str(DocumentKind(self.kind).label)

    @property
    def is_missing(self) -> bool:
        """Whether this document is required and missing."""
        return self.credential is not None and not self.documents
