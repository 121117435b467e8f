"""The charts as SVG pictures, drawn with `web.svg`: readable without colour, sharp at any size.

Every picture is a document of its own without script or style sheet, for a wide or a narrow screen.
What a mark means is said beside it; hatching, dashes and markers tell apart what colour does too.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from web.svg import Picture, width_of
from workflows.engine.words import in_words
from workflows.stages import STAGES

Records = Sequence[Mapping[str, Any]]

WIDE, NARROW = 1120, 360
"""Widths in pixels; a text keeps its size in both."""
INK, SOFT, FAINT, GRID = "#1c2427", "#56646a", "#c9d2d5", "#e8edee"
ACCENT, PALE, BAD, PALE_BAD = "#1d4f5c", "#bfd8dd", "#a3241c", "#e7a49f"
MAX_FIELDS = 15
TICKS = (
    (1 / 24, "1 h"),
    (0.25, "6 h"),
    (1, "1 day"),
    (7, "1 week"),
    (30, "1 month"),
    (365, "1 year"),
)
SHORTEST = 0.02
"""Days; shorter stays are drawn at the left edge of the logarithmic scale."""
ROW = 30


@lru_cache(maxsize=200)
def picture(name: str, rows: tuple[tuple[tuple[str, Any], ...], ...], narrow: bool) -> bytes:
    """Return the picture of a chart; the same numbers are drawn once."""
    records = [dict(row) for row in rows]
    drawn = _DRAWERS[name](records, narrow) or _nothing(narrow)
    return drawn.whole(in_words(name), summary(name, records)).encode()


def draw(name: str, records: Records, narrow: bool) -> bytes:
    """Return a chart as SVG for a wide or a narrow screen."""
    return picture(name, tuple(tuple(record.items()) for record in records), narrow)


def summary(name: str, records: Records) -> str:
    """Return in a sentence what a picture shows, for those who do not see it."""
    if not records:
        return "No data in this period."
    if name == "stages":
        last = max(record["week"] for record in records)
        now = {r["stage"]: r for r in records if r["week"] == last}
        parts = [f"{in_words(s)} {now[s]['cases']}" for s in STAGES if s in now and s != "closed"]
        return f"One small chart for each stage, cases at the end of each week. Now: {_list(parts)}"
    if name == "stage_time":
        parts = [f"{in_words(r['stage'])} {span(r['median_days'])}" for r in _by_stage(records)]
        return f"One bar for each stage, half of all stays within it. Medians: {_list(parts)}"
    if name == "corrections":
        total = sum(record["looked_at"] for record in records)
        shares = [
            f"{_percent(sum(record[verdict] for record in records), total)} {verdict}"
            for verdict in ("corrected", "rejected")
        ]
        return f"Two lines over the weeks. In the whole period: {_list(shares)}"
    if name == "fields":
        parts = [f"{r['field']} {_wrong(r)}" for r in records[:5]]
        return f"Corrected or rejected, the worst fields first: {_list(parts)}"
    total, late = (sum(r[key] for r in records) for key in ("in_time", "late"))
    return f"One bar for each age; {total + late} tasks are open, {late} of them late."


def _list(parts: Sequence[str]) -> str:
    return ", ".join(parts) + "."


def span(days: float) -> str:
    """Return a number of days as people say it: "40 min", "6 h", "3.5 d"."""
    hours = days * 24
    if hours < 1:
        return f"{hours * 60:.0f} min"
    if hours < 48:
        return f"{hours:.0f} h"
    return f"{days:.1f} d" if days < 10 else f"{days:.0f} d"


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"


def _wrong(record: Mapping[str, Any]) -> str:
    return _percent(record["corrected"] + record["rejected"], record["looked_at"])


def _by_stage(records: Records) -> list[Mapping[str, Any]]:
    order = {stage: number for number, stage in enumerate(STAGES)}
    open_stages = [record for record in records if record["stage"] in order]
    return sorted(
        (r for r in open_stages if r["stage"] != "closed"), key=lambda r: order[r["stage"]]
    )


def _width(narrow: bool) -> int:
    return NARROW if narrow else WIDE


def _nothing(narrow: bool) -> Picture:
    empty = Picture(_width(narrow), 60)
    empty.words((8, 30), "No data in this period.", SOFT)
    return empty


def _days(weeks: Sequence[date], few: bool) -> list[date]:
    """Return the weeks that are named below an axis."""
    return sorted({weeks[0], weeks[-1]}) if few else list(weeks[:: max(1, len(weeks) // 6)])


def _dates(
    drawn: Picture, weeks: Sequence[date], x: Callable[[date], float], y: float, few: bool
) -> None:
    """Name some weeks below the axis; with the first and last alone, within the axis."""
    chosen = _days(weeks, few)
    for number, day in enumerate(chosen):
        ends = few and len(chosen) > 1
        anchor = ("start", "end")[number] if ends else "middle"
        drawn.words((x(day), y), f"{day.day} {day:%b %y}", SOFT, anchor)


def _stages(records: Records, narrow: bool) -> Picture | None:
    if not records:
        return None
    weeks: list[date] = sorted({record["week"] for record in records})
    at = {(record["stage"], record["week"]): record for record in records}
    columns, high = (2, 112) if narrow else (4, 130)
    rows = -(-len(STAGES) // columns)
    drawn = Picture(_width(narrow), rows * high + 24)
    wide = drawn.width / columns
    for place, stage in enumerate(STAGES):
        key = "entered" if stage == "closed" else "cases"
        values = [at[stage, week][key] if (stage, week) in at else 0 for week in weeks]
        corner = (place % columns * wide, place // columns * high)
        x = _panel(drawn, stage, values, corner, (wide, high), narrow, weeks)
        if place >= len(STAGES) - columns:
            _dates(drawn, weeks, x, corner[1] + high + 2, few=True)
    return drawn


def _panel(
    drawn: Picture,
    stage: str,
    values: Sequence[float],
    corner: tuple[float, float],
    size: tuple[float, float],
    narrow: bool,
    weeks: Sequence[date],
) -> Callable[[date], float]:
    """Draw the small chart of one stage; return where a week stands across."""
    closed = stage == "closed"
    left, right = corner[0] + 44, corner[0] + size[0] - 14
    top, bottom = corner[1] + 30, corner[1] + size[1] - 12
    most = max([*values, 1])
    first, span_of = weeks[0].toordinal(), max(1, weeks[-1].toordinal() - weeks[0].toordinal())

    def x(week: date) -> float:
        return left + (right - left) * (week.toordinal() - first) / span_of

    points = [
        (x(week), bottom - (bottom - top) * value / most)
        for week, value in zip(weeks, values, strict=True)
    ]
    if closed:
        for across, up in points:
            drawn.box((across - 2, up), 4, bottom - up, PALE, ACCENT)
    else:
        drawn.area([(points[0][0], bottom), *points, (points[-1][0], bottom)], PALE)
        drawn.path(points, ACCENT)
        drawn.ring(points[-1], 3, ACCENT)
    drawn.line((left, bottom), (right, bottom), FAINT)
    drawn.line((left, top), (left, bottom), FAINT)
    drawn.words((left - 6, bottom), "0", INK, "end")
    drawn.words((left - 6, top), f"{most:,}", INK, "end")
    head = f"{in_words(stage)}{', per week' if closed else ''}"
    drawn.words((left, top - 16), head, INK, bold=True)
    if not closed:
        drawn.words((right, top - 16), f"{'' if narrow else 'now '}{values[-1]:,}", ACCENT, "end")
    return x


def _stage_time(records: Records, narrow: bool) -> Picture | None:
    found = _by_stage(records)
    if not found:
        return None
    texts = [_stay(record, narrow) for record in found]
    drawn = Picture(_width(narrow), 60 + 34 * len(found))
    left = 14 + max(width_of(in_words(record["stage"])) for record in found)
    right = drawn.width - 14 - max(map(width_of, texts))
    farthest = max(*(float(record["p90_days"]) for record in found), 7) * 1.5
    bottom = drawn.height - 34
    scale = (right - left) / math.log(farthest / SHORTEST)

    def x(days: float) -> float:
        return left + scale * math.log(max(SHORTEST, days) / SHORTEST)

    shown = [tick for tick in TICKS if tick[0] <= farthest]
    for days, name in shown[::2] if narrow else shown:
        drawn.line((x(days), 12), (x(days), bottom), GRID)
        drawn.words((x(days), bottom + 16), name, SOFT, "middle")
    drawn.line((left, bottom), (right, bottom), FAINT)
    for place, (record, text) in enumerate(zip(found, texts, strict=True)):
        y = 12 + 34 * place + 17
        low, middle, high, far = (
            x(float(record[key]))
            for key in ("quarter_days", "median_days", "three_quarters_days", "p90_days")
        )
        drawn.line((high, y), (far, y), SOFT, 1, "3 2")
        drawn.box((low, y - 8.5), high - low, 17, PALE, ACCENT)
        drawn.line((middle, y - 11), (middle, y + 11), INK, 3)
        drawn.area([(far - 5, y), (far, y - 5), (far + 5, y), (far, y + 5)], "white", INK)
        drawn.words((left - 8, y), in_words(record["stage"]), INK, "end")
        drawn.words((right + 10, y), text, INK)
    return drawn


def _stay(record: Mapping[str, Any], narrow: bool) -> str:
    text = span(record["median_days"])
    if narrow:
        return text
    stays = f"{record['stays']:,} {'stay' if record['stays'] == 1 else 'stays'}"
    return f"{text} median, 90 % within {span(record['p90_days'])}, {stays}"


def _corrections(records: Records, narrow: bool) -> Picture | None:
    if not records:
        return None
    weeks: list[date] = sorted({record["week"] for record in records})
    drawn = Picture(_width(narrow), 300)
    top, bottom = 14.0, 266.0
    left, right = 44.0, drawn.width - (80 if narrow else 120)
    first, long = weeks[0].toordinal(), max(1, weeks[-1].toordinal() - weeks[0].toordinal())
    shares = {verdict: _shares(records, weeks, verdict) for verdict in ("corrected", "rejected")}
    highest: float = max(1.0, *shares["corrected"], *shares["rejected"]) * 1.2

    def x(week: date) -> float:
        return left + (right - left) * (week.toordinal() - first) / long

    def y(share: float) -> float:
        return bottom - (bottom - top) * share / highest

    step = next(step for step in (0.5, 1, 2, 5, 10, 20, 50) if highest / step <= 6)
    for number in range(int(highest / step) + 1):
        drawn.line((left, y(number * step)), (right, y(number * step)), GRID)
        drawn.words((left - 6, y(number * step)), f"{number * step:g} %", INK, "end")
    _versions(drawn, records, weeks, x, (top, bottom))
    ends: list[float] = []
    for verdict, colour in (("corrected", ACCENT), ("rejected", BAD)):
        values = shares[verdict]
        points = [(x(week), y(value)) for week, value in zip(weeks, values, strict=True)]
        drawn.path(points, colour, dash=None if verdict == "corrected" else "6 3")
        for at in points[:: max(1, len(weeks) // 26)]:
            if verdict == "corrected":
                drawn.ring(at, 3, "white", colour)
            else:
                drawn.box((at[0] - 3, at[1] - 3), 6, 6, "white", colour)
        label = verdict if narrow else f"{verdict} {values[-1]:.1f} %"
        beside = points[-1][1]
        if ends and abs(ends[0] - beside) < 14:  # one text does not lie on the other
            beside = ends[0] + (14 if beside >= ends[0] else -14)
        ends.append(beside)
        drawn.words((points[-1][0] + 8, beside), label, colour, bold=True)
    _dates(drawn, weeks, x, bottom + 16, few=narrow or len(weeks) < 3)
    return drawn


def _shares(records: Records, weeks: Sequence[date], verdict: str) -> list[float]:
    found = []
    for week in weeks:
        of = [record for record in records if record["week"] == week]
        total = sum(record["looked_at"] for record in of)
        found.append(100 * sum(record[verdict] for record in of) / total if total else 0.0)
    return found


def _versions(
    drawn: Picture,
    records: Records,
    weeks: Sequence[date],
    x: Callable[[date], float],
    rows: tuple[float, float],
) -> None:
    """Mark the weeks in which a version of the extractor first appears."""
    seen: set[str] = set()
    for week in weeks:
        fresh = sorted({r["extractor_version"] for r in records if r["week"] == week} - seen)
        seen.update(fresh)
        if fresh:
            drawn.line((x(week), rows[0]), (x(week), rows[1]), SOFT, 0.8, "1 2")
            drawn.words((x(week) + 4, rows[0] + 4), ", ".join(fresh), SOFT)


def _bars(
    labels: Sequence[str], parts: Sequence[tuple[str, Sequence[float]]], texts: Sequence[str],
    narrow: bool,
) -> Picture:  # fmt: skip
    """Draw lying bars of two parts: the first plain, the second hatched; the legend above."""
    drawn = Picture(_width(narrow), 46 + ROW * len(labels))
    left = 14 + max(map(width_of, labels))
    room = drawn.width - left - 14 - max(map(width_of, texts))
    most = max([*(sum(pair) for pair in zip(*(v for _, v in parts), strict=True)), 1e-9])
    across = 8.0
    for number, (title, _) in enumerate(parts):
        _part(drawn, number, (across, 8), 22, 12)
        drawn.words((across + 30, 14), title, INK)
        across += 30 + width_of(title) + 22
    for place, (label, text) in enumerate(zip(labels, texts, strict=True)):
        y, end = 36 + ROW * place, left
        for number, (_, values) in enumerate(parts):
            long = max(0.0, room * values[place] / most)
            if long > 0:
                _part(drawn, number, (end, y), long, 18.6)
            end += long
        drawn.words((left - 8, y + 9.3), label, INK, "end")
        drawn.words((end + 6, y + 9.3), text, INK)
    drawn.line((left, 30), (left, drawn.height - 6), FAINT)
    return drawn


def _part(
    drawn: Picture, number: int, corner: tuple[float, float], wide: float, high: float
) -> None:
    drawn.box(corner, wide, high, (PALE, PALE_BAD)[number], INK)
    if number:
        drawn.hatch(corner, wide, high, INK)


def _fields(records: Records, narrow: bool) -> Picture | None:
    shown = [record for record in records if record["looked_at"]][: 10 if narrow else MAX_FIELDS]
    if not shown:
        return None
    parts = [
        (verdict, [100 * float(r[verdict]) / float(r["looked_at"]) for r in shown])
        for verdict in ("corrected", "rejected")
    ]
    texts = [
        f"{_wrong(record)}" if narrow else f"{_wrong(record)} of {record['looked_at']:,}"
        for record in shown
    ]
    return _bars([record["field"] for record in shown], parts, texts, narrow)


def _in_hand(records: Records, narrow: bool) -> Picture | None:
    ages = sorted({record["age"] for record in records})
    if not ages:
        return None
    counts = {
        key: [float(sum(r[key] for r in records if r["age"] == age)) for age in ages]
        for key in ("in_time", "late")
    }
    texts = [
        f"{a + b:,.0f}" + (f", {b:,.0f} late" if b and not narrow else "")
        for a, b in zip(counts["in_time"], counts["late"], strict=True)
    ]
    parts = [("in time", counts["in_time"]), ("late", counts["late"])]
    return _bars([age[2:] for age in ages], parts, texts, narrow)


_DRAWERS: Mapping[str, Callable[[Records, bool], Picture | None]] = {
    "stages": _stages,
    "stage_time": _stage_time,
    "corrections": _corrections,
    "fields": _fields,
    "in_hand": _in_hand,
}
