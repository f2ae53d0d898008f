"""What documents a requirement asks for, as a small expression over credential types.

`{"is": code}`, `{"all": [...]}` and `{"any": [...]}`, nested at will; kept as JSON in
`Requirement.expression`, so that a new area needs no code.
"""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Any

from django.utils.translation import gettext as _

Expression = dict[str, Any]

MAX_DEPTH = 4


def is_satisfied(expression: Expression, held: AbstractSet[str]) -> bool:
    """Whether the codes `held` fulfil the expression."""
    operator, value = next(iter(expression.items()))
    if operator == "is":
        return value in held
    answers = [is_satisfied(part, held) for part in value]
    return all(answers) if operator == "all" else any(answers)


def credential_codes(expression: Expression) -> Iterator[str]:
    """Every code that the expression names, in order, each once."""
    yield from dict.fromkeys(_walk(expression))


def missing_parts(expression: Expression, held: AbstractSet[str]) -> list[list[str]]:
    """What is still missing: each entry is a choice of codes, any one of which would do as a next step."""
    if is_satisfied(expression, held):
        return []
    operator, value = next(iter(expression.items()))
    if operator == "is":
        return [[value]]
    if operator == "all":
        return [choice for part in value for choice in missing_parts(part, held)]
    return [sorted({code for part in value for choice in missing_parts(part, held) for code in choice})]


def expression_problems(expression: object, known: AbstractSet[str], depth: int = 0) -> list[str]:
    """What is wrong with an expression, as sentences; empty if it can be used."""
    if depth > MAX_DEPTH:
        return [_("The requirement is nested too deeply.")]
    if not isinstance(expression, dict) or len(expression) != 1:
        return [_('Each part must be one of {"is": …}, {"all": […]} or {"any": […]}.')]
    operator, value = next(iter(expression.items()))
    if operator == "is":
        return [] if value in known else [_("There is no credential type “%(code)s”.") % {"code": value}]
    if operator not in {"all", "any"}:
        return [_("Unknown operator “%(operator)s”; use is, all or any.") % {"operator": operator}]
    if not isinstance(value, list) or not value:
        return [_("“%(operator)s” needs a list with at least one part.") % {"operator": operator}]
    return [sentence for part in value for sentence in expression_problems(part, known, depth + 1)]


def _walk(expression: Expression) -> Iterator[str]:
    operator, value = next(iter(expression.items()))
    if operator == "is":
        yield value
        return
    for part in value:
        yield from _walk(part)
