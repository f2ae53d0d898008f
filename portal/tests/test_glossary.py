"""docs/glossary.md is kept: production code, templates and tables use none of the words that it replaces."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

ROOT: Path = settings.BASE_DIR
FOLDERS = ("certification", "complaints", "portal", "templates")
SUFFIXES = {".py", ".html", ".txt", ".js", ".css"}
# Tests, catalogues, the fixed texts of migrations that are written anew, and the code of others.
SKIPPED = {"tests", "locale", "migrations", "vendor", "legal"}
# The parts of snake_case and CamelCase names, and plain words.
PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# Uses in which the same letters mean something else: the verbs, benchmarks, icons, names of standards.
ALLOWED = re.compile(
    r"(?<![a-z])(?:it|that|which|order|not|background)[ _]matters?\b"
    r'|"film"|heart-pulse'
    r"|Content-Transfer|[dD]ataTransfer"
)
TEST = re.compile(r"^ *def (test_\w+)", re.MULTILINE)
PRONOUNS = ("he", "she", "him", "her", "hers", "his", "himself", "herself")
MEASURING = re.compile(r"^portal/(?:bench/|management/|static/)")


def forbidden_synonyms() -> dict[str, str]:
    """{forbidden synonym: term}, from the first and the last column of the table."""
    found: dict[str, str] = {}
    for line in (ROOT / "docs/glossary.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 5:
            found |= dict.fromkeys(re.findall(r"`([^`]+)`", cells[4]), cells[0])
    return found


def words_of(text: str) -> str:
    """The words of a text, those within names too, in lower case and separated by one space."""
    return " ".join(PART.findall(text)).lower()


def pattern_of(synonym: str) -> re.Pattern[str]:
    """Matches a synonym among words_of(), alone or in the plural."""
    return re.compile(rf"\b{re.escape(synonym)}s?\b")


def sources() -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in SUFFIXES and not SKIPPED.intersection(path.relative_to(ROOT).parts):
                yield path


def lines() -> Iterator[tuple[str, str]]:
    """(where, words) of every line of production code and templates, and of every file's own name."""
    for path in sources():
        name = str(path.relative_to(ROOT))
        yield name, words_of(name)
        for number, line in enumerate(path.read_text().splitlines(), 1):
            yield f"{name}:{number}", words_of(ALLOWED.sub(" ", line))


def test_the_table_names_what_it_replaces() -> None:
    expected = {
        "matter",
        "desk",
        "hearing",
        "dossier",
        "deed",
        "judging",
        "second word",
        "loose blob",
        "tie",
        "measure",
    }
    assert expected <= forbidden_synonyms().keys()


def test_no_source_uses_a_forbidden_synonym() -> None:
    patterns = {pattern_of(synonym): f"{synonym!r}, say {term!r}" for synonym, term in forbidden_synonyms().items()}
    found = [
        f"{where}: {hint}"
        for where, words in lines()
        for pattern, hint in patterns.items()
        if pattern.search(words) and not (hint.startswith("'measure'") and MEASURING.match(where))
    ]
    assert not found, "\n".join(found)


def test_names_of_tests_use_the_terms_and_give_nobody_a_sex() -> None:
    patterns = [pattern_of(synonym) for synonym in (*forbidden_synonyms(), *PRONOUNS)]
    names = [
        (str(path.relative_to(ROOT)), name)
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("test_*.py"))
        if not MEASURING.match(str(path.relative_to(ROOT)))
        for name in TEST.findall(path.read_text())
    ]
    assert len(names) > 1000
    found = [name for name in names if any(pattern.search(words_of(ALLOWED.sub(" ", name[1]))) for pattern in patterns)]
    assert not found


def test_no_table_or_column_is_called_by_a_forbidden_synonym() -> None:
    names = [
        f"{model.__name__} {model._meta.db_table} {field.column}"
        for model in apps.get_models()
        if model.__module__.split(".")[0] in FOLDERS
        for field in model._meta.concrete_fields
    ]
    patterns = [pattern_of(synonym) for synonym in forbidden_synonyms()]
    assert not [name for name in names if any(pattern.search(words_of(name)) for pattern in patterns)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("class SecondWordForm", True),
        ("needs_second_words", True),
        ("MATTER = 1", True),
        ("a small matter", True),
        ("the part that matters", False),
        ("second approval, word by word", False),
    ],
)
def test_synonyms_are_found_in_names_and_prose(text: str, *, found: bool) -> None:
    words = words_of(ALLOWED.sub(" ", text))
    assert any(pattern_of(synonym).search(words) for synonym in ("second word", "matter")) is found
