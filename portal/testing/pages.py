"""Looking at pages the way people meet them: narrow and wide, light and dark, in each language.

Every page is looked at in two ways that hold all six conditions between them, or, with EVERY_WAY=1 in
the environment, in every combination. With SCREENS=/some/folder a picture of each is saved there.
"""

import os
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.urls import Resolver404, resolve
from playwright.sync_api import ConsoleMessage, Page, Request

from portal.languages import language_codes

_EVERY_WAY = list(product((390, 1280), ("light", "dark"), language_codes()))
_TWO_WAYS = [(390, "light", "zh-hans"), (1280, "dark", "en")]
_WAYS = _EVERY_WAY if os.environ.get("EVERY_WAY") else _TWO_WAYS
_SCREENS = os.environ.get("SCREENS", "")
# A folder for pictures of the pages that look() looks at, in both schemes; none by default.
PICTURES = os.environ.get("PICTURES", "")
_GRADUAL_MS = 600  # colours change gradually
# One page of a kind says what all pages of the kind say; two, because states differ.
_OF_A_KIND = 2
_SIGN_OUT = re.compile(r"/logout/|/evidence/|/api/|\.pdf$|/demo/sign-in")


# A control counts as reachable if it, something in it, or its label is what a finger on its middle would meet.
_COVERED = """() => {
    const least = 24;
    const inView = (place) => {
        place.scrollIntoView({block: "center", inline: "center", behavior: "instant"});
        return [...place.getClientRects()].find((one) => one.width > 1 && one.height > 1);
    };
    const meets = (box, control) => {
        const [x, y] = box ? [box.x + box.width / 2, box.y + box.height / 2] : [-1, -1];
        if (x < 0 || y < 0) return null;  // nothing to see, or beside the page until it has the focus
        const top = document.elementFromPoint(x, y);
        const label = top && top.closest("label");
        return Boolean(top && (control.contains(top) || (label && label.control === control)));
    };
    const cut = (place) => {
        const [wanted, given] = [place.scrollWidth, place.clientWidth];
        return place.matches("button, a.btn, input[type=file]") && given > 0 && wanted > given + 1;
    };
    const parents = (place) => {
        const found = [];
        for (let one = place.parentElement; one && one !== document.body; one = one.parentElement) found.push(one);
        return found;
    };
    const clipped = (place, box) => {
        const free = {x: false, y: false};  // what scrolls can be brought into view, however wide it is
        return parents(place).some((one) => {
            const [style, edge] = [getComputedStyle(one), one.getBoundingClientRect()];
            const cuts = (way, overflow, beyond) => {
                free[way] ||= ["auto", "scroll"].includes(overflow);
                return !free[way] && ["hidden", "clip"].includes(overflow) && beyond;
            };
            const wide = cuts("x", style.overflowX, box.left < edge.left - 1 || box.right > edge.right + 1);
            return wide || cuts("y", style.overflowY, box.top < edge.top - 1 || box.bottom > edge.bottom + 1);
        });
    };
    const scrolls = (one) => ["auto", "scroll"].includes(getComputedStyle(one).overflowX);
    const beyond = (place, box) => (box.left < -1 || box.right > innerWidth + 1) && !parents(place).some(scrolls);
    // A link within a sentence is as high as its line.
    const inText = (place) => {
        if (!getComputedStyle(place).display.startsWith("inline")) return false;
        const block = parents(place).find((one) => !getComputedStyle(one).display.startsWith("inline"));
        return Boolean(block) && block.textContent.trim().length > place.textContent.trim().length;
    };
    const large = (box) => Boolean(box) && box.width >= least - .5 && box.height >= least - .5;
    const tiny = (control, box) => {
        if (large(box) || control.closest("svg") || inText(control)) return false;
        const ticked = control.matches("[type=checkbox], [type=radio]");  // their labels are pressed as well
        return !(ticked && [...control.labels].map(inView).some(large));
    };
    const name = (control) => {
        const words = control.innerText || control.getAttribute("aria-label") || control.name || control.id || control.textContent;
        return `${control.tagName.toLowerCase()} "${(words.trim() || control.outerHTML).slice(0, 40)}"`;
    };
    const kinds = "a[href], button, input:not([type=hidden]), select, textarea, summary";
    const seen = new Set();
    const faults = (within) => [...within.querySelectorAll(kinds)].filter((one) =>
        !seen.has(one) && !one.disabled && one.checkVisibility({checkVisibilityCSS: true})).flatMap((one) => {
        seen.add(one);
        const own = inView(one);
        // What a form shows by its label alone is pressed there.
        const [place, box] = own ? [one, own] : [...(one.labels || [])].map((label) => [label, inView(label)]).find(([_, there]) => there) || [];
        const met = meets(box, one);
        if (met === null) return [];
        const wrong = [
            [!met, "is covered"], [cut(one), "is cut off"], [clipped(place, box), "is clipped by what holds it"],
            [beyond(place, box), "is wider than the window"], [tiny(one, box), "is smaller than 24 x 24 px"],
        ].find(([fault]) => fault);
        return wrong ? [`${name(one)} ${wrong[1]}`] : [];
    });
    const found = faults(document);
    // What is folded away is looked at one by one: an open menu may lie over its neighbours.
    for (const one of document.querySelectorAll("details:not([open])")) {
        const shut = [one, ...parents(one)].filter((each) => each.matches("details:not([open])"));
        for (const each of shut) each.open = true;
        found.push(...faults(one));
        for (const each of shut) each.open = false;
    }
    // What belongs to a choice is shown once it is made.
    for (const one of document.querySelectorAll("input[type=radio]:not(:checked)")) {
        const chosen = document.querySelector(`input[type=radio][name="${one.name}"]:checked`);
        one.checked = true;
        found.push(...faults(one.closest("fieldset") || document));
        one.checked = false;
        if (chosen) chosen.checked = true;
    }
    for (const text of [...document.querySelectorAll("svg text")].filter(inView)) {
        const box = inView(text);
        const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        if (top && top !== text && !text.contains(top) && top.closest("svg")) found.push(`text "${text.textContent.trim()}" is covered`);
    }
    return found;
}"""


