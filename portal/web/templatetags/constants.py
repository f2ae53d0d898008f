"""Tags of all templates: those that Django has, but rendered once where they depend on nothing in the page.

These are `translate`, `url` and `static`; besides, `html_attributes` for widgets, and `csrf_token` with the mark of whom the page is for. A text without variables is looked up once for each language, an address without arguments and a static file's once
a process. A page has a hundred of these; with variables, context or arguments Django's own nodes are used.
"""

from collections.abc import Callable, Hashable, Mapping
from typing import Any

from django import template
from django.conf import settings
from django.template.base import FilterExpression, Node, Parser, Token, Variable
from django.template.context import Context
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as compile_url
from django.templatetags.i18n import TranslateNode, do_translate
from django.templatetags.static import StaticNode
from django.urls import get_script_prefix, get_urlconf
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from portal.web.form_owners import FIELD

register = template.Library()


class ConstantNode(Node):
    """Renders `node` once for each `key()` and keeps the text; `name` puts it into the context instead, like `as name`."""

    child_nodelists = ()

    def __init__(self, node: Node, key: Callable[[], Hashable], name: str | None = None) -> None:
        self.node, self.key, self.name = node, key, name
        self.texts: dict[tuple[Hashable, bool], str] = {}

    def render(self, context: Context) -> str:
        """The kept text, or nothing when it went into the context."""
        key = (self.key(), context.autoescape)
        text = self.texts.get(key)
        if text is None:
            text = self.texts[key] = self.node.render(context)
        if self.name is None:
            return text
        context[self.name] = text
        return ""


@register.tag("translate")
@register.tag("trans")
def translate(parser: Parser, token: Token) -> Node:
    """A text in the reader's language."""
    node: TranslateNode = do_translate(parser, token)
    if node.message_context is not None or not _is_constant(node.filter_expression):
        return node
    name, node.asvar = node.asvar, None
    return ConstantNode(node, get_language, name)


@register.tag
def url(parser: Parser, token: Token) -> Node:
    """The address of a view."""
    node: URLNode = compile_url(parser, token)
    # With `as`, an address that does not exist is no error.
    if node.args or node.kwargs or node.asvar or not _is_constant(node.view_name):
        return node
    return ConstantNode(node, lambda: (get_urlconf() or settings.ROOT_URLCONF, get_script_prefix()))


@register.tag
def static(parser: Parser, token: Token) -> Node:
    """The address of a static file."""
    node: StaticNode = StaticNode.handle_token(parser, token)
    if node.varname or not _is_constant(node.path):
        return node
    return ConstantNode(node, lambda: settings.STATIC_URL)


@register.simple_tag(takes_context=True)
def csrf_token(context: Context) -> SafeString:
    """The token of a form, and the mark of whom the form's page is for (portal/web/form_owners.py)."""
    token = context.get("csrf_token")
    if not token or token == "NOTPROVIDED":  # noqa: S105 -- what Django gives where there is no request
        return SafeString("")
    field = '<input type="hidden" name="{}" value="{}">'
    return format_html(field * 2, "csrfmiddlewaretoken", token, FIELD, context.get("page_owner") or "")


@register.simple_tag
def html_attributes(attrs: Mapping[str, Any]) -> SafeString:
    """Attributes of an element as Django's widgets write them: True stands alone, False is left out."""
    shown = ((name, value) for name, value in attrs.items() if value is not False)
    return format_html_join("", "{}", ((_attribute(name, value),) for name, value in shown))


def _attribute(name: str, value: Any) -> SafeString:
    return format_html(" {}", name) if value is True else format_html(' {}="{}"', name, value)


def _is_constant(expression: FilterExpression) -> bool:
    """Whether it is a literal without filters."""
    literal = isinstance(expression.var, str) or (isinstance(expression.var, Variable) and expression.var.literal)
    return bool(literal) and not expression.filters
