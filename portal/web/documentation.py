"""The API's own page: every call with its questions, answers, errors and scopes, read from the OpenAPI description.

Rendered on the server in the site's components, so that it reads without scripts, in both colour themes
and with a screen reader; Swagger UI does none of these. Programs take the description itself.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator


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
    questions: tuple[dict[str, Any], ...]
    answers: tuple[ApiAnswer, ...]


@require_safe
def api_documentation(request: HttpRequest) -> HttpResponse:
    """Every endpoint with its examples, errors and scopes."""
    base = settings.BASE_URL
    return render(request, "web/api_docs.html", {"groups": _groups(), "base": base, "tokens": f"{base}{_token_path()}"})


@cache
def _schema() -> dict[str, Any]:
    # Kept for all readers, so in one language: that of the descriptions.
    with translation.override("en"):
        schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return schema


@cache
def _groups() -> dict[str, list[ApiCall]]:
    groups: dict[str, list[ApiCall]] = {}
    with translation.override("en"):
        for path, methods in _schema()["paths"].items():
            for method, operation in methods.items():
                call = _call(path, method, operation)
                groups.setdefault(call.group, []).append(call)
    return groups


def _call(path: str, method: str, operation: dict[str, Any]) -> ApiCall:
    return ApiCall(
        name=operation["operationId"],
        group=operation["tags"][0],
        address=f"{method.upper()} {path}",
        summary=operation["summary"],
        description=operation.get("description", ""),
        callers=tuple(_callers(operation)),
        questions=tuple(_question(row) for row in operation.get("parameters", ()) if row["in"] == "query"),
        answers=tuple(_answers(operation)),
    )


def _callers(operation: dict[str, Any]) -> Iterator[str]:
    for way in operation.get("security", [{}]):
        yield from (" ".join([name, *scopes]) for name, scopes in way.items())
        if not way:
            yield ""


def _question(row: dict[str, Any]) -> dict[str, Any]:
    schema = row.get("schema", {})
    form = schema.get("format") or schema.get("type") or "choice"
    return {"name": row["name"], "needed": row.get("required", False), "form": form, "text": row.get("description", "")}


def _answers(operation: dict[str, Any]) -> Iterator[ApiAnswer]:
    for status, answer in sorted(operation["responses"].items()):
        content = answer.get("content", {}).get("application/json", {})
        shown = [json.dumps(one["value"], indent=2, ensure_ascii=False) for one in content.get("examples", {}).values()]
        yield ApiAnswer(status, HTTPStatus(int(status)).phrase, tuple(shown))


def _token_path() -> str:
    schemes = _schema()["components"]["securitySchemes"]
    return str(schemes["clientCredentials"]["flows"]["clientCredentials"]["tokenUrl"])
