"""Timelines as files: CSV, Parquet, and XES (IEEE 1849-2023), written as they stream.

A file appears under its name when it is complete; an export that fails leaves none.
"""

import importlib.util
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TextIO, cast
from xml.sax.saxutils import quoteattr

from sqlalchemy import Engine

from analytics.events import BATCH, EventRow, rare_countries, stream_events
from analytics.pseudonyms import SMALLEST_GROUP, Pseudonyms
from workflows.csv_out import Table

Format = Literal["csv", "parquet", "xes"]
FORMATS: tuple[Format, ...] = ("csv", "parquet", "xes")

COLUMNS = (
    "Case_ID", "Activity", "Event_end", "Recorded_at", "Resource", "Actor_type", "Automated",
    "State", "Event_type", "Sequence", "Event_ID", "Caused_by", "Site", "Country", "Rehearsal",
    "Payload",
)  # fmt: skip


class ParquetMissing(Exception):
    """This environment was set up without what writes Parquet."""

    def __init__(self) -> None:
        super().__init__(
            "this environment has no pyarrow (170 MB), which writes Parquet: "
            "./iort packages add parquet installs it; or choose csv or xes"
        )


def formats_here() -> tuple[Format, ...]:
    """Return the formats that can be written with what is installed."""
    whole = importlib.util.find_spec("pyarrow") is not None
    return tuple(each for each in FORMATS if whole or each != "parquet")


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote."""

    cases: int
    events: int
    bytes: int


@dataclass
class _Count:
    cases: int = 0
    events: int = 0
    last: str | None = None

    def watch(self, rows: Iterable[EventRow]) -> Iterator[EventRow]:
        for row in rows:
            self.events += 1
            if row.case_ref != self.last:
                self.cases, self.last = self.cases + 1, row.case_ref
            yield row


def export_events(
    engine: Engine,
    out: Path,
    format: Format,
    *,
    pseudonymise: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Exported:
    """Write every timeline to `out`; `progress` is called with the number of events so far.

    Raises OSError when the file cannot be written, ParquetMissing without the extra `parquet`.
    """
    draft = out.with_name(out.name + ".part")
    count = _Count()
    try:
        with engine.connect() as connection:
            rows: Iterable[EventRow] = count.watch(stream_events(connection))
            if pseudonymise:
                with engine.connect() as other:
                    rows = map(Pseudonyms(rare_countries(other, SMALLEST_GROUP)), rows)
            _WRITERS[format](draft, _told(rows, progress))
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)
    return Exported(count.cases, count.events, out.stat().st_size)


def _told(rows: Iterable[EventRow], progress: Callable[[int], None] | None) -> Iterator[EventRow]:
    for number, row in enumerate(rows, 1):
        if progress and number % BATCH == 0:
            progress(number)
        yield row


def _cells(row: EventRow) -> tuple[object, ...]:
    return (
        row.case_ref, row.activity, row.occurred_at, row.recorded_at, row.resource,
        row.actor_type, row.automated, row.state, row.event_type, row.seq, row.event_id,
        row.causation_id, row.site, row.country, row.rehearsal,
        json.dumps(row.payload, ensure_ascii=False, sort_keys=True),
    )  # fmt: skip


def _plain(cell: object) -> object:
    if isinstance(cell, datetime):
        return cell.isoformat()
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return cell


def _write_csv(path: Path, rows: Iterable[EventRow]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = Table(file)
        table.row(COLUMNS)
        table.rows([_plain(cell) for cell in _cells(row)] for row in rows)


def _write_parquet(path: Path, rows: Iterable[EventRow]) -> None:
    try:
        import pyarrow
        import pyarrow.parquet
    except ModuleNotFoundError:
        raise ParquetMissing from None

    pa, pq = cast(Any, pyarrow), cast(Any, pyarrow.parquet)
    moment, code = pa.timestamp("us", tz="UTC"), pa.dictionary(pa.int32(), pa.string())
    types = (
        pa.string(), code, moment, moment, code, code, pa.bool_(), code, code, pa.int32(),
        pa.string(), pa.string(), code, code, pa.bool_(), pa.string(),
    )  # fmt: skip
    schema = pa.schema(list(zip(COLUMNS, types, strict=True)))
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in _batches(rows, 50_000):
            columns = list(zip(*(_cells(row) for row in batch), strict=True))
            arrays = [pa.array(c, type=t) for c, t in zip(columns, types, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _batches(rows: Iterable[EventRow], size: int) -> Iterator[list[EventRow]]:
    batch: list[EventRow] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


_XES_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2023" xes.features="" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
<global scope="trace"><string key="concept:name" value="unknown"/></global>
<global scope="event"><string key="concept:name" value="unknown"/>\
<date key="time:timestamp" value="1970-01-01T00:00:00.000+00:00"/>\
<string key="lifecycle:transition" value="complete"/></global>
<classifier name="Activity" keys="concept:name"/>
<classifier name="Resource" keys="org:resource"/>
<string key="lifecycle:model" value="standard"/>
"""


def _write_xes(path: Path, rows: Iterable[EventRow]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(_XES_HEAD)
        current: str | None = None
        for row in rows:
            if row.case_ref != current:
                file.write("</trace>\n" if current else "")
                current = row.case_ref
                _trace_head(file, row)
            _event(file, row)
        file.write("</trace>\n" if current else "")
        file.write("</log>\n")


def _trace_head(file: TextIO, row: EventRow) -> None:
    file.write("<trace>" + _text("concept:name", row.case_ref))
    for name, value in (("site", row.site), ("country", row.country)):
        file.write(_text(name, value))
    file.write(f'<boolean key="rehearsal" value="{_plain(row.rehearsal)}"/>\n')


def _event(file: TextIO, row: EventRow) -> None:
    moment = row.occurred_at.isoformat(timespec="milliseconds")
    recorded = row.recorded_at.isoformat(timespec="milliseconds")
    parts = [
        "<event>",
        _text("concept:name", row.activity),
        f'<date key="time:timestamp" value="{moment}"/>',
        _text("org:resource", row.resource),
        _text("org:role", row.actor_type),
        _text("lifecycle:transition", "complete"),
        _text("event_type", row.event_type),
        f'<int key="sequence" value="{row.seq}"/>',
        f'<boolean key="automated" value="{_plain(row.automated)}"/>',
        f'<date key="recorded_at" value="{recorded}"/>',
        _text("event_id", row.event_id),
        _text("caused_by", row.causation_id) if row.causation_id else "",
        _text("payload", json.dumps(row.payload, ensure_ascii=False, sort_keys=True)),
        "</event>\n",
    ]
    file.write("".join(parts))


def _text(key: str, value: str) -> str:
    return f"<string key={quoteattr(key)} value={quoteattr(value)}/>"


_WRITERS: dict[Format, Callable[[Path, Iterable[EventRow]], None]] = {
    "csv": _write_csv,
    "parquet": _write_parquet,
    "xes": _write_xes,
}
