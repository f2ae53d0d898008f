"""Whose forms a page shows: a mark of the account, of the link by which a party opened their case, or of a sign-in halfway.

Every form carries the mark of its page (tag `csrf_token`, portal/web/templatetags/constants.py). What is sent with the
mark of somebody who is not here any more is neither carried out nor lost (portal/web/form_recovery.py), and a form of
the same person is taken although they have signed in anew meanwhile (OwnedCsrfMiddleware).
"""

from typing import Any

from allauth.account.internal.stagekit import unstash_login
from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware, RejectRequest
from django.utils.crypto import constant_time_compare, salted_hmac

FIELD = "form_owner"
_HEADER = "X-Form-Owner"
_LINKS = "form_owners"  # in the session: the marks of the links that were opened in it
_MOST_LINKS = 20


class OwnedCsrfMiddleware(CsrfViewMiddleware):
    """Takes a form of ours whose token is from before a new sign-in.

    The browser says where a form was sent from (header Origin), which Django has compared with this site before it asks
    for the token: no other site can send one. Who is meant by it is looked at afterwards (form_recovery).
    """

    def _check_token(self, request: HttpRequest) -> None:
        try:
            super()._check_token(request)  # type: ignore[misc]  # the stubs leave it out
        except RejectRequest:
            if "HTTP_ORIGIN" not in request.META or claimed_owner(request) is None:
                raise


def mark_owner(name: object) -> str:
    """What pages and browsers know of a person, or of a link; nobody can tell from it who they are."""
    return salted_hmac("web.form_recovery.owner", str(name)).hexdigest()


def page_owner(request: Any) -> str:
    """The mark of whom this page is made for; "" for everybody."""
    user = getattr(request, "user", None)
    return getattr(request, "page_owner", "") or (mark_owner(user.pk) if user and user.is_authenticated else "")


def claimed_owner(request: HttpRequest) -> str | None:
    """The mark of whom the form's page was made for; None when no page of ours has sent it."""
    return request.POST.get(FIELD, request.headers.get(_HEADER))


def owners_here(request: HttpRequest) -> list[str]:
    """The marks of the account that is signed in, or is halfway there, and of the links that were opened in this session."""
    return [*_user_marks(request), *request.session.get(_LINKS, [])]


def _user_marks(request: HttpRequest) -> list[str]:
    if request.user.is_authenticated:
        return [mark_owner(request.user.pk), _mark_of_sign_in(request.user.pk)]
    login = unstash_login(request, peek=True)  # None once its time is over
    return [_mark_of_sign_in(login.user.pk)] if login and login.user else []


def _mark_of_sign_in(person: object) -> str:
    return mark_owner(f"sign-in:{person}")


def is_owner_here(request: HttpRequest, owner: str) -> bool:
    """Whether the mark is one of owners_here()."""
    return any(constant_time_compare(owner, here) for here in owners_here(request))


def open_by_link(request: HttpRequest, link: str) -> None:
    """Remember in the session that somebody came by a link, so that forms of its pages are theirs."""
    kept = [mark for mark in request.session.get(_LINKS, []) if mark != mark_owner(link)]
    request.session[_LINKS] = [*kept, mark_owner(link)][-_MOST_LINKS:]


def show_for_link(request: Any, link: str, person: object) -> None:
    """Make the page for whoever came by the link, signed in or not: the person for whom it acts."""
    request.page_owner, request.page_person = mark_owner(link), person


def show_for_sign_in(request: Any, person: Any) -> None:
    """Make the page for a person who has shown a password or code, and not yet the second factor."""
    request.page_owner, request.is_sign_in_page = _mark_of_sign_in(person.pk), True
