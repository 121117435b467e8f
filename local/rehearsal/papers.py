"""What the people of the rehearsal do beside their questions: items, papers, a second person."""

from contextlib import suppress

from sqlalchemy import select
from sqlmodel import Session, col

from local.rehearsal import documents
from local.rehearsal.reports import Person
from models import Case, CaseEvent, Document
from models.base import require_id
from models.database import transaction
from planning.travel import Gate
from workflows.cases.intake import add_document, store_original
from workflows.decisions import DecisionRefused
from workflows.engine.lookup import get
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Actor
from workflows.journey.checklist import FINAL_PATHOLOGY, FIT_TO_FLY, answer_item, open_before
from workflows.journey.evidence import READABLE

COORDINATOR = Actor("coordinator", "rehearsal:coordinator")
WAIVER = "waiver-signed.pdf"


def tick(world: World, case_id: int, gate: Gate) -> None:
    """Tick what is open before a gate, in its order; the rest is settled by the answer."""
    with transaction(world.engine) as session:
        ref = get(session, Case, case_id).ref
        rows = open_before(session, world, case_id, gate)
        items = [
            require_id(row.id) for row in rows if row.code not in (FINAL_PATHOLOGY, FIT_TO_FLY)
        ]
    for item_id in items:
        with suppress(DecisionRefused):
            answer_item(world, ref, item_id, "done", COORDINATOR)


def confirmation(session: Session, case_id: int, about: str) -> str | None:
    """Return "asked" or "given" for what a second person confirms, None before it was asked."""
    rows = session.scalars(
        select(CaseEvent)
        .where(col(CaseEvent.case_id) == case_id, col(CaseEvent.type).like("confirmation.%"))
        .order_by(col(CaseEvent.seq).desc())
    )
    for row in rows:
        if row.payload.get("about") == about:
            return row.type.removeprefix("confirmation.")
    return None


def waiver(session: Session, case_id: int) -> int | None:
    """Return the signed waiver of the case once it was read, None before."""
    return next((one.id for one in _waivers(session, case_id) if one.state in READABLE[1:]), None)


def _waivers(session: Session, case_id: int) -> list[Document]:
    papers = session.scalars(select(Document).where(col(Document.case_id) == case_id))
    return [one for one in papers if one.file_name == WAIVER]


def bring_waiver(world: World, case_id: int, person: Person) -> None:
    """Put the waiver that the family signed into the case, once."""
    signed_on = world.clock.now().date().isoformat()
    with transaction(world.engine) as session:
        if _waivers(session, case_id):
            return
        content = documents.signed_waiver(person, signed_on)
        sha256, key = store_original(world, content)
        recorder = Recorder(session, world.process, world.clock.now())
        add_document(
            session,
            recorder,
            case_id,
            sha256=sha256,
            key=key,
            size=len(content),
            file_name=WAIVER,
            channel="portal",
            actor=COORDINATOR,
        )
        due = recorder.flush()
    world.doorbell.ring(due)
