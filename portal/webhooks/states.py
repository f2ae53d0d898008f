"""The state machines of webhooks: endpoints and deliveries."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.workflow import Move, Workflow


class EndpointState(models.TextChoices):
    """Whether an endpoint is sent to."""

    NEW = "new", _("waiting for its secret")
    ACTIVE = "active", _("active")
    DISABLED = "disabled", _("disabled")
    ENDED = "ended", _("ended")


class DeliveryState(models.TextChoices):
    """Where a delivery is."""

    PENDING = "pending", _("pending")
    DELIVERED = "delivered", _("delivered")
    GIVEN_UP = "given_up", _("not delivered")


class DisabledReason(models.TextChoices):
    """Why an endpoint is disabled."""

    NONE = "", "–"
    ADMINISTRATOR = "administrator", _("disabled by an administrator")
    GONE = "gone", _("the receiver answered 410 Gone")
    FAILING = "failing", _("no delivery succeeded for three days")


_E, _D = EndpointState, DeliveryState

ENDPOINT = Workflow(
    name="webhook endpoint",
    states=EndpointState,
    initial=_E.NEW,
    moves=(
        Move("activate", (_E.NEW,), _E.ACTIVE, by="administrator: the secret was retrieved"),
        Move("disable", (_E.ACTIVE,), _E.DISABLED, by="administrator, or system: 410, or three days of failures"),
        Move("enable", (_E.DISABLED,), _E.ACTIVE, by="administrator"),
        Move("end", (_E.NEW, _E.ACTIVE, _E.DISABLED), _E.ENDED, by="administrator"),
    ),
)
OPEN_ENDPOINT_STATES = (_E.NEW, _E.ACTIVE, _E.DISABLED)

DELIVERY = Workflow(
    name="webhook delivery",
    states=DeliveryState,
    initial=_D.PENDING,
    moves=(
        Move("deliver", (_D.PENDING,), _D.DELIVERED, by="system: the receiver answered 2xx"),
        Move("give_up", (_D.PENDING,), _D.GIVEN_UP, by="system: three days of attempts, or the endpoint has ended"),
        Move("send_again", (_D.DELIVERED, _D.GIVEN_UP), _D.PENDING, by="administrator"),
    ),
)
