"""A process in namespaces of its own: no network, no other processes, no files but those named.

Three processes: the one that was started stays outside and watches; process 1 of the new process
namespace waits for the parser and, when it ends, the kernel ends all that is left inside; the
parser is its child. Whoever ends the first ends all of them.
"""

import os
import select
import signal
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import NoReturn

from adapters.sandbox import call_filter, kernel
from adapters.sandbox.limits import TIMES, Limits, lower

NOBODY = 65533
"""As whom the parser runs where this process is root: a user that owns nothing."""
_TMP, _OUTSIDE = "/tmp", "/.outside"  # noqa: S108 - of the parser's own root
_READY = b"r"
_LOOKED_AT_EVERY = 500
"""Milliseconds between two looks at how much memory all of them hold."""
_APART = (
    kernel.CLONE_NEWUSER
    | kernel.CLONE_NEWPID
    | kernel.CLONE_NEWNET
    | kernel.CLONE_NEWIPC
    | kernel.CLONE_NEWUTS
    | kernel.CLONE_NEWCGROUP
)


def enter(
    visible: list[tuple[str, str]], folder: Path, limits: Limits, load: Callable[[], ModuleType]
) -> ModuleType:
    """Return, in a new process that is shut in, what `load` loads there.

    `visible` are files and folders as they lie, and where they are seen. The process that calls
    does not come back. Raises `OSError` in it where this machine does not allow it.
    """
    user = _leave()
    heard, ready = os.pipe()
    inside = os.fork()
    if inside:
        os.close(ready)
        return _stay_outside(inside, heard, limits)
    os.close(heard)
    try:
        _build(visible, limits)
        os.chdir(folder)
        _become(user)
        kernel.control(kernel.PR_SET_PDEATHSIG, int(signal.SIGKILL))
        kernel.drop_capabilities()
        lower(limits, processes=limits.processes)
        kernel.control(kernel.PR_SET_NO_NEW_PRIVS, 1)
        call_filter.install(signals=True)
        parser = os.fork()
        if parser:
            _wait_inside(parser)
        loaded = load()
        os.write(ready, _READY)
        os.close(ready)
    except BaseException:  # of whatever kind: no file was looked at, and the first one goes on
        os._exit(1)
    return loaded


def _leave() -> int | None:
    """Leave the namespaces; return the user to become inside, None for the one we are."""
    if os.geteuid() != 0:
        user, group = os.geteuid(), os.getegid()
        kernel.unshare(_APART)
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{user} {user} 1")
        _write("/proc/self/gid_map", f"{group} {group} 1")
        return None
    # Only a process outside may give a namespace two users.
    asked, asks = os.pipe()
    me = os.getpid()
    helper = os.fork()
    if helper == 0:
        _give_users(me, asked)
    try:
        kernel.unshare(_APART)
        os.write(asks, _READY)
    finally:
        os.close(asked)
        os.close(asks)
        _, status = os.waitpid(helper, 0)
    if status != 0:
        raise PermissionError("no users of its own")
    return NOBODY


def _give_users(process: int, asked: int) -> NoReturn:
    try:
        kernel.control(kernel.PR_SET_PDEATHSIG, int(signal.SIGKILL))
        if os.read(asked, 1) == _READY:
            for name in ("uid_map", "gid_map"):
                _write(f"/proc/{process}/{name}", f"0 0 1\n{NOBODY} {NOBODY} 1")
            os._exit(0)
    except OSError:
        pass
    os._exit(1)


def _write(path: str, text: str) -> None:
    Path(path).write_text(text, encoding="ascii")


def _build(visible: list[tuple[str, str]], limits: Limits) -> None:
    """Make the new root: what is visible, read-only, and an empty /tmp."""
    kernel.unshare(kernel.CLONE_NEWNS)
    kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("room", _TMP, "tmpfs", kernel.MS_NOSUID, "size=1m,nr_inodes=4k,mode=0755")
    Path(_TMP + _OUTSIDE).mkdir()
    kernel.change_root(_TMP, _TMP + _OUTSIDE)
    os.chdir("/")
    # Before the rest: a checkout or its packages may themselves lie below /tmp.
    Path(_TMP).mkdir(exist_ok=True)
    alone = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC
    kernel.mount("tmp", _TMP, "tmpfs", alone, f"size={limits.disk_bytes},nr_inodes=1k,mode=0777")
    for real, seen in visible:
        source, target = Path(_OUTSIDE + real), Path(seen)
        if source.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch()
        kernel.mount(str(source), seen, None, kernel.MS_BIND | kernel.MS_REC)
        if seen != os.devnull:
            kernel.make_read_only(seen)
    kernel.unmount(_OUTSIDE)
    Path(_OUTSIDE).rmdir()
    read_only = kernel.MS_RDONLY | kernel.MS_NOSUID | kernel.MS_NODEV
    kernel.mount("none", "/", None, kernel.MS_REMOUNT | kernel.MS_BIND | read_only)


def _become(user: int | None) -> None:
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)


def _wait_inside(parser: int) -> NoReturn:
    """As process 1: bury who dies, end with the parser; the kernel ends what is left."""
    for descriptor in (0, 1, 2):
        os.close(descriptor)
    status = 0
    ended = 0
    while ended != parser:
        ended, status = os.wait()
    os._exit(_as_code(status))


def _stay_outside(inside: int, heard: int, limits: Limits) -> NoReturn:
    """Wait for the end of what is inside. Raises `OSError` when it could not be shut in."""
    if os.read(heard, 1) != _READY:
        os.waitpid(inside, 0)
        os.close(heard)
        raise PermissionError("no sandbox of namespaces")
    os.closerange(0, heard)
    os.closerange(heard + 1, 64)
    ends = select.poll()
    ends.register(heard, select.POLLHUP)
    while not ends.poll(_LOOKED_AT_EVERY):
        if _held(inside) > TIMES * limits.memory:
            os.kill(inside, signal.SIGKILL)
            break
    _, status = os.waitpid(inside, 0)
    os._exit(_as_code(status))


def _held(inside: int) -> int:
    """Return how many bytes of memory a process and all that it started hold."""
    pages, waiting = 0, [inside]
    while waiting:
        process = waiting.pop()
        try:
            pages += int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1])
            children = Path(f"/proc/{process}/task/{process}/children")
            waiting += map(int, children.read_text("ascii").split())
        except (OSError, IndexError):
            continue  # it ended, or this kernel does not say
    return pages * os.sysconf("SC_PAGE_SIZE")


def _as_code(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code
