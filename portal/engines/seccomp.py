"""Which system calls this process may still make: a filter of Linux, which the kernel keeps for good and hands to children.

What is refused fails with EPERM, so that a library sees an error that it knows; calls that are newer than this list
fail with ENOSYS, as on an older kernel. x86-64 and ARM64 only.
"""

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_PR_SET_SECCOMP: Final = 22
_SECCOMP_MODE_FILTER: Final = 2
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _MACHINE_AT, _ARGUMENTS_AT = 0, 4, 16  # bytes into seccomp_data: the call, the machine, its arguments
_TOO_NEW: Final = 451  # calls from here on were unknown when this was written
_WRITING: Final = 0o3 | 0o100 | 0o1000 | 0o20000000  # O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_TMPFILE
_SIGNALLING: Final = (8, 10, 15)  # F_SETOWN, F_SETSIG, F_SETOWN_EX: have signals sent to anybody

# The numbers of the calls that are refused.
_X86_64: Final = (
    # socket, connect, accept, sendto, recvfrom, sendmsg, recvmsg, bind, listen, socketpair, accept4, sendmmsg, recvmmsg
    *(41, 42, 43, 44, 45, 46, 47, 49, 50, 53, 288, 307, 299),
    # clone, fork, vfork, execve, execveat, kill, tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_*
    *(56, 57, 58, 59, 322, 62, 200, 234, 129, 297, 424, 434, 438),
    # ptrace, process_vm_readv, process_vm_writev, process_madvise, process_mrelease, kcmp, migrate_pages, move_pages
    *(101, 310, 311, 440, 448, 312, 256, 279),
    # setpriority, ioprio_set, sched_setparam, sched_setscheduler, sched_setattr, sched_setaffinity, setpgid
    *(141, 251, 142, 144, 314, 203, 109),
    # shmget, shmat, shmctl, semget, semop, semctl, semtimedop, msgget, msgsnd, msgrcv, msgctl, mq_open, mq_unlink
    *(29, 30, 31, 64, 65, 66, 220, 68, 69, 70, 71, 240, 241),
    # creat, unlink*, rename*, link*, symlink*, mkdir*, rmdir, mknod*, truncate, ftruncate, fallocate
    *(85, 87, 263, 82, 264, 316, 86, 265, 88, 266, 83, 258, 84, 133, 259, 76, 77, 285),
    # chmod, fchmod, fchmodat, *chown*, utime*, futimesat, utimensat, *setxattr, *removexattr
    *(90, 91, 268, 92, 93, 94, 260, 132, 235, 261, 280, 188, 189, 190, 197, 198, 199),
    # unshare, setns, mount, umount2, pivot_root, chroot, open_by_handle_at, name_to_handle_at, personality, quotactl*
    *(272, 308, 165, 166, 155, 161, 304, 303, 135, 179, 443),
    # open_tree, move_mount, fsopen, fsconfig, fsmount, fspick, mount_setattr, fanotify_init, inotify_*, swap*, acct
    *(428, 429, 430, 431, 432, 433, 442, 300, 253, 254, 255, 294, 167, 168, 163),
    # bpf, perf_event_open, userfaultfd, io_uring_*, add_key, request_key, keyctl, syslog, ioctl
    *(321, 298, 323, 425, 426, 427, 248, 249, 250, 103, 16),
    # init_module, finit_module, delete_module, kexec_*, reboot, set*name, settimeofday, clock_settime, *adjtim*, io*p*, modify_ldt
    *(175, 313, 176, 246, 320, 169, 170, 171, 164, 227, 159, 305, 173, 172, 154),
)
_ARM_64: Final = (
    *(198, 203, 202, 206, 207, 211, 212, 200, 201, 199, 242, 269, 243),
    *(220, 221, 281, 129, 130, 131, 138, 240, 424, 434, 438),
    *(117, 270, 271, 440, 448, 272, 238, 239),
    *(140, 30, 118, 119, 274, 122, 154),
    *(194, 195, 196, 190, 191, 192, 193, 186, 187, 188, 189, 180, 181),
    *(33, 34, 35, 36, 37, 38, 276, 45, 46, 47),
    *(52, 53, 54, 55, 88, 5, 6, 7, 14, 15, 16),
    *(97, 268, 40, 39, 41, 51, 265, 264, 92, 60, 443),
    *(428, 429, 430, 431, 432, 433, 442, 262, 26, 27, 28, 224, 225, 89),
    *(280, 241, 282, 425, 426, 427, 217, 218, 219, 116, 29),
    *(105, 273, 106, 104, 294, 142, 161, 162, 170, 112, 171, 266),
)


