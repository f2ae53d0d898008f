"""Your data: what is kept and for how long, a copy of it, and the link that fetches the copy for ten minutes."""

import threading
import time
from collections import defaultdict
from datetime import timedelta
from functools import partial
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from portal import clock
from portal.errors import DomainError
from portal.media.sending import StoredFile, send_stored_file
from portal.people import departures
from portal.people.access import person_of
from portal.people.forms import CloseAccountForm, show_refusals
from portal.people.roles import Role
from portal.people.second_factor import second_factor_required
from portal.privacy.actions import erasures, exports
from portal.privacy.models import DataExport
from portal.privacy.table import CLOCKS, PersonalData, personal_data
from portal.web.pages import is_partial

FRESH_FOR = timedelta(minutes=15)  # after signing in, a copy can be fetched
LINK_FOR = timedelta(minutes=10)
_PASSKEY = "mfa_reauthenticate:webauthn"
_SALT = "portal.privacy.export"
# Whole copies that one process sends at a time.
_WHOLE_COPIES = threading.BoundedSemaphore(1)


@login_required
@never_cache
@require_GET
def data_page(request: HttpRequest) -> HttpResponse:
    """What is kept of the person and until when, and the copy; its piece asks for itself again while it is made."""
    person = person_of(request)
    export = DataExport.objects.filter(person=person).first()
    context = {
        "export": export,
        "refusal": exports.refuse_export(person),
        "erasure": erasures.open_erasure(person),
        "groups": _groups(),
        "others": [row for row in personal_data() if row.withheld],
    }
    return render(request, "privacy/_export.html" if is_partial(request) else "privacy/data.html", context)


@login_required
@require_POST
def export_request(request: HttpRequest) -> HttpResponseBase:
    """Ask for a copy."""
    try:
        exports.request_export(person=person_of(request))
        messages.success(request, _("We are preparing your copy and will notify you when it is ready."))
    except DomainError as refusal:
        messages.info(request, str(refusal.message))
    return redirect("privacy:data")


@login_required
@never_cache
@second_factor_required
@require_GET
def export_link(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The link that fetches the copy, for ten minutes; only after signing in anew."""
    export = _own_ready(request, pk)
    if not is_sign_in_fresh(request):
        return redirect_to_fresh_sign_in(request)
    token = signing.dumps([export.pk, export.person_id], salt=_SALT)
    context = {"export": export, "token": token, "minutes": LINK_FOR.seconds // 60}
    return render(request, "privacy/link.html", context)


@login_required
@never_cache
@second_factor_required
@require_safe
def export_download(request: HttpRequest, pk: int, token: str) -> HttpResponseBase:
    """The zip, in whole or by a range; 404 for everybody but the person, and after the link's ten minutes."""
    export = _own_ready(request, pk)
    try:
        signed = signing.loads(token, salt=_SALT, max_age=LINK_FOR)
    except signing.BadSignature:
        messages.info(request, _("This link has expired. Please get a new one."))
        return redirect("privacy:data")
    if signed != [export.pk, person_of(request).pk]:
        raise Http404
    return _send(request, export)


@login_required
@never_cache
@second_factor_required
@require_http_methods(["GET", "POST"])
def erasure_page(request: HttpRequest) -> HttpResponseBase:
    """What is erased, what keeps it for a time, and the request itself; only after signing in anew."""
    person = person_of(request)
    erasure, refusal = erasures.open_erasure(person), erasures.refuse_erasure(person)
    asks = erasure is None and not refusal
    if asks and not is_sign_in_fresh(request):
        return redirect_to_fresh_sign_in(request)
    form = CloseAccountForm(request.POST or None, person=person)
    if request.method == "POST" and asks and form.is_valid():
        with show_refusals(form):
            erasures.request_erasure(person=person)
            messages.success(request, _("We have received your request. You can cancel it until it begins."))
            return redirect("privacy:erasure")
    context = {
        "form": form,
        "erasure": erasure,
        "refusal": refusal,
        "holds": departures.holds_of_erasure(person),
        "endings": departures.endings_of_erasure(person),
        "days": erasures.WAITING_TIME.days,
        "due_at": erasure.due_at if erasure else clock.now() + erasures.WAITING_TIME,
    }
    return render(request, "privacy/erasure.html", context)


@login_required
@require_POST
def erasure_cancel(request: HttpRequest) -> HttpResponseBase:
    """Keep the data."""
    try:
        erasures.cancel_erasure(person=person_of(request))
        messages.success(request, _("Your request is cancelled. Your data stay as they are."))
    except DomainError as refusal:
        messages.info(request, str(refusal.message))
    return redirect("privacy:data")


@login_required
@require_POST
def sign_in_again(request: HttpRequest) -> HttpResponseBase:
    """Sign out, and come back to the page of the copy by a code sent by mail, or by a passkey: for those without a password."""
    person = person_of(request)
    page = reverse("people:guest" if person.role == Role.GUEST else "account_request_login_code")
    if any(method["id"] == _PASSKEY for method in get_adapter().get_reauthentication_methods(person)):
        page = reverse("account_login")
    logout(request)
    return redirect(f"{page}?{urlencode({'next': reverse('privacy:data')})}")


def is_sign_in_fresh(request: HttpRequest) -> bool:
    """Whether the person has shown who they are within the last fifteen minutes."""
    records = get_authentication_records(request, person_of(request))
    return any(time.time() - record["at"] < FRESH_FOR.total_seconds() for record in records)


def redirect_to_fresh_sign_in(request: HttpRequest) -> HttpResponseBase:
    """To the page that asks for password or second factor again, or to one that says to sign in anew.

    Who has no password is asked for a passkey before a code of an app.
    """
    person = person_of(request)
    methods = get_adapter().get_reauthentication_methods(person)
    if not methods:
        return render(request, "privacy/sign_in_again.html")
    passkeys = [method for method in methods if method["id"] == _PASSKEY and not person.has_usable_password()]
    return redirect(f"{[*passkeys, *methods][0]['url']}?{urlencode({'next': request.get_full_path()})}")


def _own_ready(request: HttpRequest, pk: int) -> DataExport:
    export = get_object_or_404(DataExport.objects.select_related("person"), pk=pk, person=person_of(request))
    if not export.is_ready:
        raise Http404
    return export


def _send(request: HttpRequest, export: DataExport) -> HttpResponseBase:
    """The zip, as videos are sent; each request for bytes of it is noted."""
    read, whole = partial(exports.read_export, export), partial(exports.open_export, export)
    note = partial(exports.note_download, export)
    answer = send_stored_file(request, StoredFile(export.size, export.sha256, read, whole, _WHOLE_COPIES, note))
    answer["Content-Type"] = "application/zip"
    answer["Content-Disposition"] = f'attachment; filename="portal-data-{export.asked_at:%Y-%m-%d}.zip"'
    return answer


def _groups() -> list[dict[str, Any]]:
    """What of the table a person gets a copy of, for the page: until when, and on which ground what."""
    found: dict[str, dict[str, list[PersonalData]]] = defaultdict(lambda: defaultdict(list))
    for row in personal_data():
        if row.of is not None:
            found[row.clock.code][row.basis.code].append(row)
    return [
        {
            "until": clock.text,
            "parts": [{"why": rows[0].basis.text, "rows": rows} for rows in found[clock.code].values()],
        }
        for clock in CLOCKS
        if clock.code in found
    ]
