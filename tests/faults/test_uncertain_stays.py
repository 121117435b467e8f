"""A letter of which nobody knows whether it arrived stays on its list, however its case ends."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, update
from sqlmodel import col

from adapters.clock import FixedClock
from adapters.mail_out import SmtpMailOut
from models import Message, StepRun
from models.base import require_id
from models.database import transaction
from settings import Settings
from tests.adapters.peers import Relay, relay
from tests.workflows.acts import to_outreach
from tests.workflows.playing import Play, add_hospitals
from tests.workflows.retention.test_erasing import decided, looked
from workflows.cases.reported_facts import report_fact
from workflows.decisions import DecisionRefused
from workflows.engine.recurring import ensure_recurring
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.events import Actor
from workflows.steps import STEPS

LEAD = Actor("lead", "l1")


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    world = World(settings, engine=engine, clock=clock)
    world.bucket = storage
    add_hospitals(world)
    return Play(world, clock)


def a_letter_nobody_knows_of(play: Play) -> int:
    """Hand a reminder over to a server whose line drops before its answer."""
    to_outreach(play)
    play.move(3)
    honest = play.world.mail_out
    with relay(Relay(drop_after_data=True)) as port:
        play.world.mail_out = SmtpMailOut(host="127.0.0.1", port=port, security="none")
        play.answer("approve_message", "approve")
    play.world.mail_out = honest
    (letter,) = play.messages(template="M11")
    assert (letter.state, listed(play)) == ("uncertain", [letter.id])
    return require_id(letter.id)


def listed(play: Play) -> list[int]:
    return [t.objects["message_id"] for t in play.tasks() if t.kind == "settle_message"]


def ended(play: Play, how: str) -> None:
    fact = {"deceased": "patient.deceased", "stopped": "patient.stopped"}.get(how)
    if fact:
        report_fact(play.world, play.case.ref, fact, LEAD)
    else:
        report_fact(play.world, play.case.ref, "consent.withdrawn", LEAD)
    play.run()
    if how == "deceased":
        play.answer("finish_bereavement", "completed")
    # A withdrawal is not finished before it is known what every hospital has.
    assert (play.case.closed_at is None) is (how == "withdrawn")


@pytest.mark.parametrize("how", ["deceased", "stopped", "withdrawn"])
@pytest.mark.parametrize("outcome", ["delivered", "not_delivered"])
def test_it_is_asked_on_after_the_case_has_ended(play: Play, how: str, outcome: str) -> None:
    letter = a_letter_nobody_knows_of(play)
    ended(play, how)
    assert listed(play) == [letter]
    with pytest.raises(DecisionRefused, match="ended"):
        play.answer("settle_message", "send_again", "they do not have it")
    before = len(play.events("outreach.chased"))
    play.answer("settle_message", outcome)
    assert listed(play) == []
    assert len(play.events("outreach.chased")) == before, "nothing is awaited of the hospital"
    play.move(30)
    assert len(play.messages(template="M11")) == 1


def test_a_letter_that_was_refused_is_not_asked_about_for_ever(play: Play) -> None:
    letter = a_letter_nobody_knows_of(play)
    with transaction(play.world.engine) as session:
        known = update(Message).where(col(Message.id) == letter).values(state="refused")
        session.execute(known)
    ended(play, "stopped")
    assert listed(play) == []


def test_it_is_asked_on_when_the_data_are_erased(play: Play) -> None:
    letter = a_letter_nobody_knows_of(play)
    ended(play, "deceased")
    decided(play)
    looked(play)
    assert play.case.erased_at is not None
    assert listed(play) == [letter]
    play.answer("settle_message", "delivered")
    assert [one.state for one in play.messages(template="M11")] == ["sent"]
    assert [e.payload["outcome"] for e in play.events("message.settled")] == ["delivered"]


def test_a_row_parked_amid_a_hand_over_leaves_its_letter_on_the_list(play: Play) -> None:
    """Four tries were put off, and the worker died in the fifth, after it said "sending"."""
    to_outreach(play)
    play.move(3)
    play.decide_only("approve_message", "approve")
    (letter,) = play.messages(template="M11")
    with transaction(play.world.engine) as session:
        (run,) = session.scalars(
            update(StepRun)
            .where(col(StepRun.name) == "outreach.send_enquiry", col(StepRun.state) == "queued")
            .values(state="running", attempt=5, fence=5, lease_until=func.now() - timedelta(1))
            .returning(col(StepRun.id))
        )
        known = update(Message).where(col(Message.id) == letter.id)
        session.execute(known.values(state="sending", sending_fence=5, sending_run=run))
    Runner(play.world, STEPS).park_lost()
    assert play.messages(template="M11")[0].state == "uncertain"
    assert listed(play) == [letter.id]
    assert [e.payload["message_id"] for e in play.events("message.uncertain")] == [letter.id]


def test_a_letter_that_nobody_hands_over_any_more_is_found(play: Play) -> None:
    """As an earlier version left them: "sending", its row parked, and nobody asked."""
    to_outreach(play)
    play.move(3)
    (letter,) = play.messages(template="M11")
    with transaction(play.world.engine) as session:
        session.execute(update(Message).where(col(Message.id) == letter.id).values(state="sending"))
    ensure_recurring(play.world)
    Runner(play.world, STEPS).drain("reminders.watch_cases")
    assert play.messages(template="M11")[0].state == "uncertain"
    assert listed(play) == [letter.id]
