"""The child's cage, and what of its answer is believed."""

import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from portal.engines import fingerprints
from portal.engines.fingerprints import LIMITS, Refused, child, limits
from portal.engines.fingerprints.tests import specimens
from portal.engines.fingerprints.tests.test_record import fingerprint

ROOT = Path(__file__).parents[4]
PROBE = {
    "media_type": "video/mp4", "container": "mov", "codec": "h264", "width": 10, "height": 10,
    "duration": 2.0, "frame_rate": 25.0, "has_audio": False, "playable": True,
}  # fmt: skip


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another program in the child's place; it gets the same start and the same cage from outside."""
    path = tmp_path / "program.py"
    monkeypatch.setattr(child, "_WORKER", path)
    return path


@pytest.fixture
def file() -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile() as opened:
        opened.write(b"x" * 1000)
        yield cast("BinaryIO", opened)


def _saying(program: Path, head: object, body: bytes) -> None:
    answer = json.dumps(head).encode() + b"\n" + body
    program.write_text(f"import sys\nsys.stdout.buffer.write({answer!r})")


@pytest.mark.parametrize("body", ["while True: pass", "import time; time.sleep(60)"])
def test_time_is_bounded(program: Path, file: BinaryIO, body: str) -> None:
    program.write_text(body)
    started = time.monotonic()
    with pytest.raises(Refused) as caught:
        fingerprints.fingerprint_video(file, bounds=replace(LIMITS, wall_seconds=1))
    assert caught.value.code == limits.TOO_HEAVY
    assert time.monotonic() - started < 5


def test_processor_time_is_bounded_and_waiting_for_a_processor_costs_none(program: Path, file: BinaryIO) -> None:
    limited = f"""
import json, sys, time
sys.path.insert(0, {str(ROOT)!r})
from portal.engines import limited_process
limited_process.limit_self(1 << 30, json.loads(sys.argv[1])["seconds"])
"""
    bounds = replace(LIMITS, probe_seconds=1, wall_seconds=300)
    answer = json.dumps(PROBE).encode() + b"\n\xff\xd8\xff"
    program.write_text(f"{limited}\ntime.sleep(2.5)\nsys.stdout.buffer.write({answer!r})")
    assert fingerprints.probe_video(file, bounds=bounds).codec == "h264"
    program.write_text(f"{limited}\nwhile True: pass")
    started = time.monotonic()
    with pytest.raises(Refused) as caught:
        fingerprints.probe_video(file, bounds=bounds)
    assert caught.value.code == limits.TOO_HEAVY
    assert time.monotonic() - started < 200


@pytest.mark.parametrize(
    "body",
    [
        "import sys\nwhile True: sys.stdout.write('x' * 65536)",
        "print('not json')",
        "print('[1]')",
        "import os; os.kill(os.getpid(), 11)",
        "raise SystemExit(3)",
        "print('{}'); raise SystemExit(3)",
        """print('{"refused": "whatever", "detail": ""}')""",
        "print('{}')",
    ],
)
def test_a_child_that_misbehaves_is_a_refusal(program: Path, file: BinaryIO, body: str) -> None:
    program.write_text(body)
    bounds = replace(LIMITS, child_output=1 << 20)
    for door in (fingerprints.probe_video, fingerprints.fingerprint_video):
        with pytest.raises(Refused) as caught:
            door(file, bounds=bounds)
        assert caught.value.code in limits.CODES


def test_a_right_answer_is_believed(program: Path, file: BinaryIO) -> None:
    _saying(program, PROBE, b"\xff\xd8\xff poster")
    assert fingerprints.probe_video(file).poster == b"\xff\xd8\xff poster"
    _saying(program, {}, fingerprint(1).pack())
    assert len(fingerprints.fingerprint_video(file).times) == 80


@pytest.mark.parametrize(
    "change",
    [
        {"media_type": "text/html"}, {"media_type": ["video/mp4"]}, {"codec": ""}, {"codec": "x" * 100}, {"codec": "a\nb"},
        {"width": 0}, {"width": "10"}, {"width": 10**6, "height": 10**6}, {"width": True}, {"duration": 0.1}, {"duration": 1e9},
        {"duration": float("nan")}, {"duration": None}, {"frame_rate": -1}, {"poster": "GIF89a"},
    ],
)  # fmt: skip
def test_a_wrong_answer_is_not_believed(program: Path, file: BinaryIO, change: dict[str, object]) -> None:
    head = PROBE | change
    _saying(program, head, str(head.pop("poster", "")).encode() or b"\xff\xd8\xff")
    with pytest.raises(Refused) as caught:
        fingerprints.probe_video(file)
    assert caught.value.code == limits.BROKEN


def test_the_child_gets_the_file_itself_and_its_place_is_kept(program: Path, file: BinaryIO) -> None:
    program.write_text(
        f"""
import json, os, sys
os.lseek(0, 5, 0)
head = {PROBE!r} | {{"width": len(os.read(0, 1 << 20))}}
sys.stdout.buffer.write(json.dumps(head).encode() + b"\\n\\xff\\xd8\\xff")
"""
    )
    file.seek(7)
    assert fingerprints.probe_video(file).width == 995
    assert file.tell() == 7


def _held() -> tuple[int, int, int]:
    me = Path("/proc/self")
    children = [line for task in me.glob("task/*/children") for line in task.read_text().split()]
    ours = [pid for pid in children if b"worker.py" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return len(list((me / "fd").iterdir())), threading.active_count(), len(ours)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_nothing_stays_behind(file: BinaryIO) -> None:
    with tempfile.TemporaryFile() as film:
        film.write(specimens.drawn(seconds=2))
        fingerprints.probe_video(cast("BinaryIO", film))
        before = _held()
        for _ in range(2):
            fingerprints.probe_video(cast("BinaryIO", film))
            with pytest.raises(Refused):
                fingerprints.fingerprint_video(file)
        assert _held() == before


def test_the_child_loads_neither_django_nor_celery(program: Path) -> None:
    worker = Path(child.__file__).with_name("worker.py")
    program.write_text(
        f"""
import atexit, os, runpy, sys
bad = lambda: sys.modules.keys() & {{"django", "celery"}}
atexit.register(lambda: bad() and os._exit(9))
runpy.run_path({str(worker)!r}, run_name="__main__")
"""
    )
    with tempfile.TemporaryFile() as film:
        film.write(specimens.drawn(seconds=2))
        assert fingerprints.probe_video(cast("BinaryIO", film)).codec == "h264"
