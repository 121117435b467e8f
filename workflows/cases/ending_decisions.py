"""Endings and pauses: hold and resume, alternatives, withdrawal, bereavement."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from accounts.people import same_person
from models import CaseEvent, Message
from models.base import require_id
from workflows.cases.silence import NO_ANSWER, held_for_silence
from workflows.declared import Raises
from workflows.engine.deciding import (
    COORDINATORS,
    Choice,
    Deciding,
    DecisionRefused,
    Question,
    nothing,
)
from workflows.engine.lookup import patient_of
from workflows.engine.papers_left import take_up_what_came
from workflows.engine.restoring import restore
from workflows.plan import DEATH
from workflows.table import MORE_TREATMENT, POINTS_DIFFER

LETTERS_AFTER_CALL = ("M28b", "M07a", "M08", "M09")
ABOUT_REVIEW = (POINTS_DIFFER, "review_changed")
"""What a call to the family was about when the letter after it is the one on the signed result."""
HOLD_LOOK = timedelta(days=14)
"""A case on hold is looked at every two weeks (stages, state 26)."""
AFTER_CALL = Raises(requests=LETTERS_AFTER_CALL, letters=LETTERS_AFTER_CALL)


NOT_OUT = ("draft", "queued", "sending", "uncertain", "refused")


def _withdrawal_done(deciding: Deciding) -> None:
    """Finish, when every hospital that was sent something has the letter that asks to delete it."""
    waiting = select(col(Message.id)).where(
        col(Message.case_id) == deciding.case_id,
        col(Message.to_role) == "hospital",
        col(Message.state).in_(NOT_OUT),
    )
    if deciding.session.scalars(waiting.limit(1)).first() is not None:
        raise DecisionRefused(
            "A hospital was not told yet: its letter waits for approval, or is not known to be out."
        )
    payload = {
        "hospitals_notified": deciding.optional_whole("hospitals_notified", 0, 1000),
        "attested": ["withdrawal_steps_done"],
    }
    deciding.record_moving("withdrawal.completed", payload)


def _bereavement_done(deciding: Deciding) -> None:
    deciding.record_moving("bereavement.completed", {})


def _retracted(deciding: Deciding) -> None:
    """Take back the report of a death: a lead who did not make it; what was stopped goes on."""
    if deciding.actor.type != "lead":
        raise DecisionRefused("Only a lead takes back the report of a death.")
    case, now = deciding.case, deciding.recorder.now
    if same_person(_reporter(deciding), deciding.actor.ref):
        raise DecisionRefused(
            "You reported the death yourself: another lead must confirm that the report was wrong."
        )
    patient_of(deciding.session, deciding.case_id).deceased_at = None
    stopped_at = case.waiting_since or now
    # What a hold had paused stood still from its beginning; the hold begins anew now.
    stood_still = now - (case.held_at or stopped_at)
    restored = restore(deciding.session, deciding.case_id, stopped_at, stood_still)
    payload: dict[str, Any] = {"by": deciding.actor.type, "reason": "report_was_wrong"}
    payload["attested"] = ["supervisor_confirms"]
    deciding.record_moving("patient.death_report_retracted", payload)
    for task_id, kind, role in restored:
        payload = {"task_id": task_id, "kind": kind, "role": role}
        deciding.record("human_task.restored", payload, {"task_id": task_id})
    for one in take_up_what_came(deciding.session, deciding.case_id):
        about = {"document_id": require_id(one.id)}
        payload = {**about, "channel": one.channel, "bytes": one.size, "sha256": one.sha256}
        deciding.record("document.received", payload, about)
    deciding.request("call_after_error")


def _reporter(deciding: Deciding) -> str | None:
    return deciding.session.scalars(
        select(col(CaseEvent.actor_ref))
        .where(col(CaseEvent.case_id) == deciding.case_id, col(CaseEvent.type) == DEATH)
        .order_by(col(CaseEvent.seq).desc())
        .limit(1)
    ).first()


def _again(request: str) -> Callable[[Deciding], None]:
    """Return an answer that leaves the question for later: it is asked again."""

    def apply(deciding: Deciding) -> None:
        deciding.request(request, deciding.task.objects, detail=deciding.task.detail)

    return apply


def _resume(deciding: Deciding) -> None:
    """Go on; after a hold for silence the family's clock begins anew."""
    silent = held_for_silence(deciding.session, deciding.case)
    deciding.record_moving("case.resumed", {"after": NO_ANSWER if silent else None})


