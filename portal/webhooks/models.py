"""Endpoints of platforms, the events that they are told, and each delivery with its attempts."""

import json
import secrets
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from portal import clock, vault
from portal.webhooks.registry import TEST_TYPE
from portal.webhooks.states import (
    DELIVERY,
    ENDPOINT,
    OPEN_ENDPOINT_STATES,
    DeliveryState,
    DisabledReason,
    EndpointState,
)
from portal.workflow import Stateful

# How long the secret before is signed with, too, after a new one was retrieved.
ROTATION = timedelta(hours=24)
EXCERPT = 500  # characters of an answer that are kept


def new_code(prefix: str) -> str:
    """A public id that nobody can guess."""
    return f"{prefix}_{secrets.token_hex(12)}"


def new_endpoint_code() -> str:
    """The public id of an endpoint."""
    return new_code("we")


def new_message_id() -> str:
    """The public id of an event, which receivers get as `webhook-id`."""
    return new_code("msg")


class Endpoint(Stateful):
    """An address of a platform's server to which its webhooks are sent, with its sealed secrets.

    `secret_for` is the administrator who may retrieve a new secret, once. Until the first was retrieved nothing is sent.
    `failing_since` is when the first delivery failed after the last that succeeded.
    """

    workflow = ENDPOINT

    code = models.CharField(_("endpoint ID"), max_length=40, unique=True, default=new_endpoint_code, editable=False)
    platform = models.CharField(_("platform"), max_length=40)
    url = models.URLField(_("address"), max_length=500)
    types = ArrayField(models.CharField(max_length=60), verbose_name=_("event types"), default=list)
    secret_sealed = models.TextField(blank=True, editable=False)
    previous_sealed = models.TextField(blank=True, editable=False)
    previous_until = models.DateTimeField(_("previous secret valid until"), null=True)
    secret_for = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    disabled_reason = models.CharField(_("disabled"), max_length=20, choices=DisabledReason, blank=True)
    failing_since = models.DateTimeField(_("failing since"), null=True)
    created_at = models.DateTimeField(_("created at"), default=clock.now)

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(types=[]), name="webhook_endpoint_has_types"),
            models.CheckConstraint(
                condition=~Q(state=EndpointState.ACTIVE) | ~Q(secret_sealed=""), name="webhook_endpoint_has_secret"
            ),
            models.UniqueConstraint(
                fields=["platform", "url"], condition=Q(state__in=OPEN_ENDPOINT_STATES), name="webhook_endpoint_once"
            ),
        ]
        triggers: ClassVar = [ENDPOINT.guard()]

    def __str__(self) -> str:
        return f"{self.platform}: {self.url}"

    @property
    def bound_to(self) -> str:
        """What its sealed secrets belong to; in another row they do not open."""
        return f"webhooks.endpoint:{self.code}"

    @property
    def both_secrets_until(self) -> datetime | None:
        """Until when messages are signed with two secrets; None if they are not."""
        return self.previous_until if self.previous_until and self.previous_until > clock.now() else None

    def seal(self, secret: str) -> str:
        """A secret as this row keeps it."""
        return vault.encrypt_text(secret, bound_to=self.bound_to)

    def secrets_at(self, moment: datetime) -> list[str]:
        """The secrets with which a message is signed at a moment: the current one first, and one before while it counts."""
        sealed = [self.secret_sealed]
        if self.previous_sealed and self.previous_until and moment < self.previous_until:
            sealed.append(self.previous_sealed)
        return [vault.decrypt_text(token, bound_to=self.bound_to) for token in sealed if token]

    @property
    def tone(self) -> str:
        """How the state looks (portal/web/templatetags/ui.py)."""
        if self.state == EndpointState.ACTIVE:
            return "warn" if self.failing_since else "ok"
        return "bad" if self.state == EndpointState.DISABLED else "muted"


