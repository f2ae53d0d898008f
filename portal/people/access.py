"""Who is asking, and whether their role opens a page."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from portal.errors import NotAllowed
from portal.people.models import User
from portal.people.roles import Permission, Role

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def person_of(request: HttpRequest) -> User:
    """The person who is signed in. Raises NotAllowed when nobody is."""
    if isinstance(request.user, User):
        return request.user
    raise NotAllowed(_("Please sign in."))


def holds_permission(*permissions: Permission) -> Callable[[Any], bool]:
    """For menus: whether the request's user, who may be nobody, holds one of the permissions."""
    return lambda user: isinstance(user, User) and any(user.may(permission) for permission in permissions)


def requires_permission(*permissions: Permission) -> Callable[[View[P]], View[P]]:
    """Open a view only to people whose role holds one of the permissions; others are sent to sign in, or refused."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not any(person_of(request).may(permission) for permission in permissions):
                raise NotAllowed(_refusal(person_of(request)))
            return view(request, *args, **kwargs)

        return login_required(guarded)

    return decorate


def permitted_page(*permissions: Permission) -> Callable[[View[P]], Callable[..., HttpResponseBase]]:
    """A page for people whose role holds one of the permissions. No cache keeps it."""

    def decorate(view: View[P]) -> Callable[..., HttpResponseBase]:
        return never_cache(requires_permission(*permissions)(view))

    return decorate


def _refusal(person: User) -> Promise:
    if person.role == Role.GUEST:
        return _("You are signed in as a guest. This page is for members.")
    return _("Your role does not have access to this page.")
