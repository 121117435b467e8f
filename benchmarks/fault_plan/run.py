"""A run: the plan is played while its faults are made; afterwards everything is counted."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from benchmarks.fault_plan.breaking import Breaker
from benchmarks.fault_plan.counting import Counted, count, unfinished
from benchmarks.fault_plan.plan import Fault, Plan
from benchmarks.fault_plan.playing import Playing
from benchmarks.fault_plan.recovery import Recovery
from benchmarks.fault_plan.scene import Scene, tolerant
from benchmarks.spying import Spy
from models.database import transaction
from workflows.engine.business_clock import move_clock

QUIET = 3600.0
"""Seconds after the last fault in which everything must come to rest."""
HANGING = 120.0
"""Seconds after which a door of the chains that takes no case any more is waited for no longer."""
LATER = 2
"""Hours that pass for the cases after the last fault, when nothing is due any more."""
EXCLUSIVE = ("s3", "smtp", "imap", "valkey", "postgres")
Report = Callable[[str], None]


@dataclass
class Outcome:
    """What a run showed. Times are seconds."""

    seed: int
    cases: int
    faults: int
    seconds: float = 0.0
    settled_after: float = 0.0
    """From the last fault's end until nothing was due any more."""
    made: dict[int, str] = field(default_factory=dict)
    """By number of the fault: what it broke."""
    not_made: list[str] = field(default_factory=list)
    recovery: dict[str, dict[str, float]] = field(default_factory=dict)
    """By kind: how often it was made, and p50, p99 and the longest of what it took to overcome."""
    never_overcome: list[str] = field(default_factory=list)
    counted: Counted = field(default_factory=Counted)
    leaks: list[str] = field(default_factory=list)
    seen_in: list[str] = field(default_factory=list)
    marked: int = 0
    """Marked patients, by what is sealed."""


