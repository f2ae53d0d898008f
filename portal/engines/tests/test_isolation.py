"""What a process that opens hostile files can do to others: each attack is really tried, with and without Landlock."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType

import pikepdf
import pytest

from portal.engines import documents, fingerprints, isolation, landlock, limited_process
from portal.engines.fingerprints.tests import signed, specimens
from portal.testing import sample_documents

pytestmark = pytest.mark.skipif(not isolation.isolation_available(), reason="needs seccomp")
_SECRET = "the secret of the portal"
# By name: what a fault in a parser would let somebody do. `secret` is a file of ours, `parent` our number.
_ATTACKS = {
    "read a file": "open(secret).read()",
    "read the keys": "open('/etc/passwd').read()",
    "read the parent's environment": "open(f'/proc/{parent}/environ', 'rb').read()",
    "read the parent's memory map": "open(f'/proc/{parent}/maps').read()",
    "read the parent's memory": "open(f'/proc/{parent}/mem', 'rb').read(0)",
    "list a folder": "os.listdir(os.path.dirname(secret))",
    "overwrite a file": "os.open(secret, os.O_WRONLY)",
    "append to a file": "os.open(secret, os.O_RDWR | os.O_APPEND)",
    "make a file": "os.open(secret + '2', os.O_CREAT | os.O_RDONLY)",
    "make a file without a name": "os.open('/tmp', os.O_TMPFILE | os.O_RDWR)",
    "remove a file": "os.unlink(secret)",
    "rename a file": "os.rename(secret, secret + '2')",
    "link to a file": "os.link(secret, secret + '2')",
    "make a symbolic link": "os.symlink(secret, secret + '2')",
    "make a folder": "os.mkdir(secret + '2')",
    "shorten a file": "os.truncate(secret, 0)",
    "shorten the input": "os.ftruncate(0, 0)",
    "write to the input": "os.pwrite(0, b'x', 0)",
    "open a file to everybody": "os.chmod(secret, 0o777)",
    "change a file's times": "os.utime(secret)",
    "change a file's attributes": "os.setxattr(secret, 'user.x', b'')",
    "a socket": "socket.socket()",
    "a pair of sockets": "socket.socketpair()",
    "connect": "socket.create_connection(('127.0.0.1', 80))",
    "a process": "os.fork()",
    "a program": "os.execv('/bin/true', ['true'])",
    "a thread": "_thread.start_new_thread(list, ())",
    "kill the parent": "os.kill(parent, 0)",
    "kill the parent's thread": "syscall(234, 131, parent, parent, 0)",
    "queue a signal": "syscall(129, 138, parent, 0, 0)",
    "queue a signal for a thread": "syscall(297, 240, parent, parent, 0, 0)",
    "have signals sent to the parent": "fcntl.fcntl(0, fcntl.F_SETOWN, parent)",
    "hold the parent by a descriptor": "syscall(434, 434, parent, 0)",
    "trace the parent": "syscall(101, 117, 16, parent, 0, 0)",
    "lower the parent's limits": "resource.prlimit(parent, resource.RLIMIT_NOFILE, (0, 0))",
    "read the parent's limits": "resource.prlimit(parent, resource.RLIMIT_NOFILE)",
    "slow the parent down": "os.setpriority(os.PRIO_PROCESS, parent, 19)",
    "bind the parent to a core": "os.sched_setaffinity(parent, {0})",
    "shared memory": "syscall(29, 194, 0, 4096, 0o1600)",
    "a namespace": "syscall(272, 97, 0x10000000)",
    "a capability": "os.setgroups([1])",
}
# How a child's program begins: a bare package, and whether Landlock is there.
_START = f"""
import _thread, ctypes, errno, fcntl, json, os, platform, resource, socket, sys, types
package = types.ModuleType("portal")
package.__path__ = [{str(Path(limited_process.__file__).parents[1])!r}]
sys.modules["portal"] = package
from portal.engines import landlock, limited_process
given = json.loads(sys.argv[1])
secret, parent = given["secret"], os.getppid()
libc = ctypes.CDLL(None, use_errno=True)
def syscall(x86, arm, *values):
    number = x86 if platform.machine() == "x86_64" else arm
    if libc.syscall(number, *map(ctypes.c_long, values)) < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
if not given["landlock"]:
    landlock.landlock_version = lambda: 0
if given["bounded"]:
    limited_process.limit_self(1 << 30, 20)
"""
_TRY = """
done = []
for name, code in given["attacks"].items():
    try:
        eval(code)
    except (OSError, RuntimeError) as error:
        if not isinstance(error, OSError) or error.errno in (errno.EPERM, errno.EACCES, errno.EBADF):
            continue
    done.append(name)
