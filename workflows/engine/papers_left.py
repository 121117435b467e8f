"""Papers of a case in which everything stops: what was not read yet stays as it came.

Nobody reads them by themselves any more, nor what comes after the stop, and nobody is told that
they are being read. After a death a person may still have one read; after the permission to work
with the papers was taken back nobody may.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session, col

from models import Document, StepRun
from workflows.engine.case_facts import IN_PROCESSING

KEPT = "kept"
LEFT_AS, LEFT_AT = "left_as", "left_at"
"""Notes of a paper that a stop left unread: the state in which it was, and the stop's moment, which
one that came later has not."""
READ_ASKED = "read_asked"
"""Note of a paper that a person had read though all had stopped."""


def leave_papers(session: Session, case_id: int, now: datetime) -> None:
    """Keep unread what the steps, which are cancelled with it at `now`, would have read."""
    for one in _papers(session, case_id, IN_PROCESSING):
        one.notes = {**one.notes, LEFT_AS: one.state, LEFT_AT: now.isoformat()}
        one.state = KEPT


def take_papers_up(session: Session, case_id: int, stopped_at: datetime) -> None:
    """Put back what the stop of this moment left, for its steps, which go on.

    Not what a person asked for since, nor what an earlier stop left: no step goes on for that.
    """
    for one in _papers(session, case_id, (KEPT,)):
        left_at = one.notes.get(LEFT_AT)
        if left_at is not None and datetime.fromisoformat(left_at) == stopped_at:
            one.state = one.notes[LEFT_AS]
            one.notes = without_left(one)


def take_up_what_came(session: Session, case_id: int) -> list[Document]:
    """Return what came while all had stopped, as if it had just come: the stop was an error."""
    came = [
        one
        for one in _papers(session, case_id, (KEPT,))
        if LEFT_AS in one.notes and LEFT_AT not in one.notes
    ]
    for one in came:
        one.state, one.notes = one.notes[LEFT_AS], without_left(one)
    return came


def without_left(document: Document) -> dict[str, Any]:
    """Return a document's notes without those of a stop."""
    return {name: value for name, value in document.notes.items() if name not in (LEFT_AS, LEFT_AT)}


def forget_steps(session: Session, document: Document, now: datetime) -> None:
    """Let no stop that is taken back go on with a paper that a person has had read since.

    Its steps were cancelled at the stop's moment, by which they would be found: they get another.
    """
    session.execute(
        update(StepRun)
        .where(
            col(StepRun.case_id) == document.case_id,
            col(StepRun.state) == "cancelled",
            col(StepRun.objects)["document_id"].as_integer() == document.id,
        )
        .values(finished_at=now + timedelta(microseconds=1))
        .execution_options(synchronize_session=False)
    )


def _papers(session: Session, case_id: int, states: tuple[str, ...]) -> list[Document]:
    known = select(Document).where(
        col(Document.case_id) == case_id, col(Document.state).in_(states)
    )
    return list(session.scalars(known.order_by(col(Document.id)).with_for_update()))
