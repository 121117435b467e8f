"""The answer to an inquiry goes to an address that a stranger typed: it must be no use to him."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.workflows.playing import PATIENT, Play
from workflows.letters import robots


def test_a_link_typed_as_a_name_is_in_no_letter(play: Play) -> None:
    play.open(patient=replace(PATIENT, name="Acme Bank http://evil.example/pay?x=1"))
    play.run()
    (answer,) = play.messages(template="M01", state="sent")
    assert "Dear reader," in answer.body
    assert "evil" not in answer.subject + answer.body


def test_a_victim_gets_so_many_answers_a_day_and_a_person_is_told_of_the_rest(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(robots, "INQUIRIES_A_DAY", 2)
    answers = [_answers(play) for _ in range(3)]
    assert answers == [(1, 0), (1, 0), (0, 1)]
    play.clock.move(timedelta(days=1, minutes=1))
    assert _answers(play) == (1, 0)


def _answers(play: Play) -> tuple[int, int]:
    """Open a case at the same address; return its answers that left, and the calls asked for."""
    play.open()
    play.run()
    calls = [t for t in play.tasks() if t.kind == "tell_patient" and t.case_id == play.case_id]
    return len(play.messages(template="M01", state="sent")), len(calls)
