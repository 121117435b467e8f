"""A family that is silent: called, put on hold, and closed only by a person. A word ends the hold.

The clock of each rung counts from the family's last word. Time on hold does not count: the engine
pauses the waits. How long each rung waits stands in `workflows/table.py`.
"""

from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select
from sqlmodel import Session, col

from models import Case, CaseEvent
from models.base import require_id
from workflows.declared import Raises
from workflows.engine.record import Cause, Recorder
from workflows.engine.work import Unit, cheap
from workflows.events import Event
from workflows.family_clocks import CALL_SILENT, CLOSE_AFTER, HOLD_CONSENT, HOLD_SILENT, SILENT
from workflows.verbs import Within

NO_ANSWER = "no_answer"
CALLED = "family.called"
THEIR_CHANNELS = ("portal", "email", "whatsapp", "courier")
"""How papers come that the family sent itself."""
TRIES = 3
"""Calls in vain after which nobody is asked to call again: the hold follows."""


def last_word(session: Session, case_id: int) -> datetime | None:
    """Return when the family wrote, sent papers, acted on its page or was reached last."""
    return session.scalar(
        select(func.max(col(CaseEvent.occurred_at))).where(
            col(CaseEvent.case_id) == case_id,
            or_(
                col(CaseEvent.actor_type) == "patient",
                and_(
                    col(CaseEvent.type) == "document.received",
                    col(CaseEvent.payload)["channel"].as_string().in_(THEIR_CHANNELS),
                ),
                and_(col(CaseEvent.type) == CALLED, col(CaseEvent.payload)["reached"].as_boolean()),
            ),
        )
    )


def not_before(session: Session, case_id: int, span: timedelta, now: datetime) -> datetime | None:
    """Return when the family will have been silent for `span`; None when it has been by now."""
    word = last_word(session, case_id)
    return word + span if word is not None and word + span > now else None


def span_of(within: Within) -> timedelta:
    """Return a plain span of the table."""
    return timedelta(hours=within.hours)


def hold_span(state: str) -> timedelta:
    """Return how long a silent family is waited for in a state before the case is held."""
    return span_of(HOLD_CONSENT if state == "AWAITING_CONSENT" else HOLD_SILENT)


def held_for_silence(session: Session, case: Case) -> bool:
    """Return whether the case is on hold because nobody answered."""
    if not case.on_hold:
        return False
    reason = session.scalars(
        select(col(CaseEvent.payload)["reason"].as_string())
        .where(col(CaseEvent.case_id) == case.id, col(CaseEvent.type) == "case.put_on_hold")
        .order_by(col(CaseEvent.seq).desc())
        .limit(1)
    ).first()
    return reason == NO_ANSWER


def wake(recorder: Recorder, case_id: int, cause: Cause | None = None) -> bool:
    """Resume a case that was held only because the family was silent; say whether it was."""
    recorder.flush()
    if not held_for_silence(recorder.session, recorder.case(case_id)):
        return False
    recorder.record(case_id, Event("case.resumed", {"after": NO_ANSWER}), cause)
    return True


def calls_in_vain(session: Session, case: Case) -> int:
    """Count the calls that reached nobody since the family's last word, in this state."""
    word = last_word(session, require_id(case.id))
    query = select(func.count()).where(
        col(CaseEvent.case_id) == case.id,
        col(CaseEvent.type) == CALLED,
        col(CaseEvent.payload)["reached"].as_boolean().is_(False),
        col(CaseEvent.payload)["state"].as_string() == waits_in(case),
    )
    if word is not None:
        query = query.where(col(CaseEvent.occurred_at) > word)
    return session.scalar(query) or 0


def waits_in(case: Case) -> str:
    """Return the state in which the case waits, also while it is on hold."""
    return (case.history_state or case.state) if case.on_hold else case.state


@cheap(
    "reminders.call_silent",
    words="a person is asked to call a family that does not answer",
    stopped="Nobody was asked to call a family that does not answer",
    patient="The family may not have our letters, and nobody calls.",
    raises=Raises(requests=("call_silent", "call_silent_later")),
)
def call_silent(unit: Unit) -> None:
    """Ask a coordinator to call; later, when the family has said something in the meantime."""
    if unit.case.state not in SILENT:
        return
    later = not_before(unit.session, unit.case_id, span_of(CALL_SILENT), unit.now)
    if later is not None:
        unit.request("call_silent_later", due_at=later)
    else:
        unit.request("call_silent", detail=unit.case.state.lower())


@cheap(
    "reminders.hold_silent",
    words="a case whose family does not answer is put on hold",
    stopped="A case whose family does not answer was not put on hold",
    patient="The case waits, and nobody looks at it again on a day that is set.",
    raises=Raises(events=("case.put_on_hold",), requests=("hold_silent_later",)),
)
def hold_silent(unit: Unit) -> None:
    """Put the case on hold, with the day on which a person decides how it goes on."""
    if unit.case.state not in SILENT:
        return
    later = not_before(unit.session, unit.case_id, hold_span(unit.case.state), unit.now)
    if later is not None:
        unit.request("hold_silent_later", due_at=later)
        return
    looked_at = (unit.now + span_of(CLOSE_AFTER)).date().isoformat()
    unit.record("case.put_on_hold", {"reason": NO_ANSWER, "resume_by": looked_at})


@cheap(
    "reminders.ask_closing",
    words="a person is asked whether the file of a silent family is closed",
    stopped="Nobody was asked whether the file of a silent family is closed",
    patient="The case stays on hold without an end.",
    raises=Raises(requests=("close_silent",)),
)
def ask_closing(unit: Unit) -> None:
    """Ask whether to close: the program closes nothing by itself."""
    held_at = unit.case.held_at
    if held_at is None or held_at + span_of(CLOSE_AFTER) > unit.now:
        return  # that hold is over
    if held_for_silence(unit.session, unit.case):
        unit.request("close_silent", due_at=unit.now + timedelta(days=1))


@cheap(
    "reminders.wake_silent",
    words="a case that waited for a word of the family goes on when it comes",
    stopped="A case did not go on although the family has written",
    patient="The family has answered and the case is still on hold.",
    raises=Raises(events=("case.resumed",)),
)
def wake_silent(unit: Unit) -> None:
    """End a hold that was only for silence, when the family's word is newer than the hold."""
    word, held = last_word(unit.session, unit.case_id), unit.case.held_at
    if word is not None and held is not None and word >= held:
        wake(unit.recorder, unit.case_id, unit.cause)


@cheap(
    "reminders.wait_again",
    words="after a hold the family's silence is counted anew",
    stopped="After a hold nobody counts how long the family is silent",
    patient="The case may wait for an answer without an end.",
    raises=Raises(requests=("call_silent_later", "hold_silent_later")),
)
def wait_again(unit: Unit) -> None:
    """After a hold for silence the rungs that were used up begin anew; others were only paused."""
    if unit.case.state not in SILENT:
        return
    unit.request("call_silent_later", due_at=unit.now + span_of(CALL_SILENT))
    unit.request("hold_silent_later", due_at=unit.now + hold_span(unit.case.state))
