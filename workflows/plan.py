"""What a fact means for a case: pure rules, values in, values out.

`plan()` reads the state machine and THE table and says what is to be done, and in which order;
`workflows/engine/record.py` does it. Nothing here knows a database: the guards' facts are asked for
only when a guard looks at them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from workflows.events import Event
from workflows.guards import Facts, holds
from workflows.process import Deadlines, HospitalCalendar, Process, no_hospital
from workflows.stages import HISTORY, HOLD, SAME, WRAPPING_UP, Move, stage_of
from workflows.verbs import EVERYTHING, GIVEN, Action, Ask, Do, Repeat, Stop, Wait, applies

DETAILS = (
    "stops",
    "reason",
    "error_class",
    "code",
    "template",
    "item_id",
    "outcome",
    "answer_code",
)
"""Payload fields that tell a person why a question is asked; the first that is there."""

DEATH = "patient.deceased"
TAKEN_BACK = "patient.death_report_retracted"
"""What the report of the death had stopped goes on; nothing begins anew."""

Objects = Mapping[str, Any]


class UnknownRequest(LookupError):
    """`ON_REQUEST` has no such name."""


@dataclass(frozen=True, slots=True)
class CaseState:
    """Where a case stands. `history_state` is where a hold began, or where a death was reported.

    `held_at` (aware, UTC) outlives a hold in which a death was reported, which may be taken back.
    """

    state: str
    stage: str = "inquiry"
    history_state: str | None = None
    pathology_state: str = "NOT_STARTED"
    on_hold: bool = False
    held_at: datetime | None = None
    waiting_on: str = "none"
    urgency: str = "routine"


@dataclass(frozen=True, slots=True)
class Cancel:
    """Cancel open steps by name (or `EVERYTHING`, `UNALLOWED`) and open questions by kind.

    `same` is an object's name and id: only rows about that object; `detail` only questions that are
    about it.
    """

    steps: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    same: tuple[str, int | None] | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class MovePathology:
    """Put the pathology region into `to`."""

    to: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Begin a hold: the waits pause, the safety ones excepted. It goes back to `back_to`."""

    at: datetime
    back_to: str


@dataclass(frozen=True, slots=True)
class Resume:
    """End a hold: paused waits go on, each `held_for` later."""

    held_for: timedelta


@dataclass(frozen=True, slots=True)
class QueueStep:
    """Queue one run of `step`; `wait` can be paused by a hold unless it is `safety`."""

    step: str
    due_at: datetime
    objects: Objects
    wait: bool = False
    safety: bool = False


@dataclass(frozen=True, slots=True)
class AskPerson:
    """Ask `role` the question `kind`, unless the same is open; `detail` is a code."""

    kind: str
    role: str
    due_at: datetime
    objects: Objects
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class CloseCase:
    """Close the case; `fact` is recorded and planned for in its turn."""

    at: datetime
    outcome: str
    fact: Event


@dataclass(frozen=True, slots=True)
class ChangeState:
    """Put the case into `to`, write `fact` on its timeline, and do `then` because of it."""

    to: CaseState
    since: datetime
    fact: Event
    then: tuple["Effect", ...] = ()


Effect = Cancel | MovePathology | Hold | Resume | ChangeState | CloseCase | QueueStep | AskPerson
Effects = tuple[Effect, ...]


def plan(
    process: Process,
    case: CaseState,
    event: Event,
    facts: Facts,
    now: datetime,
    hospital: HospitalCalendar = no_hospital,
) -> Effects:
    """Return what `event` does to a case that stands at `case`; `now` is aware, UTC.

    What the fact makes pointless is stopped, then the state moved, then started what the table
    names. Guards are asked of the case as it stood when the fact came.
    ValueError when an action waits for a moment that the payload does not give.
    """
    actions = process.on_event.get(event.type, ())
    effects: list[Effect] = [
        cancel
        for action in actions
        if isinstance(action, Stop) and applies(action, event.payload)
        if (cancel := _cancel(action, event))
    ]

    def test(guard: str) -> bool:
        return holds(guard, facts)

    pathology = process.machine.pathology.move(case.pathology_state, event.type, test)
    if pathology is not None:
        effects.append(MovePathology(pathology.target))
        case = replace(case, pathology_state=pathology.target)
    move = process.machine.main.move(case.state, event.type, test)
    for step, same in process.waits_stopped_by.get(event.type, ()):
        effects.append(Cancel(steps=(step,), same=_same(same, event)))
    if move is not None and move.target != SAME:
        effects += _enter(Deadlines(process, now, hospital), case, event, move)
    elif Cancel(steps=(EVERYTHING,)) in effects and case.state in WRAPPING_UP:
        # It is being wound up, and stays so: what its state asks is asked anew.
        entered = process.on_entering.get(case.state, ())
        effects += _started(Deadlines(process, now, hospital), case, entered, event)
    effects += _started(Deadlines(process, now, hospital), case, actions, event)
    return tuple(effects)


