"""Making and ending API clients. A secret is shown once, when it is made, and kept only as a hash."""

import secrets
from collections.abc import Sequence

from allauth.idp.oidc.models import Client, Token
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.audit import trail
from portal.errors import Invalid, NotAllowed
from portal.people.models import User
from portal.people.roles import Permission
from portal.people.tokens import Scope
from portal.platforms import registry


def create_client(*, name: str, platform: str, scopes: Sequence[str], by: User | None) -> tuple[Client, str]:
    """A new client of a platform (code), for good, and its secret. `by` is None for the operator at the command line.

    Raises NotAllowed, Invalid (no name, no such platform, no such scope).
    """
    _refuse(by)
    if platform not in registry.platform_codes():
        raise Invalid.at("platform", _("There is no such platform: %s.") % platform)
    client = Client(
        name=name.strip(), grant_types=Client.GrantType.CLIENT_CREDENTIALS, response_types="", created_at=clock.now()
    )
    client.data = {"platform": platform}
    if not client.name:
        raise Invalid.at("name", _("Please give the client a name."))
    secret = secrets.token_urlsafe(32)
    client.set_secret(secret)
    _set_scopes(client, scopes)
    with transaction.atomic():
        client.save(force_insert=True)
        trail.record_event("people.api_client.created", client, by=by, platform=platform, scopes=sorted(scopes))
    return client, secret


def change_client_scopes(*, client: Client, scopes: Sequence[str], by: User) -> None:
    """Let the client do more or less from now on; the tokens that it holds end, it fetches new ones."""
    _refuse(by)
    before = sorted(client.get_scopes())
    _set_scopes(client, scopes)
    with transaction.atomic():
        client.save(update_fields=["scopes", "default_scopes"])
        Token.objects.filter(client=client).delete()
        trail.record_event("people.api_client.scopes_changed", client, by=by, before=before, after=sorted(scopes))


def renew_client_secret(*, client: Client, by: User) -> str:
    """A new secret; the old one and all tokens end at once."""
    _refuse(by)
    secret = secrets.token_urlsafe(32)
    client.set_secret(secret)
    with transaction.atomic():
        client.save(update_fields=["secret"])
        Token.objects.filter(client=client).delete()
        trail.record_event("people.api_client.secret_renewed", client, by=by)
    return secret


def end_client(*, client: Client, by: User) -> None:
    """Delete the client and its tokens."""
    _refuse(by)
    with transaction.atomic():
        trail.record_event("people.api_client.ended", client, by=by, scopes=sorted(client.get_scopes()))
        client.delete()


def _refuse(by: User | None) -> None:
    if by is not None and not by.may(Permission.ADMINISTER):
        raise NotAllowed(_("Only administrators manage API clients."))


def _set_scopes(client: Client, scopes: Sequence[str]) -> None:
    unknown = sorted(set(scopes) - set(Scope.values))
    if unknown or not scopes:
        raise Invalid.at(
            "scopes",
            _("There is no such scope: %s.") % ", ".join(unknown) if unknown else _("Choose at least one scope."),
        )
    client.set_scopes(sorted(scopes))
    # Who asks for no scope in particular gets all that the client may have.
    client.set_default_scopes(sorted(scopes))
