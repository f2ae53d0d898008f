"""The bases of every page in the admin: read only, or changed with a trace.

Classes without a `section` never get into the admin (portal/people/backoffice.py), so that a
library's own pages do not slip in.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Model, QuerySet, TextChoices
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import cached_property
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from portal.audit import trail
from portal.audit.admin_codes import CodeColumn, NamesByCode, StateColumn, code_filter
from portal.audit.models import AuditEvent
from portal.errors import Conflict
from portal.languages import TranslatedField

MOST_COUNTED = 10_000
MOST_SHOWN = 100
SearchResult = tuple[QuerySet[Any], bool]

if TYPE_CHECKING:  # these take their row's type in the stubs only
    _ModelAdmin = admin.ModelAdmin[Any]
    _ModelForm = forms.ModelForm[Any]
    _Paginator = Paginator[Any]
    _TabularInline = admin.TabularInline[Any, Any]
    _InlineFormSet = forms.BaseInlineFormSet[Any, Any, Any]
else:
    _ModelAdmin, _ModelForm, _Paginator = admin.ModelAdmin, forms.ModelForm, Paginator
    _TabularInline, _InlineFormSet = admin.TabularInline, forms.BaseInlineFormSet

# The browser's own fields for days and times: they need no script, and one label reaches them.
_OWN_FIELDS: dict[Any, Any] = {
    models.DateTimeField: {
        "form_class": forms.DateTimeField,
        "widget": forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S"),
    },
    models.DateField: {"widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")},
}


_CHANGED = _("Someone else has changed this in the meantime. Please open it again.")

# Functions from a person to the chains of the trail that are about their own cases.
_OWN_CHAINS: list[Callable[[Any], Iterable[str]]] = []


def register_own_chains(chains_of: Callable[[Any], Iterable[str]]) -> None:
    """Make known which chains tell a person who works on a case of their own. Called in AppConfig.ready()."""
    _OWN_CHAINS.append(chains_of)


def without_own_chains(events: QuerySet[AuditEvent], person: Any) -> QuerySet[AuditEvent]:
    """The events without those of the person's own cases: nobody learns in the admin who decides about them."""
    chains = [chain for chains_of in _OWN_CHAINS for chain in chains_of(person)]
    return events.exclude(chain__in=chains) if chains else events


class AdminSection(TextChoices):
    """The groups of the admin's first page, in this order."""

    RULES = "rules", _("Certification requirements")
    REVIEW = "review", _("Reviewing")
    PEOPLE = "people", _("People and agencies")
    RECORDS = "records", _("Records (read only)")
    WORK = "work", _("Background jobs")


class BoundedPaginator(_Paginator):
    """Counts no further than MOST_COUNTED: the exact count of a million rows takes longer than the page."""

    @cached_property
    def count(self) -> int:
        """The number of rows, or MOST_COUNTED if there are more."""
        rows: Any = self.object_list
        return int(rows.order_by()[:MOST_COUNTED].count())


class AdminPage(_ModelAdmin):
    """What all pages share: sizes, codes in words, no actions on many rows at once, and the trail as history.

    `code_names` gives the words for the columns that hold codes, by field; states have theirs from the workflow.
    """

    section: ClassVar[AdminSection]
    code_names: ClassVar[Mapping[str, NamesByCode]] = {}
    list_per_page = 50
    show_full_result_count = False
    paginator = BoundedPaginator
    actions: Any = None
    view_on_site = False
    formfield_overrides = _OWN_FIELDS

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """The columns, codes in words."""
        return self._in_words(super().get_list_display(request))

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """The filters, codes in words."""
        filters: Iterable[Any] = super().get_list_filter(request)
        names = self.code_names
        return [code_filter(self._field(one), names[one]) if one in names else one for one in filters]

    def _field(self, name: str) -> Any:
        return self.opts.get_field(name)

    def _in_words(self, fields: Iterable[Any]) -> list[Any]:
        """What shows each of these fields."""
        return [self._word_column(name) if isinstance(name, str) else name for name in fields]

    def _word_column(self, name: str) -> Any:
        if name in self.code_names:
            return CodeColumn(self._field(name), self.code_names[name])
        has_workflow = name == "state" and hasattr(self.model, "state_label")
        return StateColumn(self._field(name)) if has_workflow else name

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Never Django's deletion of many rows at once."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """What the trail says about this row, newest first."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        about = AuditEvent.objects.filter(subject=trail.subject_of(row))
        events = without_own_chains(about, request.user).order_by("-id")[:MOST_SHOWN]
        context = {**self.admin_site.each_context(request), "title": str(row), "events": events, "opts": self.opts}
        return render(request, "admin/object_history.html", context)


class ReadOnlyAdmin(AdminPage):
    """Pages to look at rows, newest first; nothing here can be added, changed or deleted."""

    ordering: ClassVar[Any] = ("-id",)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """The fields, codes in words."""
        return self._in_words(super().get_fields(request, obj))

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[Any, ...]:
        """The fields that are no fields of the table: columns of the page, and properties of the row."""
        stored = {field.name for field in self.opts.get_fields()}
        return tuple(name for name in self._in_words(self.fields or ()) if callable(name) or name not in stored)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class StampedForm(_ModelForm):
    """Refuses to save when the row has changed since the form was opened."""

    stamp = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "stamp" in self.fields and self.instance.pk:
            self.current_stamp = _stamp(self.instance)
            self.fields["stamp"].initial = self.current_stamp

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.instance.pk and "stamp" in self.fields and data.get("stamp") != self.current_stamp:
            raise ValidationError(_CHANGED)
        return data


