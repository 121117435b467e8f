"""A file whose papers are all there and hold no usable value waits for other papers, once."""

from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from adapters.clock import FixedClock
from models import Document
from models.database import transaction
from settings import Settings
from tests.workflows.acts import SIGNED, SYNOPTIC, to_review
from tests.workflows.playing import Play, due
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.steps import STEPS


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    return Play(World(settings, engine=engine, clock=clock), clock)


def reads_as_every_paper(play: Play) -> None:
    """Let the one document stand for every paper that a stomach case needs."""
    items = play.world.playbooks.completeness.items.values()
    labels = sorted({label for item in items for label in item.labels})
    part = {"first": 1, "last": 1, "confidence": 1.0}
    parts = [{**part, "label": label, "date": None} for label in labels]
    with transaction(play.world.engine) as session:
        for one in session.scalars(select(Document).where(col(Document.case_id) == play.case_id)):
            one.notes = {"parts": parts}


def a_few_rounds(play: Play) -> None:
    runner = Runner(play.world, STEPS)
    names = [name for name in STEPS if name != "ingestion.fetch_mail"]
    for _ in range(6):
        for name in due(play.world, names):
            runner.drain(name)


def test_it_asks_the_family_once_and_does_not_go_round_in_circles(play: Play) -> None:
    to_review(play)
    reads_as_every_paper(play)
    play.decide_only("triage_inquiry", "in_scope", site="stomach")
    play.run()
    play.decide_only("record_consent", "granted", **SIGNED)
    a_few_rounds(play)
    assert play.case.state == "EXTRACTION_REVIEW"
    play.decide_only("review_findings", "reject", "of another illness")
    a_few_rounds(play)
    assert play.case.state == "COLLECTING_RECORDS"
    assert len(play.events("extraction.gap_found")) == 1
    assert play.messages(template="M05") == [], "no paper is missing: no letter says that one is"
    play.answer("name_items", "ask", items="path_core")
    (letter,) = play.messages(template="M05")
    assert "1. The laboratory report of the biopsy" in letter.body
    a_few_rounds(play)
    assert play.case.state == "COLLECTING_RECORDS"


def test_a_new_paper_takes_it_on_again(play: Play) -> None:
    to_review(play)
    reads_as_every_paper(play)
    play.answer("triage_inquiry", "in_scope", site="stomach")
    play.answer("record_consent", "granted", **SIGNED)
    play.decide_only("review_findings", "reject", "of another illness")
    a_few_rounds(play)
    play.add(SYNOPTIC + b"\n% another print")
    assert play.case.state == "COLLECTING_RECORDS"
    play.confirm()
    assert play.case.state == "CLINICIAN_REVIEW"
