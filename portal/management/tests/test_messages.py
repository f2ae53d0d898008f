"""The catalogues: complete, in step with the sources, and made the same way each time."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
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
    {% if kind == _("Paper") %}{{ title|default:_("No title") }}{% endif %}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in {
        "portal/web/views.py": 'A = _("Save")\n',
        "portal/web/charts.py": 'from x import gettext as _now\nB = _now("Chart")\n',
        "portal/web/tests/test_views.py": 'A = _("Only in a test")\n',
        "templates/page.html": PAGE,
        "templates/mail.txt": "{% blocktranslate %}\nHello {{ name }}, 100% sure\n{% endblocktranslate %}",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_python_and_templates_are_read_with_plurals_and_contexts(root: Path) -> None:
    found = catalogue.extract_messages(root, "zh_Hans")
    assert {(message.id, message.context) for message in found if message.id} == {
        ("Save", None),
        ("Chart", None),
        ("Save", "a draft"),
        (("%(n)s file", "%(n)s files"), None),
        ("Paper", None),
        ("No title", None),
        ("\nHello %(name)s, 100%% sure\n", None),
    }


def test_a_catalogue_survives_being_written_and_read(root: Path, tmp_path: Path) -> None:
    first = catalogue.extract_messages(root, "zh_Hans")
    first["Save"].string = "保存"
    path = tmp_path / "django.po"
    path.write_bytes(catalogue.po_bytes(first))
    again = catalogue.merge_catalogues(
        catalogue.read_catalogue(path, "zh_Hans"), catalogue.extract_messages(root, "zh_Hans")
    )
    assert catalogue.po_bytes(again) == path.read_bytes()
    assert again["Save"].string == "保存"
    assert b"portal/web/views.py\n" in path.read_bytes()
    assert catalogue.mo_bytes(again) == catalogue.mo_bytes(catalogue.read_catalogue(path, "zh_Hans"))


@pytest.mark.parametrize(
    ("source", "text", "flags", "fault"),
    [
        ("Hello", "您好", (), None),
        ("Hello", "", (), "empty"),
        ("Hello", "您好", ("fuzzy",), "fuzzy"),
        ("Hello %(name)s", "您好", (), "other placeholders"),
        ("Hello {name}", "{nmae}，您好", (), "other placeholders"),
        ("Hello %(name)s", "%(name)s，您好", (), None),
        ("Hello\n", "您好", (), "begins or ends with another line break"),
        (("%(n)s file", "%(n)s files"), ("%(n)s 个文件",), (), None),
        (("one file", "%(n)s files"), ("%(n)s 个文件",), (), None),
        (("%(n)s file", "%(n)s files"), ("%(n)s 个文件", ""), (), "empty"),
    ],
)
def test_a_fault_is_named(
    source: str | tuple[str, str], text: str | tuple[str, ...], flags: tuple[str, ...], fault: str | None
) -> None:
    kept, wanted = Catalog(locale="zh_Hans"), Catalog(locale="zh_Hans")
    kept.add(source, text, flags=flags)
    wanted.add(source, locations=[("portal/web/views.py", 0)])
    found = list(catalogue.catalogue_problems(kept, wanted))
    assert [line.partition(":")[0] for line in found] == ([fault] if fault else [])


def test_what_is_missing_or_stale_is_named_with_its_place() -> None:
    kept, wanted = Catalog(locale="zh_Hans"), Catalog(locale="zh_Hans")
    kept.add("Gone", "没有了", locations=[("portal/web/old.py", 0)])
    wanted.add("New", locations=[("portal/web/views.py", 0)])
    assert list(catalogue.catalogue_problems(kept, wanted)) == [
        "missing: 'New' (portal/web/views.py)",
        "stale: 'Gone' (portal/web/old.py)",
    ]


def test_the_catalogues_are_complete() -> None:
    call_command("messages", "check")


def test_the_tests_see_chinese() -> None:
    with translation.override("zh-hans"):
        assert gettext("Public register") == "公示名录"
        assert ngettext("%(count)s file", "%(count)s files", 1) % {"count": 1} == "1 个文件"
