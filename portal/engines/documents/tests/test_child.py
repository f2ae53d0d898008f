"""The child's cage: memory, time, output, death and environment."""

import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from portal.engines import documents, limited_process
from portal.engines.documents import LIMITS, Refused, child, limits
from portal.testing import sample_documents

# How a child's program begins: the request, and the module that limits it.
_START = f"""
import json, sys, types
package = types.ModuleType("portal")
package.__path__ = [{str(Path(limited_process.__file__).parents[1])!r}]
sys.modules["portal"] = package
from portal.engines import limited_process
request = json.loads(sys.stdin.buffer.readline())
"""
_PARENT = """
from pathlib import Path
from portal.engines import limited_process
from portal.engines.documents import LIMITS, child
limited_process.switch_isolation(on={isolated})
child._WORKER = Path({program!r})
child._ask("inspect", b"x", "", LIMITS, 50)
"""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another program in the child's place; it gets the same start and the same cage from outside."""
    path = tmp_path / "program.py"
    monkeypatch.setattr(child, "_WORKER", path)
    return path


def test_memory_is_bounded() -> None:
    # 8,000 x 8,000 px with alpha need 256 MB; the cage is smaller, and the file is refused, not the machine.
    data, tight = sample_documents.make_photo("PNG", size=(8000, 8000)), replace(LIMITS, child_memory=200 * limits.MIB)
    assert documents.render_document(sample_documents.make_photo("PNG"), bounds=tight)
    with pytest.raises(Refused) as caught:
        documents.render_document(data, bounds=tight)
    assert caught.value.code == limits.TOO_HEAVY


def test_the_limits_are_really_set(program: Path) -> None:
    program.write_text(
        f"""{_START}
import resource
limited_process.limit_self(request["limits"]["child_memory"], request["seconds"])
try:
    kept = bytearray(request["limits"]["child_memory"])
except MemoryError:
    kept = b""
names = ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_CORE", "RLIMIT_FSIZE", "RLIMIT_NOFILE")
found = {{name: resource.getrlimit(getattr(resource, name)) for name in names}}
print(json.dumps({{"media_type": "image/png", "page_count": len(kept), "pages": [], "found": found}}))
"""
    )
    head, _ = child._ask("inspect", b"x", "", LIMITS, 10)
    assert head["page_count"] == 0  # the allocation failed
    assert head["found"] == {
        "RLIMIT_AS": [LIMITS.child_memory] * 2,
        "RLIMIT_CPU": [10, 10],
        "RLIMIT_CORE": [0, 0],
        "RLIMIT_FSIZE": [0, 0],
        "RLIMIT_NOFILE": [64, 64],
    }


@pytest.mark.skipif(sys.platform != "linux", reason="needs a signal at the parent's death")
@pytest.mark.parametrize("isolated", ["True", "False"])
def test_the_child_dies_with_its_parent(tmp_path: Path, isolated: str) -> None:
    program, told = tmp_path / "child.py", tmp_path / "told"
    program.write_text(
        f"""{_START}
import os, time
open({str(told)!r}, "w").write(str(os.getpid()))
limited_process.limit_self(request["limits"]["child_memory"], request["seconds"])
time.sleep(60)
"""
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT.format(program=str(program), isolated=isolated)],
        cwd=Path(child.__file__).parents[3],
    )
    while not (told.exists() and told.read_text()):
        time.sleep(0.05)
    time.sleep(0.5)
    parent.kill()
    parent.wait()
    number = int(told.read_text())
    deadline = time.monotonic() + 5
    while Path(f"/proc/{number}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{number}").exists()


@pytest.mark.parametrize("body", ["while True: pass", "import time; time.sleep(60)"])
def test_time_is_bounded(program: Path, body: str) -> None:
    program.write_text(body)
    started = time.monotonic()
    with pytest.raises(Refused) as caught:
        documents.inspect_document(b"x", bounds=replace(LIMITS, wall_seconds=1))
    assert caught.value.code == limits.TOO_HEAVY
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "body",
    [
        "import sys\nwhile True: sys.stdout.write('x' * 65536)",
        "print('not json')",
        "import os; os.kill(os.getpid(), 11)",
        "raise SystemExit(3)",
        "print('{}'); raise SystemExit(3)",
        """print('{"media_type": "text/html", "page_count": 1, "pages": []}')""",
        """print('{"refused": "whatever", "detail": ""}')""",
        """print('{"media_type": "image/png", "page_count": 1, "pages": []}')""",
    ],
)
def test_a_child_that_misbehaves_is_a_refusal(program: Path, body: str) -> None:
    program.write_text(body)
    with pytest.raises(Refused) as caught:
        documents.render_document(b"x" * 100_000, bounds=replace(LIMITS, child_output=1 << 20))
    assert caught.value.code in limits.CODES


def _held() -> tuple[int, int, int]:
    me = Path("/proc/self")
    children = [line for task in me.glob("task/*/children") for line in task.read_text().split()]
    ours = [pid for pid in children if b"worker.py" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return len(list((me / "fd").iterdir())), threading.active_count(), len(ours)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_no_child_no_thread_and_no_file_descriptor_stays_behind() -> None:
    data = sample_documents.make_photo()
    documents.inspect_document(data)
    before = _held()
    for _ in range(3):
        documents.inspect_document(data)
        with pytest.raises(Refused):
            documents.inspect_document(b"")
    assert _held() == before


def test_the_child_sees_no_secret_of_ours(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "top secret")
    program.write_text(
        """
import json, os, sys
answer = {"media_type": "image/png", "page_count": 0, "pages": [], "seen": sorted(os.environ), "path": sys.path}
print(json.dumps(answer))
"""
    )
    head, _ = child._ask("inspect", b"x", "", LIMITS, 10)
    assert set(head["seen"]) <= {
        "LC_ALL",
        "MALLOC_ARENA_MAX",
        "OPENBLAS_NUM_THREADS",
        "PARENT",
        "ISOLATED",
        "LC_CTYPE",
        "__CF_USER_TEXT_ENCODING",
    }
    assert not [entry for entry in head["path"] if entry in ("", str(Path.cwd()))]


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
    assert documents.inspect_document(sample_documents.make_pdf("x")).page_count == 1


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_nothing_is_written_to_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    documents.render_document(sample_documents.make_pdf("x"))
    assert list(tmp_path.iterdir()) == []