@dataclass(frozen=True)
class _Machine:
    """The numbers of a kind of machine: its own, and those of calls that are looked at closely.

    `opens`: calls that open a file by name, and which of their arguments holds the flags.
    """

    audit: int
    refused: tuple[int, ...]
    opens: dict[int, int]
    fcntl: int
    prlimit64: int
    clone3: int = 435
    openat2: int = 437


_MACHINES: Final = {
    "x86_64": _Machine(0xC000003E, _X86_64, opens={2: 1, 257: 2}, fcntl=72, prlimit64=302),
    "aarch64": _Machine(0xC00000B7, _ARM_64, opens={56: 2}, fcntl=25, prlimit64=261),
}
_NO: Final = _ERRNO | errno.EPERM
_UNKNOWN: Final = _ERRNO | errno.ENOSYS


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def install_filter(*, may_open: bool) -> None:
    """Refuse what a reader of files does not need; raises OSError. Files are opened only to read, if `may_open`, or never.

    No new privileges must have been given up before (PR_SET_NO_NEW_PRIVS).
    """
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        raise OSError(errno.ENOSYS, platform.machine())
    code = b"".join(_filter(machine, may_open=may_open))
    program = _Program(len(code) // 8, code)
    libc, last = ctypes.CDLL(None, use_errno=True), (ctypes.c_ulong(0), ctypes.c_ulong(0))
    if libc.prctl(_PR_SET_SECCOMP, ctypes.c_ulong(_SECCOMP_MODE_FILTER), ctypes.byref(program), *last) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def _filter(machine: _Machine, *, may_open: bool) -> list[bytes]:
    """The program that the kernel runs for every system call."""
    steps = [_step(_LOAD, _MACHINE_AT), _step(_EQUAL, machine.audit, 1, 0), _step(_RETURN, _KILL)]
    steps += [_step(_LOAD, _NUMBER_AT), _step(_AT_LEAST, _TOO_NEW, 0, 1), _step(_RETURN, _UNKNOWN)]
    for number in (machine.clone3, machine.openat2):  # their arguments lie in memory; C libraries have older calls, too
        steps += _when(number, [_step(_RETURN, _UNKNOWN)])
    for number in machine.refused:
        steps += _when(number, [_step(_RETURN, _NO)])
    for number, flags in machine.opens.items():
        refused = [_argument(flags), _step(_ANY_BIT, _WRITING, 1, 0), _step(_RETURN, _ALLOW)] if may_open else []
        steps += _when(number, [*refused, _step(_RETURN, _NO)])
    owners = [_step(_EQUAL, command, len(_SIGNALLING) - at, 0) for at, command in enumerate(_SIGNALLING)]
    steps += _when(machine.fcntl, [_argument(1), *owners, _step(_RETURN, _ALLOW), _step(_RETURN, _NO)])
    own = [_argument(0), _step(_EQUAL, 0, 1, 0), _step(_RETURN, _NO), _step(_RETURN, _ALLOW)]
    return [*steps, *_when(machine.prlimit64, own), _step(_RETURN, _ALLOW)]


def _when(number: int, steps: Sequence[bytes]) -> list[bytes]:
    """The steps for one call; the last of them returns."""
    return [_step(_EQUAL, number, 0, len(steps)), *steps]


def _argument(index: int) -> bytes:
    """Load the lower half of an argument, on a machine that keeps it first."""
    return _step(_LOAD, _ARGUMENTS_AT + 8 * index)


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
