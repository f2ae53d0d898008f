"""What a process that opens hostile files gives up: files, network, other processes, and a life of its own.

Linux does it with a seccomp filter (seccomp.py) and, where the kernel has it, a Landlock ruleset (landlock.py); neither
needs privileges. Within them no socket, thread, process or program is started, no other process is touched, no file
is changed, and what can be read are the Python installation, this package, the system's libraries and fonts. Without
Landlock no file can be opened at all, so pages whose fonts are not embedded are drawn with the renderer's own. The kernel
kills the process when its parent dies. Elsewhere, and on other machines than x86-64 and ARM64, there is none:
`isolation_available()` says so, and production refuses to start. Pure Python; run as a program it tries itself out.
"""

import ctypes
import functools
import os
import resource
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Final

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_CAPABILITIES_VERSION: Final = 0x20080522
# Libraries, and the fonts of pages that do not embed their own.
_SYSTEM_PLACES: Final = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache")
_FONTS: Final = ("/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/X11/fonts")
_INSTALLATION: Final = ("stdlib", "platstdlib", "purelib", "platlib")  # paths of sysconfig


class NotIsolated(RuntimeError):
    """The system does not let this process give up what it should."""


@functools.cache
def isolation_available() -> bool:
    """Whether children can be isolated here; tried once, in a child, which takes a tenth of a second."""
    if sys.platform != "linux":
        return False
    tried = subprocess.run([sys.executable, "-I", __file__], capture_output=True, check=False, timeout=30, env={})
    return tried.returncode == 0


def isolate_self() -> None:
    """Give up files, network and other processes for good; raises NotIsolated.

    Everything that is needed later must have been imported: without Landlock, nothing can be opened afterwards.
    """
    from portal.engines import landlock, seccomp  # noqa: PLC0415 -- the program below runs without the package

    hide_from_siblings()
    _control(_PR_SET_NO_NEW_PRIVS, 1)
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    reads = landlock.landlock_version() > 0
    try:
        if reads:
            landlock.allow_reading_only(readable_places())
        _drop_capabilities()
        seccomp.install_filter(may_open=reads)
    except OSError as error:
        raise NotIsolated(str(error)) from error


def readable_places() -> list[Path]:
    """What an isolated process may read: nothing of it is secret."""
    installed = [sysconfig.get_paths()[name] for name in _INSTALLATION]
    return [Path(place) for place in (*installed, *_SYSTEM_PLACES, *_FONTS)] + [Path(__file__).resolve().parent]


def die_with_parent(parent: int | None = None) -> None:
    """Have the kernel kill this process when the thread that started it ends; does nothing but on Linux.

    If `parent`, its number, is no longer the parent, it has died before the kernel was asked: then end now.
    """
    if sys.platform != "linux":
        return
    _control(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def hide_from_siblings() -> None:
    """Close memory and environment of this process to others of the same user; also, no core is written.

    Holds for forks, and until another program is started. Only root can trace the process then. Does nothing but on Linux.
    """
    if sys.platform == "linux":
        _control(_PR_SET_DUMPABLE, 0)


def _drop_capabilities() -> None:
    """What a root user may besides; others have none."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_VERSION, 0)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.capset(header, (ctypes.c_uint32 * 6)()) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def _control(option: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, *map(ctypes.c_ulong, (value, 0, 0, 0))) != 0:
        raise NotIsolated(os.strerror(ctypes.get_errno()))


def _try_out() -> int:
    """0 when a process that has isolated itself gets neither a socket, nor a process, nor a file."""
    import socket  # noqa: PLC0415 -- for this program only
    import types  # noqa: PLC0415 -- as above

    package = types.ModuleType("portal")  # whose own __init__ starts Celery
    package.__path__ = [str(Path(__file__).resolve().parents[1])]
    sys.modules["portal"] = package
    isolate_self()
    for forbidden in (socket.socket, os.fork, lambda: os.open("/proc/self/environ", os.O_RDONLY)):
        try:
            forbidden()
        except PermissionError:
            continue
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_try_out())
