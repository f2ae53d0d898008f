"""What the pages of both sides share: who may open them, how they are found and answered."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache

from complaints.models import Complaint
from complaints.states import UNTOLD_STATES, Side
from portal.accounts.access import person_of, requires
from portal.accounts.models import User
from portal.accounts.roles import Permission
from portal.web import unsaved

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
ComplaintView = Callable[Concatenate[HttpRequest, Complaint, P], HttpResponseBase]

UNPROCESSABLE = 422
# The complaints that were opened by their link in this session: number to the nonce of the link.
_OPENED = "complaints.opened"
_WITH = ("original__media", "copy__media", "case", "screening", "decision", "complainant", "respondent")


def member_page(view: View[P]) -> Callable[..., HttpResponseBase]:
    """A page for members and guests: whoever may complain."""
    return never_cache(unsaved.kept(requires(Permission.COMPLAIN)(view)))


def staff_page(*permissions: Permission) -> Callable[[View[P]], Callable[..., HttpResponseBase]]:
    """A page for people whose role holds one of the permissions."""

    def decorate(view: View[P]) -> Callable[..., HttpResponseBase]:
        return never_cache(unsaved.kept(requires(*permissions)(view)))

    return decorate


def complainant_page(view: ComplaintView[P]) -> Callable[..., HttpResponseBase]:
    """A page of one complaint for whoever makes it; for others it does not exist."""

    @wraps(view)
    def guarded(request: HttpRequest, /, number: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        rows = Complaint.objects.select_related(*_WITH)
        complaint = get_object_or_404(rows, number=number, complainant=person_of(request))
        return view(request, complaint, *args, **kwargs)

    return never_cache(unsaved.kept(login_required(guarded)))


def respondent_page(view: ComplaintView[P]) -> Callable[..., HttpResponseBase]:
    """A page of one complaint for whom it is about: by her link in this session, or signed in as her.

    Whoever is not signed in and has no link is told so, whether or not there is such a complaint.
    """

    @wraps(view)
    def guarded(request: HttpRequest, /, number: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        complaint = told(number)
        if complaint is not None and (_opened(request, complaint) or complaint.respondent == request.user):
            return hidden(view(request, complaint, *args, **kwargs))
        if request.user.is_authenticated:
            raise Http404
        return hidden(answer(request, "respondent/closed", {"next": request.path}, status=403))

    return never_cache(guarded)


def told(number: str) -> Complaint | None:
    """The complaint, if its respondent has been told of it."""
    rows = Complaint.objects.select_related(*_WITH).exclude(state__in=UNTOLD_STATES)
    return rows.filter(number=number, respondent__isnull=False, told_at__isnull=False).first()


def open_in_session(request: HttpRequest, complaint: Complaint) -> None:
    """Remember that this browser came by the complaint's link; a new link makes that worthless."""
    opened = {**request.session.get(_OPENED, {}), complaint.number: complaint.nonce}
    request.session.cycle_key()
    request.session[_OPENED] = opened


def respondent_of(complaint: Complaint) -> User:
    """The person for whom the respondent's pages act; perhaps one who never signs in."""
    if complaint.respondent is None:
        raise Http404
    return complaint.respondent


def party_of(complaint: Complaint, side: str) -> User:
    """The person of a side."""
    return complaint.complainant if side == Side.COMPLAINANT else respondent_of(complaint)


def hidden(response: HttpResponseBase) -> HttpResponseBase:
    """Keep search engines away."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def answer(
    request: HttpRequest, template: str, context: dict[str, Any], *, wrong: bool = False, status: int | None = None
) -> HttpResponse:
    """The page; `wrong` when what was sent is shown again with its errors."""
    return render(request, f"complaints/{template}.html", context, status=UNPROCESSABLE if wrong else status)


def is_partial(request: HttpRequest) -> bool:
    """Whether htmx asks for a piece of the page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def _opened(request: HttpRequest, complaint: Complaint) -> bool:
    nonce = request.session.get(_OPENED, {}).get(complaint.number, "")
    return bool(nonce) and constant_time_compare(nonce, complaint.nonce)
