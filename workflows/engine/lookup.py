"""Finding rows: by id or by the reference that people use; a clear error when there is none."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import inspect, select
from sqlalchemy.orm.util import identity_key
from sqlmodel import Session, SQLModel, col

from models import Case, Patient
from workflows.engine.record import CaseNotFound

Row = TypeVar("Row", bound=SQLModel)


class RowNotFound(LookupError):
    """No row of that table has that id."""


def get(session: Session, table: type[Row], row_id: int) -> Row:
    """Return the row with id `row_id`; raise `RowNotFound`."""
    row = session.get(table, row_id)
    if row is None:
        raise RowNotFound(f"{table.__name__} {row_id} does not exist")
    return row


def load_together(
    session: Session, loads: tuple[type[SQLModel], str] | None, objects: Sequence[Mapping[str, Any]]
) -> Sequence[SQLModel]:
    """Read what rows of a step are about in one query; the session has them while they are held.

    `loads` is the table, and by what name the rows hold its ids. What the session has is not read.
    """
    if loads is None or len(objects) == 1:
        return ()
    table, name = loads
    ids = {int(one[name]) for one in objects if name in one}
    known = [session.identity_map.get(identity_key(table, row_id)) for row_id in ids]
    held = [row for row in known if row is not None]
    missing = [row_id for row_id, row in zip(ids, known, strict=True) if row is None]
    if not missing:
        return held
    key = inspect(table).primary_key[0]
    return [*held, *session.scalars(select(table).where(key.in_(missing)))]


def case_by_ref(session: Session, ref: str) -> Case:
    """Return the case with reference `ref` (CFX-YY-NNNNN, any case); raise `CaseNotFound`."""
    case = session.scalars(select(Case).where(col(Case.ref) == ref.strip().upper())).first()
    if case is None:
        raise CaseNotFound(f"There is no case {ref.strip()[:40]}. `iort case list` shows them.")
    return case


def patient_of(session: Session, case_id: int) -> Patient:
    """Return the patient of a case; raise `RowNotFound`."""
    patient = session.scalars(select(Patient).where(col(Patient.case_id) == case_id)).first()
    if patient is None:
        raise RowNotFound(f"case {case_id} has no patient row")
    return patient
