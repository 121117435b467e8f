"""Letters to a family that leave together are one mail, in order; what is urgent goes alone."""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from email import message_from_bytes
from email.header import Header
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

import pytest
from sqlalchemy import Engine, select, update
from sqlmodel import col

from adapters.clock import FixedClock
from adapters.mail_out import MailRefused, MailUncertain
from models import HumanTask, Message, StepRun
from models.base import require_id
from models.database import transaction
from settings import Settings
from tests.correspondence.mails import BOUNCE, DELAYED, OURS
from tests.workflows.acts import to_outreach
from tests.workflows.clocks.test_quiet import ZONE, to_night
from tests.workflows.playing import Play, add_hospitals
from workflows.cases.reported_facts import report_fact
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Actor
from workflows.letters.inbound import take_mail

SIGNS = {"symptom_codes": ["fever"], "reported_by": "patient", "channel": "portal"}


class Post:
    """A mail server that keeps what it takes, and fails as it is told."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.fails: list[Exception] = []

    def deliver(
        self, raw: bytes, _: str, __: Sequence[str], before_text: Callable[[], None] | None = None
    ) -> None:
        if before_text:
            before_text()
        if self.fails:
            raise self.fails.pop()
        self.mails.append(message_from_bytes(raw, policy=default))


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    """Return a case whose hospitals are asked, with a mail server to look into."""
    world = World(settings, engine=engine, clock=clock)
    world.bucket = storage
    add_hospitals(world)
    play = Play(world, clock)
    to_outreach(play)
    play.move(3 / 24 / 60)  # the receipt of the permissions has left
    world.mail_out = cast(Any, Post())
    return play


def post(play: Play) -> Post:
    return cast(Post, play.world.mail_out)


def write(play: Play, *templates: str) -> None:
    """Ask for letters to the patient in one transaction, as facts of one minute do."""
    with transaction(play.world.engine) as session:
        recorder = Recorder(session, play.world.process, play.clock.now())
        for template in templates:
            objects = {"template": template}
            due = play.clock.now()
            recorder.request("letter_later", case_id=play.case_id, objects=objects, due_at=due)
        recorder.flush()


def sentences(text: str) -> set[str]:
    """Return what a text says, line by line; the link to the page is another at another time."""
    return {re.sub(r"https?://\S+", "", line).strip() for line in text.splitlines()} - {""}


def last_states(play: Play) -> list[str]:
    """Return what became of the last two letters."""
    return [message.state for message in play.messages()][-2:]


def test_what_waited_for_the_morning_arrives_as_one_letter_in_order(play: Play) -> None:
    to_night(play)
    write(play, "M04", "M12")
    play.run()
    assert post(play).mails == []
    play.move(0.5)
    (mail,) = post(play).mails
    assert str(mail["Subject"]) == f"2 messages for you – {play.case.ref}"
    text = mail.get_content()
    letters = [m for m in play.messages() if m.template in ("M04", "M12")][-2:]
    places = [text.index(f"{n}. {m.subject.partition(' – ')[0]} -----") for n, m in
              enumerate(letters, 1)]  # fmt: skip
    assert places == sorted(places) and len(places) == 2
    preview = play.world.playbooks.letters.preview("en")
    assert text.count(preview) == 1 and text.startswith(preview)
    said = text.replace("\r\n", "\n")
    for letter in letters:
        assert letter.state == "sent" and letter.raw_object_key, "each is kept as itself"
        inner = letter.body.partition("Dear Rosa Exempla,")[2].partition("The coordination team")[0]
        assert inner.strip() and sentences(inner) == sentences(said) & sentences(inner)
    for once in ("Dear Rosa Exempla,", "The coordination team", "We coordinate, your doctors"):
        assert said.count(once) == 1, "one greeting and one end"
    told = [e.payload for e in play.events("message.sent")][-2:]
    assert {one["bundle"] for one in told} == {told[0]["message_id"]}
    assert sorted(one["message_id"] for one in told) == [require_id(m.id) for m in letters]


def test_what_is_urgent_does_not_wait_for_the_others(play: Play) -> None:
    to_night(play)
    write(play, "M04", "M12")
    report_fact(play.world, play.case.ref, "clinical.red_flag_reported", Actor("patient"), SIGNS)
    play.run()
    (alarm,) = [m for m in post(play).mails if "report" in str(m["Subject"])]
    assert "messages" not in str(alarm["Subject"])
    play.move(0.5)
    assert [str(m["Subject"]).partition(" ")[0] for m in post(play).mails].count("2") == 1


def test_a_letter_alone_is_itself(play: Play) -> None:
    write(play, "M04")
    play.run()
    (mail,) = post(play).mails
    assert str(mail["Subject"]).startswith("Documents we need")
    assert play.events("message.sent")[-1].payload["bundle"] is None


def test_a_row_with_nothing_to_tell_carries_what_was_left_to_it(play: Play) -> None:
    """The result was told already: that row writes nothing; the other two leave all the same."""
    write(play, "M04", "M12", "M07a")
    play.run()
    (mail,) = post(play).mails
    assert str(mail["Subject"]).startswith("2 messages for you")
    assert play.messages(template="M07a") == []


def test_when_the_carrier_never_comes_each_letter_leaves_all_the_same(play: Play) -> None:
    write(play, "M04", "M12")
    with transaction(play.world.engine) as session:
        waits = update(StepRun).where(col(StepRun.objects)["template"].as_string() == "M12")
        session.execute(waits.values(state="running", lease_until=None))
    play.run()
    assert post(play).mails == []
    play.move(11 / 24 / 60)
    assert str(post(play).mails[0]["Subject"]).startswith("Documents we need")


def test_a_refusal_for_now_keeps_all_and_a_broken_line_leaves_each_uncertain(play: Play) -> None:
    post(play).fails = [MailRefused(permanent=False, code=451, stage="data")]
    write(play, "M04", "M12")
    play.run()
    assert last_states(play) == ["queued", "queued"]
    post(play).fails = [MailUncertain("the line broke")]
    play.move(3 / 24 / 60)
    assert last_states(play) == ["uncertain", "uncertain"]
    assert len(play.events("message.uncertain")) == 2
    play.move(0.5)
    assert post(play).mails == [], "what may have arrived is not sent again by itself"


def to_evening(play: Play, minute: int) -> None:
    """Move the clock to that minute after half past seven in the reader's evening."""
    local = play.clock.now().astimezone(ZONE)
    play.clock.move(local.replace(hour=19, minute=30) + timedelta(minutes=minute) - local)


