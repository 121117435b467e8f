"""Travel: the checklist dated from the admission date; a moved date moves what is not done."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time

from sqlalchemy import select
from sqlmodel import col

from models import CaseEvent, JourneyEntry
from models.base import require_id
from planning.travel import JourneyItem, recalculate
from workflows.cases.chosen_hospital import journey_facts
from workflows.declared import Raises
from workflows.engine.journey_rows import as_planned, rows_of_case
from workflows.engine.lookup import get
from workflows.engine.stays import checked_payload, last_said, stay_of
from workflows.engine.work import Unit, cheap
from workflows.events import Actor

MOVES = {
    "admission.date_confirmed": "admission_date",
    "admission.date_changed": "admission_date",
    "stay.answered": "stay",
    "stay.extended": "stay",
    "visa.granted": "visa",
    "travel.departed": "departure",
    "surgery.completed": "surgery",
    "hospital.discharged": "discharge",
    "pathology.rechecked": "pathology",
    "supplementary.scheduled": "supplementary",
    "supplementary.declined": "supplementary",
    "supplementary.completed": "supplementary",
    "flight_clearance.granted": "return",
}
"""Facts that plan anew, and what is said of the reason."""
MORNING = time(4, 0, tzinfo=UTC)
"""Items fall due in the morning of the day, in the middle of the world's zones we serve."""


@cheap(
    "travel.plan_journey",
    words="the travel checklist is dated",
    stopped="The travel checklist was not dated",
    patient="Visa, flight and letter have no dates: the admission is in danger.",
    raises=Raises(
        events=(
            "checklist.generated",
            "checklist.recalculated",
            "checklist.item_due",
            "checklist.item_moved",
            "checklist.item_dropped",
            "checklist.item_done",
            "stay.checked",
        )
    ),
)
def plan_journey(unit: Unit) -> None:
    """Write or move the checklist, from the admission agreed and the days that came true.

    What is done keeps its day. What moves has one deadline, the new one; what no longer applies
    has none. A plan that changes nothing writes nothing. Without an admission nothing applies.
    """
    template = unit.world.playbooks.travel
    facts = journey_facts(unit.session, unit.case, template)
    rows = {row.code: row for row in rows_of_case(unit.session, unit.case_id)}
    standing = {code: row for code, row in rows.items() if row.state != "not_applicable"}
    if facts is None:
        for row in standing.values():
            _drop(unit, row)  # also what was done: it was done for another hospital and its days
        return
    gates = unit.world.process.gates
    found = recalculate(
        [as_planned(row, gates) for row in standing.values()],
        template,
        facts,
        done=frozenset(code for code, row in standing.items() if row.state != "pending"),
        on=unit.now.date(),
    )
    new = [item for item in found.items if item.code not in standing]
    for item in new:
        _appear(unit, item, rows.get(item.code), str(template.version))
    for item in found.items:
        if item.code in standing and standing[item.code].state == "pending":
            standing[item.code].depends_on = list(item.depends_on)
            standing[item.code].latest = item.latest
    unit.session.flush()
    moved = [item for item in found.items if item.code in found.moved]
    for item in moved:
        _move(unit, standing[item.code], item)
    for code in found.dropped:
        _drop(unit, standing[code])
    if not standing:
        _record_made(unit, len(found.items), str(template.version))
    elif new or moved or found.dropped:
        unit.record(
            "checklist.recalculated",
            {
                "reason": _because(unit),
                "items_moved": len(moved),
                "items_now_late": len(found.late),
            },
        )
    _note_stay(unit)
    _take_in_hand(unit, [item.code for item in new])
    _schedule(unit, {item.code for item in (*new, *moved)})


def _appear(unit: Unit, item: JourneyItem, row: JourneyEntry | None, version: str) -> None:
    """Write an item that applies now, or take up again one that had not applied."""
    row = row or JourneyEntry(
        case_id=unit.case_id,
        code=item.code,
        title=item.title,
        owner=item.owner,
        template_version=version,
    )
    row.state = "pending"
    row.blocking, row.depends_on = item.blocking, list(item.depends_on)
    row.due, row.latest = item.due, item.latest
    unit.session.add(row)


