"""Does the patient know of the inquiry, and can they decide? Until a person settled it, nobody may.

Somebody else may write for a patient who does not know yet, or who is too ill to decide. Then the
case stops for a person: no consent is recorded, and no letter goes to the address that was given
but to who wrote.
"""

import re

from sqlalchemy import select
from sqlmodel import Session, col

from correspondence.greeting import name_to_greet
from models import CaseEvent, Patient
from workflows.declared import Raises
from workflows.engine.deciding import COORDINATORS, Choice, Deciding, DecisionRefused, Question
from workflows.engine.lookup import patient_of

KIND = "settle_who_decides"
INFORMED, UNABLE = "patient.informed", "patient.cannot_decide"
OPEN, KNOWS, CANNOT = "open", "knows", "cannot"
NOT_THE_PATIENT = ("family", "doctor")
"""Who wrote the inquiry, when it was not the patient."""
_ADDRESS = re.compile(r"[^@\s,;<>]{1,64}@[^@\s,;<>]{1,180}\.[^@\s,;<>]{1,60}", re.ASCII)
TO_WHO_WROTE = frozenset({"M01", "M03", "M05", "M33", "M37", "M41", "M55"})
"""Letters that answer who wrote: they ask the patient nothing and speak of no permission."""


def who_decides(session: Session, case_id: int) -> str:
    """Return open, knows or cannot: whether a person still has to settle who may say yes.

    `knows` also where nobody ever said otherwise.
    """
    settled = session.scalars(
        select(col(CaseEvent.type))
        .where(col(CaseEvent.case_id) == case_id, col(CaseEvent.type).in_((INFORMED, UNABLE)))
        .order_by(col(CaseEvent.seq).desc())
        .limit(1)
    ).first()
    if settled is not None:
        return CANNOT if settled == UNABLE else KNOWS
    return OPEN if does_not_know(patient_of(session, case_id)) else KNOWS


def does_not_know(patient: Patient) -> str | None:
    """Return no or cannot when who wrote said so of the patient; None otherwise."""
    said = patient.intake.get("patient_knows")
    return said if wrote_for_another(patient) and said in ("no", "cannot") else None


def wrote_for_another(patient: Patient) -> bool:
    """Return whether somebody else than the patient wrote the inquiry."""
    return patient.intake.get("relation") in NOT_THE_PATIENT


def reads_for_another(patient: Patient) -> bool:
    """Return whether our letters go to somebody who wrote for the patient."""
    return wrote_for_another(patient) and not patient.intake.get("own_address")


def addressee(patient: Patient) -> str | None:
    """Return the name of who reads our letters: the one whose address was given.

    Who wrote for a patient gave their own; it stays theirs until the patient's is known. None when
    nobody gave one, or gave what is no name: it was typed by somebody whom we do not know.
    """
    for_another = reads_for_another(patient)
    return name_to_greet(patient.intake.get("asker_name") if for_another else patient.name)


def _knows(deciding: Deciding) -> None:
    patient = patient_of(deciding.session, deciding.case_id)
    email = deciding.optional("patient_email")
    if email is not None and not _ADDRESS.fullmatch(email):
        raise DecisionRefused("patient_email must be one e-mail address.")
    if email is not None:
        patient.intake = {**patient.intake, "own_address": True, "asker_email": patient.email}
        patient.email = email
    told_on = deciding.past_day("told_on").isoformat()
    deciding.record(INFORMED, {"told_by": deciding.value("told_by"), "told_on": told_on})
    _ask_now(deciding)


def _cannot(deciding: Deciding) -> None:
    from workflows.cases.signed import document_of

    authority = document_of(
        deciding.session, deciding.case, "authority", deciding.optional("authority") or ""
    )
    deciding.record(UNABLE, {"ground": deciding.value("ground"), "document_id": authority})
    _ask_now(deciding)


def _ask_now(deciding: Deciding) -> None:
    if deciding.case.state == "AWAITING_CONSENT":
        deciding.request("M02")


QUESTIONS = {
    KIND: Question.of(
        "Somebody wrote for a patient who does not know, or cannot decide: who may say yes?",
        COORDINATORS,
        {
            "patient_knows": Choice(
                "The patient knows now and decides",
                _knows,
                needs=("told_by", "told_on"),
                may=("patient_email",),
                raises=Raises(events=(INFORMED,), requests=("M02",), letters=("M02",)),
            ),
            "cannot_decide": Choice(
                "The patient cannot decide; somebody else has the right to",
                _cannot,
                needs=("ground",),
                may=("authority",),
                reason=True,
                raises=Raises(events=(UNABLE,), requests=("M02",), letters=("M02",)),
            ),
        },
    )
}
