"""Taking personal data out of the rows: each column by the rule of `classified`, again as often."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Session, SQLModel, col

from models import ErasedObject, Patient, RateCount
from workflows.engine.world import World
from workflows.policy import EVERYWHERE, Policy
from workflows.retention.classified import ONLY_ONE_EACH, TABLES
from workflows.retention.found import another_has, unmatched
from workflows.retention.table_rows import NOBODYS, Rows

_EMPTY = {"upload.hints": "[]"}
"""What is not an object when it is empty."""
FOR_GOOD = {"time_zone": "'UTC'"}
"""Columns whose blank is a word of its own."""
EVIDENCE = frozenset({"case_event", "review", "assessment", "red_flag_call", "audit_entry"})
"""Tables that nobody may change: `erase_evidence` of the database blanks them, and nothing else."""


def blank_rows(session: Session, policy: Policy, case_id: int, *, last: bool) -> None:
    """Take personal data out of every row of the case; `last`: the patient's address too.

    A row is written again only where something is left to take.
    """
    values = {"case": case_id, "unmatched": unmatched(session, case_id)}
    _evidence(session, policy, values)
    for name, rows in TABLES.items():
        columns = (*rows.erased, *(rows.last if last else ()))
        if rows.where == NOBODYS or name in EVIDENCE or not columns:
            continue
        session.execute(text(_statement(name, rows, columns)), values)


def _statement(name: str, rows: Rows, columns: tuple[str, ...]) -> str:
    """Return the statement that blanks columns; names come from `classified` alone."""
    if rows.gone:
        return f"DELETE FROM {name} WHERE {rows.where}"
    blanks = {column: _blank(name, column) for column in columns}
    sets = ", ".join(f"{column} = {blank}" for column, blank in blanks.items())
    left = " OR ".join(f"{column} IS DISTINCT FROM {blank}" for column, blank in blanks.items())
    return f"UPDATE {name} SET {sets} WHERE {rows.where} AND ({left})"


def _blank(table: str, name: str) -> str:
    """Return what a column holds afterwards: NULL where it may, else nothing of its kind."""
    column = SQLModel.metadata.tables[table].columns[name]
    if f"{table}.{name}" in ONLY_ONE_EACH:
        return "'erased:' || id"
    if name in FOR_GOOD:
        return FOR_GOOD[name]
    if column.nullable:
        return "NULL"
    if isinstance(column.type, JSONB):
        return f"'{_EMPTY.get(f'{table}.{name}', '{}')}'::jsonb"
    return "''"


def _evidence(session: Session, policy: Policy, values: Mapping[str, Any]) -> None:
    """Blank what only a door of the database may: it looks for the erasure that was decided."""
    session.flush()
    kept = json.dumps({**policy.timeline, "*": list(EVERYWHERE)})
    session.execute(
        text("SELECT erase_evidence(:case, CAST(:kept AS jsonb), CAST(:unmatched AS bigint[]))"),
        {**values, "kept": kept},
    )
    session.expire_all()


def forget_address(world: World, session: Session, case_id: int) -> None:
    """Take away what was counted and written down under the keyed hash of the patient's address.

    Another case with the same address, not erased, keeps it: its limits count on, and the audit
    still says who tried to get in.
    """
    email = session.scalars(
        select(col(Patient.email)).where(col(Patient.case_id) == case_id)
    ).first()
    address = (email or "").strip().lower()
    keys = col(RateCount.key) == f"portal.message:{case_id}"
    if address and not another_has(session, case_id, address):
        who = world.keys.marks.of("account", address)[:32]
        keys = keys | col(RateCount.key).endswith(f":{who}")
        session.execute(text("SELECT forget_address(:case, :who)"), {"case": case_id, "who": who})
    session.execute(delete(RateCount).where(keys))


def forget_found(session: Session, case_id: int) -> None:
    """Remove the list of what was removed: its keys are hashes of contents."""
    session.execute(delete(ErasedObject).where(col(ErasedObject.case_id) == case_id))


def analyse(session: Session) -> None:
    """Let the database count anew: its statistics hold values of the rows it looked at."""
    names = [name for name, rows in TABLES.items() if rows.erased]
    session.execute(text("SELECT analyse_tables(:names)"), {"names": names})


def counted(session: Session, table: type[SQLModel], case_id: int) -> int:
    """Return how many rows of a table are the case's."""
    owner = table.__table__.c.case_id  # type: ignore[attr-defined]
    return int(session.scalar(select(func.count()).select_from(table).where(owner == case_id)) or 0)


def moment(now: datetime) -> str:
    """Return a time as `Erasure.parts` holds it."""
    return now.astimezone(UTC).isoformat()
