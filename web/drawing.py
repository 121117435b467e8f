"""The charts as SVG pictures, drawn with Matplotlib: readable without colour, sharp at any size.

Every picture is a document of its own without script or style sheet, for a wide or a narrow screen.
What a mark means is said beside it; hatching, dashes and markers tell apart what colour does too.
"""

import io
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any

from workflows.engine.words import in_words
from workflows.stages import STAGES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Records = Sequence[Mapping[str, Any]]

WIDE, NARROW = 1120, 360
"""Widths in pixels; a text keeps its size in both."""
INK, SOFT, FAINT = "#1c2427", "#56646a", "#c9d2d5"
ACCENT, PALE, BAD = "#1d4f5c", "#bfd8dd", "#a3241c"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"
RC: Any = {
    "svg.fonttype": "none", "svg.hashsalt": "iort", "font.size": 12, "axes.edgecolor": FAINT,
    "axes.labelcolor": SOFT, "text.color": INK, "xtick.color": SOFT, "ytick.color": SOFT,
    "xtick.labelcolor": SOFT, "ytick.labelcolor": INK, "axes.spines.top": False,
    "axes.spines.right": False, "hatch.linewidth": 0.9, "axes.grid.axis": "y",
    "grid.color": "#e8edee", "axes.axisbelow": True, "axes.titlesize": 12,
    "axes.titlelocation": "left", "legend.frameon": False, "legend.fontsize": 12,
}  # fmt: skip
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

_drawing = threading.Lock()
_STYLE = re.compile(r' style="([^"]*)"')


@lru_cache(maxsize=200)
def picture(name: str, rows: tuple[tuple[tuple[str, Any], ...], ...], narrow: bool) -> bytes:
    """Return the picture of a chart; the same numbers are drawn once."""
    records = [dict(row) for row in rows]
    with _drawing:  # the library keeps its settings for the whole process
        import matplotlib as mpl
        from matplotlib.figure import Figure

        with mpl.rc_context(RC):
            width = NARROW if narrow else WIDE
            figure = Figure(layout="constrained", dpi=72)
            figure.set_figwidth(width / 72)
            _DRAWERS[name](figure, records, narrow)
            out = io.StringIO()
            figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return _plain(out.getvalue(), in_words(name), summary(name, records)).encode()


def draw(name: str, records: Records, narrow: bool) -> bytes:
    """Return a chart as SVG for a wide or a narrow screen."""
    return picture(name, tuple(tuple(record.items()) for record in records), narrow)


def _plain(svg: str, title: str, text: str) -> str:
    """Turn style attributes into presentation attributes, so that the strictest policy fits."""

    def attributes(match: re.Match[str]) -> str:
        found = []
        for part in match.group(1).split(";"):
            name, _, value = (piece.strip() for piece in part.partition(":"))
            if name == "font":
                size = re.search(r"([\d.]+)px", value)
                weight = "bold" if re.search(r"\b(bold|[67]00)\b", value) else "normal"
                found += [f'font-size="{size.group(1) if size else 12}"', f'font-weight="{weight}"']
            elif name and name != "font-family":
                found.append(f'{name}="{value}"')
        return " " + " ".join(found) if found else ""

    svg = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = _STYLE.sub(attributes, svg[svg.index("<svg") :])
    head = (
        f'<svg role="img" font-family="{FONT}" stroke-linejoin="round" stroke-linecap="butt"'
        f" aria-labelledby='t d'"
    )
    opened = svg.replace("<svg", head, 1)
    end = opened.index(">") + 1
    named = f"<title id='t'>{escape(title)}</title><desc id='d'>{escape(text)}</desc>"
    return re.sub(r"(width|height)=\"([\d.]+)pt\"", r'\1="\2"', opened[:end]) + named + opened[end:]


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


def _tall(figure: "Figure", pixels: float) -> None:
    figure.set_figheight(pixels / 72)


def _nothing(figure: "Figure") -> None:
    _tall(figure, 60)
    figure.text(0.01, 0.5, "No data in this period.", color=SOFT)


