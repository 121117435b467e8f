"""THE table is consistent: every name in it exists, and every event has a writer."""

import ast
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from settings import Settings
from tests.workflows.loops import loops
from workflows.decisions import QUESTIONS
from workflows.declared import Raises
from workflows.process import Process
from workflows.stages import STAGES
from workflows.steps import STEPS
from workflows.verbs import (
    Action,
    Ask,
    Do,
    Repeat,
    Wait,
    Within,
    ask,
    do,
    hours,
    repeat,
    tell,
    wait,
    working_days,
)

ROOT = Path(__file__).parents[2]
ROOMS = (
    "workflows",
    "views",
    "web",
    "tasks",
    "cli",
    "local",
    "analytics",
    "accounts",
    "benchmarks",
)


@pytest.fixture(scope="module")
def process() -> Process:
    return Process.load(ROOT / "playbooks")


@cache
def product_files() -> tuple[tuple[Path, ast.Module], ...]:
    """Return every file of the product with its syntax tree."""
    files = [path for folder in ROOMS for path in (ROOT / folder).rglob("*.py")]
    return tuple((path, ast.parse(path.read_text(encoding="utf-8"))) for path in files)


def all_actions(process: Process) -> list[object]:
    tables = [*process.on_event.values(), *process.on_entering.values()]
    asked_for = [*process.on_request.values(), *process.always]
    return [*(action for actions in tables for action in actions), *asked_for]


def test_every_step_and_question_of_the_table_exists(process: Process) -> None:
    for action in all_actions(process):
        if isinstance(action, Do | Wait | Repeat):
            assert action.step in STEPS
        if isinstance(action, Ask):
            assert action.kind in QUESTIONS
            assert action.role in QUESTIONS[action.kind].roles


def test_every_letter_of_the_table_exists(process: Process) -> None:
    from workflows.engine.playbooks import playbooks_of

    codes = playbooks_of(ROOT / "playbooks").letters.codes
    told = {a.template for a in all_actions(process) if isinstance(a, Do) and a.template}
    assert told <= set(codes)


def test_the_table_speaks_of_known_events_and_states_only(process: Process) -> None:
    states = {state for names in STAGES.values() for state in names} | {"ON_HOLD"}
    assert set(process.on_entering) <= states
    waiting = [a for a in all_actions(process) if isinstance(a, Wait | Repeat)]
    waited = {event for action in waiting for event in action.until}
    for name in set(process.on_event) | waited:
        assert name in process.vocabulary, name


def test_every_transition_waits_for_an_event_of_the_vocabulary(process: Process) -> None:
    regions = (process.machine.main, process.machine.pathology)
    for transition in [move for region in regions for move in region.transitions]:
        assert transition.event in process.vocabulary


def test_what_is_repeated_stands_in_each_of_its_states(process: Process) -> None:
    """Else entering one of them would not start it, or leaving one would not end it."""
    found: dict[str, set[str]] = {}
    for state, actions in process.on_entering.items():
        for action in actions:
            if isinstance(action, Repeat):
                assert action == process.repeats[action.step]
                found.setdefault(action.step, set()).add(state)
    assert found == {name: set(action.while_in) for name, action in process.repeats.items()}
    assert not [
        action
        for actions in process.on_event.values()
        for action in actions
        if isinstance(action, Repeat)
    ]


def test_what_always_runs_has_an_interval_of_its_own_or_of_the_settings(process: Process) -> None:
    for action in process.always:
        known = action.every.setting in Settings.model_fields
        assert known or action.every.hours > 0, action.step
        assert not action.while_in and not action.until


def test_every_request_is_made_by_somebody(process: Process) -> None:
    said = {
        node.value
        for path, tree in product_files()
        if path != ROOT / "workflows" / "table.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
    }
    assert set(process.on_request) <= said


def test_only_the_recorder_queues_steps_and_opens_questions() -> None:
    """What may be started stands in THE table: whoever wants more asks for it there by name."""
    private = {"schedule", "open_task", "_schedule", "_open_task"}
    for path, tree in product_files():
        if path == ROOT / "workflows" / "engine" / "record.py":
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                assert node.attr not in private, f"{path.name}:{node.lineno} calls {node.attr}"
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                new_row = node.func.id in ("HumanTask", "StepRun")
                assert not new_row, f"{path.name}:{node.lineno} makes a {node.func.id}"


def test_no_cycle_runs_without_a_person_or_a_clock(process: Process) -> None:
    """Steps started at once must not start themselves again, by facts, states or requests."""
    assert loops(process, STEPS) == []


def with_action(process: Process, table: str, name: str, action: Action) -> Process:
    """Return a copy of the process with one more action in `table`."""
    rows = getattr(process, table)
    changed: dict[str, Any] = {table: {**rows, name: (*rows.get(name, ()), action)}}
    return replace(process, **changed)


def test_a_loop_through_a_fact_of_a_helper_is_found(process: Process) -> None:
    planted = with_action(process, "on_event", "checklist.generated", do("travel.plan_journey"))
    assert loops(planted, STEPS) == [
        "travel.plan_journey -checklist.generated-> travel.plan_journey"
    ]


def test_a_loop_through_a_state_is_found(process: Process) -> None:
    planted = with_action(process, "on_entering", "ALTERNATIVES", do("outreach.check_exhausted"))
    assert sorted(loops(planted, STEPS), key=len, reverse=True) == [
        "outreach.check_exhausted -outreach.exhausted-> outreach.propose_shortlist"
        " -shortlist.empty-> outreach.check_exhausted",
        "outreach.check_exhausted -outreach.exhausted-> outreach.check_exhausted",
    ]


def test_a_loop_through_a_request_is_found(process: Process) -> None:
    asking = STEPS["outreach.check_exhausted"]
    steps = {**STEPS, asking.name: replace(asking, raises=Raises(requests=("news",)))}
    planted = with_action(process, "on_event", "message.sent", do(asking.name))
    planted = replace(planted, on_request={**process.on_request, "news": tell("M12")})
    assert loops(planted, steps) == [
        "notices.send_notice -message.sent-> outreach.check_exhausted"
        " -request news-> notices.send_notice"
    ]


def test_a_wait_and_a_question_end_a_loop(process: Process) -> None:
    late = wait("travel.plan_journey", until=(), within=hours(1))
    assert loops(with_action(process, "on_event", "checklist.generated", late), STEPS) == []
    asked = ask("chase_item", "coordinator", hours(1))
    assert loops(with_action(process, "on_event", "checklist.generated", asked), STEPS) == []


@pytest.mark.parametrize("none", [hours(0), hours(-1), working_days(0)])
def test_what_waits_takes_time(none: Within) -> None:
    """Else it would start at once, again and again, and no walk would find the loop."""
    with pytest.raises(ValueError, match="takes no time"):
        wait("travel.plan_journey", until=(), within=none)
    with pytest.raises(ValueError, match="without a pause"):
        repeat("travel.plan_journey", every=none, while_in=("OUTREACH",))


def test_whoever_says_that_a_way_back_ends_has_one(process: Process) -> None:
    """A reason that nothing needs any more is taken off. Each is tested where it holds:

    `documents/test_no_usable_value.py` for the gap, `documents/test_documents.py` for files,
    `documents/test_photos.py` for photos.
    """
    saying = [step for step in STEPS.values() if step.ends]
    assert len(saying) == 3
    for step in saying:
        for event in step.ends:
            ends = {name: why for name, why in step.ends.items() if name != event}
            assert loops(process, {**STEPS, step.name: replace(step, ends=ends)}), event
