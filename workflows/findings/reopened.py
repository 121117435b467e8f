"""Settling a finding again after its document was verified: always by a person, with a reason.

Two documents may state different values, and the evaluation never chooses by itself. A person may
find that one of them does not say so, or says another value; then the result is made anew and
signatures on the old inputs are void.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from accounts.people import says_something
from models import Case, FindingRecord
from models.database import transaction
from workflows.engine.deciding import CLINICIANS, COORDINATORS, DecisionRefused
from workflows.engine.doorbell import DueRow
from workflows.engine.lookup import RowNotFound
from workflows.engine.outside import with_outside
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Actor, Event
from workflows.findings.companions import fall_back
from workflows.findings.decisions import must_fit, screen_if_changed, settle, typed

ROLES = (*COORDINATORS, *CLINICIANS)
REJECT, CORRECT, RESTORE = "reject", "correct", "restore"


@dataclass
class _Reopening:
    session: Session
    recorder: Recorder
    world: World
    actor: Actor
    reason: str | None
    case_id: int

    @property
    def case(self) -> Case:
        return self.recorder.case(self.case_id)

    def record(
        self,
        type: str,
        payload: Mapping[str, Any] | None = None,
        objects: Mapping[str, int] | None = None,
    ) -> None:
        event = Event(type, payload or {}, objects or {}, self.actor)
        self.recorder.record(self.case_id, event)


def settle_again(
    world: World, finding_id: int, *, what: str, actor: Actor, reason: str, value: str = ""
) -> str:
    """Reject, correct or restore one settled finding; return its case's reference.

    `what` is reject, correct (to `value`, as typed) or restore (a rejected one counts again, as it
    was read). Raises `DecisionRefused` with a message for the person, `RowNotFound`.
    """
    if actor.type not in ROLES:
        raise DecisionRefused(f"Only a {' or '.join(sorted(ROLES))} may settle a value.")
    if not says_something(reason):
        raise DecisionRefused("Say why: choose a reason or give one in words.")
    ref, due = with_outside(lambda: _settle(world, finding_id, what, actor, reason, value))
    world.doorbell.ring(due)
    return ref


def _settle(
    world: World, finding_id: int, what: str, actor: Actor, reason: str, value: str
) -> tuple[str, list[DueRow]]:
    """Do it in one transaction; return the case's reference, and what is due after it."""
    with transaction(world.engine) as session:
        case_id = session.scalars(
            select(col(FindingRecord.case_id)).where(col(FindingRecord.id) == finding_id)
        ).first()
        if case_id is None:
            raise RowNotFound(f"finding {finding_id} does not exist")
        recorder = Recorder(session, world.process, world.clock.now())
        by = _Reopening(session, recorder, world, actor, reason.strip(), case_id)
        if by.case.closed_at is not None:
            raise DecisionRefused("The case is closed; its findings stay as they are.")
        finding = session.get(FindingRecord, finding_id, with_for_update=True)
        assert finding is not None
        _apply(by, finding, what, value)
        must_fit(by)
        screen_if_changed(by, "preop" if by.case.pathology_state == "NOT_STARTED" else "postop")
        if by.case.state == "EXTRACTION_REVIEW":
            recorder.request("check_verified", case_id=case_id)  # what it waited for may be settled
        return by.case.ref, recorder.flush()


def _apply(by: _Reopening, finding: FindingRecord, what: str, value: str) -> None:
    if finding.state == "proposed":
        raise DecisionRefused("Nobody has settled this value yet: answer its document's task.")
    if what == REJECT and finding.state != "rejected":
        settle(by, finding, "rejected")
    elif what == CORRECT and value.strip():
        new = typed(by, finding.field, value.strip())
        if finding.state != "rejected" and new == finding.value:
            raise DecisionRefused("That is the value it has already.")
        settle(by, finding, "corrected" if new != finding.proposed_value else "confirmed", new)
        if fall_back(by.session, finding) and finding.document_id is not None:
            objects = {"document_id": finding.document_id}
            by.recorder.request("review_findings", case_id=by.case_id, objects=objects)
    elif what == RESTORE and finding.state == "rejected":
        same = finding.value == finding.proposed_value
        settle(by, finding, "confirmed" if same else "corrected")
    else:
        raise DecisionRefused("Choose what shall be done with this value.")
