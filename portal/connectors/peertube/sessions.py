"""Being signed in on PeerTube: one pair of tokens for all workers, renewed by one of them at a time.

A refresh token works once. So whoever renews takes a lease on the row first, and the others wait for the pair that
comes. Where PeerTube refuses the refresh token (it was used, and its answer was lost), the worker signs in again. Calls for
tokens are counted, and stop before PeerTube would refuse them.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import F, Q

from portal import vault
from portal.connectors import members
from portal.connectors.models import PlatformSession
from portal.connectors.peertube import answers
from portal.outbound.http import Busy, PlatformClient
from portal.platforms.protocol import AccessRefused

# PeerTube takes 15 calls for tokens in five minutes. Signing in anew can take two: a refusal, and the password.
MOST_TOKEN_CALLS, TOKEN_WINDOW = 8, timedelta(minutes=5)
# Before its end a token is not used any more, so that it does not end on the way.
_EARLY = timedelta(minutes=1)
_LEASE = timedelta(seconds=60)
_WAIT_SECONDS = 20.0
_PAUSE_SECONDS = 0.1
_REFUSED = frozenset({400, 401, 403})


class CredentialsRefused(AccessRefused):
    """PeerTube takes neither the tokens nor the password of the portal's account."""


@dataclass(frozen=True)
class AccessToken:
    """A token and the number of its pair. The token itself is never shown by repr()."""

    value: str
    version: int

    def __repr__(self) -> str:
        return f"AccessToken(version={self.version})"

    @property
    def headers(self) -> dict[str, str]:
        """The headers of a call that is made with it."""
        return {"Authorization": f"Bearer {self.value}"}


class Sessions:
    """Gives the token with which a call is made."""

    def __init__(self, client: PlatformClient, username: str, password: str) -> None:
        self._client, self._username, self._password = client, username, password

    def access_token(self, *, refused: int | None = None) -> AccessToken:
        """A token that holds; `refused` is the number of the pair that PeerTube has just refused.

        Raises CredentialsRefused, Busy where too many tokens were asked for or another worker does not get one, CallError.
        """
        ends = time.monotonic() + _WAIT_SECONDS
        while True:
            row = PlatformSession.objects.get_or_create(platform=self._client.platform)[0]
            if (token := _held_token(row, refused)) is not None:
                return token
            if _claim(row):
                return self._renew(row)
            if time.monotonic() > ends:
                raise Busy(self._client.platform, "another worker is signing in", retry_after=_PAUSE_SECONDS)
            time.sleep(_PAUSE_SECONDS)

    def _renew(self, row: PlatformSession) -> AccessToken:
        try:
            given = self._refresh(row) or self._sign_in()
            return _keep(row, given)
        finally:
            PlatformSession.objects.filter(pk=row.pk, renewing_until=row.renewing_until).update(renewing_until=None)

    def _refresh(self, row: PlatformSession) -> dict[str, Any] | None:
        token = _open(row, row.refresh_sealed)
        if not token:
            return None
        return self._ask({"grant_type": "refresh_token", "refresh_token": token})

    def _sign_in(self) -> dict[str, Any]:
        words = {"grant_type": "password", "username": self._username, "password": self._password}
        given = self._ask(words)
        if given is None:
            raise CredentialsRefused("the platform refuses the portal's account")
        return given

    def _ask(self, words: dict[str, str]) -> dict[str, Any] | None:
        """The new pair; None if it is refused."""
        app = answers.require_success(self._client.call("GET", "/api/v1/oauth-clients/local")).json()
        named = {"client_id": members.member(app, "client_id"), "client_secret": members.member(app, "client_secret")}
        _count_call(self._client.platform)
        answer = self._client.call("POST", "/api/v1/users/token", form={**named, **words}, repeatable=False)
        if answer.status in _REFUSED:
            return None
        pair: dict[str, Any] = answers.require_success(answer).json()
        return pair


def renew_sealed_tokens() -> int:
    """Encrypt tokens under the current key; returns how many were. Tokens that do not open are got anew when needed."""
    renewed = 0
    for row in PlatformSession.objects.exclude(access_sealed=""):
        try:
            access, refresh = (
                vault.renew_text(one, bound_to=row.bound_to) for one in (row.access_sealed, row.refresh_sealed)
            )
        except vault.Tampered:
            continue
        if (access, refresh) != (row.access_sealed, row.refresh_sealed):
            same = PlatformSession.objects.filter(pk=row.pk, version=row.version)
            renewed += same.update(access_sealed=access, refresh_sealed=refresh)
    return renewed


def _now() -> datetime:
    # The platform ends its tokens by its own clock, also where a demo has moved the portal's.
    return datetime.now(UTC)


def _held_token(row: PlatformSession, refused: int | None) -> AccessToken | None:
    if row.version == refused or row.access_until is None or row.access_until - _EARLY <= _now():
        return None
    value = _open(row, row.access_sealed)
    return AccessToken(value, row.version) if value else None


def _open(row: PlatformSession, sealed: str) -> str:
    """The token; "" for none, and for one whose key is gone."""
    try:
        return vault.decrypt_text(sealed, bound_to=row.bound_to) if sealed else ""
    except vault.Tampered:
        return ""


def _claim(row: PlatformSession) -> bool:
    """Take the lease for the next pair, unless somebody has it, or has got the pair meanwhile."""
    now = _now()
    free = Q(renewing_until=None) | Q(renewing_until__lte=now)
    row.renewing_until = now + _LEASE
    same = PlatformSession.objects.filter(free, pk=row.pk, version=row.version)
    return same.update(renewing_until=row.renewing_until) == 1


def _count_call(platform: str) -> None:
    """Count a call for tokens; raises Busy with the seconds until the next one may be made."""
    now = _now()
    rows = PlatformSession.objects.filter(platform=platform)
    old = Q(counted_from=None) | Q(counted_from__lte=now - TOKEN_WINDOW) | Q(counted_from__gt=now)
    rows.filter(old).update(counted_from=now, token_calls=0)
    if rows.filter(token_calls__lt=MOST_TOKEN_CALLS).update(token_calls=F("token_calls") + 1) == 0:
        since = rows.values_list("counted_from", flat=True).get() or now
        left = (since + TOKEN_WINDOW - now).total_seconds()
        raise Busy(platform, "too many tokens were asked for", retry_after=max(left, 1.0))


def _keep(row: PlatformSession, given: dict[str, Any]) -> AccessToken:
    """Keep the pair; one that was kept meanwhile by a worker whose lease had ended is replaced, as it ended with this one."""
    access, refresh = members.member(given, "access_token"), members.member(given, "refresh_token")
    until = _now() + timedelta(seconds=members.count(given.get("expires_in", 0)))
    version = row.version + 1
    PlatformSession.objects.filter(pk=row.pk).update(
        access_sealed=vault.encrypt_text(access, bound_to=row.bound_to),
        refresh_sealed=vault.encrypt_text(refresh, bound_to=row.bound_to),
        access_until=until,
        version=version,
    )
    return AccessToken(access, version)
