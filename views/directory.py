"""The hospital directory as people look at it, with answer times measured from the threads.

No personal data of patients: hospitals, units, counts, times, and the references of cases.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select, text
from sqlmodel import Session, col

from correspondence.directory import CONFIRM_EVERY_DAYS, HospitalRecord, Unit
from models import DirectoryChange, Hospital, User
from models.base import require_id
from models.database import snapshot, transaction
from views.limits import Load, hospital_loads
from views.parts import parts_now
from views.shown import ShownChange, shown
from workflows.directory.measured import THREADS, Answers, answer_times, window
from workflows.directory.store import record_of
from workflows.engine.limits import of_hospitals
from workflows.engine.lookup import RowNotFound
from workflows.engine.world import World

THREADS_SHOWN = 50
HISTORY_SHOWN = 100


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit; `stale` when nobody confirmed it within the time that the process asks for."""

    number: int
    unit: Unit
    stale: bool


@dataclass(frozen=True, slots=True)
class HospitalLine:
    """One hospital as the directory lists it."""

    record: HospitalRecord
    active: bool
    units: Sequence[UnitLine]
    answers: Answers
    load: Load
    """Letters that it had lately, and those that wait for its limit."""

    @property
    def stale(self) -> bool:
        """Whether any of its units waits for a confirmation."""
        return any(line.stale for line in self.units)


@dataclass(frozen=True, slots=True)
class DirectoryFilter:
    """What the list is narrowed to; empty leaves a part open."""

    technique: str = ""
    country: str = ""
    site: str = ""
    stale: bool = False


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """One case that the hospital was asked about."""

    case_ref: str
    state: str
    opened_at: datetime
    sent_at: datetime | None
    replied_at: datetime | None
    letters: int

    @property
    def hours(self) -> float | None:
        """Hours from the first letter to a person's first reply."""
        if self.sent_at is None or self.replied_at is None:
            return None
        return (self.replied_at - self.sent_at).total_seconds() / 3600


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One act of the directory's history; `by` is the account's name, or its pseudonym."""

    change: ShownChange
    by: str


@dataclass(frozen=True, slots=True)
class HospitalPage:
    """Everything the page of one hospital shows."""

    line: HospitalLine
    threads: Sequence[ThreadLine]
    history: Sequence[HistoryLine]


_LATEST = text(f"{THREADS} ORDER BY o.opened_at DESC, o.id DESC LIMIT :most")


def directory_list(world: World, wanted: DirectoryFilter) -> tuple[list[HospitalLine], list[str]]:
    """Return the hospitals that the filter leaves and all countries, of one moment."""
    with snapshot(world.engine) as session:
        return directory(session, world, wanted), countries(session)


def one_hospital(world: World, code: str) -> HospitalPage:
    """Return the page of the hospital `code`; raise `RowNotFound`."""
    with transaction(world.engine) as session:
        return hospital_page(session, code, world)


def directory(session: Session, world: World, wanted: DirectoryFilter) -> list[HospitalLine]:
    """Return the hospitals that the filter leaves, by code."""
    now = world.clock.now()
    answers = world.cache.get(
        parts_now(session, now).whole, ("answers", now.date()), lambda: answer_times(session, now)
    )
    rows = session.scalars(select(Hospital).order_by(col(Hospital.code))).all()
    told = _loads(session, world)
    lines = [
        _line(row, answers.get(require_id(row.id), Answers()), told(row), now.date())
        for row in rows
    ]
    return [line for line in (_narrowed(line, wanted) for line in lines) if line is not None]


def _loads(session: Session, world: World) -> Callable[[Hospital], Load]:
    """Return what says of a hospital how many letters it had lately."""
    loads = hospital_loads(session, world.settings, world.clock.now())
    none = Load(0, 0, 0, None, of_hospitals(world.settings))
    return lambda hospital: loads.get(require_id(hospital.id), none)


def hospital_page(session: Session, code: str, world: World) -> HospitalPage:
    """Return one hospital with its threads and its history; raise `RowNotFound`."""
    now = world.clock.now()
    hospital = session.scalars(select(Hospital).where(col(Hospital.code) == code)).first()
    if hospital is None:
        raise RowNotFound("no such hospital")
    hospital_id = require_id(hospital.id)
    answers = answer_times(session, now, hospital_id).get(hospital_id, Answers())
    values = {**window(now, hospital_id), "most": THREADS_SHOWN}
    threads = [
        ThreadLine(row.ref, row.state, row.opened_at, row.sent_at, row.replied_at, row.attempts)
        for row in session.execute(_LATEST, values)
    ]
    changes = session.execute(
        select(DirectoryChange, col(User.user_name))
        .join(User, col(User.ref) == col(DirectoryChange.actor_ref), isouter=True)
        .where(col(DirectoryChange.hospital_id) == hospital_id)
        .order_by(col(DirectoryChange.id).desc())
        .limit(HISTORY_SHOWN)
    ).all()
    history = [
        HistoryLine(shown(ShownChange, change), name or change.actor_ref)
        for change, name in changes
    ]
    load = _loads(session, world)(hospital)
    return HospitalPage(_line(hospital, answers, load, now.date()), threads, history)


def countries(session: Session) -> list[str]:
    """Return the countries of the directory."""
    return list(session.scalars(select(col(Hospital.country)).distinct().order_by("country")))


def is_stale(unit: Unit, today: date) -> bool:
    """Return whether a unit waits for a confirmation: never had one, or too long ago."""
    confirmed = unit.last_confirmed_on
    return confirmed is None or (today - confirmed).days > CONFIRM_EVERY_DAYS


def _line(hospital: Hospital, answers: Answers, load: Load, today: date) -> HospitalLine:
    record = record_of(hospital)
    units = [UnitLine(n, unit, is_stale(unit, today)) for n, unit in enumerate(record.units, 1)]
    return HospitalLine(record, hospital.active, units, answers, load)


def _narrowed(line: HospitalLine, wanted: DirectoryFilter) -> HospitalLine | None:
    """Return the hospital with the units that fit, or None when it does not fit."""
    if wanted.country and line.record.country != wanted.country:
        return None
    units = [
        each
        for each in line.units
        if (not wanted.technique or each.unit.technique == wanted.technique)
        and (not wanted.site or wanted.site in each.unit.sites)
        and (not wanted.stale or each.stale)
    ]
    if not units and (wanted.technique or wanted.site or wanted.stale):
        return None
    return replace(line, units=units)
