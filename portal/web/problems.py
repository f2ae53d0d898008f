"""Errors in the API: one shape for all of them, the rules' own refusals included.

`{"type": "client_error", "errors": [{"code": "conflict", "detail": "...", "attr": null}]}`; `type` is
validation_error, client_error or server_error, and only a validation error names a field in `attr`.
"""

from http import HTTPStatus
from typing import Any

from django.urls.converters import StringConverter
from drf_standardized_errors.handler import ExceptionHandler
from drf_standardized_errors.openapi_serializers import ValidationErrorEnum
from rest_framework import exceptions, permissions, serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from portal.errors import DomainError, Invalid
from portal.web.busy import BUSY_DETAIL, RETRY_SECONDS, is_busy


class Busy(exceptions.APIException):
    """The database had no time; the same request may be sent again."""

    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    default_code = "busy"
    default_detail = BUSY_DETAIL
    wait = RETRY_SECONDS  # DRF sends it as Retry-After


class ProblemHandler(ExceptionHandler):
    """drf-standardized-errors, which learns what a DomainError is."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        """What a rule refused, as DRF says it; everything else as before."""
        if isinstance(exc, DomainError):
            return _problem(exc)
        if is_busy(exc):
            return Busy()
        converted: Exception = super().convert_known_exceptions(exc)
        return converted


class ProblemDetailSerializer(serializers.Serializer[Any]):
    """One thing that is wrong."""

    code = serializers.CharField(help_text="Short and stable, for programs.")
    detail = serializers.CharField(help_text="A sentence, in the language of the request.")
    attr = serializers.CharField(allow_null=True, help_text="The field it belongs to.")


class QuestionProblemSerializer(serializers.Serializer[Any]):
    """What a question is answered with that cannot be understood (400)."""

    type = serializers.ChoiceField(ValidationErrorEnum.choices)
    errors = ProblemDetailSerializer(many=True)  # type: ignore[assignment]  # the field hides the property


class BodyProblemSerializer(serializers.Serializer[Any]):
    """The same for a question that is sent as JSON, which may be none."""

    type = serializers.CharField(help_text="validation_error; client_error where the body is no JSON.")
    errors = ProblemDetailSerializer(many=True)  # type: ignore[assignment]  # the field hides the property


class AnythingConverter(StringConverter):
    """Matches whatever an address may hold, line breaks too, which Django's `path` does not."""

    regex = r"[\s\S]+"


class UnknownEndpoint(APIView):
    """Answers for every path under /api/ that is none, so that clients never get a page."""

    permission_classes = (permissions.AllowAny,)
    throttle_classes = ()
    schema = None

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Not found, whatever the method."""
        raise exceptions.NotFound


def _problem(error: DomainError) -> exceptions.APIException:
    if isinstance(error, Invalid):
        detail = {name: list(map(str, texts)) for name, texts in error.fields.items()} or str(error.message)
        problem: exceptions.APIException = exceptions.ValidationError(detail, code=error.code)
    else:
        problem = exceptions.APIException(str(error.message), code=error.code)
    problem.status_code = error.status
    return problem
