"""Every file that a template names is there: in production a missing one is an error page. Scripts import hashed names."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from pytest_django import Settings

NAMED = re.compile(r"""{%\s*static\s+['"]([^'"]+)['"]""")
IMPORTED = re.compile(r"""^import .*?["']([^"']+)["'];$""", re.MULTILINE)
TEMPLATES = sorted(Path(settings.BASE_DIR / "templates").rglob("*.html"))


def test_there_are_templates_to_look_at() -> None:
    assert sum(len(NAMED.findall(path.read_text())) for path in TEMPLATES) > 10


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_static_files_of_a_template_exist(path: Path) -> None:
    missing = [name for name in NAMED.findall(path.read_text()) if finders.find(name) is None]
    assert missing == []


def test_scripts_import_the_same_address_as_pages_do(tmp_path: Path, settings: Settings) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "portal.web.static_files.HashedStaticFiles"}}
    call_command("collectstatic", interactive=False, verbosity=0)
    scripts = tmp_path / "portal" / "js"
    (upload,) = scripts.glob("upload.*.js")
    (forms,) = scripts.glob("forms.*.js")
    assert f"./{forms.name}" in IMPORTED.findall(upload.read_text())
    for script in scripts.glob("*.????????????.js"):
        for name in IMPORTED.findall(script.read_text()):
            assert re.fullmatch(r"\./\w+\.[0-9a-f]{12}\.js", name)
            assert (scripts / name).exists()
