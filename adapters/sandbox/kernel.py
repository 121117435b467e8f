"""The few calls to the Linux kernel that Python has no function for. All raise `OSError`."""

import ctypes
import os
import platform
import sys

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 16384, 1 << 18
MNT_DETACH = 2
CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
PR_SET_CHILD_SUBREAPER = 36
IS_LINUX = sys.platform == "linux"
MACHINE = platform.machine()
_PIVOT_ROOT, _CAPSET = (155, 126) if MACHINE == "x86_64" else (41, 91)
_MOUNT_SETATTR = 442
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_CAPABILITIES_VERSION = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True) if IS_LINUX else None


def call(number: int, *arguments: object) -> int:
    """Do a system call by its number; return what it returns."""
    assert _libc is not None
    return _checked(_libc.syscall(ctypes.c_long(number), *arguments))


def unshare(flags: int) -> None:
    """Leave namespaces for new ones; a new process namespace begins with the next fork."""
    assert _libc is not None
    _checked(_libc.unshare(flags))


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """Mount a file system, or bind one place at another."""
    assert _libc is not None
    told = kind.encode() if kind else None
    _checked(
        _libc.mount(source.encode(), target.encode(), told, ctypes.c_ulong(flags), options.encode())
    )


def unmount(target: str) -> None:
    """Take a file system away from this process; it ends when nobody uses it."""
    assert _libc is not None
    _checked(_libc.umount2(target.encode(), MNT_DETACH))


def make_read_only(target: str) -> None:
    """Let nothing under a mount be written, run with another's rights, or be a device."""
    attributes = (ctypes.c_uint64 * 4)(MS_RDONLY | MS_NOSUID | MS_NODEV, 0, 0, 0)
    call(
        _MOUNT_SETATTR,
        ctypes.c_int(_AT_FDCWD),
        target.encode(),
        ctypes.c_uint(_AT_RECURSIVE),
        ctypes.byref(attributes),
        ctypes.c_size_t(32),
    )


def change_root(new: str, old: str) -> None:
    """Make `new` the root; the old one appears at `old`, a folder below it."""
    call(_PIVOT_ROOT, new.encode(), old.encode())


def drop_capabilities() -> None:
    """Give up what this process may do in its namespace beyond an ordinary one."""
    head = (ctypes.c_uint32 * 2)(_CAPABILITIES_VERSION, 0)
    call(_CAPSET, ctypes.byref(head), ctypes.byref((ctypes.c_uint32 * 6)()))


def control(option: int, value: int, pointer: object = None) -> None:
    """Set something of this process (prctl)."""
    assert _libc is not None
    last = pointer if pointer is not None else ctypes.c_ulong(0)
    zero = ctypes.c_ulong(0)
    _checked(_libc.prctl(option, ctypes.c_ulong(value), last, zero, zero))


def _checked(result: int) -> int:
    if result == -1:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return int(result)
