"""DBOS: a durable workflow of six steps from a queue. `python -m benchmarks.peers.with_dbos`."""

import os
import signal
import threading
from collections.abc import Sequence
from functools import cache

from dbos import DBOS, DBOSClient, DBOSConfig

from benchmarks.orchestration_work import STEPS
from benchmarks.peers.business import step


@DBOS.step()
def work(case_id: int, number: int) -> None:
    """Do one step; DBOS notes that it is done."""
    step(case_id, number)


@DBOS.workflow(name="steps")
def steps(case_id: int) -> None:
    """Do all six."""
    for number in range(1, STEPS + 1):
        work(case_id, number)


@cache
def client() -> DBOSClient:
    """Return who enqueues."""
    return DBOSClient(system_database_url=os.environ["BENCHMARK_PEER_DATABASE"])


def publish(case_ids: Sequence[int]) -> None:
    """Enqueue each case's workflow."""
    for case_id in case_ids:
        client().enqueue({"queue_name": "peer", "workflow_name": "steps"}, case_id)


def main() -> None:
    """Work until SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    config: DBOSConfig = {
        "name": "benchmark",
        "system_database_url": os.environ["BENCHMARK_PEER_DATABASE"],
        "application_version": "1",
        "executor_id": str(os.getpid()),
        "log_level": "WARNING",
    }
    DBOS(config=config)
    DBOS.launch()
    DBOS.register_queue("peer", worker_concurrency=10, polling_interval_sec=0.05)
    stop.wait()
    DBOS.destroy()


if __name__ == "__main__":
    main()
