"""Charts for the team lead, each with its table and the query behind it. No personal data."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from accounts.users import SignedIn
from analytics.charts import PERIODS, Numbers, charts, counted_at, definitions, numbers
from analytics.events import NOT_STATED
from views.suitability import field_label
from web.access import only, world_of
from web.drawing import NARROW, WIDE, draw, span, summary
from web.page_router import Menu, PageRouter
from web.pages.sign_in import pages_of
from workflows.cases.intake import SITES
from workflows.csv_out import Table
from workflows.engine.recurring import CHARTS_EVERY
from workflows.engine.words import in_words
from workflows.stages import STAGES

readers = only("lead", "analyst", "administrator")
router = PageRouter(access=readers, compress=True)

Site = Annotated[str, Query(max_length=30)]
Weeks = Annotated[int, Query()]
DEFAULT_WEEKS = 26
READING: Mapping[str, str] = {
    "stages": "One small chart for each stage: how many cases stood in it at the end of each week "
    "(Monday to Sunday, UTC), the last point now. Every chart has its own scale, its highest value "
    "is written beside it. A case on hold counts in the stage it was held in. For “closed” the "
    "bars are the cases closed in each week, this week so far.",
    "stage_time": "Stays that ended in the period. Half of them lasted as long as the box is wide, "
    "the thick line is the median, nine in ten were over by the diamond. The scale is logarithmic. "
    "Stays that still go on are not counted, so a stage that is filling up looks shorter than it "
    "is. A case that comes back to a stage stays there twice.",
    "corrections": "Of the values that the extractor read and a person looked at in a week: how "
    "many were corrected (solid line, rings), how many rejected (dashed line, squares). Dotted "
    "lines name the versions of the extractor where they first appear. What a person typed without "
    "a reading is not counted.",
    "fields": "The same by field over the whole period, the worst first: corrected plain, rejected "
    "hatched. A field that few people looked at may be high by chance: the number stands behind.",
    "in_hand": "Tasks that wait for a person now, by how long ago they were asked; those past "
    "their deadline are hatched. Always counted at the moment you look, whatever the period.",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One chart as the page shows it."""

    numbers: Numbers
    text: str
    reading: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    definitions: Mapping[str, str]


@router.get("/charts", menu=Menu("Charts", "g h", 60))
def all_charts(
    request: Request,
    who: SignedIn = Depends(readers),
    site: Site = "",
    weeks: Weeks = DEFAULT_WEEKS,
) -> Response:
    """Show every chart for a site and a period."""
    _check(site, weeks)
    with world_of(request).analyst_engine.connect() as connection:
        shown = [_shown(request, connection, name, site, weeks) for name in charts()]
        at = counted_at(connection)
    values = {
        "charts": shown,
        "site": site,
        "weeks": weeks,
        "sites": [*SITES, NOT_STATED],
        "periods": PERIODS,
        "counted_at": at,
        "wide": WIDE,
        "narrow": NARROW,
        "every": int(CHARTS_EVERY.total_seconds() // 60),
    }
    return pages_of(request).show(request, "charts.html", values)


@router.get("/charts/{name}.svg")
def chart_picture(
    request: Request,
    name: str,
    who: SignedIn = Depends(readers),
    site: Site = "",
    weeks: Weeks = DEFAULT_WEEKS,
    narrow: bool = False,
) -> Response:
    """Return a chart as a picture."""
    found = _numbers(request, name, site, weeks)
    return Response(draw(name, _named(request, found), narrow), media_type="image/svg+xml")


@router.get("/charts/{name}.csv")
def chart_csv(
    request: Request,
    name: str,
    who: SignedIn = Depends(readers),
    site: Site = "",
    weeks: Weeks = DEFAULT_WEEKS,
) -> Response:
    """Return the numbers of a chart as CSV."""
    found = _numbers(request, name, site, weeks)
    out = io.StringIO()
    table = Table(out)
    table.row(found.columns)
    table.rows(found.rows)
    headers = {"content-disposition": f'attachment; filename="{name}.csv"'}
    return Response(out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _check(site: str, weeks: int) -> None:
    if weeks not in PERIODS or site not in ("", NOT_STATED, *SITES):
        raise HTTPException(422, "There is no such site or period.")


def _numbers(request: Request, name: str, site: str, weeks: int) -> Numbers:
    _check(site, weeks)
    if name not in charts():
        raise HTTPException(404, "There is no such chart.")
    with world_of(request).analyst_engine.connect() as connection:
        return numbers(connection, name, site=site, weeks=weeks)


def _named(request: Request, found: Numbers) -> list[Mapping[str, Any]]:
    """Return a chart's records with the fields in words; table and file keep the codes."""
    library = world_of(request).playbooks.criteria
    return [
        {**row, "field": field_label(library, row["field"])} if "field" in row else row
        for row in found.records()
    ]


def _shown(request: Request, connection: Connection, name: str, site: str, weeks: int) -> Shown:
    found = numbers(connection, name, site=site, weeks=weeks)
    columns, rows = _by_week(found) if name == "stages" else _table(found)
    return Shown(
        found,
        summary(name, _named(request, found)),
        READING[name],
        columns,
        rows,
        definitions(connection, found.chart.reads),
    )


def _by_week(found: Numbers) -> tuple[list[str], list[list[Any]]]:
    """Return one row for each week, the newest first, with a column for each stage."""
    cell = {(r["week"], r["stage"]): r for r in found.records()}
    weeks = sorted({week for week, _ in cell}, reverse=True)
    rows = []
    for week in weeks:
        counts = [
            cell[week, stage]["entered" if stage == "closed" else "cases"]
            if (week, stage) in cell
            else 0
            for stage in STAGES
        ]
        rows.append([_text(week), *counts])
    names = [in_words(stage) if stage != "closed" else "closed in the week" for stage in STAGES]
    return ["week of", *names], rows


def _table(found: Numbers) -> tuple[list[str], list[list[Any]]]:
    """Return the rows in plain words: spans with their unit, shares in per cent."""
    columns = [in_words(name).removesuffix(" days") for name in found.columns]
    rows = []
    for record in found.records():
        row: list[Any] = [
            span(value) if name.endswith("_days") else _text(value)
            for name, value in record.items()
        ]
        if "looked_at" in record:
            wrong = record["corrected"] + record["rejected"]
            row.append(f"{100 * wrong / record['looked_at']:.1f} %")
        rows.append(row)
    if "looked_at" in found.columns:
        columns.append("corrected or rejected")
    return columns, rows


def _text(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return f"{value.day} {value:%b %Y}"
    if isinstance(value, str):
        return in_words(value[2:] if value[:2] in ("1 ", "2 ", "3 ", "4 ", "5 ") else value)
    return value
