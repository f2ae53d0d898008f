"""Drafts of forms that are sent at once: answers, appeals, a reviewer's reasons. They outlive the browser.

A form opts in with the tag `form_draft`. Its script saves what is typed (portal/static/portal/js/drafts.js) and fills it in
again, on any device; sending the form deletes the draft, and so does time. The page's token says whose draft of which
form it is; it is of use only to whom the page was made for. Passwords, files and hidden fields are never in it.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from portal import clock, vault
from portal.people.models import FormDraft, User
from portal.web.form_owners import is_owner_here, page_owner
from portal.web.middleware import Middleware

KEPT = timedelta(days=30)
MOST_CHARACTERS = 60_000
MOST_DRAFTS = 50  # of one person
TOKEN = "form_draft"  # noqa: S105 -- the name of a field
_SALT = "people.form_draft"
_FIELD_MOST = 100
# How long a form that was taken is remembered: its page may have sent a draft just before, which arrives later.
_REMEMBERED = timedelta(minutes=1)
SERVER_ERROR = 500
_PROOFS = (
    "account_login",
    "account_reauthenticate",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "people:second_factor",
)

Typed = Sequence[tuple[str, str]]


class FormDraftMiddleware(Middleware):
    """Deletes the draft of a form that was taken, since the answer leads on; keeps as a draft what was sent otherwise."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method != "POST" or TOKEN not in request.POST or response.status_code >= SERVER_ERROR:
            return response
        token = request.POST[TOKEN]
        draft = read_draft_token(request, token)
        if draft is not None and _is_taken(response) and "stay" not in request.POST:
            cache.set(_taken_key(token), True, _REMEMBERED.total_seconds())
            delete_form_draft(*draft)
        elif draft is not None:
            save_form_draft(*draft, typed_in(request.POST))
            if cache.get(_taken_key(token)):  # asked afterwards, so that whichever comes last deletes it
                delete_form_draft(*draft)
        return response


def typed_in(data: QueryDict) -> Typed:
    """Names and values of a form, as it sends them."""
    return [(name, str(value)) for name, values in data.lists() for value in values]


def make_draft_token(request: HttpRequest, form: str) -> str:
    """For the page: whose draft of which form its script may save; "" where nobody is known."""
    person = draft_writer(request)
    return signing.dumps([person.pk, form, page_owner(request)], salt=_SALT) if person else ""


def read_draft_token(request: HttpRequest, token: str) -> tuple[int, str] | None:
    """Person and form of a token; None if it is none, is too old, or its owner is not here."""
    try:
        person, form, owner = signing.loads(token, salt=_SALT, max_age=KEPT)
    except signing.BadSignature:
        return None
    return (person, form) if is_owner_here(request, owner) else None


def draft_writer(request: Any) -> User | None:
    """Whose drafts the page shows: those of the party whose link was opened, or of whoever is signed in."""
    person = getattr(request, "page_person", None) or getattr(request, "user", None)
    return person if isinstance(person, User) else None


def is_too_long(typed: Typed) -> bool:
    """Whether it is more than a draft may be."""
    return len(_as_text(typed)) > MOST_CHARACTERS


def save_form_draft(person: int, form: str, typed: Typed) -> None:
    """Keep what was typed in place of what was kept before, unless it is too long."""
    text = _as_text(typed)
    if len(text) > MOST_CHARACTERS:
        return
    sealed = vault.encrypt_text(text, bound_to=_bound_to(person, form))
    row = FormDraft(person_id=person, form=form, sealed=sealed, saved_at=clock.now())
    FormDraft.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["person", "form"], update_fields=["sealed", "saved_at"]
    )
    over = FormDraft.objects.filter(person=person).order_by("-saved_at", "-pk").values("pk")[MOST_DRAFTS:]
    FormDraft.objects.filter(pk__in=list(over.values_list("pk", flat=True))).delete()


def sealed_drafts(person: User) -> dict[str, str]:
    """The drafts of a person by the names of their forms, still encrypted."""
    rows = FormDraft.objects.filter(person=person, saved_at__gt=clock.now() - KEPT)
    return dict(rows.values_list("form", "sealed"))


def open_form_draft(person: User, form: str, sealed: str) -> list[list[str]]:
    """Names and values that were typed, in the order of the form; nothing if none is kept."""
    if not sealed:
        return []
    try:
        typed: list[list[str]] = json.loads(vault.decrypt_text(sealed, bound_to=_bound_to(person.pk, form)))
    except vault.Tampered:
        return []  # its key was taken away meanwhile
    return typed


def delete_form_draft(person: int, form: str) -> None:
    """The form was sent."""
    FormDraft.objects.filter(person=person, form=form).delete()


def purge_form_drafts() -> int:
    """Delete drafts that nobody has changed for KEPT; returns how many."""
    return FormDraft.objects.filter(saved_at__lt=clock.now() - KEPT).delete()[0]


def _is_taken(response: HttpResponse) -> bool:
    """Whether the answer leads on; not to a page on which somebody first proves who they are."""
    goal = response.get("Location", "").partition("?")[0]
    return bool(goal) and goal not in {reverse(name) for name in _PROOFS}


def _taken_key(token: str) -> str:
    return f"people.form_draft.taken:{hashlib.sha256(token.encode()).hexdigest()}"


def _as_text(typed: Typed) -> str:
    return json.dumps([[name, value] for name, value in typed if _is_kept(name)])


def _is_kept(name: str) -> bool:
    secret = any(part in name.lower() for part in ("password", "secret", "csrf", "token"))
    return bool(name) and len(name) <= _FIELD_MOST and not secret and name not in {TOKEN, "form_owner", "stay"}


def _bound_to(person: int, form: str) -> str:
    return f"people.form_draft:{person}:{form}"
