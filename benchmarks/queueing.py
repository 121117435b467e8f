"""How long rows wait for a worker, beside a bare queue and what a model (M/M/c) says of the load.

    python benchmarks/queueing.py [--workers 2] [--loads 0.3 0.6 0.8] [--seconds 25]

Cases come at random moments (Poisson), one slow step each; it takes a random time (exponential,
`MEAN` s on average: it sleeps, so that few cores serve many workers). A row's wait is from when it
was due to when its step began. The bare queue serves the same cases, come at the same moments, in
their order and with nothing in between: what is waited beyond it is the engine's own.

    celery -A benchmarks.queueing worker ...
"""

import argparse
import heapq
import json
import math
import os
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from celery import Task
from sqlalchemy import insert, text

from benchmarks.orchestration_engine import BenchmarkWorld, wired
from models import Case
from models.database import transaction
from settings import get_settings
from tasks import relay
from tasks.app import make_app
from workflows.engine.doorbell import DueRow
from workflows.engine.record import Recorder
from workflows.engine.runner import Runner
from workflows.engine.work import Step, Work
from workflows.events import Event, Vocabulary
from workflows.process import Process
from workflows.verbs import do

QUEUE = "extraction"
NAME = f"{QUEUE}.benchmark_wait"
MEAN = 0.25
"""Seconds of service on average."""
_NOTE = text(
    "UPDATE benchmark_row SET step = 1, value = :waited, finished_at = clock_timestamp()"
    " WHERE case_id = :case"
)


def _serve(work: Work) -> None:
    number = work.row.case_id or 0
    with work.world.engine.connect() as connection:
        now = connection.scalar(text("SELECT clock_timestamp()"))
    waited = (now - work.row.due_at).total_seconds() if work.row.due_at else 0.0
    time.sleep(random.Random(number).expovariate(1 / MEAN))
    with work.finishing() as unit:
        unit.session.execute(_NOTE, {"waited": int(waited * 1000), "case": number})


STEP_TABLE = {NAME: Step(NAME, slow=_serve)}


class WaitWorld(BenchmarkWorld):
    """The product's world with one slow step in it."""

    process = Process(
        vocabulary=Vocabulary({"benchmark.came": {}}),
        machine=BenchmarkWorld.process.machine,
        on_event={"benchmark.came": (do(NAME),)},
        on_entering={},
    )


app = make_app(get_settings())
app.conf.include = []


@cache
def world() -> BenchmarkWorld:
    """Return this process's world."""
    return wired(WaitWorld, app, STEP_TABLE)


class Ring(Task):  # type: ignore[type-arg]
    """A ring, as in `tasks/steps.py`."""

    def run(self, row_id: int, root_id: int) -> None:
        """Work the due rows of the step."""
        Runner(world(), STEP_TABLE).drain(NAME)


app.register_task(type("Waited", (Ring,), {"name": NAME})())


def open_cases(case_ids: Sequence[int]) -> list[DueRow]:
    """Open cases in one transaction, as a door opens one; return the rows to ring for."""
    own = world()
    with transaction(own.engine) as session:
        now = own.clock.now()
        recorder = Recorder(session, own.process, now)
        stage = {"state": "PRE_SCREEN", "stage": "screening", "opened_at": now}
        session.execute(insert(Case), [{"id": n, "ref": f"Q-{n}", **stage} for n in case_ids])
        session.execute(
            text("INSERT INTO benchmark_row (case_id) VALUES (:case)"),
            [{"case": case_id} for case_id in case_ids],
        )
        recorder.lock(case_ids)
        for case_id in case_ids:
            recorder.record(case_id, Event("benchmark.came"))
        return recorder.flush()


def waits(load: float, servers: int, service: float) -> float:
    """Return the mean wait, in seconds, of M/M/c (Erlang's C) at `load` of each server, below 1."""
    offered = load * servers
    held = sum(offered**n / math.factorial(n) for n in range(servers))
    last = offered**servers / math.factorial(servers) / (1 - load)
    return last / (held + last) * service / (servers * (1 - load))


def bare_waits(came: Sequence[float], taken: Sequence[float], servers: int) -> list[float]:
    """Return the wait of each case in a queue that costs nothing: first come, first served."""
    free = [0.0] * servers
    waited = []
    for at, service in zip(came, taken, strict=True):
        begins = max(at, heapq.heappop(free))
        waited.append(begins - at)
        heapq.heappush(free, begins + service)
    return waited


def measure(folder: Path, workers: int, loads: Sequence[float], seconds: float) -> dict[str, Any]:
    """Return mean waits, measured and of the model, at each load."""
    from benchmarks.scale_out import Trial

    trial = Trial(folder)
    trial.start(valkey=True)
    os.environ.update(trial.servers.env() | {"IORT_DATABASE_URL": trial.direct})
    get_settings.cache_clear()
    from benchmarks import queueing as module

    trial.module, trial.app, trial.queue = module, "benchmarks.queueing", QUEUE
    found: dict[str, Any] = {}
    try:
        for number in range(workers):
            trial.worker(f"worker-{number}")
        trial.child("relay", (), "-m", "benchmarks.queueing", "relay")
        trial.answering(workers)
        trial.open(1)
        for load in loads:
            found[f"load {load}"] = _at(trial, load, workers, seconds)
            print(load, found[f"load {load}"], flush=True)
    finally:
        trial.stop()
    return found


def _at(trial: Any, load: float, workers: int, seconds: float) -> dict[str, Any]:
    chance, rate = random.Random(load), load * workers / MEAN
    first, began = next(trial.numbers), time.monotonic()
    last, due, came = first, 0.0, list[float]()
    while due < seconds:
        time.sleep(max(0.0, began + due - time.monotonic()))
        came.append(time.monotonic() - began)
        (last,) = trial.open(1)
        due += chance.expovariate(rate)
    with trial.connect() as connection:
        asked = "FROM benchmark_row WHERE case_id > %s AND case_id <= %s"
        for _ in range(600):
            (left,) = connection.execute(f"SELECT count(*) {asked} AND step = 0", (first, last))
            if left == (0,):
                break
            time.sleep(0.1)
        row = connection.execute(
            f"SELECT count(*), avg(value), percentile_cont(0.95) WITHIN GROUP (ORDER BY value)"
            f" {asked}",
            (first, last),
        ).fetchone()
    # What came and how long it took is known: the model is asked about just that.
    taken = [random.Random(n).expovariate(1 / MEAN) for n in range(first + 1, last + 1)]
    service = sum(taken) / len(taken)
    real = len(taken) * service / seconds / workers
    model = waits(real, workers, service) if real < 1 else math.inf
    bare = bare_waits(came, taken, workers)
    return {
        "cases": row[0], "load that came": round(real, 2), "mean wait ms": round(float(row[1])),
        "p95 wait ms": round(row[2]), "bare queue ms": round(sum(bare) / len(bare) * 1000),
        "its p95 ms": round(sorted(bare)[math.ceil(0.95 * len(bare)) - 1] * 1000),
        "model ms": round(model * 1000),
    }  # fmt: skip


def main() -> None:
    """Run it, or the relay of its own run."""
    if sys.argv[1:] == ["relay"]:
        relay.serve(world(), STEP_TABLE)
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--loads", type=float, nargs="+", default=[0.1, 0.3, 0.6, 0.8])
    parser.add_argument("--seconds", type=float, default=25)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="iort-queueing-") as scratch:
        found = measure(Path(scratch), options.workers, options.loads, options.seconds)
    found["load_average"] = [round(value, 1) for value in os.getloadavg()]
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
