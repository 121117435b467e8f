"""Six steps per case: this project's engine beside a plain Celery chain, alternating in one run.

    python benchmarks/orchestration.py [--cases 400] [--rounds 5] [--idle 6] [--peers FOLDER]
                                       [--json FILE]

Real PostgreSQL (with fsync) and Valkey, two worker processes on each side, the same business rows
and statements. Backlog: all cases wait before the clock starts; it stops when the last is done.
Idle: one case at a time, from before its opening transaction to its last step. The engine's
timeline and step rows, which the chain does not have, are its overhead and are reported. `--peers`
adds the systems of `benchmarks/peers`, whose packages FOLDER holds.
"""

import argparse
import itertools
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import psycopg

from benchmarks.machine import ran_on
from benchmarks.orchestration_sides import ChainSide, EngineSide, Figures, Side, peers
from benchmarks.orchestration_work import STEPS, TABLE, expected_value
from local.embedded.postgres import OWNER, SUPERUSER, USER
from local.embedded.servers import EmbeddedServers
from settings import PROJECT_ROOT

DATABASE = "benchmark"


class Bench:
    """The servers, the sides and the clock."""

    def __init__(
        self,
        folder: Path,
        peers: Path | None = None,
        only: Sequence[Callable[["Bench"], Side]] = (),
    ) -> None:
        """Keep everything in `folder`; `only` names other sides than ours, the chains, `peers`."""
        self.folder, self.peers, self.only = folder, peers, only
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
        if self.peers:
            self.environment |= self._of_peers(self.peers)
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
        usual = (
            EngineSide,
            lambda bench: ChainSide(bench, True),
            lambda bench: ChainSide(bench, False),
        )
        self.sides = [make(self) for make in self.only or usual]
        if self.peers:
            self._tables_of_peers()
            self.sides += peers(self)
        for side in self.sides:
            side.start()

    def _of_peers(self, folder: Path) -> dict[str, str]:
        """Return the variables of other systems; their packages stand behind our own."""
        sys.path.append(str(folder))
        path = self.folder / "path"
        path.mkdir()
        (path / "sitecustomize.py").write_text(f"import sys\nsys.path.append({str(folder)!r})\n")
        database = self.servers.postgres.url("benchmark_peers", user=SUPERUSER)
        return {
            "PYTHONPATH": os.pathsep.join((str(PROJECT_ROOT), str(path))),
            "BENCHMARK_DATABASE": self.database_url,
            "BENCHMARK_PEER_BROKER": self.broker(3),
            "BENCHMARK_PEER_DATABASE": database.replace("+psycopg", ""),
        }

    def _tables_of_peers(self) -> None:
        with self.servers.postgres.connect("postgres", user=SUPERUSER) as connection:
            connection.execute("CREATE DATABASE benchmark_peers")
        made = [sys.executable, "-m", "benchmarks.peers.with_procrastinate"]
        subprocess.run(made, cwd=PROJECT_ROOT, check=True)

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
            cpu, wal, began = side.cpu(), self._wal(connection), time.perf_counter()
            side.let_go()
            while self._done(connection, case_ids[0], case_ids[-1]) < cases:
                time.sleep(0.02)
                if time.perf_counter() - began > 300:
                    raise SystemExit(f"{side.name}: not done after 300 s; see {self.folder}")
            seconds = time.perf_counter() - began
        side.figures.cases_per_second.append(cases / seconds)
        side.figures.cpu_s_per_1000.append((side.cpu() - cpu) / cases * 1000)
        with self.connect() as connection:
            side.figures.wal_bytes.append((self._wal(connection) - wal) / cases)

    @staticmethod
    def _wal(connection: psycopg.Connection[Any]) -> float:
        """Return how many bytes PostgreSQL has written ahead so far."""
        row = connection.execute("SELECT pg_current_wal_lsn() - '0/0'").fetchone()
        assert row is not None
        return float(row[0])

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
    summary: dict[str, Any] = {"on": ran_on(), "sides": {}, "ratios": {}}
    summary["overhead"] = bench.overhead()
    for side in bench.sides:
        figures = side.figures
        idle = sorted(figures.idle_ms)
        summary["sides"][side.name] = {
            "cases_per_second": round(statistics.median(figures.cases_per_second), 1),
            "all_rounds": [round(value, 1) for value in figures.cases_per_second],
            "cpu_s_per_1000_cases": round(statistics.median(figures.cpu_s_per_1000), 2),
            "wal_bytes_per_case": round(statistics.median(figures.wal_bytes)),
            "idle_p50_ms": round(statistics.median(idle), 1),
            "idle_p95_ms": round(idle[math.ceil(0.95 * len(idle)) - 1], 1),
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
    parser.add_argument("--peers", type=Path, help="a folder with their packages")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="iort-benchmark-") as folder:
        bench = Bench(Path(folder), options.peers)
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
