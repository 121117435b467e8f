"""Fill a PostgreSQL with made-up cases: 100,000 of them with 3,000,000 events in some minutes.

    python benchmarks/bulk.py --database URL [--cases 100000] [--events 3000000] [--seed 1]

The database must be migrated and empty. Rows go in by COPY, without firing foreign keys, so the
role must be a superuser's. The same seed and time give the same rows. All persons, hospitals and
letters are fictitious; stored objects (documents, page texts) are not made.
"""

import argparse
import random
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import psycopg
from psycopg import sql

from benchmarks.bulk_lives import Walker
from benchmarks.bulk_rows import COLUMNS, CaseWriter, Rows, hospitals
from benchmarks.bulk_sealing import Sealing
from keys import Ring
from keys.ring_file import RingSource
from settings import PROJECT_ROOT, get_settings
from workflows.stages import StateMachine

YEARS = 3
CLOSED = 0.6
CHUNK = 2000
"""Cases whose rows are kept in memory at a time."""
LONGEST = 2000
"""Events of the one case in the middle that has a very long timeline."""


@dataclass
class Filled:
    """What was written: rows by table, how long it took, how large it is."""

    rows: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    bytes: int = 0
    long_case: str = ""


LINKED = frozenset({"case_event"})
"""Tables whose rows are chained as they are written."""


def fill(
    conninfo: str,
    *,
    cases: int = 100_000,
    events: int = 3_000_000,
    seed: int = 1,
    now: datetime | None = None,
    ring: Ring | None = None,
) -> Filled:
    """Write `cases` cases opened over three years before `now` with about `events` events.

    Personal columns are sealed with keys that `ring` wraps, by default that of the settings.
    """
    began = time.perf_counter()
    now = (now or datetime.now(UTC)).replace(microsecond=0)
    generator = random.Random(seed)
    walker = Walker(StateMachine.load(PROJECT_ROOT / "playbooks" / "state_machine.yaml"), generator)
    filled = Filled()
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        rows = Rows(Sealing(ring or RingSource(get_settings())()))
        rows.add("data_key", *rows.sealing.house_key())
        hospitals(rows, generator, now)
        writer = CaseWriter(rows, generator, walker.machine, now, events / cases)
        for number in range(1, cases + 1):
            days = YEARS * 365 * (1 - ((number - 0.5) / cases) ** 0.8)
            life = walker.life(now - timedelta(days=days), now, generator.random() < CLOSED)
            long = number == cases // 2
            ref = writer.write(number, life, least_events=min(LONGEST, events // 2) if long else 0)
            if long:
                filled.long_case = ref
            if number % CHUNK == 0 or number == cases:
                _copy(connection, rows, filled)
        for table in COLUMNS:
            if table != "case_event":
                connection.execute(
                    sql.SQL(
                        "SELECT setval(pg_get_serial_sequence({}, 'id'),"
                        " greatest((SELECT max(id) FROM {}), 1))"
                    ).format(sql.Literal(f'"{table}"'), sql.Identifier(table))
                )
        connection.execute("VACUUM (ANALYZE)")
        size: Any = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        filled.bytes = size[0]
    filled.seconds = time.perf_counter() - began
    return filled


def _copy(connection: psycopg.Connection[Any], rows: Rows, filled: Filled) -> None:
    for table, lines in rows.lines.items():
        if not lines:
            continue
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, COLUMNS[table]))
        )
        linked = table in LINKED
        if linked:  # the trigger that makes each row's hash must fire
            connection.execute("SET session_replication_role = origin")
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write("".join(lines))
        if linked:
            connection.execute("SET session_replication_role = replica")
        filled.rows[table] = filled.rows.get(table, 0) + len(lines)
        lines.clear()
    rows.sealing.forget()


def main() -> None:
    """Fill a database and say what was written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True, help="postgresql://... of a superuser")
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=3_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    filled = fill(
        options.database.replace("postgresql+psycopg", "postgresql"),
        cases=options.cases,
        events=options.events,
        seed=options.seed,
    )
    for table, count in filled.rows.items():
        print(f"{count:12,}  {table}")
    print(f"{filled.seconds:.0f} s, {filled.bytes / 1e9:.2f} GB, long case {filled.long_case}")


if __name__ == "__main__":
    main()
