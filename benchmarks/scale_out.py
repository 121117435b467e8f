"""More than one host: throughput by workers, and a host that is cut off and comes back.

    python benchmarks/scale_out.py throughput [--cases 600]
    python benchmarks/scale_out.py hosts [--seconds 45]

`throughput` works the same backlog with 1, 2, 4 and 8 workers, at PostgreSQL itself and through
PgBouncer (`PGBOUNCER` names it). `hosts` needs root and `ip netns`: two hosts are namespaces
on a bridge, each with two workers, a relay and a web server, a Valkey and a sentinel; PgBouncer and
PostgreSQL are a third. While cases come in, the host of the leading Valkey is cut off for a while.
Each of six steps of a case must have been done once and in order.
"""

import argparse
import contextlib
import http.client
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import psycopg

from benchmarks.orchestration_work import STEPS, TABLE, expected_value
from benchmarks.pooler import PgBouncer, program
from benchmarks.sentinels import Watched
from local.embedded.child import Child, base_environment, wait_until
from local.embedded.postgres import OWNER, SUPERUSER, USER
from local.embedded.processes import web
from local.embedded.servers import EmbeddedServers
from safety import NAMES
from settings import PROJECT_ROOT, get_settings

DATABASE = "benchmark"
BRIDGE, MIDDLE = "iortbr0", "10.77.0.1"
HOSTS = {"iort-a": "10.77.0.2", "iort-b": "10.77.0.3"}
LEASE = 6
QUEUE = "suitability"


class Trial:
    """Servers on this host, and processes of the product that use them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.servers = EmbeddedServers(folder / "var", durable=True)
        self.servers.var.mkdir(parents=True, exist_ok=True)
        self.servers.claim_ports()
        self.children: list[Child] = []
        self.workers: list[Path] = []
        """The files that workers write when they are ready."""
        self.numbers = itertools.count(1)
        self.module: Any = None
        self.app, self.queue = "benchmarks.orchestration_engine", QUEUE

    def start(self, *, valkey: bool) -> None:
        """Start PostgreSQL, and one Valkey if asked, and make the schema."""
        for server in (self.servers.postgres, *([self.servers.valkey] if valkey else [])):
            server.begin()
            server.complete()
        postgres = self.servers.postgres
        with postgres.connect("postgres", user=SUPERUSER) as connection:
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        given = {"IORT_DATABASE_OWNER_URL": postgres.url(DATABASE, user=OWNER)}
        subprocess.run(
            [sys.executable, "-m", "alembic", "upgrade", "head"],
            cwd=PROJECT_ROOT, check=True, capture_output=True,
            env=os.environ | self.servers.env() | {"IORT_DATABASE_URL": self.direct} | given,
        )  # fmt: skip
        with self.connect() as connection:
            connection.execute(TABLE)
            connection.execute(f"GRANT ALL ON benchmark_row TO {USER}")

    @property
    def direct(self) -> str:
        """PostgreSQL's own address."""
        return self.servers.postgres.url(DATABASE)

    def connect(self) -> psycopg.Connection[Any]:
        """Open an autocommit connection with every right."""
        return self.servers.postgres.connect(DATABASE, user=SUPERUSER)

    def child(self, name: str, begins: Sequence[str], *command: str, **more: str) -> Child:
        """Start a process of the product."""
        own = Child(
            name, [*begins, sys.executable, *command],
            environment=base_environment(self.servers.instance)
            | {name: value for name, value in os.environ.items() if name.startswith("IORT_")}
            | {"PYTHONPATH": str(PROJECT_ROOT)} | more,
            folder=PROJECT_ROOT, log=self.folder / f"{name}.log",
        )  # fmt: skip
        own.start()
        self.children.append(own)
        return own

    def worker(self, name: str, begins: Sequence[str] = (), **more: str) -> Child:
        """Start a worker, by default of the benchmark's six steps."""
        self.workers.append(self.folder / f"{name}.ready")
        more["IORT_READY_FILE"] = str(self.workers[-1])
        return self.child(
            name, begins, "-m", "celery", "-A", self.app, "worker",
            "-Q", self.queue, "-n", f"{name}@bench", "--pool", "solo", "--without-gossip",
            "--without-mingle", "-l", "warning", **more,
        )  # fmt: skip

    def answering(self, count: int) -> None:
        """Wait until the last `count` workers are ready."""
        newest = self.workers[-count:]
        if not wait_until(lambda: all(path.exists() for path in newest), 90):
            raise SystemExit(f"the workers are not ready; see {self.folder}")

    def open(self, count: int) -> list[int]:
        """Open cases and ring for them, as a door does; return their numbers."""
        case_ids = [next(self.numbers) for _ in range(count)]
        due = self.module.open_cases(case_ids)
        self.module.world().doorbell.ring(due)
        return case_ids

    def done(self, connection: psycopg.Connection[Any]) -> int:
        """Return how many cases are through."""
        row = connection.execute(
            "SELECT count(*) FROM benchmark_row WHERE step = %s", (STEPS,)
        ).fetchone()
        return int(row[0]) if row else 0

    def check(self) -> None:
        """Fail unless every step of every case was done once, in order."""
        with self.connect() as connection:
            row = connection.execute(
                "SELECT count(*) FROM benchmark_row WHERE step <> %s OR value <> %s",
                (STEPS, expected_value()),
            ).fetchone()
        if row != (0,):
            raise SystemExit(f"{row} cases are not through, or a step was done twice")

    def stop(self, *more: Callable[[], None]) -> None:
        """End everything."""
        for child in self.children:
            child.ask_to_stop()
        for child in self.children:
            child.stop(5)
        for end in more:
            end()
        self.servers.valkey.stop()
        self.servers.postgres.stop()


