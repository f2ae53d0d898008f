"""The pictures of the README are there, small, and those that `manage.py pictures` draws."""

import re

from django.conf import settings
from PIL import Image

from portal.management.commands import pictures


def test_the_readme_shows_what_the_command_draws() -> None:
    shown = re.findall(r"\]\((docs/pictures/\S+?)\)", (settings.BASE_DIR / "README.md").read_text())
    assert shown == [f"docs/pictures/{name}.webp" for name in pictures.PICTURES]
    for path in shown:
        file = settings.BASE_DIR / path
        assert file.stat().st_size <= pictures.MOST_BYTES
        with Image.open(file) as picture:
            assert picture.size == (1280, 800)