def axe_violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it stands: rule, and where."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['target'][0]}" for one in found for node in one["nodes"]]


def look(
    page: Page,
    name: str,
    *,
    widths: Iterable[int] = (1280, 390),
    schemes: Iterable[Literal["light", "dark"]] = ("light",),
) -> None:
    """The page as it stands is not wider than the window, and axe finds nothing, at each width and in each colour scheme."""
    checked: list[Literal["light", "dark"]] = list(schemes)
    shown = [*checked, "dark"] if PICTURES and "dark" not in checked else checked
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        assert page_overflow(page) == 0, f"{name} at {width} px"
        for scheme in shown:
            if len(shown) > 1:
                page.emulate_media(color_scheme=scheme)
                page.wait_for_timeout(_GRADUAL_MS)
            if scheme in checked:
                assert axe_violations(page) == [], f"{name} at {width} px, {scheme}"
            if PICTURES:
                page.screenshot(path=f"{PICTURES}/{name}-{width}-{scheme}.png", full_page=True)
    if len(shown) > 1:
        page.emulate_media(color_scheme="light")


def page_overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


def covered_controls(page: Page) -> list[str]:
    """Controls that a person cannot press: covered, cut or clipped, beside the window, or smaller than a finger needs (WCAG 2.5.8).

    Folded parts of the page are opened one after the other and closed again.
    """
    found: list[str] = page.evaluate(_COVERED)
    page.evaluate("window.scrollTo(0, 0)")
    return found


@dataclass
class PageInspector:
    """Goes through the pages that one person can reach by links, and writes down what is wrong."""

    page: Page
    base: str
    who: str
    faults: list[str] = field(default_factory=list)
    _complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self._complaints.append(str(error)))
        self.page.on("requestfailed", self._failed)

    def everywhere(self, *starts: str) -> list[str]:
        """Look at every kind of page that can be reached from `starts`; gives the paths."""
        paths = []
        for path in self._reachable(starts):
            self.at(path)
            paths.append(path)
        return paths

    def at(self, path: str, status: int = 200) -> None:
        """Look at one page in every way asked for."""
        for width, scheme, code in _WAYS:
            way = f"{self.who} {path} {width} {scheme} {code}"
            self._prepare(width, scheme, code)
            answer = self.page.goto(self.base + path)
            got = answer.status if answer else 0
            if got != status:
                self.faults.append(f"{way}: status {got}")
            self._judge(way, status)
            self._picture(path, f"{width}_{scheme}_{code}")

    def _prepare(self, width: int, scheme: str, code: str) -> None:
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        self.page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": code, "url": self.base}])
        self._complaints.clear()

    def _judge(self, way: str, status: int) -> None:
        self.faults += [f"{way}: {text}" for text in self._complaints if not (status >= 400 and "status of" in text)]
        self.faults += [f"{way}: {text}" for text in axe_violations(self.page)]
        self.faults += [f"{way}: {text}" for text in covered_controls(self.page)]
        if (beyond := page_overflow(self.page)) > 0:
            self.faults.append(f"{way}: {beyond} px too wide")

    def _picture(self, path: str, way: str) -> None:
        if _SCREENS:
            folder = Path(_SCREENS) / self.who
            folder.mkdir(parents=True, exist_ok=True)
            name = re.sub(r"[^a-z0-9-]+", "_", path.strip("/").lower()) or "start"
            self.page.screenshot(path=folder / f"{name[:80]}_{way}.png", full_page=True)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._complaints.append(message.text)

    def _failed(self, request: Request) -> None:
        if not request.is_navigation_request() and request.failure != "net::ERR_ABORTED":
            self._complaints.append(f"{request.url} {request.failure}")

    def _reachable(self, starts: tuple[str, ...]) -> Iterator[str]:
        waiting, seen, kinds = deque(starts), set(starts), dict[str, int]()
        while waiting:
            path = waiting.popleft()
            kind = _kind(path)
            if kinds.get(kind, 0) >= _OF_A_KIND:
                continue
            kinds[kind] = kinds.get(kind, 0) + 1
            yield path
            for link in self._links():
                if link not in seen:
                    seen.add(link)
                    waiting.append(link)

    def _links(self) -> list[str]:
        # Links that move a player, some of them in drawings, and files to keep lead to no page.
        pages = "a[href]:not([data-stretch]):not([download])"
        addresses: list[str] = self.page.eval_on_selector_all(pages, "links => links.map((link) => link.href)")
        paths = [urlsplit(address) for address in addresses if address.startswith(self.base)]
        links = [part.path + (f"?{part.query}" if part.query else "") for part in paths]
        return [link for link in links if not _SIGN_OUT.search(link)]


def _kind(path: str) -> str:
    try:
        match = resolve(urlsplit(path).path)
    except Resolver404:
        return path
    return match.view_name or str(match.func)
