"""The numbers behind the charts: named statements over the schema `analytics`, with parameters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from analytics.named_sql import Statement, statements

_FILE = Path(__file__).with_name("charts.sql")
PERIODS: Mapping[int, str] = {13: "13 weeks", 26: "half a year", 52: "a year", 156: "three years"}
"""Weeks that may be looked back; times in stage are counted ahead for just these."""


@dataclass(frozen=True, slots=True)
class Chart:
    """One named statement; `reads` are the views it reads, whose texts belong to its story."""

    name: str
    title: str
    sql: str
    reads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the database says for one chart: column names and rows."""

    chart: Chart
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def records(self) -> list[dict[str, Any]]:
        """Return the rows as mappings."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


@cache
def charts() -> Mapping[str, Chart]:
    """Return all charts by name, in the order of the file."""
    return {found.name: _chart(found) for found in statements(_FILE)}


def _chart(found: Statement) -> Chart:
    reads = tuple(name.strip() for name in found.head["reads"].split(","))
    return Chart(found.name, found.head["title"], found.sql, reads)


def numbers(connection: Connection, name: str, *, site: str = "", weeks: int = 26) -> Numbers:
    """Return the numbers of a chart for one site (empty: all) and one of PERIODS.

    Raises KeyError for an unknown chart or period.
    """
    chart = charts()[name]
    if weeks not in PERIODS:
        raise KeyError(weeks)
    result = connection.exec_driver_sql(chart.sql, {"site": site, "weeks": weeks})
    return Numbers(chart, tuple(result.keys()), tuple(tuple(row) for row in result))


def counted_at(connection: Connection) -> datetime | None:
    """Return the business time at which the counts were made."""
    moment: datetime | None = connection.execute(
        text("SELECT business_now FROM analytics.m_counted")
    ).scalar()
    return moment


def definitions(connection: Connection, names: Sequence[str]) -> dict[str, str]:
    """Return the texts of views of the schema `analytics`, as the database keeps them."""
    rows = connection.execute(
        text(
            "SELECT relname, pg_get_viewdef(oid, true) FROM pg_class"
            " WHERE relnamespace = 'analytics'::regnamespace AND relname = ANY(:names)"
        ),
        {"names": list(names)},
    )
    found = {name: body.strip().rstrip(";") for name, body in rows}
    return {name: found[name] for name in names if name in found}
