"""Whether the family allows a letter to leave, as the consents stand."""

from sqlalchemy import select
from sqlmodel import Session, col

from models import Case, Consent, Message, OutreachThread
from models.base import require_id
from workflows.stages import WITHDRAWN

ASKS_TO_DELETE = "M17"
"""Needs no permission: it follows when one is taken back."""
NAMED = frozenset({"M19", "M19a"})
"""Letters to hospitals with name and passport of the patient."""
ASKED_FOR = frozenset({"M38", "M41", "M55", "M56"})
"""Letters that also reach a patient who wants none: what they asked for, and what their no did."""


def wants_no_letters(session: Session, case_id: int) -> bool:
    """Return whether the patient has taken back the permission to be written to."""
    return _took_back(session, case_id, "messaging")


def wants_nothing_read(session: Session, case: Case) -> bool:
    """Return whether the family has taken back the permission to work with its papers."""
    return case.state in WITHDRAWN or _took_back(session, require_id(case.id), "process")


def _took_back(session: Session, case_id: int, scope: str) -> bool:
    answers = session.scalars(
        select(col(Consent.withdrawn_at)).where(
            col(Consent.case_id) == case_id, col(Consent.scope) == scope
        )
    ).all()
    return bool(answers) and all(withdrawn is not None for withdrawn in answers)


def allows(session: Session, case_id: int, hospital_id: int) -> bool:
    """Return whether the family allows this hospital to be shown the case."""
    granted = session.scalars(
        select(col(Consent.id)).where(
            col(Consent.case_id) == case_id,
            col(Consent.hospital_id) == hospital_id,
            col(Consent.scope).in_(("share_deid", "share_identified")),
            col(Consent.withdrawn_at).is_(None),
        )
    ).first()
    return granted is not None


def allows_names(session: Session, case_id: int, hospital_id: int) -> bool:
    """Return whether this hospital may have what names the patient: originals, passport data."""
    granted = session.scalars(
        select(col(Consent.id)).where(
            col(Consent.case_id) == case_id,
            col(Consent.hospital_id) == hospital_id,
            col(Consent.scope) == "share_identified",
            col(Consent.withdrawn_at).is_(None),
        )
    ).first()
    return granted is not None


def names_patient(message: Message) -> bool:
    """Return whether a letter to a hospital names the patient: by its kind, or by what goes with
    it. An original document does.
    """
    told = message.told if isinstance(message.told, dict) else {}
    return message.template in NAMED or bool(message.attachments) or bool(told.get("named"))


def is_unallowed(session: Session, case_id: int, message: Message) -> bool:
    """Return whether the family does not allow this letter out to leave."""
    if message.to_role == "patient":
        return message.template not in ASKED_FOR and wants_no_letters(session, case_id)
    if message.to_role != "hospital":
        return False
    if message.thread_id is None:  # of which hospital it is nobody can say, and of no consent
        return True
    thread = session.get_one(OutreachThread, message.thread_id)
    if names_patient(message) and not allows_names(session, case_id, thread.hospital_id):
        return True
    return message.template != ASKS_TO_DELETE and not allows(session, case_id, thread.hospital_id)
