"""What the people of a rehearsal state of values that were read, each looked at by itself."""

from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from local.rehearsal.parts import Part
from models import Case, FindingRecord, HumanTask
from models.finding import ACCEPTED
from workflows.documents.differing import differing
from workflows.engine.world import World
from workflows.findings.decisions import WHY, as_looked_at


def looked_at(session: Session, world: World, task: HumanTask, part: Part) -> dict[str, str]:
    """Return the answer to a document's review: each value that needs it named, others by hand."""
    first = not session.scalars(
        select(col(FindingRecord.id)).where(
            col(FindingRecord.case_id) == task.case_id, col(FindingRecord.state).in_(ACCEPTED)
        )
    ).first()
    by_hand = part.by_hand if first else part.final_by_hand
    return as_looked_at(session, world.playbooks.criteria, task, by_hand)


def picked(session: Session, world: World, case: Case, on: date) -> dict[str, str]:
    """Return the pick of a person who reads both reports: the statement of the highest rank."""
    library = world.playbooks.criteria
    ranks = library.vocabulary.source_rank
    values: dict[str, str] = {}
    for name, said in differing(session, case, library, on).items():
        best = max((row for row, _ in said), key=lambda row: (ranks.get(row.source, 0), row.id))
        values |= {name: str(best.id), f"{WHY}{name}": "superseded"}
    return values
