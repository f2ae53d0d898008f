"""The catalogues of translations, extracted, updated and compiled by Babel's own commands.

English is what the sources say, so it has no catalogue. Which files are read, and how, is in
pyproject.toml (`[tool.babel]`); what Babel lacks is an extractor of Django templates, and the name of
every message that needs work.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import chdir
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

SOURCE_FOLDERS: Final = ("certification", "complaints", "portal", "templates")
_UNREAD: Final = "tests testing migrations static"
_WIDTH: Final = "--width=120"
# Besides Babel's own; `_now` and `_t` are `gettext` in modules where `_` is the lazy one.
_KEYWORDS: Final = [
    "_now",
    "_t",
    "gettext_lazy",
    "gettext_noop",
    "ngettext_lazy:1,2",
    "pgettext_lazy:1c,2",
    "npgettext_lazy:1c,2,3",
]
_PLACEHOLDER: Final = re.compile(r"%\(\w+\)[sd]|%[sd]|%%|\{\w*\}")
# In templates each text is a format: a single percent sign empties it.
_SINGLE_PERCENT: Final = re.compile(r"(?<!%)(?:%%)*%(?![%(])")


def extract_template(
    file: IO[bytes], keywords: Any, comment_tags: Collection[str], options: Any
) -> Iterator[tuple[Any, ...]]:
    """Babel's extraction method for Django templates (`[tool.babel]` in pyproject.toml)."""
    # What `templatize` leaves of a template is read as Python, to which indentation would mean something.
    python = "\n".join(line.lstrip() for line in templatize(file.read().decode()).splitlines())
    return extract_python(BytesIO(python.encode()), keywords, comment_tags, options)


def update_catalogue(root: Path, path: Path, language: str) -> None:
    """Bring one .po file up to the sources under `root`; a new message is empty or fuzzy, an unused one goes."""
    with TemporaryDirectory() as folder:
        template = _extracted(root, Path(folder))
        options = ["--init-missing", "--ignore-obsolete", "--ignore-pot-creation-date", _WIDTH]
        _babel("update", *options, f"--input-file={template}", f"--output-file={path}", f"--locale={language}")


def compile_catalogue(path: Path, language: str) -> None:
    """Write the .mo file beside a .po file, unless it is newer already: other processes may be reading it."""
    target = path.with_suffix(".mo")
    if not target.exists() or target.stat().st_mtime_ns < path.stat().st_mtime_ns:
        _babel("compile", f"--input-file={path}", f"--output-file={target}", f"--locale={language}")


def catalogue_problems(root: Path, path: Path, language: str) -> Iterator[str]:
    """One line for each message that is untranslated, stale or says something else than its source."""
    with TemporaryDirectory() as folder:
        template = read_po(BytesIO(_extracted(root, Path(folder)).read_bytes()))
    catalog = read_po(BytesIO(path.read_bytes() if path.exists() else b""), locale=language, abort_invalid=True)
    catalog.update(template, no_fuzzy_matching=True)
    for message in catalog:
        if message.id and (fault := _fault(message, catalog)):
            yield _line(fault, message)
    for message in catalog.obsolete.values():
        yield _line("stale", message)


def _extracted(root: Path, folder: Path) -> Path:
    """The template of all catalogues, written into `folder`."""
    target = folder.resolve() / "django.pot"
    options = ["--mapping-file=pyproject.toml", f"--ignore-dirs={_UNREAD}", "--add-location=file", "--sort-output"]
    keywords = [f"--keywords={keyword}" for keyword in _KEYWORDS]
    with chdir(root):
        _babel("extract", *options, *keywords, _WIDTH, f"--output-file={target}", *SOURCE_FOLDERS)
    return target


def _babel(*arguments: str) -> None:
    CommandLineInterface().run(["pybabel", "--quiet", *arguments])  # type: ignore[no-untyped-call]


def _fault(message: Message, catalog: Catalog) -> str:
    sources, texts = _texts(message.id), _texts(message.string)
    if not all(texts):
        return "untranslated"
    if message.fuzzy:
        return "fuzzy"
    if errors := message.check(catalog):
        return str(errors[0])
    if any(_placeholders(text) != _placeholders(sources[-1]) for text in texts):
        return "other placeholders"
    return _fault_of_signs(message)


def _fault_of_signs(message: Message) -> str:
    sources, texts = _texts(message.id), _texts(message.string)
    in_template = any(name.startswith("templates/") for name, _ in message.locations)
    if in_template and any(_SINGLE_PERCENT.search(text) for text in texts):
        return "a single percent sign"
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
