"""The second factor: who must have one, whether it was used in this session, and what happens without.

allauth asks everybody who has a factor for it at every sign-in. This module adds what allauth leaves
open: some roles must have one, decisions need it to be fresh, and the last one stays.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import suspend_request
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.conf import settings
from django.db.models import QuerySet
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

from portal import vault
from portal.people.models import User
from portal.people.roles import SECOND_FACTOR_ROLES, STAFF_ROLES
from portal.web.middleware import Middleware
from portal.web.pages import is_partial

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

# For how long a second factor counts for private data and for what is sent; a session lasts longer.
FRESH_FOR = timedelta(hours=12)
# Where somebody without a second factor may still go: to set it up, to leave, to read in their language.
_OPEN_VIEWS = frozenset(
    {
        "account_logout",
        "account_reauthenticate",
        "account_email_verification_sent",
        "people:second_factor",
        "web:language",
        "web:theme",
        "web:session",
        "healthz",
        "metrics",
    }
)
_OPEN_PREFIX = "mfa_"
# Pages that show or change second factors: who has one uses it there first. A password, which allauth takes, is no
# second factor.
_FACTOR_VIEWS = frozenset(
    {
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_download_recovery_codes",
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_list_webauthn",
        "mfa_add_webauthn",
        "mfa_remove_webauthn",
        "mfa_edit_webauthn",
    }
)
# What staff may send without a fresh second factor: it shows nothing private, and moves no case.
_SENT_WITHOUT = frozenset(
    {
        "account_logout",  # ends the session
        "usersessions_list",  # ends sessions
        "privacy:sign_in_again",  # ends the session, to sign in anew
        "account_reauthenticate",  # one of the ways to prove who it is
        "account_email_verification_sent",  # code from a mail, before anything else is open
        "people:recovery_request",  # asks for the help that who lost the factor needs
        "web:language",  # how pages look
        "web:theme",
        "people:form_draft",  # keeps what somebody types, for them alone
        "reviews:lease",  # keeps a case in hand while somebody types
    }
)
# Second factors have rules of their own (_FACTOR_VIEWS); the others know nobody by this session.
_SENT_WITHOUT_PREFIXES = ("mfa_", "sandbox:", "demo:", "tokens:", "api_", "certification_api:", "complaints_api:")
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# What the secrets are encrypted for (portal/vault.py). allauth does not say whose it encrypts.
SECRETS_BOUND_TO = "second factor"
_WITH_SECRET = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)


def needs_second_factor(person: User) -> bool:
    """Whether this person must have a second factor here and now."""
    return bool(settings.SECOND_FACTOR_ENFORCED) and person.role in SECOND_FACTOR_ROLES


def is_second_factor_waived(person: User) -> bool:
    """Whether their role would need one and this installation does not ask: pages must say so."""
    return person.role in SECOND_FACTOR_ROLES and not settings.SECOND_FACTOR_ENFORCED


def second_factors_of(person: User) -> QuerySet[Authenticator]:
    """Their keys and their authenticator app. Recovery codes only stand in for one of these."""
    factors: QuerySet[Authenticator] = Authenticator.objects.filter(user=person)
    return factors.exclude(type=Authenticator.Type.RECOVERY_CODES).order_by("pk")


def is_second_factor_used(request: HttpRequest) -> bool:
    """Whether the person who is signed in has used a second factor since they signed in."""
    if not isinstance(request.user, User):
        return False
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


def is_second_factor_fresh(request: HttpRequest) -> bool:
    """Whether the person who is signed in has used a second factor in the last FRESH_FOR."""
    if not isinstance(request.user, User):
        return False
    since = time.time() - FRESH_FOR.total_seconds()  # allauth's own clock
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" and record.get("at", 0) > since for record in records)


def is_last_factor(authenticator: Authenticator) -> bool:
    """Whether this is a factor, and no other would be left without it."""
    others = second_factors_of(authenticator.user).exclude(pk=authenticator.pk)
    return authenticator.type != Authenticator.Type.RECOVERY_CODES and not others.exists()


def second_factor_required(view: View[P]) -> View[P]:
    """Open a page with other people's data only after a second factor in the last FRESH_FOR; else ask for it, and go on from there.

    What staff send needs no decorator: SecondFactorMiddleware asks for whatever is not in a short list. Put it under
    `permitted_page(...)` or `login_required`.
    """

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        person = request.user
        if not isinstance(person, User) or not needs_second_factor(person) or is_second_factor_fresh(request):
            return view(request, *args, **kwargs)
        return _ask_for_factor(request, person)

    return guarded


def renew_factor_secrets() -> int:
    """Encrypt all secrets under the current key, after a new one was put in front; returns how many changed."""
    return sum(_renew(factor) for factor in Authenticator.objects.filter(type__in=_WITH_SECRET).iterator())


class SecondFactorMiddleware(Middleware):
    """Sends people whose role needs a second factor to set one up before anything else, and staff to use it before they send something."""

    def process_view(
        self, request: HttpRequest, _view: Callable[..., Any], _args: list[Any], _kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """A redirect to the page that explains it, or None to go on."""
        if isinstance(request.user, User) and _must_use_first(request, request.user):
            return _ask_for_factor(request, request.user)
        if not _must_set_up(request) or _is_open(request):
            return None
        back = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
        return HttpResponseRedirect(f"{reverse('people:second_factor')}?{back}".rstrip("?"))


@receiver(authenticator_added)
def _count_first_factor_as_used(
    request: HttpRequest, user: User, authenticator: Authenticator, **_more: object
) -> None:
    """Adding a first passkey or app proves that the person holds it: they are not asked for it again at once."""
    if is_last_factor(authenticator):
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)


def _renew(factor: Authenticator) -> int:
    name = "secret" if factor.type == Authenticator.Type.TOTP else "seed"
    renewed = vault.renew_text(factor.data[name], bound_to=SECRETS_BOUND_TO)
    if renewed == factor.data[name]:
        return 0
    # A factor that was used or replaced meanwhile is left for the next run.
    same = Authenticator.objects.filter(pk=factor.pk, data=factor.data)
    return int(same.update(data={**factor.data, name: renewed}))


def _must_set_up(request: HttpRequest) -> bool:
    person = request.user
    if not isinstance(person, User) or not needs_second_factor(person):
        return False
    # Who used a factor in this session has one; that spares everybody's every page a query.
    return not is_second_factor_used(request) and not second_factors_of(person).exists()


def _must_use_first(request: HttpRequest, person: User) -> bool:
    name = request.resolver_match.view_name if request.resolver_match else ""
    if name not in _FACTOR_VIEWS and not (person.role in STAFF_ROLES and _is_guarded_sending(request, name)):
        return False
    return needs_second_factor(person) and not is_second_factor_fresh(request) and second_factors_of(person).exists()


def _is_guarded_sending(request: HttpRequest, name: str) -> bool:
    if request.method in _SAFE_METHODS:
        return False
    return name not in _SENT_WITHOUT and not name.startswith(_SENT_WITHOUT_PREFIXES)


def _ask_for_factor(request: HttpRequest, person: User) -> HttpResponse:
    """To the page that asks for the factor; what was posted waits in the session (portal/people/suspended_requests.py).

    A part of a page is told to load the whole page that asks, which leads back to the page that the part was for.
    """
    address = _second_factor_url(person)
    if is_partial(request) and request.method in _SAFE_METHODS:
        page = request.htmx.current_url_abs_path or request.get_full_path()  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(f"{address}?{urlencode({'next': page})}")
    waiting: HttpResponse = suspend_request(request, address)
    return HttpResponseClientRedirect(waiting["Location"]) if is_partial(request) else waiting


def _is_open(request: HttpRequest) -> bool:
    match = request.resolver_match
    name = match.view_name if match else ""
    return name in _OPEN_VIEWS or name.startswith(_OPEN_PREFIX)


def _second_factor_url(person: User) -> str:
    types = set(second_factors_of(person).values_list("type", flat=True))
    if Authenticator.Type.TOTP in types:
        return reverse("mfa_reauthenticate")
    return reverse("mfa_reauthenticate_webauthn") if types else reverse("people:second_factor")
