"""Runs where a parser runs and tries to get out; says of each try what came of it.

Its task (standard input) names what lies outside; a try that succeeds says ESCAPED.
"""

import ctypes
import errno
import json
import mmap
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

Tries = dict[str, Callable[[], object]]
_LIBC = ctypes.CDLL(None, use_errno=True)
_X86 = os.uname().machine == "x86_64"
SYSTEM_CALLS = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424),
    "keyctl": (250, 219), "add_key": (248, 217), "bpf": (321, 280), "perf_event_open": (298, 241),
    "userfaultfd": (323, 282), "io_uring_setup": (425, 425), "kexec_load": (246, 104),
    "init_module": (175, 105), "finit_module": (313, 273), "personality": (135, 92),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "unshare": (272, 97), "setns": (308, 268), "clone3": (435, 435), "open_tree": (428, 428),
    "fsopen": (430, 430), "move_mount": (429, 429), "mount_setattr": (442, 442),
    "memfd_create": (319, 279), "shmget": (29, 194), "mq_open": (180, 180), "syslog": (103, 116),
    "swapon": (167, 224), "reboot": (169, 142), "settimeofday": (164, 170), "acct": (163, 89),
    "setuid": (105, 146), "setgid": (106, 144), "capset": (126, 91), "sethostname": (170, 161),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "quotactl": (179, 60),
    "fanotify_init": (300, 262), "inotify_init1": (294, 26), "vmsplice": (278, 75),
    "mknodat": (259, 33), "fchownat": (260, 54), "linkat": (265, 37), "symlinkat": (266, 36),
    "setpriority": (141, 140), "fchmodat": (268, 53), "utimensat": (280, 88),
    "fchmod": (91, 52), "sched_setaffinity": (203, 122), "setsid": (112, 157),
    "setpgid": (109, 154), "socketpair": (53, 199), "execveat": (322, 281),
}  # fmt: skip
"""Numbers on x86_64 and aarch64 of calls that no parser needs."""


def main() -> None:
    """Try what the task names, and say how it went."""
    with open(0, "rb", closefd=False) as source:
        task = json.loads(source.read())
    if "one" in task:
        _ONE_BY_ONE[str(task["one"])](task)
        return
    said = {name: _came_of(attempt) for name, attempt in _tries(task).items()}
    sys.stdout.write(json.dumps(said))


def _came_of(attempt: Callable[[], object]) -> str:
    try:
        got = attempt()
    except OSError as error:
        return f"refused: {errno.errorcode.get(error.errno or 0, 'unknown')}"
    except (ValueError, MemoryError) as error:
        return f"refused: {type(error).__name__}"
    return "refused: nothing there" if got in ([], "", None, b"") else f"ESCAPED: {got!r}"[:200]


def _tries(task: dict[str, Any]) -> Tries:
    outside, code = int(task["parent"]), Path(task["code"])
    tries: Tries = {
        "environment": lambda: sorted(set(os.environ) - {"LANG", "LC_CTYPE", "PYTHONHASHSEED"}),
        "parent's environment": lambda: Path(f"/proc/{outside}/environ").read_bytes(),
        "parent's memory": lambda: Path(f"/proc/{outside}/mem").read_bytes(),
        "parent's documents": lambda: _names(f"/proc/{outside}/fd"),
        "other processes": lambda: _names("/proc"),
        "kernel's settings": lambda: Path("/proc/sys/kernel/hostname").read_text(),
        "the machine": lambda: _names("/sys"),
        "devices": lambda: [name for name in _names("/dev") if name != "null"],
        "shared memory": lambda: _made(Path("/dev/shm/x")),
        "users": lambda: Path("/etc/passwd").read_text(),
        "home": lambda: Path(task["home"]).joinpath(".profile").read_text(),
        "var": lambda: _names(code / "var"),
        "project": lambda: Path(code / "pyproject.toml").read_text(),
        "settings": lambda: Path(code / "settings.py").read_text(),
        "back by ..": lambda: _names("/../../.outside"),
        "into our code": lambda: _made(code / "extractors" / "x.py"),
        "over our code": lambda: os.open(code / "adapters" / "__init__.py", os.O_RDWR),
        "a folder in our code": lambda: _done((code / "adapters" / "x").mkdir),
        "our code renamed": lambda: (code / "adapters").rename(code / "gone"),
        "our code's time": lambda: _done(os.utime, code / "adapters" / "__init__.py"),
        "our code's rights": lambda: _done((code / "adapters" / "__init__.py").chmod, 0o644),
        "into the libraries": lambda: _made(Path("/usr/lib/x")),
        "into the root": lambda: _made(Path("/x")),
        "into /etc": lambda: _made(Path("/etc/x")),
        "a signal to the parent": lambda: _done(os.kill, outside, 0),
        "the parent's end": lambda: _done(os.kill, outside, signal.SIGCONT),
        "the parent's limits": lambda: resource.prlimit(outside, resource.RLIMIT_CPU),
        "more memory": lambda: _raised(resource.RLIMIT_AS),
        "more files": lambda: _raised(resource.RLIMIT_NOFILE),
        "5 GB": lambda: mmap.mmap(-1, 5 << 30),
        "another end of the family": lambda: _prctl(1, 0),
        "seen by tracers": lambda: _prctl(4, 1),
        "a namespace by clone": lambda: _clone(0x10000000),
        "signals by a file": lambda: _owned_by(outside),
        "other descriptors": lambda: [
            number for number in range(3, 1024) if number != int(sys.argv[1]) and _is_open(number)
        ],
        "into the document": lambda: os.pwrite(int(sys.argv[1]), b"x", 0),
        "a longer document": lambda: os.truncate(int(sys.argv[1]), 1 << 20),
    }
    for name, path in task["files"].items():
        tries[f"read {name}"] = partial(Path(path).read_bytes)
        tries[f"write {name}"] = partial(Path(path).write_bytes, b"x")
    for name, port in task["ports"].items():
        tries[f"connect to {name}"] = partial(_connect, socket.AF_INET, ("127.0.0.1", port))
    for name, path in task["sockets"].items():
        tries[f"connect to {name}"] = partial(_connect, socket.AF_UNIX, path)
    for family in ("AF_INET6", "AF_NETLINK", "AF_PACKET", "AF_VSOCK", "AF_ALG"):
        tries[f"socket {family}"] = partial(socket.socket, getattr(socket, family))
    for name, numbers in SYSTEM_CALLS.items():
        tries[name] = partial(_call, numbers[0 if _X86 else 1])
    return tries


