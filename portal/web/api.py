"""What the APIs of the products share: pages of a list, reading what was sent, examples for the documentation."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, inline_serializer
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portal.web.pagination import BadCursor, rows_after

PAGE_SIZE, MAX_PAGE_SIZE = 20, 100
_NEWEST_FIRST = ("-started_at", "-pk")


class ListQuestion(serializers.Serializer[Any]):
    """Which page of a list, and of what was changed since when."""

    cursor = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=300, help_text="From `next` of the previous page."
    )
    page_size = serializers.IntegerField(
        required=False, default=PAGE_SIZE, min_value=1, max_value=MAX_PAGE_SIZE, help_text="Rows per page."
    )
    updated_since = serializers.DateTimeField(
        required=False, help_text="Only rows changed at or after this date and time; include the time zone."
    )


class AskedSerializer(serializers.Serializer[Any]):
    """Nothing is wrong, and nothing was done yet: the same request is to be sent again after `Retry-After` seconds."""

    code = serializers.CharField(help_text="Short, stable code for programs.")
    detail = serializers.CharField(help_text="A message in the language of the request.")


def asked_response(code: str) -> Response:
    """202: a platform is being asked about what the request names."""
    detail = _("The platform is being queried. Please send the same request again in a few seconds.")
    return Response({"code": code, "detail": detail}, status=HTTPStatus.ACCEPTED, headers={"Retry-After": "2"})


def page_schema(name: str, rows: type[serializers.BaseSerializer[Any]]) -> serializers.Serializer[Any]:
    """How the documentation describes a page of a list."""
    fields = {
        "next": serializers.URLField(allow_null=True, help_text="Address of the next page; null at the end."),
        "results": rows(many=True),
    }
    return inline_serializer(name, fields=fields)


def example_page(value: object) -> list[OpenApiExample]:
    """An example of a page of a list that has this one row."""
    return example_response({"next": None, "results": [value]})


def page_response(view: generics.GenericAPIView[Model], rows: QuerySet[Model], question: dict[str, Any]) -> Response:
    """A page of rows with `started_at`, newest first, so that any depth costs the same and nothing is shown twice.

    `question` is what a ListQuestion read. Raises ValidationError (400) for a cursor that was made up.
    """
    try:
        found, after = rows_after(rows, question["cursor"], order=_NEWEST_FIRST, size=question["page_size"])
    except BadCursor as error:
        raise bad_cursor("cursor") from error
    data = view.get_serializer(found, many=True).data
    return Response({"next": next_page_url(view.request, cursor=after), "results": data})


def next_page_url(request: Request, **cursor: str | None) -> str | None:
    """The address of this request with another cursor; None at the end of the list."""
    if None in cursor.values():
        return None
    query = {**request.query_params.dict(), **cursor}
    return str(request.build_absolute_uri("?" + urlencode(query)))


def bad_cursor(name: str) -> serializers.ValidationError:
    """What a cursor that was made up is answered with."""
    return serializers.ValidationError({name: [_("This is not a cursor of this list. Start without one.")]})


def validated_data(form: type[serializers.Serializer[Any]], data: Any) -> dict[str, Any]:
    """What was sent, as the serializer reads it; raises ValidationError (400) with a sentence for each field."""
    question = form(data=data)
    question.is_valid(raise_exception=True)
    return dict(question.validated_data)


def example_response(value: object, *, status: str = "200") -> list[OpenApiExample]:
    """An example of an answer."""
    return [OpenApiExample("example", value, response_only=True, status_codes=[status])]
