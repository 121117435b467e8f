"""A step stands in one place; the registry collects them all and refuses what cannot run."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

import workflows
from tasks.queues import QUEUES, THREADS, WORKER_GROUPS
from views.step_words import step_in_words
from workflows.engine.side_by_side import MOST_READINGS
from workflows.engine.work import Step, StepRefused, Unit, cheap
from workflows.steps import MODULES, STEPS, collect

WORDS: dict[str, Any] = {
    "words": "a letter is folded",
    "stopped": "It was not",
    "patient": "Nothing.",
}


def standing(modules: Iterator[ModuleType]) -> dict[int, Step]:
    values = (value for module in modules for value in vars(module).values())
    return {id(value): value for value in values if isinstance(value, Step)}


def uncollected(modules: Iterator[ModuleType]) -> list[str]:
    """Return the places of the steps that stand in `modules` and that nobody collected."""
    known = {id(step) for step in STEPS.values()}
    return [step.place for key, step in standing(modules).items() if key not in known]


def product() -> Iterator[ModuleType]:
    for module in pkgutil.walk_packages(workflows.__path__, "workflows."):
        yield importlib.import_module(module.name)


def module_with(name: str) -> ModuleType:
    @cheap(name, **WORDS)
    def fold(_: Unit) -> None:
        """Fold it."""

    module = ModuleType("made_up")
    module.fold = fold  # type: ignore[attr-defined]
    return module


def test_every_step_that_stands_in_the_house_is_collected() -> None:
    assert uncollected(product()) == []
    assert len(STEPS) == len(standing(iter(MODULES)))


def test_a_step_that_nobody_collected_is_found() -> None:
    (place,) = uncollected(iter([module_with("notices.fold")]))
    assert place.startswith("tests/workflows/test_steps.py:")


def test_a_step_without_a_queue_is_refused_with_file_line_and_mend() -> None:
    with pytest.raises(StepRefused) as refused:
        collect(module_with("folding.fold"))
    file, line, rest = str(refused.value).split(":", 2)
    assert file == "tests/workflows/test_steps.py"
    assert "@cheap(name, **WORDS)" in _line(int(line))
    assert "folding.fold has no queue 'folding'" in rest
    assert "ingestion" in rest and "tasks/queues.py" in rest


def _line(number: int) -> str:
    from pathlib import Path

    return Path(__file__).read_text(encoding="utf-8").splitlines()[number - 1]


def test_a_name_that_stands_twice_is_refused_with_both_places() -> None:
    with pytest.raises(StepRefused, match=r"test_steps\.py:\d+: .*in tests/.*test_steps\.py:\d+ "):
        collect(module_with("notices.fold"), module_with("notices.fold"))


def test_every_step_says_what_it_does_in_words() -> None:
    for name, step in STEPS.items():
        assert step.words and step.stopped and step.patient, step.place
        assert step_in_words(name) == step.words
    assert step_in_words("notices.of_an_older_version") == "of an older version"


def test_every_queue_is_served_by_one_group() -> None:
    served = [queue for group in WORKER_GROUPS.values() for queue in group]
    assert sorted(served) == sorted(QUEUES)


def test_files_are_read_where_nothing_else_waits_for_it() -> None:
    (group,) = [queues for queues in WORKER_GROUPS.values() if "extraction" in queues]
    assert group == ("extraction",), "mail is fetched and files are stored while one is read"
    assert THREADS["extraction"] > MOST_READINGS, "findings are looked for meanwhile"
