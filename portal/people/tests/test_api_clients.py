"""API clients: made, limited, ended; their tokens and what these open."""

import base64
import re
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from allauth.idp.oidc.models import Client as ApiClient
from allauth.idp.oidc.models import Token
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from portal import clock
from portal.audit.models import AuditEvent
from portal.errors import Conflict, Invalid, NotAllowed
from portal.people import client_secrets, client_use
from portal.people.actions import api_clients, changes
from portal.people.models import ApiClientUse, ChangeRequest, User
from portal.people.tokens import ClientToken, Scope, platform_of_client, requires_scope

pytestmark = pytest.mark.django_db


def ask(client: Client, api: ApiClient, secret: str, **data: str) -> Any:
    basic = base64.b64encode(f"{api.pk}:{secret}".encode()).decode()
    return client.post(
        "/identity/o/api/token",
        {"grant_type": "client_credentials", **data},
        headers={"authorization": f"Basic {basic}"},
    )


def authenticated(value: str) -> Request:
    raw = APIRequestFactory().get("/", headers={"authorization": f"Bearer {value}"})
    return Request(raw, authenticators=[ClientToken()])


@pytest.fixture
def api() -> tuple[ApiClient, str]:
    return api_clients.create_client(name="Video platform", platform="sandbox", scopes=[Scope.GATE])


def test_client_gets_a_token_for_its_scopes(client: Client, api: tuple[ApiClient, str]) -> None:
    answer = ask(client, *api)
    assert answer.status_code == 200, answer.content
    assert answer.json()["token_type"] == "Bearer"
    assert "no-store" in answer["Cache-Control"]
    request = authenticated(answer.json()["access_token"])
    assert isinstance(request.auth, Token)
    assert requires_scope(Scope.GATE)().has_permission(request, None)  # type: ignore[arg-type]
    assert not requires_scope(Scope.APPLICATIONS)().has_permission(request, None)  # type: ignore[arg-type]


def test_scope_that_the_client_does_not_have_is_refused(client: Client, api: tuple[ApiClient, str]) -> None:
    answer = ask(client, *api, scope=Scope.APPLICATIONS.value)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


def test_wrong_secret_and_other_grants_are_refused(client: Client, api: tuple[ApiClient, str]) -> None:
    assert ask(client, api[0], "wrong").status_code == 401
    assert ask(client, *api, grant_type="password", username="a", password="b").status_code == 400
    assert ask(client, *api, grant_type="authorization_code", code="x").status_code == 400
    assert client.get("/identity/o/api/token").status_code == 405
    assert not Token.objects.exists()


def test_guessing_secrets_is_bounded(client: Client) -> None:
    codes = [client.post("/identity/o/api/token", {"grant_type": "client_credentials"}).status_code for _ in range(31)]
    assert set(codes[:30]) == {401}
    assert codes[30] == 429


def test_people_s_tokens_and_nonsense_open_nothing(creator: User, api: tuple[ApiClient, str]) -> None:
    theirs = Token(type=Token.Type.ACCESS_TOKEN, client=api[0], user=creator, scopes=Scope.GATE)
    theirs.set_value("person")
    theirs.save()
    for value in ("person", "nonsense", ""):
        with pytest.raises(AuthenticationFailed):
            authenticated(value).user  # noqa: B018 -- asking is what authenticates


def test_scopes_and_secrets_change_for_two_and_end_the_tokens(
    client: Client, admin: User, second_admin: User, api: tuple[ApiClient, str]
) -> None:
    value = ask(client, *api).json()["access_token"]
    change = api_clients.ask_for_scopes(client=api[0], scopes=[Scope.APPLICATIONS], reason="new part", by=admin)
    assert authenticated(value).user is not None, "nothing has changed yet"
    changes.approve_change(change=change, by=second_admin)
    assert ApiClient.objects.get().get_scopes() == [Scope.APPLICATIONS]
    with pytest.raises(AuthenticationFailed):
        authenticated(value).user  # noqa: B018
    with pytest.raises(NotAllowed):
        api_clients.draw_client_secret(client=api[0], by=admin)
    renewal = api_clients.ask_for_secret(client=api[0], reason="lost", by=admin)
    changes.approve_change(change=renewal, by=second_admin)
    assert ask(client, *api).status_code == 200, "the old one counts until the new one is drawn"
    row = ApiClient.objects.get()
    with pytest.raises(NotAllowed):
        api_clients.draw_client_secret(client=row, by=second_admin)
    stale = ApiClient.objects.get()
    secret = api_clients.draw_client_secret(client=row, by=admin)
    with pytest.raises(Conflict):
        api_clients.draw_client_secret(client=stale, by=admin)
    assert ask(client, *api).status_code == 200, "the old one counts for a day more"
    assert ask(client, row, secret).status_code == 200
    api_clients.end_client(client=row, by=admin)
    assert not Token.objects.exists()
    made = list(AuditEvent.objects.filter(event__startswith="people.api_client.").values_list("event", flat=True))
    verbs = ["created", "scopes_changed", "secret_allowed", "secret_renewed", "ended"]
    assert made == [f"people.api_client.{verb}" for verb in verbs]