def throughput(folder: Path, cases: int) -> dict[str, Any]:
    """Return cases a second by workers, direct and through PgBouncer, alternating."""
    trial = Trial(folder)
    trial.start(valkey=True)
    pooler = PgBouncer(trial.servers.postgres, folder / "pooler")
    pooler.start()
    os.environ.update(trial.servers.env() | {"IORT_DATABASE_URL": trial.direct})
    get_settings.cache_clear()
    from benchmarks import orchestration_engine

    trial.module = orchestration_engine
    found: dict[str, Any] = {}
    addresses = {"direct": trial.direct, "pgbouncer": pooler.through(trial.direct)}
    trial.child("relay", (), "-m", "benchmarks.orchestration_engine")
    try:
        for workers in (1, 2, 4, 8):
            for name, url in addresses.items():
                team = [
                    trial.worker(f"{name}-{workers}-{n}", IORT_DATABASE_URL=url)
                    for n in range(workers)
                ]
                trial.answering(workers)
                trial.open(20)
                found[f"{workers} workers, {name}"] = [
                    round(_backlog(trial, cases), 1) for _ in range(2)
                ]
                for child in team:
                    child.ask_to_stop()
                for child in team:
                    child.stop(10)
                print(workers, name, found[f"{workers} workers, {name}"], flush=True)
        trial.check()
    finally:
        trial.stop(pooler.stop)
    return found


def _backlog(trial: Trial, cases: int) -> float:
    with trial.connect() as connection:
        before = trial.done(connection)
        case_ids = [next(trial.numbers) for _ in range(cases)]
        due = trial.module.open_cases(case_ids)
        began = time.perf_counter()
        trial.module.world().doorbell.ring(due)
        if not wait_until(lambda: trial.done(connection) >= before + cases, 120):
            raise SystemExit(f"not done after 120 s; see {trial.folder}")
        return cases / (time.perf_counter() - began)


@contextlib.contextmanager
def network() -> Iterator[None]:
    """Make two hosts on a bridge; take them away again."""
    _ip("link", "add", BRIDGE, "type", "bridge")
    try:
        _ip("addr", "add", f"{MIDDLE}/24", "dev", BRIDGE)
        _ip("link", "set", BRIDGE, "up")
        for name, address in HOSTS.items():
            _ip("netns", "add", name)
            _ip("link", "add", f"{name}0", "type", "veth", "peer", "name", "eth0", "netns", name)
            _ip("link", "set", f"{name}0", "master", BRIDGE, "up")
            _ip("-n", name, "addr", "add", f"{address}/24", "dev", "eth0")
            _ip("-n", name, "link", "set", "eth0", "up")
            _ip("-n", name, "link", "set", "lo", "up")
        yield
    finally:
        for name in HOSTS:
            for words in (("link", "del", f"{name}0"), ("netns", "del", name)):
                subprocess.run(["ip", *words], check=False, capture_output=True)
        subprocess.run(["ip", "link", "del", BRIDGE], check=False)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


