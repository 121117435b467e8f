"""What can happen in a case: facts that something records, states they lead to, letters that leave.

Computed from what steps and answers declare, from the table, the state machine, and the code of the
doors (which declare nothing).
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.declaring import ENGINE, declared
from tests.workflows.reach import RECORDING
from workflows.cases.reported_facts import ANY_TIME
from workflows.decisions import QUESTIONS
from workflows.engine.deciding import Choice
from workflows.guards import ATTESTED
from workflows.journey.decisions import PROGRESS
from workflows.journey.supplementary_decisions import BY_PATHOLOGY
from workflows.process import Process
from workflows.stages import FIRST_STATE, HISTORY, SAME, Region, Transition
from workflows.verbs import Do

ROOT = Path(__file__).parents[2]
DOORS = (
    "workflows/cases/intake.py",
    "workflows/cases/assignments.py",
    "workflows/cases/contacts.py",
    "workflows/hooks",
    "workflows/journey/checklist.py",
    "workflows/letters/inbound.py",
    "workflows/outreach/free_letters.py",
    "workflows/outreach/wishes.py",
    "workflows/portal",
    "workflows/records",
    "workflows/engine/blame.py",
    "workflows/engine/record.py",
    "web",
    "tasks",
    "cli",
)
"""Where facts are written that come from no step and no answer."""
RULES = {
    ROOT / "workflows" / name for name in ("guards.py", "guard_words.py", "rendering_words.py")
}
"""Where guards are spoken of, and nothing is written."""
LETTER = re.compile(r"M\d\d[a-z]?")
PATHOLOGY_START = "NOT_STARTED"
Move = tuple[str, str, str]
"""From ("*" for nearly any state), event, to."""


def _door_trees() -> Iterator[ast.AST]:
    for door in DOORS:
        place = ROOT / door
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def recorded() -> frozenset[str]:
    """Return the events that something records."""
    events = {event for _, _, raises in declared() for event in raises.events}
    for node in _door_trees():
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in RECORDING and isinstance(node.args[0].value, str):
                events.add(node.args[0].value)
    return frozenset(events | ENGINE | ANY_TIME)


def sent(process: Process) -> frozenset[str]:
    """Return the letters that the table tells, that steps and answers write, or that doors send."""
    tables = [*process.on_event.values(), *process.on_entering.values()]
    told = {a.template for row in tables for a in row if isinstance(a, Do) and a.template}
    written = {letter for _, _, raises in declared() for letter in raises.letters}
    by_doors = {
        node.value
        for node in _door_trees()
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and LETTER.fullmatch(node.value)
    }
    return frozenset(told | written | by_doors)


def _choices() -> Iterator[Choice]:
    for question in QUESTIONS.values():
        yield from question.choices(None).values()
    for choices in (*PROGRESS.values(), *BY_PATHOLOGY.values()):
        yield from choices.values()


def never_holding(process: Process) -> frozenset[str]:
    """Return the guards that nothing makes true: nobody vouches for it, nobody says true."""
    attested = {guard for choice in _choices() for guard in choice.attests}
    written = _payload_values()
    never = set()
    for guard in process.machine.guard_names:
        if guard in ATTESTED:
            if guard not in attested:
                never.add(guard)
        elif guard in written and written[guard] == {False}:
            never.add(guard)
    return frozenset(never)


def _payload_values() -> Mapping[str, set[object]]:
    """Return by key what the dictionaries of workflows/ give it; None for what is computed."""
    values: dict[str, set[object]] = {}
    for path in set((ROOT / "workflows").rglob("*.py")) - RULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and isinstance(key.value, str):
                        said = value.value if isinstance(value, ast.Constant) else None
                        values.setdefault(key.value, set()).add(said)
    return values


@dataclass(frozen=True)
class Reached:
    """What a region's cases can come to, and the ways out of there that none of them takes."""

    states: frozenset[str]
    not_taken: frozenset[Move]


def reached(process: Process, region: Region, first: str) -> Reached:
    """Return the states that can be reached from `first`, and the transitions never taken."""
    events, never = recorded(), never_holding(process)

    def possible(move: Transition) -> bool:
        return move.event in events and never.isdisjoint(move.guards)

    states = {first}
    while True:
        more = {
            move.target
            for move in region.transitions
            if move.source in states and possible(move) and move.target not in (HISTORY, SAME)
        }
        if more <= states:
            break
        states |= more
    dead = [move for move in region.transitions if move.source in states and not possible(move)]
    sources: dict[tuple[str, str], set[str]] = {}
    for move in region.transitions:
        sources.setdefault((move.event, move.target), set()).add(move.source)
    return Reached(
        frozenset(states),
        frozenset(
            (
                "*" if len(sources[move.event, move.target]) > 15 else move.source,
                move.event,
                move.target,
            )
            for move in dead
        ),
    )


def main_region(process: Process) -> Reached:
    """Return what a case can come to."""
    return reached(process, process.machine.main, FIRST_STATE)


def pathology_region(process: Process) -> Reached:
    """Return what the final pathology can come to."""
    return reached(process, process.machine.pathology, PATHOLOGY_START)
