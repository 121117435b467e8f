"""From the checklist and the facts of one journey to dated items.

What applies, when it is due, the last safe day, who is reminded when. The same facts give the
same plan; when a date moves, a new plan is made and what was done keeps its date.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from planning.calendars import at_local, out_of_quiet_hours
from planning.travel_template import (
    Anchor,
    Condition,
    Group,
    Offset,
    Owner,
    TravelItem,
    TravelTemplate,
    in_dependency_order,
)

_REMIND_AT = time(9)
Gate = Literal["go_no_go", "fly_home"]
GATE_ITSELF = "E11"
"""The go/no-go call of playbooks/travel.yaml: it is the gate and does not block itself."""


@dataclass(frozen=True, slots=True)
class JourneyFacts:
    """What is known of a journey. Countries are ISO 3166 codes, dates local to the destination.

    `flags` are those of the playbook. `in_groups` and `not_in_groups` are a person's answers where
    the country tables do not know (a parent born elsewhere, a list we hold only a sample of).
    `needs_visa` None: worked out from the tables.
    """

    admission_date: date
    destination: str
    arrival_date: date | None = None
    surgery_date: date | None = None
    discharge_date: date | None = None
    return_date: date | None = None
    visa_stay_end: date | None = None
    site: str | None = None
    nationality: str | None = None
    residence: str | None = None
    stayed_in: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    needs_visa: bool | None = None
    in_groups: frozenset[str] = frozenset()
    not_in_groups: frozenset[str] = frozenset()
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class JourneyReminder:
    """A reminder at a moment (UTC); `escalate` 1 is a task for the coordinator, 2 for the lead."""

    at: datetime
    escalate: Literal[0, 1, 2]


@dataclass(frozen=True, slots=True)
class JourneyItem:
    """One dated line. Dates are None while the day they count from is not known (the visa).

    `uncertain`: the tables do not say whether this applies; a person has to.
    """

    code: str
    title: str
    owner: Owner
    blocking: bool
    gate: Gate | None
    due: date | None
    latest: date | None
    depends_on: tuple[str, ...]
    produces: tuple[str, ...]
    reminders: tuple[JourneyReminder, ...]
    risk: str
    sources: tuple[str, ...]
    uncertain: bool = False


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late an item is on a day: days beyond due, and whether the last safe day is over."""

    days: int
    beyond_latest: bool


@dataclass(frozen=True, slots=True)
class Recalculated:
    """A plan after a date moved: the items, which undone ones moved, which are now late."""

    items: tuple[JourneyItem, ...]
    moved: tuple[str, ...]
    late: tuple[str, ...]
    dropped: tuple[str, ...] = field(default=())


def plan_journey(template: TravelTemplate, facts: JourneyFacts) -> tuple[JourneyItem, ...]:
    """Return the items that apply, in dependency order, with dates and reminders.

    Raises ValueError for a flag or group that the playbook does not know.
    """
    _check_facts(template, facts)
    anchors = anchor_dates(template, facts)
    applying = {
        item.id: verdict
        for item in template.items
        if (verdict := applies(template, item.when, facts)) is not False
    }
    chosen = in_dependency_order(item for item in template.items if item.id in applying)
    zone = ZoneInfo(facts.zone)
    return tuple(
        _dated(template, item, anchors, applying.keys(), zone, uncertain=applying[item.id] is None)
        for item in chosen
    )


def anchor_dates(template: TravelTemplate, facts: JourneyFacts) -> dict[Anchor, date | None]:
    """Return the day of each anchor: the fact, else the playbook's default, else None.

    Discharge and return flight are taken from the stay table when the site is known.
    """
    known: dict[Anchor, date | None] = {
        "D": facts.admission_date,
        "A": facts.arrival_date,
        "S": facts.surgery_date,
        "X": facts.discharge_date,
        "R": facts.return_date,
        "V": facts.visa_stay_end,
    }
    for anchor, rule in template.anchors.items():
        if known[anchor] is None and rule.default is not None:
            base = known[rule.default.a]
            known[anchor] = base + timedelta(days=rule.default.d) if base else None
    stay = template.stays.get(facts.site) if facts.site else None
    surgery = known["S"]
    if stay is not None and surgery is not None:
        known["X"] = known["X"] or surgery + timedelta(days=stay.hospital_days[1])
        known["R"] = known["R"] or surgery + timedelta(days=stay.flight_after_surgery)
    return known


def applies(template: TravelTemplate, when: Condition, facts: JourneyFacts) -> bool | None:
    """Say whether a condition holds; None when a country table does not know."""
    if when.destination and facts.destination.upper() not in when.destination:
        return False
    flags = effective_flags(template, facts)
    if when.flag and when.flag not in flags:
        return False
    if when.flag_any and not flags & set(when.flag_any):
        return False
    return in_group(template, when.group, facts) if when.group else True


def in_group(template: TravelTemplate, name: str, facts: JourneyFacts) -> bool | None:
    """Say whether the patient belongs to a group of countries; a person's answer comes first."""
    if name in facts.in_groups:
        return True
    if name in facts.not_in_groups:
        return False
    group = template.groups[name]
    countries = _countries(group, facts)
    if countries & set(group.members):
        return True
    if group.complete and countries:
        return False
    if any(in_group(template, other, facts) is True for other in group.excluded_by):
        return False
    return None


