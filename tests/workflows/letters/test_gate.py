"""The gate for letters in: none lost, none twice, one that cannot be read stops no other."""

import email.policy
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from adapters.clock import FixedClock
from adapters.mail_in import FetchedMail, ImapMailIn, MailIn, MailNotRead
from models import Document, HumanTask, InboundMail, MailboxMessage, Message, OutreachThread
from models.base import require_id
from models.database import transaction
from settings import Settings
from tests.workflows.acts import SYNOPTIC, to_outreach
from tests.workflows.playing import PATIENT, Play, add_hospitals
from workflows.cases.red_flags import RED_FLAG
from workflows.decisions import decide
from workflows.engine.recurring import FETCH_MAIL, ensure_recurring
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.events import Actor
from workflows.letters import gate
from workflows.letters.gate import SET_ASIDE
from workflows.letters.inbound import take_mail
from workflows.steps import STEPS

RECONCILE = "ingestion.reconcile_mail"
HOSPITAL = "ipd@sahyadri.example"
FORGED = "mx.coordination.example; spf=fail; dmarc=fail"


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    world = World(settings, engine=engine, clock=clock)
    add_hospitals(world)
    return Play(world, clock)


def post(play: Play, subject: str, text: str = "hello", times: int = 1, **headers: Any) -> None:
    """Bring a letter into our mailbox, by as many ways; `file` names a PDF that comes along."""
    letter = EmailMessage(policy=email.policy.SMTP)
    own = play.world.settings.mail_from
    sender = headers.pop("sender", "stranger@elsewhere.example")
    file = headers.pop("file", None)
    letter["From"], letter["To"], letter["Subject"] = sender, headers.pop("to", own), subject
    for name, value in headers.items():
        letter[name.replace("_", "-")] = value
    letter.set_content(text)
    if file:
        letter.add_attachment(SYNOPTIC, maintype="application", subtype="pdf", filename=file)
    raw = letter.as_bytes()
    for way in range(times):
        passed = f"Received: by hop-{way}.example\r\n".encode()
        play.world.mail_out.deliver(passed + raw, "bounces@elsewhere.example", [own])


def poll(play: Play, step: str = FETCH_MAIL) -> None:
    play.clock.move(play.world.settings.mail_poll * 2)
    ensure_recurring(play.world)
    runner = Runner(play.world, STEPS)
    while runner.drain(step):
        pass  # a slow machine needs more than one slice of a ring


def rows(play: Play, table: Any) -> list[Any]:
    with Session(play.world.engine) as session:
        return list(session.scalars(select(table).order_by(table.id)))


def subjects(play: Play) -> list[str]:
    return [one.subject for one in rows(play, Message) if one.direction == "in"]


def open_tasks(play: Play, kind: str) -> list[HumanTask]:
    return [one for one in rows(play, HumanTask) if (one.kind, one.state) == (kind, "open")]


class Stubborn:
    """The real mailbox, whose server answers NO for one message until it is mended."""

    def __init__(self, world: World, uid: int) -> None:
        self._open, self.uid = world.open_mailbox, uid
        self.mended = False

    def __call__(self) -> MailIn:
        box = self._open()
        assert isinstance(box, ImapMailIn)
        read = box.read

        def refusing(uid: int) -> FetchedMail | None:
            if uid == self.uid and not self.mended:
                raise MailNotRead(uid, "NO")
            return read(uid)

        box.read = refusing  # type: ignore[method-assign]
        return box


def test_what_somebody_opened_first_is_taken_all_the_same(play: Play) -> None:
    post(play, "read in webmail")
    box = play.world.open_mailbox()
    (mail,) = box.fetch()
    assert box.mark_seen(mail)
    box.close()
    poll(play)
    assert subjects(play) == ["read in webmail"]
    poll(play)
    poll(play, RECONCILE)
    assert subjects(play) == ["read in webmail"]


def test_one_message_the_server_refuses_is_set_aside_and_the_rest_goes_on(play: Play) -> None:
    for number in range(1, 5):
        post(play, f"letter {number}")
    stubborn = Stubborn(play.world, uid=rows_of_box(play)[1])
    play.world.open_mailbox = stubborn  # type: ignore[method-assign]
    poll(play)
    assert subjects(play) == ["letter 1", "letter 3", "letter 4"]
    (task,) = open_tasks(play, SET_ASIDE)
    assert task.detail == str(stubborn.uid)
    post(play, "letter 5")
    poll(play)
    assert subjects(play)[-1] == "letter 5"
    assert len(open_tasks(play, SET_ASIDE)) == 1, "asked once"
    stubborn.mended = True
    poll(play)
    assert subjects(play)[-1] == "letter 2"
    assert open_tasks(play, SET_ASIDE) == [], "it was read after all"


def rows_of_box(play: Play) -> list[int]:
    box = play.world.open_mailbox()
    _, uids = box.list_uids()
    box.close()
    return uids


