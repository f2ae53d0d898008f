"""API clients: programs of the platform that hold an id and a secret, and what their tokens open.

A client gets a token at /identity/o/api/token (OAuth 2.0, client credentials, by django-allauth) and
sends it as `Authorization: Bearer ...`. Such a token belongs to no person. A client belongs to one platform.
"""

from typing import cast

from allauth.idp.oidc.models import Client, Token
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from portal.people.client_use import note_use

TOKEN_PATH = "/identity/o/api/token"  # noqa: S105 -- an address


class Scope(models.TextChoices):
    """What a token may open."""

    GATE = "gate:read", _("Ask whether an account may publish in an area")
    CERTIFICATES = "certificates:read", _("Follow the certificates of people with an account on the platform")
    APPLICATIONS = "applications:read", _("Read the status of applications, without personal data")
    COMPLAINTS = "complaints:read", _("Read the status of complaints, without texts and contacts")
    FILING = "complaints:write", _("File complaints")


def platform_of_client(client: Client) -> str:
    """Code of the platform that an API client belongs to: it sees and files only there."""
    return str((client.data or {}).get("platform", ""))


def is_test_client(client: Client) -> bool:
    """Whether a client gets fixed answers, for trying; never a real row (portal/people/fixed_answers.py)."""
    return bool((client.data or {}).get("test"))


def is_test_request(request: Request) -> bool:
    """Whether a request came with the token of a test client."""
    token = request.auth
    return isinstance(token, Token) and token.client is not None and is_test_client(token.client)


def platform_of_request(request: Request) -> str:
    """The same of the client whose token came with a request that `requires_scope` has let through."""
    return platform_of_client(cast("Token", request.auth).client)


def require_own_platform(platform: str, asked: str) -> None:
    """Raise ValidationError (400) at `platform` where a client asks about another one than its own."""
    if asked != platform:
        sentence = _("Your client belongs to the platform %s and can only read and submit there.") % platform
        raise ValidationError({"platform": [sentence]})


class ClientToken(BaseAuthentication):
    """Takes the access token of an API client; one query, and a write a minute. A person's token is not taken."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Token] | None:
        """(anonymous user, token); None when the request has no token."""
        scheme, _space, value = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = self._find(value.strip())
        if token is None:
            raise AuthenticationFailed(_("The token is unknown or has expired."))
        note_use(token.client_id)
        return AnonymousUser(), token

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return 'Bearer realm="api"'

    def _find(self, value: str) -> Token | None:
        rows = Token.objects.valid().by_value(value).select_related("client")
        found: Token | None = rows.filter(type=Token.Type.ACCESS_TOKEN, user=None, client__isnull=False).first()
        return found


class HasScope(BasePermission):
    """Lets tokens through that hold `scope`; made by `scoped(...)`."""

    scope = ""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the request's token holds the scope and its client belongs to a platform."""
        token = request.auth
        if not isinstance(token, Token) or self.scope not in token.get_scopes() or not platform_of_client(token.client):
            return False
        # A view that has no fixed answers would give it real rows.
        return not is_test_client(token.client) or hasattr(view, "fixed_get") or hasattr(view, "fixed_post")


def requires_scope(scope: Scope) -> type[HasScope]:
    """A permission class for views that only API clients with that scope may call."""
    return type(f"Scoped{scope.name.title()}", (HasScope,), {"scope": scope.value})


class ClientTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema describes the tokens."""

    target_class = ClientToken
    name = "clientCredentials"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, object]:
        """OAuth 2.0 with the client credentials grant."""
        scopes = {str(value): str(label) for value, label in Scope.choices}
        return {
            "type": "oauth2",
            "description": str(_("For programs of the platform. An administrator makes the client and its scopes.")),
            "flows": {"clientCredentials": {"tokenUrl": TOKEN_PATH, "scopes": scopes}},
        }

    def get_security_requirement(self, auto_schema: AutoSchema) -> dict[str, list[str]]:
        """The scopes that this operation asks for."""
        scopes = [p.scope for p in auto_schema.view.get_permissions() if isinstance(p, HasScope)]
        return {self.name: scopes}
