"""What steps and answers declare is what their code can do: nothing missing, nothing rotten."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.declaring import declared
from tests.workflows.reach import reach_of
from workflows.declared import Raises
from workflows.engine.playbooks import playbooks_of
from workflows.engine.work import Unit
from workflows.process import Process

ROOT = Path(__file__).parents[2]
NOT_TAKEN = {
    "answer chase_item.done": {"checklist.item_waived"},
    "answer chase_item.waived": {"checklist.item_done"},
    "answer confirm_refusal.declined": {"checklist.item_waived"},
    "answer report_progress.departed": {"checklist.item_waived"},
    "answer report_progress.extended": {"checklist.item_waived"},
    "answer report_progress.treatment_scheduled": {"checklist.item_waived"},
}
"""What the shared code of two answers could record, and this one does not."""

Declared = tuple[str, Callable[..., Any], Raises]


EVERY = list(declared())


@pytest.fixture(scope="module")
def process() -> Process:
    return Process.load(ROOT / "playbooks")


def undeclared(name: str, function: Callable[..., Any], raises: Raises) -> set[str]:
    """Return what the code records or asks for at some place and does not declare."""
    reach = reach_of(function)
    recorded = reach.recorded - set(raises.events) - NOT_TAKEN.get(name, set())
    return recorded | (reach.asked - set(raises.requests))


def unreachable(function: Callable[..., Any], raises: Raises) -> set[str]:
    """Return what is declared and stands nowhere in the code that is reached."""
    reach = reach_of(function)
    return {*raises.events, *raises.requests, *raises.letters} - reach.mentioned


@pytest.mark.parametrize("one", EVERY, ids=lambda one: one[0])
def test_nothing_is_raised_that_is_not_declared_and_nothing_declared_is_out_of_reach(
    one: Declared,
) -> None:
    name, function, raises = one
    assert not undeclared(name, function, raises)
    assert not unreachable(function, raises)


def _late(unit: Unit) -> None:
    unit.record("checklist.item_late", {"item_id": "T01"})


def _forgetful(unit: Unit) -> None:
    for say in [_late]:
        say(unit)


def test_an_effect_that_is_not_declared_is_found_through_helpers() -> None:
    assert undeclared("step x", _forgetful, Raises()) == {"checklist.item_late"}
    assert undeclared("step x", _forgetful, Raises(("checklist.item_late",))) == set()


def test_what_is_declared_and_out_of_reach_is_found() -> None:
    raises = Raises(("checklist.item_late", "travel.departed"), ("call_family",), ("M05",))
    assert unreachable(_forgetful, raises) == {"travel.departed", "call_family", "M05"}


def test_declared_names_exist(process: Process) -> None:
    codes = set(playbooks_of(ROOT / "playbooks").letters.codes)
    for name, _, raises in EVERY:
        for event in raises.events:
            assert event in process.vocabulary, name
        assert set(raises.requests) <= set(process.on_request), name
        assert set(raises.letters) <= codes, name
