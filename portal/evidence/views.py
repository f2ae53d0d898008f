"""Pages of a file as pictures, the viewer around them, and the original for its owner."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from portal import clock
from portal.evidence import access, markings
from portal.evidence.actions import files, marked_copies
from portal.evidence.models import EvidenceAccess, EvidenceFile, EvidencePage, MarkedPage
from portal.evidence.pseudonyms import viewer_pseudonym
from portal.people.access import person_of
from portal.people.models import User
from portal.people.second_factor import second_factor_required
from portal.web.pages import is_partial
from portal.web.pagination import keyset_page

# Browsers must use our content type, sniff nothing and run nothing.
_SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


@login_required
@second_factor_required
@require_GET
def page_image(request: HttpRequest, pk: uuid.UUID, number: int) -> HttpResponse:
    """One page as JPEG, marked where its purpose asks for that; 404 for who may not see it."""
    file = _visible(request, pk)
    person = person_of(request)
    if markings.marking_for(file, person) is not None:
        data = _read_marked(file, number, person)
    else:
        found = get_object_or_404(EvidencePage.objects.select_related("file"), file=file, number=number)
        data = files.read_page(found, by=person, why=f"page of {file.purpose}")
    headers = untrusted_content_headers("image/jpeg", name=f"page-{number}.jpg", attached=False)
    return HttpResponse(data, headers=headers)


@login_required
@never_cache
@second_factor_required
@require_GET
def looks_page(request: HttpRequest) -> HttpResponse:
    """Who has looked at the person's documents and when; people who work here by a pseudonym that only this person sees."""
    person = person_of(request)
    others = EvidenceAccess.objects.filter(file__owner=person).exclude(by=person)
    rows = others.select_related("file", "by")
    looks = keyset_page(request, rows, order=("-at", "-pk"))
    for look in looks:
        look.who = viewer_pseudonym(look.by, person)
    return render(request, "evidence/looks.html", {"looks": looks})


@login_required
@second_factor_required
@require_GET
def download_original(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The file as it was uploaded, as a download, for its owner only; for nobody where the owner, too, sees marked pages."""
    file = _visible(request, pk)
    person = person_of(request)
    if file.owner_id != person.pk or markings.marking_for(file, person) is not None:
        raise Http404
    data = files.read_file(file, by=person, why="download")
    headers = untrusted_content_headers(file.media_type, name=file.name or "document", attached=True)
    return HttpResponse(data, headers=headers)


@login_required
@second_factor_required
@require_GET
def viewer_fragment(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The viewer's fragment, which asks for itself again while pages are being prepared, and no more once the person may not see the file."""
    try:
        file, person = _visible(request, pk), person_of(request)
    except Http404:
        if not is_partial(request):
            raise
        return render(request, "evidence/viewer_closed.html", {"pk": pk})
    marking = markings.marking_for(file, person)
    if marking is not None:
        marking.decorate(file)
        marked_copies.request_copies([file], viewer=person, case=marking.case_of(file, person))
    return render(request, "evidence/viewer.html", {"file": file})


@never_cache
@second_factor_required
@require_GET
def file_status(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """How far a file has come, for whoever may see it, signed in or by a link; asks for itself again while it is being opened."""
    file = get_object_or_404(EvidenceFile.objects.kept(), pk=pk)
    person = request.user
    if not (
        (isinstance(person, User) and access.refuse_look(person, file) is None)
        or access.is_opened_by_link(request, file)
    ):
        raise Http404
    return render(request, "evidence/status.html", {"file": file, "box": "box" in request.GET})


def _read_marked(file: EvidenceFile, number: int, person: User) -> bytes:
    """From the person's own copy; 404 while it is not made yet."""
    pages = MarkedPage.objects.select_related("copy__file")
    live = pages.filter(copy__purge_at__gt=clock.now(), copy__made_at__isnull=False)
    page = get_object_or_404(live, copy__file=file, copy__viewer=person, number=number)
    return marked_copies.read_marked_page(page, by=person)


def _visible(request: HttpRequest, pk: uuid.UUID) -> EvidenceFile:
    file = get_object_or_404(EvidenceFile.objects.kept(), pk=pk)
    if access.refuse_look(person_of(request), file):
        raise Http404
    return file


def untrusted_content_headers(media_type: str, *, name: str, attached: bool) -> dict[str, str]:
    """The headers of bytes that people have sent."""
    return {
        "Cache-Control": "private, no-store",
        "Content-Disposition": content_disposition_header(attached, name) or "attachment",
        "Content-Security-Policy": _SANDBOX,
        "Content-Type": media_type,
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex, nofollow",
    }
