"""A case that was erased after a backup is erased again when the backup is put back, first of all.

Who decided it, why and when stands in the list beside the backups; the letter that told the patient
left at that time and is not written again.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, update
from sqlmodel import Session, col

from models import Case, ErasedObject, Erasure, HumanTask, Message, StepRun
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import SYSTEM, Event
from workflows.retention import blanking
from workflows.retention.erasing import PARTS, destroy_keys
from workflows.retention.found import found_of, others_need
from workflows.retention.state import erasure_of


@dataclass(frozen=True, slots=True)
class ErasedBefore:
    """What is known of an erasure that the backup does not know, or not to its end."""

    case_id: int
    erased_at: datetime
    state: str
    stage: str
    outcome: str | None
    closed_at: datetime | None
    why: str
    policy_version: str
    decided_by: str
    decided_at: datetime
    wait_until: date
    documents: int
    letters: int
    objects: int
    patient_told: bool


def erase_again(world: World, session: Session, known: ErasedBefore, now: datetime) -> bool:
    """Take a case's data away, of the rows and of the store; False where that is done already.

    The caller commits. An object that another case has too stays for that one.
    """
    case = session.get(Case, known.case_id)
    erasure = erasure_of(session, known.case_id)
    if case is None or (erasure is not None and erasure.done_at is not None):
        return False
    for thing in found_of(world, session, known.case_id):
        if thing.kind != "mail" and not others_need(session, known.case_id, thing):
            world.storage.erase(thing.key, whole=thing.kind == "object")
    if erasure is None:
        erasure = Erasure(
            case_id=known.case_id,
            why=known.why,
            policy_version=known.policy_version,
            decided_by=known.decided_by,
            decided_at=known.decided_at,
            wait_until=known.wait_until,
        )
        session.add(erasure)
    _close(session, case, known)
    erasure.parts = {name: blanking.moment(now) for name in PARTS}
    erasure.documents, erasure.letters = known.documents, known.letters
    erasure.objects, erasure.patient_told = known.objects, known.patient_told
    session.flush()
    _record(world, session, known, now)
    blanking.forget_address(world, session, known.case_id)
    blanking.blank_rows(session, world.process.policy, known.case_id, last=True)
    blanking.forget_found(session, known.case_id)
    destroy_keys(world, session, known.case_id)
    erasure.hold_reason = erasure.hold_until = None
    erasure.done_at = now
    session.flush()
    return True


def _close(session: Session, case: Case, known: ErasedBefore) -> None:
    """Let the case stand as it stood when it was erased, with nothing that waits."""
    case.state, case.stage, case.outcome = known.state, known.stage, known.outcome
    case.closed_at = known.closed_at or known.erased_at
    case.on_hold, case.held_at, case.waiting_on = False, None, "none"
    case.erased_at = known.erased_at
    case.link_generation += 1
    mine = known.case_id
    session.execute(
        update(HumanTask)
        .where(col(HumanTask.case_id) == mine, col(HumanTask.state) == "open")
        .values(state="cancelled", done_at=known.erased_at)
    )
    session.execute(
        update(StepRun)
        .where(
            col(StepRun.case_id) == mine, col(StepRun.state).in_(("queued", "running", "paused"))
        )
        .values(state="cancelled", finished_at=known.erased_at, lease_until=None)
    )
    session.execute(
        update(Message)
        .where(
            col(Message.case_id) == mine,
            col(Message.state).in_(("draft", "queued", "sending", "uncertain")),
        )
        .values(state="cancelled")
    )
    session.execute(delete(ErasedObject).where(col(ErasedObject.case_id) == mine))
    session.flush()


def _record(world: World, session: Session, known: ErasedBefore, now: datetime) -> None:
    recorder = Recorder(session, world.process, now)
    recorder.record(known.case_id, Event("data.erasure_begun", {"reason": known.why}, actor=SYSTEM))
    payload = {
        "reason": known.why,
        "documents": known.documents,
        "letters": known.letters,
        "objects": known.objects,
        "patient_told": known.patient_told,
    }
    recorder.record(known.case_id, Event("data.erased", payload, actor=SYSTEM))
    recorder.flush()
