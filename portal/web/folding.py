"""Templates whose unchanging parts are put together once for each language, and not at every request.

More than half the time of an ordinary page went into working out the same translations, addresses of
static files and of pages again and again. The loader looks at a template when it is first used: runs
of plain text, `{% translate "…" %}`, `{% static "…" %}`, `{% url "name" %}` and `{% icon "…" %}` whose
arguments are all literals become one node that keeps its text. Everything else stays as Django has it.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.template import Template
from django.template.base import FilterExpression, Node, NodeList, TextNode, Variable
from django.template.defaulttags import IfNode, URLNode
from django.template.library import SimpleNode
from django.template.loaders import cached
from django.templatetags.i18n import TranslateNode
from django.templatetags.static import StaticNode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

_pure: set[Callable[..., Any]] = set()


def mark_pure(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark the function of a simple tag that gives the same text for the same literals in every request."""
    _pure.add(function)
    return function


class Loader(cached.Loader):
    """Django's cached loader, which folds what it loads."""

    def get_template(self, template_name: str, skip: Any = None) -> Template:
        """The folded template, from the cache or loaded now."""
        template = super().get_template(template_name, skip)
        if not getattr(template, "is_folded", False):
            fold_nodes(template.nodelist)
            template.is_folded = True  # type: ignore[attr-defined]
        return template


class Folded(Node):
    """A run of nodes whose text depends on the language only."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes
        self.texts: dict[tuple[str | None, bool], SafeString] = {}

    def render(self, context: Any) -> SafeString:
        """Their text, kept from the first time."""
        key = (get_language(), context.autoescape)
        text = self.texts.get(key)
        if text is None:
            text = self.texts[key] = mark_safe("".join(node.render(context) for node in self.nodes))  # noqa: S308
        return text


def fold_nodes(nodes: NodeList) -> None:
    """Put the runs of unchanging nodes together, in this list and in those within it."""
    folded: list[Node] = []
    for constant, run in _runs(nodes):
        if constant and not all(isinstance(node, TextNode) for node in run):
            folded.append(_folded(run))
        else:
            folded += run
            for node in run:
                for inner in _lists_in(node):
                    fold_nodes(inner)
    nodes[:] = folded


def _runs(nodes: NodeList) -> Iterator[tuple[bool, list[Node]]]:
    run: list[Node] = []
    for node in nodes:
        if run and _is_constant(node) != _is_constant(run[-1]):
            yield _is_constant(run[-1]), run
            run = []
        run.append(node)
    if run:
        yield _is_constant(run[-1]), run


def _folded(run: list[Node]) -> Folded:
    made = Folded(run)
    made.token, made.origin = run[0].token, run[0].origin
    return made


def _lists_in(node: Node) -> list[NodeList]:
    if isinstance(node, IfNode):
        return [inner for _condition, inner in node.conditions_nodelists]
    found = [getattr(node, name, None) for name in node.child_nodelists]
    return [inner for inner in found if isinstance(inner, NodeList)]


def _is_constant(node: Node) -> bool:
    match node:
        case TextNode():
            return True
        case TranslateNode():
            plain = not (node.asvar or node.message_context)
            return plain and _is_literal(node.filter_expression)
        case StaticNode():
            return node.varname is None and _is_literal(node.path)
        case URLNode():
            return not (node.args or node.kwargs or node.asvar) and _is_literal(node.view_name)
        case SimpleNode():
            plain = node.func in _pure and node.target_var is None and not node.takes_context
            return plain and all(map(_is_literal, [*node.args, *node.kwargs.values()]))
    return False


def _is_literal(expression: FilterExpression) -> bool:
    if expression.filters:
        return False
    value = expression.var
    return not isinstance(value, Variable) or value.lookups is None
