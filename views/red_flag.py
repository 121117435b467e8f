"""A red flag as whoever calls needs it: whom, in which language, where they are, what they wrote.

Holds personal data: the page of the question is written down as looked at.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from models import (
    Case,
    CaseEvent,
    FollowUpEntry,
    Hospital,
    HumanTask,
    Message,
    Patient,
    RedFlagCall,
)
from models.base import require_id
from models.findable import address_is, of_sender
from models.human_task import ALARMS
from workflows.cases.assignments import staff_names
from workflows.cases.chosen_hospital import chosen_hospital
from workflows.cases.red_flags import RED_FLAG, danger_in
from workflows.cases.time_zones import NOT_STATED
from workflows.directory.store import record_of
from workflows.engine.away import is_away
from workflows.engine.lookup import patient_of
from workflows.engine.world import World

WHERE = {
    "IN_TRANSIT": "on the way to the hospital",
    "LOCAL_PREOP": "abroad, where the hospital is; not admitted yet",
    "ADMITTED": "in the hospital",
    "POST_OP": "in the hospital",
    "FLY_HOME_CLEARANCE": "abroad, being discharged or discharged",
    "RETURNING": "on the way home",
    "FOLLOW_UP": "at home again",
}
AT_HOME = "at home, before the journey"
ABROAD = ("LOCAL_PREOP", "ADMITTED", "POST_OP", "FLY_HOME_CLEARANCE")
_REF = re.compile(r"CFX-\d\d-\d{5}")


@dataclass(frozen=True, slots=True)
class Report:
    """One time that danger was reported: signs as codes, by whom, and the words if there are any.

    `question` is what was asked, where the words are an answer to it.
    """

    at: datetime
    source: str
    channel: str | None
    by: str | None
    signs: Sequence[str]
    words: str | None
    question: str | None


@dataclass(frozen=True, slots=True)
class Call:
    """One attempt to help, as it was written down."""

    at: datetime
    by: str
    reached: str
    said: str
    next_try_at: datetime | None


@dataclass(frozen=True, slots=True)
class Way:
    """Another way than the patient's telephone: whose it is, and the number or address."""

    whose: str
    at: str


@dataclass(frozen=True, slots=True)
class Person:
    """Whom to call. Times are local ones; `zone_known` is False where no time zone was stated."""

    name: str | None
    phone: str | None
    asks_for: str | None
    best_time: str | None
    language: str
    zone: str
    zone_known: bool
    local_time: datetime
    abroad_zone: str | None
    abroad_time: datetime | None
    residence: str | None
    where: str
    responsible: str | None
    deceased_at: datetime | None


@dataclass(frozen=True, slots=True)
class RedFlag:
    """The whole of it. `person` is None of a letter of nobody known; `maybe` are its cases."""

    person: Person | None
    ways: Sequence[Way]
    reports: Sequence[Report]
    calls: Sequence[Call]
    since: datetime
    level: int
    taken_by: str | None
    taken_at: datetime | None
    maybe: Sequence[str]


def red_flag(
    session: Session, world: World, task: HumanTask, case: Case | None, now: datetime
) -> RedFlag | None:
    """Return what is known of an alarm; None for any other question."""
    if task.kind not in ALARMS:
        return None
    names = staff_names(session)
    letter = session.get(Message, task.objects.get("message_id", 0)) if case is None else None
    patient = patient_of(session, require_id(case.id)) if case else None
    hospital = chosen_hospital(session, require_id(case.id)) if case else None
    away = case is not None and is_away(session, require_id(case.id))
    person = _person(case, patient, hospital, names, now, away=away) if case and patient else None
    return RedFlag(
        person=person,
        ways=_ways(patient, hospital, letter),
        reports=_of_letters(session, world, letter) if letter else _reports(session, task),
        calls=_calls(session, task, names),
        since=task.opened_at,
        level=task.level,
        taken_by=names.get(task.taken_by, task.taken_by) if task.taken_by else None,
        taken_at=task.taken_at,
        maybe=_cases_of(session, letter) if letter else (),
    )


def _where(case: Case, state: str, *, away: bool) -> str:
    """Return where the patient is; who looks for another hospital while there is not at home."""
    if state in WHERE:
        return WHERE[state]
    if case.closed_at is not None:
        return "not known: the case is closed"
    return "away from home: their hospital has withdrawn" if away else AT_HOME


