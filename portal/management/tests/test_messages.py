"""The catalogues: complete, in step with the sources, and made the same way each time."""

import os
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.core.management import call_command
from django.utils import translation
from django.utils.translation import gettext, ngettext

from portal.management import catalogue

PAGE = """{% translate "Save" context "a draft" %}
{% blocktranslate count n=files|length trimmed %}
  {{ n }} file
{% plural %}
  {{ n }} files
{% endblocktranslate %}
    {% if kind == _("Document") %}{{ title|default:_("No title") }}{% endif %}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in {
        "portal/web/views.py": 'A = _("Save")\n',
        "portal/web/charts.py": 'B = _now("Chart")\n',
        "pyproject.toml": (settings.BASE_DIR / "pyproject.toml").read_text(),
        "portal/web/tests/test_views.py": 'A = _("Only in a test")\n',
        "templates/page.html": PAGE,
        "templates/mail.txt": "{% blocktranslate %}\nHello {{ name }}, 100% sure\n{% endblocktranslate %}",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    for folder in catalogue.SOURCE_FOLDERS:
        (tmp_path / folder).mkdir(exist_ok=True)
    return tmp_path


def read(path: Path) -> Catalog:
    return read_po(BytesIO(path.read_bytes()), locale="zh_Hans")


@pytest.fixture
def updated(root: Path) -> Path:
    """A catalogue just made from the sources."""
    path = root / "locale" / "django.po"
    catalogue.update_catalogue(root, path, "zh_Hans")
    return path


def test_python_and_templates_are_read_with_plurals_and_contexts(updated: Path) -> None:
    assert {(message.id, message.context) for message in read(updated) if message.id} == {
        ("Save", None),
        ("Chart", None),
        ("Save", "a draft"),
        (("%(n)s file", "%(n)s files"), None),
        ("Document", None),
        ("No title", None),
        ("\nHello %(name)s, 100%% sure\n", None),
    }


def test_an_update_keeps_translations_and_changes_nothing_else(root: Path, updated: Path) -> None:
    before = updated.read_text().replace('msgid "Chart"\nmsgstr ""', 'msgid "Chart"\nmsgstr "图表"')
    updated.write_text(before)
    catalogue.update_catalogue(root, updated, "zh_Hans")
    assert updated.read_text() == before
    assert "#: portal/web/views.py\n" in before
    assert read(updated)["Chart"].string == "图表"


def test_a_catalogue_is_compiled_when_it_has_changed(updated: Path) -> None:
    target = updated.with_suffix(".mo")
    catalogue.compile_catalogue(updated, "zh_Hans")
    made = target.stat().st_mtime_ns
    catalogue.compile_catalogue(updated, "zh_Hans")
    assert target.stat().st_mtime_ns == made
    os.utime(updated, ns=(made + 1, made + 1))
    catalogue.compile_catalogue(updated, "zh_Hans")
    assert target.stat().st_mtime_ns > made


@pytest.mark.parametrize(
    ("source", "text", "fault"),
    [
        ('_("Hello")', "Hello|您好", None),
        ('_("Hello")', "Hello|", "untranslated"),
        ('_("Hello")', "Hello|您好|fuzzy", "fuzzy"),
        ('_("Hello %(name)s")', "Hello %(name)s|您好", "other placeholders"),
        ('_("Hello %(name)s")', "Hello %(name)s|%(nmae)s，您好", "unknown named placeholder 'nmae'"),
        ('_("Hello {name}")', "Hello {name}|{nmae}，您好", "other placeholders"),
        ('_("Hello %(name)s")', "Hello %(name)s|%(name)s，您好", None),
        ('_("Hello\\n")', "Hello\n|您好", "begins or ends with another line break"),
        ('ngettext("%(n)s file", "%(n)s files")', "%(n)s file/%(n)s files|%(n)s 个文件", None),
        ('ngettext("one file", "%(n)s files")', "one file/%(n)s files|%(n)s 个文件", None),
        ('_("New")', "Old|旧", "untranslated"),
    ],
)
def test_a_fault_is_named(tmp_path: Path, source: str, text: str, fault: str | None) -> None:
    for folder in catalogue.SOURCE_FOLDERS:
        (tmp_path / folder).mkdir()
    (tmp_path / "pyproject.toml").write_text((settings.BASE_DIR / "pyproject.toml").read_text())
    (tmp_path / "portal" / "views.py").write_text(f"A = {source}\n")
    msgid, string, *flags = text.split("|")
    kept = Catalog(locale="zh_Hans", fuzzy=False)
    forms = [tuple(each.split("/")) for each in (msgid, string)]
    plural = len(forms[0]) > 1
    kept.add(forms[0] if plural else msgid, forms[1] if plural else string, flags=flags)
    path = tmp_path / "django.po"
    with path.open("wb") as file:
        write_po(file, kept)
    first, *_rest = [*catalogue.catalogue_problems(tmp_path, path, "zh_Hans"), ""]
    assert first == (f"{fault}: {first.partition(': ')[2]}" if fault else "")


@pytest.mark.parametrize(("text", "is_fault"), [("2%，您好", True), ("百分之二，您好", False)])
def test_a_single_percent_sign_in_a_template_is_a_fault(root: Path, updated: Path, text: str, is_fault: bool) -> None:
    (root / "templates" / "mail.txt").write_text("{% blocktranslate %}Hello, 2 in 100{% endblocktranslate %}")
    catalogue.update_catalogue(root, updated, "zh_Hans")
    before = 'msgid "Hello, 2 in 100"\nmsgstr ""'
    assert before in updated.read_text()
    updated.write_text(updated.read_text().replace(before, before.removesuffix('""') + f'"{text}"'))
    found = list(catalogue.catalogue_problems(root, updated, "zh_Hans"))
    assert any("a single percent sign" in problem for problem in found) == is_fault


def test_what_is_untranslated_or_stale_is_named_with_its_place(root: Path, updated: Path) -> None:
    (root / "portal" / "web" / "charts.py").write_text('B = _("Table")\n')
    found = list(catalogue.catalogue_problems(root, updated, "zh_Hans"))
    assert "untranslated: 'Table' (portal/web/charts.py)" in found
    assert "stale: 'Chart' (portal/web/charts.py)" in found


def test_the_catalogues_are_complete() -> None:
    call_command("messages", "check")


def test_the_tests_see_chinese() -> None:
    with translation.override("zh-hans"):
        assert gettext("Public register") == "公示名录"
        assert ngettext("%(count)s file", "%(count)s files", 1) % {"count": 1} == "1 个文件"
