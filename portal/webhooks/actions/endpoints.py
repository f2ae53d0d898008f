"""What administrators do with endpoints: a new one, another address or other types, its secret, on and off, and its end.

A new endpoint, its address and types, and a new secret need a second administrator (portal/people/actions/changes.py): they
decide where data go. Whoever asked retrieves the secret, once. Switching off, on again, and ending take one.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.audit import trail
from portal.errors import Conflict, Invalid, NotAllowed, Text
from portal.evidence.actions import keys
from portal.outbound.http.addresses import is_callable_host, is_forbidden_number
from portal.people import changes
from portal.people.actions.changes import ask_for_change
from portal.people.models import ChangeRequest, User
from portal.people.roles import Permission
from portal.platforms import registry as platforms
from portal.webhooks import registry
from portal.webhooks.actions import delivering
from portal.webhooks.models import ROTATION, Delivery, Endpoint, Event, body_of
from portal.webhooks.registry import TEST_TYPE
from portal.webhooks.signatures import new_secret
from portal.webhooks.states import (
    OPEN_ENDPOINT_STATES,
    DeliveryState,
    DisabledReason,
    EndpointState,
)
from portal.workflow import CHANGED

NEW, CHANGE, SECRET = "webhooks.endpoint", "webhooks.endpoint_change", "webhooks.endpoint_secret"
_LONGEST_URL = 500


def ask_for_endpoint(*, platform: str, url: str, types: Sequence[str], reason: str, by: User) -> ChangeRequest:
    """Ask for a new endpoint. Raises NotAllowed, Invalid."""
    _refuse(by)
    fields = _fields(platform, url, types)
    _refuse_double(fields["platform"], fields["url"])
    return ask_for_change(NEW, title=_title(fields["platform"], fields["url"]), reason=reason, by=by, after=fields)


def ask_for_endpoint_change(
    *, endpoint: Endpoint, url: str, types: Sequence[str], reason: str, by: User
) -> ChangeRequest:
    """Ask for another address or other types. Raises NotAllowed, Invalid, Conflict (another change waits)."""
    _refuse(by)
    fields = _fields(endpoint.platform, url, types)
    after = {name: fields[name] for name in ("url", "types") if fields[name] != getattr(endpoint, name)}
    if not after:
        raise Invalid.at("types", _("Nothing would change."))
    if "url" in after:
        _refuse_double(endpoint.platform, after["url"])
    before = {name: getattr(endpoint, name) for name in after}
    title = _title(endpoint.platform, endpoint.url)
    return ask_for_change(CHANGE, title=title, reason=reason, by=by, subject=endpoint, before=before, after=after)


def ask_for_endpoint_secret(*, endpoint: Endpoint, reason: str, by: User) -> ChangeRequest:
    """Ask for a new secret; the current one is used until it is retrieved. Raises NotAllowed, Conflict."""
    _refuse(by)
    return ask_for_change(SECRET, title=_title(endpoint.platform, endpoint.url), reason=reason, by=by, subject=endpoint)


def draw_endpoint_secret(*, endpoint: Endpoint, by: User) -> str:
    """The new secret, once, for whoever asked; the one before is signed with for 24 hours. Raises NotAllowed, Conflict.

    Not while two are in use: the older one is signed with for as long as its receiver was told.
    """
    _refuse(by)
    secret = new_secret()
    with transaction.atomic():
        row = _locked(endpoint)
        if row.secret_for_id != by.pk:
            raise NotAllowed(_("A new secret requires a second administrator."))
        if reason := refuse_another_secret(row):
            raise Conflict(reason)
        fields: dict[str, Any] = {"secret_sealed": row.seal(secret), "secret_for": None}
        if row.secret_sealed:
            fields |= {"previous_sealed": row.secret_sealed, "previous_until": clock.now() + ROTATION}
        if row.state == EndpointState.NEW:
            row.move("activate", **fields)
        else:
            row.write(**fields)
        trail.record_event("webhooks.endpoint.secret_renewed", row, by=by)
    return secret


def refuse_another_secret(endpoint: Endpoint) -> Text | None:
    """Why no new secret can be retrieved now, or None."""
    until = endpoint.both_secrets_until
    if until is None:
        return None
    shown = date_format(timezone.localtime(until), "DATETIME_FORMAT")
    return _("Messages are signed with two secrets until %s. A new one can be retrieved after that.") % shown


def disable_endpoint(*, endpoint: Endpoint, by: User) -> None:
    """Send nothing until it is enabled again; what happens meanwhile waits. Raises NotAllowed, Conflict."""
    _refuse(by)
    with transaction.atomic():
        row = _locked(endpoint)
        row.move("disable", disabled_reason=DisabledReason.ADMINISTRATOR)
        trail.record_event("webhooks.endpoint.disabled", row, by=by, reason=DisabledReason.ADMINISTRATOR.value)


def enable_endpoint(*, endpoint: Endpoint, by: User) -> None:
    """Send again, beginning with what waited. Raises NotAllowed, Conflict."""
    _refuse(by)
    with transaction.atomic():
        row = _locked(endpoint)
        row.move("enable", disabled_reason=DisabledReason.NONE, failing_since=None)
        waiting = Delivery.objects.pending().filter(endpoint=row, queued_at=None)
        waiting.update(begun_at=None, next_attempt_at=clock.now())
        trail.record_event("webhooks.endpoint.enabled", row, by=by)


def end_endpoint(*, endpoint: Endpoint, by: User) -> None:
    """Never send to it again; its secrets are deleted. Raises NotAllowed, Conflict."""
    _refuse(by)
    with transaction.atomic():
        row = _locked(endpoint)
        row.move("end", secret_sealed="", previous_sealed="", previous_until=None, secret_for=None)
        Delivery.objects.pending().filter(endpoint=row).update(state=DeliveryState.GIVEN_UP, queued_at=None)
        trail.record_event("webhooks.endpoint.ended", row, by=by)


def send_test_event(*, endpoint: Endpoint, by: User) -> Delivery:
    """Have a message of the type `webhook.test` sent, once, whether or not the endpoint is active. Raises NotAllowed, Conflict."""
    _refuse(by)
    now = clock.now()
    with transaction.atomic():
        row = _locked(endpoint)
        if not row.secret_sealed:
            raise Conflict(_("Retrieve the secret first: messages are signed with it."))
        event = Event(type=TEST_TYPE, platform=row.platform, occurred_at=now)
        event.ordering_key, event.body = f"test:{event.message}", body_of(TEST_TYPE, now, {"endpoint": row.code})
        event.save()
        delivery = Delivery.objects.create(event=event, endpoint=row, ordering_key=event.ordering_key)
        trail.record_event("webhooks.endpoint.tested", row, by=by, message=event.message)
        delivering.dispatch_due(row.pk)
    return delivery


def send_delivery_again(*, delivery: Delivery, by: User) -> None:
    """Send the same message, with the same id, once more. Raises NotAllowed, Conflict (pending, or the endpoint has ended)."""
    _refuse(by)
    with transaction.atomic():
        endpoint = _locked(delivery.endpoint)
        if endpoint.state == EndpointState.ENDED:
            raise Conflict(_("This endpoint has ended."))
        delivery.move("send_again", attempts=0, begun_at=None, next_attempt_at=clock.now())
        trail.record_event("webhooks.endpoint.sent_again", endpoint, by=by, message=delivery.event.message)
        delivering.dispatch_due(endpoint.pk)


def renew_secrets() -> int:
    """Seal every secret under the current key of the vault; returns how many."""
    rows = Endpoint.objects.all()
    columns = ("secret_sealed", "previous_sealed")
    return sum(keys.renew_column(rows, column, bound_to=lambda row: row.bound_to) for column in columns)


def register_endpoint_changes() -> None:
    """Say how the changes of this module are carried out; called once models are loaded."""
    for code, label, carry_out in (
        (NEW, _("New webhook endpoint"), _carry_out_new),
        (CHANGE, _("Change of a webhook endpoint"), _carry_out_change),
        (SECRET, _("New secret of a webhook endpoint"), _carry_out_secret),
    ):
        changes.register_change_kind(code, changes.ChangeKind(label, carry_out, _foresee, _describe))


def _carry_out_new(change: ChangeRequest, by: User | None) -> None:
    fields = _fields(**change.after)
    _refuse_double(fields["platform"], fields["url"])
    row = Endpoint.objects.create(**fields, secret_for=change.asked_by)
    trail.record_event("webhooks.endpoint.created", row, by=change.asked_by, **fields, **_approved(change, by))


def _carry_out_change(change: ChangeRequest, by: User | None) -> None:
    row = _of_change(change)
    if any(getattr(row, name) != value for name, value in change.before.items()):
        raise Conflict(CHANGED)
    row.write(**change.after)
    values = {"before": change.before, "after": change.after}
    trail.record_event("webhooks.endpoint.changed", row, by=change.asked_by, **values, **_approved(change, by))


def _carry_out_secret(change: ChangeRequest, by: User | None) -> None:
    row = _of_change(change)
    row.write(secret_for=change.asked_by)
    trail.record_event("webhooks.endpoint.secret_allowed", row, by=change.asked_by, **_approved(change, by))


def _refuse(by: User) -> None:
    if not by.may(Permission.ADMINISTER):
        raise NotAllowed(_("Only administrators manage webhook endpoints."))


def _fields(platform: str, url: str, types: Sequence[str]) -> dict[str, Any]:
    if platform not in platforms.platform_codes():
        raise Invalid.at("platform", _("Unknown platform: %s.") % platform)
    if unknown := sorted(set(types) - set(registry.webhook_types())):
        raise Invalid.at("types", _("Unknown event type: %s.") % ", ".join(unknown))
    if not types:
        raise Invalid.at("types", _("Choose at least one event type."))
    return {"platform": platform, "url": _checked_url(url), "types": sorted(set(types))}


def _checked_url(url: str) -> str:
    text = url.strip()
    try:
        parts = urlsplit(text)
        port = parts.port  # raises ValueError for one that is none
    except ValueError as error:
        raise Invalid.at("url", _("This is not a valid address.")) from error
    if parts.scheme != "https" and not (settings.DEMO and parts.scheme == "http"):
        raise Invalid.at("url", _("The address must begin with https://."))
    printed = text.isascii() and text.isprintable() and " " not in text and len(text) <= _LONGEST_URL
    host = parts.hostname or ""
    if not printed or "@" in parts.netloc or parts.fragment or port == 0 or not is_callable_host(host):
        raise Invalid.at(
            "url", _("This is not a valid address: a public host and a path, without user name and password.")
        )
    if is_forbidden_number(host):
        raise Invalid.at("url", _("This address is in a private network. Nothing can be sent there."))
    return text


def _refuse_double(platform: str, url: str) -> None:
    if Endpoint.objects.filter(platform=platform, url=url, state__in=OPEN_ENDPOINT_STATES).exists():
        raise Invalid.at("url", _("This platform already has an endpoint at this address."))


def _locked(endpoint: Endpoint) -> Endpoint:
    return Endpoint.objects.select_for_update(no_key=True).get(pk=endpoint.pk)


def _of_change(change: ChangeRequest) -> Endpoint:
    row = Endpoint.objects.select_for_update(no_key=True).get(pk=change.subject.partition(":")[2])
    if row.state == EndpointState.ENDED:
        raise Conflict(_("This endpoint has ended."))
    return row


def _title(platform: str, url: str) -> str:
    return f"{platforms.platform_names().get(platform, platform)}: {url}"


def _approved(change: ChangeRequest, by: User | None) -> dict[str, Any]:
    return {"change": change.pk, "approved_by": by.public_id if by else ""}


def _foresee(change: ChangeRequest) -> Sequence[Text]:
    draw = _("The person who asked can retrieve the secret once, on the endpoint's page. Until then nothing is sent.")
    found: dict[str, list[Text]] = {
        NEW: [_("Messages about accounts of this platform are sent to this address."), draw],
        CHANGE: [_("What is still pending goes to the new address.")] if "url" in change.after else [],
        SECRET: [
            _("The person who asked can retrieve the secret once, on the endpoint's page."),
            _("For 24 hours after that messages are signed with both secrets."),
        ],
    }
    return found[change.kind]


def _describe(change: ChangeRequest) -> Sequence[changes.ShownValue]:
    labels = {"platform": _("Platform"), "url": _("Endpoint address"), "types": _("Event types")}
    return [(labels[name], _shown(change.before.get(name)), _shown(new)) for name, new in change.after.items()]


def _shown(value: Any) -> Text:
    return "\n".join(value) if isinstance(value, list) else value or "–"
