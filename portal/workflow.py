"""State machines: a table of moves, each made by one conditional UPDATE; raises Conflict if it changes no row.

A model lists its moves once (`certification/states.py`); the action layer, the database's own guard
(`guard()`), the diagram in docs/states.md and the tests all read that table.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import pgtrigger
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from portal.errors import Conflict, Text


@dataclass(frozen=True)
class Move:
    """One named step: from any of `sources` to `target`. `by` says in words who makes it, for the diagram."""

    name: str
    sources: tuple[str, ...]
    target: str
    by: str = ""


@dataclass(frozen=True)
class Workflow:
    """A state machine: its states with labels, where it begins, and every move there is."""

    name: str
    states: type[models.TextChoices]
    initial: str
    moves: tuple[Move, ...]

    @cached_property
    def _by_name(self) -> dict[str, Move]:
        table = {move.name: move for move in self.moves}
        if len(table) != len(self.moves):
            message = f"{self.name}: a move's name stands twice"
            raise ValueError(message)
        return table

    def move(self, name: str) -> Move:
        """The move of that name; KeyError if the table has none."""
        return self._by_name[name]

    def open_moves(self, state: str) -> list[Move]:
        """The moves that can be made from a state."""
        return [move for move in self.moves if state in move.sources]

    def is_final(self, state: str) -> bool:
        """Whether nothing leads out of the state."""
        return not self.open_moves(state)

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Every allowed (from, to), each once."""
        seen = {(source, move.target) for move in self.moves for source in move.sources}
        yield from sorted(seen)

    def guard(self) -> pgtrigger.Trigger:
        """A trigger by which the database itself refuses any other change of `state`."""
        return pgtrigger.FSM(name="moves_by_table", field="state", transitions=list(self.pairs()))

    def mermaid(self) -> str:
        """The diagram, as Mermaid text."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        for move in self.moves:
            label = f"{move.name} ({move.by})" if move.by else move.name
            lines += [f"    {source} --> {move.target}: {label}" for source in move.sources]
        lines += [f"    {state} --> [*]" for state in self.states.values if self.is_final(state)]
        return "\n".join(lines)


# What stands in the place of a text whose time of keeping is over, where an empty one would mean something else.
ERASED = "[…]"
_EMPTY: tuple[Any, ...] = ("", ERASED, {}, [])


def append_only_guard(
    name: str, *, erasable: Sequence[str], once: str, free: Sequence[str] = (), deletable: bool = False
) -> pgtrigger.Trigger:
    """A trigger by which the database keeps rows as they were written.

    Columns of `erasable` may be emptied (to one of _EMPTY) where the SQL condition `once` holds for OLD: when the time
    of keeping is over. Columns of `free` may change. Rows are deleted only if `deletable`.
    """
    kept = ", ".join(f"'{column}'" for column in (*erasable, *free))
    texts = ", ".join(f"'{column}'" for column in erasable)
    empty = ", ".join(f"'{json.dumps(value, ensure_ascii=False)}'::jsonb" for value in _EMPTY)
    return pgtrigger.Trigger(
        name=name,
        operation=pgtrigger.Update if deletable else pgtrigger.Update | pgtrigger.Delete,
        when=pgtrigger.Before,
        func=f"""
            IF TG_OP = 'DELETE' OR to_jsonb(NEW) - ARRAY[{kept}] IS DISTINCT FROM to_jsonb(OLD) - ARRAY[{kept}]
               OR EXISTS (SELECT 1 FROM unnest(ARRAY[{texts}]) AS field
                          WHERE to_jsonb(NEW) -> field IS DISTINCT FROM to_jsonb(OLD) -> field
                            AND NOT (to_jsonb(NEW) -> field IN ({empty}) AND {once})) THEN
                RAISE EXCEPTION 'row % of % stays as it is', OLD.id, TG_TABLE_NAME
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        """,  # noqa: S608 -- composed of our own constants
    )


def lock_names(*names: str) -> None:
    """Take turns with others at what has no row yet that could be locked, until the end of the transaction.

    Whoever needs several names asks for all of them first: they are taken in one order.
    """
    with connection.cursor() as cursor:
        for name in sorted(set(names)):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


CHANGED = _("This has changed in the meantime. Please review the current version.")


def write_row(row: models.Model, fields: Mapping[str, Any], *, message: Text = CHANGED, **conditions: Any) -> None:
    """Set fields of a row, in the database and on the instance, by one UPDATE that holds `conditions` against it again.

    Raises Conflict with `message` if the row does not meet them (any more); the instance then shows what was read.
    """
    if row._meta.model._base_manager.filter(pk=row.pk, **conditions).update(**fields) != 1:
        raise Conflict(message)
    for name, value in fields.items():
        setattr(row, name, value)


def move_rows(rows: models.QuerySet[Any], name: str, **fields: Any) -> int:
    """Make the named move with all of these rows at once, where they can; how many it was.

    For moves that do nothing else than Stateful.move() would: no model's own move() is called.
    """
    step = rows.model.workflow.move(name)
    return rows.filter(state__in=step.sources).update(state=step.target, **fields)


class Stateful(models.Model):
    """A model whose `state` changes only by the moves of its workflow."""

    workflow: ClassVar[Workflow]
    state = models.CharField(_("state"), max_length=30, editable=False)

    class Meta:
        abstract = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.state:
            self.state = self.workflow.initial

    def move(self, name: str, **fields: Any) -> None:
        """Make the named move and set `fields` with it, in one UPDATE that checks the state again.

        Raises Conflict when the row is not in a source state of the move any more: somebody was
        first, or the form is old. The instance then still shows what was read.
        """
        step = self.workflow.move(name)
        write_row(self, {"state": step.target, **fields}, state__in=step.sources)

    def write(self, *, message: Text = CHANGED, **fields: Any) -> None:
        """Set fields while the state is as it was read. Raises Conflict with `message` if it has moved on."""
        write_row(self, fields, message=message, state=self.state)

    @property
    def state_label(self) -> str:
        """The state in the reader's language."""
        return str(self.workflow.states(self.state).label)

    def get_state_display(self) -> str:
        """The state in words, in the reader's language (as Django names it for fields with choices)."""
        return str(self.workflow.states(self.state).label)

    def can(self, name: str) -> bool:
        """Whether the move can be made from the state as read."""
        return self.state in self.workflow.move(name).sources
