"""Each letter whose sentences rest on facts is looked at again before every attempt to send it."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session

from adapters.clock import FixedClock
from adapters.mail_out import MailRefused
from models import Case, FollowUpEntry, Offer, Patient
from models.database import transaction
from settings import Settings
from tests.workflows.acts import to_decision, to_home, to_outreach
from tests.workflows.clocks.test_bundles import Post, post, write
from tests.workflows.playing import Play, add_hospitals
from workflows.engine.world import World
from workflows.portal import acts as portal_acts

NOT_NOW = MailRefused(permanent=False, code=451, stage="data")
MINUTES = timedelta(minutes=11)


def played(
    engine: Engine, settings: Settings, clock: FixedClock, storage: Any, to: Callable[[Play], None]
) -> Play:
    world = World(settings, engine=engine, clock=clock)
    world.bucket = storage
    add_hospitals(world)
    play = Play(world, clock)
    to(play)
    play.move(3 / 24 / 60)  # the receipt of what was said so far has left
    world.mail_out = cast(Any, Post())
    return play


@pytest.fixture
def asked(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    """Return a patient at home whose next question the mail server does not take for now."""
    play = played(engine, settings, clock, storage, to_home)
    post(play).fails = [NOT_NOW] * 3
    for _ in range(30):
        if any(m.state == "queued" for m in play.messages(template="M34")):
            return play
        play.move(1)
    raise AssertionError("no question was asked")


def entry_of(play: Play, key: str) -> FollowUpEntry:
    with Session(play.world.engine) as session:
        return session.get_one(FollowUpEntry, int(key.rpartition(":")[2]))


def later(play: Play) -> None:
    """Let the server take what it refused for now."""
    post(play).fails = []
    play.clock.move(MINUTES)
    play.run()


def test_a_question_that_was_answered_meanwhile_is_not_asked(asked: Play) -> None:
    (letter,) = [m for m in asked.messages(template="M34") if m.state == "queued"]
    number = entry_of(asked, letter.dedupe_key or "").id or 0
    with transaction(asked.world.engine) as session:
        session.get_one(FollowUpEntry, number).state = "answered"
    later(asked)
    (letter,) = [m for m in asked.messages(template="M34") if m.id == letter.id]
    assert letter.state == "cancelled" and post(asked).mails == []
    assert entry_of(asked, letter.dedupe_key or "").state == "answered"


def test_a_question_of_a_closed_case_is_not_asked_and_nobody_asks_it_by_telephone(
    asked: Play,
) -> None:
    (letter,) = [m for m in asked.messages(template="M34") if m.state == "queued"]
    before = {task.id for task in asked.tasks()}
    with transaction(asked.world.engine) as session:
        session.get_one(Case, asked.case_id).closed_at = asked.clock.now()
    later(asked)
    assert post(asked).mails == []
    assert entry_of(asked, letter.dedupe_key or "").state == "suppressed"
    assert {task.id for task in asked.tasks()} <= before


def test_a_question_leaves_in_the_words_of_now(asked: Play) -> None:
    """The reader is called otherwise now, and what is asked was worded anew."""
    (letter,) = [m for m in asked.messages(template="M34") if m.state == "queued"]
    number = entry_of(asked, letter.dedupe_key or "").id or 0
    with transaction(asked.world.engine) as session:
        session.get_one(FollowUpEntry, number).ask = "Is the new plaster dry?"
        session.scalars(select(Patient)).one().name = "Rosa Nova"
    later(asked)
    (mail,) = post(asked).mails
    text = mail.get_content()
    assert "Is the new plaster dry?" in text and "Dear Rosa Nova," in text
    (letter,) = [m for m in asked.messages(template="M34") if m.id == letter.id]
    assert letter.state == "sent" and "Is the new plaster dry?" in letter.body
    assert entry_of(asked, letter.dedupe_key or "").state == "sent"


def test_who_stops_the_questions_meanwhile_gets_none_by_letter(asked: Play) -> None:
    (letter,) = [m for m in asked.messages(template="M34") if m.state == "queued"]
    portal_acts.take_back(asked.world, asked.case, "messaging")
    later(asked)
    assert [str(m["Subject"]).partition(" – ")[0] for m in post(asked).mails] == [
        "What was written down"
    ]
    (letter,) = [m for m in asked.messages(template="M34") if m.id == letter.id]
    assert letter.state == "cancelled"


@pytest.fixture
def outreach(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    return played(engine, settings, clock, storage, to_outreach)


def test_two_letters_that_wait_in_one_mail_are_both_looked_at(outreach: Play) -> None:
    """M12 is pointless once the case went on; M04 leaves, alone and as itself."""
    post(outreach).fails = [NOT_NOW]
    write(outreach, "M04", "M12")
    outreach.run()
    assert [m.state for m in outreach.messages()[-2:]] == ["queued", "queued"]
    with transaction(outreach.world.engine) as session:
        session.get_one(Case, outreach.case_id).state = "OFFER_REVIEW"
    later(outreach)
    assert [str(m["Subject"]).partition(" – ")[0] for m in post(outreach).mails] == [
        "Documents we need"
    ]
    states = {m.template: m.state for m in outreach.messages()[-2:]}
    assert states == {"M04": "sent", "M12": "cancelled"}


def test_what_a_person_approved_goes_back_to_a_person_when_a_fact_has_changed(
    engine: Engine, settings: Settings, clock: FixedClock, storage: Any
) -> None:
    play = played(engine, settings, clock, storage, to_decision)
    post(play).fails = [NOT_NOW]
    body = play.messages(template="M15")[-1].body + "\nA word of my own.\n"
    play.answer("approve_message", "approve", body=body)
    assert play.messages(template="M15")[-1].state == "queued"
    with transaction(engine) as session:
        session.scalars(select(Offer)).one().amount_high = Decimal(12345)
    later(play)
    (letter,) = play.messages(template="M15")
    assert letter.state == "draft" and "12,345" in letter.body and post(play).mails == []
    assert "approve_message" in [task.kind for task in play.tasks()]
    play.answer("approve_message", "approve")
    (mail,) = post(play).mails
    assert "12,345" in mail.get_content()


def test_what_a_person_approved_leaves_in_that_persons_words_when_nothing_has_changed(
    engine: Engine, settings: Settings, clock: FixedClock, storage: Any
) -> None:
    play = played(engine, settings, clock, storage, to_decision)
    post(play).fails = [NOT_NOW]
    body = play.messages(template="M15")[-1].body + "\nA word of my own.\n"
    play.answer("approve_message", "approve", body=body)
    later(play)
    (mail,) = post(play).mails
    assert "A word of my own." in mail.get_content()
