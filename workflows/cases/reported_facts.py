"""Facts that a person or a partner may report at any time, whatever the case is waiting for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Consent, Erasure, Hospital
from models.database import transaction
from workflows.cases.red_flags import RED_FLAG, Reported, report_red_flag
from workflows.engine.lookup import case_by_ref, patient_of
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Actor, Event

ANY_TIME = frozenset(
    {
        "consent.withdrawn",
        "patient.deceased",
        "patient.stopped",
        "case.put_on_hold",
        "case.reopened",
        "clinical.red_flag_reported",
        "new_information.received",
        "data.copy_asked",
        "data.erasure_asked",
    }
)


ERASURE_ASKED = "data.erasure_asked"
DATA_ASKED = {"copy": "data.copy_asked", "erasure": ERASURE_ASKED}
"""What may be asked about data, by what a door calls it."""


class FactRefused(ValueError):
    """That fact cannot be reported this way."""


def report_fact(
    world: World, ref: str, type: str, actor: Actor, payload: Mapping[str, Any] | None = None
) -> str:
    """Record a fact that may come at any time on case `ref`; return the case's new state.

    Raises `FactRefused`, `CaseNotFound`, `EventRefused`.
    """
    if type not in ANY_TIME:
        raise FactRefused(f"Choose one of: {', '.join(sorted(ANY_TIME))}")
    with transaction(world.engine) as session:
        case_id = case_by_ref(session, ref).id
        assert case_id is not None
        recorder = Recorder(session, world.process, world.clock.now())
        write_fact(session, recorder, case_id, type, actor, payload or {})
        due = recorder.flush()
        state = recorder.case(case_id).state
    world.doorbell.ring(due)
    return state


def write_fact(
    session: Session,
    recorder: Recorder,
    case_id: int,
    type: str,
    actor: Actor,
    payload: Mapping[str, Any],
    occurred_at: datetime | None = None,
) -> None:
    """Record a fact of `ANY_TIME` with what it changes in the case's rows; the caller commits.

    Raises as `report_fact`.
    """
    case, values = recorder.case(case_id), dict(payload)
    if type == "consent.withdrawn":
        values.setdefault("scopes", ["process"])
        values["whole"] = "process" in values["scopes"]
        take_back_consents(session, recorder, case_id, values["scopes"])
    if type == ERASURE_ASKED:
        values = _asking_to_erase(session, case_id, values)
    if type == "patient.deceased" or values.get("whole"):
        case.link_generation += 1
    if type == "patient.deceased":
        values.setdefault("certainty", "reported")
        patient_of(session, case_id).deceased_at = occurred_at or recorder.now
    if type == RED_FLAG:
        _red_flag(recorder, case_id, actor, values)
    else:
        recorder.record(case_id, Event(type, values, actor=actor, occurred_at=occurred_at))


def _asking_to_erase(session: Session, case_id: int, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request's payload; refuse one where it is decided already."""
    decided = select(col(Erasure.id)).where(col(Erasure.case_id) == case_id)
    if session.scalars(decided.limit(1)).first() is not None:
        raise FactRefused("It is decided already that these data are erased.")
    return {**values, "reason": "asked"}


def _red_flag(recorder: Recorder, case_id: int, actor: Actor, values: Mapping[str, Any]) -> None:
    """Record a red flag that a person reports of whomever they name; nobody named: the patient."""
    if set(values) - {"symptom_codes", "reported_by", "channel", "source"}:
        raise FactRefused("A red flag takes only: symptom_codes, reported_by, channel.")
    of_patient = actor.type == "patient"
    flag = Reported(
        values.get("symptom_codes", ()),
        values.get("source", "report"),
        values.get("channel"),
        actor,
        values.get("reported_by", "patient" if of_patient else None),
    )
    report_red_flag(recorder, case_id, flag)


def take_back_consents(
    session: Session, recorder: Recorder, case_id: int, scopes: list[str]
) -> None:
    """Mark the consents withdrawn: all of them, or those that name a hospital (share_deid:H01)."""
    rows = session.execute(
        select(Consent, col(Hospital.code))
        .join(Hospital, col(Hospital.id) == col(Consent.hospital_id), isouter=True)
        .where(col(Consent.case_id) == case_id, col(Consent.withdrawn_at).is_(None))
    ).all()
    for consent, code in rows:
        named = f"{consent.scope}:{code}" if code else consent.scope
        if "process" in scopes or named in scopes:
            consent.withdrawn_at = recorder.now
