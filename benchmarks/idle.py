"""What the whole of `./iort up` costs while nothing happens: processor, wake-ups, memory, start.

    python benchmarks/idle.py [--seconds 120] [--settle 60] [--tree FOLDER] [--beside FOLDER]
        [--rounds 1] [--start] [--json FILE]

Starts everything in a folder of its own, waits until it is quiet, and counts over `--seconds` what
each of its processes used. `--tree` measures another copy of this repository with the same Python,
`--beside` a second one alternately in the same run; medians of `--rounds`. `--start` measures the
start alone: the first one, with new data, and the one after it. The load of the machine is written
beside the figures: on a busy one processor and seconds are too high.
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
from statistics import median
from typing import Any

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
    each: list[dict[str, Any]] = field(default_factory=list)
    """Every process: its name, percent of a core, switches a second, memory in MB."""


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
    lines: list[dict[str, Any]] = []
    count = 0
    for each in family(supervisor):
        try:
            cpu, switched = _used(each)
            memory, name = _pss(each.pid), _name(each)
        except (psutil.Error, OSError):
            continue
        count += 1
        pss += memory
        cpu -= before.get(each.pid, (0.0, 0))[0]
        switched -= before.get(each.pid, (0.0, 0))[1]
        switches += switched
        processor += cpu
        shares = (cpu / passed * 100, switched / passed, memory)
        names = ("percent", "switches", "pss_mb")
        rounded = {key: round(share, 2) for key, share in zip(names, shares, strict=True)}
        lines.append({"name": name, **rounded})
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
        each=sorted(lines, key=lambda line: -line["pss_mb"]),
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
        if "-Q" in words:
            named[2:3] = ["worker of", words[words.index("-Q") + 1]]
        return " ".join(["python", *named[:4]])[:80]
    return words[0].split(":")[0][:30]


class Running:
    """Everything of one tree, started below a folder."""

    def __init__(self, tree: Path, folder: Path) -> None:
        self.tree, self.var = tree, folder / "var"
        self._log = (folder / "log").open("ab")
        self._supervisor: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start it; return the seconds until everything was ready."""
        environment = {
            **os.environ, "IORT_VAR_DIR": str(self.var), "PYTHONPATH": str(self.tree)
        }  # fmt: skip
        began = time.monotonic()
        self._supervisor = subprocess.Popen(
            [sys.executable, "-m", "local.embedded.supervisor"],
            cwd=self.tree, env=environment, stdout=self._log, stderr=self._log,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        wait_until_up(self.var, self._supervisor)
        return time.monotonic() - began

    @property
    def pid(self) -> int:
        """The supervisor's process id."""
        assert self._supervisor is not None
        return self._supervisor.pid

    def stop(self) -> None:
        """Stop it; the data stay."""
        if self._supervisor is not None:
            self._supervisor.terminate()
            self._supervisor.wait(120)


def idle_of(tree: Path, seconds: float, settle: float) -> dict[str, Any]:
    """Return what an idle installation of a tree costs."""
    with tempfile.TemporaryDirectory(prefix="iort-idle-") as folder:
        running = Running(tree, Path(folder))
        try:
            running.start()
            time.sleep(settle)
            return asdict(measure(running.pid, seconds))
        finally:
            running.stop()


def start_of(tree: Path) -> dict[str, Any]:
    """Return the seconds of a first start, of the one after it, and the data's MB."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="iort-idle-") as folder:
        running = Running(tree, Path(folder))
        try:
            first = running.start()
            running.stop()
            again = running.start()
        finally:
            running.stop()
        kept = sum(path.lstat().st_blocks * 512 for path in running.var.rglob("*"))
    return {
        "first_s": round(first, 1),
        "again_s": round(again, 1),
        "data_mb": round(kept / 1e6, 1),
        "load": round(load, 2),
    }


def together(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the medians of the figures of some runs; of the rest, what the last one says."""
    return {
        key: round(median(run[key] for run in runs), 2) if isinstance(value, float | int) else value
        for key, value in runs[-1].items()
    }


def commit_of(tree: Path) -> str:
    """Return the commit of a tree."""
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=tree, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout.strip()


def main() -> int:
    """Run it and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--settle", type=float, default=60)
    parser.add_argument("--tree", type=Path, default=PROJECT_ROOT)
    parser.add_argument("--beside", type=Path)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--start", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    trees = [tree.resolve() for tree in (options.beside, options.tree) if tree is not None]
    runs: dict[Path, list[dict[str, Any]]] = {tree: [] for tree in trees}
    for _ in range(options.rounds):
        for tree in trees:
            found = (
                start_of(tree) if options.start else idle_of(tree, options.seconds, options.settle)
            )
            runs[tree].append(found)
    told = [ran_on() | {"commit": commit_of(tree)} | together(runs[tree]) for tree in trees]
    shown = json.dumps(told[-1] | ({"beside": told[0]} if options.beside else {}), indent=1)
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
