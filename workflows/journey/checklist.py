"""Checklist items of a journey: done or not needed, asked for once late or said at any time."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from models import JourneyEntry
from models.base import require_id
from models.database import transaction
from planning.travel import Gate, gates
from workflows.engine.deciding import COORDINATORS, DecisionRefused
from workflows.engine.lookup import RowNotFound, case_by_ref, get
from workflows.engine.record import Cause, Recorder
from workflows.engine.world import World
from workflows.events import Actor, Event

ANSWERS = ("done", "waived")
GATE_ITSELF = "E11"
"""The go/no-go call of playbooks/travel.yaml: it is the gate and does not block itself."""


def settle_item(
    recorder: Recorder,
    entry: JourneyEntry,
    state: str,
    *,
    actor: Actor,
    reason: str | None = None,
    cause: Cause | None = None,
) -> None:
    """Mark an item done or waived and record it; the case must be locked by the recorder.

    Raises `DecisionRefused` for an item that is settled, and for waiving one without a reason.
    """
    if entry.state != "pending":
        raise DecisionRefused(f"Item {entry.code} is {entry.state.replace('_', ' ')} already.")
    if state == "waived" and not (reason or "").strip():
        raise DecisionRefused(f"Say why item {entry.code} is not needed.")
    entry.state = state
    entry.reason = reason
    entry.done_at = recorder.now
    objects = {"item_id": require_id(entry.id)}
    if state == "done":
        due_at = entry.due.isoformat() if entry.due else None
        payload = {"item_id": entry.code, "owner": entry.owner, "due_at": due_at}
        event = Event("checklist.item_done", payload, objects, actor)
    else:
        payload = {"item_id": entry.code, "reason": "see_item"}
        event = Event("checklist.item_waived", payload, objects, actor)
    recorder.record(entry.case_id, event, cause)


def answer_item(
    world: World, ref: str, item_id: int, answer: str, actor: Actor, reason: str | None = None
) -> JourneyEntry:
    """Say at any time that an item is done, or is not needed; return it.

    A question that is open about the item is no longer needed then: the table stops it. Raises
    `DecisionRefused`, `CaseNotFound`, and `RowNotFound` for an item of another case.
    """
    if answer not in ANSWERS:
        raise DecisionRefused(f"Choose one of: {', '.join(ANSWERS)}.")
    if actor.type not in (*COORDINATORS, "administrator"):
        raise DecisionRefused("Only a coordinator or lead may answer this.")
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        case = recorder.case(require_id(case_by_ref(session, ref).id))
        entry = _item(session, require_id(case.id), item_id)
        settle_item(recorder, entry, answer, actor=actor, reason=reason)
        due = recorder.flush()
        session.flush()
        session.expunge(entry)
    world.doorbell.ring(due)
    return entry


def open_before(session: Session, world: World, case_id: int, gate: Gate) -> Sequence[JourneyEntry]:
    """Return the blocking items that keep a gate closed, whenever they are due, by due day."""
    before = [code for code, one in gates(world.playbooks.travel).items() if one == gate]
    return session.scalars(
        select(JourneyEntry)
        .where(
            col(JourneyEntry.case_id) == case_id,
            col(JourneyEntry.blocking),
            col(JourneyEntry.state) == "pending",
            col(JourneyEntry.code).in_(before),
            col(JourneyEntry.code) != GATE_ITSELF,
        )
        .order_by(col(JourneyEntry.due), col(JourneyEntry.id))
    ).all()


def _item(session: Session, case_id: int, item_id: int) -> JourneyEntry:
    entry = get(session, JourneyEntry, item_id)
    if entry.case_id != case_id:
        raise RowNotFound(f"the case has no item {item_id}")
    return entry
