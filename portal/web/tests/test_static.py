"""Every file that a template names is there: in production a missing one is an error page."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

NAMED = re.compile(r"""{%\s*static\s+['"]([^'"]+)['"]""")
TEMPLATES = sorted(Path(settings.BASE_DIR / "templates").rglob("*.html"))


def test_there_are_templates_to_look_at() -> None:
    assert sum(len(NAMED.findall(path.read_text())) for path in TEMPLATES) > 10


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_static_files_of_a_template_exist(path: Path) -> None:
    missing = [name for name in NAMED.findall(path.read_text()) if finders.find(name) is None]
    assert missing == []
