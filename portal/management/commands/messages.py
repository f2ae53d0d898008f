"""`manage.py messages update|compile|check`: the catalogues of translations, without system gettext."""

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import to_locale

from portal.management import catalogue


class Command(BaseCommand):
    help = "Bring the catalogues up to the sources, compile them, or check that they are complete."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("step", choices=["update", "compile", "check"])

    def handle(self, *args: Any, **options: Any) -> None:
        {"update": self._update, "compile": self._compile, "check": self._check}[options["step"]]()

    def _update(self) -> None:
        for path, language in _catalogues():
            catalogue.update_catalogue(settings.BASE_DIR, path, language)

    def _compile(self) -> None:
        for path, language in _catalogues():
            catalogue.compile_catalogue(path, language)

    def _check(self) -> None:
        """Name everything that a reader would see in the wrong language, or not at all."""
        found = [
            f"{language}: {line}"
            for path, language in _catalogues()
            for line in catalogue.catalogue_problems(settings.BASE_DIR, path, language)
        ]
        for line in found:
            self.stderr.write(line)
        if found:
            raise CommandError(f"{len(found)} messages need work: run manage.py messages update, then translate.")


def _catalogues() -> Iterator[tuple[Path, str]]:
    for code, _name in settings.LANGUAGES:
        if code != settings.LANGUAGE_CODE:
            language = to_locale(code)
            yield Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po", language
