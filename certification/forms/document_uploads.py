"""Uploading documents: one small form for every document that is asked for."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from certification import policies
from certification.forms.steps import day_field, past_day
from certification.models import Credential, CredentialType, Document, DocumentKind
from portal.evidence.forms import EvidenceField, camera_name, set_files_owner
from portal.evidence.models import EvidenceFile
from portal.people.forms import mark_needed
from portal.people.models import User
from portal.web.stale_forms import StaleCheckedForm

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


class DocumentUploadForm(StaleCheckedForm):
    """The files of one document, and the date printed on it."""

    unmarked_is_current = True

    uploads = DocumentUploadField(
        purpose=policies.DOCUMENT_PURPOSE, most=_MOST_AT_ONCE, required=False, label=_("Photo or PDF")
    )
    dated_on = day_field(_("Date on the document"))

    def __init__(
        self,
        data: Any = None,
        uploads: Any = None,
        *,
        kind: str,
        credential: Credential | None,
        documents: Sequence[Document],
        owner: User,
        declares: CredentialType | None = None,
        written: Mapping[str, str] | None = None,
    ) -> None:
        """`declares`: the credential's type where a file declares it."""
        self.kind, self.credential, self.documents = kind, credential, documents
        self.type = credential.type if credential else declares
        code = self.type.code if self.type else "more"
        dated = next((row.dated_on for row in documents if row.dated_on), None)
        stored = {"dated_on": dated}
        super().__init__(data, files=uploads, prefix=f"{code}-{kind}", stored=stored, written=written)
        if self.type is None or not self.type.max_age_of_proof:
            del self.fields["dated_on"]
        else:
            self.fields["dated_on"].offers_days = True  # type: ignore[attr-defined]
        if kind == DocumentKind.PRACTICE and "dated_on" in self.fields:
            self.fields["dated_on"].label = _("Date of the photo")
        # Who sees the files is said once, at the top of the page.
        self.fields["uploads"].help_text = _("Up to 20 MB and 20 pages each.")
        for field in self.fields.values():
            mark_needed(field)
        set_files_owner(self, owner)

    def good_files(self) -> list[EvidenceFile]:
        """Check what was sent; the files that could be stored. The others have their sentence beside the field."""
        self.full_clean()
        field = self.fields["uploads"]
        return field.good if isinstance(field, DocumentUploadField) else []

    def clean_dated_on(self) -> date | None:
        """Refuse a date in the future, with one day of tolerance for time zones, and one too long ago for the type."""
        day = past_day(self.cleaned_data["dated_on"])
        if self.type is not None and policies.is_too_old(day, self.type):
            sentence = _now("This document is older than %(days)d days. Please add a recent one.")
            raise ValidationError(sentence % {"days": self.type.max_age_of_proof})
        return day

    def add_gaps(self) -> None:
        """Say beside the fields what is still missing; `documents` are those that are stored by now."""
        if self.type is None:
            return
        if not self.documents and "uploads" not in self.errors:
            self.add_error("uploads", _("Please add a photo or a PDF."))
        self.require_date()

    @property
    def missing(self) -> list[str]:
        """What is not stored yet: the document, or its date."""
        if self.type is None:
            return []
        if not self.documents:
            return [self.title]
        undated = "dated_on" in self.fields and any(row.dated_on is None for row in self.documents)
        return [str(self.fields["dated_on"].label)] if undated else []

    @property
    def file_names(self) -> list[str]:
        """Names of its file inputs."""
        name = self.add_prefix("uploads")
        return [name, camera_name(name)]

    def require_date(self) -> None:
        """Say beside the date that it is missing, where a document of this type needs one."""
        if "dated_on" in self.fields and "dated_on" not in self.errors and not self.cleaned_data.get("dated_on"):
            self.add_error("dated_on", _("Please enter the date."))

    @property
    def heading(self) -> str:
        """What the form is about: the credential, as it was named when it was submitted."""
        if self.credential is not None:
            return self.credential.type_name
        return self.type.name if self.type else self.title

    @property
    def title(self) -> str:
        """What the document is."""
        return str(DocumentKind(self.kind).label)

    @property
    def is_missing(self) -> bool:
        """Whether this document is required and missing."""
        return self.credential is not None and not self.documents