def _names(path: str | Path) -> list[str]:
    return [one.name for one in Path(path).iterdir()]


def _done(what: Callable[..., object], *arguments: object) -> str:
    what(*arguments)
    return "done"


def _made(path: Path) -> str:
    with path.open("x"):
        path.unlink()
    return "made"


def _call(number: int) -> str:
    """Do a call with arguments that harm nobody; return when it was not refused for itself."""
    found = _LIBC.syscall(ctypes.c_long(number), *(ctypes.c_long(-1) for _ in range(6)))
    error = ctypes.get_errno()
    if found == -1 and error in (errno.ENOSYS, errno.EPERM):
        raise OSError(error, "")
    return f"the kernel has it: {found} {errno.errorcode.get(error)}"


def _clone(flags: int) -> str:
    number = 56 if _X86 else 220
    found = _LIBC.syscall(ctypes.c_long(number), ctypes.c_long(flags | signal.SIGCHLD), 0, 0, 0, 0)
    if found == 0:
        os._exit(0)
    if found == -1:
        raise OSError(ctypes.get_errno(), "")
    return "another process"


def _prctl(option: int, value: int) -> str:
    if _LIBC.prctl(option, value, 0, 0, 0) == -1:
        raise OSError(ctypes.get_errno(), "")
    return "set"


def _owned_by(process: int) -> str:
    import fcntl

    fcntl.fcntl(0, fcntl.F_SETOWN, process)
    return "owned"


def _raised(which: int) -> str:
    _, hard = resource.getrlimit(which)
    resource.setrlimit(which, (hard + 4096, hard + 4096))
    return "raised"


def _connect(family: int, address: Any) -> str:
    with socket.socket(family) as made:
        made.settimeout(2)
        made.connect(address)
    return "connected"


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _forks(task: dict[str, Any]) -> None:
    """Start as many processes as can be had, and say how many."""
    begun = 0
    for _ in range(int(task["times"])):
        try:
            if os.fork() == 0:
                os.close(1)
                time.sleep(600)
        except OSError:
            break
        begun += 1
    _say(begun)


def _outlives(_: dict[str, Any]) -> None:
    """Leave a process behind that leads a session of its own, and hears of no end."""
    if os.fork():
        _say("begun")
        return
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    with suppress(OSError):
        os.setsid()
    if os.fork():
        os._exit(0)
    time.sleep(600)


def _fills(_task: dict[str, Any]) -> None:
    """Write to /tmp until nothing goes in any more; say how many bytes did."""
    written = 0
    for number in range(2000):
        try:
            with Path(f"/tmp/{number}").open("wb") as file:
                for _ in range(64):
                    file.flush()
                    written += file.write(bytes(1 << 20))
        except OSError:
            if number > 1100:
                break
    _say(written)


def _holds(task: dict[str, Any]) -> None:
    """Hold memory in several processes at once, each below its own limit."""
    for _ in range(int(task["times"])):
        if os.fork() == 0:
            held = b"x" * int(task["bytes"])
            assert held
            time.sleep(600)
    time.sleep(600)
    _say("held")


def _ends_all(_: dict[str, Any]) -> None:
    """End everything that can be seen; who runs it must be shut in with nobody else."""
    if os.getpid() > 3:
        raise SystemExit("not in a namespace of processes")
    with suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    os.kill(1, signal.SIGKILL)
    _say("alive")


def _reads(task: dict[str, Any]) -> None:
    """Read a file, then try to write beside it."""
    place = Path(task["path"])
    said = [place.read_text(), _came_of(lambda: place.with_name("new").write_text("x"))]
    _say(said)


def _say(what: object) -> None:
    os.write(1, json.dumps(what).encode())


_ONE_BY_ONE: dict[str, Callable[[dict[str, Any]], None]] = {
    "reads": _reads,
    "forks": _forks,
    "outlives": _outlives,
    "fills": _fills,
    "holds": _holds,
    "ends all": _ends_all,
}
