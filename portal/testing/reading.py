"""Reading pages in tests: what a browser would send back, and what a person would read."""

import html
import re
from html.parser import HTMLParser
from typing import Any

_VOID = {"input", "br", "img", "hr", "meta", "link"}


class _Form(HTMLParser):
    """Fields of the form whose action ends with `action` ("" for the page's own)."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action, self.inside, self.fields = action, False, {}  # type: tuple[str, bool, dict[str, Any]]
        self._text = self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            own = given.get("action", "")
            self.inside = given.get("method") == "post" and (own.endswith(self.action) if self.action else not own)
        if not self.inside:
            return
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "input" and name and (kind not in {"radio", "checkbox", "submit", "file"} or "checked" in given):
            self.fields[name] = given.get("value", "on" if kind in {"radio", "checkbox"} else "")
        self._text = name if tag == "textarea" else ""

    def handle_data(self, data: str) -> None:
        if self.inside and self._text:
            self.fields[self._text] = data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        self._text = ""


def filled_form(response: Any, action: str = "") -> dict[str, Any]:
    """What the browser would send if the form of the page were sent as it is."""
    parser = _Form(action)
    parser.feed(response.content.decode())
    parser.fields.pop("csrfmiddlewaretoken", None)
    return parser.fields


def page_text(response: Any) -> str:
    """The text of the page's content, in one line."""
    content = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", content)).split())
