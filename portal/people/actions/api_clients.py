"""Making and ending API clients. A secret is shown once, when it is drawn, and kept only as a hash.

A client, its scopes and a new secret need a second administrator (portal/people/actions/changes.py); whoever asked draws the
secret then, once, and the one before is taken for 24 hours more (portal/people/client_secrets.py). Ending a client, or the
secret before, takes one, since it only takes rights away. The operator at the command line needs nobody.
"""

from collections.abc import Sequence
from typing import Any

from allauth.idp.oidc.models import Client, Token
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.audit import trail
from portal.errors import Conflict, Invalid, NotAllowed, Text
from portal.people import changes, client_secrets
from portal.people.actions.changes import ask_for_change
from portal.people.client_use import forget_use
from portal.people.drawn_secrets import draw_secret, hash_drawn_secret
from portal.people.models import ChangeRequest, User
from portal.people.roles import Permission
from portal.people.tokens import Scope
from portal.platforms import registry

CLIENT, SCOPES, SECRET = "people.api_client", "people.api_client_scopes", "people.api_client_secret"
# Among the data of a client: the primary key of the administrator who may draw its secret, once.
_DRAWN_BY = "secret_for"
# Whether somebody knows the current secret: the first one of a client that was asked for was told to nobody.
_DRAWN = "secret_drawn"


def create_client(*, name: str, platform: str, scopes: Sequence[str], test: bool = False) -> tuple[Client, str]:
    """A new client of a platform (code), for good, and its secret, for the operator at the command line.

    Raises Invalid (no name, no such platform, no such scope).
    """
    fields = _client_fields(name, platform, scopes, test=test)
    secret = draw_secret()
    with transaction.atomic():
        return _make_client(fields, secret=secret, by=None), secret


def ask_for_client(
    *, name: str, platform: str, scopes: Sequence[str], reason: str, by: User, test: bool = False
) -> ChangeRequest:
    """Ask for a new client; a `test` client gets fixed answers for good. Raises NotAllowed, Invalid."""
    _refuse(by)
    fields = _client_fields(name, platform, scopes, test=test)
    return ask_for_change(CLIENT, title=name, reason=reason, by=by, after=fields)


def ask_for_scopes(*, client: Client, scopes: Sequence[str], reason: str, by: User) -> ChangeRequest:
    """Ask that the client may do more or less. Raises NotAllowed, Invalid, Conflict (another change waits)."""
    _refuse(by)
    before, after = {"scopes": sorted(client.get_scopes())}, {"scopes": _known_scopes(scopes)}
    if before == after:
        raise Invalid.at("scopes", _("The client already has these scopes."))
    return ask_for_change(SCOPES, title=client.name, reason=reason, by=by, subject=client, before=before, after=after)


def ask_for_secret(*, client: Client, reason: str, by: User) -> ChangeRequest:
    """Ask for a new secret; the old one is valid until it is drawn. Raises NotAllowed, Conflict."""
    _refuse(by)
    return ask_for_change(SECRET, title=client.name, reason=reason, by=by, subject=client)


def may_draw_secret(client: Client, person: User) -> bool:
    """Whether a new secret waits for this person."""
    return bool((client.data or {}).get(_DRAWN_BY) == person.pk)


def draw_client_secret(*, client: Client, by: User) -> str:
    """The new secret, once, for whoever asked for it; the one before is taken for 24 hours. Raises NotAllowed, Conflict."""
    _refuse(by)
    if not may_draw_secret(client, by):
        raise NotAllowed(_("A new secret requires a second administrator."))
    if reason := client_secrets.refuse_another_secret(client):
        raise Conflict(reason)
    secret, known = draw_secret(), client.data
    kept = client_secrets.keep_previous_secret(client) if known.get(_DRAWN) else {}
    client.data = {name: value for name, value in known.items() if name != _DRAWN_BY} | kept | {_DRAWN: True}
    client.secret = hash_drawn_secret(secret)
    with transaction.atomic():
        same = Client.objects.filter(pk=client.pk, data=known)
        if not same.update(secret=client.secret, data=client.data):
            raise Conflict(_("This has changed in the meantime. Please review the current version."))
        trail.record_event("people.api_client.secret_renewed", client, by=by)
    return secret


def end_previous_secret(*, client: Client, by: User) -> None:
    """Take the secret before no more, and end all tokens: it may be known to others. Raises NotAllowed, Conflict."""
    _refuse(by)
    with transaction.atomic():
        row = Client.objects.select_for_update(no_key=True).get(pk=client.pk)
        if client_secrets.previous_secret_until(row) is None:
            raise Conflict(_("Only the current secret is valid."))
        row.data = client_secrets.without_previous_secret(row.data)
        row.save(update_fields=["data"])
        Token.objects.filter(client=row).delete()
        trail.record_event("people.api_client.previous_secret_ended", row, by=by)


def end_client(*, client: Client, by: User) -> None:
    """Delete the client and its tokens."""
    _refuse(by)
    with transaction.atomic():
        row = Client.objects.select_for_update().get(pk=client.pk)
        trail.record_event("people.api_client.ended", row, by=by, scopes=sorted(row.get_scopes()))
        forget_use(row.pk)
        row.delete()


