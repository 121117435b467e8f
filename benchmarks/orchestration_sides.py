"""Who works the six steps: this project's engine, a plain Celery chain, and other systems."""

import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psutil

from local.embedded.child import Child, base_environment
from settings import PROJECT_ROOT

if TYPE_CHECKING:
    from benchmarks.orchestration import Bench

WORKERS = 2


@dataclass
class Figures:
    """What one side showed, round by round."""

    cases_per_second: list[float] = field(default_factory=list)
    cpu_s_per_1000: list[float] = field(default_factory=list)
    """CPU seconds of the side's own processes (not of the servers) for a thousand cases."""
    idle_ms: list[float] = field(default_factory=list)
    wal_bytes: list[float] = field(default_factory=list)
    """What PostgreSQL wrote ahead for a case."""


class Side(ABC):
    """One competitor: its processes, how its backlog is made and let go, how one case starts."""

    name: str
    answering = WORKERS

    def __init__(self, bench: "Bench") -> None:
        self.bench = bench
        self.figures = Figures()
        self.children: list[Child] = []
        self.app: Any = None

    def child(self, name: str, *arguments: str, **environment: str) -> None:
        """Add a process of this side."""
        bench = self.bench
        self.children.append(
            Child(
                name,
                [sys.executable, "-m", *arguments],
                environment=base_environment(bench.servers.instance)
                | {"PYTHONPATH": str(PROJECT_ROOT)}
                | bench.environment
                | environment,
                folder=PROJECT_ROOT,
                log=bench.folder / f"{name}.log",
            )
        )

    def start(self) -> None:
        """Start the processes; return when each worker answers."""
        for child in self.children:
            child.start()
        deadline = time.monotonic() + 60
        while len(self.app.control.ping(timeout=1)) < self.answering:
            if time.monotonic() > deadline:
                raise SystemExit(f"{self.name}: the workers do not answer; see {self.bench.folder}")

    @abstractmethod
    def load(self, case_ids: Sequence[int]) -> None:
        """Make the backlog without letting it go."""

    @abstractmethod
    def let_go(self) -> None:
        """Let the workers see the backlog."""

    @abstractmethod
    def open_one(self, case_id: int) -> None:
        """Open one case, as a door does."""

    def cpu(self) -> float:
        """Return the CPU seconds that the side's processes have used so far."""
        total = 0.0
        for child in self.children:
            own = psutil.Process(child.pid)
            for each in (own, *own.children(recursive=True)):
                times = each.cpu_times()
                total += times.user + times.system
        return total

    def stop(self) -> None:
        """Stop the processes."""
        for child in self.children:
            child.ask_to_stop()
        for child in self.children:
            child.stop(10)


class EngineSide(Side):
    """This project's engine: two workers and the relay."""

    name = "engine"

    def __init__(self, bench: "Bench") -> None:
        super().__init__(bench)
        from benchmarks import orchestration_engine as module

        self.module, self.app = module, module.app
        for number in range(WORKERS):
            self.child(
                f"engine-{number}", "celery", "-A", "benchmarks.orchestration_engine", "worker",
                "-Q", module.QUEUE, "-n", f"engine-{number}@%h", "--pool", "solo",
                "--without-gossip", "--without-mingle", "-l", "warning",
            )  # fmt: skip
        self.child("relay", "benchmarks.orchestration_engine")
        self._due: list[Any] = []

    def load(self, case_ids: Sequence[int]) -> None:
        """Open the cases; nobody rings yet."""
        self._due = self.module.open_cases(case_ids)

    def let_go(self) -> None:
        """Ring for them."""
        self.module.world().doorbell.ring(self._due)

    def open_one(self, case_id: int) -> None:
        """Open a case and ring after the commit."""
        self.module.world().doorbell.ring(self.module.open_cases([case_id]))


class ChainSide(Side):
    """A plain chain; one prefork worker with two processes, Celery's own default pool."""

    answering = 1

    def __init__(self, bench: "Bench", results: bool) -> None:
        super().__init__(bench)
        from sqlalchemy import create_engine

        from benchmarks import orchestration_chain as module

        self.name = "chain, results kept" if results else "chain, no results"
        backend = bench.broker(2) if results else None
        broker = bench.broker(1)
        self.module, self.app = module, module.make(broker, backend)
        self.queue = module.queue(backend)
        self.database = create_engine(bench.database_url)
        variables = {"BENCHMARK_BROKER": broker, "BENCHMARK_DATABASE": bench.database_url}
        if backend:
            variables["BENCHMARK_RESULTS"] = backend
        self.node = f"{self.queue}@benchmark"
        self.child(
            self.queue, "celery", "-A", "benchmarks.orchestration_chain", "worker",
            "-Q", self.queue, "-n", self.node, "--concurrency", str(WORKERS), "-l", "warning",
            **variables,
        )  # fmt: skip

    def start(self) -> None:
        """Start the worker; wait for its own answer, as two chain sides share a broker."""
        for child in self.children:
            child.start()
        while not self.app.control.ping(destination=[self.node], timeout=1):
            time.sleep(0.1)

    def load(self, case_ids: Sequence[int]) -> None:
        """Write the rows and publish every chain while nobody consumes."""
        control = self.app.control
        control.cancel_consumer(self.queue, destination=[self.node], reply=True, timeout=5)
        for case_id in case_ids:
            self.open_one(case_id)

    def let_go(self) -> None:
        """Let the worker consume."""
        self.app.control.add_consumer(self.queue, destination=[self.node])

    def open_one(self, case_id: int) -> None:
        """Write a case's row and publish its chain."""
        self.module.open_case(self.app, self.database, case_id)


class PeerSide(Side):
    """Another system, by its module in `benchmarks/peers`; its workers stand while it loads."""

    def __init__(self, bench: "Bench", name: str, worker: Sequence[str], processes: int) -> None:
        super().__init__(bench)
        self.name = name
        for number in range(processes):
            self.child(f"{name}-{number}", *worker)

    def start(self) -> None:
        """Start the processes; the first cases, which are not counted, wait for them."""
        for child in self.children:
            child.start()

    def load(self, case_ids: Sequence[int]) -> None:
        """Write the rows and publish the cases while the workers stand still."""
        for each in self._processes():
            each.suspend()
        self._publish(case_ids)

    def let_go(self) -> None:
        """Let the workers go on."""
        for each in self._processes():
            each.resume()

    def open_one(self, case_id: int) -> None:
        """Write a case's row and publish it."""
        self._publish([case_id])

    def _publish(self, case_ids: Sequence[int]) -> None:
        import importlib

        from benchmarks.orchestration_work import OPEN
        from benchmarks.peers.business import database

        with database().begin() as connection:
            connection.execute(OPEN, [{"case": case_id} for case_id in case_ids])
        importlib.import_module(f"benchmarks.peers.with_{self.name}").publish(case_ids)

    def _processes(self) -> list[psutil.Process]:
        own = [psutil.Process(child.pid) for child in self.children]
        return [each for one in own for each in (one, *one.children(recursive=True))]


def peers(bench: "Bench") -> list[Side]:
    """Return the other systems, each with two worker processes."""
    module = "benchmarks.peers.with_"
    dramatiq = ("dramatiq", f"{module}dramatiq", "--processes", "2", "--threads", "1")
    procrastinate = ("procrastinate", "--app", f"{module}procrastinate.app", "worker")
    return [
        PeerSide(bench, "dramatiq", dramatiq, 1),
        PeerSide(bench, "procrastinate", procrastinate, WORKERS),
        PeerSide(bench, "dbos", (f"{module}dbos",), WORKERS),
    ]
