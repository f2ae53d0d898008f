"""The private servers under rough hands: races, kill -9, deep folders, folders that cannot be written."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import redis

from portal import localservers
from portal.localservers import keys, places, postgres, valkey
from portal.localservers.places import Unavailable

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.slow


def _connect(data_dir: Path, user: str = postgres.OWNER_ROLE) -> psycopg.Connection[tuple[object, ...]]:
    place = postgres.database_settings(data_dir)
    return psycopg.connect(host=place["HOST"], port=place["PORT"], dbname=place["NAME"], user=user, autocommit=True)


def _postmaster(data_dir: Path) -> int:
    return int((places.servers_home(data_dir) / "pg" / "postmaster.pid").read_text().splitlines()[0])


def test_nothing_is_made_by_asking(data_dir: Path) -> None:
    assert not postgres.postgres_status(data_dir).running
    assert not valkey.is_valkey_running(data_dir)
    postgres.stop_postgres(data_dir)
    valkey.stop_valkey(data_dir)
    assert not data_dir.exists()


def test_data_survive_a_stop_and_reset_removes_them(data_dir: Path) -> None:
    localservers.ensure_servers(data_dir)
    localservers.ensure_servers(data_dir)
    with _connect(data_dir) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS number")
    cache = redis.Redis.from_url(valkey.cache_url(data_dir))
    cache.set("kept", "42")
    cache.close()
    localservers.stop_servers(data_dir)
    assert not postgres.postgres_status(data_dir).running
    localservers.ensure_servers(data_dir)
    with _connect(data_dir) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (42,)
    assert redis.Redis.from_url(valkey.cache_url(data_dir)).get("kept") == b"42"
    postgres.reset_postgres(data_dir)
    valkey.reset_valkey(data_dir)
    assert postgres.postgres_status(data_dir).version == ""


def test_only_its_owner_reaches_the_servers(data_dir: Path) -> None:
    localservers.ensure_servers(data_dir)
    for folder in (
        places.socket_dir(data_dir),
        places.servers_home(data_dir) / "pg",
        places.servers_home(data_dir) / "valkey",
    ):
        assert folder.stat().st_mode & 0o077 == 0
    with _connect(data_dir) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert connection.execute("SELECT datctype FROM pg_database").fetchone() != ("C",), (
            "letters are more than ASCII"
        )


def test_eight_racing_starters_get_one_server(data_dir: Path) -> None:
    starter = f"from pathlib import Path; from portal import localservers; localservers.ensure_servers(Path({str(data_dir)!r}))"
    racers = [subprocess.Popen([sys.executable, "-c", starter], cwd=ROOT) for _ in range(8)]
    assert [racer.wait(60) for racer in racers] == [0] * 8
    with _connect(data_dir) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_committed_rows_survive_kill_9(data_dir: Path) -> None:
    localservers.ensure_servers(data_dir)
    with _connect(data_dir) as connection:
        connection.execute("CREATE TABLE kept (number int)")
        for number in range(200):
            connection.execute("INSERT INTO kept VALUES (%s)", [number])
        os.kill(_postmaster(data_dir), signal.SIGKILL)
    while postgres.postgres_status(data_dir).running:  # a killed process takes a moment to be gone
        time.sleep(0.01)
    started = time.monotonic()
    localservers.ensure_servers(data_dir)
    assert time.monotonic() - started < 25
    with _connect(data_dir) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (200,)


def test_a_killed_broker_comes_back_with_its_queue(data_dir: Path) -> None:
    valkey.ensure_valkey(data_dir)
    broker = redis.Redis.from_url(valkey.cache_url(data_dir, database=0))
    broker.rpush("queue", "one", "two")
    time.sleep(1.2)  # appendfsync everysec
    os.kill(broker.info("server")["process_id"], signal.SIGKILL)
    while valkey.is_valkey_running(data_dir):
        time.sleep(0.01)
    valkey.ensure_valkey(data_dir)
    assert broker.lrange("queue", 0, -1) == [b"one", b"two"]


def test_a_deep_folder_gets_a_short_socket(data_dir: Path) -> None:
    deep = data_dir.joinpath(*["a-rather-long-name"] * 8)
    assert len(str(places.socket_dir(deep))) <= 80
    try:
        localservers.ensure_servers(deep)
        assert postgres.postgres_status(deep).running
    finally:
        localservers.stop_servers(deep)
        places.socket_dir(deep).rmdir()


def test_an_attempt_that_died_half_way_is_swept_up(data_dir: Path) -> None:
    places.prepare_folders(data_dir)
    places.make_private_folder(places.servers_home(data_dir) / "pg.new-dead").joinpath("half").write_text("made")
    postgres.ensure_postgres(data_dir)
    assert not list(places.servers_home(data_dir).glob("pg.new-*"))


def test_another_major_version_is_refused_in_one_sentence(data_dir: Path) -> None:
    postgres.ensure_postgres(data_dir)
    postgres.stop_postgres(data_dir)
    (places.servers_home(data_dir) / "pg" / "PG_VERSION").write_text("14\n")
    with pytest.raises(Unavailable, match="belong to PostgreSQL 14"):
        postgres.ensure_postgres(data_dir)


def test_without_the_wheel_the_system_serves_or_one_sentence_says_what_to_do(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    monkeypatch.setattr(postgres, "_SYSTEM_PLACES", ("/nowhere/*",))
    with pytest.raises(Unavailable, match="install PostgreSQL 15 or newer"):
        postgres.ensure_postgres(data_dir)
    monkeypatch.setattr("shutil.which", lambda _name: None)
    with pytest.raises(Unavailable, match="install Valkey or Redis"):
        valkey.ensure_valkey(data_dir)


def test_somebody_elses_folder_is_refused(data_dir: Path) -> None:
    data_dir.mkdir()
    sockets = places.socket_dir(data_dir)
    sockets.mkdir(mode=0o777)
    sockets.chmod(0o777)
    with pytest.raises(Unavailable, match="belongs to somebody else or is open"):
        postgres.ensure_postgres(data_dir)


def test_a_folder_that_cannot_be_made_is_one_sentence() -> None:
    with pytest.raises(Unavailable, match=r"cannot be written .*DATA_DIR="):
        localservers.ensure_servers(Path("/proc/nowhere"))
    with pytest.raises(Unavailable, match="cannot be written"):
        keys.load_keys(Path("/proc/nowhere"))


def test_keys_are_made_once_and_for_their_owner(data_dir: Path) -> None:
    first = keys.load_keys(data_dir)
    assert keys.load_keys(data_dir) == first
    assert keys.keys_path(data_dir).stat().st_mode & 0o777 == 0o600
    assert len(first.secret_key) >= 50
    assert not list(data_dir.glob("keys.json?*"))


@pytest.mark.parametrize("arguments", [["--help"], ["--data-dir"], []])
def test_what_is_no_folder_makes_none(arguments: list[str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "portal.localservers", *arguments]
    environment = os.environ | {"PYTHONPATH": str(Path(localservers.__file__).parents[2])}
    subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, timeout=60, check=False)
    assert list(tmp_path.iterdir()) == []