def _move(unit: Unit, row: JourneyEntry, item: JourneyItem) -> None:
    old = row.due
    row.due = item.due
    payload = {"item_id": row.code, "old": _iso(old), "new": _iso(item.due)}
    unit.record("checklist.item_moved", payload, {"item_id": require_id(row.id)})


def _drop(unit: Unit, row: JourneyEntry) -> None:
    row.state = "not_applicable"
    payload = {"item_id": row.code}
    unit.record("checklist.item_dropped", payload, {"item_id": require_id(row.id)})


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _because(unit: Unit) -> str:
    """Return which day moved the plan: the newest of the facts that plan anew."""
    newest = unit.session.scalars(
        select(col(CaseEvent.type))
        .where(col(CaseEvent.case_id) == unit.case_id, col(CaseEvent.type).in_(list(MOVES)))
        .order_by(col(CaseEvent.seq).desc())
        .limit(1)
    ).first()
    return MOVES.get(newest or "", "admission_date")


def _record_made(unit: Unit, items: int, version: str) -> None:
    anchor = unit.case.admission_date
    unit.record(
        "checklist.generated",
        {
            "template": "travel_iort",
            "template_version": version,
            "items": items,
            "anchor_date": anchor.isoformat() if anchor else None,
        },
    )


def _note_stay(unit: Unit) -> None:
    """Write down how the stay compares with what is allowed, whenever that has changed."""
    template = unit.world.playbooks.travel
    stay = stay_of(unit.session, unit.case, template)
    if stay is None:
        return
    payload = checked_payload(stay)
    last = last_said(unit.session, unit.case_id).get("stay.checked")
    if last is None or dict(last.payload) != payload:
        unit.record("stay.checked", payload)


def _take_in_hand(unit: Unit, codes: Collection[str]) -> None:
    """Note as done the papers that were there when the admission was agreed."""
    agreed = unit.session.scalars(
        select(CaseEvent)
        .where(
            col(CaseEvent.case_id) == unit.case_id,
            col(CaseEvent.type) == "admission.date_confirmed",
        )
        .order_by(col(CaseEvent.seq).desc())
        .limit(1)
    ).first()
    there = set(agreed.payload.get("in_hand") or ()) & set(codes) if agreed else set()
    for row in rows_of_case(unit.session, unit.case_id):
        if agreed is None or row.code not in there:
            continue
        row.state, row.done_at = "done", unit.now
        payload = {"item_id": row.code, "owner": row.owner, "due_at": _iso(row.due)}
        actor = Actor(agreed.actor_type, agreed.actor_ref)
        unit.record("checklist.item_done", payload, {"item_id": require_id(row.id)}, actor=actor)


def _schedule(unit: Unit, codes: Collection[str]) -> None:
    """Give these open items their deadline: a wait that ends when the item is done or moved."""
    for entry in rows_of_case(unit.session, unit.case_id):
        if entry.code not in codes or entry.state != "pending":
            continue
        if entry.due is None:  # its anchor is not known yet; the next plan dates it
            continue
        item_id = require_id(entry.id)
        due_at = datetime.combine(entry.due, MORNING)
        payload = {"item_id": entry.code, "due_at": due_at.isoformat()}
        unit.record("checklist.item_due", payload, {"item_id": item_id})


@cheap(
    "travel.check_item",
    words="a checklist item falls due",
    stopped="A checklist item was not looked at when it fell due",
    patient="A late visa, letter or ticket may go unnoticed.",
    loads=(JourneyEntry, "item_id"),
    raises=Raises(events=("checklist.item_late",)),
)
def check_item(unit: Unit) -> None:
    """On an item's day: if it is still open, say so to a person."""
    entry = get(unit.session, JourneyEntry, unit.object_id("item_id"))
    if entry.state != "pending" or entry.due is None or entry.due > unit.now.date():
        return
    late = (unit.now.date() - entry.due).days
    unit.record(
        "checklist.item_late",
        {"item_id": entry.code, "days_late": late, "blocking": entry.blocking},
        {"item_id": require_id(entry.id)},
    )
