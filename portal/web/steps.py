"""Forms of several pages that fill in a draft: their order, which are complete, and how each is opened and answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Generic, Protocol, Self, TypeVar

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from portal import clock
from portal.web.confirmation import confirm_action
from portal.web.pages import render_page
from portal.web.stale_forms import StaleCheckedForm

_DRAFT = "draft"


class Draft(Protocol):
    """A row that is filled in step by step; its state is `draft` until it is sent."""

    number: str
    state: str

    def get_absolute_url(self) -> str:
        """Its status page."""


class LinkedText(str):
    """A sentence with the address at which what it says is mended."""

    __slots__ = ("url",)
    url: str

    def __new__(cls, sentence: str, url: str) -> Self:
        """The sentence and its address."""
        text = super().__new__(cls, sentence)
        text.url = url
        return text


View = Callable[..., HttpResponseBase]
Row = TypeVar("Row", bound=Draft)


@dataclass(frozen=True)
class Step:
    """One page: its name in URLs and its title."""

    name: str
    title: Promise


@dataclass(frozen=True)
class StepForm(Generic[Row]):
    """The pages of one kind of draft, in order.

    The page `name` has the URL `namespace:name` with the draft's number, and the template
    `namespace/creator/name.html`, which extends web/step.html and calls the draft `row_name`.
    """

    namespace: str
    row_name: str
    steps: tuple[Step, ...]
    completed: Callable[[Row], set[str]]  # names of the steps in which nothing is missing
    guard: Callable[[View], View]  # finds the row by its number
    discard_name: str  # of the page that asks before it deletes the draft: of its URL and template, as for a step
    sent_message: Promise  # for who saves a step of what was sent meanwhile

    def url(self, row: Row, name: str) -> str:
        """Where a step is."""
        return reverse(f"{self.namespace}:{name}", args=[row.number])

    def first_open_url(self, row: Row) -> str:
        """Where a draft goes on: its first incomplete step, at the latest the last one, which is never complete."""
        done = self.completed(row)
        return self.url(row, next(step.name for step in self.steps if step.name not in done))

    def page(self, *states: str) -> Callable[[View], View]:
        """A step of a row in one of the states; in any other its status page is shown instead."""

        def decorate(view: View) -> View:
            @wraps(view)
            def opened(request: HttpRequest, row: Row) -> HttpResponseBase:
                if row.state in states:
                    return view(request, row)
                if request.method == "POST":
                    messages.info(request, str(self.sent_message))
                return redirect(row.get_absolute_url())

            return self.guard(opened)

        return decorate

    def render(self, request: HttpRequest, row: Row, name: str, context: Mapping[str, Any]) -> HttpResponse:
        """The page of a step."""
        done = self.completed(row)
        items = [
            {
                "label": step.title,
                "url": self.url(row, step.name),
                "done": step.name in done,
                "current": step.name == name,
            }
            for step in self.steps
        ]
        earlier = self._neighbour(name, -1)
        about_step = {
            self.row_name: row,
            "steps": items,
            "step_title": next(step.title for step in self.steps if step.name == name),
            "product_base": f"{self.namespace}/base.html",
            "previous_url": self.url(row, earlier) if earlier and row.state == _DRAFT else "",
            "back_refused": "back" in request.POST,
            "discard_url": self.url(row, self.discard_name) if row.state == _DRAFT else "",
            # For a code that another device reads; it asks for signing in as this one did.
            "phone_address": f"{settings.BASE_URL}{self.url(row, name)}" if row.state == _DRAFT else "",
        }
        template = f"{self.namespace}/creator/{name}.html"
        return render_page(request, template, about_step | dict(context), wrong=request.method == "POST")

    def redirect_after_save(self, request: HttpRequest, row: Row, name: str) -> HttpResponseBase:
        """The next step, the one before, or the same one again, as the button says."""
        way = 1 if "next" in request.POST else -1 if "back" in request.POST else 0
        return redirect(self.url(row, self._neighbour(name, way) or name))

    def discard_page(self, request: HttpRequest, row: Row, discard: Callable[[], object]) -> HttpResponseBase:
        """Ask once more, then delete the draft. What was sent already shows its status page instead."""
        if row.state != _DRAFT:
            return redirect(row.get_absolute_url())
        return confirm_action(
            request,
            f"{self.namespace}/creator/{self.discard_name}.html",
            {self.row_name: row},
            verb=_("Delete the draft"),
            act=discard,
            done=_("The draft was deleted."),
            back_url=row.get_absolute_url(),
            next_url=reverse(f"{self.namespace}:home"),
        )

    def _neighbour(self, name: str, way: int) -> str:
        """The name of the step before (-1) or after (1) a step; "" if there is none."""
        names = [step.name for step in self.steps]
        place = names.index(name) + way
        return names[place] if 0 <= place < len(names) else ""

    def saved_marks(self, request: HttpRequest) -> dict[str, str]:
        """What this session's pages have saved last, page by page (portal/web/stale_forms.py)."""
        return dict(request.session.get(self._marks_key, {}))

    def remember_saved(self, request: HttpRequest, form: StaleCheckedForm, stored: Mapping[str, Any]) -> None:
        """Keep in the session that the form's page has seen the values that are stored now."""
        request.session[self._marks_key] = form.remember(self.saved_marks(request), stored)

    @property
    def _marks_key(self) -> str:
        return f"{self.namespace}.written"


def render_autosaved(request: HttpRequest, *, stale: bool, wrong: bool) -> HttpResponse:
    """The line that tells what became of what htmx sent by itself."""
    return render_page(request, "web/_autosaved.html", {"stale": stale, "wrong": wrong, "at": clock.now()})