def effective_flags(template: TravelTemplate, facts: JourneyFacts) -> frozenset[str]:
    """Return the given flags and those that follow from the facts.

    A visa is needed unless a table or a person says that it is not: the safe side is to ask.
    """
    flags = set(facts.flags)
    exempt = {"IN": "in_no_visa", "CN": "cn_visa_free"}.get(facts.destination.upper())
    if facts.needs_visa is not None:
        flags.discard("needs_visa")
        if facts.needs_visa:
            flags.add("needs_visa")
    elif exempt is None or in_group(template, exempt, facts) is not True:
        flags.add("needs_visa")
    if (facts.nationality or "").upper() in {"AF", "PK"}:
        flags.add("nat_af_pk")
    return frozenset(flags)


def lateness(item: JourneyItem, on: date, *, done_on: date | None = None) -> Lateness:
    """Return how late an item is on a day, or was when it was done."""
    day = done_on or on
    days = max(0, (day - item.due).days) if item.due else 0
    return Lateness(days, item.latest is not None and day > item.latest)


def open_blockers(
    items: Iterable[JourneyItem], gate: Gate, done: frozenset[str]
) -> tuple[str, ...]:
    """Return the codes of blocking items that keep a gate closed.

    The go/no-go call (E11) is the gate itself and does not block itself.
    """
    return tuple(
        item.code
        for item in items
        if item.blocking and item.gate == gate and item.code not in done
        if item.code != GATE_ITSELF
    )


def recalculate(
    current: Iterable[JourneyItem],
    template: TravelTemplate,
    facts: JourneyFacts,
    *,
    done: frozenset[str],
    on: date,
) -> Recalculated:
    """Plan anew after a date moved: undone items move, done items keep their dates."""
    before = {item.code: item for item in current}
    planned = plan_journey(template, facts)
    items = tuple(before[i.code] if i.code in done and i.code in before else i for i in planned)
    codes = {item.code for item in items}
    undone = [item for item in items if item.code not in done]
    return Recalculated(
        items=items,
        moved=tuple(i.code for i in undone if i.code in before and i.due != before[i.code].due),
        late=tuple(i.code for i in undone if lateness(i, on).days > 0),
        dropped=tuple(code for code in before if code not in codes and code not in done),
    )


def _check_facts(template: TravelTemplate, facts: JourneyFacts) -> None:
    if unknown := facts.flags - set(template.flags):
        raise ValueError(f"unknown flags: {sorted(unknown)}")
    if unknown := (facts.in_groups | facts.not_in_groups) - set(template.groups):
        raise ValueError(f"unknown groups: {sorted(unknown)}")


def _countries(group: Group, facts: JourneyFacts) -> set[str]:
    named = [facts.nationality]
    if group.by == "stay":
        named += [facts.residence, *facts.stayed_in]
    return {country.upper() for country in named if country}


def _dated(
    template: TravelTemplate,
    item: TravelItem,
    anchors: Mapping[Anchor, date | None],
    applying: Iterable[str],
    zone: ZoneInfo,
    *,
    uncertain: bool,
) -> JourneyItem:
    due = _on(item.due, anchors)
    present = set(applying)
    return JourneyItem(
        code=item.id,
        title=item.title,
        owner=item.owner,
        blocking=item.blocking,
        gate=_gate(item),
        due=due,
        latest=_on(item.latest, anchors),
        # What does not apply to this journey counts as done.
        depends_on=tuple(code for code in item.depends_on if code in present),
        produces=item.produces,
        reminders=_reminders(template, item, due, zone),
        risk=item.risk,
        sources=item.src,
        uncertain=uncertain,
    )


def _on(offset: Offset, anchors: Mapping[Anchor, date | None]) -> date | None:
    base = anchors[offset.a]
    return base + timedelta(days=offset.d) if base is not None else None


def _gate(item: TravelItem) -> Gate | None:
    """Return the gate before which a blocking item must be done; what else has none stays open.

    An extension (dated from the end of the visa) is granted in the country: it stands before the
    flight home. What is to be ready for the operation is, before anybody leaves.
    """
    if item.id.startswith("F") or item.due.a == "V":
        return "fly_home"
    if item.due.a in {"D", "A"} or (item.blocking and item.due.a == "S" and item.due.d < 0):
        return "go_no_go"
    return None


def gates(template: TravelTemplate) -> dict[str, Gate]:
    """Return which gate each item of the playbook stands before, by code; others are left out."""
    found = {item.id: _gate(item) for item in template.items if item.blocking}
    return {code: gate for code, gate in found.items() if gate is not None}


def _reminders(
    template: TravelTemplate, item: TravelItem, due: date | None, zone: ZoneInfo
) -> tuple[JourneyReminder, ...]:
    """Return the reminders at nine in the morning, or by the hour, out of quiet hours."""
    if due is None:
        return ()
    moments: list[JourneyReminder] = []
    for step in template.reminder_schedules[item.remind]:
        day = due + timedelta(days=step.day or 0)
        moment = at_local(day, _REMIND_AT, zone) + timedelta(hours=step.hours or 0)
        moments.append(JourneyReminder(out_of_quiet_hours(moment, zone), step.esc))
    return tuple(moments)
