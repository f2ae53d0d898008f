"""The main menu: apps register their entries in AppConfig.ready(), a person sees those their role may use."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from portal.errors import Text


@dataclass(frozen=True)
class MenuEntry:
    """One entry: shown if `visible(user)`; `order` sorts, smallest first."""

    label: Text
    url_name: str
    order: int
    visible: Callable[[Any], bool]


_entries: list[MenuEntry] = []
_homes: list[tuple[Callable[[Any], bool], str]] = []


def visible_to_everybody(user: Any) -> bool:  # noqa: ARG001 -- every `visible` gets the user
    """For entries that all people see."""
    return True


def add_menu_entry(
    label: Text, url_name: str, *, order: int, visible: Callable[[Any], bool] = visible_to_everybody
) -> None:
    """Register an entry; `visible` gets the request's user, who may be anonymous."""
    _entries.append(MenuEntry(label, url_name, order, visible))
    _entries.sort(key=lambda entry: entry.order)


def add_home_page(url_name: str, visible: Callable[[Any], bool]) -> None:
    """Register where people of a kind begin their day; the first that fits is taken."""
    _homes.append((visible, url_name))


def menu_entries(request: HttpRequest) -> list[dict[str, Any]]:
    """The menu for this request: label, url, and whether the page belongs to the entry, the most exact one alone."""
    shown = [(entry.label, reverse(entry.url_name)) for entry in _entries if entry.visible(request.user)]
    current = max((url for _label, url in shown if request.path.startswith(url)), key=len, default="")
    return [{"label": label, "url": url, "current": url == current} for label, url in shown]


def home_url_name(user: Any) -> str:
    """URL name of the page where this person begins."""
    return next((name for visible, name in _homes if visible(user)), "people:profile")
