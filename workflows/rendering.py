"""Renders THE table and the state machine to `docs/workflow.md`, so that people can read them.

`python -m workflows.rendering` writes the page; a test fails when it is not up to date.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from settings import PROJECT_ROOT
from workflows.process import Process
from workflows.stages import STAGES, StateMachine
from workflows.verbs import EVERYTHING, GIVEN, Action, Ask, Do, Repeat, Wait, Within

PAGE = PROJECT_ROOT / "docs" / "workflow.md"

_HEAD = """# Workflow

Rendered from `workflows/table.py` and `playbooks/state_machine.yaml` by
`python -m workflows.rendering`; do not edit by hand.

A case moves because facts are written on its timeline. Each fact starts the steps that the table
names; people decide what only people may decide. Five verbs: **do** a step runs once, **ask** a
person decides before a deadline, **wait** a step runs unless a fact comes first, **repeat** a step
runs again and again, **stop** what the fact makes pointless.
"""


def within_words(within: Within | None) -> str:
    """Return a span in words."""
    if within is None:
        return ""
    if within == GIVEN:
        return "the time given with the request"
    if within.setting:
        return f"the time set as `{within.setting}`"
    if within.working_hours:
        return f"{within.working_hours:g} working hours"
    if within.working_days:
        whose = " of the hospital" if within.calendar == "hospital" else ""
        return f"{within.working_days} working days{whose}"
    if within.hours < 1:
        return f"{within.hours * 60:.0f} minutes"
    if within.hours >= 48 and within.hours % 24 == 0:
        return f"{within.hours / 24:.0f} days"
    return f"{within.hours:g} hours"


def action_words(action: Action) -> str:
    """Return one action in words."""
    when = f" when {_when(action.when)}" if action.when else ""
    if isinstance(action, Do):
        letter = f" {action.template}" if action.template else ""
        return f"**do** `{action.step}`{letter}{when}"
    if isinstance(action, Ask):
        urgent = within_words(action.urgent_within)
        hurry = f", urgent cases {urgent}" if urgent else ""
        within = within_words(action.within)
        return f"**ask** the {action.role}: `{action.kind}` within {within}{hurry}{when}"
    if isinstance(action, Wait):
        moment = within_words(action.within) or f"until its `{action.due_from}`"
        until = ", ".join(f"`{event}`" for event in action.until) or "the state is left"
        return f"**wait** {moment}, else `{action.step}`; ends with {until}{when}"
    if isinstance(action, Repeat):
        first = f"after {within_words(action.first)}, then " if action.first else ""
        states = " or ".join(action.while_in)
        until = "".join(f", until `{event}`" for event in action.until)
        while_in = f" while in {states}" if states else ""
        return (
            f"**repeat** `{action.step}` {first}every {within_words(action.every)}{while_in}{until}"
        )
    named = ", ".join(f"`{name}`" for name in (*action.steps, *action.tasks))
    what = "everything" if EVERYTHING in action.steps else named
    return f"**stop** {what}{when}"


def _when(conditions: Mapping[str, object]) -> str:
    words = []
    for name, value in conditions.items():
        shown = " or ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        words.append(f"{name.replace('_', ' ')} is {shown}")
    return " and ".join(words)


def _section(title: str, table: Mapping[str, Sequence[Action]]) -> str:
    lines = [f"## {title}", ""]
    for name, actions in table.items():
        lines.append(f"- `{name}`")
        lines += [f"  - {action_words(action)}" for action in actions]
    return "\n".join(lines) + "\n"


def _always(actions: Sequence[Action]) -> str:
    lines = ["## What always runs", "", *(f"- {action_words(action)}" for action in actions)]
    return "\n".join(lines) + "\n"


def _stages(machine: StateMachine) -> str:
    lines = ["## Stages and states", "", "| stage | states, and on whom each waits |", "|---|---|"]
    for stage, states in STAGES.items():
        shown = ", ".join(
            f"{state} ({machine.waiting_on[state]})" if state in machine.waiting_on else state
            for state in states
        )
        lines.append(f"| {stage} | {shown} |")
    return "\n".join(lines) + "\n"


_MAIN_ROAD = frozenset(state for states in STAGES.values() for state in states)


def _diagram(machine: StateMachine) -> str:
    lines = ["## Diagram", "", "Facts that may come in any state are left out.", "", "```mermaid"]
    lines.append("stateDiagram-v2")
    sources: dict[str, set[str]] = {}
    for move in machine.main.transitions:
        sources.setdefault(move.event, set()).add(move.source)
    seen: set[tuple[str, str, str]] = set()
    for move in machine.main.transitions:
        any_state = len(sources[move.event]) > 15
        if any_state or move.target not in _MAIN_ROAD or move.source == move.target:
            continue
        edge = (move.source, move.target, move.event)
        if edge not in seen:
            seen.add(edge)
            lines.append(f"    {move.source} --> {move.target}: {move.event}")
    return "\n".join([*lines, "```"]) + "\n"


def render(process: Process) -> str:
    """Return the page as Markdown."""
    return "\n".join(
        [
            _HEAD,
            _stages(process.machine),
            _section("What each fact starts", process.on_event),
            _section("What a case needs on entering a state", process.on_entering),
            _section(
                "What a step, an answer or a door may request",
                {name: (action,) for name, action in process.on_request.items()},
            ),
            _always(process.always),
            _diagram(process.machine),
        ]
    )


def write(page: Path = PAGE) -> None:
    """Write the page."""
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(render(Process.load(PROJECT_ROOT / "playbooks")), encoding="utf-8")


if __name__ == "__main__":
    write()
