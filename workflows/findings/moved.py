"""Values of a document that left the case with its letter: another person's count nowhere here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Case, Document, FindingRecord
from workflows.declared import Raises
from workflows.documents.notes import MOVED_WITH
from workflows.engine.lookup import get
from workflows.engine.record import Recorder
from workflows.engine.work import Unit, cheap
from workflows.engine.world import World
from workflows.events import SYSTEM, Actor
from workflows.findings.decisions import screen_if_changed, settle

STANDING = ("proposed", "confirmed", "corrected")


@dataclass
class _Settling:
    """What settling needs, of a step: the system does what a person's choice says."""

    unit: Unit
    session: Session
    recorder: Recorder
    world: World
    actor: Actor = SYSTEM
    reason: str | None = "other_person"

    @property
    def case_id(self) -> int:
        return self.unit.case_id

    @property
    def case(self) -> Case:
        return self.unit.case

    def record(
        self,
        type: str,
        payload: Mapping[str, Any] | None = None,
        objects: Mapping[str, int] | None = None,
    ) -> None:
        self.unit.record(type, payload, objects)


@cheap(
    "extraction.drop_values",
    words="the values of a document that left the case are rejected",
    stopped="The values of a document that left the case were not rejected",
    patient="Values of another person may be weighed as this patient's.",
    loads=(Document, "document_id"),
    raises=Raises(
        events=(
            "extraction.field_confirmed",
            "extraction.field_rejected",
            "extraction.differences_found",
            "extraction.differences_ended",
            "clinician.review_voided",
            "suitability.assessed",
            "suitability.set_withdrawn",
        )
    ),
)
def drop_values(unit: Unit) -> None:
    """Reject what was read of the document; weigh the case anew where that changes a result.

    Nothing is rejected of a document that came back meanwhile.
    """
    document = get(unit.session, Document, unit.object_id("document_id"))
    if MOVED_WITH not in document.notes:
        return
    by = _Settling(unit, unit.session, unit.recorder, unit.world)
    standing = unit.session.scalars(
        select(FindingRecord)
        .where(
            col(FindingRecord.document_id) == document.id, col(FindingRecord.state).in_(STANDING)
        )
        .order_by(col(FindingRecord.id))
    ).all()
    for finding in standing:
        settle(by, finding, "rejected")
    if standing:
        unit.session.flush()
        for phase in ("preop", "postop"):
            screen_if_changed(by, phase)