class Event(models.Model):
    """What a platform is told, once: the exact body that every endpoint gets. Without an audit event it is a test."""

    message = models.CharField(_("message"), max_length=40, unique=True, default=new_message_id, editable=False)
    type = models.CharField(_("type"), max_length=60)
    platform = models.CharField(_("platform"), max_length=40)
    ordering_key = models.CharField(_("ordering key"), max_length=80)
    audit_event = models.BigIntegerField(_("audit event"), null=True)
    occurred_at = models.DateTimeField(_("at"))
    body = models.TextField(_("body"))
    created_at = models.DateTimeField(_("created at"), default=clock.now)

    class Meta:
        verbose_name = _("webhook event")
        verbose_name_plural = _("webhook events")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["audit_event", "platform"], condition=Q(audit_event__isnull=False), name="webhook_event_once"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["created_at"], name="webhook_event_age")]
        triggers: ClassVar = [pgtrigger.Protect(name="event_stays", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.type} {self.message}"

    @property
    def is_test(self) -> bool:
        """Whether an administrator sent it to try an endpoint."""
        return self.type == TEST_TYPE


class CollectedEvent(models.Model):
    """That an audit event was looked at, whether or not somebody was told; kept for as long as it could be found again.

    `left_out`: its message could not be made, so that nobody was told. It is kept as long as deliveries are.
    """

    audit_event = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    left_out = models.BooleanField(default=False, db_default=False)

    class Meta:
        verbose_name = _("collected event")
        verbose_name_plural = _("collected events")
        ordering = ("audit_event",)
        indexes: ClassVar = [models.Index(fields=["at"], name="webhook_collected_at")]

    def __str__(self) -> str:
        return str(self.audit_event)


class CollectionMark(models.Model):
    """One row: the audit events before `at` have all been looked at."""

    at = models.DateTimeField()

    class Meta:
        verbose_name = _("collection mark")
        verbose_name_plural = _("collection marks")
        ordering = ("pk",)

    def __str__(self) -> str:
        return str(self.at)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Deliveries by what they wait for."""

    def pending(self) -> "DeliveryQuerySet":
        """Those that are not over."""
        return self.filter(state=DeliveryState.PENDING)

    def due(self, moment: datetime) -> "DeliveryQuerySet":
        """Those that may be sent now: no job has them, and no earlier one with their ordering key is pending."""
        earlier = Delivery.objects.pending().filter(
            endpoint=OuterRef("endpoint"), ordering_key=OuterRef("ordering_key"), pk__lt=OuterRef("pk")
        )
        rows = self.pending().filter(queued_at=None, next_attempt_at__lte=moment)
        sendable = Q(endpoint__state=EndpointState.ACTIVE) | Q(event__type=TEST_TYPE) & ~Q(endpoint__secret_sealed="")
        return rows.filter(sendable).exclude(Exists(earlier)).order_by("next_attempt_at", "pk")


class Delivery(Stateful):
    """One event on its way to one endpoint. Ids rise in the order of the events of an ordering key.

    `queued_at` is set while a job has it; `attempts` counts the attempts since `begun_at`, and names the job.
    """

    workflow = DELIVERY

    event = models.ForeignKey(Event, models.CASCADE, related_name="deliveries", verbose_name=_("event"))
    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="deliveries", verbose_name=_("endpoint"))
    ordering_key = models.CharField(_("ordering key"), max_length=80)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    begun_at = models.DateTimeField(_("first attempt at"), null=True)
    next_attempt_at = models.DateTimeField(_("next attempt at"), default=clock.now)
    queued_at = models.DateTimeField(null=True, editable=False)
    last_status = models.PositiveSmallIntegerField(_("last status"), null=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True)
    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "endpoint"], name="webhook_delivery_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_attempt_at"], condition=Q(state="pending"), name="webhook_delivery_due"),
            models.Index(
                fields=["endpoint", "ordering_key", "id"], condition=Q(state="pending"), name="webhook_delivery_line"
            ),
        ]
        triggers: ClassVar = [DELIVERY.guard()]

    def __str__(self) -> str:
        return f"{self.event.message} → {self.endpoint.code}"

    @property
    def tone(self) -> str:
        """How the state looks (portal/web/templatetags/ui.py)."""
        return {DeliveryState.DELIVERED: "ok", DeliveryState.GIVEN_UP: "bad"}.get(DeliveryState(self.state), "info")

    @property
    def pretty_body(self) -> str:
        """The body as it is shown to people."""
        return json.dumps(json.loads(self.event.body), indent=2, ensure_ascii=False)

    def earlier_pending(self) -> QuerySet["Delivery"]:
        """Those for which it waits."""
        rows = Delivery.objects.pending().filter(endpoint=self.endpoint_id, ordering_key=self.ordering_key)
        return rows.filter(pk__lt=self.pk).order_by("pk")


class AttemptResult(models.TextChoices):
    """What came of one attempt."""

    ANSWERED = "answered", _("answered")
    NO_CONNECTION = "no_connection", _("no connection")
    TIMEOUT = "timeout", _("no answer within 10 seconds")
    BROKEN = "broken", _("the connection broke off")
    TLS = "tls", _("the certificate was not accepted")
    FORBIDDEN = "forbidden", _("the address leads to a private network")
    LOST = "lost", _("the worker was lost")


class Attempt(models.Model):
    """One attempt at a delivery: what the receiver answered, and after how many milliseconds."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="tries", verbose_name=_("delivery"))
    at = models.DateTimeField(_("at"), default=clock.now)
    result = models.CharField(_("result"), max_length=20, choices=AttemptResult)
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    milliseconds = models.PositiveIntegerField(_("milliseconds"), default=0)
    answer = models.CharField(_("answer"), max_length=EXCERPT, blank=True)

    class Meta:
        verbose_name = _("webhook attempt")
        verbose_name_plural = _("webhook attempts")
        ordering = ("id",)
        triggers: ClassVar = [pgtrigger.Protect(name="attempt_stays", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.result}"

    @property
    def succeeded(self) -> bool:
        """Whether the receiver took the message."""
        return self.status is not None and 200 <= self.status < 300


def body_of(message_type: str, at: datetime, data: Any) -> str:
    """The body of a message, as it is signed, sent and kept."""
    return json.dumps({"type": message_type, "timestamp": at.isoformat(), "data": data}, separators=(",", ":"))
