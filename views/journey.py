"""The journey as its checklist reads: how late an item is, what it waits for, what waits for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from models import Case
from models.database import transaction
from views.shown import ShownItem
from workflows.engine.lookup import get
from workflows.engine.stays import stay_of
from workflows.engine.world import World

MUST = {
    "go_no_go": "must be done before departure",
    "fly_home": "must be done before the flight home",
}
WAYS = {"extension": "an extension of the stay", "ebrt_at_home": "further radiotherapy at home"}
"""What may be chosen where a stay is too short."""
SETTLED = ("done", "waived", "not_applicable")


@dataclass(frozen=True, slots=True)
class ChecklistRow:
    """One item. `days_late` counts from its due day; `too_late` says its last safe day is over.

    `after` are the items it depends on, `before` those that depend on it; `waits` are the ones of
    `after` that are not settled.
    """

    entry: ShownItem
    days_late: int
    too_late: bool
    after: tuple[ShownItem, ...]
    before: tuple[ShownItem, ...]
    gate: str | None = None
    """`go_no_go` or `fly_home` for an item without which nobody departs or flies home."""

    @property
    def must(self) -> str | None:
        """Before what a blocking item must be done, in words."""
        return MUST.get(self.gate or "", "must be done") if self.entry.blocking else None

    @property
    def id(self) -> int:
        """The item's id."""
        return self.entry.id

    @property
    def open(self) -> bool:
        """Whether it still has to be done."""
        return self.entry.state == "pending"

    @property
    def waits(self) -> tuple[ShownItem, ...]:
        """The items it depends on that nobody has settled."""
        return tuple(one for one in self.after if one.state not in SETTLED)


@dataclass(frozen=True, slots=True)
class Checklist:
    """The rows in order of their dates, and what stands above them in numbers."""

    rows: tuple[ChecklistRow, ...]
    left_out: tuple[ShownItem, ...]
    """Items that no longer apply since the date moved."""

    def count(self, *, late: bool = False, gate: str | None = None) -> int:
        """Return how many items are open, only late ones or only those of a gate if asked."""
        return sum(
            row.open and (not late or row.days_late > 0) and (gate is None or row.gate == gate)
            for row in self.rows
        )

    @property
    def settled(self) -> int:
        """How many items are done or not needed."""
        return sum(not row.open for row in self.rows)


def checklist(
    entries: Sequence[ShownItem], today: date, gates: Mapping[str, str] | None = None
) -> Checklist:
    """Return the checklist as it stands on `today`, undated items last.

    `gates` names the gate that a blocking item stands before, by its code.
    """
    known = gates or {}
    by_code = {entry.code: entry for entry in entries}
    applying = [entry for entry in entries if entry.state != "not_applicable"]
    applying.sort(key=lambda entry: (entry.due is None, entry.due or today, entry.code))
    rows = []
    for entry in applying:
        after = tuple(by_code[code] for code in entry.depends_on if code in by_code)
        before = tuple(one for one in applying if entry.code in one.depends_on)
        rows.append(_row(entry, today, after, before, known.get(entry.code)))
    left_out = tuple(entry for entry in entries if entry.state == "not_applicable")
    return Checklist(tuple(rows), left_out)


@dataclass(frozen=True, slots=True)
class ShownStay:
    """The stay in words: the days compared, whether they are covered, and what is open."""

    numbers: str
    covered: str
    open: str


def stay_shown(world: World, case_id: int) -> ShownStay | None:
    """Return the stay of a case as it stands; None where it cannot be computed."""
    with transaction(world.engine) as session:
        stay = stay_of(session, get(session, Case, case_id), world.playbooks.travel)
    if stay is None:
        return None
    short = f"{stay.check.days_short} days short"
    covered = "covered" if stay.check.stay_covers_plan else short
    if stay.asked:
        left = "Not stated: where further radiotherapy would be. Nobody leaves before it is."
    elif stay.settled:
        left = "An extension was chosen." if stay.accepted else ""
    else:
        ways = " or ".join(WAYS[way] for way in stay.check.proposals)
        left = f"To be chosen before anybody leaves: {ways}."
    return ShownStay(stay.numbers, covered, left)


def _row(
    entry: ShownItem,
    today: date,
    after: tuple[ShownItem, ...],
    before: tuple[ShownItem, ...],
    gate: str | None,
) -> ChecklistRow:
    day = entry.done_at.date() if entry.done_at else today
    counts = entry.state in ("pending", "done") and entry.due is not None
    days = max(0, (day - entry.due).days) if counts and entry.due else 0
    too_late = counts and entry.latest is not None and day > entry.latest
    return ChecklistRow(entry, days, bool(too_late), after, before, gate)
