"""Texts in a small part of Markdown as HTML: the descriptions of the API, which programs read as Markdown (OpenAPI).

Paragraphs, lists with one more level, and `code`; everything else stays as it is and is escaped.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

_CODE = re.compile(r"`([^`]+)`")
_ITEM = re.compile(r"(?P<indent> *)- (?P<text>.*)")


@dataclass
class _Item:
    """An item of a list, with the items below it."""

    text: str
    below: list["_Item"] = field(default_factory=list)


def render_description(text: str) -> SafeString:
    """The text as HTML. Blocks are set apart by empty lines; the lines of a paragraph are joined."""
    blocks = (block.strip("\n") for block in re.split(r"\n\s*\n", str(text)) if block.strip())
    return format_html_join("\n", "{}", ((html,) for block in blocks for html in _render_block(block.splitlines())))


def render_inline(text: str) -> SafeString:
    """One line, with its code marked."""
    return mark_safe(_CODE.sub(r"<code>\1</code>", escape(text)))  # noqa: S308 -- escaped just before


def _render_block(lines: list[str]) -> Iterator[SafeString]:
    """A paragraph, then a list; either may be missing."""
    start = next((n for n, line in enumerate(lines) if _ITEM.fullmatch(line)), len(lines))
    if paragraph := " ".join(line.strip() for line in lines[:start]):
        yield format_html("<p>{}</p>", render_inline(paragraph))
    if items := _read_items(lines[start:]):
        yield _render_list(items)


def _read_items(lines: Iterable[str]) -> list[_Item]:
    """Items by their indentation: those that are indented belong to the last one that is not. Other lines go on with an item."""
    items: list[_Item] = []
    last = _Item("")
    for line in lines:
        found = _ITEM.fullmatch(line)
        if found is None:
            last.text = f"{last.text} {line.strip()}"
            continue
        last = _Item(found["text"].strip())
        (items[-1].below if found["indent"] and items else items).append(last)
    return items


def _render_list(items: list[_Item]) -> SafeString:
    rows = ((render_inline(item.text), _render_list(item.below) if item.below else "") for item in items)
    return format_html("<ul>{}</ul>", format_html_join("", "<li>{}{}</li>", rows))