def hosts(folder: Path, seconds: float) -> dict[str, Any]:
    """Cut a host off while cases come in, let it back, and say what happened when."""
    begins = {name: ("ip", "netns", "exec", name) for name in HOSTS}
    trial = Trial(folder)
    with network():
        trial.start(valkey=False)
        pooler = PgBouncer(trial.servers.postgres, folder / "pooler", address=MIDDLE)
        pooler.start()
        watched = Watched(
            folder / "watched", hosts=(*HOSTS.values(), MIDDLE), begins=(*begins.values(), ())
        )
        watched.start()
        os.environ.update(
            trial.servers.env()
            | {
                "IORT_DATABASE_URL": pooler.through(trial.direct),
                "IORT_BROKER_URL": watched.url,
                "IORT_STEP_LEASE": f"PT{LEASE}S",
                "IORT_UNSAFE": ",".join(sorted(NAMES)),
            }
        )
        get_settings.cache_clear()
        from benchmarks import orchestration_engine

        trial.module = orchestration_engine
        try:
            for name, inside in begins.items():
                for number in range(2):
                    trial.worker(f"{name}-{number}", inside)
                trial.child(f"{name}-relay", inside, "-m", "benchmarks.orchestration_engine")
                trial.child(f"{name}-web", inside, *web(HOSTS[name], 8000).command)
            trial.answering(4)
            if not wait_until(lambda: all(map(_serves, HOSTS.values())), 60):
                raise SystemExit(f"the web servers do not answer; see {folder}")
            found = _cut_off(trial, watched, seconds)
            trial.check()
        finally:
            trial.stop(watched.stop, pooler.stop)
    return found


def _serves(address: str) -> bool:
    connection = http.client.HTTPConnection(address, 8000, timeout=1)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _cut_off(trial: Trial, watched: Watched, seconds: float) -> dict[str, Any]:
    """Open ten cases each half second; cut the first host off after 8 s, for a third of it all."""
    told: dict[str, Any] = {}
    began, cut_at, back_at = time.monotonic(), 8.0, 8.0 + seconds / 3
    opened, lows = 0, []
    with trial.connect() as connection:
        while (now := time.monotonic() - began) < seconds:
            if now >= cut_at and "cut_s" not in told:
                told["cut_s"], told["led_before"] = round(now, 1), watched.leads()
                _ip("link", "set", "iort-a0", "down")
            if "cut_s" in told and "other_leads_after_s" not in told and watched.leads(1) == 1:
                told["other_leads_after_s"] = round(time.monotonic() - began - told["cut_s"], 1)
            if now >= back_at and "back_s" not in told:
                told["back_s"] = round(now, 1)
                _ip("link", "set", "iort-a0", "up")
            opened += len(trial.open(10))
            lows.append((round(time.monotonic() - began, 1), opened, trial.done(connection)))
            time.sleep(0.5)
        whole = wait_until(lambda: trial.done(connection) == opened, 120)
        told |= {"cases": opened, "all_done_after_s": round(time.monotonic() - began, 1)}
        told["all_done"] = whole
        row = connection.execute(
            "SELECT count(*) FILTER (WHERE fence > 1), max(attempt),"
            " max(finished_at - due_at), count(*) FILTER (WHERE state <> 'done')"
            " FROM step_run WHERE name LIKE 'suitability.benchmark%'"
        ).fetchone()
        assert row is not None
        told |= {
            "steps_claimed_again": row[0], "most_attempts": row[1],
            "latest_step_s": round(row[2].total_seconds(), 1), "steps_not_done": row[3],
        }  # fmt: skip
        told["web_serves_again"] = wait_until(lambda: all(map(_serves, HOSTS.values())), 60)
        told["opened_and_done_by_second"] = lows[:: max(1, len(lows) // 24)]
    return told


def main() -> None:
    """Run one of both and print what it showed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("throughput", "hosts"))
    parser.add_argument("--cases", type=int, default=600)
    parser.add_argument("--seconds", type=float, default=45)
    parser.add_argument("--folder", type=Path, help="keep the logs here")
    options = parser.parse_args()
    if program() is None:
        raise SystemExit("PGBOUNCER names no program (1.22 or newer)")
    before = os.getloadavg()
    with tempfile.TemporaryDirectory(prefix="iort-scale-") as scratch:
        folder = options.folder or Path(scratch)
        if options.what == "hosts":
            found = hosts(folder, options.seconds)
        else:
            found = throughput(folder, options.cases)
    loads = [round(value, 1) for value in (*before, *os.getloadavg())]
    print(json.dumps({"load_average": loads, **found}, indent=1, default=str))


if __name__ == "__main__":
    main()
