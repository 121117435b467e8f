"""What nothing does yet is listed with its reason, exactly: no more, no less."""

from collections.abc import Set
from dataclasses import replace
from pathlib import Path

import pytest

from tests.workflows import reachable
from workflows import not_yet
from workflows.engine.playbooks import playbooks_of
from workflows.process import Process
from workflows.verbs import tell

ROOT = Path(__file__).parents[2]
COME_ABOUT = "it can happen now: take it off workflows/not_yet.py"
NOT_LISTED = "nothing does it: list it in workflows/not_yet.py with the reason"


@pytest.fixture(scope="module")
def process() -> Process:
    return Process.load(ROOT / "playbooks")


def exactly(listed: Set[object], out_of_reach: Set[object]) -> None:
    assert listed - out_of_reach == set(), COME_ABOUT
    assert out_of_reach - listed == set(), NOT_LISTED


def test_every_event_is_recorded_somewhere_or_says_why_not(process: Process) -> None:
    exactly(set(not_yet.EVENTS), set(process.vocabulary.names()) - reachable.recorded())


def test_every_state_is_reached_or_says_why_not(process: Process) -> None:
    machine = process.machine
    states = {*machine.waiting_on, *machine.terminal} - reachable.main_region(process).states
    region = {m.source for m in machine.pathology.transitions} | machine.pathology_final
    exactly(set(not_yet.STATES), states | (region - reachable.pathology_region(process).states))


def test_every_transition_is_taken_or_says_why_not(process: Process) -> None:
    main, pathology = reachable.main_region(process), reachable.pathology_region(process)
    exactly(set(not_yet.TRANSITIONS), {*main.not_taken, *pathology.not_taken})


def test_every_letter_leaves_or_says_why_not(process: Process) -> None:
    codes = set(playbooks_of(ROOT / "playbooks").letters.codes)
    exactly(set(not_yet.LETTERS), codes - reachable.sent(process))


def test_the_table_waits_for_no_fact_that_nothing_records(process: Process) -> None:
    assert set(process.on_event) - reachable.recorded() == set()


def test_a_letter_that_is_told_now_is_told_of(process: Process) -> None:
    """The list is compared, not believed: with M23 in the table it must come off."""
    told = (*process.on_entering["VISA"], tell("M23"))
    planted = replace(process, on_entering={**process.on_entering, "VISA": told})
    with pytest.raises(AssertionError, match="take it off"):
        test_every_letter_leaves_or_says_why_not(planted)


def test_an_event_that_is_recorded_no_more_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    process = Process.load(ROOT / "playbooks")
    without = reachable.recorded() - {"visa.granted"}
    monkeypatch.setattr(reachable, "recorded", lambda: without)
    for test in (
        test_every_event_is_recorded_somewhere_or_says_why_not,
        test_every_transition_is_taken_or_says_why_not,
    ):
        with pytest.raises(AssertionError, match="list it"):
            test(process)


def test_every_reason_is_a_sentence_for_people() -> None:
    lists = (not_yet.EVENTS, not_yet.STATES, not_yet.TRANSITIONS, not_yet.LETTERS)
    for reason in [reason for one in lists for reason in one.values()]:
        assert len(reason.split()) > 2 and not reason.endswith(".")
