"""Rows of a case's checklist as the planning room knows them, and which keep a gate shut."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from models import JourneyEntry
from planning.travel import Gate, JourneyItem, open_blockers

PENDING = "pending"


def rows_of_case(session: Session, case_id: int | None) -> Sequence[JourneyEntry]:
    """Return all rows of the checklist by due day."""
    return session.scalars(
        select(JourneyEntry)
        .where(col(JourneyEntry.case_id) == case_id)
        .order_by(col(JourneyEntry.due), col(JourneyEntry.id))
    ).all()


def as_planned(row: JourneyEntry, gates: Mapping[str, Gate]) -> JourneyItem:
    """Return a row as a planned item; `gates` names the gate of each code.

    A blocking item that the checklist no longer names stands before the departure: in doubt, shut.
    """
    return JourneyItem(
        code=row.code,
        title=row.title,
        owner=row.owner,  # type: ignore[arg-type]
        blocking=row.blocking,
        gate=gates.get(row.code, "go_no_go") if row.blocking else None,
        due=row.due,
        latest=row.latest,
        depends_on=tuple(row.depends_on),
        produces=(),
        reminders=(),
        risk="",
        sources=(),
    )


def open_items(
    session: Session, case_id: int | None, gates: Mapping[str, Gate], gate: Gate
) -> Sequence[JourneyEntry]:
    """Return the blocking items that keep a gate shut, whenever they are due, by due day."""
    rows = rows_of_case(session, case_id)
    settled = frozenset(row.code for row in rows if row.state != PENDING)
    shut = open_blockers([as_planned(row, gates) for row in rows], gate, settled)
    return [row for row in rows if row.code in shut]
