"""The documents of an application: what is asked for, what is there, and what an upload adds."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from certification import readings
from certification.actions import drafts
from certification.forms.document_uploads import DocumentUploadForm
from certification.models import Application, Credential, CredentialType, Document, DocumentKind
from portal.evidence.models import EvidenceFile
from portal.people.access import person_of
from portal.people.forms import show_refusals
from portal.people.models import User
from portal.web.pages import render_page


def document_upload_forms(
    application: Application, request: HttpRequest | None = None, written: Mapping[str, str] | None = None
) -> list[DocumentUploadForm]:
    """A form for each document that the declared credentials ask for, and one for others. Two queries."""
    declared = application.credentials.select_related("type").order_by("pk")
    asked = [(row.type, row) for row in declared]
    return upload_forms(application, asked, request.POST if request else None, request, written)


def upload_forms(
    application: Application,
    asked: Sequence[tuple[CredentialType, Credential | None]],
    data: Any,
    request: HttpRequest | None,
    written: Mapping[str, str] | None = None,
) -> list[DocumentUploadForm]:
    """A form for each document of the credentials `asked` for, declared or not, and one for others. One query.

    `data` is what was typed, None on a fresh page; files come with the request. `written` is what the session's pages
    have saved last.
    """
    there: dict[tuple[int | None, str], list[Document]] = {}
    for row in application.documents.current():
        there.setdefault((row.credential_id, row.kind), []).append(row)
    sent = (data, request.FILES if request else None)
    owner = application.applicant
    forms = [
        DocumentUploadForm(
            *sent,
            kind=kind,
            credential=credential,
            declares=declares,
            documents=there.pop((credential.pk, kind), []) if credential else [],
            owner=owner,
            written=written,
        )
        for declares, credential in asked
        for kind in declares.evidence_kinds
    ]
    loose = [row for rows in there.values() for row in rows]
    return [*forms, DocumentUploadForm(*sent, kind=DocumentKind.OTHER, credential=None, documents=loose, owner=owner)]


def receive_uploads(application: Application, forms: list[DocumentUploadForm], request: HttpRequest) -> bool:
    """What a page of documents sent: a file to take out, files to add. True if all were good."""
    person = person_of(request)
    if not forms:
        return True
    remove_document(application, request.POST.get("remove", ""), by=person)
    return save_uploads(application, forms, by=person)


def save_uploads(application: Application, forms: list[DocumentUploadForm], *, by: User) -> bool:
    """Attach what was sent, form by form: each bad file gets its sentence, the good ones stay. True if all were good."""
    good = [_save_upload(application, form, by) for form in forms]
    return all(good)


def forms_with_errors(application: Application, forms: list[DocumentUploadForm]) -> list[DocumentUploadForm]:
    """The forms anew, with the files that are there by now and the sentences of those that were refused."""
    fresh = {form.prefix: form for form in document_upload_forms(application)}
    for form in forms:
        if form.prefix in fresh:
            form.documents = fresh[form.prefix].documents
    return forms


@never_cache
@login_required
@require_safe
def paper_file(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One file in its owner's list, which asks for itself again while its pages are being prepared and read."""
    file = get_object_or_404(EvidenceFile.objects.kept(), pk=pk, owner=person_of(request))
    document = file.documents.filter(replaced_at=None).select_related("application").first()
    context: dict[str, Any] = {"file": file}
    if document is not None:
        context["being_read"] = readings.files_being_read(document.application)
        context["has_offers"] = bool(readings.open_offers(document.application))
    return render_page(request, "certification/creator/_document_file.html", context)


def remove_document(application: Application, pk: str, *, by: User) -> None:
    """Take one file out; a file that is gone already is no error."""
    if pk.isdecimal() and len(pk) < 19:
        document = application.documents.current().filter(pk=pk).first()
        if document is not None:
            drafts.detach_document(document=document, by=by)


def _save_upload(application: Application, form: DocumentUploadForm, by: User) -> bool:
    files = form.good_files()
    dated_on = form.cleaned_data.get("dated_on")
    # Together, so that another window never finds a credential without its files and takes it for an empty one.
    with show_refusals(form), transaction.atomic():
        if files and form.credential is None and form.type is not None:
            form.credential = drafts.declare_credential(application=application, by=by, kind=form.type)
        for file in files:
            drafts.attach_document(
                application=application, by=by, kind=form.kind, file=file, credential=form.credential, dated_on=dated_on
            )
        _date_documents(form, by)
    if files:
        form.require_date()
    return not form.errors


def _date_documents(form: DocumentUploadForm, by: User) -> None:
    if "dated_on" not in form.cleaned_data:
        return
    day = form.cleaned_data["dated_on"]
    for document in form.documents:
        if document.dated_on != day:
            drafts.date_document(document=document, by=by, dated_on=day)