def requested(
    process: Process,
    name: str,
    objects: Objects,
    now: datetime,
    *,
    urgency: str = "routine",
    detail: str | None = None,
    due_at: datetime | None = None,
    hospital: HospitalCalendar = no_hospital,
) -> QueueStep | AskPerson:
    """Return what request `name` of `ON_REQUEST` starts.

    Raises `UnknownRequest`; ValueError when a moment is given that the table sets itself, or is
    missing where the table leaves it open.
    """
    action = process.on_request.get(name)
    if action is None:
        raise UnknownRequest(f"{name} is not in ON_REQUEST (workflows/on_request.py)")
    if _takes_moment(action) != (due_at is not None):
        raise ValueError(f"the request {name}: only `GIVEN` takes a moment, and it needs one")
    deadlines = Deadlines(process, now, hospital)
    if not isinstance(action, Ask):
        moment = {}
        if isinstance(action, Wait) and action.due_from is not None and due_at is not None:
            moment[action.due_from] = due_at.isoformat()
        return _queued(deadlines, action, Event(name, moment, objects))
    when = due_at or _deadline(deadlines, action, urgency, objects)
    return AskPerson(action.kind, action.role, when, dict(objects), detail)


def _takes_moment(action: Do | Ask | Wait) -> bool:
    """Return whether whoever requests it says when: no span of its own, or a wait `due_from`."""
    if isinstance(action, Wait):
        return action.due_from is not None
    return isinstance(action, Ask) and action.within == GIVEN


def next_run(
    process: Process, case: CaseState, step: str, objects: Objects, now: datetime
) -> QueueStep | None:
    """Return the next run of a step that is finished, when the table repeats it in this state."""
    action = process.repeats.get(step)
    if action is None or _stands_in(case) not in action.while_in:
        return None
    return QueueStep(step, process.calendar.due(now, action.every), dict(objects), wait=True)


def anew(
    process: Process,
    case: CaseState,
    actions: Sequence[Action],
    now: datetime,
    hospital: HospitalCalendar = no_hospital,
) -> Effects:
    """Return what a state starts when it is entered once more, without a fact behind it.

    Of two questions of one kind that a fact's details choose between, the first is asked.
    """
    asked: dict[str, Action] = {}
    for action in actions:
        asked.setdefault(action.kind if isinstance(action, Ask) else str(action), action)
    plain = [replace(one, when={}) for one in asked.values()]
    entered = Event("case.state_changed", {})
    return tuple(_started(Deadlines(process, now, hospital), case, plain, entered))


def every_effect(effects: Sequence[Effect]) -> Iterator[Effect]:
    """Yield the effects in the order in which they are done, those of a change after it."""
    for effect in effects:
        yield effect
        if isinstance(effect, ChangeState):
            yield from every_effect(effect.then)


def _stands_in(case: CaseState) -> str:
    """Return the state a case is in, or was held in."""
    return (case.history_state or case.state) if case.state == HOLD else case.state


def _same(name: str | None, event: Event) -> tuple[str, int | None] | None:
    return None if name is None else (name, event.objects.get(name))


def _cancel(action: Stop, event: Event) -> Cancel | None:
    if not action.steps and not action.tasks:
        return None
    same = _same(action.same, event)
    return Cancel(tuple(action.steps), tuple(action.tasks), same, action.detail)


