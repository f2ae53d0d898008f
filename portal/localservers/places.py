"""Directories, system user and start lock of the embedded servers.

PostgreSQL refuses to run as root, so root starts the servers as `nobody`. What `nobody` cannot
reach, because a parent folder is closed, is put under /var/lib/creator-trust instead.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

# A unix socket's path has 104 bytes on macOS and 108 on Linux; ".s.PGSQL.5432" needs some of them.
_LONGEST_SOCKET_DIR = 80


class Unavailable(Exception):
    """A server cannot be started here; the message is one sentence that says what to do."""


def servers_home(data_dir: Path) -> Path:
    """Folder of the servers' own files: `data_dir`, or one that the account running them can reach."""
    if os.geteuid() != 0 or is_reachable(data_dir):
        return data_dir
    return Path("/var/lib/creator-trust") / _digest(data_dir)


def socket_dir(data_dir: Path) -> Path:
    """Folder of the unix sockets, closed to other people."""
    inside = servers_home(data_dir) / "run"
    if len(os.fsencode(inside)) <= _LONGEST_SOCKET_DIR:
        return inside
    return Path("/tmp") / f"creator-trust-{_digest(data_dir)}"  # noqa: S108 -- ensure() checks its owner


def is_reachable(path: Path) -> bool:
    """Whether any account may pass through every folder down to `path`, as far as it exists."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in [path, *path.parents] if folder.exists())


def server_account() -> pwd.struct_passwd | None:
    """Whom the servers run as when that is somebody else: `nobody` for root, else None."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def prepare_folders(data_dir: Path) -> Path:
    """Make home and socket folder; returns home. Raises Unavailable where nothing can be written."""
    make_folder(data_dir)
    place = make_folder(servers_home(data_dir))
    try:
        make_private_folder(socket_dir(data_dir))
    except OSError as error:
        raise _unwritable(place, error) from error
    return place


def make_folder(path: Path) -> Path:
    """Make a folder for data; raises Unavailable where that cannot be."""
    try:
        # Root's data must let `nobody` pass; what lies inside is closed file by file.
        path.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from error
    if not os.access(path, os.W_OK):
        raise _unwritable(path, PermissionError(0, "Permission denied"))
    return path


def make_private_folder(path: Path) -> Path:
    """Make `path` for the account that runs the servers, closed to everybody else."""
    path.mkdir(mode=0o700, exist_ok=True)
    runs_as = server_account()
    if runs_as is not None and path.stat().st_uid == 0:
        os.chown(path, runs_as.pw_uid, runs_as.pw_gid)
    found = path.stat()
    if found.st_uid != (runs_as.pw_uid if runs_as else os.geteuid()) or found.st_mode & 0o077:
        message = f"The folder {path} belongs to somebody else or is open to others; remove it and start again."
        raise Unavailable(message)
    return path


@contextmanager
def server_lock(place: Path, name: str) -> Iterator[None]:
    """Let one process at a time start or stop a server; the lock is released when the process ends."""
    try:
        handle = (place / f"{name}.lock").open("w")
    except OSError as error:
        raise _unwritable(place, error) from error
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def run_as_server_account(
    command: Sequence[str | Path], *, cwd: Path, text: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a server's program as the account for it, with none of this process's PG* settings."""
    runs_as = server_account()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        input=text if text is not None else "",
        env=environment,
        user=runs_as.pw_uid if runs_as else None,
        group=runs_as.pw_gid if runs_as else None,
        extra_groups=[] if runs_as else None,
        umask=0o077,
        capture_output=True,
        text=True,
        check=False,
    )


def usable_program(root: Path, folders: Sequence[str], program: Path, copies: Path) -> Path:
    """`program` under `root`, or, where it is out of reach, its copy under `copies`.

    `folders` are the parts of `root` that the program needs to run.
    """
    if server_account() is None or is_reachable(root / program):
        return root / program
    if not (copies / program).exists():
        draft = copies.with_name(f"{copies.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        for folder in folders:
            if (root / folder).exists():
                shutil.copytree(root / folder, draft / folder, symlinks=True)
        draft.chmod(0o755)
        shutil.rmtree(copies, ignore_errors=True)
        draft.rename(copies)
    return copies / program


def _unwritable(path: Path, error: OSError) -> Unavailable:
    return Unavailable(
        f"The folder {path} cannot be written ({error.strerror}); "
        "name another one, for example: make run DATA_DIR=/path/to/folder"
    )


def _digest(data_dir: Path) -> str:
    return hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