def _stay(deciding: Deciding) -> None:
    """Leave the case on hold until the day that was named, or for another two weeks."""
    until = deciding.optional_day("resume_by")
    now = deciding.recorder.now
    if until is not None and until <= now.date():
        raise DecisionRefused("The day on which the case is looked at again must lie ahead.")
    asked = datetime.combine(until, time(9), UTC) if until else now + HOLD_LOOK
    deciding.request("resume_case", deciding.task.objects, due_at=asked)


def _called(deciding: Deciding) -> None:
    """Write what may only follow a call; a coordinator reads it before it leaves."""
    if deciding.task.detail in MORE_TREATMENT:
        letter = "M28b"
    elif deciding.task.detail in ABOUT_REVIEW:
        letter = "M07a"
    elif deciding.case.state == "ALTERNATIVES":
        letter = "M08"
    elif _urgent_care_advised(deciding):
        letter = "M09"
    else:  # what the call was about is over: nothing is left to repeat in writing
        return
    deciding.request(letter)


def _urgent_care_advised(deciding: Deciding) -> bool:
    query = select(col(CaseEvent.seq)).where(
        col(CaseEvent.case_id) == deciding.case_id,
        col(CaseEvent.type) == "clinician.urgent_local_care_advised",
    )
    return deciding.session.scalars(query.limit(1)).first() is not None


def _alternative(type: str, label: str) -> Choice:
    return Choice(
        label, lambda deciding: deciding.record_moving(type, {}), raises=Raises(events=(type,))
    )


QUESTIONS = {
    "resume_case": Question.of(
        "The case is on hold: resume it?",
        COORDINATORS,
        {
            "resume": Choice(
                "Go on where it stood", _resume, raises=Raises(events=("case.resumed",))
            ),
            "stay": Choice(
                "Stay on hold",
                _stay,
                may=("resume_by",),
                reason=True,
                raises=Raises(requests=("resume_case",)),
            ),
        },
    ),
    "call_family": Question.of(
        "Call the family before anything is written",
        COORDINATORS,
        {
            "called": Choice(
                "They were told; what was said follows in writing", _called, raises=AFTER_CALL
            ),
            "not_reached": Choice(
                "Not reached: ask me again in four hours",
                _again("call_family"),
                raises=Raises(requests=("call_family",)),
            ),
        },
    ),
    "tell_patient": Question.of(
        "The patient gets no e-mail: tell the news by telephone",
        COORDINATORS,
        {"told": Choice("They were told", nothing)},
    ),
    "call_after_error": Question.of(
        "A death was reported in error: call the family and apologise",
        ("lead", "coordinator"),
        {
            "called": Choice("They were called; they know that all goes on", nothing),
            "not_reached": Choice(
                "Not reached: ask me again in four hours",
                _again("call_after_error"),
                raises=Raises(requests=("call_after_error",)),
            ),
        },
    ),
    "record_alternative": Question.of(
        "Which way does the family go?",
        COORDINATORS,
        {
            "referred_out": _alternative("alternative.referred_out", "Referred to another service"),
            "none": _alternative("alternative.none", "No other way is wanted"),
        },
    ),
    "finish_withdrawal": Question.of(
        "The consent was withdrawn: finish",
        COORDINATORS,
        {
            "completed": Choice(
                "The hospitals are told, and nothing is open",
                _withdrawal_done,
                may=("hospitals_notified",),
                attests=("withdrawal_steps_done",),
                raises=Raises(events=("withdrawal.completed",)),
            )
        },
    ),
    "finish_bereavement": Question.of(
        "The patient has died: finish what is left",
        ("lead", "coordinator"),
        {
            "completed": Choice(
                "The family was called, bookings are closed",
                _bereavement_done,
                raises=Raises(events=("bereavement.completed",)),
            ),
            "retracted": Choice(
                "The report was wrong",
                _retracted,
                reason=True,
                attests=("supervisor_confirms",),
                raises=Raises(
                    ("patient.death_report_retracted", "human_task.restored", "document.received"),
                    ("call_after_error",),
                ),
            ),
        },
    ),
}