@pytest.mark.parametrize("killed", [False, True])
def test_a_letter_that_was_tried_before_the_night_is_not_written_again(
    play: Play, killed: bool
) -> None:
    """The server was away at a quarter to eight, or the worker died as it took the letter."""
    written = len(play.messages(template="M04"))
    to_evening(play, 15)
    post(play).fails = [MailRefused(permanent=False, code=451, stage="data")]
    write(play, "M04")
    play.run()
    (*_, letter) = play.messages(template="M04")
    if killed:
        with transaction(play.world.engine) as session:
            mine = update(Message).where(col(Message.id) == letter.id)
            session.execute(mine.values(state="sending"))
    to_evening(play, 35)
    play.run()
    assert post(play).mails == []
    play.move(0.6)
    assert len(play.messages(template="M04")) == written + 1
    assert last_states(play) == ["sent", "uncertain" if killed else "sent"]
    assert len(post(play).mails) == (0 if killed else 1)


def test_after_a_death_nothing_of_a_bundle_leaves(play: Play) -> None:
    to_night(play)
    write(play, "M04", "M12")
    report_fact(play.world, play.case.ref, "patient.deceased", Actor("coordinator", "c1"))
    play.move(2)
    assert post(play).mails == []


def test_letters_of_a_few_minutes_are_gathered_and_none_is_kept_twice(play: Play) -> None:
    play.world.settings = play.world.settings.model_copy(
        update={"letters_gather": timedelta(minutes=2)}
    )
    write(play, "M04")
    play.run()
    play.clock.move(timedelta(minutes=1))
    write(play, "M12")
    report_fact(play.world, play.case.ref, "clinical.red_flag_reported", Actor("patient"), SIGNS)
    play.run()
    (alarm,) = post(play).mails
    assert "report" in str(alarm["Subject"]), "an alarm is answered at once"
    play.clock.move(timedelta(minutes=1))
    play.run()
    assert str(post(play).mails[1]["Subject"]).startswith("2 messages for you")
    play.clock.move(timedelta(hours=1))
    play.run()
    assert len(post(play).mails) == 2


def came_back(play: Play, letter: EmailMessage, report: bytes = BOUNCE) -> None:
    """Take in the report of a server that quotes the subject and knows no such mailbox."""
    report = report.replace(OURS.encode(), str(letter["Message-ID"]).encode())
    subject = f"Undeliverable: {letter['Subject']}"
    title = Header(subject, "utf-8").encode(linesep="\n").encode()
    raw = report.replace(b"Undelivered Mail Returned to Sender", title)
    take_mail(play.world, raw, uid="1:9", now=play.clock.now())
    play.run()


def test_each_letter_of_a_mail_that_came_back_is_known_not_to_have_arrived(play: Play) -> None:
    """The case's reference in the subject does not make it a hospital's letter."""
    write(play, "M04", "M12")
    play.run()
    (mail,) = post(play).mails
    came_back(play, mail)
    lost = play.messages(direction="out")[-2:]
    assert [(one.template, one.state) for one in lost] == [("M04", "refused"), ("M12", "refused")]
    settle = [task.objects["message_id"] for task in play.tasks() if task.kind == "settle_message"]
    assert settle == [require_id(one.id) for one in lost]
    assert play.events("outreach.delivery_updated") == []
    came_back(play, mail)
    assert len(play.events("message.refused")) == 2


def test_a_mail_that_a_server_still_tries_to_deliver_is_the_familys_and_asks_nobody(
    play: Play,
) -> None:
    write(play, "M04", "M12")
    play.run()
    (mail,) = post(play).mails
    came_back(play, mail, DELAYED)
    late = play.messages(direction="out")[-2:]
    assert [one.state for one in late] == ["sent", "sent"]
    noted = [event.payload for event in play.events("message.delayed")]
    assert noted == [{"message_id": one.id, "code": "4.4.1"} for one in late]
    (report,) = [one for one in play.messages(direction="in") if one.automated]
    assert report.case_id == play.case_id
    with transaction(play.world.engine) as session:
        asked = select(col(HumanTask.kind)).where(col(HumanTask.kind) == "match_mail")
        assert session.scalars(asked).all() == [], "nobody is asked whose it is"
    # The server gives up with the same status: now each is known to be lost.
    came_back(play, mail, DELAYED.replace(b"Action: delayed", b"Action: failed"))
    assert [one.state for one in play.messages(direction="out")[-2:]] == ["refused", "refused"]
