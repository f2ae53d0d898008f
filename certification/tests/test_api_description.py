"""The description of the API is valid and whole, and open to everybody."""

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils.functional import Promise

from certification import public
from certification.api import serializers

pytestmark = pytest.mark.django_db


def test_description_is_valid_and_whole(tmp_path: Any) -> None:
    file = tmp_path / "schema.json"
    call_command("spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", "--file", str(file))
    schema = json.loads(file.read_text())
    assert schema["openapi"] == "3.1.1"
    for path, methods in schema["paths"].items():
        operation = methods.get("get") or methods["post"]
        assert operation["summary"], path
        answers = operation["responses"]
        assert "examples" in answers["200"]["content"]["application/json"], path
        assert "429" in answers, path
        assert {"401", "403"} <= set(answers) or operation["tags"] == ["Register"], path
    assert schema["paths"]["/api/v1/gate/"]["get"]["security"] == [{"clientCredentials": ["gate:read"]}]


def test_description_and_its_page_are_open_to_everybody(client: Client) -> None:
    assert client.get("/api/schema/?format=json").status_code == 200
    assert client.get("/api/docs/").status_code == 200


def test_gate_s_codes_are_all_described() -> None:
    assert set(public._REASONS) == set(serializers.GATE_CODES)
    assert all(isinstance(reason, Promise) for reason in public._REASONS.values())
