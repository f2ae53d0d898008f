"""Pages of the API and of the contract for platforms: every call with its questions, answers, errors and scopes.

Read from the OpenAPI descriptions, and rendered on the server in the site's components, so that they read without
scripts, in both colour themes and with a screen reader; Swagger UI does none of these. Programs take the description itself.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from portal.platforms import openapi


@dataclass(frozen=True)
class ApiAnswer:
    """One answer of a call: status, its name, and examples as text."""

    status: str
    name: str
    examples: tuple[str, ...]


@dataclass(frozen=True)
class ApiCall:
    """One call as the page shows it."""

    name: str
    group: str
    address: str
    summary: str
    description: str
    callers: tuple[str, ...]
    bodies: tuple[str, ...]
    questions: tuple[dict[str, Any], ...]
    answers: tuple[ApiAnswer, ...]


@require_safe
def api_documentation(request: HttpRequest) -> HttpResponse:
    """Every endpoint with its examples, errors and scopes."""
    base = settings.BASE_URL
    return render(request, "web/api_docs.html", {"groups": _groups(), "base": base, "tokens": f"{base}{_token_path()}"})


@require_safe
def platform_contract(request: HttpRequest) -> HttpResponse:
    """What a platform serves that wants to join: every call with its examples and errors."""
    return render(request, "web/platform_contract.html", {"groups": _contract_groups(), "base": settings.BASE_URL})


@require_safe
def platform_contract_document(_request: HttpRequest) -> HttpResponse:
    """The same for programs."""
    answer = JsonResponse(openapi.load_contract(), json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


@cache
def _schema() -> dict[str, Any]:
    # Kept for all readers, so in one language: that of the descriptions.
    with translation.override("en"):
        schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return schema


@cache
def _groups() -> dict[str, list[ApiCall]]:
    with translation.override("en"):
        return _group_calls(_schema())


@cache
def _contract_groups() -> dict[str, list[ApiCall]]:
    return _group_calls(openapi.load_contract())


def _group_calls(schema: dict[str, Any]) -> dict[str, list[ApiCall]]:
    groups: dict[str, list[ApiCall]] = {}
    for path, methods in schema["paths"].items():
        common = methods.get("parameters", [])
        for method, operation in methods.items():
            if method != "parameters":
                call = _call(f"{method.upper()} {path}", operation, _Resolver(schema), common)
                groups.setdefault(call.group, []).append(call)
    return groups


class _Resolver:
    """Follows the references of a description within itself."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self._schema = schema

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        found = self._schema
        for part in row.get("$ref", "").split("/")[1:]:
            found = found[part]
        return found if "$ref" in row else row


def _call(address: str, operation: dict[str, Any], resolve: _Resolver, common: list[dict[str, Any]]) -> ApiCall:
    rows = [resolve(row) for row in (*common, *operation.get("parameters", ()))]
    return ApiCall(
        name=operation["operationId"],
        group=operation["tags"][0],
        address=address,
        summary=operation["summary"],
        description=operation.get("description", ""),
        callers=tuple(_callers(operation)) if "security" in operation else (),
        bodies=tuple(_examples(resolve(operation.get("requestBody", {})))),
        questions=tuple(_question(row, resolve) for row in rows if row["in"] in {"query", "header"}),
        answers=tuple(_answers(operation, resolve)),
    )


def _callers(operation: dict[str, Any]) -> Iterator[str]:
    for way in operation["security"]:
        yield from (" ".join([name, *scopes]) for name, scopes in way.items())
        if not way:
            yield ""


def _question(row: dict[str, Any], resolve: _Resolver) -> dict[str, Any]:
    schema = resolve(row.get("schema", {}))
    form = schema.get("format") or schema.get("type") or "choice"
    return {"name": row["name"], "needed": row.get("required", False), "form": form, "text": row.get("description", "")}


def _answers(operation: dict[str, Any], resolve: _Resolver) -> Iterator[ApiAnswer]:
    for status, given in sorted(operation["responses"].items()):
        answer = resolve(given)
        name = HTTPStatus(int(status)).phrase if status.isdecimal() else answer["description"]
        yield ApiAnswer(status, name, tuple(_examples(answer)))


def _examples(holder: dict[str, Any]) -> Iterator[str]:
    for kind, content in holder.get("content", {}).items():
        if kind in {"application/json", "application/problem+json"}:
            yield from (
                json.dumps(one["value"], indent=2, ensure_ascii=False) for one in content.get("examples", {}).values()
            )


def _token_path() -> str:
    schemes = _schema()["components"]["securitySchemes"]
    return str(schemes["clientCredentials"]["flows"]["clientCredentials"]["tokenUrl"])
