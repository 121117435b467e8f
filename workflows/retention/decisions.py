"""What a person decides about data: erase them, keep them and why, or give the patient a copy."""

from datetime import timedelta

from sqlalchemy import select
from sqlmodel import col

from models import CaseEvent, Document, Erasure, Message
from workflows.cases.reported_facts import take_back_consents
from workflows.declared import Raises
from workflows.engine.deciding import (
    COORDINATORS,
    Choice,
    Deciding,
    DecisionRefused,
    NotStated,
    Question,
)
from workflows.engine.values import VALUES
from workflows.retention.blanking import counted
from workflows.retention.state import WRAPPING_UP, alarm_is_open, erasure_of, is_asked_for

DUE, ASKED = "due", "asked"
REFUSED = ("not_identified", "taken_back")
COPY = "give_copy"


def _why(deciding: Deciding) -> str:
    return DUE if deciding.task.detail == DUE else ASKED


def _erase(deciding: Deciding) -> None:
    """Decide it, once. An open case is withdrawn whole with it; hospitals are asked to delete."""
    case, case_id, why = deciding.case, deciding.case_id, _why(deciding)
    if erasure_of(deciding.session, case_id) is not None:
        raise DecisionRefused("It is decided already that these data are erased.")
    if alarm_is_open(deciding.session, case_id):
        raise DecisionRefused(
            "A red flag is open: somebody may be in danger. Answer it first; then decide."
        )
    identified = deciding.optional("identified_by")
    if why == ASKED and identified is None:
        raise NotStated(
            VALUES["identified_by"].sentence, VALUES["identified_by"].option("identified_by")
        )
    policy = deciding.world.process.policy
    wait_until = (deciding.recorder.now + timedelta(days=policy.tell_hospitals_days)).date()
    deciding.session.add(
        Erasure(
            case_id=case_id,
            why=why,
            policy_version=policy.version,
            decided_by=deciding.actor.ref,
            decided_at=deciding.recorder.now,
            wait_until=wait_until,
        )
    )
    if case.closed_at is None and case.state not in WRAPPING_UP:
        take_back_consents(deciding.session, deciding.recorder, case_id, ["process"])
        case.link_generation += 1
        payload = {"scopes": ["process"], "whole": True, "channel": _channel(deciding)}
        deciding.record("consent.withdrawn", payload)
    deciding.record(
        "data.erasure_approved",
        {
            "reason": why,
            "identified_by": identified,
            "wait_until": wait_until.isoformat(),
            "policy_version": policy.version,
        },
    )


def _channel(deciding: Deciding) -> str | None:
    """Return by which way it was asked, as the newest request says."""
    payload = deciding.session.scalars(
        select(col(CaseEvent.payload))
        .where(
            col(CaseEvent.case_id) == deciding.case_id, col(CaseEvent.type) == "data.erasure_asked"
        )
        .order_by(col(CaseEvent.seq).desc())
        .limit(1)
    ).first()
    return payload.get("channel") if payload else None


def _keep(deciding: Deciding) -> None:
    """Keep the data until a day, for a reason; whoever asked for the erasure is told it."""
    until, reason = deciding.day("keep_until"), deciding.value("keep_reason")
    if until <= deciding.recorder.now.date():
        raise DecisionRefused("The day until which the data are kept must lie ahead.")
    deciding.case.erase_on, deciding.case.keep_reason = until, reason
    asked = is_asked_for(deciding.session, deciding.case_id)
    payload = {"reason": reason, "until": until.isoformat(), "asked": asked}
    deciding.record("data.kept", payload)


def _refuse(type: str, reason: str, label: str) -> Choice:
    def apply(deciding: Deciding) -> None:
        asked = is_asked_for(deciding.session, deciding.case_id)
        if deciding.task.detail == DUE and not asked:
            raise DecisionRefused("Nobody asked: the time is over. Erase, or say why they stay.")
        deciding.record(type, {"reason": reason})

    return Choice(label, apply, reason=True, raises=Raises(events=(type,)))


def _given(deciding: Deciding) -> None:
    """Note that the copy was handed over, to whom we know, and what was in it."""
    payload = {
        "handed": deciding.value("handed"),
        "documents": counted(deciding.session, Document, deciding.case_id),
        "letters": counted(deciding.session, Message, deciding.case_id),
    }
    deciding.record("data.copy_given", payload)


QUESTIONS = {
    "confirm_erasure": Question.of(
        "Erase the personal data of this case?",
        COORDINATORS,
        {
            "erase": Choice(
                "Yes, erase them for good",
                _erase,
                may=("identified_by",),
                raises=Raises(events=("data.erasure_approved", "consent.withdrawn")),
                will=(
                    "Hospitals that hold findings are asked to delete them; then papers, letters, "
                    "findings and names are erased. Nothing brings them back. An open case ends."
                ),
            ),
            "keep": Choice(
                "No, they must be kept",
                _keep,
                needs=("keep_reason", "keep_until"),
                raises=Raises(events=("data.kept",)),
            ),
            "not_identified": _refuse(
                "data.erasure_refused",
                "not_identified",
                "No: it is not certain that the patient asks",
            ),
            "taken_back": _refuse(
                "data.erasure_refused", "taken_back", "No: who asked wishes it no more"
            ),
        },
    ),
    COPY: Question.of(
        "Give the patient a copy of their data",
        COORDINATORS,
        {
            "given": Choice(
                "It was handed over, to somebody we know to be the patient",
                _given,
                needs=("handed", "identified_by"),
                raises=Raises(events=("data.copy_given",)),
            ),
            "not_identified": _refuse(
                "data.copy_refused", "not_identified", "No: it is not certain that the patient asks"
            ),
            "taken_back": _refuse(
                "data.copy_refused", "taken_back", "No: who asked wishes it no more"
            ),
        },
    ),
}
