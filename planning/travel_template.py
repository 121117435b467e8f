"""The travel checklist as data: the models of `playbooks/travel.yaml` and its strict loader."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from playbook_reader import Document, Strict, read

Anchor = Literal["D", "A", "S", "X", "R", "V"]
"""D admission, A arrival, S surgery, X discharge, R return flight, V end of the allowed stay."""

Owner = Literal["patient", "coordinator", "hospital"]


class Offset(Strict):
    """A day counted from an anchor: `{a: D, d: -60}` is sixty days before the admission."""

    a: Anchor
    d: int


class ReminderStep(Strict):
    """One reminder, `day` days or `hours` hours from the due date; `esc` 1 coordinator, 2 lead."""

    day: int | None = None
    hours: int | None = None
    esc: Literal[0, 1, 2] = 0


def _step(value: Any) -> Any:
    return {"day": value} if isinstance(value, int) else value


class AnchorRule(Strict):
    """Which fact an anchor is, and what it is taken from while the fact is not known."""

    fact: str
    default: Offset | None = None


class Group(Strict):
    """A table of countries. Incomplete: for a country outside it the answer is unknown."""

    by: Literal["nationality", "stay"]
    complete: bool
    members: tuple[str, ...]
    note: str
    src: tuple[str, ...]
    checked_on: date
    review_every_days: int
    excluded_by: tuple[str, ...] = ()


class Condition(Strict):
    """When an item applies: every key that is given must hold."""

    destination: tuple[str, ...] = ()
    group: str | None = None
    flag: str | None = None
    flag_any: tuple[str, ...] = ()


class TravelItem(Strict):
    """One line of the checklist."""

    id: str
    title: str
    when: Condition
    owner: Owner
    blocking: bool
    due: Offset
    latest: Offset
    depends_on: tuple[str, ...]
    produces: tuple[str, ...]
    remind: str
    risk: str
    src: tuple[str, ...]


class Stay(Strict):
    """How long an operation keeps a patient abroad, in days."""

    arrival_to_surgery: int
    hospital_days: tuple[int, int]
    pathology_days: tuple[int, int]
    flight_after_surgery: int
    ebrt: bool


class Supplementary(Strict):
    """Radiotherapy after the operation: first day after surgery, rhythm, rest before the flight."""

    ebrt_start_day: int
    fractions_per_week: int = Field(gt=0)
    rest_after_ebrt: int


class Source(Strict):
    """Where a statement was read, and what kind of place that is."""

    kind: str
    address: str


class TravelTemplate(Strict):
    """`playbooks/travel.yaml`."""

    template: str
    version: int
    anchors: dict[Anchor, AnchorRule]
    reminder_schedules: dict[str, tuple[Annotated[ReminderStep, BeforeValidator(_step)], ...]]
    groups: dict[str, Group]
    flags: dict[str, str]
    stays: dict[str, Stay]
    supplementary: Supplementary
    durations: dict[str, tuple[float, float]]
    journey_days: int
    sources: dict[str, Source]
    items: tuple[TravelItem, ...]

    def item(self, code: str) -> TravelItem:
        """Return the item with that code; KeyError when there is none."""
        for item in self.items:
            if item.id == code:
                return item
        raise KeyError(code)

    def stale_groups(self, today: date) -> tuple[str, ...]:
        """Return the country tables whose review is due: shown as a banner, asked again.

        Nothing calls it yet: it comes with the journey in depth.
        """
        return tuple(
            name
            for name, group in self.groups.items()
            if (today - group.checked_on).days > group.review_every_days
        )


def load_travel(path: Path) -> TravelTemplate:
    """Read the checklist strictly. Raises PlaybookError with file, line and reason."""
    document = read(path)
    template = document.validate(TravelTemplate)
    _check(document, template)
    return template


def in_dependency_order(items: Iterable[TravelItem]) -> tuple[TravelItem, ...]:
    """Return items so that each comes after what it depends on. Raises ValueError on a cycle."""
    waiting = {item.id: item for item in items}
    ordered: list[TravelItem] = []
    while waiting:
        ready = [i for i in waiting.values() if not any(d in waiting for d in i.depends_on)]
        if not ready:
            raise ValueError(f"depend on each other: {', '.join(sorted(waiting))}")
        ordered += ready
        for item in ready:
            del waiting[item.id]
    return tuple(ordered)


def _check(document: Document, template: TravelTemplate) -> None:
    ids = [item.id for item in template.items]
    known_sources = {*template.sources, "P", "R"}
    for number, item in enumerate(template.items):
        place = ("items", number)
        if ids.index(item.id) != number:
            raise document.error(place, f"{item.id} stands twice")
        for reason in _mistakes(item, template, set(ids), known_sources):
            raise document.error(place, f"{item.id}: {reason}")
    for name in template.durations:
        if name not in ids:
            raise document.error(("durations", name), "there is no such item")
    for name, group in template.groups.items():
        if unknown := set(group.src) - known_sources:
            raise document.error(("groups", name), f"unknown source {sorted(unknown)}")
        if unknown := set(group.excluded_by) - set(template.groups):
            raise document.error(("groups", name), f"unknown group {sorted(unknown)}")
    try:
        in_dependency_order(template.items)
    except ValueError as error:
        raise document.error(("items",), str(error)) from None


def _mistakes(
    item: TravelItem, template: TravelTemplate, ids: set[str], sources: set[str]
) -> Iterable[str]:
    if unknown := set(item.depends_on) - ids:
        yield f"depends on unknown {sorted(unknown)}"
        return
    if item.remind not in template.reminder_schedules:
        yield f"unknown reminder schedule {item.remind}"
    if item.when.group and item.when.group not in template.groups:
        yield f"unknown group {item.when.group}"
    flags = {*item.when.flag_any, *([item.when.flag] if item.when.flag else [])}
    if unknown := flags - set(template.flags):
        yield f"unknown flag {sorted(unknown)}"
    if unknown := set(item.src) - sources:
        yield f"unknown source {sorted(unknown)}"
    due, latest = _from_admission(item.due, template), _from_admission(item.latest, template)
    if due is not None and latest is not None and latest < due:
        yield "the last safe day lies before the due day"
    for other in (template.item(code) for code in item.depends_on):
        before = _from_admission(other.due, template)
        if due is not None and before is not None and due < before:
            yield f"is due before {other.id}, which it depends on"


def _from_admission(offset: Offset, template: TravelTemplate) -> int | None:
    """Return an offset counted from the admission day, where the defaults allow it."""
    days = offset.d
    anchor: Anchor = offset.a
    while anchor != "D":
        rule = template.anchors.get(anchor)
        if rule is None or rule.default is None:
            return None
        days += rule.default.d
        anchor = rule.default.a
    return days
