"""Changing one hospital of the directory: confirmed, edited, and written down who did it."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlmodel import Session, col

from accounts import audit
from correspondence.directory import HospitalRecord, Unit
from models import DirectoryChange, Hospital
from models.base import require_id
from models.database import transaction
from workflows.directory.rows import Problem, build, hospital_cells, unit_cells
from workflows.directory.store import put_hospitals, record_of
from workflows.engine.lookup import RowNotFound
from workflows.engine.world import World
from workflows.events import Actor

EDITORS = frozenset({"coordinator", "lead"})


class ChangeRefused(ValueError):
    """The change cannot be made; the message says why and what to do."""

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = problems


def confirm_units_today(
    world: World, code: str, units: Sequence[int], evidence: str, actor: Actor
) -> int:
    """Write down that these units (numbers from 1) are still as listed; return how many.

    Raises `ChangeRefused`, `RowNotFound`.
    """
    with transaction(world.engine) as session:
        return confirm_units_in(session, code, units, evidence, actor, world.clock.now())


def confirm_units_in(
    session: Session, code: str, units: Sequence[int], evidence: str, actor: Actor, now: datetime
) -> int:
    """Do so in the caller's transaction, with its history; see `confirm_units_today`."""
    check_editor(actor)
    evidence = evidence.strip()
    if not evidence:
        raise ChangeRefused("Say what the confirmation rests on: a call, a signed form, a letter.")
    if len(evidence) > 500:
        raise ChangeRefused("Say it in 500 characters or fewer.")
    hospital = _locked(session, code)
    before = record_of(hospital)
    numbers = sorted(set(units))
    if not numbers or not set(numbers) <= set(range(1, len(before.units) + 1)):
        raise ChangeRefused("Tick at least one unit of this hospital.")
    after = _with_units(before, numbers, now.date(), evidence)
    put_hospitals(session, [after])
    session.flush()
    write_history(session, before, after, actor=actor, at=now, confirmed=numbers)
    _note(session, "directory.confirmed", code, actor, now)
    return len(numbers)


def save_hospital(
    world: World, code: str, rows: Sequence[Mapping[str, str]], version: str, actor: Actor
) -> list[str]:
    """Write an edited hospital; return the names of the fields that changed.

    `rows` are cells as `directory_rows` names them, one row per unit; `version` is what
    `version_of` said when the form was drawn. Raises `ChangeRefused` with the problems by row
    (1-based), `RowNotFound`.
    """
    check_editor(actor)
    now = world.clock.now()
    with transaction(world.engine) as session:
        hospital = _locked(session, code)
        before = record_of(hospital)
        if version != version_of(before):
            raise ChangeRefused("Somebody else changed this hospital meanwhile. Look at it again.")
        built = build(code, list(enumerate(rows, 1)), before, now.date())
        if built.record is None:
            raise ChangeRefused("Not saved: mend what is marked.", built.problems)
        if built.record == before:
            return []
        put_hospitals(session, [built.record])
        session.flush()
        changed = write_history(session, before, built.record, actor=actor, at=now)
        _note(session, "directory.edited", code, actor, now)
    return changed


def version_of(record: HospitalRecord) -> str:
    """Return a mark of the record's content: a form made of another content is not taken."""
    return hashlib.sha256(record.model_dump_json().encode()).hexdigest()[:16]


def write_history(
    session: Session,
    before: HospitalRecord | None,
    after: HospitalRecord,
    *,
    actor: Actor,
    at: datetime,
    confirmed: Sequence[int] = (),
    file_sha256: str | None = None,
) -> list[str]:
    """Add what changed to the history in the caller's transaction; return the changed fields.

    A unit whose date of confirmation moved, or that `confirmed` names, has been confirmed.
    """
    hospital_id = require_id(_locked(session, after.hospital_id).id)

    def add(act: str, unit: int | None, fields: Sequence[str], what: Unit | None = None) -> None:
        day = what.last_confirmed_on if what and act != "changed" else None
        session.add(
            DirectoryChange(
                hospital_id=hospital_id,
                act=act,
                unit=unit,
                fields=list(fields),
                technique=what.technique if what else None,
                confirmed_on=day,
                evidence=what.evidence if what and day else "",
                file_sha256=file_sha256,
                actor_ref=actor.ref[:40],
                at=at,
            )
        )

    if before is None:
        add("added", None, ())
    changed = _different(hospital_cells(before), hospital_cells(after)) if before else []
    if changed:
        add("changed", None, changed)
    for number, unit in enumerate(after.units, 1):
        if before is None or number > len(before.units):
            add("added", number, (), unit)
            continue
        fields = _different(unit_cells(before, number), unit_cells(after, number))
        was = before.units[number - 1]
        if number in confirmed or (
            unit.last_confirmed_on is not None and unit.last_confirmed_on != was.last_confirmed_on
        ):
            add("confirmed", number, (), unit)
            fields = [name for name in fields if name not in ("last_confirmed_on", "evidence")]
        if fields:
            add("changed", number, fields, unit)
            changed += fields
    return changed


def _different(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    return [name for name in after if before[name] != after[name]]


def _with_units(
    record: HospitalRecord, numbers: Sequence[int], on: date, evidence: str
) -> HospitalRecord:
    units = tuple(
        unit.model_copy(update={"last_confirmed_on": on, "evidence": evidence})
        if number in numbers
        else unit
        for number, unit in enumerate(record.units, 1)
    )
    return record.model_copy(update={"units": units})


def _locked(session: Session, code: str) -> Hospital:
    hospital = session.scalars(
        select(Hospital).where(col(Hospital.code) == code).with_for_update()
    ).first()
    if hospital is None:
        raise RowNotFound("no such hospital")
    return hospital


def check_editor(actor: Actor) -> None:
    """Raise `ChangeRefused` unless this role may change the directory."""
    if actor.type not in EDITORS:
        raise ChangeRefused("Only a coordinator or lead changes the directory.")


def _note(session: Session, action: str, code: str, actor: Actor, at: datetime) -> None:
    audit.note(session, actor_ref=actor.ref, action=action, at=at, object_ref=f"hospital:{code}")
