"""The catalogues of translations as data: read from the sources, merged, checked and compiled.

English is what the sources say, so it has no catalogue. Babel and Django's own `templatize` do the
work; nothing here needs gettext installed.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

SOURCE_FOLDERS = ("certification", "complaints", "portal", "templates")
_UNREAD = {"tests", "testing", "migrations", "static"}
_SUFFIXES = {".py", ".html", ".txt"}
_KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# A module may give them another name, where `_` is the lazy one.
_RENAMED = re.compile(r"\bimport (\w*gettext\w*) as (\w+)")
# Babel wants dates in the compiled header.
_NO_DATE = datetime(1970, 1, 1, tzinfo=UTC)
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|%%|\{\w*\}")
# No dates and no names: two extractions of the same sources are the same bytes.
_HEADER = """msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""


def extract_messages(root: Path, language: str) -> Catalog:
    """Every message in the sources under `root`, untranslated."""
    catalog = Catalog(locale=language, fuzzy=False)
    for path in _sources(root):
        name = str(path.relative_to(root))
        for _line, ids, _comments, context in _messages(path):
            catalog.add(ids, locations=[(name, 0)], context=context)
    return catalog


def merge_catalogues(old: Catalog, new: Catalog) -> Catalog:
    """The messages of `new` with the translations of `old`; one that reads nearly alike is marked fuzzy."""
    old.update(new)
    return old


def read_catalogue(path: Path, language: str) -> Catalog:
    """The catalogue in a .po file; an empty one if there is none."""
    content = path.read_bytes() if path.exists() else b""
    return read_po(BytesIO(content), locale=language, abort_invalid=True)


def po_bytes(catalog: Catalog) -> bytes:
    """The .po file of a catalogue: sorted by message, places as file names only."""
    out = BytesIO()
    out.write(_HEADER.format(language=catalog.locale_identifier, plural_forms=catalog.plural_forms).encode())
    write_po(
        out, catalog, width=120, omit_header=True, sort_output=True, ignore_obsolete=True, include_lineno=False
    )  # fmt: skip
    return out.getvalue().rstrip(b"\n") + b"\n"


def mo_bytes(catalog: Catalog) -> bytes:
    """The .mo file of a catalogue; the same catalogue gives the same bytes."""
    catalog.creation_date = catalog.revision_date = _NO_DATE
    out = BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def catalogue_problems(kept: Catalog, wanted: Catalog) -> Iterator[str]:
    """One line for each message that is missing, stale, empty, fuzzy or says something else than its source."""
    stored = {_key(message): message for message in kept if message.id}
    needed = {_key(message): message for message in wanted if message.id}
    for key, message in needed.items():
        fault = _fault(stored[key], kept) if key in stored else "missing"
        if fault:
            yield _line(fault, message)
    for key, message in stored.items():
        if key not in needed:
            yield _line("stale", message)


def _sources(root: Path) -> list[Path]:
    found = (path for room in SOURCE_FOLDERS for path in (root / room).rglob("*") if path.suffix in _SUFFIXES)
    return sorted(path for path in found if not _UNREAD & set(path.relative_to(root).parts))


def _messages(path: Path) -> Iterable[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    text = path.read_text()
    if path.suffix != ".py":
        # What is left of a template is read as Python, to which indentation would mean something.
        text = "\n".join(line.lstrip() for line in templatize(text, origin=str(path)).splitlines())
    renamed = {new: _KEYWORDS[name] for name, new in _RENAMED.findall(text)}
    return extract("python", BytesIO(text.encode()), keywords=_KEYWORDS | renamed, options={"encoding": "utf-8"})


def _key(message: Message) -> tuple[tuple[str, ...], str]:
    return _texts(message.id), message.context or ""


def _fault(message: Message, catalog: Catalog) -> str:
    sources, texts = _texts(message.id), _texts(message.string)
    if not all(texts):
        return "empty"
    if message.fuzzy:
        return "fuzzy"
    if len(texts) != (catalog.num_plurals if message.pluralizable else 1):
        return "wrong number of plural forms"
    if any(_placeholders(text) != _placeholders(sources[-1]) for text in texts):
        return "other placeholders"
    if any(_edges(text) != _edges(sources[-1]) for text in texts):
        return "begins or ends with another line break"
    return ""


def _texts(given: object) -> tuple[str, ...]:
    return tuple(given) if isinstance(given, (list, tuple)) else (str(given or ""),)


def _placeholders(text: str) -> Counter[str]:
    return Counter(_PLACEHOLDER.findall(text))


def _edges(text: str) -> tuple[bool, bool]:
    return text.startswith("\n"), text.endswith("\n")


def _line(fault: str, message: Message) -> str:
    places = ", ".join(sorted({name for name, _ in message.locations}))
    context = f" [{message.context}]" if message.context else ""
    return f"{fault}: {_texts(message.id)[0]!r}{context} ({places})"
