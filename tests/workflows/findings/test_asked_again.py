"""Values that nobody has looked at are asked about again when a case that was closed goes on."""

from typing import Any

import pytest
from sqlalchemy import Engine

from adapters.clock import FixedClock
from settings import Settings
from tests.workflows.acts import SIGNED, to_review
from tests.workflows.playing import Play, add_hospitals
from workflows.cases.reported_facts import report_fact
from workflows.engine.world import World
from workflows.events import Actor


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    """A case that was closed before anybody had looked at its report, and was opened again."""
    world = World(settings, engine=engine, clock=clock)
    world.storage = storage
    add_hospitals(world)
    play = Play(world, clock)
    to_review(play)
    play.answer("triage_inquiry", "out_of_scope", "not our field")
    report_fact(world, play.case.ref, "case.reopened", Actor("lead", "l1"))
    play.run()
    play.answer("triage_inquiry", "in_scope", site="breast")
    play.answer("record_consent", "granted", **SIGNED)
    play.answer("settle_completeness", "waive", reason="imaging is on its way")
    play.answer("countersign_waiver", "agree", "not needed yet")
    return play


def asked(play: Play) -> list[dict[str, Any]]:
    return [dict(task.objects) for task in play.tasks() if task.kind == "review_findings"]


def test_a_report_that_nobody_looked_at_is_asked_about_in_the_review(play: Play) -> None:
    assert play.case.state == "EXTRACTION_REVIEW"
    assert len(asked(play)) == 1
    play.confirm()
    assert play.case.state == "CLINICIAN_REVIEW"


def test_what_is_asked_already_is_asked_once(play: Play) -> None:
    play.move(30)
    assert len(asked(play)) == 1
