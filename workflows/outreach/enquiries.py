"""Letters to hospitals: what a first enquiry and later letters are told, without identity.

A hospital gets a de-identified summary: an age band, no name, no date of birth. Fields are facts;
what nobody reported is None or an empty list, which the template calls "not reported".
"""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from models import Case, FindingRecord, Hospital, Message, Offer, OutreachThread
from models.base import require_id
from models.case import SITES
from models.finding import ACCEPTED
from models.outreach import ENDED
from workflows.directory.store import record_of
from workflows.engine.lookup import patient_of
from workflows.engine.world import World
from workflows.letters.days import day_in, zone_of
from workflows.letters.leaving import allows, may_be_shared
from workflows.outreach.desk_links import links_of, why_shut
from workflows.screening.assessments import age_years, current_review

CURRENCY = "USD"
REPLY_WITHIN = timedelta(days=7)
SEXES = ("female", "male", "other")
DIAGNOSIS_FIELDS = ("histology", "histologic_type", "grade", "size_mm", "er", "her2", "margin_mm")
STAGE_FIELDS = ("pt", "cn", "pn", "pm", "metastasis", "ct_stage")
"""Their values carry their own names: pT2, cN0, M0."""
PRIOR_FIELDS = ("prior_same_region", "neoadjuvant", "systemic_given", "preop_crt", "ebrt_component")
NOT_GIVEN = frozenset({"planned_preop", "planned_postop", "not_possible", "planned", "not_planned"})
"""Values of earlier treatment that say what is to come: they are told as no earlier treatment."""


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


def chosen_technique(session: Session, case_id: int, hospital: Hospital) -> str | None:
    """Return the technique that a clinician signed, if the hospital has it; None: nobody chose."""
    review = current_review(session, case_id)
    return review.technique if review and review.technique in _has(hospital) else None


def _technique(session: Session, case_id: int, hospital: Hospital) -> str | None:
    """Return the technique to ask for: what was signed, or the only one that the hospital has."""
    has = _has(hospital)
    only = next(iter(has)) if len(has) == 1 else None
    return chosen_technique(session, case_id, hospital) or only


def _has(hospital: Hospital) -> set[str]:
    return {unit["technique"] for unit in hospital.units if unit.get("in_service", True)}


def _planned_day(world: World, case: Case) -> date | None:
    """Return the day of the operation when one was agreed that is not over; else nothing."""
    day_ = case.surgery_date
    return day_ if day_ is not None and day_ >= world.clock.now().date() else None


def _link_closed(session: Session, world: World, thread: OutreachThread) -> bool:
    """Return whether the hospital had a link to its desk, and it opens nothing now."""
    links = links_of(session, require_id(thread.id))
    return bool(links) and all(why_shut(session, world, one) is not None for one in links)


def summary_fields(session: Session, case: Case) -> dict[str, Any]:
    """Return the confirmed findings that letters to hospitals state, as JSON can keep them."""
    case_id = require_id(case.id)
    patient = patient_of(session, case_id)
    rows = list(
        session.scalars(
            select(FindingRecord)
            .where(col(FindingRecord.case_id) == case_id, col(FindingRecord.state).in_(ACCEPTED))
            .order_by(col(FindingRecord.id))
        )
    )
    return {
        "sex": patient.sex if patient.sex in SEXES else None,
        "diagnosis": _facts(rows, DIAGNOSIS_FIELDS),
        "stage": list(dict.fromkeys(str(row.value) for row in _named(rows, STAGE_FIELDS))),
        "prior": _facts([row for row in rows if str(row.value) not in NOT_GIVEN], PRIOR_FIELDS),
    }


def enquiry_fields(
    session: Session, world: World, case: Case, hospital: Hospital, reply_by: date
) -> dict[str, Any]:
    """Return the fields of the first letter to a hospital: a summary without identity."""
    case_id = require_id(case.id)
    patient = patient_of(session, case_id)
    settings = world.settings
    return {
        **summary_fields(session, case),
        "case": case.ref,
        "department": record_of(hospital).departments[0].name,
        "coordinator": settings.contact_name,
        "phone": settings.contact_phone,
        "hours": settings.contact_hours,
        "link": None,
        "expiry": None,
        "site": case.site if case.site in SITES else None,
        "age_band": age_band(age_years(patient, case, world.clock.now().date())),
        "country": case.residence_country or None,
        "reply_by": reply_by,
        "operation_date": _planned_day(world, case),
        "technique": _technique(session, case_id, hospital),
        "permitted": allows(session, case_id, require_id(hospital.id)),
        "currency": CURRENCY,
    }


