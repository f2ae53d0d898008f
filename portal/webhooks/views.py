"""Webhooks, as pages of the admin: an endpoint with its buttons, and a delivery with its attempts."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.audit.models import AuditEvent
from portal.errors import Text
from portal.people.access import person_of
from portal.people.forms import ReasonForm
from portal.people.views.admin_action import admin_action
from portal.people.views.changes_admin import TWO_PEOPLE, asked
from portal.webhooks.actions import endpoints
from portal.webhooks.actions.delivering import GIVE_UP_AFTER
from portal.webhooks.actions.failing import DISABLE_AFTER
from portal.webhooks.forms import EndpointChangeForm, EndpointForm
from portal.webhooks.models import CollectedEvent, Delivery, Endpoint
from portal.webhooks.states import DisabledReason, EndpointState

_ENDPOINT, _DELIVERY = "admin:webhooks_endpoint_change", "admin:webhooks_delivery_change"
_RECENT = 20


def endpoint_page(request: HttpRequest, pk: str) -> HttpResponseBase:
    """How an endpoint stands, what happens next, its buttons, and its last deliveries."""
    row = get_object_or_404(Endpoint.objects.select_related("secret_for"), pk=_number(pk))
    recent = row.deliveries.select_related("event")[:_RECENT]
    now = clock.now()
    context = {
        "endpoint": row,
        "deliveries": recent,
        "waiting": row.deliveries.pending().count(),
        "may_draw": row.secret_for_id == person_of(request).pk,
        "reason": DisabledReason(row.disabled_reason).label,
        "disabled_at": row.failing_since + DISABLE_AFTER if row.failing_since else None,
        "both_until": row.previous_until if row.previous_until and row.previous_until > now else None,
        "refusal": endpoints.refuse_another_secret(row),
    }
    return _page(request, "admin/webhooks/endpoint.html", row.url, context)


def create_endpoint_page(request: HttpRequest) -> HttpResponseBase:
    """Ask for a new endpoint."""

    def act(data: dict[str, Any]) -> HttpResponseBase:
        return asked(request, endpoints.ask_for_endpoint(**data, by=person_of(request)))

    lead = _("An address at which a platform receives what concerns its accounts. %s") % TWO_PEOPLE
    title, button = _("New webhook endpoint"), _("Request the endpoint")
    return admin_action(request, EndpointForm, act, title=title, lead=lead, button=button)


def edit_endpoint_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask for another address or other types."""
    row = get_object_or_404(Endpoint, pk=pk)

    def act(data: dict[str, Any]) -> HttpResponseBase:
        return asked(request, endpoints.ask_for_endpoint_change(endpoint=row, **data, by=person_of(request)))

    title, initial = _("Change this endpoint"), {"url": row.url, "types": row.types}
    button = _("Request the change")
    return admin_action(request, EndpointChangeForm, act, title=title, lead=TWO_PEOPLE, button=button, initial=initial)


def endpoint_secret_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask for a new secret; retrieve it once a second administrator has agreed."""
    row, person = get_object_or_404(Endpoint, pk=pk), person_of(request)
    title = _("New secret")

    def ask(data: dict[str, Any]) -> HttpResponseBase:
        return asked(request, endpoints.ask_for_endpoint_secret(endpoint=row, reason=data["reason"], by=person))

    def draw(_data: dict[str, Any]) -> HttpResponseBase:
        secret = endpoints.draw_endpoint_secret(endpoint=row, by=person)
        row.refresh_from_db()
        return _page(request, "admin/webhooks/secret.html", title, {"endpoint": row, "secret": secret})

    if row.secret_for_id == person.pk:
        if reason := endpoints.refuse_another_secret(row):
            messages.warning(request, str(reason))
            return redirect(_ENDPOINT, row.pk)
        first = _("It is shown once. Messages are signed with it from then on.")
        later = _(
            "It is shown once. For 24 hours messages are then signed with both secrets, the new one and the old one."
        )
        lead = first if row.state == EndpointState.NEW else later
        return admin_action(request, forms.Form, draw, title=title, lead=lead, button=_("Retrieve the secret"))
    return admin_action(request, ReasonForm, ask, title=title, lead=TWO_PEOPLE, button=_("Request a new secret"))


def endpoint_test_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send a test message and go to its page, which shows what came back."""
    row = get_object_or_404(Endpoint, pk=pk)

    def act(_data: dict[str, Any]) -> HttpResponseBase:
        return redirect(_DELIVERY, endpoints.send_test_event(endpoint=row, by=person_of(request)).pk)

    lead = _("A signed message of the type webhook.test is sent once. You then see what the receiver answered.")
    return admin_action(
        request, forms.Form, act, title=_("Send a test event"), lead=lead, button=_("Send a test event")
    )


