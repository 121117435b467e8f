"""The hospital directory as people look at it, with answer times measured from the threads.

No personal data of patients: hospitals, units, counts, times, and the references of cases.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select, text
from sqlmodel import Session, col

from correspondence.directory import CONFIRM_EVERY_DAYS, HospitalRecord, Unit
from models import DirectoryChange, Hospital, User
from models.base import require_id
from models.database import snapshot, transaction
from views.limits import Load, hospital_loads
from views.parts import parts_now
from views.shown import ShownChange, shown
from workflows.directory.store import record_of
from workflows.engine.limits import of_hospitals
from workflows.engine.lookup import RowNotFound
from workflows.engine.world import World

FEWEST = 3
"""Answers below which no time is told: it would be chance."""
MEASURED_DAYS = 365
NEWEST = 500
"""Threads of a hospital that are measured: the newest ones, so that the list stays fast."""
THREADS_SHOWN = 50
HISTORY_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Answers:
    """What came of asking a hospital within the last year. Hours from sent to a person's reply."""

    asked: int = 0
    answered: int = 0
    offered: int = 0
    declined: int = 0
    median_hours: float | None = None
    p90_hours: float | None = None
    last: datetime | None = None
    """When it answered last."""

    @property
    def measured(self) -> bool:
        """Whether there are enough answers to tell a time."""
        return self.answered >= FEWEST


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


# A rehearsal says nothing of a real hospital; of an invented one there is nothing else.
_THREADS = """
    SELECT o.id, o.hospital_id, o.state, o.opened_at, o.attempts, c.ref,
           (SELECT min(m.sent_at) FROM message m WHERE m.thread_id = o.id AND m.direction = 'out'
               AND m.state = 'sent') AS sent_at,
           (SELECT min(m.sent_at) FROM message m WHERE m.thread_id = o.id AND m.direction = 'in'
               AND NOT m.automated AND coalesce(m.reply_class, '') <> 'out_of_office')
             AS replied_at,
           (SELECT max(m.sent_at) FROM message m WHERE m.thread_id = o.id AND m.direction = 'in'
               AND NOT m.automated AND coalesce(m.reply_class, '') <> 'out_of_office')
             AS last_at,
           EXISTS (SELECT 1 FROM offer f WHERE f.thread_id = o.id) AS offered,
           o.state = 'declined' OR (o.state = 'closed' AND EXISTS (
               SELECT 1 FROM message m WHERE m.thread_id = o.id AND m.reply_class = 'decline'))
             AS declined
      FROM hospital h
      CROSS JOIN LATERAL (
          SELECT t.id, t.hospital_id, t.case_id, t.state, t.opened_at, t.attempts
            FROM outreach_thread t WHERE t.hospital_id = h.id AND t.opened_at >= :since
           ORDER BY t.id DESC LIMIT :newest) o
      JOIN "case" c ON c.id = o.case_id
     WHERE (h.fictitious OR NOT c.rehearsal)
       AND (CAST(:hospital AS bigint) IS NULL OR h.id = CAST(:hospital AS bigint))
"""
_ANSWERS = text(
    "SELECT hospital_id, count(*) AS asked, count(replied_at) AS answered,"  # noqa: S608
    " max(last_at) AS last,"
    " count(*) FILTER (WHERE offered) AS offered, count(*) FILTER (WHERE declined) AS declined,"
    " percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM replied_at - sent_at) / 3600)"
    "   FILTER (WHERE replied_at >= sent_at) AS median,"
    " percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM replied_at - sent_at) / 3600)"
    "   FILTER (WHERE replied_at >= sent_at) AS p90"
    f" FROM ({_THREADS}) AS thread WHERE sent_at IS NOT NULL GROUP BY hospital_id"
)
_LATEST = text(f"{_THREADS} ORDER BY o.opened_at DESC, o.id DESC LIMIT :most")


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


def answer_times(
    session: Session, now: datetime, hospital_id: int | None = None
) -> dict[int, Answers]:
    """Return what came of asking in the last `MEASURED_DAYS`, by hospital id."""
    values = _window(now, hospital_id)
    return {
        row.hospital_id: Answers(
            row.asked,
            row.answered,
            row.offered,
            row.declined,
            float(row.median) if row.median is not None else None,
            float(row.p90) if row.p90 is not None else None,
            row.last,
        )
        for row in session.execute(_ANSWERS, values)
    }


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
    values = {**_window(now, hospital_id), "most": THREADS_SHOWN}
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


def _window(now: datetime, hospital_id: int | None) -> dict[str, object]:
    since = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=MEASURED_DAYS)
    return {"since": since, "hospital": hospital_id, "newest": NEWEST}


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
