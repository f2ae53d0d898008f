"""Documents of a complaint as pictures, for both sides: their own, and what the other side has handed in."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from complaints.models import Complaint
from complaints.policies import disclosure
from complaints.states import Side
from complaints.views import appeals
from complaints.views.pages import person_of_side
from complaints.views.party_context import FILE_URLS, PartyReader
from portal.evidence.actions import files
from portal.evidence.models import EvidenceFile, EvidencePage
from portal.evidence.views import untrusted_content_headers
from portal.web.pages import render_page


def document_page(request: HttpRequest, complaint: Complaint, pk: uuid.UUID, *, side: Side) -> HttpResponse:
    """All pages of a document; what it was uploaded as is for its owner alone. 404 until it is shown to this side."""
    file = _shown_file(complaint, side, pk)
    own = file.owner_id == person_of_side(complaint, side).pk
    other_side = next(one for one in Side if one != side)
    context = {
        "complaint": complaint,
        "document": PartyReader(complaint, side).file(file, side if own else other_side),
        "own": own,
        "pages": [
            (page, reverse(FILE_URLS[side][1], args=[complaint.number, file.pk, page.number]))
            for page in file.pages.all()
        ],
        "back_url": appeals.side_page_url(complaint, side),
    }
    return render_page(request, "complaints/document.html", context)


def document_picture(
    _request: HttpRequest, complaint: Complaint, pk: uuid.UUID, place: int, *, side: str
) -> HttpResponse:
    """One page as JPEG. Every look at the other side's is logged."""
    file = _shown_file(complaint, side, pk)
    page = get_object_or_404(EvidencePage.objects.select_related("file"), file=file, number=place)
    person = person_of_side(complaint, side)
    data = files.read_page(page, by=person, why=f"complaint {complaint.number}, {side}")
    return HttpResponse(data, headers=untrusted_content_headers("image/jpeg", name=f"page-{place}.jpg", attached=False))


def _shown_file(complaint: Complaint, side: str, pk: uuid.UUID) -> EvidenceFile:
    file = EvidenceFile.objects.kept().filter(pk=pk).first()
    if file is None or not disclosure.is_file_shown(complaint, side, file):
        raise Http404
    return file
