"""`manage.py serve`, as somebody types it: opens, says why it cannot, and leaves nothing behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from portal.localservers import postgres, valkey
from portal.management import kept_running
from portal.pools import POOLS
from portal.testing.processes import run_manage

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.slow
KILLED = "An earlier start was killed"
# Seconds until the first page, with the demo's rows. The aim is 120; on two quiet cores it takes 120 to 140, some 45
# of them for the migrations of a new database.
FIRST_START = 240


@contextmanager
def serving(
    environment: dict[str, str], log: Path, *, port: int = 0
) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """The portal in a session of its own, on a free port unless one is given."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = port or probe.getsockname()[1]
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=ROOT, env=environment | {"PORT": str(port)}, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(30)


def _status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 -- our own address
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def _check_latencies_are_added_up(url: str) -> None:
    """Both workers answer, and each tells of all requests."""
    for _time in range(20):
        assert _status(f"{url}/register/") == 200
    counted = {_requests_counted(url) for _time in range(10)}
    assert counted == {20}


def _requests_counted(url: str) -> float:
    with urllib.request.urlopen(f"{url}/metrics", timeout=5) as answer:  # noqa: S310 -- our own address
        (count,) = re.findall(r'^portal_request_seconds_count{.*:register"} (.*)', answer.read().decode(), re.MULTILINE)
    return float(count)


def _wait_for(url: str, seconds: float, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + seconds
    while _status(url) != 200:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.2)


def _check_a_killed_worker_is_started_again(process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Celery's main process may end with its broker; the others go on meanwhile."""
    keepers = [psutil.Process(int(pid)) for pid in re.findall(r"started \(pid=(\d+)\)", log.read_text())]
    (keeper,) = [one for one in keepers if {kept_running.__file__, "restitution"} <= set(one.cmdline())]
    (worker,) = keeper.children()
    worker.kill()
    deadline = time.monotonic() + 30
    while keeper.children() in ([], [worker]):
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.2)
    assert process.poll() is None, log.read_text()


def _left_running(groups: list[int]) -> list[psutil.Process]:
    """The processes of these process groups, after ten seconds at most in which killed ones may end.

    One that has ended and that its new parent has not collected yet does not count.
    """
    for _time in range(50):
        left = [process for process in psutil.process_iter() if _is_running_in(process, groups)]
        if not left:
            break
        time.sleep(0.2)
    return left


def _is_running_in(process: psutil.Process, groups: list[int]) -> bool:
    try:
        return os.getpgid(process.pid) in groups and process.status() != psutil.STATUS_ZOMBIE
    except (ProcessLookupError, psutil.NoSuchProcess):
        return False


def _kill(process: "subprocess.Popen[bytes]", url: str, log: Path) -> list[int]:
    """Kill the main process alone; gives the pids of its parts, which work on."""
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    parts = [int(pid) for pid in re.findall(r"started \(pid=(\d+)\)", log.read_text())]
    assert {found.pid for found in _left_running(parts)} >= set(parts), "kill -9 leaves its parts"
    assert _status(f"{url}/livez") == 200
    return parts


def _check_the_next_start_ends_what_is_left(
    parts: list[int], data_dir: Path, environment: dict[str, str], log: Path, port: int
) -> None:
    # Two lines of the record name pids of processes that are not the portal's: this test, and one that is gone.
    with (data_dir / "serve.processes").open("a") as record:
        record.write(f"{os.getpid()} another-start\n{2**22 + 1} gone\n")
    with serving(environment, log, port=port) as (process, url):
        # Until it says so, it is the web process of before that answers.
        until = time.monotonic() + FIRST_START
        while KILLED not in log.read_text() and time.monotonic() < until:
            time.sleep(0.1)
        _wait_for(f"{url}/healthz/", FIRST_START, process, log)
        assert not _left_running(parts)
        assert log.read_text().count(KILLED) == 1
        process.terminate()
        assert process.wait(30) == 0


def test_it_opens_stops_and_opens_again_with_its_data_also_when_it_was_killed(
    data_dir: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    """Without the sandbox, whose videos take a while to draw; the browser tests walk through it."""
    log, environment = tmp_path / "serve.log", environment | {"SANDBOX": "0"}
    with serving(environment, log) as (process, url):
        _wait_for(f"{url}/healthz/", FIRST_START, process, log)
        assert _status(f"{url}/livez") == 200
        _check_latencies_are_added_up(url)
        again = run_manage("serve", environment=environment)
        assert "already runs with these data" in again.stderr
        # The servers are killed; the portal brings them back.
        os.kill(int((data_dir / "pg" / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
        time.sleep(1)
        _wait_for(f"{url}/healthz/", 40, process, log)
        _check_a_killed_worker_is_started_again(process, log)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0, log.read_text()
    assert "is open: http://localhost:" in log.read_text()
    assert "Traceback" not in log.read_text().split("SIGINT received")[1]
    assert not postgres.postgres_status(data_dir).running
    assert not valkey.is_valkey_running(data_dir)
    parts = [int(pid) for pid in re.findall(r"started \(pid=(\d+)\)", log.read_text())]
    assert len(parts) == 3 + len(POOLS)
    assert not _left_running(parts), "each part leads a process group of its own"
    log.write_text("")
    with serving(environment, log) as (process, url):
        _wait_for(f"{url}/healthz/", 40, process, log)
        assert "Preparing" not in log.read_text(), "nothing had changed"
        parts = _kill(process, url, log)
    _check_the_next_start_ends_what_is_left(
        parts, data_dir, environment, tmp_path / "again.log", int(url.rpartition(":")[2])
    )


def test_a_busy_port_is_one_sentence(data_dir: Path, environment: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run_manage("serve", environment=environment | {"PORT": str(port)})
    assert result.returncode != 0
    assert result.stderr.strip().splitlines()[-1].startswith(f"CommandError: Port {port} is used by another program;")
    assert f"PORT={port + 1}" in result.stderr
    assert not postgres.postgres_status(data_dir).running


def test_a_folder_that_cannot_be_written_is_one_sentence(environment: dict[str, str]) -> None:
    result = run_manage("serve", environment=environment | {"DATA_DIR": "/proc/nowhere"})
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "cannot be written" in result.stderr


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_production_serves_no_demo(command: str, environment: dict[str, str]) -> None:
    from portal.tests.test_production import FIT

    result = run_manage(command, environment=environment | FIT)
    assert result.returncode != 0
    assert "demos" in result.stderr