def test_a_client_is_made_when_a_second_administrator_agrees_and_its_secret_is_drawn_once(
    client: Client, admin: User, second_admin: User
) -> None:
    client.force_login(admin)
    data = {"name": "Feed", "platform": "sandbox", "scopes": [Scope.GATE], "reason": "the new feed"}
    assert client.post(reverse("admin:allauth_idp_oidc_client_add"), data).status_code == 302
    assert not ApiClient.objects.exists()
    changes.approve_change(change=ChangeRequest.objects.get(), by=second_admin)
    made = ApiClient.objects.get()
    assert (platform_of_client(made), made.get_scopes()) == ("sandbox", [Scope.GATE])
    address = reverse("admin:api_client_secret", args=[made.pk])
    shown = client.post(address).content.decode()
    secret = re.findall(r"<code>([^<]+)</code>", shown)[1]
    assert ask(client, made, secret).status_code == 200
    assert "Request a new secret" in client.get(address).content.decode()


def renewed(row: ApiClient, admin: User, second_admin: User) -> tuple[ApiClient, str]:
    changes.approve_change(
        change=api_clients.ask_for_secret(client=row, reason="half a year", by=admin), by=second_admin
    )
    row.refresh_from_db()
    return row, api_clients.draw_client_secret(client=row, by=admin)


def test_both_secrets_are_taken_for_a_day_and_tokens_stay(
    client: Client, admin: User, second_admin: User, api: tuple[ApiClient, str]
) -> None:
    value = ask(client, *api).json()["access_token"]
    row, secret = renewed(api[0], admin, second_admin)
    assert authenticated(value).user is not None
    with clock.freeze_time(clock.now() + timedelta(hours=23)):
        assert ask(client, *api).status_code == 200
    with clock.freeze_time(clock.now() + timedelta(hours=24)):
        assert ask(client, *api).status_code == 401
        assert ask(client, row, secret).status_code == 200
    assert ask(client, row, "neither").status_code == 401


def test_no_third_secret_is_drawn_while_two_are_valid(
    client: Client, admin: User, second_admin: User, api: tuple[ApiClient, str]
) -> None:
    row, _secret = renewed(api[0], admin, second_admin)
    with pytest.raises(Conflict, match="Two secrets are valid until"):
        renewed(row, admin, second_admin)
    client.force_login(admin)
    shown = client.post(reverse("admin:api_client_secret", args=[row.pk]), follow=True).content.decode()
    assert "Two secrets are valid until" in shown
    assert ask(client, *api).status_code == 200, "the first one counts for as long as promised"
    with clock.freeze_time(clock.now() + timedelta(hours=24)):
        third = api_clients.draw_client_secret(client=ApiClient.objects.get(), by=admin)
        assert ask(client, row, third).status_code == 200


def test_once_the_old_secret_is_ended_another_can_be_drawn(
    admin: User, second_admin: User, api: tuple[ApiClient, str]
) -> None:
    row, second = renewed(api[0], admin, second_admin)
    api_clients.end_previous_secret(client=row, by=admin)
    row, third = renewed(ApiClient.objects.get(), admin, second_admin)
    assert [row.check_secret(one) for one in (api[1], second, third)] == [False, True, True]


def test_the_old_secret_can_be_ended_at_once(
    client: Client, admin: User, second_admin: User, api: tuple[ApiClient, str]
) -> None:
    value = ask(client, *api).json()["access_token"]
    row, secret = renewed(api[0], admin, second_admin)
    api_clients.end_previous_secret(client=row, by=admin)
    assert ask(client, *api).status_code == 401
    assert ask(client, row, secret).status_code == 200
    with pytest.raises(AuthenticationFailed):
        authenticated(value).user  # noqa: B018
    with pytest.raises(Conflict):
        api_clients.end_previous_secret(client=row, by=admin)


