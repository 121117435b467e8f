"""Importing a directory file: seen first, applied as a whole, never deleting a hospital.

The original bytes are stored under `directory/<sha256>` before anything reads them.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select, text
from sqlmodel import Session, col

from accounts import audit
from correspondence.directory import HospitalRecord
from models import Hospital
from models.database import transaction
from workflows.directory.cells import COLUMNS, UNIT_COLUMNS, BadCell
from workflows.directory.changes import check_editor, write_history
from workflows.directory.csv_file import FileRefused, Line, read_csv, write_csv
from workflows.directory.rows import Problem, build, code_of, normal, rows_of
from workflows.directory.store import put_hospitals, record_of
from workflows.engine.file_store import store_told
from workflows.engine.world import World
from workflows.events import Actor

_KEYS = ("hospital_id", "unit")
_UNIT_NAMES = frozenset(column.name for column in UNIT_COLUMNS)

ADDED, CHANGED, UNCHANGED, REFUSED = "added", "changed", "unchanged", "refused"


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell as it is and as it would be."""

    column: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """What a row of the file would do; `problems` say what to mend in a refused one."""

    line: int
    hospital: str
    unit: int | None
    outcome: str
    differences: Sequence[Difference] = ()
    problems: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file would do. `standing` names the directory it was compared with."""

    sha256: str
    standing: str
    encoding: str
    rows: Sequence[PlannedRow]
    records: Sequence[HospitalRecord] = field(repr=False)
    """The hospitals to write: added and changed ones."""
    before: Mapping[str, HospitalRecord] = field(repr=False)

    @property
    def counts(self) -> dict[str, int]:
        """Return how many rows are added, changed, unchanged and refused."""
        found = [row.outcome for row in self.rows]
        return {name: found.count(name) for name in (ADDED, CHANGED, UNCHANGED, REFUSED)}

    @property
    def can_apply(self) -> bool:
        """Whether there is something to do and no row is refused."""
        return bool(self.records) and not self.counts[REFUSED]


def export_directory(session: Session) -> bytes:
    """Return the whole directory as CSV, by hospital code."""
    return write_csv(known_records(session).values())


def taken_directory(world: World, actor_ref: str) -> bytes:
    """Return the directory as CSV, and write down who takes it."""
    with transaction(world.engine) as session:
        content = export_directory(session)
        audit.note(session, actor_ref=actor_ref, action="directory.exported", at=world.clock.now())
    return content


def known_records(session: Session) -> dict[str, HospitalRecord]:
    """Return every hospital's record by its code."""
    rows = session.scalars(select(Hospital).order_by(col(Hospital.code)))
    return {row.code: record_of(row) for row in rows}


@store_told()
def preview(world: World, raw: bytes) -> Plan:
    """Keep the file and return what it would do; nothing is changed.

    Raises `FileRefused`, `StoreFailed`.
    """
    sha256 = hashlib.sha256(raw).hexdigest()
    sheet = read_csv(raw)
    world.storage.put(_key(sha256), raw, "text/csv")
    with transaction(world.engine) as session:
        known = known_records(session)
    return make_plan(sheet.lines, known, world.clock.now().date(), sha256, sheet.encoding)


@store_told()
def apply_import(world: World, sha256: str, actor: Actor, standing: str | None = None) -> Plan:
    """Apply a kept file in one transaction and return what it did.

    `standing` is that of the preview the person saw: when the directory has changed since, or a
    row is refused, `FileRefused` is raised and nothing is changed. Raises `ChangeRefused` for a
    role that may not, `StoreFailed`.
    """
    check_editor(actor)
    raw = world.storage.get(_key(sha256))
    sheet = read_csv(raw)
    now = world.clock.now()
    with transaction(world.engine) as session:
        session.execute(text("LOCK TABLE hospital IN SHARE ROW EXCLUSIVE MODE"))
        known = known_records(session)
        plan = make_plan(sheet.lines, known, now.date(), sha256, sheet.encoding)
        if standing is not None and standing != plan.standing:
            raise FileRefused(
                "The directory was changed by somebody else since you looked. Choose the file "
                "again and look at what it would do now. Nothing was changed."
            )
        if plan.counts[REFUSED]:
            raise FileRefused("Rows of the file are refused; nothing was changed.")
        put_hospitals(session, plan.records)
        session.flush()
        for record in plan.records:
            write_history(
                session,
                plan.before.get(record.hospital_id),
                record,
                actor=actor,
                at=now,
                file_sha256=sha256,
            )
        audit.note(
            session,
            actor_ref=actor.ref,
            action="directory.imported",
            at=now,
            object_ref=f"file:{sha256}",
        )
    return plan


