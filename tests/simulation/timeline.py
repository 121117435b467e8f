"""What the events of a case say of its moves, and of what they stop."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workflows.process import Process
from workflows.stages import HISTORY, HOLD, SAME, StateMachine
from workflows.verbs import EVERYTHING, Stop, applies


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
    process: Process,
    events: Sequence[Any],
    rows: Sequence[Any],
    ids: Mapping[str, tuple[int, int]],
) -> Iterator[str]:
    """Yield what is still open although an event came after it that ends it.

    `rows` are the open steps and questions of the case; a row that a later event began stays.
    """
    for event in events:
        older = [row for row in rows if _began(row, ids) < event.seq]
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
        if not isinstance(one, Stop) or not applies(one, event.payload) or EVERYTHING in one.steps:
            continue
        named = one.steps if row.what == "step" else one.tasks
        right = one.detail is None or one.detail == row.detail
        if row.name in named and right and _shared(one.same, event, row):
            return True
    return False


def _shared(same: str | None, event: Any, row: Any) -> bool:
    return same is None or row.objects.get(same) == event.objects.get(same)


__all__ = ["HOLD", "moves_wrongly", "not_stopped"]
