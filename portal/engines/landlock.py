"""Which files this process may still open: a Landlock ruleset, which the kernel keeps for good and hands to children.

Linux has it since 5.13, where the boot options name it; it needs no privileges and holds for root, too. Nothing may
be written, made, renamed or removed; what is already open stays open. Where the kernel is new enough, the
process also reaches no TCP port, no abstract Unix socket and, by signals, nobody but itself. The memory, environment
and open files of other processes (/proc/<pid>/) are closed to it.
"""

import ctypes
import functools
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

# The numbers of its three calls are the same on all machines.
_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_VERSION: Final = 1  # flag of _CREATE: say which version of the interface there is
_PATH_BENEATH: Final = 1
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
# Rights on files that are given up, by the version that brought them: execute to make_sym; refer; truncate; ioctl_dev.
_FILE_RIGHTS: Final = {1: (1 << 13) - 1, 2: 1 << 13, 3: 1 << 14, 5: 1 << 15}
_NET_RIGHTS: Final = {4: 0b11}  # bind_tcp, connect_tcp
_SCOPES: Final = {6: 0b11}  # abstract Unix sockets, signals


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


@functools.cache
def landlock_version() -> int:
    """The version of the interface that the kernel offers; 0: none."""
    if sys.platform != "linux":
        return 0
    return max(0, int(_libc().syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))))


def allow_reading_only(places: Iterable[Path]) -> None:
    """From now on only files in these folders, or these files, can be opened, and only to read; raises OSError.

    No new privileges must have been given up before (PR_SET_NO_NEW_PRIVS). Places that do not exist are left out.
    """
    version = landlock_version()
    asked = _Ruleset(*(_known(rights, version) for rights in (_FILE_RIGHTS, _NET_RIGHTS, _SCOPES)))
    # An older kernel takes a longer structure whose rest is zero.
    rules = _call(_CREATE, ctypes.byref(asked), ctypes.c_size_t(ctypes.sizeof(asked)), ctypes.c_uint32(0))
    try:
        for place in places:
            _allow_reading(rules, place)
        _call(_RESTRICT, ctypes.c_int(rules), ctypes.c_uint32(0))
    finally:
        os.close(rules)


def _known(rights: dict[int, int], version: int) -> int:
    return sum(bits for since, bits in rights.items() if since <= version)


def _allow_reading(rules: int, place: Path) -> None:
    try:
        opened = os.open(place, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        rule = _PathBeneath(_READ_FILE | (_READ_FOLDER if place.is_dir() else 0), opened)
        _call(_ADD_RULE, ctypes.c_int(rules), ctypes.c_int(_PATH_BENEATH), ctypes.byref(rule), ctypes.c_uint32(0))
    finally:
        os.close(opened)


def _call(number: int, *values: object) -> int:
    result = int(_libc().syscall(number, *values))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
