"""What a step of a peer does: a transaction over a pooled connection, as in the plain chain."""

import os
from functools import cache

from sqlalchemy import Engine, create_engine

from benchmarks.orchestration_work import work_in_sql


@cache
def database() -> Engine:
    """Return this process's engine."""
    return create_engine(os.environ["BENCHMARK_DATABASE"])


def step(case_id: int, number: int) -> None:
    """Do step `number` (1 to 6) of a case and commit."""
    with database().begin() as connection:
        work_in_sql(connection, case_id, number)
