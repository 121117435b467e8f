"""The six steps' business work: read the case's row, write it. The same rows on both sides."""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, Connection, text
from sqlmodel import Field, Session, SQLModel

from models.base import utc

STEPS = 6

TABLE = """
CREATE TABLE benchmark_row (
    case_id bigint PRIMARY KEY, step int NOT NULL DEFAULT 0, value bigint NOT NULL DEFAULT 1,
    finished_at timestamptz)
"""
OPEN = text("INSERT INTO benchmark_row (case_id) VALUES (:case)")
_READ = text("SELECT value FROM benchmark_row WHERE case_id = :case")
_WRITE = text(
    "UPDATE benchmark_row SET step = :step, value = :value, finished_at = :now"
    " WHERE case_id = :case"
)


class BenchmarkRow(SQLModel, table=True):
    """The business row of one case."""

    __tablename__ = "benchmark_row"

    case_id: int = Field(primary_key=True, sa_type=BigInteger)
    step: int = 0
    value: int = Field(default=1, sa_type=BigInteger)
    finished_at: datetime | None = utc()


def next_value(value: int, step: int) -> int:
    """Return what `step` makes of a value: wrong at the end if a step is left out or repeated."""
    return (value * 31 + step) % 1_000_003


def work_in_sql(connection: Connection, case_id: int, step: int) -> None:
    """Do step `step` (1 to 6) with two plain statements: the fastest a lone task can do."""
    value = connection.execute(_READ, {"case": case_id}).scalar_one()
    values = {
        "case": case_id,
        "step": step,
        "value": next_value(value, step),
        "now": datetime.now(UTC),
    }
    connection.execute(_WRITE, values)


def work_as_row(session: Session, case_id: int, step: int) -> None:
    """Do step `step` with the mapped row, as the product's steps do."""
    row = session.get_one(BenchmarkRow, case_id)
    row.step = step
    row.value = next_value(row.value, step)
    row.finished_at = datetime.now(UTC)


def expected_value() -> int:
    """Return what a case's row holds when each step ran exactly once, in order."""
    value = 1
    for step in range(1, STEPS + 1):
        value = next_value(value, step)
    return value