def test_a_person_has_it_tried_again_or_reads_it_by_hand(play: Play) -> None:
    post(play, "only one")
    play.world.open_mailbox = Stubborn(play.world, uid=rows_of_box(play)[0])  # type: ignore[method-assign]
    for _ in range(12):
        poll(play)
    (row,) = rows(play, MailboxMessage)
    assert row.attempts == 10, "not for ever"
    (task,) = open_tasks(play, SET_ASIDE)
    boss = Actor("coordinator", "U-co")
    decide(play.world, require_id(task.id), answer="again", actor=boss)
    poll(play)
    (task,) = open_tasks(play, SET_ASIDE)
    decide(
        play.world, require_id(task.id), answer="by_hand", actor=boss, reason="read in the mailbox"
    )
    assert open_tasks(play, SET_ASIDE) == []


def test_a_letter_that_no_code_expects_stops_no_other(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = take_mail

    def failing(world: World, raw: bytes, **named: Any) -> int | None:
        if b"Subject: poison" in raw:
            raise UnicodeError("planted")
        return take(world, raw, **named)

    monkeypatch.setattr(gate, "take_mail", failing)
    for subject in ("before", "poison", "after"):
        post(play, subject)
    poll(play)
    assert subjects(play) == ["before", "after"]
    assert len(open_tasks(play, SET_ASIDE)) == 1


def test_what_was_passed_over_is_found_once_a_day(play: Play) -> None:
    post(play, "first")
    post(play, "second")
    uids = rows_of_box(play)
    poll(play)
    with transaction(play.world.engine) as session:
        for table, wanted in ((MailboxMessage, uids[0]),):
            session.delete(session.scalars(select(table).where(col(table.uid) == wanted)).one())
        first = session.scalars(select(InboundMail).order_by(col(InboundMail.id))).first()
        assert first is not None
        session.delete(first)
    poll(play)
    assert subjects(play).count("first") == 1, "below the mark"
    poll(play, RECONCILE)
    assert subjects(play).count("first") == 2, "taken anew: nobody had it any more"


def test_a_renumbered_mailbox_brings_nothing_twice(play: Play) -> None:
    for number in range(3):
        post(play, f"letter {number}")
    poll(play)
    with transaction(play.world.engine) as session:
        for row in session.scalars(select(MailboxMessage)):
            row.uid_validity += 1
    poll(play)
    assert sorted(subjects(play)) == ["letter 0", "letter 1", "letter 2"]
    assert len(rows(play, MailboxMessage)) == 6


def test_a_letter_beyond_the_limit_keeps_no_part_as_a_whole_file(play: Play) -> None:
    play.open()
    play.run()
    before = len(rows(play, Document))
    post(play, "large", "see the file", sender=PATIENT.email or "", file="study.pdf")
    box = play.world.open_mailbox()
    assert isinstance(box, ImapMailIn)
    whole = next(iter(box.fetch())).size
    box.close()
    open_mailbox = play.world.open_mailbox

    def small() -> MailIn:
        box = open_mailbox()
        assert isinstance(box, ImapMailIn)
        box._largest = whole - 200
        return box

    play.world.open_mailbox = small  # type: ignore[method-assign]
    poll(play)
    assert subjects(play) == ["large"]
    assert len(rows(play, Document)) == before


@pytest.fixture
def asked(play: Play) -> Iterator[Play]:
    """A case whose first hospital was asked."""
    to_outreach(play)
    yield play


def thread_of(play: Play) -> OutreachThread:
    (thread,) = rows(play, OutreachThread)
    assert isinstance(thread, OutreachThread)
    return thread


def test_a_forged_letter_moves_nothing_and_says_why(asked: Play) -> None:
    enquiry = next(one for one in rows(asked, Message) if one.template == "M10")
    before = len(rows(asked, Document))
    post(
        asked,
        f"Re: [{asked.case.ref}] urgent",
        "We decline this case.",
        sender=HOSPITAL,
        file="decline.pdf",
        In_Reply_To=enquiry.message_id,
        Authentication_Results=FORGED,
    )
    poll(asked)
    asked.run()
    assert asked.events("hospital.reply_received") == []
    assert len(rows(asked, Document)) == before
    (task,) = open_tasks(asked, "match_mail")
    assert (task.detail, task.case_id) == ("not_authentic", None)


def test_a_forged_letter_of_the_patient_brings_no_file_into_the_case(play: Play) -> None:
    play.open()
    play.run()
    before = len(rows(play, Document))
    post(play, "my papers", sender=PATIENT.email or "", file="x.pdf", Authentication_Results=FORGED)
    poll(play)
    assert play.events("message.received") == []
    assert len(rows(play, Document)) == before
    assert [task.detail for task in open_tasks(play, "match_mail")] == ["not_authentic"]


def test_a_reference_that_anybody_can_write_moves_nothing(asked: Play) -> None:
    post(asked, f"Re: [{asked.case.ref}] urgent", "We decline this case.", sender=HOSPITAL)
    poll(asked)
    assert asked.events("hospital.reply_received") == []
    assert [task.detail for task in open_tasks(asked, "match_mail")] == ["only_reference"]


@pytest.mark.parametrize("where", ["thread", "case"])
def test_a_letter_that_a_person_places_brings_its_files(asked: Play, where: str) -> None:
    before = len(rows(asked, Document))
    post(asked, "our estimate", "USD 6,500", sender="second@clinic.example", file="estimate.pdf")
    poll(asked)
    if where == "thread":
        asked.decide_only("match_mail", "attach", thread=str(thread_of(asked).id))
        assert len(asked.events("hospital.reply_received")) == 1
    else:
        asked.decide_only("match_mail", "attach_case", case=asked.case.ref.lower())
        (event,) = asked.events("message.received")
        assert event.payload["from_role"] == "sender"
    names = [document.file_name for document in rows(asked, Document)]
    assert (len(names), names[-1]) == (before + 1, "estimate.pdf")


def test_our_own_letter_below_the_answer_is_not_the_answer(asked: Play) -> None:
    enquiry = next(one for one in rows(asked, Message) if one.template == "M10")
    quoted = f"We will review the case on Thursday.\n\nЦитата {enquiry.body}"
    post(asked, "Re: case", quoted, sender=HOSPITAL, In_Reply_To=enquiry.message_id)
    poll(asked)
    asked.run()
    message = rows(asked, Message)[-1]
    assert message.reply_class == "accept_for_review"
    assert "patient-navigation" not in message.body


@pytest.mark.parametrize("kind", ["delivered", "read"])
def test_a_receipt_is_noted_and_nobody_is_asked(asked: Play, kind: str) -> None:
    enquiry = next(one for one in rows(asked, Message) if one.template == "M10")
    part = {
        "delivered": "message/delivery-status\n\nAction: delivered\nStatus: 2.0.0",
        "read": "message/disposition-notification\n\nDisposition: manual-action; displayed",
    }[kind]
    own = asked.world.settings.mail_from
    raw = (
        f"From: mailer-daemon@mx.example\nTo: {own}\nSubject: report\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: text/plain\n\nx\n"
        f"--b\nContent-Type: {part}\n\n--b\nContent-Type: text/rfc822-headers\n\n"
        f"Message-ID: {enquiry.message_id}\n--b--\n"
    )
    asked.world.mail_out.deliver(raw.encode(), "x@mx.example", [own])
    waiting = [task.kind for task in asked.tasks()]
    poll(asked)
    (event,) = asked.events("outreach.delivery_updated")
    assert event.payload["status"] == kind
    assert [task.kind for task in asked.tasks()] == waiting
    assert thread_of(asked).state == "sent"


BLEEDING = "Since the operation I am on leave. The wound is bleeding heavily and I have fever 39.5."


def test_a_patient_who_is_ill_and_away_is_heard(play: Play) -> None:
    play.open()
    play.run()
    marked: dict[str, Any] = {"Auto_Submitted": "auto-generated"}
    subject = "Automatic reply: your letter"
    post(play, subject, BLEEDING, sender=PATIENT.email or "", **marked)
    poll(play)
    assert len(play.events(RED_FLAG)) == 1


@pytest.mark.parametrize("subject", ["Fwd: At home", "WG: At home", "Re: At home"])
def test_our_own_words_of_danger_sent_back_alarm_nobody(play: Play, subject: str) -> None:
    play.open()
    play.run()
    ours = (
        "Please call us at once, day and night, if one of these signs appears:\n"
        "the wound is bleeding heavily and does not stop when you press on it\n"
        "you have a fever of 39.5 degrees or more since yesterday evening\n"
    )
    with transaction(play.world.engine) as session:
        letter = session.scalars(select(Message).where(col(Message.direction) == "out")).first()
        assert letter is not None
        letter.body = ours
    quoted = f"\n\nFrom: us\nSent: Monday\nTo: me\nSubject: At home\n\n{ours}"
    post(play, subject, quoted, sender=PATIENT.email or "")
    poll(play)
    assert play.events(RED_FLAG) == []
    if not subject.startswith("Re"):
        other = f"Von: my sister\n\n{BLEEDING}"
        post(play, subject, f"see below\n\n{other}{quoted}", sender=PATIENT.email or "")
        poll(play)
        assert len(play.events(RED_FLAG)) == 1


def test_each_letter_of_a_long_poll_came_when_it_was_taken(play: Play) -> None:
    """The mailbox hands out a letter in ten minutes: what came last did not come with the first."""
    for number in range(3):
        post(play, f"letter {number}")
    opened = play.world.open_mailbox

    def slow() -> MailIn:
        box = opened()
        assert isinstance(box, ImapMailIn)
        read = box.read

        def reading(uid: int) -> FetchedMail | None:
            play.clock.move(timedelta(minutes=10))
            return read(uid)

        box.read = reading  # type: ignore[method-assign]
        return box

    play.world.open_mailbox = slow  # type: ignore[method-assign]
    poll(play)
    came = [one.received_at for one in rows(play, InboundMail)]
    assert [later - first for first, later in pairwise(came)] == [timedelta(minutes=10)] * 2
