"""Problem answers of the API for what fails before or outside of its views; of the shape that problems.py describes."""

import json
from collections.abc import Mapping
from http import HTTPStatus

from django.http import HttpResponse

from portal.errors import Text

API = "/api/"
_CODES = {
    HTTPStatus.BAD_REQUEST: "parse_error",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
    HTTPStatus.TOO_MANY_REQUESTS: "throttled",
    HTTPStatus.SERVICE_UNAVAILABLE: "busy",
}


def problem_text(status: int, detail: str) -> str:
    """The body: one error, without a field."""
    kind = "client_error" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "server_error"
    code = _CODES.get(HTTPStatus(status), "error")
    return json.dumps({"type": kind, "errors": [{"code": code, "detail": detail, "attr": None}]})


def problem_answer(status: int, detail: Text, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """The answer to a request under /api/."""
    text = problem_text(status, str(detail))
    return HttpResponse(text, status=status, content_type="application/json", headers=headers)
