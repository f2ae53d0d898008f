"""The gallery shows every component, and the vendored files are what they say they are."""

import hashlib
import json
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from portal.web.templatetags import ui

VENDOR = Path(settings.BASE_DIR) / "portal/static/vendor"
# Shown by every page: the menu. Shown inside forms: the summary of errors, and the attributes of fields.
_ELSEWHERE = {"navigation", "error_summary", "error_summary_of", "kept_form"}


@pytest.mark.django_db
def test_every_component_is_in_the_gallery(client: Client) -> None:
    assert client.get("/ui/").status_code == 200
    folder = Path(settings.BASE_DIR) / "templates/web"
    source = "".join(path.read_text() for path in [folder / "gallery.html", *(folder / "gallery").glob("*.html")])
    missing = {name for name in ui.register.tags if f"{{% {name} " not in source}
    assert missing == _ELSEWHERE


def test_vendored_files_are_unchanged() -> None:
    for name, about in json.loads((VENDOR / "vendor.json").read_text()).items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == about["sha256"], name
        assert about["license"] == "MIT"
