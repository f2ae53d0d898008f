"""Editing the tree of a requirement step by step, and saying in words what it asks for. Pure functions over expressions.

A place in a tree is a path: "" is the first group, "0.2" the third part of its first part.
"""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from certification.expressions import MAX_DEPTH, Expression
from portal.errors import Conflict
from portal.workflow import CHANGED

GROUPS = ("all", "any")


@dataclass(frozen=True)
class TreeNode:
    """One node as a page shows it. `operator` is `all`, `any` or `is`; `code` is a leaf's credential type."""

    path: str
    operator: str
    code: str = ""
    name: str = ""
    usable: bool = True
    parts: list["TreeNode"] = field(default_factory=list)
    is_first: bool = True
    is_last: bool = True
    can_nest: bool = False

    @property
    def is_group(self) -> bool:
        """Whether it is a group of parts."""
        return self.operator in GROUPS

    @property
    def anchor(self) -> str:
        """Where it is on the page."""
        return "part-" + (self.path.replace(".", "-") or "0")


def as_group(expression: Expression) -> Expression:
    """The expression with a group as its first node."""
    operator = next(iter(expression), "")
    return copy.deepcopy(expression) if operator in GROUPS else {"all": [copy.deepcopy(expression)]}


def tidy(expression: Expression) -> Expression:
    """The same without groups of one part, and without groups within a group of the same kind."""
    operator, value = next(iter(expression.items()))
    if operator == "is":
        return {"is": value}
    parts: list[Expression] = []
    for part in value:
        short = tidy(part)
        parts += short.get(operator, [short])
    return parts[0] if len(parts) == 1 else {operator: parts}


def tree_nodes(
    expression: Expression, names: Mapping[str, str], usable: frozenset[str], path: str = "", depth: int = 0
) -> TreeNode:
    """The tree as a page shows it; `names` by credential type's code."""
    operator, value = next(iter(expression.items()))
    if operator == "is":
        return TreeNode(path, "is", value, names.get(value, value), usable=value in usable)
    parts = [
        _placed(tree_nodes(part, names, usable, _below(path, number), depth + 1), number, len(value))
        for number, part in enumerate(value)
    ]
    return TreeNode(path, operator, parts=parts, can_nest=depth + 1 < MAX_DEPTH)


def add_leaf(expression: Expression, path: str, code: str) -> Expression:
    """With a credential type at the end of a group."""
    return _changed(expression, path, lambda group: group.append({"is": code}))


def add_group(expression: Expression, path: str, operator: str) -> Expression:
    """With an empty group at the end of a group."""
    if operator not in GROUPS or (path and path.count(".") + 2 >= MAX_DEPTH):
        raise Conflict(_("The requirement is nested too deeply."))
    return _changed(expression, path, lambda group: group.append({operator: []}))


def remove_part(expression: Expression, path: str) -> Expression:
    """Without a part and what is below it."""
    parent, number = _split(path)
    return _changed(expression, parent, lambda group: group.pop(number))


def move_part(expression: Expression, path: str, by: int) -> Expression:
    """With a part one place up (-1) or down (1); at the end it stays."""
    parent, number = _split(path)

    def move(group: list[Expression]) -> None:
        place = max(0, min(len(group) - 1, number + by))
        group.insert(place, group.pop(number))

    return _changed(expression, parent, move)


def turn_group(expression: Expression, path: str, operator: str) -> Expression:
    """With a group of another kind: all of its parts, or one of them."""
    if operator not in GROUPS:
        raise Conflict(CHANGED)
    result = copy.deepcopy(expression)
    node = _node(result, path)
    parts = node.pop(next(iter(node)))
    if not isinstance(parts, list):
        raise Conflict(CHANGED)
    node[operator] = parts
    return result


def requirement_words(expression: Expression, names: Mapping[str, str], *, inside: bool = False) -> str:
    """What it asks for, in one sentence without an end."""
    operator, value = next(iter(expression.items()))
    if operator == "is":
        return names.get(value, value)
    parts = [requirement_words(part, names, inside=True) for part in value]
    text = (_(" and ") if operator == "all" else _(" or ")).join(parts) or "–"
    return _("(%(parts)s)") % {"parts": text} if inside and len(parts) > 1 else text


def top_parts(expression: Expression) -> list[Expression]:
    """What is needed in any case, one by one."""
    short = tidy(expression) if _has_parts(expression) else {"all": []}
    found: list[Expression] = short.get("all", [short])
    return found


def empty_groups(expression: Expression) -> Iterator[Expression]:
    """The groups without any part."""
    operator, value = next(iter(expression.items()))
    if operator == "is":
        return
    if not value:
        yield expression
    for part in value:
        yield from empty_groups(part)


def repeated_codes(expression: Expression) -> Iterator[str]:
    """Credential types that stand twice in one group."""
    operator, value = next(iter(expression.items()))
    if operator == "is":
        return
    codes = [part["is"] for part in value if "is" in part]
    yield from (code for code in dict.fromkeys(codes) if codes.count(code) > 1)
    for part in value:
        yield from repeated_codes(part)


def _has_parts(expression: Expression) -> bool:
    return next(iter(empty_groups(expression)), None) is None


def _placed(node: TreeNode, number: int, count: int) -> TreeNode:
    values = {name: getattr(node, name) for name in node.__dataclass_fields__}
    return TreeNode(**values | {"is_first": number == 0, "is_last": number == count - 1})


def _below(path: str, number: int) -> str:
    return f"{path}.{number}" if path else str(number)


def _split(path: str) -> tuple[str, int]:
    parent, _dot, last = path.rpartition(".")
    if not last.isdecimal() or len(last) > 3:
        raise Conflict(CHANGED)
    return parent, int(last)


def _changed(expression: Expression, path: str, change: Any) -> Expression:
    """A copy in which the parts of the group at a path are changed."""
    result = copy.deepcopy(expression)
    node = _node(result, path)
    group = next(iter(node.values()))
    if not isinstance(group, list):
        raise Conflict(CHANGED)
    try:
        change(group)
    except IndexError as error:
        raise Conflict(CHANGED) from error
    return result


def _node(expression: Expression, path: str) -> Expression:
    """The node at a path. Raises Conflict where there is none: the page is older than the tree."""
    node = expression
    for step in path.split(".") if path else []:
        parts = next(iter(node.values()))
        if not isinstance(parts, list) or not step.isdecimal() or len(step) > 3 or int(step) >= len(parts):
            raise Conflict(CHANGED)
        node = parts[int(step)]
    return node
