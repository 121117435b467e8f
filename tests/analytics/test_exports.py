"""Exports load in other tools, hold every event once, and pseudonymise what they promise."""

import csv
import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree

import pyarrow
import pyarrow.parquet
import pytest
from sqlalchemy import Engine, update
from sqlmodel import Session, col

from analytics.exports import COLUMNS, FORMATS, export_events
from models import Case
from tests.analytics.log import START, Log

ARROW, PARQUET = cast(Any, pyarrow), cast(Any, pyarrow.parquet)

XES = "{http://www.xes-standard.org/}"
SHA = "a" * 64


@pytest.fixture
def written(session: Session) -> int:
    """Write three cases; return the number of events."""
    log = Log(session)
    for case_id in (1, 2, 3):
        log.case(case_id, country="KE" if case_id < 3 else "IN")
        log.moved(case_id, "AWAITING_CONSENT", "patient", 1)
        log.event(
            case_id,
            "document.received",
            {"document_id": 7, "sha256": SHA, "channel": "portal"},
            hours=2,
            actor=("coordinator", "U-17"),
        )
    payload = {
        "admission_date": "2027-01-11",
        "hospital_id": 4,
        "scopes": ["process"],
        "guard_results": {"in_scope": True},
        "document_ids": [7],
    }
    log.event(1, "admission.date_confirmed", payload, hours=3)
    session.commit()
    return 10


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_csv_has_one_line_per_event_with_zoned_times(
    engine: Engine, written: int, tmp_path: Path
) -> None:
    done = export_events(engine, tmp_path / "log.csv", "csv")
    rows = read_csv(tmp_path / "log.csv")
    assert (done.cases, done.events, len(rows)) == (3, written, written)
    assert tuple(rows[0]) == COLUMNS
    assert datetime.fromisoformat(rows[0]["Event_end"]) == START
    assert datetime.fromisoformat(rows[0]["Event_end"]).utcoffset() is not None
    moved = rows[1]
    assert (moved["Activity"], moved["State"]) == ("entered AWAITING_CONSENT", "AWAITING_CONSENT")
    assert (rows[2]["Resource"], rows[2]["Automated"]) == ("U-17", "false")
    assert json.loads(rows[2]["Payload"])["sha256"] == SHA


def test_a_site_and_a_country_that_nobody_stated_are_told_as_such_in_each_form(
    engine: Engine, session: Session, written: int, tmp_path: Path
) -> None:
    session.execute(update(Case).where(col(Case.id) == 3).values(site=None, residence_country=None))
    session.commit()
    for form in FORMATS:
        export_events(engine, tmp_path / f"log.{form}", form)
    rows = {row["Case_ID"]: (row["Site"], row["Country"]) for row in read_csv(tmp_path / "log.csv")}
    table = PARQUET.read_table(tmp_path / "log.parquet").to_pylist()
    trace = ElementTree.parse(tmp_path / "log.xes").getroot().findall(f"{XES}trace")[2]
    stated = {one.get("key"): one.get("value") for one in trace.findall(f"{XES}string")}
    assert rows["CFX-26-00003"] == ("not_stated", "not_stated")
    assert {(one["Site"], one["Country"]) for one in table if one["Case_ID"] == "CFX-26-00003"} == {
        ("not_stated", "not_stated")
    }
    assert (stated["site"], stated["country"]) == ("not_stated", "not_stated")
    assert rows["CFX-26-00001"] == ("breast", "KE")


def test_parquet_is_typed(engine: Engine, written: int, tmp_path: Path) -> None:
    export_events(engine, tmp_path / "log.parquet", "parquet")
    table = PARQUET.read_table(tmp_path / "log.parquet")
    assert table.num_rows == written
    assert table.schema.field("Event_end").type == ARROW.timestamp("us", tz="UTC")
    assert table.schema.field("Automated").type == ARROW.bool_()
    assert table.column("Event_end")[0].as_py() == START
    assert table.column("Sequence").to_pylist()[:4] == [1, 2, 3, 4]


def test_xes_has_one_trace_per_case_in_order(engine: Engine, written: int, tmp_path: Path) -> None:
    export_events(engine, tmp_path / "log.xes", "xes")
    root = ElementTree.parse(tmp_path / "log.xes").getroot()
    assert root.tag == f"{XES}log" and root.get("xes.version") == "1849-2023"
    traces = root.findall(f"{XES}trace")
    assert [len(trace.findall(f"{XES}event")) for trace in traces] == [4, 3, 3]
    first = traces[0].findall(f"{XES}event")[0]
    values = {child.get("key"): child.get("value") for child in first}
    assert values["concept:name"] == "case.opened"
    assert values["lifecycle:transition"] == "complete"
    assert datetime.fromisoformat(values["time:timestamp"] or "") == START
    assert json.loads(values["payload"] or "") == {"residence_country": "KE"}


@pytest.mark.parametrize("format", FORMATS)
def test_an_empty_log_still_loads(engine: Engine, tmp_path: Path, format: str) -> None:
    out = tmp_path / f"log.{format}"
    assert export_events(engine, out, format).events == 0  # type: ignore[arg-type]
    if format == "xes":
        assert ElementTree.parse(out).getroot().findall(f"{XES}trace") == []
    elif format == "parquet":
        assert PARQUET.read_table(out).num_rows == 0
    else:
        assert read_csv(out) == []


def test_an_export_that_fails_leaves_no_file(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(OSError):
        export_events(engine, tmp_path / "missing" / "log.csv", "csv")
    assert list(tmp_path.iterdir()) == []


def test_pseudonymised_export_holds_no_reference_id_or_true_date(
    engine: Engine, written: int, tmp_path: Path
) -> None:
    export_events(engine, tmp_path / "plain.csv", "csv")
    export_events(engine, tmp_path / "log.csv", "csv", pseudonymise=True)
    text = (tmp_path / "log.csv").read_text(encoding="utf-8")
    plain, rows = read_csv(tmp_path / "plain.csv"), read_csv(tmp_path / "log.csv")
    assert len(rows) == written
    assert "CFX-" not in text and SHA not in text and "U-17" not in text
    assert not {row["Event_ID"] for row in plain} & {row["Event_ID"] for row in rows}
    assert {row["Country"] for row in rows} == {"other"}
    for before, after in zip(plain, rows, strict=True):
        assert before["Activity"] == after["Activity"]
    shift = _moved(plain[0], rows[0])
    assert shift != timedelta(0) and shift.days % 7 == 0
    assert {_moved(before, after) for before, after in zip(plain[:4], rows[:4], strict=True)} == {
        shift
    }
    admission = json.loads(rows[3]["Payload"])
    assert admission == {
        "admission_date": (date(2027, 1, 11) + shift).isoformat(),
        "hospital_id": 4,
        "scopes": ["process"],
        "guard_results": {"in_scope": True},
    }
    assert json.loads(rows[0]["Payload"]) == {"residence_country": "other"}


def _moved(before: dict[str, str], after: dict[str, str]) -> timedelta:
    return datetime.fromisoformat(after["Event_end"]) - datetime.fromisoformat(before["Event_end"])


def test_two_pseudonymised_exports_cannot_be_joined(
    engine: Engine, written: int, tmp_path: Path
) -> None:
    for name in ("a.csv", "b.csv"):
        export_events(engine, tmp_path / name, "csv", pseudonymise=True)
    first = {row["Case_ID"] for row in read_csv(tmp_path / "a.csv")}
    second = {row["Case_ID"] for row in read_csv(tmp_path / "b.csv")}
    assert len(first) == len(second) == 3 and not first & second
