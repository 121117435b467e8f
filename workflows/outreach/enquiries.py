"""Letters to hospitals: what a first enquiry and later letters are told, without identity.

A hospital gets a de-identified summary: an age band, no name, no date of birth. Values that nobody
reported are shown as "not reported", never as negative.
"""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Case, CaseEvent, FindingRecord, Hospital, Message, OutreachThread
from models.base import require_id
from workflows.directory.store import record_of
from workflows.engine.lookup import patient_of
from workflows.engine.words import in_words
from workflows.engine.world import World
from workflows.letters.fields import NOT_REPORTED, TECHNIQUE_WORDS, country_name, day
from workflows.screening.assessments import ACCEPTED, age_years

SITE_WORDS = {
    "breast": "breast",
    "pancreas": "pancreas",
    "rectum_primary": "rectum",
    "pelvic_recurrence": "pelvis",
    "gyn_recurrence": "pelvis",
    "stomach": "stomach",
    "retroperitoneum": "retroperitoneum",
}
LANGUAGE = "en"
"""Hospitals are written to in English."""
DIAGNOSIS_FIELDS = ("histology", "histologic_type", "grade", "size_mm", "er", "her2", "margin_mm")
STAGE_FIELDS = ("pt", "cn", "pn", "pm", "metastasis", "ct_stage")


def _words(rows: list[FindingRecord], names: tuple[str, ...]) -> str:
    """Return accepted findings in words, in the order of `names`."""
    parts = []
    for name in names:
        for row in rows:
            if row.field.rsplit(".", 1)[-1] == name:
                value = row.value
                if isinstance(value, dict):
                    value = " ".join(f"{key} {limit}" for key, limit in value.items())
                elif isinstance(value, float) and value.is_integer():
                    value = int(value)
                unit = f" {row.unit}" if row.unit else ""
                parts.append(f"{in_words(name.removesuffix('_mm'))} {in_words(str(value))}{unit}")
    return "; ".join(dict.fromkeys(parts)) or NOT_REPORTED


def age_band(years: float | None) -> str:
    """Return an age as a band of five years: 57.2 -> 55-59."""
    if years is None:
        return NOT_REPORTED
    start = int(years) // 5 * 5
    return f"{start}-{start + 4}"


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
    sex = {"female": "F", "male": "M"}.get(patient.sex or "", "sex not reported")
    techniques = [unit["technique"] for unit in hospital.units if unit.get("in_service", True)]
    settings = world.settings
    planned = _planned_day(world, case)
    return {
        "case": case.ref,
        "department": record_of(hospital).departments[0].name,
        "coordinator": settings.contact_name,
        "phone": settings.contact_phone,
        "hours": settings.contact_hours,
        "link": "",
        "expiry": "",
        "site": SITE_WORDS.get(case.site or "", "tumour"),
        "sex": sex,
        "sex_word": {"F": "woman", "M": "man"}.get(sex, "person"),
        "age_band": age_band(age_years(patient, case, world.clock.now().date())),
        "country": country_name(case.residence_country or NOT_REPORTED, LANGUAGE),
        "reply_by": f"{reply_by.day} {reply_by:%b %Y}",
        "diagnosis_line": _words(rows, DIAGNOSIS_FIELDS),
        "stage_line": _words(rows, STAGE_FIELDS),
        "operation_date": f"{planned.day} {planned:%b %Y}" if planned else None,
        "prior_line": _words(rows, ("prior_same_region", "neoadjuvant")),
        "technique": TECHNIQUE_WORDS.get(techniques[0], "IORT") if techniques else "IORT",
        "currency": "USD",
        "n": 0,
        "liaison_hint": "",
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
    planned = _planned_day(world, case)
    return {
        "case": case.ref,
        "department": record_of(hospital).departments[0].name,
        "coordinator": settings.contact_name,
        "phone": settings.contact_phone,
        "hours": settings.contact_hours,
        "thread_subject": thread.subject,
        "expiry": "",
        "date": day(asked),
        "month": f"{planned:%B %Y}" if planned else None,
        "link_closed": _link_closed(session, thread),
    }
