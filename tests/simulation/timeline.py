"""What the events of a case say of its moves, and of what they stop."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from models.human_task import ALARMS, SETTLE
from workflows.engine.stopping import ALARMING
from workflows.plan import TAKEN_BACK
from workflows.process import Process
from workflows.stages import HISTORY, HOLD, SAME, StateMachine
from workflows.verbs import EVERYTHING, Action, Ask, Repeat, Stop, applies


def moves_wrongly(
    machine: StateMachine, places: dict[int, tuple[str, str]], event: Any
) -> str | None:
    """Return why a change of state is none of the machine's; note where the case stands."""
    state = places.get(event.case_id, ("INQUIRY", ""))[0]
    if event.type != "case.state_changed":
        return None
    said = event.payload
    before, after, trigger = said["from_state"], said["to_state"], said["trigger"]
    places[event.case_id] = (after, "")
    if before != state:
        return f"it stood in {state}, and the change begins in {before}"
    targets = {line.target for line in machine.main.candidates(before, trigger)}
    if after in targets or (SAME in targets and after == before):
        return None
    if HISTORY in targets and after not in machine.terminal:
        return None
    return f"{trigger} leads from {before} to {after}"


def not_stopped(
    process: Process, events: Sequence[Any], rows: Sequence[Any], ids: Mapping[str, tuple[int, int]]
) -> Iterator[str]:
    """Yield what is still open although an event came after it that ends it.

    `rows` are the open steps and questions of the case. What began with one of these events may
    have begun after another that follows it: a fact closes a case, and then its letter is queued.
    """
    older = [row for row in rows if _began(row, ids) < events[0].seq]
    for event in events:
        for row in older:
            if _is_stopped(process, event, row):
                yield f"{event.type} (event {event.seq}) stops {row.name}, begun before"


def _began(row: Any, ids: Mapping[str, tuple[int, int]]) -> int:
    """Return the number of the event that began a row; what nothing on record began is new."""
    return ids.get(row.cause_event_id or "", (0, 10**9))[1]


def _is_stopped(process: Process, event: Any, row: Any) -> bool:
    if row.what == "step":
        for name, same in process.waits_stopped_by.get(event.type, ()):
            if name == row.name and _shared(same, event, row):
                return True
    for one in process.on_event.get(event.type, ()):
        if not isinstance(one, Stop) or not applies(one, event.payload):
            continue
        if EVERYTHING in one.steps:
            return row.name not in (ALARMING if row.what == "step" else (*ALARMS, SETTLE))
        named = one.steps if row.what == "step" else one.tasks
        right = one.detail is None or one.detail == row.detail
        if row.name in named and right and _shared(one.same, event, row):
            return True
    return False


def _shared(same: str | None, event: Any, row: Any) -> bool:
    return same is None or row.objects.get(same) == event.objects.get(same)


def not_started(
    process: Process, events: Sequence[Any], made: Sequence[Any], before: Mapping[str, Any]
) -> Iterator[str]:
    """Yield what a line of the table starts with an event, and nothing was made of.

    `made` are all steps and questions that these events caused, and the questions of the case;
    `before` is the newest event of each type, for the fact that changed a state.
    """
    known = dict(before)
    for event in events:
        for one in process.on_event.get(event.type, ()):
            if applies(one, event.payload) and not _is_made(one, event, event, made):
                yield f"{event.type} (event {event.seq}) starts {_name(one)}"
        if event.type == "case.state_changed":
            trigger = known.get(event.payload["trigger"])
            for one in _entered(process, event, trigger):
                if not _is_made(one, event, trigger, made):
                    yield f"entering {event.payload['to_state']} starts {_name(one)}"
        known[event.type] = event


def _entered(process: Process, event: Any, trigger: Any) -> Iterator[Action]:
    said = event.payload
    old, new = said["from_state"], said["to_state"]
    if trigger is None or trigger.type == TAKEN_BACK:
        return
    targets = {line.target for line in process.machine.main.candidates(old, trigger.type)}
    if old == HOLD and HISTORY in targets:
        return  # what was asked before the hold is asked still
    for one in process.on_entering.get(new, ()):
        if applies(one, trigger.payload) and not isinstance(one, Repeat):
            yield one


def _is_made(one: Action, event: Any, about: Any, made: Sequence[Any]) -> bool:
    if isinstance(one, Stop | Repeat):
        return True
    if isinstance(one, Ask):
        wanted = {} if one.once else about.objects
        return any(
            row.what == "task" and row.name == one.kind and row.objects == wanted for row in made
        )
    return any(row.name == one.step and row.cause_event_id == event.event_id for row in made)


def _name(one: Action) -> str:
    return one.kind if isinstance(one, Ask) else str(getattr(one, "step", one))
