"""Compares every call to the reference platform, and its answer, with the contract's document."""

import json
import re
from collections.abc import Callable
from typing import Any

from jsonschema import Draft202012Validator

from portal.connectors.http.connector import HttpPlatform
from portal.outbound.http import Answer
from portal.platforms import openapi

CONTRACT = openapi.load_contract()
_PATHS = [(re.compile(re.sub(r"\{[a-z_]+\}", "[^/]+", path)), calls) for path, calls in CONTRACT["paths"].items()]


def check_calls(platform: HttpPlatform) -> None:
    """Let the platform's client refuse what the contract does not know."""
    platform._client.call = _checked(platform._client.call)  # type: ignore[method-assign]


def _checked(call: Callable[..., Answer]) -> Callable[..., Answer]:
    def checked(method: str, path: str, **given: Any) -> Answer:
        operation = _operation(method, path)
        _check_request(operation, given)
        answer = call(method, path, **given)
        if not _is_page(answer):
            _check_answer(operation, answer)
        return answer

    return checked


def _is_page(answer: Answer) -> bool:
    """What a fault has put in the place of an answer."""
    return str(answer.headers.get("Content-Type")).startswith("text/html")


def _operation(method: str, path: str) -> dict[str, Any]:
    """The call with this path; one without parameters is found before others."""
    found = [calls for pattern, calls in _PATHS if pattern.fullmatch(path) and method.lower() in calls]
    assert found, f"the contract has no {method} {path}"
    operation: dict[str, Any] = found[0][method.lower()]
    return operation


def _check_request(operation: dict[str, Any], given: dict[str, Any]) -> None:
    parameters = [_resolve(row) for row in operation.get("parameters", ())]
    assert set(given.get("query") or {}) <= {row["name"] for row in parameters if row["in"] == "query"}
    if any(row["name"] == "Idempotency-Key" for row in parameters):
        assert 0 < len(given["headers"]["Idempotency-Key"]) <= 200
    body = _resolve(operation.get("requestBody", {}))
    assert bool(body) == (given.get("json") is not None)
    if body:
        _validate(body, "application/json", given["json"])


def _check_answer(operation: dict[str, Any], answer: Answer) -> None:
    answers = operation["responses"]
    known = _resolve(answers.get(str(answer.status), answers["default"]))
    if answer.status == 204:
        assert "204" in answers
        assert not answer.content
        return
    kind = str(answer.headers["Content-Type"]).partition(";")[0]
    _validate(known, kind, json.loads(answer.content))


def _validate(holder: dict[str, Any], kind: str, value: Any) -> None:
    schema = {**holder["content"][kind]["schema"], "components": CONTRACT["components"]}
    Draft202012Validator(schema).validate(value)


def _resolve(row: dict[str, Any]) -> dict[str, Any]:
    found: Any = CONTRACT
    for part in row.get("$ref", "").split("/")[1:]:
        found = found[part]
    return found if "$ref" in row else row