def _refuse(by: User) -> None:
    if not by.may(Permission.ADMINISTER):
        raise NotAllowed(_("Only administrators manage API clients."))


def register_client_changes() -> None:
    """Say how the changes of this module are carried out; called once models are loaded."""
    for code, label, carry_out in (
        (CLIENT, _("New API client"), _carry_out_client),
        (SCOPES, _("Scopes of an API client"), _carry_out_scopes),
        (SECRET, _("New secret of an API client"), _carry_out_secret),
    ):
        changes.register_change_kind(code, changes.ChangeKind(label, carry_out, _foresee, _describe))


def _carry_out_client(change: ChangeRequest, by: User | None) -> None:
    # Nobody knows this secret: whoever asked draws another one.
    fields = _client_fields(**change.after)
    _make_client(fields, secret=draw_secret(), by=change.asked_by, change=change, approved_by=by)


def _carry_out_scopes(change: ChangeRequest, by: User | None) -> None:
    client = _client(change)
    if sorted(client.get_scopes()) != change.before["scopes"]:
        raise Conflict(_("This has changed in the meantime. Please review the current version."))
    _set_scopes(client, change.after["scopes"])
    client.save(update_fields=["scopes", "default_scopes"])
    Token.objects.filter(client=client).delete()
    values = {"before": change.before["scopes"], "after": change.after["scopes"]}
    trail.record_event(
        "people.api_client.scopes_changed", client, by=change.asked_by, **values, **_approved(change, by)
    )


def _carry_out_secret(change: ChangeRequest, by: User | None) -> None:
    client = _client(change)
    client.data = {**(client.data or {}), _DRAWN_BY: change.asked_by_id}
    client.save(update_fields=["data"])
    trail.record_event("people.api_client.secret_allowed", client, by=change.asked_by, **_approved(change, by))


def _client(change: ChangeRequest) -> Client:
    return Client.objects.select_for_update(no_key=True).get(pk=change.subject.partition(":")[2])


def _approved(change: ChangeRequest, by: User | None) -> dict[str, Any]:
    return {"change": change.pk, "approved_by": by.public_id if by else ""}


def _client_fields(name: str, platform: str, scopes: Sequence[str], *, test: bool = False) -> dict[str, Any]:
    if platform not in registry.platform_codes():
        raise Invalid.at("platform", _("Unknown platform: %s.") % platform)
    if not name.strip():
        raise Invalid.at("name", _("Please give the client a name."))
    fields = {"name": name.strip(), "platform": platform, "scopes": _known_scopes(scopes)}
    return fields | ({"test": True} if test else {})


def _make_client(
    fields: dict[str, Any],
    *,
    secret: str,
    by: User | None,
    change: ChangeRequest | None = None,
    approved_by: User | None = None,
) -> Client:
    grant = Client.GrantType.CLIENT_CREDENTIALS
    client = Client(name=fields["name"], grant_types=grant, response_types="", created_at=clock.now())
    client.data = {"platform": fields["platform"]} | ({_DRAWN_BY: by.pk} if by else {_DRAWN: True})
    if fields.get("test"):
        client.data["test"] = True
    client.secret = hash_drawn_secret(secret)
    _set_scopes(client, fields["scopes"])
    client.save(force_insert=True)
    about = {name: fields[name] for name in ("platform", "scopes", "test") if name in fields}
    trail.record_event(
        "people.api_client.created", client, by=by, **about, **(_approved(change, approved_by) if change else {})
    )
    return client


def _known_scopes(scopes: Sequence[str]) -> list[str]:
    if unknown := sorted(set(scopes) - set(Scope.values)):
        raise Invalid.at("scopes", _("Unknown scope: %s.") % ", ".join(unknown))
    if not scopes:
        raise Invalid.at("scopes", _("Choose at least one scope."))
    return sorted(scopes)


def _set_scopes(client: Client, scopes: Sequence[str]) -> None:
    client.set_scopes(scopes)
    # Who asks for no scope in particular gets all that the client may have.
    client.set_default_scopes(scopes)


def _foresee(change: ChangeRequest) -> Sequence[Text]:
    draw = _("The person who asked can retrieve the secret once, on the client's page.")
    found: dict[str, list[Text]] = {
        CLIENT: [
            _("It gets fixed answers and never real data.")
            if change.after.get("test")
            else _("A program of this platform can call the API."),
            draw,
        ],
        SCOPES: [_("Its current tokens become invalid; it fetches new ones.")],
        SECRET: [draw, _("For 24 hours after it is retrieved, the old secret is valid, too.")],
    }
    return found[change.kind]


def _describe(change: ChangeRequest) -> Sequence[changes.ShownValue]:
    labels = {"name": _("Name"), "platform": _("Platform"), "scopes": _("Scopes"), "test": _("Test client")}
    return [(labels[name], _shown(change.before.get(name)), _shown(new)) for name, new in change.after.items()]


def _shown(value: Any) -> Text:
    if value is True:
        return _("Yes")
    return "\n".join(value) if isinstance(value, list) else value or "–"
