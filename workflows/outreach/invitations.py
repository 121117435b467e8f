"""The invitation letter for a visa: asked for with the passport's data, compared when it comes.

Both letters name the patient: they leave only to a hospital that may have what names them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from correspondence.names import fold
from models import Case, CaseEvent, Consent, Hospital, Message, OutreachThread
from workflows.engine.lookup import patient_of
from workflows.engine.world import World
from workflows.letters.days import day_in, zone_of
from workflows.outreach.enquiries import chase_fields

REQUEST, CORRECTIONS = "M19a", "M19"
_COMMON = ("case", "department", "coordinator", "phone", "hours", "thread_subject")
_NOT_LETTERS = re.compile(r"[^\w]+|_")


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of the letter that is not as in the file: defect and field as codes, both values."""

    defect: str
    field: str
    stated: str
    should_be: str


def letter_fields(
    session: Session,
    world: World,
    case: Case,
    hospital: Hospital,
    thread: OutreachThread,
    template: str,
    told: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the fields of the request (M19a) or of the corrections (M19), from what was told."""
    common = chase_fields(session, world, case, hospital, thread)
    fields = {name: common[name] for name in _COMMON}
    if template == CORRECTIONS:
        came = date.fromisoformat(told["invitation_on"])
        return {**fields, "corrections": list(told["corrections"]), "invitation_on": came}
    del fields["thread_subject"]
    patient = patient_of(session, case.id or 0)
    days = {name: date.fromisoformat(told[name]) for name in ("valid_from", "valid_to")}
    return {
        **fields,
        **days,
        "admission_date": case.admission_date,
        "accepted_on": _accepted_on(session, case, zone_of(hospital)),
        "form_hint": told.get("form_hint"),
        "mission": told["mission"],
        "mrz_name": told["mrz_name"],
        "dob": patient.birth_date,
        "nationality": told["nationality"],
        "passport_number": told["passport_number"],
        "attendants": list(told.get("attendants") or ()),
        "consent_date": _permitted_on(session, thread, zone_of(hospital)),
    }


def _accepted_on(session: Session, case: Case, zone: str) -> date | None:
    event = session.scalars(
        select(CaseEvent)
        .where(col(CaseEvent.case_id) == case.id, col(CaseEvent.type) == "patient.accepted_offer")
        .order_by(col(CaseEvent.seq).desc())
        .limit(1)
    ).first()
    return day_in(zone, event.occurred_at) if event else None


def _permitted_on(session: Session, thread: OutreachThread, zone: str) -> date | None:
    granted = session.scalars(
        select(col(Consent.granted_at)).where(
            col(Consent.case_id) == thread.case_id,
            col(Consent.hospital_id) == thread.hospital_id,
            col(Consent.scope) == "share_identified",
            col(Consent.withdrawn_at).is_(None),
        )
    ).first()
    return day_in(zone, granted) if granted else None


def asked_with(session: Session, thread: OutreachThread) -> Mapping[str, Any]:
    """Return the passport's data that the hospital was last asked with; empty where it was not."""
    letter = session.scalars(
        select(Message)
        .where(
            col(Message.thread_id) == thread.id,
            col(Message.template) == REQUEST,
            col(Message.state).in_(("queued", "sending", "sent", "uncertain")),
        )
        .order_by(col(Message.id).desc())
        .limit(1)
    ).first()
    return dict(letter.told or {}) if letter else {}


def differences(stated: Mapping[str, Any], known: Mapping[str, Any]) -> Sequence[Difference]:
    """Return what an invitation letter states otherwise than the file, field by field.

    `stated` and `known` have name, passport, admission and, where the letter has it, born.
    """
    found: list[Difference] = []
    if _name(str(stated["name"])) != _name(str(known["name"])):
        found.append(_differing("name_mismatch", "name", stated["name"], known["name"]))
    if _plain(str(stated["passport"])) != _plain(str(known["passport"])):
        found.append(_differing("passport_no", "passport", stated["passport"], known["passport"]))
    for field in ("admission", "born"):
        if stated.get(field) and known.get(field) and stated[field] != known[field]:
            found.append(_differing("dates", field, stated[field], known[field]))
    return found


def _differing(defect: str, field: str, stated: object, known: object) -> Difference:
    return Difference(defect, field, _said(stated), _said(known))


def _said(value: object) -> str:
    return f"{value.day} {value:%B %Y}" if isinstance(value, date) else str(value)


def _name(name: str) -> list[str]:
    """Return a name's words, folded and in no order: SAMPLE<<GRACE is Grace Sample."""
    return sorted(fold(part) for part in _NOT_LETTERS.split(name) if part)


def _plain(number: str) -> str:
    return re.sub(r"[\s-]", "", number).upper()
