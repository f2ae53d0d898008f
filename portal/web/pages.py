"""How views answer with a page or a piece of one."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.http import reselect, reswap, retarget

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails


def render_page(
    request: HttpRequest, template: str, context: dict[str, Any], *, wrong: bool = False, status: int | None = None
) -> HttpResponse:
    """The page; `wrong` when what was sent is shown again with its errors (422)."""
    return render(request, template, context, status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else status)


def is_partial(request: HttpRequest) -> bool:
    """Whether htmx asks for a piece of the page and not, by a boosted link, for all of it."""
    htmx = cast("HtmxDetails", request.htmx)  # type: ignore[attr-defined]
    return bool(htmx) and not htmx.boosted


def replace_page(page: HttpResponse) -> HttpResponse:
    """The page as the answer to a piece of it that asked: htmx then shows all of it, so that no part contradicts another."""
    return reswap(reselect(retarget(page, "main"), "main"), "outerHTML")