print(json.dumps(done))
"""
_HARMLESS = (
    *("read a file", "read the keys", "read the parent's environment", "read the parent's memory map"),
    *("a socket", "a thread", "kill the parent", "overwrite a file", "open a file to everybody"),
)


def _done(
    folder: Path, *, attacks: dict[str, str], landlock: bool = True, bounded: bool = True, program: str = _TRY
) -> list[str]:
    """The names of the attacks that a child could carry out, on an input that it may read."""
    path, secret = folder / "program.py", folder / "secret"
    path.write_text(_START + program)
    secret.write_text(_SECRET)
    given = {"attacks": attacks, "secret": str(secret), "landlock": landlock, "bounded": bounded}
    with tempfile.TemporaryFile() as file:
        file.write(b"input")
        output = limited_process.run_limited(path, [json.dumps(given)], stdin=file, seconds=20, most=1 << 16)
        file.seek(0)
        assert file.read() == b"input"
    assert secret.read_text() == _SECRET
    done: list[str] = json.loads(output)
    return done


@pytest.mark.parametrize("with_landlock", [True, False])
def test_no_attack_succeeds(tmp_path: Path, *, with_landlock: bool) -> None:
    if with_landlock and not landlock.landlock_version():
        pytest.skip("the kernel has no Landlock")
    assert _done(tmp_path, attacks=_ATTACKS, landlock=with_landlock) == []


def test_the_attacks_succeed_where_nothing_is_given_up(tmp_path: Path) -> None:
    """Otherwise they would prove nothing."""
    harmless = {name: _ATTACKS[name] for name in _HARMLESS}
    assert _done(tmp_path, attacks=harmless, bounded=False) == list(harmless)


def test_switched_off_the_child_is_limited_only(tmp_path: Path) -> None:
    limited_process.switch_isolation(on=False)
    try:
        assert _done(tmp_path, attacks={"a socket": _ATTACKS["a socket"]}) == ["a socket"]
    finally:
        limited_process.switch_isolation(on=True)


def test_its_own_libraries_can_be_read_on(tmp_path: Path) -> None:
    if not landlock.landlock_version():
        pytest.skip("the kernel has no Landlock")
    program = "import colorsys, PIL.BmpImagePlugin\nprint(json.dumps([colorsys.__name__]))"
    assert _done(tmp_path, attacks={}, program=program) == ["colorsys"]


def test_a_fork_bomb_comes_to_nothing(tmp_path: Path) -> None:
    bomb = """
made = 0
for _ in range(100):
    try:
        os.fork()
    except OSError:
        continue
    made += 1
print(json.dumps(["made"] * made))
"""
    assert _done(tmp_path, attacks={}, program=bomb) == []


_WITHOUT_LANDLOCK = """
import runpy, sys, types
package = types.ModuleType("portal")
package.__path__ = [{package!r}]
sys.modules["portal"] = package
from portal.engines import landlock
landlock.landlock_version = lambda: 0
runpy.run_path({worker!r}, run_name="__main__")
"""


def _without_landlock(engine: ModuleType, folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Have the engine's program find no Landlock, so that it can open nothing once it is isolated."""
    program = folder / "program.py"
    names = {"package": str(Path(limited_process.__file__).parents[1]), "worker": str(engine._WORKER)}
    program.write_text(_WITHOUT_LANDLOCK.format(**names))
    patch.setattr(engine, "_WORKER", program)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_pictures_are_opened_without_landlock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    _without_landlock(documents.child, tmp_path, monkeypatch)
    assert documents.render_document(sample_documents.make_photo(kind))


@pytest.mark.parametrize("locked", [False, True])
def test_pdfs_are_opened_without_landlock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, locked: bool) -> None:
    _without_landlock(documents.child, tmp_path, monkeypatch)
    locks = {"encryption": pikepdf.Encryption(user="", owner="secret")} if locked else {}
    data = sample_documents.make_pdf("One", **locks)  # type: ignore[arg-type]
    assert documents.inspect_document(data).page_count == 1
    assert len(documents.render_document(data)) == 1


def test_videos_are_opened_without_landlock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _without_landlock(fingerprints.child, tmp_path, monkeypatch)
    with tempfile.TemporaryFile() as film:
        film.write(specimens.drawn(seconds=2))
        assert fingerprints.probe_video(film).codec == "h264"
        assert fingerprints.fingerprint_video(film).duration > 1


def test_memory_and_environment_of_the_parents_are_hidden() -> None:
    """Web server, workers and supervisor call it as they start."""
    code = """
import ctypes
from portal.engines import isolation
isolation.hide_from_siblings()
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "0\n"


def test_credentials_are_read_without_landlock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _without_landlock(fingerprints.child, tmp_path, monkeypatch)
    with tempfile.TemporaryFile() as photo:
        photo.write(signed.sign(signed.picture(), "image/jpeg"))
        assert fingerprints.read_content_credentials(photo)["content"] == "same"
