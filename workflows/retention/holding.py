"""A hold on an erasure that was decided: it stops between two things, and goes on when released.

A claim, or an authority, may forbid what somebody has decided to erase already. A hold names its
reason and the day on which a lead is asked again; no day ends it, only a person does.
"""

from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from models import Case, Erasure, HumanTask
from models.base import require_id
from models.database import transaction
from workflows.declared import Raises
from workflows.engine.deciding import Choice, Deciding, DecisionRefused, Question, parse_date
from workflows.engine.lookup import case_by_ref
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import SYSTEM, Actor, Event
from workflows.retention.state import erasure_of, is_asked_for

REVIEW = "review_hold"
HELD, RELEASED, DUE = "data.erasure_held", "data.erasure_released", "data.hold_due"
MAY_HOLD, MAY_RELEASE = ("coordinator", "lead"), ("lead",)


def hold(world: World, ref: str, reason: str, until: str, actor: Actor) -> None:
    """Hold the erasure of case `ref` for a reason of the policy; a lead is asked on the day.

    One that is held already gets the new reason and day. Raises `DecisionRefused`, `CaseNotFound`.
    """
    if actor.type not in MAY_HOLD:
        raise DecisionRefused("Only a coordinator or a lead holds an erasure.")
    reasons = world.process.policy.reasons_to_keep
    if reason not in reasons:
        raise DecisionRefused(f"Say why it is held: one of {', '.join(reasons)}.")
    now = world.clock.now()
    day = _ahead(until, now.date())
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, now)
        case = recorder.case(require_id(case_by_ref(session, ref).id))
        _hold(recorder, case, reason, day, actor)
        ask_no_more(recorder, require_id(case.id))  # that was about the hold before this one
        due = recorder.flush()
    world.doorbell.ring(due)


def release_hold(
    world: World, ref: str, actor: Actor, *, sure: bool, seen: str | None = None
) -> None:
    """Let the erasure of case `ref` go on; raises `DecisionRefused`, `CaseNotFound`.

    `seen` is the `name_of` the hold on the page that is answered: another stays.
    """
    if actor.type not in MAY_RELEASE:
        raise DecisionRefused("Only a lead lets an erasure go on that was held.")
    if not sure:
        raise DecisionRefused("Say that you are sure: what is erased then, nothing brings back.")
    now = world.clock.now()
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, now)
        case = recorder.case(require_id(case_by_ref(session, ref).id))
        erasure = erasure_of(session, require_id(case.id))
        if seen is not None and erasure is not None and seen != name_of(erasure):
            raise DecisionRefused("The hold is another one now. Look at it before you release it.")
        _release(recorder, case, actor)
        ask_no_more(recorder, require_id(case.id))
        due = recorder.flush()
    world.doorbell.ring(due)


def name_of(erasure: Erasure) -> str:
    """Return what tells one hold from the next: its reason and its day; "" for none."""
    return f"{erasure.hold_reason} {erasure.hold_until}" if erasure.hold_reason else ""


def ask_no_more(recorder: Recorder, case_id: int) -> None:
    """Withdraw the question whether a hold still stands: it was released, or is another one."""
    for task in _asked(recorder.session, case_id):
        recorder.withdraw(task)


def ask_again(recorder: Recorder, case: Case, erasure: Erasure) -> None:
    """Ask a lead whether the hold still stands, once its day has come; the case is locked."""
    until, case_id = erasure.hold_until, require_id(case.id)
    if until is not None and until <= recorder.now.date() and not _asked(recorder.session, case_id):
        payload = {"reason": erasure.hold_reason, "until": until.isoformat()}
        recorder.record(case_id, Event(DUE, payload, actor=SYSTEM))


def _hold(recorder: Recorder, case: Case, reason: str, until: date, actor: Actor) -> None:
    case_id = require_id(case.id)
    erasure = erasure_of(recorder.session, case_id)
    if erasure is None:
        raise DecisionRefused("No erasure of this case is decided: nothing has to be held.")
    if erasure.done_at is not None:
        raise DecisionRefused("The data of this case are erased already: nothing is left to hold.")
    # After it began nothing is written to the patient but what was erased, when it is.
    asked = case.erased_at is None and is_asked_for(recorder.session, case_id)
    erasure.hold_reason, erasure.hold_until = reason, until
    erasure.held_by, erasure.held_at = actor.ref, recorder.now
    parts = len(erasure.parts)
    payload = {"reason": reason, "until": until.isoformat(), "asked": asked, "parts": parts}
    recorder.record(case_id, Event(HELD, payload, actor=actor))


def _release(recorder: Recorder, case: Case, actor: Actor) -> None:
    case_id = require_id(case.id)
    erasure = erasure_of(recorder.session, case_id)
    if erasure is None or erasure.hold_reason is None:
        raise DecisionRefused("No erasure of this case is held.")
    payload = {"reason": erasure.hold_reason}
    erasure.hold_reason = erasure.hold_until = erasure.held_by = erasure.held_at = None
    recorder.record(case_id, Event(RELEASED, payload, actor=actor))


def _asked(session: Session, case_id: int) -> list[HumanTask]:
    query = select(HumanTask).where(
        col(HumanTask.case_id) == case_id,
        col(HumanTask.kind) == REVIEW,
        col(HumanTask.state) == "open",
    )
    return list(session.scalars(query))


def _ahead(given: str, today: date) -> date:
    day = parse_date("The day on which a lead is asked again", given.strip())
    if day <= today:
        raise DecisionRefused("The day on which a lead is asked again must lie ahead.")
    return day


def _stands(deciding: Deciding) -> None:
    day = _ahead(deciding.value("keep_until"), deciding.recorder.now.date())
    _hold(deciding.recorder, _case(deciding), deciding.value("keep_reason"), day, deciding.actor)


def _ended(deciding: Deciding) -> None:
    _release(deciding.recorder, _case(deciding), deciding.actor)


def _case(deciding: Deciding) -> Case:
    return deciding.recorder.case(deciding.case_id)


QUESTIONS = {
    REVIEW: Question.of(
        "An erasure is held: does the reason still stand?",
        MAY_RELEASE,
        {
            "stands": Choice(
                "Yes, hold it on",
                _stands,
                needs=("keep_reason", "keep_until"),
                raises=Raises(events=(HELD,)),
            ),
            "ended": Choice(
                "No, the erasure goes on",
                _ended,
                reason=True,
                raises=Raises(events=(RELEASED,)),
                will="What is left of the erasure is done then; nothing brings the data back.",
            ),
        },
    )
}
