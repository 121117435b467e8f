"""Six steps per case: this project's engine beside a plain Celery chain, alternating in one run.

    python benchmarks/orchestration.py [--cases 400] [--rounds 5] [--idle 6] [--json FILE]

Real PostgreSQL (with fsync) and Valkey, two worker processes on each side, the same business rows
and statements. Backlog: all cases wait before the clock starts; it stops when the last is done.
Idle: one case at a time, from before its opening transaction to its last step. The engine's
timeline and step rows, which the chain does not have, are its overhead and are reported.
"""

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import psutil
import psycopg

from benchmarks.orchestration_work import STEPS, TABLE, expected_value
from local.embedded.child import Child, base_environment
from local.embedded.postgres import OWNER, SUPERUSER, USER
from local.embedded.servers import EmbeddedServers
from settings import PROJECT_ROOT

WORKERS = 2
DATABASE = "benchmark"


@dataclass
class Figures:
    """What one side showed, round by round."""

    cases_per_second: list[float] = field(default_factory=list)
    cpu_s_per_1000: list[float] = field(default_factory=list)
    """CPU seconds of the side's own processes (not of the servers) for a thousand cases."""
    idle_ms: list[float] = field(default_factory=list)


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
                | bench.environment
                | {"PYTHONPATH": str(PROJECT_ROOT)}
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


class Bench:
    """The servers, the sides and the clock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.servers = EmbeddedServers(folder / "var", durable=True)
        self.servers.var.mkdir(parents=True, exist_ok=True)
        self.servers.claim_ports()
        self.used = (self.servers.postgres, self.servers.valkey)
        self.numbers = itertools.count(1)
        self.sides: list[Side] = []
        self.environment: dict[str, str] = {}

    @property
    def database_url(self) -> str:
        """The benchmark's database."""
        return self.servers.postgres.url(DATABASE)

    def broker(self, number: int) -> str:
        """Return the URL of one of Valkey's databases."""
        return self.servers.valkey.url(number, admin=True)  # results need more rights than ours

    def connect(self) -> psycopg.Connection[Any]:
        """Open an autocommit connection with every right."""
        return self.servers.postgres.connect(DATABASE, user=SUPERUSER)

    def start(self) -> None:
        """Start the servers, make the schema, start every side's workers."""
        for server in self.used:
            server.begin()
        for server in self.used:
            server.complete()
        with self.servers.postgres.connect("postgres", user=SUPERUSER) as connection:
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        self.environment = self.servers.env() | {
            "IORT_DATABASE_URL": self.database_url,
            "IORT_DATABASE_OWNER_URL": self.servers.postgres.url(DATABASE, user=OWNER),
        }
        os.environ.update(self.environment)
        subprocess.run(
            [sys.executable, "-m", "alembic", "upgrade", "head"],
            cwd=PROJECT_ROOT,
            check=True,
            capture_output=True,
        )
        with self.connect() as connection:
            connection.execute(TABLE)
            connection.execute(f"GRANT ALL ON benchmark_row TO {USER}")
        self.sides = [EngineSide(self), ChainSide(self, True), ChainSide(self, False)]
        for side in self.sides:
            side.start()

    def stop(self) -> None:
        """Stop everything."""
        for side in self.sides:
            side.stop()
        for server in reversed(self.used):
            server.stop()

    def backlog(self, side: Side, cases: int) -> None:
        """Let a side work a backlog of `cases`."""
        case_ids = [next(self.numbers) for _ in range(cases)]
        side.load(case_ids)
        with self.connect() as connection:
            cpu, began = side.cpu(), time.perf_counter()
            side.let_go()
            while self._done(connection, case_ids[0], case_ids[-1]) < cases:
                time.sleep(0.02)
                if time.perf_counter() - began > 300:
                    raise SystemExit(f"{side.name}: not done after 300 s; see {self.folder}")
            seconds = time.perf_counter() - began
        side.figures.cases_per_second.append(cases / seconds)
        side.figures.cpu_s_per_1000.append((side.cpu() - cpu) / cases * 1000)

    def idle(self, side: Side, cases: int) -> None:
        """Let a side work `cases` one after the other."""
        with self.connect() as connection:
            for _ in range(cases):
                time.sleep(0.1)
                case_id = next(self.numbers)
                began = time.time()
                side.open_one(case_id)
                while not self._done(connection, case_id, case_id):
                    time.sleep(0.003)
                finished = connection.execute(
                    "SELECT extract(epoch FROM finished_at)::float8 FROM benchmark_row"
                    " WHERE case_id = %s",
                    (case_id,),
                ).fetchone()
                assert finished is not None
                side.figures.idle_ms.append((finished[0] - began) * 1000)

    @staticmethod
    def _done(connection: psycopg.Connection[Any], first: int, last: int) -> int:
        row = connection.execute(
            "SELECT count(*) FROM benchmark_row WHERE step = %s AND case_id BETWEEN %s AND %s",
            (STEPS, first, last),
        ).fetchone()
        return int(row[0]) if row else 0

    def check(self) -> None:
        """Fail unless every step of every case ran exactly once and in order."""
        with self.connect() as connection:
            wrong = connection.execute(
                "SELECT count(*) FROM benchmark_row WHERE step <> %s OR value <> %s",
                (STEPS, expected_value()),
            ).fetchone()
        if wrong != (0,):
            raise SystemExit(f"{wrong} cases have a wrong result")

    def overhead(self) -> dict[str, float]:
        """Return what the engine keeps for each case beyond the business row."""
        with self.connect() as connection:
            row = connection.execute(
                """SELECT (SELECT count(*) FROM "case"), (SELECT count(*) FROM case_event),
                   (SELECT count(*) FROM step_run), pg_total_relation_size('case_event')
                   + pg_total_relation_size('step_run')"""
            ).fetchone()
        assert row is not None
        cases, events, steps, size = row
        return {
            "timeline rows per case": events / cases,
            "step rows per case": steps / cases,
            "bytes per case, indexes included": size / cases,
        }


