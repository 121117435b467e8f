"""Letters that come back, and answers of families: each is placed by a proof, or by a person."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from adapters.clock import FixedClock
from correspondence import reply_address, reply_token
from models import Document, Message, OutreachThread, Patient, PortalDraft
from models.base import require_id
from settings import Settings
from tests.fixtures.keys import OTHER_RING
from tests.workflows.acts import to_outreach
from tests.workflows.flagging import Listening
from tests.workflows.letters.posting import Post, answer_to, mail_of, path_of, reasons, rows, sent
from tests.workflows.playing import PATIENT, Play, add_hospitals
from workflows.cases.red_flags import RED_FLAG
from workflows.engine.world import World
from workflows.portal import drafts


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    world = World(settings, engine=engine, clock=clock)
    world.mail_out = Listening(world.mail_out)
    add_hospitals(world)
    return Play(world, clock)


@pytest.fixture
def family(play: Play) -> Play:
    """A case whose family was written to."""
    play.open()
    play.run()
    return play


@pytest.fixture
def asked(play: Play) -> Iterator[Play]:
    """A case whose first hospital was asked."""
    to_outreach(play)
    yield play


def test_each_letter_leaves_with_a_return_path_of_its_own(play: Play) -> None:
    for _ in range(2):
        play.open()
        play.run()
    out = play.world.mail_out
    assert isinstance(out, Listening)
    letters = [one for one in rows(play, Message) if one.state == "sent"]
    assert len(letters) == 2
    assert out.paths == [path_of(play, one) for one in letters]
    assert mail_of(play, letters[0])["Reply-To"] == answer_to(play, "M01")


def test_where_the_relay_takes_no_other_sender_the_mailbox_is_it(play: Play) -> None:
    own = play.world.settings.model_copy(update={"mail_return_paths": False})
    play.world.settings = own
    play.open()
    play.run()
    out = play.world.mail_out
    assert isinstance(out, Listening)
    assert set(out.paths) == {own.mail_from}


def test_a_patients_dead_address_is_a_coordinators_task(family: Play) -> None:
    first = sent(family, "M01")
    Post(family).bounces(path_of(family, first))
    (event,) = family.events("message.refused")
    assert (event.payload["message_id"], event.payload["code"]) == (first.id, "5.1.1")
    assert "settle_message" in [task.kind for task in family.tasks()]
    assert reasons(family) == []


def test_a_hospitals_dead_address_is_known_without_any_id(asked: Play) -> None:
    Post(asked).bounces(path_of(asked, sent(asked, "M10")))
    (event,) = asked.events("outreach.delivery_updated")
    assert event.payload["status"] == "hard_bounce"
    assert [thread.state for thread in rows(asked, OutreachThread)] == ["bounced"]


@pytest.mark.parametrize(("to", "about"), [("M01", "M10"), ("M10", "M01")])
def test_a_report_about_another_letter_than_it_was_sent_to_moves_nothing(
    asked: Play, to: str, about: str
) -> None:
    post, named = Post(asked), sent(asked, about).message_id
    before = len(asked.events())
    post.bounces(
        path_of(asked, sent(asked, to)),
        "Your message could not be delivered.\n550 5.1.1 user unknown\n\n"
        f"--- original ---\nMessage-ID: {named}\nSubject: x\n",
    )
    assert len(asked.events()) == before
    assert len(reasons(asked)) == 1


def test_a_path_that_nobody_gave_out_is_nobodys(family: Play) -> None:
    own = family.world.settings.mail_from
    number = require_id(sent(family, "M01").id)
    Post(family).bounces(reply_address(own, reply_token(number, OTHER_RING, "letter")))
    assert family.events("message.refused") == []
    assert reasons(family) == ["bounce"]


def test_what_a_machine_says_in_words_that_nobody_knows_is_read_by_a_person(asked: Play) -> None:
    before = len(asked.events())
    words = "Teie kiri ei jõudnud kohale: sellist postkasti meil enam ei ole."
    path = path_of(asked, sent(asked, "M10"))
    Post(asked).brings(path, words, sender="postmaster@haigla.example", back="")
    assert len(asked.events()) == before
    assert reasons(asked) == ["return_path"]


def test_a_relative_who_answers_is_joined_by_a_person(family: Play) -> None:
    to = answer_to(family, "M01")
    before = len(rows(family, Document))
    sister = "sister@elsewhere.example"
    Post(family).brings(to, "Here is her report.", sender=sister, file="report.pdf")
    assert family.events("message.received") == []
    assert len(rows(family, Document)) == before
    assert reasons(family) == ["other_address"]
    family.decide_only("match_mail", "attach_case", case=family.case.ref)
    assert len(family.events("message.received")) == 1
    assert len(rows(family, Document)) == before + 1


def test_danger_in_a_relatives_answer_is_heard_at_once(family: Play) -> None:
    to = answer_to(family, "M01")
    words = "She is bleeding heavily from the wound and has fever 39.5 since last night."
    Post(family).brings(to, words, sender="sister@elsewhere.example")
    assert len(family.events(RED_FLAG)) == 1
    assert reasons(family) == ["other_address"]


def test_the_token_says_which_case_of_two_an_address_writes_about(play: Play) -> None:
    play.open()
    play.run()
    first = play.case_id
    to = answer_to(play, "M01")
    play.open()
    play.run()
    assert play.case_id != first
    Post(play).brings(to, "I will send it.", sender=PATIENT.email or "")
    play.case_id = first
    assert len(play.events("message.received")) == 1
    assert reasons(play) == []


def test_a_patient_who_answers_a_letter_to_another_family_moves_neither(family: Play) -> None:
    own = family.world.settings.mail_from
    family.open()
    with Session(family.world.engine) as session:
        patient = session.scalars(
            select(Patient).where(col(Patient.case_id) == family.case_id)
        ).one()
        patient.email = "other@elsewhere.example"
        session.commit()
    to = reply_address(own, reply_token(family.case_id, family.world.keys.ring, "case"))
    Post(family).brings(to, "hello", sender=PATIENT.email or "")
    assert family.events("message.received") == []
    assert reasons(family) == ["other_case"]


def test_letters_sent_before_the_ids_were_secret_are_still_answered(asked: Play) -> None:
    with Session(asked.world.engine) as session:
        enquiry = session.scalars(select(Message).where(col(Message.template) == "M10")).one()
        enquiry.message_id = f"<{'ab' * 20}@coordination.example>"
        session.commit()
    own = asked.world.settings.mail_from
    Post(asked).brings(
        own,
        "We will discuss it on Thursday.",
        sender="ipd@sahyadri.example",
        In_Reply_To=f"<{'ab' * 20}@coordination.example>",
    )
    assert len(asked.events("hospital.reply_received")) == 1


def test_an_alarm_and_the_link_of_an_inquiry_that_come_back_are_told_apart(play: Play) -> None:
    token = drafts.start(play.world, "somewhere", "en")
    drafts.save(play.world, token, "who", {"email": "typo@elsewhere.example"}, passed=False)
    drafts.ask_letter(play.world, token)
    play.run()
    out, own = play.world.mail_out, play.world.settings.mail_from
    assert isinstance(out, Listening)
    (path,) = out.paths
    (draft,) = rows(play, PortalDraft)
    assert path == reply_address(own, reply_token(draft.id, play.world.keys.ring, "draft"))
    post = Post(play)
    post.bounces(path)
    post.bounces(
        reply_address(own, reply_token(7, play.world.keys.ring, "alarm")), "550 unknown user"
    )
    assert reasons(play) == ["draft_bounce", "alarm_bounce"]
