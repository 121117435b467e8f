"""Papers of a case in which everything stops: what was not read yet stays as it came.

Nobody reads them by themselves any more, and nobody is told that they are being read. A person may
still have one read.
"""

from sqlalchemy import select
from sqlmodel import Session, col

from models import Document
from workflows.engine.case_facts import IN_PROCESSING

KEPT = "kept"
LEFT_AS = "left_as"
"""Note of a paper that a stop left unread: the state in which it was."""


def leave_papers(session: Session, case_id: int) -> None:
    """Keep unread what the steps, which are cancelled with it, would have read."""
    for one in _papers(session, case_id, IN_PROCESSING):
        one.notes = {**one.notes, LEFT_AS: one.state}
        one.state = KEPT


def take_papers_up(session: Session, case_id: int) -> None:
    """Put back what a stop left, for the steps that go on; not what was asked for since."""
    for one in _papers(session, case_id, (KEPT,)):
        if LEFT_AS in one.notes:
            one.state = one.notes[LEFT_AS]
            one.notes = {name: value for name, value in one.notes.items() if name != LEFT_AS}


def _papers(session: Session, case_id: int, states: tuple[str, ...]) -> list[Document]:
    known = select(Document).where(
        col(Document.case_id) == case_id, col(Document.state).in_(states)
    )
    return list(session.scalars(known.order_by(col(Document.id)).with_for_update()))
