"""Pages by key: the cursor names the last row seen, so that page 10,000 costs what page 1 costs and no row shows twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

SIZE = 20
_SALT = "portal.web.pagination"
Row = TypeVar("Row", bound=Model)


class BadCursor(ValueError):
    """A text that was given as a cursor and is none."""


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of rows, with addresses of the next and the previous, or empty text."""

    rows: list[Row]
    next_url: str = ""
    previous_url: str = ""

    def __iter__(self) -> Any:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def keyset_page(request: HttpRequest, rows: QuerySet[Row], *, order: Sequence[str], size: int = SIZE) -> Page[Row]:
    """The page that `?cursor=` asks for.

    `order` are field names of the row itself, `-` for descending, the last one unique (`pk`); none
    may be null. A cursor that was tampered with shows the first page. One query.
    """
    try:
        backwards, values = _read(request.GET.get("cursor", ""), order)
    except BadCursor:
        backwards, values = False, []
    way = [_flip(name) for name in order] if backwards else list(order)
    got, more = _read_rows(rows, way, values, size)
    if backwards:
        got.reverse()
    has_next, has_previous = (bool(values), more) if backwards else (more, bool(values))
    return Page(
        got,
        _address(request, "n", order, got[-1]) if got and has_next else "",
        _address(request, "p", order, got[0]) if got and has_previous else "",
    )


def rows_after(
    rows: QuerySet[Row], cursor: str, *, order: Sequence[str], size: int = SIZE
) -> tuple[list[Row], str | None]:
    """The rows that follow a cursor ("" for the first ones), and the cursor that continues; None at the end.

    `order` is as for `keyset_page`. Raises BadCursor for a text that was never a cursor of this order. One query.
    """
    _backwards, values = _read(cursor, order)
    got, more = _read_rows(rows, order, values, size)
    return got, _cursor("n", order, got[-1]) if more else None


def _read_rows(rows: QuerySet[Row], order: Sequence[str], values: Sequence[Any], size: int) -> tuple[list[Row], bool]:
    """At most `size` rows beyond `values` in `order`, and whether there are more."""
    found = rows.filter(_after(order, values)) if values else rows
    got = list(found.order_by(*order)[: size + 1])
    return got[:size], len(got) > size


def _after(order: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows that come after `values` in `order`: the first field beyond, or equal and the next beyond, and so on.

    The bound of the first field follows from the rest, but only it lets PostgreSQL begin in the middle of an index.
    """
    condition, equal = Q(), Q()
    for name, value in zip(order, values, strict=True):
        field = name.lstrip("-")
        step = "lt" if name.startswith("-") else "gt"
        condition |= equal & Q(**{f"{field}__{step}": value})
        equal &= Q(**{field: value})
    first = f"{order[0].lstrip('-')}__{'lte' if order[0].startswith('-') else 'gte'}"
    return condition & Q(**{first: values[0]})


def _flip(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _read(cursor: str, order: Sequence[str]) -> tuple[bool, list[Any]]:
    """Whether the cursor looks backwards, and the values of its row; no values for "". Raises BadCursor."""
    if not cursor:
        return False, []
    try:
        direction, *values = signing.loads(cursor, salt=_salt(order))
    except (signing.BadSignature, ValueError) as error:
        raise BadCursor(cursor) from error
    return direction == "p", [_restore(value) for value in values]


def _restore(value: Any) -> Any:
    return datetime.fromisoformat(value["at"]) if isinstance(value, dict) else value


def _keep(value: Any) -> Any:
    return {"at": value.isoformat()} if isinstance(value, datetime) else value


def _address(request: HttpRequest, direction: str, order: Sequence[str], row: Model) -> str:
    query = request.GET.copy()
    query["cursor"] = _cursor(direction, order, row)
    return f"?{query.urlencode()}"


def _cursor(direction: str, order: Sequence[str], row: Model) -> str:
    values = [_keep(getattr(row, name.lstrip("-"))) for name in order]
    return signing.dumps([direction, *values], salt=_salt(order))


def _salt(order: Sequence[str]) -> str:
    """Cursors belong to their order: one of another list names other columns."""
    return ":".join([_SALT, *order])
