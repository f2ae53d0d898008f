"""Rows of rules whose changes need two administrators: the values asked for are kept, and written when the second agrees."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.audit import trail
from portal.errors import Conflict, Invalid, Text
from portal.people import changes
from portal.people.actions.changes import ask_for_change
from portal.people.models import ChangeRequest, User
from portal.people.roles import Permission
from portal.people.states import OPEN_CHANGE_STATES

CHANGED, ADDED, DELETED = "rows.changed", "rows.added", "rows.deleted"
Values = Mapping[str, Any]
Foresee = Callable[[Values, Values], Sequence[Text]]
Refuse = Callable[[Any], Text | None]
Describe = Callable[[Values, Values], Sequence[changes.ShownValue]]


@dataclass(frozen=True)
class GuardedModel:
    """A model whose rows are rules: `fields` names those that change for two people only (None: all of them).

    `additions` says whether new rows do, too; `foresee(before, after)` in sentences what a change of these values will do;
    `refuse(row)` why a row may not be stored with the values that it has now: it is asked when a change is asked for and again
    when the second person approves; `describe(before, after)` shows the values, where the fields alone say too little.
    `permission` is what both people need, `page` where the second one decides.
    """

    model: type[models.Model]
    fields: frozenset[str] | None = None
    additions: bool = True
    foresee: Foresee = field(default=lambda _before, _after: ())
    refuse: Refuse = field(default=lambda _row: None)
    describe: Describe | None = None
    permission: Permission = Permission.ADMINISTER
    page: Callable[[ChangeRequest], str] = changes.admin_page


_guarded_models: dict[str, GuardedModel] = {}


def guard_model(guarded: GuardedModel) -> GuardedModel:
    """Register a guarded model, so that what was asked for can be carried out."""
    _guarded_models[guarded.model._meta.label_lower] = guarded
    return guarded


def guarded_names(guarded: GuardedModel, row: models.Model, names: Iterable[str]) -> list[str]:
    """Those of the fields of a row that change for two people only."""
    if row._state.adding and not guarded.additions:
        return []
    return [name for name in names if guarded.fields is None or name in guarded.fields]


def ask_for_row(
    row: models.Model, names: Iterable[str], *, reason: str, by: User, parts: Values | None = None
) -> ChangeRequest:
    """Ask for what the fields `names` of a row now say, whether it is new or stored; nothing is saved.

    `parts` gives, by related name, all rows that belong to it from then on, each as {field: value}.
    """
    names, parts = list(names), parts or {}
    _require_fitting(row)
    if row._state.adding:
        after = {"model": row._meta.label_lower, **row_values(row, names), **parts}
        return ask_for_change(ADDED, title=_title(row), reason=reason, by=by, after=after, person=_whom(row))
    stored = type(row)._base_manager.get(pk=row.pk)
    before, after = row_values(stored, [*names, *parts]), {**row_values(row, names), **parts}
    return ask_for_change(
        CHANGED, title=_title(stored), reason=reason, by=by, subject=row, before=before, after=after, person=_whom(row)
    )


def ask_for_deletion(row: models.Model, *, reason: str, by: User) -> ChangeRequest:
    """Ask to delete a row."""
    before = row_values(row, _stored_names(row))
    return ask_for_change(
        DELETED, title=_title(row), reason=reason, by=by, subject=row, before=before, person=_whom(row)
    )


def waiting_change(row: models.Model) -> ChangeRequest | None:
    """The change of this row that is asked for and not decided."""
    return ChangeRequest.objects.filter(subject=trail.subject_of(row), state__in=OPEN_CHANGE_STATES).first()


def row_values(row: models.Model, names: Iterable[str]) -> dict[str, Any]:
    """{field: stored value} as JSON holds it; other rows by their key, rows that belong to this one by their values."""
    encoder = DjangoJSONEncoder()
    found = {
        name: part_values(getattr(row, name).all()) if _is_part(type(row), name) else row.serializable_value(name)
        for name in names
    }
    plain = (bool, int, float, str, list, dict, type(None))
    return {name: value if isinstance(value, plain) else encoder.default(value) for name, value in found.items()}


def part_values(rows: Iterable[models.Model]) -> list[dict[str, Any]]:
    """Rows that belong to another, in order, without their keys."""
    return [row_values(row, [name for name in _stored_names(row) if not _is_relation(row, name)]) for row in rows]


def register_row_changes() -> None:
    """Say how changes of rows are carried out; called once models are loaded."""
    for code, label, carry_out in (
        (CHANGED, _("Change of a rule"), _carry_out_change),
        (ADDED, _("New rule"), _carry_out_addition),
        (DELETED, _("Rule deleted"), _carry_out_deletion),
    ):
        kind = changes.ChangeKind(label, carry_out, _foresee, _describe, _noun, _permission, _page)
        changes.register_change_kind(code, kind)


def _carry_out_change(change: ChangeRequest, by: User | None) -> None:
    row = _locked_row(change)
    set_values(row, change.after)
    _save(row, change.after)
    _record(change, "changed", row, by, before=change.before, after=change.after)


def _carry_out_addition(change: ChangeRequest, by: User | None) -> None:
    row = _model_of(change)()
    after = {name: value for name, value in change.after.items() if name != "model"}
    set_values(row, after)
    _save(row, after)
    _record(change, "added", row, by, after=after)


def _carry_out_deletion(change: ChangeRequest, by: User | None) -> None:
    row = _locked_row(change)
    _record(change, "deleted", row, by, before=change.before)
    row.delete()


def _locked_row(change: ChangeRequest) -> models.Model:
    """The row, which must still say what it said when the change was asked for."""
    key = change.subject.partition(":")[2]
    row = _model_of(change)._base_manager.select_for_update(no_key=change.kind != DELETED).filter(pk=key).first()
    if row is None or row_values(row, change.before) != change.before:
        raise Conflict(_("This has changed in the meantime. Please review the current version."))
    return row


def _model_of(change: ChangeRequest) -> type[models.Model]:
    return apps.get_model(change.subject.partition(":")[0] or change.after["model"])


def _is_part(model: type[models.Model], name: str) -> bool:
    return bool(model._meta.get_field(name).one_to_many)


def _is_relation(row: models.Model, name: str) -> bool:
    return bool(row._meta.get_field(name).is_relation)


def set_values(row: models.Model, values: Values) -> None:
    """Set fields of a row to values as row_values() gives them; rows that belong to it are left alone."""
    for name, value in values.items():
        if _is_part(type(row), name):
            continue
        column = row._meta.get_field(name)
        assert isinstance(column, models.Field)  # noqa: S101 -- only stored fields are kept
        setattr(row, column.attname, column.to_python(value) if not column.is_relation else value)


def _save(row: models.Model, names: Values) -> None:
    """Validate the fields that were asked for, as the form did, and save."""
    try:
        row.full_clean(exclude=set(_stored_names(row)) - set(names))
    except ValidationError as error:
        raise Invalid(" ".join(error.messages)) from error
    _require_fitting(row)
    with transaction.atomic():
        row.save()
        for name in [name for name in names if _is_part(type(row), name)]:
            _save_parts(row, name, names[name])


def _require_fitting(row: models.Model) -> None:
    """Raise Conflict where what the row is to say does not fit with other rules as they are now."""
    guarded = _guarded_models.get(row._meta.label_lower)
    if guarded is not None and (reason := guarded.refuse(row)):
        raise Conflict(reason)


def _save_parts(row: models.Model, name: str, values: Sequence[Values]) -> None:
    """Put these rows in the place of those that belong to the row now."""
    relation: Any = row._meta.get_field(name)
    relation.related_model._base_manager.filter(**{relation.field.name: row}).delete()
    for fields in values:
        part = relation.related_model(**{relation.field.name: row})
        set_values(part, fields)
        part.full_clean()
        part.save(force_insert=True)


def _record(change: ChangeRequest, what: str, row: models.Model, by: User | None, **data: Any) -> None:
    approved = by.public_id if by else ""
    label = row._meta.label_lower
    trail.record_event(f"{label}.{what}", row, by=change.asked_by, change=change.pk, approved_by=approved, **data)


def _permission(change: ChangeRequest) -> Permission:
    return _guarded(change).permission


def _page(change: ChangeRequest) -> str:
    return _guarded(change).page(change)


def _guarded(change: ChangeRequest) -> GuardedModel:
    return _guarded_models[_model_of(change)._meta.label_lower]


def _foresee(change: ChangeRequest) -> Sequence[Text]:
    return _guarded(change).foresee(change.before, change.after)


def _describe(change: ChangeRequest) -> Sequence[changes.ShownValue]:
    model, guarded = _model_of(change), _guarded(change)
    if guarded.describe is not None:
        return guarded.describe(change.before, change.after)
    names = dict.fromkeys([*change.before, *change.after])
    before, after = _without_same_parts(change.before, change.after), _without_same_parts(change.after, change.before)
    return [
        (label, shown_value(model, name, before), shown_value(model, name, after))
        for name in names
        if (label := field_label(model, name)) and change.before.get(name) != change.after.get(name)
    ]


def _without_same_parts(values: Values, others: Values) -> dict[str, Any]:
    """The values; of lists of rows those alone that are not in the other list."""
    return {
        name: [row for row in value if row not in (others.get(name) or [])] if _is_list_of_rows(value) else value
        for name, value in values.items()
    }


def _is_list_of_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def field_label(model: type[models.Model], name: str) -> Text:
    """What a field is called on pages; "" for what is none."""
    try:
        if _is_part(model, name):
            return model._meta.get_field(name).related_model._meta.verbose_name_plural  # type: ignore[union-attr, return-value]
        return getattr(model._meta.get_field(name), "verbose_name", name)
    except FieldDoesNotExist:  # the name of the model itself
        return ""


def shown_value(model: type[models.Model], name: str, values: Values) -> Text:
    """A value for the reader: choices by label, other rows by name, texts a language a line."""
    value = values.get(name)
    column = model._meta.get_field(name)
    if _is_part(model, name):
        return _shown_parts(column.related_model, value or [])  # type: ignore[arg-type]
    if value is None or value in ("", {}):
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(column, models.ForeignKey):
        related: Any = column.related_model
        return str(related._base_manager.filter(pk=value).first() or value)
    if isinstance(value, dict) and all(isinstance(text, str) for text in value.values()):
        return "\n".join(f"{language}: {text}" for language, text in value.items())
    choices: dict[Any, str | Promise] = dict(getattr(column, "flatchoices", ()))
    return choices.get(value, str(value))


def _shown_parts(model: type[models.Model], rows: Sequence[Values]) -> str:
    """Rows that belong to another, one a line."""
    return "\n".join(" · ".join(str(shown_value(model, name, row)) for name in row) for row in rows) or "–"


def _stored_names(row: models.Model) -> list[str]:
    return [column.name for column in row._meta.concrete_fields if not column.primary_key]


def _title(row: models.Model) -> str:
    return str(getattr(row, "code", "") or row)


def _noun(change: ChangeRequest) -> Text:
    """What the row is; nothing for a kind of rows that is no more."""
    try:
        return _model_of(change)._meta.verbose_name or ""
    except LookupError:
        return ""


def _whom(row: models.Model) -> User | None:
    """The reviewer whom a row is about, who can have no part in its change."""
    about = getattr(row, "reviewer", None) or getattr(row, "user", None)
    return about if isinstance(about, User) else None