def _enter(deadlines: Deadlines, case: CaseState, event: Event, move: Move) -> Iterator[Effect]:
    process, now = deadlines.process, deadlines.now
    old, history = case.state, case.history_state
    new = _target(case, move)
    if old != HOLD and (move.target == HOLD or event.type == DEATH or history == HOLD):
        history = old  # the last: rows of cases whose death was reported in a hold before `held_at`
    if new == HOLD and not case.on_hold:
        yield Hold(now, history or old)
    elif new != HOLD and case.on_hold:
        yield Resume(now - (case.held_at or now))
    held_at = (case.held_at if case.on_hold else now) if new == HOLD else None
    if event.type == DEATH and case.on_hold:
        held_at = case.held_at
    to = CaseState(
        state=new,
        stage=stage_of(new, history),
        history_state=history,
        pathology_state=case.pathology_state,
        on_hold=new == HOLD,
        held_at=held_at,
        waiting_on=process.waiting_on.get(new, "none"),
        urgency=case.urgency,
    )
    payload = {
        "from_state": old,
        "to_state": new,
        "trigger": event.type,
        "guard_results": dict(move.guard_results),
        "waiting_on": to.waiting_on,
    }
    then: list[Effect] = []
    if HOLD not in (old, move.target):
        then += _left(process, old, new)
    if new in process.machine.terminal:
        then.append(_closed(old, new, now))
    if event.type != TAKEN_BACK and not (old == HOLD and move.target == HISTORY):
        entered = process.on_entering.get(new, ())
        then += _started(deadlines, to, _not_running(entered, old), event)
    yield ChangeState(to, now, Event("case.state_changed", payload), tuple(then))


def _target(case: CaseState, move: Move) -> str:
    """Return the state that a move leads to; a death reported in a hold leads back into it."""
    if move.target != HISTORY:
        return move.target
    if case.state != HOLD and case.held_at is not None:
        return HOLD
    return case.history_state or case.state


def _left(process: Process, old: str, new: str) -> Iterator[Effect]:
    """Cancel the questions and waits that only the old state needed."""
    asked = process.on_entering.get(old, ())
    steps = [
        action.step
        for action in asked
        if isinstance(action, Wait) or (isinstance(action, Repeat) and new not in action.while_in)
    ]
    tasks = [action.kind for action in asked if isinstance(action, Ask)]
    if steps or tasks:
        yield Cancel(tuple(steps), tuple(tasks))


def _not_running(entered: Sequence[Action], old: str) -> list[Action]:
    """Leave out what is repeated in the old state too: it goes on as it was."""
    return [a for a in entered if not (isinstance(a, Repeat) and old in a.while_in)]


def _closed(old: str, new: str, now: datetime) -> CloseCase:
    outcome = new.removeprefix("CLOSED_").lower()
    return CloseCase(now, outcome, Event("case.closed", {"outcome": outcome, "state_before": old}))


def _started(
    deadlines: Deadlines, case: CaseState, actions: Sequence[Action], event: Event
) -> Iterator[Effect]:
    for action in actions:
        if isinstance(action, Stop) or not applies(action, event.payload):
            continue
        if isinstance(action, Ask):
            due_at = _deadline(deadlines, action, case.urgency, event.objects)
            objects = {} if action.once else dict(event.objects)
            yield AskPerson(action.kind, action.role, due_at, objects, _detail(event))
        else:
            yield _queued(deadlines, action, event, case.urgency)


def _queued(
    deadlines: Deadlines, action: Do | Wait | Repeat, event: Event, urgency: str = ""
) -> QueueStep:
    objects: dict[str, Any] = dict(event.objects)
    if isinstance(action, Do):
        if action.template:
            objects["template"] = action.template
        return QueueStep(action.step, deadlines.now, objects)
    if isinstance(action, Repeat):
        first = deadlines.due(action.first or action.every, objects)
        return QueueStep(action.step, first, objects, wait=True)
    moment = _due(deadlines, action, event, urgency)
    return QueueStep(action.step, moment, objects, wait=True, safety=action.safety)


def _due(deadlines: Deadlines, action: Wait, event: Event, urgency: str) -> datetime:
    if action.due_from is not None:
        due_at = datetime.fromisoformat(event.payload[action.due_from])
        if due_at.tzinfo is None:
            raise ValueError(f"{event.type}: {action.due_from} has no time zone")
        return due_at
    if action.within is None:
        raise ValueError(f"wait for {action.step} has neither `within` nor `due_from`")
    halved = action.urgent_halves and urgency == "urgent"
    return deadlines.due(action.within.halved() if halved else action.within, event.objects)


def _deadline(deadlines: Deadlines, action: Ask, urgency: str, objects: Objects) -> datetime:
    within = action.within
    if urgency == "urgent" and action.urgent_within:
        within = action.urgent_within
    return deadlines.due(within, objects)


def _detail(event: Event) -> str | None:
    """Return the code that tells a person why: a reason or error class of the payload."""
    for name in DETAILS:
        value = event.payload.get(name)
        if isinstance(value, str):
            return value[:60]
    return None
