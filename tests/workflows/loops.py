"""Endless loops: steps that start each other at once, through facts, states and requests.

A graph is walked: from a step to every fact it declares, from a fact to the steps that the table
starts at once, and to those of every state the fact may lead into, whatever the guards say. A
question to a person and a wait end the way: somebody or the clock is asked first. `when` is not
looked at; where a way back surely comes to an end, the step says so in `ends`, with the reason.
"""

from collections.abc import Iterator, Mapping, Sequence

from workflows.engine.work import Step
from workflows.process import Process
from workflows.stages import HISTORY, HOLD, SAME
from workflows.verbs import Action, Ask, Do, Stop


def loops(process: Process, steps: Mapping[str, Step]) -> list[str]:
    """Return every loop once, as `a -fact-> b -fact-> a`; empty when all ways come to an end."""
    edges = {name: dict(_edges(process, steps, step)) for name, step in steps.items()}
    found: dict[frozenset[str], str] = {}

    def walk(name: str, path: tuple[str, ...], told: str) -> None:
        for following, via in edges[name].items():
            shown = f"{told} -{via}-> {following}"
            if following == path[0]:
                found.setdefault(frozenset(path), shown)
            elif following not in path and following > path[0]:
                walk(following, (*path, following), shown)

    for name in steps:
        walk(name, (name,), name)
    return list(found.values())


def _edges(process: Process, steps: Mapping[str, Step], step: Step) -> Iterator[tuple[str, str]]:
    for event in step.raises.events:
        if event not in step.ends:
            for following in started_by(process, event):
                yield following, event
    for request in step.raises.requests:
        action = process.on_request[request]
        if isinstance(action, Do):
            yield action.step, f"request {request}"
        elif isinstance(action, Ask):
            for following in started_by(process, "human_task.created"):
                yield following, f"request {request}"


def started_by(process: Process, event: str) -> set[str]:
    """Return the steps that run at once when `event` is recorded, in whatever state."""
    started: set[str] = set()
    facts, seen = [event], {event}
    while facts:
        fact = facts.pop()
        actions = [*process.on_event.get(fact, ())]
        more: set[str] = set()
        for state in _entered(process, fact):
            actions += process.on_entering.get(state, ())
            more |= {"case.state_changed", "human_task.cancelled"}
            if state in process.machine.terminal:
                more.add("case.closed")
        started |= {action.step for action in actions if isinstance(action, Do)}
        more |= set(_written_by(actions))
        facts += sorted(more - seen)
        seen |= more
    return started


def _entered(process: Process, event: str) -> set[str]:
    """Return the states that the fact may lead into; a case that is resumed enters nothing anew."""
    states: set[str] = set()
    for move in process.machine.main.transitions:
        if move.event != event or move.target == SAME:
            continue
        if move.target == HISTORY:
            states |= set(process.on_entering) if move.source != HOLD else set()
        else:
            states.add(move.target)
    return states


def _written_by(actions: Sequence[Action]) -> Iterator[str]:
    """Return the facts that the engine writes when it does these."""
    for action in actions:
        if isinstance(action, Ask):
            yield "human_task.created"
        if isinstance(action, Stop):
            yield from ("human_task.cancelled", "message.uncertain")
