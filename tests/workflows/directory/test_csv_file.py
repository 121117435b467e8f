"""The directory as CSV: out and back unchanged, as spreadsheets save it, refused with a reason."""

import csv
import io
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import Session, col

from correspondence.directory import HospitalRecord, load_hospitals
from models import AuditEntry, DirectoryChange, Hospital
from models.database import transaction
from settings import PROJECT_ROOT
from tests.workflows.playing import Play
from workflows.directory.cells import COLUMNS, SITES, TECHNIQUES
from workflows.directory.changes import ChangeRefused
from workflows.directory.csv_file import FileRefused, read_csv, write_csv
from workflows.directory.importing import (
    Plan,
    apply_import,
    export_directory,
    known_records,
    make_plan,
    preview,
)
from workflows.directory.store import put_hospitals
from workflows.engine.world import World
from workflows.events import Actor

SHIPPED = load_hospitals(PROJECT_ROOT / "playbooks" / "hospitals.yaml")
TODAY = date(2026, 11, 23)
LEAD = Actor("lead", "U-lead")

words = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=30
)
maybe = st.none() | words
sign = st.sampled_from(["", "=", "+", "-", "@", "'", "'=", "''-", "\t", "\r", '"', ";", "\n"])
texts = st.builds(lambda first, rest: first + rest, sign, words)
days = st.none() | st.dates(date(2020, 1, 1), TODAY)
addresses = st.from_regex(r"[a-z=+-]{1,10}", fullmatch=True).map(lambda n: f"{n}@x.example")


@st.composite
def hospitals(draw: st.DrawFn, code: str) -> HospitalRecord:
    unit = st.fixed_dictionaries(
        {
            "technique": st.sampled_from(TECHNIQUES),
            "device": texts,
            "sites": st.lists(st.sampled_from(SITES), min_size=1, max_size=3),
            "cases_per_year": st.none() | st.integers(0, 10**6),
            "in_service": st.booleans(),
            "last_confirmed_on": days,
            "evidence": st.just("") | texts,
        }
    )
    department = st.fixed_dictionaries(
        {"name": texts, "email": addresses, "phone": maybe, "wechat": maybe, "liaison": maybe}
    )
    return HospitalRecord.model_validate(
        {
            "hospital_id": code,
            "name": draw(texts),
            "local_name": draw(st.none() | texts),
            "city": draw(texts),
            "country": draw(st.sampled_from(["IN", "CN", "DE"])),
            "fictitious": draw(st.booleans()),
            "departments": draw(st.lists(department, min_size=1, max_size=2)),
            "languages": draw(st.lists(st.sampled_from(["en", "zh-Hans", "hi"]), min_size=1)),
            "hours": {
                "calendar": "IN",
                "zone": "Asia/Kolkata",
                "opens": "09:00",
                "closes": "17:30",
                "weekend": draw(st.none() | st.lists(st.integers(0, 6), max_size=2)),
            },
            "units": draw(st.lists(unit, max_size=3)),
            "pathology_days": draw(st.none() | st.integers(0, 99)),
            "foreigners_accepted": draw(st.booleans()),
            "letter_form": draw(st.none() | texts),
            "deposit_rule": draw(st.none() | texts),
            "link_policy": draw(st.sampled_from(["opens", "media_only"])),
            "answer_working_days": draw(st.none() | st.floats(0, 500, allow_nan=False)),
            "answer_yield": draw(st.none() | st.floats(0, 1, allow_nan=False)),
            "complaints_open": draw(st.integers(0, 9)),
            "contract": draw(st.sampled_from(["none", "signed"])),
            "conflict_of_interest": draw(st.none() | texts),
        }
    )


def plan_of(raw: bytes, known: Mapping[str, HospitalRecord]) -> Plan:
    return make_plan(read_csv(raw).lines, known, TODAY)


@settings(max_examples=60, deadline=None)
@given(hospitals("H01"), hospitals("H02"))
def test_what_was_exported_is_unchanged_when_it_comes_back(
    one: HospitalRecord, two: HospitalRecord
) -> None:
    known = {"H01": one, "H02": two}
    plan = plan_of(write_csv(known.values()), known)
    assert {row.outcome for row in plan.rows} == {"unchanged"}, plan.rows
    assert plan.records == []