class FaultRun:
    """One run of one plan in one `var` folder."""

    def __init__(self, var: Path, plan: Plan, report: Report, *, beside: bool = True) -> None:
        self.plan, self.report = plan, report
        self.scene = Scene(var, beside=beside)
        self.outcome = Outcome(plan.seed, len(plan.parts), len(plan.faults))
        self._locks = {name: threading.Lock() for name in EXCLUSIVE}
        self._everything = threading.Lock()
        self._ended = self._later = self._chains = 0
        self._chains_at = 0.0
        self._took: dict[str, list[float]] = {}

    def run(self) -> Outcome:
        """Run it; always stops what it started."""
        began = time.monotonic()
        try:
            self.scene.start()
            self.report(f"{time.monotonic() - began:6.1f} s  everything runs")
            with Spy(self.scene.settings, self.scene.var, self.scene.broker_url) as spy:
                self._play()
                spy.look(self.scene.world.engine)
                self.outcome.leaks = sorted(spy.leaks)
                self.outcome.seen_in = sorted(spy.tables)
                self.outcome.marked = spy.patients
        finally:
            self.scene.stop()
        self.outcome.seconds = round(time.monotonic() - began, 1)
        return self.outcome

    def _play(self) -> None:
        plan, scene = self.plan, self.scene
        self.playing = Playing(scene, plan.parts, plan.span, self.report)
        self.breaker = Breaker(scene, self.playing)
        self.recovery = Recovery(scene)
        self._began = time.monotonic()
        self.playing.start()
        self.recovery.start()
        threads = [threading.Thread(target=self._fault, args=(fault,)) for fault in plan.faults]
        for thread in threads:
            thread.daemon = True
            thread.start()
        self._until_quiet(threads)
        self.recovery.stop()
        self.playing.stop()
        self._figures()
        self.outcome.counted = count(scene, self.playing)

    def _until_quiet(self, threads: list[threading.Thread]) -> None:
        """Play until every fault is over, every case was opened and nothing is due."""
        last, told = 0.0, time.monotonic()
        while True:
            done = self.playing.act()
            now = time.monotonic()
            if now - told > 30:
                told = now
                self._tell()
            if any(thread.is_alive() for thread in threads):
                last = now
            elif now - last > QUIET:
                self.report("not everything came to rest")
                break
            elif self.playing.all_opened and not done and self._quiet():
                if self._later >= LATER:
                    break
                self._later += tolerant(self._an_hour_later) or 0
            time.sleep(0.1)
        self.outcome.settled_after = round(time.monotonic() - last, 1)

    def _an_hour_later(self) -> int:
        """Let an hour pass for the cases: what waits for a server's next try has it."""
        move_clock(self.scene.world.engine, timedelta(hours=1))
        time.sleep(1)  # until every process has seen it
        return 1

    def _quiet(self) -> bool:
        chains = self.playing.chains_opened
        if chains != self._chains:
            self._chains, self._chains_at = chains, time.monotonic()
        hanging = time.monotonic() - self._chains_at > HANGING
        if self.scene.beside and chains < len(self.plan.parts) and not hanging:
            return False
        return tolerant(self._unfinished) == 0 and not self.recovery.waiting

    def _unfinished(self) -> int:
        with transaction(self.scene.world.engine) as session:
            return unfinished(session, self.scene)

    def _tell(self) -> None:
        waiting = tolerant(self._unfinished)
        self.report(
            f"{time.monotonic() - self._began:6.0f} s  {self._ended} faults over,"
            f" {self.playing.opened} papers sent, {len(self.playing.accepted)} inquiries taken,"
            f" {self.playing.answered} questions answered, {waiting} steps due,"
            f" {self.recovery.waiting} faults not overcome, {self.playing.chains_opened} chains"
        )

    # one fault, in a thread of its own

    def _fault(self, fault: Fault) -> None:
        time.sleep(max(0.0, self._began + fault.at - time.monotonic()))
        try:
            self._make(fault)
        except BaseException as error:  # a run in which a fault could not be made says so
            self.outcome.not_made.append(f"{fault.number} {fault.kind}: {error!r}"[:200])
        self._ended += 1

    def _make(self, fault: Fault) -> None:
        with self._lock_of(fault.kind):
            rows = self.recovery.affected()
            breaking = self.breaker.make(fault)
            broke = tolerant(lambda: next(breaking, None))
            if broke:
                time.sleep(fault.seconds)
            for _ in breaking:  # mends
                pass
        if not broke:
            self.outcome.not_made.append(f"{fault.number} {fault.kind}")
            return
        self.outcome.made[fault.number] = f"{fault.kind}: {broke}"
        self.recovery.watch(fault, rows)

    def _lock_of(self, kind: str) -> threading.Lock:
        """Return the lock of what a fault strikes: one fault at a time of one server."""
        if kind in ("everything killed", "upgrade"):
            return self._everything
        return self._locks.get(kind.split()[0].lower().replace("postgresql", "postgres"), _free())

    def _figures(self) -> None:
        kinds = {fault.number: fault.kind for fault in self.plan.faults}
        for number, took in self.recovery.took.items():
            self._took.setdefault(kinds[number], []).append(took)
        for kind, all_of_them in sorted(self._took.items()):
            ordered = sorted(all_of_them)
            self.outcome.recovery[kind] = {
                "times": len(ordered),
                "p50": quantile(ordered, 0.5),
                "p99": quantile(ordered, 0.99),
                "longest": ordered[-1],
            }
        self.outcome.never_overcome = sorted(
            kinds[number] for number in self.outcome.made if number not in self.recovery.took
        )


def quantile(ordered: list[float], share: float) -> float:
    """Return the smallest value that at least `share` of an ordered list does not exceed."""
    place = max(0, min(len(ordered) - 1, -(-int(share * len(ordered) * 1000) // 1000) - 1))
    return ordered[place]


def _free() -> threading.Lock:
    return threading.Lock()
