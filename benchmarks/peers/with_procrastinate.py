"""Procrastinate: a task over PostgreSQL that defers the next one when it is done.

procrastinate --app benchmarks.peers.with_procrastinate.app worker
"""

import os
from collections.abc import Sequence
from functools import cache

from procrastinate import App, PsycopgConnector

from benchmarks.orchestration_work import STEPS
from benchmarks.peers.business import step

app = App(connector=PsycopgConnector(conninfo=os.environ["BENCHMARK_PEER_DATABASE"]))


@app.task(queue="peer", name="work")
def work(case_id: int, number: int) -> None:
    """Do one step, then have the next one done."""
    step(case_id, number)
    if number < STEPS:
        work.defer(case_id=case_id, number=number + 1)


def publish(case_ids: Sequence[int]) -> None:
    """Defer each case's first step."""
    _open()
    for case_id in case_ids:
        work.defer(case_id=case_id, number=1)


@cache
def _open() -> None:
    app.open()


def main() -> None:
    """Make procrastinate's own tables."""
    with app.open():
        app.schema_manager.apply_schema()


if __name__ == "__main__":
    main()