def disable_endpoint_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Stop sending for now."""
    lead = _("Nothing is sent until it is enabled again. Messages from that time are kept for 30 days and then sent.")
    words = {"title": _("Disable this endpoint"), "lead": lead, "button": _("Disable")}
    return _switch(request, pk, endpoints.disable_endpoint, words)


def enable_endpoint_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send again."""
    lead = _("What is pending is sent first, in order.")
    words = {"title": _("Enable this endpoint"), "lead": lead, "button": _("Enable")}
    return _switch(request, pk, endpoints.enable_endpoint, words)


def end_endpoint_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Never send to it again."""
    lead = _("Nothing is ever sent to it again, and its secrets are deleted. This cannot be undone.")
    words = {"title": _("End this endpoint"), "lead": lead, "button": _("End")}
    return _switch(request, pk, endpoints.end_endpoint, words, danger=True)


def delivery_page(request: HttpRequest, pk: str) -> HttpResponseBase:
    """The body of a message, every attempt, and the button to send it again."""
    row = _delivery(_number(pk))
    return _page(request, "admin/webhooks/delivery.html", row.event.type, _attempts_context(row))


def delivery_attempts(request: HttpRequest, pk: int) -> HttpResponse:
    """The attempts alone, for a page that waits for what comes back."""
    return render(request, "admin/webhooks/_attempts.html", _attempts_context(_delivery(pk)))


def skipped_events() -> list[AuditEvent]:
    """The latest events whose messages could not be made, of those that are still noted."""
    noted = CollectedEvent.objects.filter(left_out=True).order_by("-at").values_list("audit_event", flat=True)
    return list(AuditEvent.objects.filter(pk__in=list(noted[:_RECENT])).order_by("-at"))


def send_again_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send the same message once more."""
    row = _delivery(pk)

    def act(_data: dict[str, Any]) -> HttpResponseBase:
        endpoints.send_delivery_again(delivery=row, by=person_of(request))
        return redirect(_DELIVERY, row.pk)

    lead = _("The same message is sent with the same ID, so that the receiver can tell that it has it already.")
    return admin_action(request, forms.Form, act, title=_("Send again"), lead=lead, button=_("Send again"))


def _switch(
    request: HttpRequest, pk: int, action: Callable[..., None], words: Mapping[str, Text], *, danger: bool = False
) -> HttpResponseBase:
    row = get_object_or_404(Endpoint, pk=pk)

    def act(_data: dict[str, Any]) -> HttpResponseBase:
        action(endpoint=row, by=person_of(request))
        messages.success(request, _("Done."))
        return redirect(_ENDPOINT, row.pk)

    return admin_action(
        request, forms.Form, act, title=words["title"], lead=words["lead"], button=words["button"], danger=danger
    )


def _attempts_context(row: Delivery) -> dict[str, Any]:
    return {
        "delivery": row,
        "attempts": row.tries.all(),
        "earlier": row.earlier_pending().select_related("event").first() if row.can("deliver") else None,
        "given_up_at": row.begun_at + GIVE_UP_AFTER if row.begun_at else None,
        "may_send_again": row.can("send_again") and row.endpoint.state != EndpointState.ENDED and not row.event.is_test,
        # Soon something will have happened that the page can show.
        "watched": row.can("deliver") and (row.queued_at is not None or row.event.is_test),
    }


def _delivery(pk: int) -> Delivery:
    return get_object_or_404(Delivery.objects.select_related("event", "endpoint"), pk=pk)


def _number(text: str) -> int:
    if not text.isdecimal():
        raise Http404
    return int(text)


def _page(request: HttpRequest, template: str, title: Text, context: dict[str, Any]) -> HttpResponse:
    return render(request, template, {**admin.site.each_context(request), "title": title, **context})