def _person(
    case: Case,
    patient: Patient,
    hospital: Hospital | None,
    names: dict[str, str],
    now: datetime,
    *,
    away: bool,
) -> Person:
    state = case.history_state if case.state == "ON_HOLD" and case.history_state else case.state
    hours = record_of(hospital).hours if hospital else None
    abroad = hours.zone if hours and state in ABROAD else None
    who = case.coordinator_ref
    return Person(
        name=patient.name,
        phone=patient.phone,
        asks_for=patient.intake.get("asker_name"),
        best_time=patient.intake.get("best_time"),
        language=case.language,
        zone=patient.time_zone,
        zone_known=patient.time_zone != NOT_STATED,
        local_time=now.astimezone(ZoneInfo(patient.time_zone)),
        abroad_zone=abroad,
        abroad_time=now.astimezone(ZoneInfo(abroad)) if abroad else None,
        residence=case.residence_country,
        where=_where(case, state, away=away),
        responsible=names.get(who, who) if who else None,
        deceased_at=patient.deceased_at,
    )


def _ways(patient: Patient | None, hospital: Hospital | None, letter: Message | None) -> list[Way]:
    """Return the other ways to reach somebody, in the order in which they are tried."""
    ways = []
    if hospital is not None:
        record = record_of(hospital)
        for department in record.departments:
            whose = f"{record.name}, {record.city}: {department.name}"
            ways += [Way(whose, department.phone)] if department.phone else []
            ways.append(Way(whose, department.email))
    if patient is not None and patient.email:
        ways.append(Way("the patient, by e-mail", patient.email))
    if letter is not None:
        ways.append(Way("whoever wrote, by e-mail", letter.address))
    return ways


def _reports(session: Session, task: HumanTask) -> list[Report]:
    """Return every report since the first that opened the question, the newest last."""
    first = select(col(CaseEvent.seq)).where(col(CaseEvent.event_id) == task.cause_event_id)
    query = select(CaseEvent).where(
        col(CaseEvent.case_id) == task.case_id,
        col(CaseEvent.type) == RED_FLAG,
        col(CaseEvent.seq) >= func.coalesce(first.scalar_subquery(), 0),
    )
    if task.done_at is not None:
        query = query.where(col(CaseEvent.occurred_at) <= task.done_at)
    return [
        _report(session, event) for event in session.scalars(query.order_by(col(CaseEvent.seq)))
    ]


def _report(session: Session, event: CaseEvent) -> Report:
    message = session.get(Message, event.objects.get("message_id", 0))
    asked = session.get(FollowUpEntry, event.objects.get("reminder_id", 0))
    said = event.payload
    return Report(
        at=event.occurred_at,
        source=said.get("source") or "report",
        channel=said.get("channel"),
        by=said.get("reported_by"),
        signs=said.get("symptom_codes") or (),
        words=_words(message) if message else None,
        question=asked.ask if asked else None,
    )


def _of_letters(session: Session, world: World, letter: Message) -> list[Report]:
    """Return a stranger's letter, and what came from the same address since."""
    found = session.scalars(
        select(Message)
        .where(
            col(Message.id) >= letter.id,
            col(Message.direction) == "in",
            or_(
                col(Message.id) == letter.id,
                of_sender(col(Message.address_mark), letter.address_mark),
            ),
        )
        .order_by(col(Message.id))
        .limit(20)
    )
    return [
        Report(
            at=one.sent_at or one.created_at,
            source="letter",
            channel="email",
            by=None,
            signs=danger_in(world, _words(one)).signs,
            words=_words(one),
            question=None,
        )
        for one in found
    ]


def _words(message: Message) -> str:
    return f"{message.subject}\n\n{message.body}".strip()


def _calls(session: Session, task: HumanTask, names: dict[str, str]) -> list[Call]:
    rows = session.scalars(
        select(RedFlagCall).where(col(RedFlagCall.task_id) == task.id).order_by(col(RedFlagCall.id))
    )
    return [
        Call(
            row.called_at, names.get(row.by_ref, row.by_ref), row.reached, row.said, row.next_try_at
        )
        for row in rows
    ]


def _cases_of(session: Session, letter: Message) -> list[str]:
    """Return the cases that the subject names or whose patient has this address, closed too."""
    query = (
        select(col(Case.ref))
        .join(Patient, col(Patient.case_id) == col(Case.id))
        .where(
            or_(
                address_is(session, col(Patient.email_mark), letter.address),
                col(Case.ref).in_(_REF.findall(letter.subject.upper())),
            )
        )
        .order_by(col(Case.id).desc())
        .limit(10)
    )
    return list(session.scalars(query))
