"""What the pages of both sides share: who may open them, how they are found and answered."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache

from complaints.models import Complaint
from complaints.policies import disclosure, parties
from complaints.states import UNTOLD_STATES, Side
from portal.evidence.models import EvidenceFile
from portal.people.access import View, permitted_page
from portal.people.models import User
from portal.people.roles import Permission
from portal.web import form_owners, form_recovery
from portal.web.pages import render_page

P = ParamSpec("P")
ComplaintView = Callable[Concatenate[HttpRequest, Complaint, P], HttpResponseBase]

# What was opened by a link in this session: number and side of the complaint to the nonce of the link.
_OPENED = "complaints.opened"
_WITH = ("original__media", "copy__media", "case", "screening", "decision", "complainant", "respondent")


def member_page(view: View[P]) -> Callable[..., HttpResponseBase]:
    """A page for members and guests: whoever may complain."""
    return permitted_page(Permission.COMPLAIN)(view)


def complainant_page(view: ComplaintView[P]) -> Callable[..., HttpResponseBase]:
    """A page of one complaint for whoever makes it, signed in or by their link in this session.

    For others it does not exist.
    """

    @wraps(view)
    def guarded(request: HttpRequest, /, number: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        complaint = Complaint.objects.select_related(*_WITH).filter(number=number).first()
        if complaint is not None and (
            complaint.complainant == request.user or _was_opened_by_link(request, complaint, Side.COMPLAINANT)
        ):
            return view(request, complaint, *args, **kwargs)
        if request.user.is_authenticated:
            raise Http404
        return redirect_to_login(request.get_full_path())

    return never_cache(guarded)


def respondent_page(view: ComplaintView[P]) -> Callable[..., HttpResponseBase]:
    """A page of one complaint for whom it is about: by their link in this session, or signed in.

    Whoever is not signed in and has no link is told so, whether or not there is such a complaint.
    """

    @wraps(view)
    def guarded(request: HttpRequest, /, number: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        complaint = find_told_complaint(number)
        if complaint is not None and (
            _was_opened_by_link(request, complaint, Side.RESPONDENT) or complaint.respondent == request.user
        ):
            return hide_from_search(view(request, complaint, *args, **kwargs))
        if request.user.is_authenticated:
            raise Http404
        page = render_page(
            request, "complaints/respondent/closed.html", {"next": request.path}, status=HTTPStatus.FORBIDDEN
        )
        return hide_from_search(form_recovery.ask_for_link(page))

    return never_cache(guarded)


def is_party(request: HttpRequest, number: str) -> bool:
    """Whether somebody is signed in, or came by the link of one side of this complaint."""
    if request.user.is_authenticated:
        return True
    complaint = Complaint.objects.select_related(*_WITH).filter(number=number).first()
    return complaint is not None and any(_was_opened_by_link(request, complaint, side) for side in Side)


def find_told_complaint(number: str) -> Complaint | None:
    """The complaint, if its respondent has been told of it."""
    rows = Complaint.objects.select_related(*_WITH).exclude(state__in=UNTOLD_STATES)
    return rows.filter(number=number, respondent__isnull=False, told_at__isnull=False).first()


def shows_file_by_link(request: HttpRequest, file: EvidenceFile) -> bool:
    """Whether this browser came by the link of a side that sees the file: its own, or one that was handed in."""
    for number, side in (key.split(":") for key in request.session.get(_OPENED, {})):
        complaint = Complaint.objects.select_related(*_WITH).filter(number=number).first()
        if complaint is None or not _was_opened_by_link(request, complaint, Side(side)):
            continue
        if file.owner_id == person_of_side(complaint, side).pk or disclosure.is_file_shown(complaint, side, file):
            return True
    return False


def open_in_session(request: HttpRequest, complaint: Complaint, side: Side) -> None:
    """Remember that this browser came by a side's link; a new nonce makes that worthless."""
    opened = {**request.session.get(_OPENED, {}), f"{complaint.number}:{side}": complaint.nonce_of(side)}
    request.session.cycle_key()
    request.session[_OPENED] = opened
    form_owners.open_by_link(request, _link_name(complaint, side))


def respondent_or_404(complaint: Complaint) -> User:
    """The person for whom the respondent's pages act; perhaps one who never signs in."""
    if complaint.respondent is None:
        raise Http404
    return complaint.respondent


def person_of_side(complaint: Complaint, side: str) -> User:
    """The person of a side."""
    return complaint.complainant if side == Side.COMPLAINANT else respondent_or_404(complaint)


def hide_from_search(response: HttpResponseBase) -> HttpResponseBase:
    """Keep search engines away."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _was_opened_by_link(request: HttpRequest, complaint: Complaint, side: Side) -> bool:
    nonce = request.session.get(_OPENED, {}).get(f"{complaint.number}:{side}", "")
    opened = constant_time_compare(nonce, complaint.nonce_of(side)) and parties.opens_by_link(complaint, side)
    if opened:
        form_owners.show_for_link(request, _link_name(complaint, side), person_of_side(complaint, side))
    return opened


def _link_name(complaint: Complaint, side: Side) -> str:
    return f"complaints:{complaint.number}:{side}"
