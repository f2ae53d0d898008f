"""The contract for platforms is a right OpenAPI 3.1 document, which the reference platform keeps to."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator

from portal.platforms import openapi, reference
from portal.platforms.orders import EXCLUSIONS
from portal.platforms.reference import server  # noqa: F401 -- with it, every module declares its calls
from portal.platforms.reference.calls import ROUTES

CONTRACT = openapi.load_contract()


def validator(schema: dict[str, Any]) -> Any:
    return Draft202012Validator({**schema, "components": CONTRACT["components"]})


def contents(node: Any) -> Iterator[dict[str, Any]]:
    """Every JSON content with its schema and its examples."""
    if isinstance(node, dict):
        for kind, content in node.get("content", {}).items():
            if kind.endswith("json"):
                yield content
        node = list(node.values())
    for one in node if isinstance(node, list) else ():
        yield from contents(one)


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """What a reference stands for, else the node itself."""
    found: Any = CONTRACT
    for part in node.get("$ref", "").split("/")[1:]:
        found = found[part]
    return found if "$ref" in node else node


def test_the_document_is_right() -> None:
    validate_schema(CONTRACT)  # type: ignore[no-untyped-call]


def test_every_example_fits_its_schema() -> None:
    found = [
        (content["schema"], one["value"]) for content in contents(CONTRACT) for one in content["examples"].values()
    ]
    assert len(found) > 20
    for schema, example in found:
        validator(schema).validate(example)


def test_every_call_has_an_example_answer_and_a_name_of_its_own() -> None:
    calls = [call for path in CONTRACT["paths"].values() for verb, call in path.items() if verb != "parameters"]
    assert len({call["operationId"] for call in calls}) == len(calls)
    for call in calls:
        assert "default" in call["responses"]
        (answer,) = (resolved(row) for status, row in call["responses"].items() if status in {"200", "202", "204"})
        assert all(content["examples"] for content in contents(answer)), call["operationId"]


def test_it_speaks_of_the_same_reasons_as_the_protocol() -> None:
    page = CONTRACT["components"]["schemas"]["MovedPage"]["properties"]["excluded"]
    assert tuple(page["propertyNames"]["enum"]) == EXCLUSIONS


def test_the_reference_platform_serves_every_call() -> None:
    asked = [
        (verb.upper(), re.sub(r"\{[a-z_]+\}", "x", path))
        for path, calls in CONTRACT["paths"].items()
        for verb in calls
        if verb != "parameters"
    ]
    missing = [
        (verb, path)
        for verb, path in asked
        if not any(one.method == verb and one.path.fullmatch(path) for one in ROUTES)
    ]
    assert missing == []


def test_the_reference_platform_can_be_read_in_one_go() -> None:
    folder = Path(reference.__file__).parent
    files = [*folder.glob("*.py"), *folder.glob("*.sql")]
    lines = [line for file in files for line in file.read_text().splitlines() if line.strip()]
    assert len(lines) < 700, "docs/connect-your-platform.md says how many there are"


@pytest.mark.django_db
def test_the_page_shows_every_call(client: Client) -> None:
    page = client.get("/api/platform/").content.decode()
    assert "POST /v1/followers/move" in page
    assert page.count('<section class="card card-body"') == sum(
        len([verb for verb in calls if verb != "parameters"]) for calls in CONTRACT["paths"].values()
    )
    answer = client.get("/api/platform/openapi.json")
    assert answer.json() == CONTRACT
