"""`manage.py messages extract|compile|check`: the catalogues of translations, without system gettext."""

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
        parser.add_argument("step", choices=["extract", "compile", "check"])

    def handle(self, *args: Any, **options: Any) -> None:
        {"extract": self._extract, "compile": self._compile, "check": self._check}[options["step"]]()

    def _extract(self) -> None:
        """Write each .po anew: what is new is empty or fuzzy, what nobody says any more is gone."""
        for path, language in _catalogues():
            kept, wanted = (
                catalogue.read_catalogue(path, language),
                catalogue.extract_messages(settings.BASE_DIR, language),
            )
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path, catalogue.po_bytes(catalogue.merge_catalogues(kept, wanted)))

    def _compile(self) -> None:
        """Write each .mo beside its .po; one that would stay the same is not touched."""
        for path, language in _catalogues():
            _replace(path.with_suffix(".mo"), catalogue.mo_bytes(catalogue.read_catalogue(path, language)))

    def _check(self) -> None:
        """Name everything that a reader would see in the wrong language, or not at all."""
        found = [
            f"{path.parent.parent.name}: {line}" for path, language in _catalogues() for line in _faults(path, language)
        ]
        for line in found:
            self.stderr.write(line)
        if found:
            raise CommandError(f"{len(found)} messages need work: run manage.py messages extract, then translate.")


def _catalogues() -> Iterator[tuple[Path, str]]:
    for code, _name in settings.LANGUAGES:
        if code != settings.LANGUAGE_CODE:
            language = to_locale(code)
            yield Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po", language


def _faults(path: Path, language: str) -> Iterator[str]:
    return catalogue.catalogue_problems(
        catalogue.read_catalogue(path, language), catalogue.extract_messages(settings.BASE_DIR, language)
    )


def _replace(path: Path, content: bytes) -> None:
    if not path.exists() or path.read_bytes() != content:
        path.write_bytes(content)
