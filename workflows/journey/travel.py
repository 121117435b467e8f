"""Travel: the checklist dated from the admission date; a moved date moves what is not done."""

from datetime import UTC, datetime, time

from sqlalchemy import select
from sqlmodel import col

from models import JourneyEntry
from models.base import require_id
from planning.travel import JourneyItem
from planning.travel import plan_journey as plan
from workflows.cases.chosen_hospital import journey_facts
from workflows.declared import Raises
from workflows.engine.lookup import get
from workflows.engine.work import Unit, cheap

MORNING = time(4, 0, tzinfo=UTC)
"""Items fall due in the morning of the day, in the middle of the world's zones we serve."""


@cheap(
    "travel.plan_journey",
    words="the travel checklist is dated",
    stopped="The travel checklist was not dated",
    patient="Visa, flight and letter have no dates: the admission is in danger.",
    raises=Raises(events=("checklist.generated", "checklist.recalculated", "checklist.item_due")),
)
def plan_journey(unit: Unit) -> None:
    """Write or move the checklist from the confirmed admission date."""
    facts = journey_facts(unit.session, unit.case)
    if facts is None:
        return
    template = unit.world.playbooks.travel
    items = plan(template, facts)
    known = {
        entry.code: entry
        for entry in unit.session.scalars(
            select(JourneyEntry).where(col(JourneyEntry.case_id) == unit.case_id)
        )
    }
    moved = 0
    for item in items:
        entry = known.pop(item.code, None)
        if entry is None:
            unit.session.add(_entry(unit, item, str(template.version)))
        elif entry.state == "pending" and entry.due != item.due:
            entry.due, entry.latest = item.due, item.latest
            moved += 1
    for entry in known.values():
        if entry.state == "pending":
            entry.state = "not_applicable"
    unit.session.flush()
    _record_plan(unit, len(items), moved, str(template.version))
    _schedule(unit)


def _entry(unit: Unit, item: JourneyItem, version: str) -> JourneyEntry:
    return JourneyEntry(
        case_id=unit.case_id,
        code=item.code,
        title=item.title,
        owner=item.owner,
        blocking=item.blocking,
        due=item.due,
        latest=item.latest,
        depends_on=list(item.depends_on),
        template_version=version,
    )


def _record_plan(unit: Unit, items: int, moved: int, version: str) -> None:
    anchor = unit.case.admission_date
    if moved:
        late = _late(unit)
        payload = {"reason": "admission_date", "items_moved": moved, "items_now_late": late}
        unit.record("checklist.recalculated", payload)
    else:
        unit.record(
            "checklist.generated",
            {
                "template": "travel_iort",
                "template_version": version,
                "items": items,
                "anchor_date": anchor.isoformat() if anchor else None,
            },
        )


def _pending(unit: Unit) -> list[JourneyEntry]:
    return list(
        unit.session.scalars(
            select(JourneyEntry)
            .where(col(JourneyEntry.case_id) == unit.case_id, col(JourneyEntry.state) == "pending")
            .order_by(col(JourneyEntry.due))
        )
    )


def _late(unit: Unit) -> int:
    today = unit.now.date()
    return sum(entry.due is not None and entry.due < today for entry in _pending(unit))


def _schedule(unit: Unit) -> None:
    """Give every open item its deadline: a wait that ends when the item is done or moved."""
    for entry in _pending(unit):
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