def make_plan(
    lines: Sequence[Line],
    known: Mapping[str, HospitalRecord],
    today: date,
    sha256: str = "",
    encoding: str = "UTF-8",
) -> Plan:
    """Compare a file's lines with the directory. Pure: reads and writes nothing."""
    rows: list[PlannedRow] = []
    groups: dict[str, list[tuple[int, Mapping[str, str]]]] = {}
    for line in lines:
        given = line.cells.get("hospital_id", "")
        try:
            if line.fault:
                raise BadCell(line.fault)
            groups.setdefault(code_of(given), []).append((line.number, line.cells))
        except BadCell as bad:
            told = str(bad) if line.fault else f"hospital_id {bad}"
            rows.append(PlannedRow(line.number, given[:12], None, REFUSED, problems=(told,)))
    records: list[HospitalRecord] = []
    for code, group in groups.items():
        before = known.get(code)
        built = build(code, group, before, today)
        if built.record is None:
            rows += _refused(code, group, built.problems, built.unit_of)
            continue
        rows += _compared(code, group, before, built.record, built.unit_of)
        if built.record != before:
            records.append(built.record)
    rows.sort(key=lambda row: row.line)
    return Plan(sha256, _standing(known), encoding, rows, records, dict(known))


def _refused(
    code: str,
    group: Sequence[tuple[int, Mapping[str, str]]],
    problems: Sequence[Problem],
    unit_of: Mapping[int, int],
) -> list[PlannedRow]:
    told: dict[int, list[str]] = {}
    for problem in problems:
        words = f"{problem.column or 'this row'} {problem.text}"
        told.setdefault(problem.line, []).append(words)
    elsewhere = ", ".join(str(line) for line in sorted(told))
    return [
        PlannedRow(
            line,
            code,
            unit_of.get(line),
            REFUSED,
            problems=told.get(line) or (f"waits for line {elsewhere} of the same hospital",),
        )
        for line, _ in group
    ]


def _compared(
    code: str,
    group: Sequence[tuple[int, Mapping[str, str]]],
    before: HospitalRecord | None,
    after: HospitalRecord,
    unit_of: Mapping[int, int],
) -> list[PlannedRow]:
    """Return what each row changes; what the hospital itself changes stands on its first row."""
    old, new = (rows_of(before) if before else []), rows_of(after)
    planned = []
    for place, (line, _) in enumerate(group):
        unit = unit_of.get(line)
        at = (unit or 1) - 1
        is_new = before is None or (unit is not None and unit > len(before.units))
        was = old[at] if at < len(old) else {}
        shown = [
            Difference(name, was.get(name, ""), new[at][name])
            for name in COLUMNS
            if name not in _KEYS and (unit is not None if name in _UNIT_NAMES else place == 0)
        ]
        different = [each for each in shown if normal(each.old) != normal(each.new)]
        outcome = ADDED if is_new else CHANGED if different else UNCHANGED
        planned.append(PlannedRow(line, code, unit, outcome, different))
    return planned


def _standing(known: Mapping[str, HospitalRecord]) -> str:
    digest = hashlib.sha256()
    for code in sorted(known):
        digest.update(known[code].model_dump_json().encode())
    return digest.hexdigest()[:32]


def _key(sha256: str) -> str:
    return f"directory/{sha256}"
