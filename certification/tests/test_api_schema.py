"""The API keeps its own description, whatever it is asked: schemathesis asks for everything, bounded."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from allauth.idp.oidc.models import Token
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import positive_data_acceptance

from certification.tests import factories as make
from portal.people.actions import api_clients
from portal.people.tokens import Scope
from portal.wsgi import application

_VALUE = "schema-token"
_MOST = int(os.environ.get("API_EXAMPLES", "10"))


@pytest.fixture
def _world(db: None) -> Iterator[None]:
    make.certificate("cn-law")
    client, _secret = api_clients.create_client(name="Platform", platform="sandbox", scopes=Scope.values)
    token = Token(type=Token.Type.ACCESS_TOKEN, client=client, scopes=client.scopes)
    token.set_value(_VALUE)
    token.save()
    # The test's transaction lives on one connection, which a real request would give back.
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


# No text holds NUL, which PostgreSQL cannot store; OpenAPI has no short word for that.
_CONFIG = SchemathesisConfig.from_dict({"generation": {"allow-x00": False}})
schema = schemathesis.openapi.from_wsgi("/api/schema/?format=json", application, config=_CONFIG)


@pytest.mark.usefixtures("_world")
@schema.parametrize()
@settings(
    max_examples=_MOST,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_as_described(case: Any) -> None:
    # Which of the gate's parameters go together, what a complaint must name, and that cursors are signed, is
    # beyond OpenAPI; the products' own test_api.py asks for it.
    beyond = case.operation.path.endswith(("/gate/", "/gate/accounts/", "/gate/professions/", "/complaints/")) or {
        "after",
        "cursor",
    } & set(case.query or {})
    excluded = [positive_data_acceptance] if beyond else []
    case.call_and_validate(headers={"Authorization": f"Bearer {_VALUE}"}, excluded_checks=excluded)