@settings(max_examples=60, deadline=None)
@given(hospitals("H01"))
def test_no_cell_is_a_formula(record: HospitalRecord) -> None:
    text = write_csv([record]).decode("utf-8-sig")
    for row in csv.reader(io.StringIO(text, newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300) | st.builds(lambda t: t.encode(), st.text(max_size=300)))
def test_any_bytes_are_read_or_refused_with_a_reason(raw: bytes) -> None:
    for content in (raw, b"hospital_id,unit,city\r\n" + raw):
        try:
            plan = plan_of(content, {r.hospital_id: r for r in SHIPPED})
        except FileRefused as refused:
            assert str(refused)
        else:
            assert plan.rows
            refused_rows = [row for row in plan.rows if row.outcome == "refused"]
            assert all(row.problems for row in refused_rows)


def shipped_rows() -> tuple[list[str], list[dict[str, str]]]:
    text = write_csv(SHIPPED).decode("utf-8-sig")
    reader = csv.DictReader(io.StringIO(text, newline=""))
    return list(reader.fieldnames or ()), list(reader)


def as_csv(rows: list[dict[str, str]], separator: str = ",", columns: Any = COLUMNS) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, delimiter=separator, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


KNOWN = {record.hospital_id: record for record in SHIPPED}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_what_spreadsheets_save_is_understood(encoding: str, separator: str) -> None:
    _, rows = shipped_rows()
    for row in rows:
        row["local_name"] = ""  # Latin-1 holds no Chinese letters
    (bonn,) = [row for row in rows if row["hospital_id"] == "H07" and row["unit"] == "1"]
    for row in rows:
        if row["hospital_id"] == "H07":
            row["city"] = "Königswinter"
            row["opens"] = "8:00:00"
    bonn["last_confirmed_on"] = "22.11.2026"
    bonn["evidence"] = "Gespräch"
    hint = "sep=;\r\n" if separator == ";" else ""
    plan = plan_of((hint + as_csv(rows, separator)).encode(encoding), KNOWN)
    assert plan.counts["refused"] == 0, plan.rows
    (after,) = [record for record in plan.records if record.hospital_id == "H07"]
    assert (after.city, after.hours.opens) == ("Königswinter", "08:00")
    assert after.units[0].last_confirmed_on == date(2026, 11, 22)
    assert after.units[0].evidence == "Gespräch"


def test_a_file_of_some_columns_changes_only_these() -> None:
    raw = b"hospital_id,unit,in_service\r\nH05,2,yes\r\n"
    (row,) = plan_of(raw, KNOWN).rows
    assert row.outcome == "changed"
    assert [(d.column, d.old, d.new) for d in row.differences] == [("in_service", "no", "yes")]
    (after,) = plan_of(raw, KNOWN).records
    assert after.units[0] == KNOWN["H05"].units[0] and after.name == KNOWN["H05"].name


@pytest.mark.parametrize(
    ("cells", "column", "says"),
    [
        ({"country": "India"}, "country", "two letters"),
        ({"sites": "breast lung"}, "sites", "retroperitoneum"),
        ({"technique": "x-ray"}, "technique", "kv_iort"),
        ({"last_confirmed_on": "11/02/2026"}, "last_confirmed_on", "2026-11-02"),
        ({"last_confirmed_on": "2026-12-24"}, "last_confirmed_on", "future"),
        ({"email": "nobody"}, "email", "e-mail address"),
        ({"time_zone": "Moon/Base"}, "time_zone", "Asia/Kolkata"),
        ({"in_service": "perhaps"}, "in_service", "yes or no"),
        ({"unit": "7"}, "unit", "1 to 1"),
        ({"closes": "07:00"}, "opens", "closes"),
        ({"fictitious": "no"}, "fictitious", "cannot change"),
        ({"email": "ipd@real-hospital.org"}, "fictitious", ".example"),
        ({"name": "bad\x07bell (fictitious)"}, "name", "no text"),
        ({"hospital_id": "Apollo"}, "hospital_id", "H12"),
    ],
)
def test_a_refused_row_says_its_line_and_what_to_do(
    cells: dict[str, str], column: str, says: str
) -> None:
    _, rows = shipped_rows()
    rows = [{**rows[0], **cells}]
    plan = plan_of(as_csv(rows).encode(), KNOWN)
    (row,) = plan.rows
    assert row.outcome == "refused" and row.line == 2
    assert any(text.startswith(column) and says in text for text in row.problems), row.problems
    assert not plan.can_apply


