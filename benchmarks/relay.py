"""What the relay's look costs, and how late due rows are, with a long history and much that waits.

    python benchmarks/relay.py [--pending 1000000] [--done 30000000] [--due 400] [--json FILE]

Fills `step_run` with finished rows and rows of the next year, then asks what the relay asks at each
tick, beside what it asked before it was bounded (`BEFORE`), alternating; then one relay and two
workers of the benchmark's steps run, and rows become due one by one.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import psycopg
from sqlalchemy import insert, text

from benchmarks.machine import ran_on
from benchmarks.orchestration import Bench
from benchmarks.orchestration_sides import EngineSide
from models import Case
from models.database import make_engine, transaction
from settings import get_settings

BEFORE = text(
    """
    SELECT name, count(*) AS due, count(*) FILTER (WHERE rung_at > now() - :again) AS rung
      FROM (
        SELECT name, rung_at FROM step_run WHERE state = 'queued' AND due_at <= :now
        UNION ALL
        SELECT name, NULL FROM step_run WHERE state = 'running' AND lease_until < now()
      ) AS waiting
     WHERE NOT EXISTS (SELECT FROM restoration WHERE released_at IS NULL) GROUP BY name
    """
)
AGAIN = timedelta(seconds=5)
AT_ONCE = 500_000
ROW = (
    "INSERT INTO step_run (name, state, wait, safety, due_at, attempt, fence, objects, finished_at)"
)


def fill(connection: psycopg.Connection[Any], names: list[str], pending: int, done: int) -> None:
    """Insert `done` finished rows of the last year and `pending` of the next, over all steps."""
    for first in range(0, done, AT_ONCE):
        connection.execute(
            f"{ROW} SELECT (%(names)s::text[])[1 + n %% %(count)s], 'done', false, false, at, 1, 1,"
            " '{}', at FROM generate_series(1, %(rows)s) AS n,"
            " LATERAL (SELECT now() - random() * interval '1 year' AS at) AS moment",
            {"names": names, "count": len(names), "rows": min(AT_ONCE, done - first)},
        )
    connection.execute(
        f"{ROW} SELECT (%(names)s::text[])[1 + n %% %(count)s], 'queued', true, false,"
        " now() + interval '1 hour' + random() * interval '1 year', 0, 0, '{}', NULL"
        " FROM generate_series(1, %(rows)s) AS n",
        {"names": names, "count": len(names), "rows": pending},
    )
    connection.execute("VACUUM ANALYZE step_run")


def look_times(names: list[str], rounds: int) -> dict[str, dict[str, float]]:
    """Return how long both questions take on connections of their own, in ms."""
    from workflows.engine import ringing

    engine = make_engine(get_settings())
    asked: dict[str, Callable[[Any, dict[str, Any]], object]] = {
        "now": lambda connection, values: ringing.look(
            connection, names, values["now"], AGAIN, 200
        ),
        "before": lambda connection, values: connection.execute(BEFORE, values).all(),
    }
    times: dict[str, list[float]] = {name: [] for name in asked}
    connections = {name: engine.connect() for name in asked}
    for _ in range(rounds):
        for name, ask in asked.items():
            connection = connections[name]
            with connection.begin():
                now = connection.scalar(text("SELECT clock_timestamp()"))
                began = time.perf_counter()
                ask(connection, {"now": now, "again": AGAIN})
                times[name].append((time.perf_counter() - began) * 1000)
    for connection in connections.values():
        connection.close()
    engine.dispose()
    return {
        name: {
            "first 10 p50 ms": round(statistics.median(some[:10]), 2),
            "later p50 ms": round(statistics.median(some[10:]), 2),
            "later max ms": round(max(some[10:]), 2),
        }
        for name, some in times.items()
    }


def lateness(bench: Bench, due: int) -> dict[str, float]:
    """Let `due` rows become due over ten seconds; return how late they were finished, in ms."""
    from benchmarks import orchestration_engine as engine

    name = next(reversed(engine.STEP_TABLE))
    with transaction(engine.world().engine) as session:
        stage = {"state": "PRE_SCREEN", "stage": "screening", "opened_at": datetime.now(UTC)}
        cases = [{"id": n, "ref": f"L-{n}", **stage} for n in range(1, due + 1)]
        session.execute(insert(Case), cases)
    with bench.connect() as connection:
        connection.execute(
            "INSERT INTO benchmark_row (case_id) SELECT n FROM generate_series(1, %s) AS n", (due,)
        )
        rows = connection.execute(
            "INSERT INTO step_run (case_id, name, state, wait, safety, due_at, attempt, fence,"
            " objects) SELECT n, %s, 'queued', true, false,"
            " now() + interval '3 seconds' + random() * interval '10 seconds', 0, 0,"
            " jsonb_build_object('row_id', n) FROM generate_series(1, %s) AS n RETURNING id",
            (name, due),
        ).fetchall()
        ids = [row[0] for row in rows]
        waits = "SELECT count(*) FROM step_run WHERE id = ANY(%s) AND state <> 'done'"
        end = time.monotonic() + 120
        while connection.execute(waits, (ids,)).fetchone() != (0,):
            if time.monotonic() > end:
                raise SystemExit(f"not all was done; see {bench.folder}")
            time.sleep(0.5)
        late = connection.execute(
            "SELECT extract(epoch FROM b.finished_at - s.due_at)::float8 * 1000 FROM step_run s"
            " JOIN benchmark_row b ON b.case_id = s.case_id WHERE s.id = ANY(%s) ORDER BY 1",
            (ids,),
        ).fetchall()
    found = [row[0] for row in late]
    return {
        f"p{share}": round(found[min(len(found) - 1, len(found) * share // 100)], 1)
        for share in (50, 95, 99)
    }


def main() -> None:
    """Run it and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pending", type=int, default=1_000_000)
    parser.add_argument("--done", type=int, default=30_000_000)
    parser.add_argument("--due", type=int, default=400)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="iort-benchmark-") as folder:
        bench = Bench(Path(folder), only=[EngineSide])
        try:
            bench.start()
            from workflows.steps import STEPS

            began = time.monotonic()
            with bench.connect() as connection:
                fill(connection, list(STEPS), options.pending, options.done)
            filled = time.monotonic() - began
            figures: dict[str, Any] = {
                "on": ran_on(),
                "pending": options.pending,
                "done": options.done,
                "seconds to fill": round(filled),
                "look": look_times(list(STEPS), 40),
                "lateness ms": lateness(bench, options.due),
                "load after": os.getloadavg()[0],
            }
        finally:
            bench.stop()
    print(json.dumps(figures, indent=1))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
