"""What the APIs of the products share: pages of a list, reading what was sent, examples for the documentation."""

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request


class NewestFirstPagination(CursorPagination):
    """Pages by key of rows with `started_at`, so that any depth costs the same and nothing is shown twice."""

    ordering = ("-started_at", "-pk")
    page_size = 20

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        """The page of the cursor; 404 for a cursor that was made up."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (DjangoValidationError, ValueError) as error:
            raise NotFound(self.invalid_cursor_message) from error


def validated_data(form: type[serializers.Serializer[Any]], data: Any) -> dict[str, Any]:
    """What was sent, as the serializer reads it; raises ValidationError (400) with a sentence for each field."""
    question = form(data=data)
    question.is_valid(raise_exception=True)
    return dict(question.validated_data)


def example_response(value: object, *, status: str = "200") -> list[OpenApiExample]:
    """An example of an answer."""
    return [OpenApiExample("example", value, response_only=True, status_codes=[status])]