def chase_fields(
    session: Session, world: World, case: Case, hospital: Hospital, thread: OutreachThread
) -> dict[str, Any]:
    """Return the fields of a later letter in the same thread."""
    last = last_sent(session, thread, ABOUT)
    written = last_answer(session, thread)
    deletion = last_sent(session, thread, ("M17",))
    settings, zone = world.settings, zone_of(hospital)
    return {
        "case": case.ref,
        "department": record_of(hospital).departments[0].name,
        "coordinator": settings.contact_name,
        "phone": settings.contact_phone,
        "hours": settings.contact_hours,
        "thread_subject": thread.subject,
        "link": None,
        "expiry": None,
        "date": _day_of(last, zone) or day_in(zone, thread.opened_at),
        "about": ABOUT[last.template or ""] if last else "review",
        "answered": _day_of(written, zone) if written and _later(written, last) else None,
        "month": _planned_day(world, case),
        "waiting": case.state in WAITING,
        "link_closed": _link_closed(session, world, thread),
        "why": _why_closed(session, thread),
        "asked_on": _day_of(deletion, zone),
    }


WAITING = ("OUTREACH", "MORE_INFO", "OFFER_REVIEW")
"""States in which the family waits for hospitals before it decides."""
ABOUT = {"M10": "review", "M14": "answers", "M44": "correction", "M46": "offer", "M59": "records"}
"""What the last letter was about that a reminder reminds of."""
SEEN = ("presented", "accepted", "declined", "not_chosen", "expired")
"""Offers that the family has seen: only of these has it decided."""


def last_sent(
    session: Session, thread: OutreachThread, templates: Collection[str]
) -> Message | None:
    """Return the last letter of these kinds that has left in a thread."""
    return session.scalars(
        select(Message)
        .where(
            col(Message.thread_id) == thread.id,
            col(Message.template).in_(list(templates)),
            col(Message.state) == "sent",
        )
        .order_by(col(Message.sent_at).desc(), col(Message.id).desc())
        .limit(1)
    ).first()


def last_answer(session: Session, thread: OutreachThread) -> Message | None:
    """Return the last letter that a person of the hospital has written."""
    return session.scalars(
        select(Message)
        .where(
            col(Message.thread_id) == thread.id,
            col(Message.direction) == "in",
            col(Message.state) == "received",
            col(Message.automated).is_(False),
            col(Message.reply_class).is_distinct_from("out_of_office"),
        )
        .order_by(col(Message.id).desc())
        .limit(1)
    ).first()


def _later(one: Message, other: Message | None) -> bool:
    return other is None or (
        one.sent_at is not None and one.sent_at >= (other.sent_at or one.sent_at)
    )


def _day_of(message: Message | None, zone: str) -> date | None:
    return day_in(zone, message.sent_at) if message and message.sent_at else None


def _why_closed(session: Session, thread: OutreachThread) -> str:
    """Return why a request ends: the permission, the family's choice, or nothing of these."""
    if not may_be_shared(session, thread):
        return "permission_taken_back"
    seen = select(col(Offer.id)).where(
        col(Offer.thread_id) == thread.id, col(Offer.state).in_(SEEN)
    )
    return "chose_other" if session.scalars(seen.limit(1)).first() is not None else "not_pursued"


def is_late(session: Session, thread: OutreachThread) -> bool:
    """Return whether the hospital's answer is due, and nothing of ours stands before it.

    A hospital with an offer is asked again only about findings that were corrected since.
    """
    if not answer_is_awaited(session, thread):
        return False
    unsent = select(col(Message.id)).where(
        col(Message.thread_id) == thread.id,
        col(Message.direction) == "out",
        col(Message.state).in_(("draft", "queued", "sending", "uncertain", "refused")),
    )
    return session.scalars(unsent.limit(1)).first() is None


def answer_is_awaited(session: Session, thread: OutreachThread) -> bool:
    """Return whether the hospital owes the answer that a reminder would ask for."""
    if thread.state in (*ENDED, "more_info", "bounced"):
        return False
    last, written = last_sent(session, thread, ABOUT), last_answer(session, thread)
    if last is None:
        return False
    if thread.state != "offered":
        return True
    return last.template == "M44" and not (written and _later(written, last))


def chases(session: Session, thread: OutreachThread) -> int:
    """Count the reminders that have left since our last letter, or since somebody answered it."""
    last, written = last_sent(session, thread, ABOUT), last_answer(session, thread)
    since = max([require_id(one.id) for one in (last, written) if one is not None], default=0)
    query = (
        select(func.count())
        .select_from(Message)
        .where(
            col(Message.thread_id) == thread.id,
            col(Message.template) == "M11",
            col(Message.state) == "sent",
            col(Message.id) > since,
        )
    )
    return session.scalar(query) or 0
