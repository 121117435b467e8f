"""Letters to hospitals: what a first enquiry and later letters are told, without identity.

A hospital gets a de-identified summary: an age band, no name, no date of birth. Fields are facts;
what nobody reported is None or an empty list, which the template calls "not reported".
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Case, CaseEvent, FindingRecord, Hospital, Message, OutreachThread
from models.base import require_id
from models.case import SITES
from workflows.directory.store import record_of
from workflows.engine.lookup import patient_of
from workflows.engine.world import World
from workflows.screening.assessments import ACCEPTED, age_years, current_review

CURRENCY = "USD"
SEXES = ("female", "male", "other")
DIAGNOSIS_FIELDS = ("histology", "histologic_type", "grade", "size_mm", "er", "her2", "margin_mm")
STAGE_FIELDS = ("pt", "cn", "pn", "pm", "metastasis", "ct_stage")
"""Their values carry their own names: pT2, cN0, M0."""
PRIOR_FIELDS = ("prior_same_region", "neoadjuvant")


def _named(rows: Sequence[FindingRecord], names: Sequence[str]) -> list[FindingRecord]:
    """Return the findings with these names, in the order of the names."""
    return [row for name in names for row in rows if row.field.rsplit(".", 1)[-1] == name]


def _facts(rows: Sequence[FindingRecord], names: Sequence[str]) -> list[dict[str, Any]]:
    """Return findings as a letter is told them: a code, or numbers with their unit; each once."""
    facts: list[dict[str, Any]] = []
    for row in _named(rows, names):
        value, code, numbers = row.value, None, []
        if isinstance(value, dict):
            numbers = [{"limit": key, "number": _number(limit)} for key, limit in value.items()]
        elif isinstance(value, int | float) and not isinstance(value, bool):
            numbers = [{"limit": None, "number": _number(value)}]
        else:
            code = str(value).lower() if isinstance(value, bool) else str(value)
        finding = row.field.rsplit(".", 1)[-1]
        fact = {"finding": finding, "code": code, "numbers": numbers, "unit": row.unit}
        if fact not in facts:
            facts.append(fact)
    return facts


def _number(value: float) -> float:
    return int(value) if float(value).is_integer() else value


def age_band(years: float | None) -> str | None:
    """Return an age as a band of five years: 57.2 -> 55-59."""
    if years is None:
        return None
    start = int(years) // 5 * 5
    return f"{start}-{start + 4}"


def _technique(session: Session, case_id: int, hospital: Hospital) -> str | None:
    """Return the technique to ask for: what the clinician signed, if the hospital has it."""
    has = [unit["technique"] for unit in hospital.units if unit.get("in_service", True)]
    review = current_review(session, case_id)
    if review is not None and review.technique in has:
        return review.technique
    return has[0] if has else None


def _planned_day(world: World, case: Case) -> date | None:
    """Return the day of the operation when one was agreed that is not over; else nothing."""
    day_ = case.surgery_date
    return day_ if day_ is not None and day_ >= world.clock.now().date() else None


def _link_closed(session: Session, thread: OutreachThread) -> bool:
    """Return whether records had been opened to the hospital and were closed again."""
    revoked = select(col(CaseEvent.seq)).where(
        col(CaseEvent.case_id) == thread.case_id,
        col(CaseEvent.type) == "package.revoked",
        col(CaseEvent.payload)["thread_id"].as_integer() == thread.id,
    )
    return session.scalars(revoked.limit(1)).first() is not None


def enquiry_fields(
    session: Session, world: World, case: Case, hospital: Hospital, reply_by: date
) -> dict[str, Any]:
    """Return the fields of the first letter to a hospital: a summary without identity."""
    case_id = require_id(case.id)
    patient = patient_of(session, case_id)
    rows = list(
        session.scalars(
            select(FindingRecord)
            .where(col(FindingRecord.case_id) == case_id, col(FindingRecord.state).in_(ACCEPTED))
            .order_by(col(FindingRecord.id))
        )
    )
    settings = world.settings
    return {
        "case": case.ref,
        "department": record_of(hospital).departments[0].name,
        "coordinator": settings.contact_name,
        "phone": settings.contact_phone,
        "hours": settings.contact_hours,
        "link": None,
        "expiry": None,
        "site": case.site if case.site in SITES else None,
        "sex": patient.sex if patient.sex in SEXES else None,
        "age_band": age_band(age_years(patient, case, world.clock.now().date())),
        "country": case.residence_country or None,
        "reply_by": reply_by,
        "operation_date": _planned_day(world, case),
        "diagnosis": _facts(rows, DIAGNOSIS_FIELDS),
        "stage": list(dict.fromkeys(str(row.value) for row in _named(rows, STAGE_FIELDS))),
        "prior": _facts(rows, PRIOR_FIELDS),
        "technique": _technique(session, case_id, hospital),
        "currency": CURRENCY,
        "n": 0,
        "liaison_hint": None,
    }


def chase_fields(
    session: Session, world: World, case: Case, hospital: Hospital, thread: OutreachThread
) -> dict[str, Any]:
    """Return the fields of a later letter in the same thread."""
    first = session.scalars(
        select(Message).where(col(Message.thread_id) == thread.id, col(Message.template) == "M10")
    ).first()
    asked = first.sent_at if first and first.sent_at else thread.opened_at
    settings = world.settings
    return {
        "case": case.ref,
        "department": record_of(hospital).departments[0].name,
        "coordinator": settings.contact_name,
        "phone": settings.contact_phone,
        "hours": settings.contact_hours,
        "thread_subject": thread.subject,
        "expiry": None,
        "date": asked.date(),
        "month": _planned_day(world, case),
        "link_closed": _link_closed(session, thread),
    }