def test_a_secret_that_nobody_was_told_is_not_kept_beside_the_first(admin: User, second_admin: User) -> None:
    change = api_clients.ask_for_client(name="x", platform="sandbox", scopes=[Scope.GATE], reason="y", by=admin)
    changes.approve_change(change=change, by=second_admin)
    row = ApiClient.objects.get()
    api_clients.draw_client_secret(client=row, by=admin)
    assert client_secrets.previous_secret_until(ApiClient.objects.get()) is None
    renewed(row, admin, second_admin)
    assert client_secrets.previous_secret_until(ApiClient.objects.get()) is not None


def test_last_use_is_written_once_a_minute(
    client: Client, admin: User, api: tuple[ApiClient, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_use, "_looked_at", {})
    value = ask(client, *api).json()["access_token"]
    assert not ApiClientUse.objects.exists()
    authenticated(value).user  # noqa: B018
    first = ApiClientUse.objects.get().last_used_at
    with CaptureQueriesContext(connection) as queries:
        authenticated(value).user  # noqa: B018
    assert len(queries) == 1, "the token alone"
    with clock.freeze_time(first + timedelta(seconds=59)):
        client_use._looked_at.clear()  # as another process
        authenticated(value).user  # noqa: B018
        assert ApiClientUse.objects.get().last_used_at == first
    with clock.freeze_time(first + timedelta(seconds=60)):
        client_use._looked_at.clear()
        authenticated(value).user  # noqa: B018
        assert ApiClientUse.objects.get().last_used_at == first + timedelta(seconds=60)
    client.force_login(admin)
    page = client.get(reverse("admin:allauth_idp_oidc_client_changelist")).content.decode()
    assert "last used" in page.lower()
    api_clients.end_client(client=api[0], by=admin)
    assert not ApiClientUse.objects.exists()


def test_revoked_token_is_worth_nothing(client: Client, api: tuple[ApiClient, str]) -> None:
    value = ask(client, *api).json()["access_token"]
    basic = base64.b64encode(f"{api[0].pk}:{api[1]}".encode()).decode()
    done = client.post("/identity/o/api/revoke", {"token": value}, headers={"authorization": f"Basic {basic}"})
    assert done.status_code == 200
    with pytest.raises(AuthenticationFailed):
        authenticated(value).user  # noqa: B018


def test_only_administrators_ask_for_clients(creator: User, admin: User) -> None:
    wanted: dict[str, Any] = {"name": "x", "platform": "sandbox", "scopes": [Scope.GATE], "reason": "y"}
    with pytest.raises(NotAllowed):
        api_clients.ask_for_client(**wanted, by=creator)
    mistakes: list[dict[str, Any]] = [
        {"scopes": ["everything"]},
        {"scopes": []},
        {"platform": "elsewhere"},
        {"name": " "},
    ]
    for wrong in mistakes:
        with pytest.raises(Invalid):
            api_clients.ask_for_client(**{**wanted, **wrong}, by=admin)


def test_command_prints_the_secret_once(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("api_client", "Video platform", "--platform", "sandbox", "--scopes", "gate:read", "applications:read")
    out = capsys.readouterr().out
    made = ApiClient.objects.get()
    assert made.pk in out
    assert made.check_secret(out.split("client_secret")[1].split()[0])
    assert sorted(made.get_scopes()) == ["applications:read", "gate:read"]
    assert platform_of_client(made) == "sandbox"
    with pytest.raises(CommandError, match="Unknown scope"):
        call_command("api_client", "x", "--platform", "sandbox", "--scopes", "everything")
    with pytest.raises(CommandError, match="Unknown platform"):
        call_command("api_client", "x", "--platform", "elsewhere", "--scopes", "gate:read")


def test_a_token_costs_no_password_s_hash(client: Client, api: tuple[ApiClient, str]) -> None:
    program, secret = api
    _algorithm, rounds, _salt, _hash = program.secret.split("$")
    assert int(rounds) <= 1000
    assert secret not in program.secret
    assert program.check_secret(secret)
    assert not program.check_secret(f"{secret}x")


def test_the_web_server_has_its_pages_imported_before_it_forks() -> None:
    loaded = "import sys, portal.wsgi; print('portal.urls' in sys.modules, 'portal.people.views.tokens' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, text=True, check=True, cwd=settings.BASE_DIR
    )
    assert run.stdout.split()[-2:] == ["True", "True"]
