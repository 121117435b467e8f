"""What a parser may take of the machine, by the kernel's own limits for each process."""

import contextlib
import resource
from pathlib import Path
from typing import NamedTuple


class Limits(NamedTuple):
    """Bytes, seconds and counts of each process; `TIMES` as much memory for all of a parser."""

    memory: int
    seconds: int
    disk_bytes: int = 64 * 1024 * 1024
    processes: int = 16
    files: int = 64


TIMES = 2
_FIRST_TO_GO = 1000


def lower(limits: Limits, *, processes: int | None) -> None:
    """Set the limits of this process and of all that it starts; a module sets those of its work."""
    wanted = {
        resource.RLIMIT_AS: limits.memory,
        resource.RLIMIT_CPU: limits.seconds,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: limits.files,
        resource.RLIMIT_FSIZE: limits.disk_bytes,
        resource.RLIMIT_MEMLOCK: 0,
    }
    if processes is not None:
        wanted[resource.RLIMIT_NPROC] = processes
    for which, most in wanted.items():
        _, hard = resource.getrlimit(which)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (most, most))


def first_to_go() -> None:
    """Ask the kernel to end this process before all others when memory is short."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(str(_FIRST_TO_GO), encoding="ascii")


def tasks_of_machine() -> int:
    """Return how many processes and threads there are; raises `OSError` where nobody says."""
    said = Path("/proc/loadavg").read_text(encoding="ascii")
    return int(said.split()[3].split("/")[1])
