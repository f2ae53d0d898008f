"""What a page asks the database, and many rows to ask it with."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext

Row = TypeVar("Row", bound=models.Model)

_ROWS = 20
_numbers = itertools.count(1)


def count_queries(client: Client, url: str) -> int:
    """The number of queries of one look at a page, warmed up."""
    return _look(client, url)[0]


def assert_queries_do_not_grow(
    client: Client, url: str, add_row: Callable[[], object], *, is_full: bool = False
) -> None:
    """A page that shows what `add_row` makes asks as often for twenty rows as for one, and is longer then, unless it was full."""
    add_row()
    few, short = _look(client, url)
    for _row in range(_ROWS - 1):
        add_row()
    many, long = _look(client, url)
    assert is_full or len(long) > len(short), f"{url} does not show the rows"
    assert many == few, f"{url} asks {few} times for one row and {many} times for {_ROWS}"


def _look(client: Client, url: str) -> tuple[int, bytes]:
    client.get(url)
    with CaptureQueriesContext(connection) as seen:
        page = client.get(url)
    assert page.status_code == 200, f"{url}: {page.status_code}"
    return len(seen), page.content


def copy_row(row: Row, **changes: Any) -> Row:
    """Another row like it; of what must be unique, texts and numbers are varied, and rows referred to are copied."""
    model = type(row)
    copy = model._base_manager.get(pk=row.pk)
    copy.pk = model._meta.pk.get_default()
    copy._state.adding = True
    for field in _unique_fields(model):
        if field.name not in changes:
            setattr(copy, field.name, _another(field, getattr(copy, field.name)))
    for name, value in changes.items():
        setattr(copy, name, value)
    copy.save(force_insert=True)
    return copy


def _unique_fields(model: type[models.Model]) -> Iterator["models.Field[Any, Any]"]:
    """One field of each set that two rows may not share."""
    yield from (field for field in model._meta.concrete_fields if field.unique and not field.primary_key)
    for constraint in model._meta.constraints:
        name = ""
        if isinstance(constraint, models.UniqueConstraint) and constraint.fields:
            name = constraint.fields[-1]
        elif isinstance(constraint, ExclusionConstraint):
            name = str(constraint.expressions[0][0])
        yield from (field for field in model._meta.concrete_fields if field.name == name)


def _another(field: "models.Field[Any, Any]", value: Any) -> Any:
    number = next(_numbers)
    if value is None or (isinstance(field, models.OneToOneField) and field.null):
        return None
    if isinstance(value, models.Model):
        return copy_row(value)
    if isinstance(value, str):
        return f"{number}{value}"[: field.max_length]
    return value + number
