"""What the whole of `./iort up` costs while nothing happens: processor, wake-ups, memory.

    python benchmarks/idle.py [--seconds 100] [--settle 60] [--tree FOLDER] [--json FILE]

Starts everything in a folder of its own, waits until it is quiet, and counts over `--seconds` what
all its processes used. `--tree` measures another copy of this repository with the same Python. The
load of the machine is written beside the figures: on a busy one the processor figure is too high.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import psutil

from benchmarks.machine import ran_on
from settings import PROJECT_ROOT


@dataclass
class Idle:
    """What an idle installation costs."""

    seconds: float
    processes: int
    cpu_percent: float
    """Of one core, all processes together."""
    switches_per_second: float
    """How often a process was woken or made to wait (voluntary and not)."""
    pss_mb: float
    """Memory, each shared page counted once in all."""
    load: float
    """The machine's load average over the last minute, ours included."""
    dearest: dict[str, float] = field(default_factory=dict)
    """By process: percent of a core."""


def family(supervisor: int) -> list[psutil.Process]:
    """Return the supervisor and all it has started, directly or not."""
    first = psutil.Process(supervisor)
    return [first, *first.children(recursive=True)]


def measure(supervisor: int, seconds: float) -> Idle:
    """Count for `seconds` what the family of a supervisor uses."""
    before = {each.pid: _used(each) for each in family(supervisor)}
    began = time.monotonic()
    time.sleep(seconds)
    passed = time.monotonic() - began
    processor = switches = pss = 0.0
    dearest: dict[str, float] = {}
    count = 0
    for each in family(supervisor):
        try:
            cpu, switched = _used(each)
            pss += _pss(each.pid)
            name = _name(each)
        except (psutil.Error, OSError):
            continue
        count += 1
        cpu -= before.get(each.pid, (0.0, 0))[0]
        switches += switched - before.get(each.pid, (0.0, 0))[1]
        processor += cpu
        dearest[name] = dearest.get(name, 0.0) + cpu / passed * 100
    top = sorted(dearest.items(), key=lambda item: -item[1])[:8]
    return Idle(
        seconds=round(passed, 1),
        processes=count,
        cpu_percent=round(processor / passed * 100, 2),
        switches_per_second=round(switches / passed, 1),
        pss_mb=round(pss, 1),
        load=round(os.getloadavg()[0], 2),
        dearest={name: round(share, 2) for name, share in top},
    )


def _used(process: psutil.Process) -> tuple[float, int]:
    """Return CPU seconds and context switches of all threads so far."""
    times = process.cpu_times()
    switches = 0
    for status in Path(f"/proc/{process.pid}/task").glob("*/status"):
        for line in status.read_text().splitlines():
            if "ctxt_switches" in line:
                switches += int(line.split()[1])
    return times.user + times.system, switches


def _pss(pid: int) -> float:
    """Return a process's part of the memory, in MB of 1,000,000 bytes."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def _name(process: psutil.Process) -> str:
    """Return a short name of what a process is, without folders of this machine."""
    words = [Path(word).name for word in process.cmdline() if word]
    if not words:
        return process.name()
    if words[0].startswith("python"):
        named = [word for word in words[1:] if not word.startswith("-")]
        return " ".join(["python", *named[:3]])[:60]
    return words[0].split(":")[0][:30]


def main() -> int:
    """Run it and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=100)
    parser.add_argument("--settle", type=float, default=60)
    parser.add_argument("--tree", type=Path, default=PROJECT_ROOT)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    tree = options.tree.resolve()
    with tempfile.TemporaryDirectory(prefix="iort-idle-") as folder:
        var = Path(folder) / "var"
        environment = {**os.environ, "IORT_VAR_DIR": str(var), "PYTHONPATH": str(tree)}
        log = (Path(folder) / "log").open("wb")
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "local.embedded.supervisor"],
            cwd=tree, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            wait_until_up(var, supervisor)
            time.sleep(options.settle)
            figures = measure(supervisor.pid, options.seconds)
        finally:
            supervisor.terminate()
            supervisor.wait(120)
            log.close()
    shown = json.dumps(ran_on() | asdict(figures), indent=1)
    print(shown)
    if options.json:
        options.json.write_text(shown + "\n")
    return 0


def wait_until_up(var: Path, supervisor: "subprocess.Popen[bytes]") -> None:
    """Return when the supervisor says that everything is ready."""
    end = time.monotonic() + 240
    while time.monotonic() < end:
        if supervisor.poll() is not None:
            raise SystemExit(f"the supervisor ended with {supervisor.returncode}")
        try:
            state = json.loads((var / "run" / "state.json").read_text())
        except (FileNotFoundError, ValueError):
            state = {}
        processes = state.get("processes", {}).values()
        if state.get("phase") == "running" and all(each["ready"] for each in processes):
            return
        time.sleep(0.2)
    raise SystemExit("not everything was ready in four minutes")


if __name__ == "__main__":
    sys.exit(main())
