"""Two secrets of an API client at once: the current one, and the one before it for some time after a new one was drawn.

django-allauth knows one secret, the column `secret`, and asks `Client.check_secret()`. The digest of the one before lies among
the data of the client with the time until which it is taken.
"""

from datetime import datetime, timedelta
from typing import Any

from allauth.idp.oidc.models import Client
from django.contrib.auth.hashers import check_password
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from portal import clock
from portal.errors import Text

# How long both secrets are taken.
OVERLAP = timedelta(hours=24)
_PREVIOUS, _UNTIL = "previous_secret", "previous_until"


def keep_previous_secret(client: Client) -> dict[str, Any]:
    """What is added to the data of a client whose current secret is about to be replaced."""
    return {_PREVIOUS: client.secret, _UNTIL: (clock.now() + OVERLAP).isoformat()}


def without_previous_secret(data: dict[str, Any]) -> dict[str, Any]:
    """The data of a client of which only the current secret is to be taken."""
    return {name: value for name, value in data.items() if name not in {_PREVIOUS, _UNTIL}}


def previous_secret_until(client: Client) -> datetime | None:
    """Until when the secret before is taken; None if it is not."""
    said = (client.data or {}).get(_UNTIL)
    until = datetime.fromisoformat(said) if said else None
    return until if until and until > clock.now() else None


def refuse_another_secret(client: Client) -> Text | None:
    """Why no new secret can be drawn now, or None: the one before is taken for as long as its programs were told."""
    until = previous_secret_until(client)
    if until is None:
        return None
    shown = date_format(timezone.localtime(until), "DATETIME_FORMAT")
    return (
        _("Two secrets are valid until %s. A new one can be retrieved after that, or once the old one is ended.")
        % shown
    )


def check_client_secret(client: Client, secret: str) -> bool:
    """Whether this is one of the secrets of the client that are taken now."""
    if check_password(secret, client.secret):
        return True
    if previous_secret_until(client) is None:
        return False
    return check_password(secret, client.data[_PREVIOUS])


def take_both_secrets() -> None:
    """Have allauth's token endpoint ask check_client_secret(); called once models are loaded. It has no other way in."""
    Client.check_secret = check_client_secret
