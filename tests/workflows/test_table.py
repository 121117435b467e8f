"""THE table is consistent: every name in it exists, and every event has a writer."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from settings import Settings
from workflows.cases.reported_facts import ANY_TIME
from workflows.process import Process
from workflows.rendering import PAGE, render
from workflows.stages import STAGES
from workflows.verbs import Ask, Do, Repeat, Wait
from workflows.vocabulary_gaps import NOT_YET_RECORDED

ROOT = Path(__file__).parents[2]
ROOMS = (
    "workflows", "views", "web", "tasks", "cli", "local", "analytics", "accounts", "benchmarks",
)  # fmt: skip
WRITERS = ("workflows", "web", "tasks", "cli")


@pytest.fixture(scope="module")
def process() -> Process:
    return Process.load(ROOT / "playbooks")


WRITING = re.compile(r"""(?:record|record_moving|Event|_reports|_alternative)\(\s*"([a-z_.]+)\"""")


def written_events() -> set[str]:
    """Return the event types that some code records, read from the sources."""
    files = [path for folder in WRITERS for path in (ROOT / folder).rglob("*.py")]
    return {name for path in files for name in WRITING.findall(path.read_text())} | ANY_TIME


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
    from workflows.decisions import QUESTIONS
    from workflows.steps import STEPS

    for action in all_actions(process):
        if isinstance(action, Do | Wait | Repeat):
            assert action.step in STEPS
        if isinstance(action, Ask):
            assert action.kind in QUESTIONS
            assert action.role in QUESTIONS[action.kind].roles


def test_every_letter_of_the_table_exists(process: Process) -> None:
    from workflows.engine.playbooks import Playbooks

    codes = Playbooks(ROOT / "playbooks").letters.codes
    told = {a.template for a in all_actions(process) if isinstance(a, Do) and a.template}
    assert told <= set(codes)


def test_the_table_speaks_of_known_events_and_states_only(process: Process) -> None:
    states = {state for names in STAGES.values() for state in names} | {"ON_HOLD"}
    assert set(process.on_entering) <= states
    waiting = [a for a in all_actions(process) if isinstance(a, Wait | Repeat)]
    waited = {event for action in waiting for event in action.until}
    for name in set(process.on_event) | waited:
        assert name in process.vocabulary, name


def test_every_event_is_recorded_somewhere_or_says_why_not(process: Process) -> None:
    written = written_events()
    for name in process.vocabulary.names():
        recorded = name in written
        if name in NOT_YET_RECORDED:
            assert not recorded, f"{name} is recorded now: take it off the list"
        else:
            assert recorded, f"nothing records {name}"


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
        action for actions in process.on_event.values() for action in actions
        if isinstance(action, Repeat)
    ]  # fmt: skip


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
    """Steps started at once must not start themselves again through the facts they record.

    What a step may record is read from its module; waits and human tasks break a cycle.
    """
    from workflows.steps import STEPS

    records: dict[str, set[str]] = {}
    for name, step in STEPS.items():
        function = step.cheap or step.slow
        assert function is not None
        text = (ROOT / (function.__module__.replace(".", "/") + ".py")).read_text()
        start = text.index(f"def {function.__name__}(")
        end = text.find("\ndef ", start + 1)
        body = text[start : end if end > 0 else None]
        records[name] = set(WRITING.findall(body))
    starts = {
        event: {action.step for action in actions if isinstance(action, Do)}
        for event, actions in process.on_event.items()
    }

    def reach(step: str, path: tuple[str, ...]) -> None:
        assert step not in path, f"{' -> '.join((*path, step))} never waits"
        for event in records.get(step, ()):
            for following in starts.get(event, ()):
                reach(following, (*path, step))

    for name in STEPS:
        reach(name, ())


def test_the_rendered_page_is_up_to_date(process: Process) -> None:
    assert PAGE.read_text(encoding="utf-8") == render(process), "run python -m workflows.rendering"