def test_lines_are_counted_as_a_person_sees_them_also_after_a_cell_of_many_lines() -> None:
    _, rows = shipped_rows()
    rows[0]["letter_form"] = "one\ntwo\nthree"
    rows[1]["country"] = "??"
    plan = plan_of(as_csv(rows[:2]).encode(), KNOWN)
    assert [row.line for row in plan.rows] == [2, 5]


def test_two_rows_of_a_hospital_must_agree_and_a_unit_stands_once() -> None:
    _, rows = shipped_rows()
    two = [dict(row) for row in rows if row["hospital_id"] == "H02"]
    two[1]["city"] = "Mysuru"
    plan = plan_of(as_csv(two).encode(), KNOWN)
    assert [row.outcome for row in plan.rows] == ["refused", "refused"]
    assert plan.rows[1].problems == (
        "city says something else than line 2: write the same in both",
    ) or list(plan.rows[1].problems) == [
        "city says something else than line 2: write the same in both"
    ]
    assert "line 3" in plan.rows[0].problems[0]
    same = [dict(row) for row in rows if row["hospital_id"] == "H02"]
    same[1]["unit"] = "1"
    assert any(
        "stands twice" in text
        for row in plan_of(as_csv(same).encode(), KNOWN).rows
        for text in row.problems
    )


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "hospital_id"),
        (b"name,city\r\na,b\r\n", "hospital_id"),
        (b"hospital_id,hopsital\r\nH01,b\r\n", "Unknown columns: hopsital"),
        (b"hospital_id,city,city\r\nH01,a,b\r\n", "stand twice"),
        (b'hospital_id,city\r\nH01,"open\r\n', "quotes"),
        (b"hospital_id,city\r\n", "no rows"),
        (b"PK\x03\x04\x00\x00\x08hospital_id", "CSV"),
    ],
)
def test_a_broken_file_is_refused_as_a_whole(raw: bytes, says: str) -> None:
    with pytest.raises(FileRefused, match=says):
        read_csv(raw)


def test_a_row_with_more_or_fewer_cells_is_refused() -> None:
    plan = plan_of(b"hospital_id,city\r\nH01,Pune,India\r\nH02\r\n", KNOWN)
    assert [row.outcome for row in plan.rows] == ["refused", "refused"]
    assert "more cells" in plan.rows[0].problems[0] and "fewer" in plan.rows[1].problems[0]


def test_every_column_is_documented() -> None:
    told = (PROJECT_ROOT / "docs" / "directory.md").read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in told for name in COLUMNS)


# In the database.


@pytest.fixture
def world(play: Play) -> World:
    with transaction(play.world.engine) as session:
        put_hospitals(session, SHIPPED)
    return play.world


@pytest.fixture
def play(engine: Any, settings: Any, clock: Any, storage: Any) -> Play:
    own = World(settings, engine=engine, clock=clock)
    own.bucket = storage
    return Play(own, clock)


def everything(world: World) -> bytes:
    with transaction(world.engine) as session:
        return export_directory(session)


def history(world: World) -> list[tuple[str, int | None, list[str]]]:
    with Session(world.engine) as session:
        rows = session.scalars(select(DirectoryChange).order_by(col(DirectoryChange.id)))
        return [(row.act, row.unit, row.fields) for row in rows]


