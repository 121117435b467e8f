"""What a person says of a silent family: reached or not; to be closed, or waited for."""

from datetime import UTC, datetime, time

from workflows.cases.silence import (
    CALLED,
    NO_ANSWER,
    TRIES,
    calls_in_vain,
    held_for_silence,
    last_word,
    span_of,
    waits_in,
)
from workflows.declared import Raises
from workflows.engine.deciding import COORDINATORS, Choice, Deciding, DecisionRefused, Question
from workflows.family_clocks import CALL_SILENT, SILENT
from workflows.guards import NOT_ABROAD as ABROAD


def _call(deciding: Deciding, *, reached: bool) -> None:
    deciding.record(CALLED, {"reached": reached, "state": waits_in(deciding.case)})
    deciding.session.flush()


def _reached(deciding: Deciding) -> None:
    """They were reached: the clock of their silence begins anew, and a hold for it ends."""
    _call(deciding, reached=True)
    deciding.recorder.flush()
    if held_for_silence(deciding.session, deciding.case):
        deciding.record_moving("case.resumed", {"after": NO_ANSWER})
    elif deciding.case.state in SILENT:
        again = deciding.recorder.now + span_of(CALL_SILENT)
        deciding.request("call_silent_later", due_at=again)


def _not_reached(deciding: Deciding) -> None:
    """Nobody was reached: call again on the next working day, three times in all."""
    _call(deciding, reached=False)
    deciding.recorder.flush()
    if calls_in_vain(deciding.session, deciding.case) < TRIES:
        deciding.request("call_silent", detail=deciding.task.detail)


def _no_number(deciding: Deciding) -> None:
    _call(deciding, reached=False)


def _close(deciding: Deciding) -> None:
    """Close the file of a family that letters and a call did not reach; never while abroad."""
    case, session = deciding.case, deciding.session
    deciding.recorder.flush()
    if not held_for_silence(session, case):
        raise DecisionRefused("The case is not on hold for silence any more: look how it stands.")
    word = last_word(session, deciding.case_id)
    if word is not None and case.held_at is not None and word >= case.held_at:
        raise DecisionRefused("The family has written since: read it first.")
    if waits_in(case) in ABROAD:
        raise DecisionRefused("The patient is away from home: no file is closed before the return.")
    if not calls_in_vain(session, case):
        raise DecisionRefused(
            "Nobody has tried to call them yet. Call first, and answer the question about the call."
        )
    payload = {"timer": "no_response", "state": waits_in(case), "attested": ["ladder_exhausted"]}
    deciding.record_moving("timer.fired", payload)


def _wait(deciding: Deciding) -> None:
    """Wait until a day that is named; then it is asked again."""
    until = deciding.day("resume_by")
    if until <= deciding.recorder.now.date():
        raise DecisionRefused("The day on which it is asked again must lie ahead.")
    deciding.request("close_silent", due_at=datetime.combine(until, time(9), UTC))


REACHED = Choice(
    "They were reached; they know what we wait for",
    _reached,
    reason=True,
    raises=Raises(events=(CALLED, "case.resumed"), requests=("call_silent_later",)),
)

QUESTIONS = {
    "call_silent": Question.of(
        "Call the family: we wait for their answer and have none",
        COORDINATORS,
        {
            "reached": REACHED,
            "not_reached": Choice(
                "Not reached: ask me again on the next working day, three times in all",
                _not_reached,
                raises=Raises(events=(CALLED,), requests=("call_silent",)),
            ),
            "no_number": Choice(
                "There is no telephone number that works",
                _no_number,
                raises=Raises(events=(CALLED,)),
            ),
        },
    ),
    "close_silent": Question.of(
        "The family has been silent for weeks: close the file?",
        COORDINATORS,
        {
            "close": Choice(
                "Letters and calls were in vain: close the file; it can be opened again",
                _close,
                reason=True,
                attests=("ladder_exhausted",),
                raises=Raises(events=("timer.fired",)),
            ),
            "wait": Choice(
                "Wait until this day",
                _wait,
                needs=("resume_by",),
                reason=True,
                raises=Raises(requests=("close_silent",)),
            ),
            "reached": REACHED,
        },
    ),
}
