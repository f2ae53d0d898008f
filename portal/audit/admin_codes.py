"""Codes in words on the pages of the admin: columns, fields and filters of what the tables keep as codes."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from django.contrib import admin
from django.db.models import Field, Model, QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst

from portal.errors import Text

# Words by code, in the reader's language, in the order in which a filter offers them; of another table, by its keys as text.
NamesByCode = Callable[[], Mapping[str, Text]]


class CodeColumn:
    """A column, or a read-only field, with the word for the code of a row; several codes are joined.

    One is made for each answer, so that the words are fetched once for all rows, in the reader's language.
    A code without a word is shown as it is.
    """

    empty_value_display = "-"

    def __init__(self, field: "Field[Any, Any]", names: NamesByCode) -> None:
        self.__name__ = self.admin_order_field = field.name
        self.short_description = field.verbose_name
        self._attribute, self._names = field.attname, names

    @cached_property
    def words(self) -> Mapping[str, Text]:
        """The words by code."""
        return self._names()

    def __call__(self, row: Model) -> str:
        value = getattr(row, self._attribute)
        codes = value if isinstance(value, list) else [value]
        return ", ".join(str(self.words.get(str(code), code)) for code in codes if code not in (None, ""))


class StateColumn:
    """A column, or a read-only field, with the state of a row in words."""

    __name__ = admin_order_field = "state"

    def __init__(self, field: "Field[Any, Any]") -> None:
        self.short_description = field.verbose_name

    def __call__(self, row: Any) -> str:
        return str(capfirst(row.state_label))


def code_filter(field: "Field[Any, Any]", names: NamesByCode) -> type[admin.SimpleListFilter]:
    """A filter by a column of codes that names each code, without asking the table which ones there are."""

    class CodeFilter(admin.SimpleListFilter):
        title = field.verbose_name
        parameter_name = field.name

        def lookups(self, _request: HttpRequest, _page: Any) -> list[tuple[str, Any]]:
            return [(code, capfirst(str(name))) for code, name in names().items()]

        def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            known = self.value() in {str(code) for code, _name in self.lookup_choices}
            return queryset.filter(**{field.attname: self.value()}) if known else queryset

    return CodeFilter
