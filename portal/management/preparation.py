"""What a demo needs before it can be opened; a step whose input has not changed is left out."""

import hashlib
import inspect
import json
from collections.abc import Callable, Iterable
from importlib import import_module, util
from pathlib import Path
from types import ModuleType

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.db import connection

# In this order: people first, then what they own. Each may hold a module `demo` with `seed()`,
# which is safe to run again, and `fill()`, which adds what may come while the site is open.
DEMO_APPS = ("portal.people", "portal.evidence", "portal.reviews", "portal.sandbox", "certification", "complaints")


def prepare_demo(say: Callable[[str], None]) -> None:
    """Catalogues, static files, tables and demo data, as far as they are not there yet."""
    done = _DoneSteps(settings.DATA_DIR / "prepared.json")
    if "messages" in get_commands():
        done.once("catalogues", _catalogues(), lambda: call_command("messages", "compile"), say)
    if not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        done.forget("static files")
    done.once("static files", _static_files(), _collect, say)
    call_command("migrate", interactive=False, verbosity=0)
    done.once("demo data", _demo_data(), seed_demo_data, say)


def seed_demo_data() -> None:
    """Run every seeder there is."""
    for module in demo_modules():
        module.seed()


def fill_demo_data() -> None:
    """Add what the seeders leave for later."""
    for module in demo_modules():
        if hasattr(module, "fill"):
            module.fill()


def demo_modules() -> list[ModuleType]:
    """The `demo` modules of the apps, in the order of DEMO_APPS."""
    return [import_module(f"{app}.demo") for app in DEMO_APPS if util.find_spec(f"{app}.demo")]


class _DoneSteps:
    """Which steps were done with which input, in a small file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.inputs: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}

    def forget(self, name: str) -> None:
        self.inputs.pop(name, None)

    def once(self, name: str, parts: Iterable[str], step: Callable[[], object], say: Callable[[str], None]) -> None:
        digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        if self.inputs.get(name) == digest:
            return
        say(f"Preparing {name} ...")
        step()
        self.inputs[name] = digest
        self.path.write_text(json.dumps(self.inputs, indent=1))


def _catalogues() -> list[str]:
    return [_state(path) for folder in settings.LOCALE_PATHS for path in sorted(Path(folder).rglob("*.[pm]o"))]


def _static_files() -> list[str]:
    found = [
        _state(Path(storage.path(name)))
        for finder in get_finders()
        for name, storage in finder.list(["CVS", ".*", "*~"])
    ]
    return [*sorted(found), str(settings.STATIC_ROOT)]


def _collect() -> None:
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)


def _demo_data() -> list[str]:
    with connection.cursor() as cursor:
        # When this database was made: a new one is empty again.
        cursor.execute("SELECT min(applied) FROM django_migrations")
        (made_at,) = cursor.fetchone()
    return [str(made_at), *(source for module in demo_modules() for source in _sources(module))]


def _sources(module: ModuleType) -> list[str]:
    """The texts of a module, or of all modules of a package."""
    place = Path(inspect.getfile(module))
    files = sorted(place.parent.glob("*.py")) if place.name == "__init__.py" else [place]
    return [file.read_text() for file in files]


def _state(path: Path) -> str:
    found = path.stat()
    return f"{path} {found.st_size} {found.st_mtime_ns}"
