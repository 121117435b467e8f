"""The comparator: a plain Celery chain of six tasks, as its documentation shows it.

Worker: `celery -A benchmarks.orchestration_chain worker --concurrency 2` with `BENCHMARK_BROKER`,
`BENCHMARK_DATABASE` and, to keep results in Redis as most set-ups do, `BENCHMARK_RESULTS`.
"""

import os

from celery import Celery, chain
from sqlalchemy import Engine, create_engine

from benchmarks.orchestration_work import OPEN, STEPS, work_in_sql


def make(broker: str, results: str | None) -> Celery:
    """Return the Celery app; everything not named here is Celery's default."""
    made = Celery("plain", broker=broker, backend=results)
    made.conf.update(
        broker_connection_retry_on_startup=True,
        task_ignore_result=results is None,
        task_default_queue=queue(results),
    )
    return made


def queue(results: str | None) -> str:
    """Return the queue of the variant with or without results."""
    return "plain-results" if results else "plain"


def open_case(app: Celery, database: Engine, case_id: int) -> None:
    """Write the case's row, commit, and send its chain."""
    with database.begin() as connection:
        connection.execute(OPEN, {"case": case_id})
    publish(app, case_id)


def publish(app: Celery, case_id: int) -> None:
    """Send the chain of a case whose row exists."""
    steps = (
        app.signature("plain.step", args=(case_id, number), immutable=True)
        for number in range(1, STEPS + 1)
    )
    chain(*steps, app=app).apply_async()


def _worker() -> Celery:
    made = make(os.environ["BENCHMARK_BROKER"], os.environ.get("BENCHMARK_RESULTS"))
    database = create_engine(os.environ["BENCHMARK_DATABASE"])

    @made.task(name="plain.step")
    def step(case_id: int, number: int) -> int:
        with database.begin() as connection:
            work_in_sql(connection, case_id, number)
        return case_id

    return made


if "BENCHMARK_BROKER" in os.environ:
    app = _worker()
