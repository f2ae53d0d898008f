"""What a process that opens hostile files gives up: network, other processes, and a life of its own.

Linux does it with a seccomp filter, which needs no privileges: within it no socket is made, no process and no program
is started, and no other process is touched; threads are allowed. The kernel kills the process when its parent dies.
Elsewhere, and on other machines than x86-64 and ARM64, there is none: `isolation_available()` says so, and production
refuses to start. Pure Python; run as a program it tries the filter out.
"""

import ctypes
import errno
import functools
import os
import platform
import signal
import struct
import subprocess
import sys
from typing import Final

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_SECCOMP_MODE_FILTER: Final = 2
_CLONE_THREAD: Final = 0x00010000
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _MACHINE_AT, _FLAGS_AT = 0, 4, 16  # bytes into seccomp_data: the call, the machine, its first argument
_OTHER_ABI: Final = 0x40000000  # the 32-bit calls of x86-64 begin here

# The numbers of the calls that are refused.
_X86_64: Final = (
    # socket, connect, accept, sendto, recvfrom, sendmsg, recvmsg, bind, listen, socketpair, accept4, sendmmsg, recvmmsg
    *(41, 42, 43, 44, 45, 46, 47, 49, 50, 53, 288, 307, 299),
    # fork, vfork, execve, execveat, kill, tkill, ptrace, process_vm_readv, process_vm_writev, pidfd_*
    *(57, 58, 59, 322, 62, 200, 101, 310, 311, 424, 434, 438),
    # unshare, setns, mount, umount2, pivot_root, chroot, open_by_handle_at, personality
    *(272, 308, 165, 166, 155, 161, 304, 135),
    # bpf, perf_event_open, userfaultfd, io_uring_*, add_key, request_key, keyctl, init_module, finit_module, kexec_load
    *(321, 298, 323, 425, 426, 427, 248, 249, 250, 175, 313, 246),
)
_ARM_64: Final = (
    *(198, 203, 202, 206, 207, 211, 212, 200, 201, 199, 242, 269, 243),
    *(221, 281, 129, 130, 117, 270, 271, 424, 434, 438),
    *(97, 268, 40, 39, 41, 51, 265, 92),
    *(280, 241, 282, 425, 426, 427, 217, 218, 219, 105, 273, 104),
)
# The audit number of each machine, the numbers of clone and clone3, and those that are refused.
_MACHINES: Final = {
    "x86_64": (0xC000003E, 56, 435, _X86_64),
    "aarch64": (0xC00000B7, 220, 435, _ARM_64),
}
_NO: Final = _ERRNO | errno.EPERM


class NotIsolated(RuntimeError):
    """The system does not let this process give up what it should."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


@functools.cache
def isolation_available() -> bool:
    """Whether children are isolated here; tried once, in a child, which takes a tenth of a second.

    PARSER_ISOLATION=0 in the environment switches it off, for systems whose libraries need what it forbids.
    """
    if sys.platform != "linux" or os.environ.get("PARSER_ISOLATION") == "0":
        return False
    tried = subprocess.run([sys.executable, "-I", __file__], capture_output=True, check=False, timeout=30, env={})
    return tried.returncode == 0


def isolate_self(parent: int) -> None:
    """Give up network and other processes for good, and die with `parent`; raises NotIsolated."""
    machine = _MACHINES.get(platform.machine())
    if sys.platform != "linux" or machine is None:
        raise NotIsolated(platform.machine())
    libc = ctypes.CDLL(None, use_errno=True)
    _control(libc, _PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)  # it died before the kernel was asked
    _control(libc, _PR_SET_NO_NEW_PRIVS, 1)
    code = b"".join(_filter(*machine))
    program = _Program(len(code) // 8, code)
    _control(libc, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program))


def _control(libc: ctypes.CDLL, option: int, *values: object) -> None:
    rest = [*values, *[0] * (4 - len(values))]
    arguments = [ctypes.c_ulong(value) if isinstance(value, int) else value for value in rest]
    if libc.prctl(option, *arguments) != 0:
        raise NotIsolated(os.strerror(ctypes.get_errno()))


def _filter(machine: int, clone: int, clone3: int, refused: tuple[int, ...]) -> list[bytes]:
    """The program that the kernel runs for every system call."""
    steps = [_step(_LOAD, _MACHINE_AT), _step(_EQUAL, machine, 1, 0), _step(_RETURN, _KILL), _step(_LOAD, _NUMBER_AT)]
    steps += [_step(_AT_LEAST, _OTHER_ABI, 0, 1), _step(_RETURN, _NO)]
    # glibc asks for a thread by clone3 first, whose flags lie in memory, and by clone when there is no clone3.
    steps += [_step(_EQUAL, clone3, 0, 1), _step(_RETURN, _ERRNO | errno.ENOSYS)]
    for number in refused:
        steps += [_step(_EQUAL, number, 0, 1), _step(_RETURN, _NO)]
    steps += [_step(_EQUAL, clone, 0, 3), _step(_LOAD, _FLAGS_AT), _step(_ANY_BIT, _CLONE_THREAD, 1, 0)]
    return [*steps, _step(_RETURN, _NO), _step(_RETURN, _ALLOW)]


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _try_out() -> int:
    """0 when a process that has isolated itself gets neither a socket nor a process."""
    import socket  # noqa: PLC0415 -- for this program only

    isolate_self(os.getppid())
    for forbidden in (socket.socket, os.fork):
        try:
            forbidden()
        except PermissionError:
            continue
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_try_out())
