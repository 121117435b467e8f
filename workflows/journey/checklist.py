"""Checklist items of a journey: done or not needed, asked for once late or said at any time."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from accounts.people import says_something
from models import Case, CaseEvent, JourneyEntry
from models.base import require_id
from models.database import transaction
from planning.order import Point, not_before
from planning.travel import Gate
from planning.travel_template import TravelTemplate
from workflows.engine.deciding import COORDINATORS, DecisionRefused
from workflows.engine.journey_rows import open_items, rows_of_case
from workflows.engine.lookup import RowNotFound, case_by_ref, get
from workflows.engine.record import Cause, Recorder
from workflows.engine.world import World
from workflows.events import Actor, Event

ANSWERS = ("done", "waived")
TITLES_AT_ONCE = 5
FINAL_PATHOLOGY, PLACED, FIT_TO_FLY, STAY_END = "F04", "F05", "F06", "F10"
"""Items of playbooks/travel.yaml that are done by a fact: nobody ticks them before it."""
HAPPENED = {
    "arrival": ("travel.arrived", "the patient has arrived"),
    "surgery": ("surgery.completed", "the operation"),
    "discharge": ("hospital.discharged", "the discharge"),
    "flight": ("flight_clearance.granted", "the flight home"),
}
NOT_RECHECKED = ("NOT_STARTED", "PENDING", "RECEIVED")
UNPLACED = (*NOT_RECHECKED, "SUPPL_RECOMMENDED")


def settle_item(
    recorder: Recorder,
    template: TravelTemplate,
    entry: JourneyEntry,
    state: str,
    *,
    actor: Actor,
    reason: str | None = None,
    cause: Cause | None = None,
    document_id: int | None = None,
    by_its_answer: bool = False,
) -> None:
    """Mark an item done or waived and record it; the case must be locked by the recorder.

    `document_id` is the paper that shows it; `by_its_answer`: the answer is about just this
    item. Raises `DecisionRefused` for an item that is settled, for waiving one without a reason,
    and for one that cannot be done yet.
    """
    if entry.state != "pending":
        raise DecisionRefused(f"Item {entry.code} is {entry.state.replace('_', ' ')} already.")
    if state == "waived" and not says_something(reason or ""):
        raise DecisionRefused(f"Say why item {entry.code} is not needed.")
    if not by_its_answer and (
        entry.code == FIT_TO_FLY or (state == "waived" and entry.code in (FINAL_PATHOLOGY, PLACED))
    ):
        raise DecisionRefused(
            f"“{entry.title}” is settled where the flight home is cleared, with its paper."
        )
    if state == "done":
        _in_order(recorder, template, entry)
    entry.state = state
    entry.reason = reason
    entry.done_at = recorder.now
    objects = {"item_id": require_id(entry.id)}
    if state == "done":
        due_at = entry.due.isoformat() if entry.due else None
        payload = {
            "item_id": entry.code,
            "owner": entry.owner,
            "due_at": due_at,
            "evidence_document_id": document_id,
        }
        event = Event("checklist.item_done", payload, objects, actor)
    else:
        payload = {"item_id": entry.code, "reason": "see_item"}
        event = Event("checklist.item_waived", payload, objects, actor)
    recorder.record(entry.case_id, event, cause)


def _in_order(recorder: Recorder, template: TravelTemplate, entry: JourneyEntry) -> None:
    """Refuse an item before what it comes after: a point of the journey, a fact, other items."""
    session, case = recorder.session, recorder.case(entry.case_id)
    item = next((one for one in template.items if one.id == entry.code), None)
    point = not_before(item) if item else None
    if point is not None and not has_happened(recorder, case, point):
        raise DecisionRefused(
            f"“{entry.title}” cannot be done yet: it comes after {HAPPENED[point][1]}, and that is "
            "not reported."
        )
    if entry.code == FINAL_PATHOLOGY and case.pathology_state in NOT_RECHECKED:
        raise DecisionRefused(
            f"“{entry.title}” is done when a clinician has signed the re-check of the final "
            "pathology, and that is not signed."
        )
    if entry.code == PLACED and case.pathology_state in UNPLACED:
        raise DecisionRefused(
            f"“{entry.title}” is done when the treatment is scheduled or declined: say that first."
        )
    rows = rows_of_case(session, entry.case_id)
    waits = [row for row in rows if row.code in entry.depends_on and row.state == "pending"]
    if waits:
        raise DecisionRefused(
            f"“{entry.title}” cannot be done before {titles(waits)}. Mark each as done, or say why "
            "it is not needed."
        )


def has_happened(recorder: Recorder, case: Case, point: Point) -> bool:
    """Return whether a point of the present journey was reported.

    An earlier journey of the same case ended when a new admission was agreed.
    """
    recorder.flush()
    rows = recorder.session.execute(
        select(col(CaseEvent.type), col(CaseEvent.seq))
        .where(
            col(CaseEvent.case_id) == case.id,
            col(CaseEvent.type).in_(("admission.date_confirmed", HAPPENED[point][0])),
        )
        .order_by(col(CaseEvent.seq))
    ).all()
    seqs = {str(row[0]): int(row[1]) for row in rows}
    return seqs.get(HAPPENED[point][0], -1) > seqs.get("admission.date_confirmed", 0)


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
        template = world.playbooks.travel
        settle_item(recorder, template, entry, answer, actor=actor, reason=reason)
        due = recorder.flush()
        session.flush()
        session.expunge(entry)
    world.doorbell.ring(due)
    return entry


def open_before(session: Session, world: World, case_id: int, gate: Gate) -> Sequence[JourneyEntry]:
    """Return the blocking items that keep a gate closed, whenever they are due, by due day."""
    return open_items(session, case_id, world.process.gates, gate)


def titles(rows: Sequence[JourneyEntry]) -> str:
    """Return the first titles in quotes, and how many more there are."""
    named = "; ".join(f"“{row.title}”" for row in rows[:TITLES_AT_ONCE])
    left = len(rows) - TITLES_AT_ONCE
    return f"{named}; and {left} more" if left > 0 else named


def what_blocks(rows: Sequence[JourneyEntry], gate: str) -> str:
    """Return the refusal of a gate ("the departure"): what is open, by title, and what to do."""
    blocks = "item blocks" if len(rows) == 1 else "items block"
    return (
        f"Not yet: {len(rows)} {blocks} {gate}: {titles(rows)}. Mark each as done, or say why it "
        "is not needed, on the page of the journey."
    )


def item_of(session: Session, case_id: int, code: str) -> JourneyEntry | None:
    """Return the case's item with that code, None when it does not apply."""
    return session.scalars(
        select(JourneyEntry).where(
            col(JourneyEntry.case_id) == case_id, col(JourneyEntry.code) == code
        )
    ).first()


def _item(session: Session, case_id: int, item_id: int) -> JourneyEntry:
    entry = get(session, JourneyEntry, item_id)
    if entry.case_id != case_id:
        raise RowNotFound(f"the case has no item {item_id}")
    return entry
