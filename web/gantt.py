"""The geometry of a journey's picture: where each bar, mark and line stands. Pure arithmetic.

The template draws what stands here and adds nothing; all lengths are units of the SVG's view box.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

NAMES = 320
"""Width of the column of names, left of the days."""
DAYS = 780
ROW, BAR = 24, 12
LETTER = 6.6
"""Width of a letter in the marks' labels, a little more than the font's."""
MARGIN = 22
"""Room that a date on the axis needs to its right."""
STEPS = (1, 2, 7, 14, 28, 56, 91, 182)
MAX_TICKS = 11
LONGEST_NAME = 44


@dataclass(frozen=True, slots=True)
class Item:
    """What is drawn on one line. `kind` is open, late, done or waived; no date, no bar."""

    code: str
    title: str
    kind: str
    due: date | None = None
    latest: date | None = None
    done_on: date | None = None
    depends_on: Sequence[str] = ()
    blocking: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One item's line: its name, and where its bar stands (`width` 0: no date yet).

    The bar reaches from the day it is due to the last safe day; `lead` is the thin line before it,
    from the day on which the last item it depends on is due.
    """

    code: str
    name: str
    title: str
    kind: str
    blocking: bool
    y: float
    x: float
    width: float
    lead: float
    done: float | None
    words: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A day that the journey turns on: a line from top to bottom with its name."""

    code: str
    label: str
    x: float
    text_x: float
    line: int


@dataclass(frozen=True, slots=True)
class Tick:
    """A date on the axis."""

    label: str
    x: float


@dataclass(frozen=True, slots=True)
class Chart:
    """The whole picture; `links` are the points of the lines between dependent bars."""

    width: float
    height: float
    top: float
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    links: tuple[str, ...]


def gantt(items: Sequence[Item], today: date, marks: Mapping[str, date | None]) -> Chart | None:
    """Return the picture of `items` in the order given, or None when nothing has a date.

    `marks` are named days (admission, operation, ...); those without a date are left out. Today is
    always marked. Days are equally wide, and at least two stand free at both ends.
    """
    days = {name: day for name, day in marks.items() if day is not None}
    dated = [day for item in items for day in (item.due, item.latest, item.done_on) if day]
    if not dated:
        return None
    first = min([*dated, *days.values(), today]) - timedelta(days=2)
    last = max([*dated, *days.values(), today]) + timedelta(days=3)
    scale = _Scale(first, DAYS / (last - first).days)
    lines = _marks({"today": today, **days}, scale)
    top = 34.0 + 16 * (1 + max(mark.line for mark in lines))
    bars = [_bar(item, number, top, scale, items) for number, item in enumerate(items)]
    return Chart(
        width=NAMES + DAYS,
        height=top + ROW * len(items) + 8,
        top=top,
        bars=tuple(bars),
        marks=tuple(lines),
        ticks=tuple(_ticks(first, last, scale)),
        links=tuple(_links(items, bars)),
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    first: date
    day: float

    def x(self, day: date) -> float:
        return round(NAMES + (day - self.first).days * self.day, 1)


def _bar(item: Item, number: int, top: float, scale: _Scale, items: Sequence[Item]) -> Bar:
    name = item.title
    if len(name) > LONGEST_NAME:
        name = name[: LONGEST_NAME - 1].rstrip() + "…"
    y = top + ROW * number + (ROW - BAR) / 2
    start, end = item.due, max(filter(None, (item.due, item.latest)), default=None)
    words = _words(item)
    if start is None or end is None:
        return Bar(
            item.code, name, item.title, item.kind, item.blocking, y, NAMES, 0, 0, None, words
        )
    x = scale.x(start)
    # A bar ends with its last day, so one day is one day wide.
    width = round(max(scale.x(end + timedelta(days=1)) - x, 5), 1)
    by_code = {one.code: one for one in items}
    before = [
        by_code[code].due for code in item.depends_on if code in by_code and by_code[code].due
    ]
    ready = max((day for day in before if day is not None), default=None)
    lead = round(x - scale.x(ready), 1) if ready is not None and ready < start else 0
    done = scale.x(item.done_on) if item.done_on else None
    return Bar(
        item.code, name, item.title, item.kind, item.blocking, y, x, width, lead, done, words
    )


def _words(item: Item) -> str:
    if item.due is None:
        return f"{item.title}: no date yet"
    until = f", at the latest {item.latest:%d %b}" if item.latest else ""
    return f"{item.title}: due {item.due:%d %b}{until}, {item.kind}"


def _ticks(first: date, last: date, scale: _Scale) -> list[Tick]:
    span = (last - first).days
    step = next((step for step in STEPS if span / step <= MAX_TICKS), STEPS[-1])
    # Weeks and longer begin on a Monday, so that the lines mean the same in every picture.
    day = first + timedelta(days=-first.weekday() % 7) if step >= STEPS[2] else first
    ticks = []
    end = NAMES + DAYS - MARGIN
    while scale.x(day) < end:
        ticks.append(Tick(f"{day.day} {day:%b}", scale.x(day)))
        day += timedelta(days=step)
    return ticks


def _marks(days: Mapping[str, date], scale: _Scale) -> list[Mark]:
    """Return the marks from left to right, each label on the first line where it has room."""
    taken: list[float] = []
    found = []
    for name, day in sorted(days.items(), key=lambda one: (one[1], one[0])):
        label = f"{name} {day.day} {day:%b}"
        x = scale.x(day)
        half = len(label) * LETTER / 2
        text_x = min(max(x, NAMES + half), NAMES + DAYS - half)
        line = next((n for n, end in enumerate(taken) if end < text_x - half), len(taken))
        if line == len(taken):
            taken.append(0)
        taken[line] = text_x + half + 6
        found.append(Mark(name, label, x, round(text_x, 1), line))
    return found


def _links(items: Sequence[Item], bars: Sequence[Bar]) -> list[str]:
    """Return a bent line from each open item to the open ones that wait for it."""
    at = {bar.code: bar for bar in bars if bar.width}
    open_codes = {item.code for item in items if item.kind in ("open", "late")}
    lines = []
    for item in items:
        after = at.get(item.code)
        for code in item.depends_on:
            before = at.get(code)
            if after is None or before is None or not {item.code, code} <= open_codes:
                continue
            x0, y0 = before.x + 3, before.y + (BAR if after.y > before.y else 0)
            y1 = after.y + BAR / 2
            x1 = after.x - after.lead
            lines.append(f"{x0:g},{y0:g} {x0:g},{y1:g} {max(x1, x0 + 4):g},{y1:g}")
    return lines
