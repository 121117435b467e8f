"""The six steps' business work, the same statements for both sides: read one row, write one row."""

from sqlalchemy import Connection, text
from sqlmodel import Session

STEPS = 6

TABLE = """
CREATE TABLE benchmark_row (
    case_id bigint PRIMARY KEY, step int NOT NULL DEFAULT 0, value bigint NOT NULL DEFAULT 1,
    opened_at timestamptz NOT NULL DEFAULT clock_timestamp(), finished_at timestamptz)
"""
_READ = text("SELECT value FROM benchmark_row WHERE case_id = :case")
_WRITE = text(
    "UPDATE benchmark_row SET step = :step, value = :value, finished_at = clock_timestamp()"
    " WHERE case_id = :case"
)
OPEN = text("INSERT INTO benchmark_row (case_id) VALUES (:case)")


def work(connection: Connection | Session, case_id: int, step: int) -> None:
    """Do step `step` (1 to 6) of a case in the caller's transaction."""
    value = connection.execute(_READ, {"case": case_id}).scalar_one()
    # Of a size that a bigint holds after six steps, and wrong if a step is left out or repeated.
    values = {"case": case_id, "step": step, "value": (value * 31 + step) % 1_000_003}
    connection.execute(_WRITE, values)


def expected_value() -> int:
    """Return what a case's row holds when each step ran exactly once, in order."""
    value = 1
    for step in range(1, STEPS + 1):
        value = (value * 31 + step) % 1_000_003
    return value