def _report(bench: Bench) -> dict[str, Any]:
    engine, *chains = bench.sides
    summary: dict[str, Any] = {"sides": {}, "ratios": {}, "overhead": bench.overhead()}
    for side in bench.sides:
        figures = side.figures
        idle = sorted(figures.idle_ms)
        summary["sides"][side.name] = {
            "cases_per_second": round(statistics.median(figures.cases_per_second), 1),
            "all_rounds": [round(value, 1) for value in figures.cases_per_second],
            "cpu_s_per_1000_cases": round(statistics.median(figures.cpu_s_per_1000), 2),
            "idle_p50_ms": round(statistics.median(idle), 1),
            "idle_p95_ms": round(idle[int(0.95 * (len(idle) - 1))], 1),
        }
    for chain in chains:
        pairs = zip(engine.figures.cases_per_second, chain.figures.cases_per_second, strict=True)
        slow, fast = chain.figures.idle_ms, engine.figures.idle_ms
        summary["ratios"][f"to {chain.name}"] = {
            "cases_per_second": round(statistics.median(a / b for a, b in pairs), 1),
            "idle_p50": round(statistics.median(fast) / statistics.median(slow), 2),
        }
    return summary


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--idle", type=int, default=6, help="single cases per side and round")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="iort-benchmark-") as folder:
        bench = Bench(Path(folder))
        try:
            bench.start()
            for side in bench.sides:  # connections and caches warm, not counted
                bench.backlog(side, 20)
                bench.idle(side, 2)
                side.figures = Figures()
            for number in range(options.rounds):
                for side in bench.sides:
                    bench.idle(side, options.idle)
                    bench.backlog(side, options.cases)
                    rate = side.figures.cases_per_second[-1]
                    print(f"round {number + 1}  {side.name:<20} {rate:8.1f} cases/s", flush=True)
            bench.check()
            summary = _report(bench)
        finally:
            bench.stop()
    print(json.dumps(summary, indent=1))
    if options.json:
        options.json.write_text(json.dumps(summary, indent=1) + "\n")


if __name__ == "__main__":
    main()
