"""Lists in pages."""

from typing import TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest

SIZE = 20
Row = TypeVar("Row", bound=Model)


def page_of(request: HttpRequest, rows: QuerySet[Row]) -> Page[Row]:
    """The page that `?page=` asks for; a number that makes no sense shows the nearest page."""
    return Paginator(rows, SIZE).get_page(request.GET.get("page"))
