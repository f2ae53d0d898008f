"""Pages of a file as pictures, the viewer around them, and the original for its owner."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from portal.evidence import access
from portal.evidence.actions import files
from portal.evidence.models import EvidenceFile, EvidencePage
from portal.people.models import User

# Browsers must use our content type, sniff nothing and run nothing.
_SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


@login_required
@require_GET
def page_image(request: HttpRequest, pk: uuid.UUID, number: int) -> HttpResponse:
    """One page as JPEG; 404 for everybody who may not see it."""
    file = _visible(request, pk)
    found = get_object_or_404(EvidencePage.objects.select_related("file"), file=file, number=number)
    data = files.read_page(found, by=_person(request), why=f"page of {file.purpose}")
    return _bytes(data, "image/jpeg", name=f"page-{number}.jpg", attached=False)


@login_required
@require_GET
def download_original(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The file as it was uploaded, as a download, for its owner only."""
    file = _visible(request, pk)
    person = _person(request)
    if file.owner_id != person.pk:
        raise Http404
    data = files.read_file(file, by=person, why="download")
    return _bytes(data, file.media_type, name=file.name or "document", attached=True)


@login_required
@require_GET
def viewer_fragment(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The viewer's fragment, which asks for itself again while pages are being prepared."""
    return render(request, "evidence/viewer.html", {"file": _visible(request, pk)})


def _visible(request: HttpRequest, pk: uuid.UUID) -> EvidenceFile:
    file = get_object_or_404(EvidenceFile.objects.kept(), pk=pk)
    if access.refuse_look(_person(request), file):
        raise Http404
    return file


def _bytes(data: bytes, media_type: str, *, name: str, attached: bool) -> HttpResponse:
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": content_disposition_header(attached, name) or "attachment",
        "Content-Security-Policy": _SANDBOX,
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(data, content_type=media_type, headers=headers)


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 -- login_required has seen to it
    return request.user