def test_an_import_changes_adds_deletes_nobody_and_is_written_down(world: World) -> None:
    today = world.clock.now().date()
    _, rows = shipped_rows()
    pune = next(row for row in rows if row["hospital_id"] == "H01")
    new = {
        **pune,
        "hospital_id": "H44",
        "fictitious": "no",
        "name": "Real Hospital",
        "email": "ipd@real.org",
        "backup_email": "",
        "unit": "",
        "local_name": "",
    }
    pune |= {"city": "Nashik", "evidence": "call", "last_confirmed_on": today.isoformat()}
    raw = as_csv([pune, new]).encode()
    plan = preview(world, raw)
    assert plan.counts == {"added": 1, "changed": 1, "unchanged": 0, "refused": 0}
    assert everything(world) == write_csv(SHIPPED), "looking changes nothing"
    apply_import(world, plan.sha256, LEAD, plan.standing)
    assert world.storage.get(f"directory/{plan.sha256}") == raw
    with transaction(world.engine) as session:
        known = known_records(session)
        assert len(known) == len(SHIPPED) + 1
        assert known["H01"].city == "Nashik" and known["H44"].units[0].technique == "kv_iort"
        assert known["H01"].units[0].last_confirmed_on == today
        assert [known[r.hospital_id] for r in SHIPPED[1:]] == list(SHIPPED[1:])
        row = session.scalars(select(Hospital).where(col(Hospital.code) == "H44")).one()
        assert not row.fictitious and row.email == "ipd@real.org"
        entry = session.scalars(
            select(AuditEntry).where(col(AuditEntry.action) == "directory.imported")
        ).one()
        assert (entry.actor_ref, entry.object_ref) == ("U-lead", f"file:{plan.sha256}")
    assert history(world) == [
        ("changed", None, ["city"]),
        ("confirmed", 1, []),
        ("added", None, []),
        ("added", 1, []),
    ]
    again = preview(world, raw)
    assert again.counts["unchanged"] == 2 and not again.records


def test_one_refused_row_keeps_the_whole_file_out(world: World) -> None:
    before = everything(world)
    plan = preview(world, b"hospital_id,city\r\nH01,Nashik\r\nH02,\r\n")
    assert [row.outcome for row in plan.rows] == ["changed", "refused"]
    with pytest.raises(FileRefused, match="refused"):
        apply_import(world, plan.sha256, LEAD)
    assert everything(world) == before and history(world) == []


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(world: World) -> None:
    plan = preview(world, b"hospital_id,city\r\nH01,Nashik\r\n")
    other = preview(world, b"hospital_id,city\r\nH01,Mumbai\r\n")
    apply_import(world, other.sha256, LEAD, other.standing)
    with pytest.raises(FileRefused, match="somebody else"):
        apply_import(world, plan.sha256, LEAD, plan.standing)
    assert b"Mumbai" in everything(world) and b"Nashik" not in everything(world)


@pytest.mark.parametrize("role", ["clinician", "analyst", "administrator"])
def test_only_coordinator_and_lead_import(world: World, role: str) -> None:
    plan = preview(world, b"hospital_id,city\r\nH01,Nashik\r\n")
    with pytest.raises(ChangeRefused):
        apply_import(world, plan.sha256, Actor(role, "U-x"), plan.standing)
    assert b"Nashik" not in everything(world)


def test_further_departments_survive_an_export_and_an_import() -> None:
    first = SHIPPED[0]
    second = first.departments[0].model_copy(update={"name": "Second", "email": "b@x.example"})
    record = first.model_copy(update={"departments": (first.departments[0], second)})
    raw = write_csv([record]).replace(b"Pune", b"Nashik")
    (after,) = plan_of(raw, {"H01": record}).records
    assert after.city == "Nashik" and after.departments == record.departments


def test_a_stale_confirmation_may_stay_as_it_is() -> None:
    old = TODAY - timedelta(days=400)
    unit = SHIPPED[0].units[0].model_copy(update={"last_confirmed_on": old, "evidence": ""})
    record = SHIPPED[0].model_copy(update={"units": (unit,)})
    raw = write_csv([record]).replace(b"Pune", b"Nashik")
    assert plan_of(raw, {"H01": record}).can_apply