@cache
def shown_texts(field: TranslatedField) -> Callable[[Model], str]:
    """A read-only field of the admin: the texts of a row, a language a line."""

    @admin.display(description=field.verbose_name)
    def shown(row: Model) -> str:
        texts = getattr(row, field.name) or {}
        return format_html_join("", '<div lang="{0}">{0}: {1}</div>', texts.items())

    return shown


class AuditedAdmin(AdminPage):
    """Pages that change rows. Every change goes into the trail with what was there before and after.

    `fixed_fields` cannot be changed once the row is there; rows that are not `deletable` are taken out of use instead.
    """

    form = StampedForm
    fixed_fields: ClassVar[tuple[str, ...]] = ()
    deletable: ClassVar[bool] = True

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """On a row that can only be looked at, texts by language stand one below the other and not as JSON."""
        fields: list[Any] = list(self.fields or super().get_fields(request, obj))
        if not self.fields or obj is None or self.has_change_permission(request, obj):
            return fields
        texts = {field.name: shown_texts(field) for field in self.opts.fields if isinstance(field, TranslatedField)}
        return [texts.get(name, name) for name in fields]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[Any, ...]:
        """The fixed fields of a row that is there, and what get_fields() puts in the place of texts."""
        shown = [name for name in self.get_fields(request, obj) if callable(name)] if self.fields else []
        return (*(self.fixed_fields if obj else ()), *shown)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """As Django says, where rows may be deleted at all."""
        return self.deletable and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:  # noqa: FBT001
        """Save, and record what changed. Raises Conflict where the row is no longer as the form read it.

        All columns are written: without the lock, a change that took effect a moment ago would be taken back unseen.
        """
        before = _values(_lock_as_read(obj, form), form.changed_data) if change else {}
        super().save_model(request, obj, form, change)
        self._record(request, obj, "changed" if change else "added", before, form)

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        """Delete, and record what was there."""
        before = _values(obj, [field.name for field in obj._meta.concrete_fields])
        trail.record_event(f"{obj._meta.label_lower}.deleted", obj, by=_actor(request), before=before)
        super().delete_model(request, obj)

    # Django's own log would be a second history that anybody with the database can change.
    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Nothing: the trail has it."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Nothing: the trail has it."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Nothing: the trail has it."""

    def _record(self, request: HttpRequest, obj: Model, what: str, before: dict[str, Any], form: Any) -> None:
        names = form.changed_data if before else _names(obj)
        data = {"before": before, "after": _values(obj, names)} if before else {"after": _values(obj, names)}
        trail.record_event(f"{obj._meta.label_lower}.{what}", obj, by=_actor(request), **data)


def public_id_column(path: str, description: Any, *, nobody: Any = "") -> Any:
    """A column with the public id of the person at a `path` of fields such as `file.owner`; `nobody` where it is empty."""

    @admin.display(description=description)
    def column(_page: Any, row: Model) -> str:
        person = attrgetter(path)(row)
        return str(person.public_id if person else nobody)

    return column


def retry_failed(request: HttpRequest, rows: Iterable[Model], retry: Callable[[Any], object], sentence: Any) -> None:
    """Try each of the failed rows again; `sentence` says how many there were."""
    failed = list(rows)
    for row in failed:
        retry(row)
    if failed:
        messages.success(request, sentence % len(failed))
    else:
        messages.warning(request, _("None of these has failed."))


class LabelledFormSet(_InlineFormSet):
    """Rows in a table whose fields name themselves; the table's head stands too far from them."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Give each field its label."""
        super().add_fields(form, index)
        for field in form.fields.values():
            field.widget.attrs.setdefault("aria-label", field.label)


class TableInline(_TabularInline):
    """Rows of another model on a page, as a table."""

    formset = LabelledFormSet
    formfield_overrides = _OWN_FIELDS
    extra = 1


class StateFilter(admin.SimpleListFilter):
    """Filters by the states of the workflow, without asking the table which ones there are."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Every state there is."""
        return [(str(value), label) for value, label in model_admin.model.workflow.states.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Rows in the state that was asked for."""
        return queryset.filter(state=self.value()) if self.value() else queryset


def _actor(request: HttpRequest) -> Any:
    return request.user


def _names(obj: Model) -> list[str]:
    return [field.name for field in obj._meta.concrete_fields if not field.primary_key]


def _values(obj: Model, names: Iterable[str]) -> dict[str, Any]:
    fields = {field.name: field for field in obj._meta.concrete_fields}
    return {name: _plain(getattr(obj, name)) for name in names if name in fields}


def _plain(value: Any) -> Any:
    """A value as the trail may hold it: people by public id, other rows by their code or key."""
    if isinstance(value, Model):
        return getattr(value, "public_id", None) or getattr(value, "code", None) or value.pk
    return value if isinstance(value, bool | int | float | str | list | dict | type(None)) else str(value)


def _lock_as_read(obj: Model, form: Any) -> Model:
    stored = type(obj)._base_manager.select_for_update(no_key=True).filter(pk=obj.pk).first()
    if stored is None or _stamp(stored) != form.current_stamp:
        raise Conflict(_CHANGED)
    return stored


def _stamp(obj: Model) -> str:
    values = {field.attname: str(getattr(obj, field.attname)) for field in obj._meta.concrete_fields}
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]