def _dates(axes: "Axes", weeks: Sequence[date], few: bool) -> None:
    """Name some weeks below the axis; places are days counted as `date.toordinal` does."""
    chosen = sorted({weeks[0], weeks[-1]}) if few else weeks[:: max(1, len(weeks) // 6)]
    axes.set_xticks(
        [day.toordinal() for day in chosen], [f"{day.day} {day:%b %y}" for day in chosen]
    )
    if few and len(chosen) > 1:
        first, *_, last = axes.get_xticklabels()
        first.set_horizontalalignment("left")
        last.set_horizontalalignment("right")
    axes.tick_params(length=0)


def _stages(figure: "Figure", records: Records, narrow: bool) -> None:
    if not records:
        return _nothing(figure)
    weeks = sorted({record["week"] for record in records})
    days = [float(week.toordinal()) for week in weeks]
    at = {(record["stage"], record["week"]): record for record in records}
    columns = 2 if narrow else 4
    rows = -(-len(STAGES) // columns)
    _tall(figure, rows * (112 if narrow else 130))
    panels = figure.subplots(rows, columns, squeeze=False)
    for place, stage in enumerate(STAGES):
        axes = panels[place // columns][place % columns]
        closed = stage == "closed"
        key = "entered" if closed else "cases"
        values = [at[stage, week][key] if (stage, week) in at else 0 for week in weeks]
        if closed:
            axes.bar(days, values, width=5, color=PALE, edgecolor=ACCENT, linewidth=0.5)
        else:
            axes.fill_between(days, values, color=PALE, linewidth=0)
            axes.plot(days, values, color=ACCENT, linewidth=1.6)
            axes.plot(days[-1], values[-1], "o", color=ACCENT, markersize=4)
        top = max([*values, 1])
        axes.set_ylim(0, top * 1.12)
        axes.set_yticks([0, top], ["0", f"{top:,}"])
        axes.set_title(f"{in_words(stage)}{', per week' if closed else ''}", fontweight="bold")
        now = "" if closed else f"{'' if narrow else 'now '}{values[-1]:,}"
        axes.set_title(now, loc="right", color=ACCENT)
        _dates(axes, weeks, few=True)
        if place < len(STAGES) - columns:
            axes.set_xticklabels([])
    return None


def _stage_time(figure: "Figure", records: Records, narrow: bool) -> None:
    found = _by_stage(records)
    if not found:
        return _nothing(figure)
    _tall(figure, 70 + 34 * len(found))
    axes = figure.subplots()
    for place, record in enumerate(found):
        low, middle, high, far = (
            max(SHORTEST, float(record[key]))
            for key in ("quarter_days", "median_days", "three_quarters_days", "p90_days")
        )
        axes.plot([high, far], [place, place], color=SOFT, linewidth=1, linestyle=(0, (3, 2)))
        axes.barh(place, high - low, left=low, height=0.5, color=PALE, edgecolor=ACCENT)
        axes.plot([middle, middle], [place - 0.33, place + 0.33], color=INK, linewidth=3)
        axes.plot(far, place, "D", color="white", markeredgecolor=INK, markersize=6)
        text = span(record["median_days"])
        if not narrow:
            stays = f"{record['stays']:,} {'stay' if record['stays'] == 1 else 'stays'}"
            text += f" median, 90 % within {span(record['p90_days'])}, {stays}"
        axes.text(1.01, place, text, transform=axes.get_yaxis_transform(), va="center")
    axes.set_xscale("log")
    far = max(float(record["p90_days"]) for record in found)
    shown = [tick for tick in TICKS if tick[0] <= max(far, 7) * 1.5]
    shown = shown[::2] if narrow else shown
    axes.set_xticks([days for days, _ in shown], [name for _, name in shown])
    axes.minorticks_off()
    axes.grid(axis="x")
    axes.set_xlim(SHORTEST, max(far, 7) * 1.5)
    axes.set_yticks(range(len(found)), [in_words(record["stage"]) for record in found])
    axes.invert_yaxis()
    axes.tick_params(length=0)
    axes.spines["left"].set_visible(False)
    return None


def _corrections(figure: "Figure", records: Records, narrow: bool) -> None:
    if not records:
        return _nothing(figure)
    weeks = sorted({record["week"] for record in records})
    days = [float(week.toordinal()) for week in weeks]
    total = {week: sum(r["looked_at"] for r in records if r["week"] == week) for week in weeks}
    _tall(figure, 300)
    axes = figure.subplots()
    highest = 1.0
    for verdict, mark, dash, colour in (
        ("corrected", "o", "-", ACCENT), ("rejected", "s", (0, (4, 2)), BAD),
    ):  # fmt: skip
        shares = [
            100 * sum(r[verdict] for r in records if r["week"] == week) / total[week]
            for week in weeks
        ]
        highest = max(highest, *shares)
        every = max(1, len(weeks) // 26)
        axes.plot(days, shares, color=colour, linestyle=dash, linewidth=1.6, marker=mark,
                  markersize=4, markerfacecolor="white", markevery=every)  # fmt: skip
        label = verdict if narrow else f"{verdict} {shares[-1]:.1f} %"
        axes.annotate(
            label,
            (days[-1], shares[-1]),
            (8, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            fontweight="bold",
            annotation_clip=False,
        )
    seen: set[str] = set()
    for day, week in zip(days, weeks, strict=True):
        fresh = sorted({r["extractor_version"] for r in records if r["week"] == week} - seen)
        seen.update(fresh)
        if fresh:
            axes.axvline(day, color=SOFT, linewidth=0.8, linestyle=":")
            axes.text(day, highest * 1.17, f" {', '.join(fresh)}", color=SOFT, va="top")
    axes.set_ylim(0, highest * 1.2)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g} %")
    axes.grid(axis="y")
    _dates(axes, weeks, few=narrow or len(days) < 3)
    return None


def _bars(
    figure: "Figure", labels: Sequence[str], parts: Sequence[tuple[str, Sequence[float]]],
    texts: Sequence[str], colours: Sequence[str],
) -> "Axes":  # fmt: skip
    """Draw lying bars of two parts: the first plain, the second hatched; the legend above."""
    _tall(figure, 66 + 30 * len(labels))
    axes = figure.subplots()
    start = [0.0] * len(labels)
    for number, (title, values) in enumerate(parts):
        axes.barh(
            range(len(labels)),
            values,
            left=start,
            height=0.62,
            label=title,
            color=colours[number],
            edgecolor=INK,
            linewidth=0.8,
            hatch="" if number == 0 else "////",
        )
        start = [a + b for a, b in zip(start, values, strict=True)]
    for place, (end, text) in enumerate(zip(start, texts, strict=True)):
        axes.annotate(
            text,
            (end, place),
            (6, 0),
            textcoords="offset points",
            va="center",
            annotation_clip=False,
        )
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlim(0, max([*start, 1e-9]) * 1.12)
    axes.invert_yaxis()
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines["bottom"].set_visible(False)
    figure.legend(loc="outside upper left", ncols=2)
    return axes


def _fields(figure: "Figure", records: Records, narrow: bool) -> None:
    shown = [record for record in records if record["looked_at"]][: 10 if narrow else MAX_FIELDS]
    if not shown:
        return _nothing(figure)
    shares = {
        verdict: [100 * float(r[verdict]) / float(r["looked_at"]) for r in shown]
        for verdict in ("corrected", "rejected")
    }
    texts = [
        f"{_wrong(record)}" if narrow else f"{_wrong(record)} of {record['looked_at']:,}"
        for record in shown
    ]
    _bars(
        figure,
        [record["field"] for record in shown],
        list(shares.items()),
        texts,
        (PALE, "#e7a49f"),
    )
    return None


def _in_hand(figure: "Figure", records: Records, narrow: bool) -> None:
    ages = sorted({record["age"] for record in records})
    if not ages:
        return _nothing(figure)
    counts = {
        key: [float(sum(r[key] for r in records if r["age"] == age)) for age in ages]
        for key in ("in_time", "late")
    }
    texts = [
        f"{a + b:,.0f}" + (f", {b:,.0f} late" if b and not narrow else "")
        for a, b in zip(counts["in_time"], counts["late"], strict=True)
    ]
    parts = [("in time", counts["in_time"]), ("late", counts["late"])]
    _bars(figure, [age[2:] for age in ages], parts, texts, (PALE, "#e7a49f"))
    return None


_DRAWERS: Mapping[str, Callable[["Figure", Records, bool], None]] = {
    "stages": _stages,
    "stage_time": _stage_time,
    "corrections": _corrections,
    "fields": _fields,
    "in_hand": _in_hand,
}
