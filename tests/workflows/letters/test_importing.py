"""Old mail in bulk: looked at first, taken once, nothing moves; fresh danger is heard."""

import email.policy
import mailbox
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from adapters.archives import ArchivedMail, ImapFolder, archive_at
from adapters.clock import FixedClock
from adapters.storage import StorageError
from correspondence import message_id_for
from models import ContactPoint, Document, HumanTask, InboundMail, Message, OutreachThread, StepRun
from models.base import require_id
from models.database import transaction
from settings import Settings
from tests.fixtures.keys import MARKS
from tests.workflows.acts import SYNOPTIC, to_outreach
from tests.workflows.letters.post import another_case, rows
from tests.workflows.playing import PATIENT, Play, add_hospitals
from views.letter_places import places_for
from views.letters_waiting import letters_waiting
from workflows.cases.red_flags import RED_FLAG
from workflows.decisions import DecisionRefused
from workflows.engine.world import World
from workflows.events import Actor
from workflows.letters import importing
from workflows.letters.archived import read_kept
from workflows.letters.importing import Importing, Tally
from workflows.letters.inbound import take_mail
from workflows.letters.placing import ask_again
from workflows.letters.placing_many import place_sender

BOSS = Actor("coordinator", "U-co")
DANGER = "My mother is unconscious and bleeds heavily"


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    world = World(settings, engine=engine, clock=clock)
    add_hospitals(world)
    return Play(world, clock)


def mail(
    play: Play, text: str = "an old question", *, days: float = 900, sender: str = "x@old.example",
    **named: Any,
) -> EmailMessage:  # fmt: skip
    """Return a mail of so many days ago; `head` are fields, `file` a PDF."""
    letter = EmailMessage(policy=email.policy.SMTP)
    letter["From"], letter["To"] = sender, play.world.settings.mail_from
    letter["Subject"] = named.get("subject", "hello")
    at = play.clock.now() - timedelta(days=days)
    letter["Date"] = format_datetime(at)
    letter["Message-ID"] = message_id_for(f"{text}{sender}{days}{named}", "old.example", MARKS)
    for name, value in named.get("head", {}).items():
        del letter[name]
        if value is not None:
            letter[name] = value
    letter.set_content(text)
    if "file" in named:
        letter.add_attachment(
            named["file"], maintype="application", subtype="pdf", filename="old.pdf"
        )
    return letter


class Given:
    """Mails as an archive."""

    kind = "mbox"

    def __init__(self, *mails: EmailMessage | bytes) -> None:
        self._mails = [one if isinstance(one, bytes) else one.as_bytes() for one in mails]

    def mails(self) -> Iterator[ArchivedMail]:
        for number, raw in enumerate(self._mails, 1):
            yield ArchivedMail(str(number), raw)


def take(play: Play, *mails: EmailMessage | bytes) -> Tally:
    looked = Importing(play.world, Given(*mails)).preview(lambda _: None)
    taken = Importing(play.world, Given(*mails)).take(BOSS, lambda _: None)
    assert looked == taken, "the preview says what happens"
    return taken


def counts(play: Play) -> list[int]:
    """Return how much of everything there is that could have moved."""
    with Session(play.world.engine) as session:
        tables = ("human_task", "step_run", "message", "case_event", "document", "inbound_mail")
        return [session.execute(text(f"SELECT count(*) FROM {one}")).scalar_one() for one in tables]


def test_a_preview_writes_nothing_and_says_what_there_is(play: Play, tmp_path: Path) -> None:
    play.open()
    before = counts(play)
    path = tmp_path / "old.mbox"
    box = mailbox.mbox(path)
    twice = mail(play, "twice")
    for one in (
        mail(play, "hers", sender=PATIENT.email or "", file=SYNOPTIC), twice, twice,
        mail(play, "ours", sender=play.world.settings.mail_from),
        mail(play, "away", subject="Automatic reply: x", head={"Auto-Submitted": "auto-replied"}),
        mail(play, "when?", head={"Date": "never"}),
    ):  # fmt: skip
        box.add(one)
    box.close()
    found = Importing(play.world, archive_at(path)).preview(lambda _: None)
    day = (play.clock.now() - timedelta(days=900)).date()
    assert (found.total, dict(found.attached), found.to_place, found.machine, found.double) == (
        6, {"sender": 1}, 2, 1, 1,
    )  # fmt: skip
    assert (found.ours, found.undated, found.first, found.last, found.files) == (1, 1, day, day, 1)
    assert counts(play) == before


def test_an_old_reply_of_a_hospital_moves_nothing(play: Play) -> None:
    to_outreach(play)
    (enquiry,) = rows(play, Message, template="M10")
    steps = [(s.id, s.state, s.due_at) for s in rows(play, StepRun)]
    (thread,) = rows(play, OutreachThread)
    waiting = [(task.id, task.kind) for task in play.tasks()]
    answers = {"In-Reply-To": enquiry.message_id}
    taken = take(
        play,
        mail(play, "We decline this case.", head=answers, sender="h1@old.example", file=SYNOPTIC),
        mail(play, DANGER, sender=PATIENT.email or ""),
        mail(play, DANGER, sender="x@old.example"),
    )
    play.run()
    assert dict(taken.attached) == {"references": 1, "sender": 1}
    assert [(s.id, s.state, s.due_at) for s in rows(play, StepRun)] == steps
    assert rows(play, OutreachThread)[0].state == thread.state
    assert play.events("hospital.reply_received") == play.events(RED_FLAG) == []
    (reply,) = rows(play, Message, thread_id=thread.id, direction="in")
    assert (reply.state, reply.body) == ("archived", "We decline this case.")
    (kept,) = rows(play, Document, state="kept")
    assert kept.channel == "hospital"
    asked = [(task.id, task.kind) for task in play.tasks()]
    assert [one for one in asked if one not in waiting] == [(asked[-1][0], "place_imported")]


def test_each_letter_is_taken_once_also_where_the_mailbox_gave_it(play: Play) -> None:
    known = mail(play, "known").as_bytes()
    take_mail(play.world, known, uid="1:1", now=play.clock.now())
    before_hashes = mail(play, "from before hashes were kept").as_bytes()
    take_mail(play.world, before_hashes, uid="1:2", now=play.clock.now())
    with transaction(play.world.engine) as session:
        session.execute(text("UPDATE inbound_mail SET letter_hash = NULL WHERE mailbox_uid='1:2'"))
    exported = [b"X-Label: old\n" + raw.replace(b"\r\n", b"\n") for raw in (known, before_hashes)]
    new = mail(play, "new")
    first = take(play, known, *exported, new, new)
    assert (first.before, first.to_place, first.double) == (3, 1, 1)
    second = take(play, known, *exported, new)
    assert (second.before, second.to_place) == (4, 0)
    assert len(rows(play, Message)) == 3


def test_an_import_that_dies_amid_a_batch_goes_on_and_takes_each_once(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 3)
    play.open()
    mails = [
        mail(play, f"number {n}", sender=PATIENT.email or "", file=b"%PDF-1.4 " + bytes([65 + n]))
        for n in range(10)
    ]
    write, done = Importing._write, []

    def dies(self: Importing, *given: Any) -> str:
        done.append(1)
        if len(done) == 5:
            raise StorageError("Gone")
        return write(self, *given)

    with monkeypatch.context() as patch:
        patch.setattr(Importing, "_write", dies)
        with pytest.raises(StorageError):
            Importing(play.world, Given(*mails)).take(BOSS, lambda _: None)
    assert len(rows(play, InboundMail)) == 3, "the batch that died left nothing"
    rest = take(play, *mails)
    assert (rest.before, dict(rest.attached)) == (3, {"sender": 7})
    assert len(rows(play, Document)) == len(play.events("message.archived")) == 10


def test_a_fresh_word_of_danger_is_heard_and_a_fresh_letter_read(play: Play) -> None:
    play.open()
    taken = take(
        play,
        mail(play, "the papers come on Monday", sender=PATIENT.email or "", days=1),
        mail(play, "and one thing more", sender=PATIENT.email or "", days=1),
        mail(play, DANGER, days=2.9, sender=PATIENT.email or ""),
        mail(play, DANGER, days=3.1, sender="old@old.example"),
        mail(play, DANGER, days=1, sender="new@old.example"),
        mail(play, DANGER, sender="when@old.example", head={"Date": None}),
        mail(play, DANGER, days=-900, sender="future@old.example"),
    )
    assert taken.alarms == 4 and taken.undated == 2
    assert len(play.events(RED_FLAG)) == 1
    kinds = [task.kind for task in play.tasks()]
    assert kinds.count("find_sender") == 3
    assert kinds.count("read_letter") == 1, "one of a case, whatever their number"
    assert kinds.count("match_mail") == 0
    play.decide_only("find_sender", "patient", case=play.case.ref)
    assert len(play.events("message.received")) == 0, "an old letter, heard all the same"


def test_the_letters_of_a_sender_are_placed_in_one_go_and_nothing_moves(play: Play) -> None:
    other = another_case(play)
    take(play, *[mail(play, f"letter {n}", sender="Ana@Old.example", file=SYNOPTIC if n else b"x")
                 for n in range(3)], mail(play, "lamps"))  # fmt: skip
    (first,) = [one.id for one in rows(play, Message) if one.body.startswith("letter 0")]
    (lamps,) = [one.id for one in rows(play, Message) if one.body.startswith("lamps")]
    for place in ("", "CFX-99-99999", "99999"):
        with pytest.raises(DecisionRefused):
            place_sender(play.world, first, place, " ", BOSS)
    with pytest.raises(DecisionRefused, match="4 letters still wait"):
        play.decide_only("place_imported", "done")
    before = counts(play)[1]
    ask_again(play.world, first)
    assert place_sender(play.world, first, other.ref, "", BOSS) == (2, 1)
    assert place_sender(play.world, first, other.ref, "", BOSS) == (0, 1)
    play.decide_only("match_mail", "attach_case", case=other.ref)
    assert place_sender(play.world, lamps, "", "advertisements", BOSS) == (1, 0)
    play.decide_only("place_imported", "done")
    assert counts(play)[1] == before, "no step"
    assert {one.state for one in rows(play, Document)} == {"kept"}
    (aside,) = rows(play, InboundMail, state="aside")
    assert (aside.aside_reason, aside.aside_by) == ("advertisements", "U-co")


def test_letters_without_a_sender_are_placed_one_by_one(play: Play) -> None:
    take(play, *[mail(play, f"letter {n}", head={"From": None}) for n in range(3)])
    second = rows(play, Message)[1].id
    assert {one.address_mark for one in rows(play, Message)} == {None}
    listed = letters_waiting(play.world, "to_place", 1, "U-co")
    assert (listed.total, [one.count for one in listed.senders]) == (3, [1, 1, 1])
    (alone,) = letters_waiting(play.world, "to_place", 1, "U-co", of=second).rows
    assert alone.message_id == second
    other = another_case(play)
    assert place_sender(play.world, second, other.ref, "", BOSS) == (1, 0)
    placed = [one.id for one in rows(play, Message) if one.case_id == other.id]
    assert placed == [second], "nobody knows that one person wrote them"


def test_a_kept_file_is_read_when_a_person_says_so_and_once(play: Play) -> None:
    play.open()
    play.run()
    take(play, mail(play, sender=PATIENT.email or "", file=SYNOPTIC))
    (document,) = rows(play, Document)
    for _ in range(2):
        assert read_kept(play.world, require_id(document.id), "U-co") == play.case.ref
        play.run()
    assert rows(play, Document)[0].state == "proposed"
    assert len(play.events("document.received")) == 1


def test_letters_of_known_cases_go_there_closed_or_not_and_doubts_are_left_to_people(
    play: Play,
) -> None:
    play.open()
    play.answer("triage_inquiry", "out_of_scope", "no cancer")
    twins = [another_case(play, "two@old.example") for _ in range(2)]
    forged = {"Authentication-Results": "mx.example; dmarc=fail"}
    taken = take(
        play,
        mail(play, "thanks", sender=PATIENT.email or ""),
        mail(play, "whose?", sender="two@old.example"),
        mail(play, "hers", sender="two@old.example", subject=twins[1].ref),
        mail(play, "forged", sender=PATIENT.email or "", head=forged),
        b"\x00\xff no letter at all",
    )
    assert dict(taken.attached) == {"sender": 2} and taken.to_place == 3
    placed = [one.case_id for one in rows(play, Message) if one.state == "archived"]
    assert placed == [play.case_id, None, twins[1].id, None, None]


def test_what_was_erased_takes_no_old_letter(play: Play) -> None:
    play.open()
    with transaction(play.world.engine) as session:
        session.add(
            ContactPoint(
                case_id=play.case_id, whose="family", address="son@old.example", confirmed_by="c",
                confirmed_at=play.clock.now(),
            )
        )  # fmt: skip
        session.execute(text('UPDATE "case" SET erased_at = now()'))
    taken = take(play, mail(play, sender=PATIENT.email or ""), mail(play, sender="son@old.example"))
    assert (dict(taken.attached), taken.to_place) == ({}, 2)


def test_a_folder_of_the_mail_server_is_imported_and_left_as_it_is(play: Play) -> None:
    own, world = play.world.settings.mail_from, play.world
    for n in range(3):
        letter = mail(play, f"in the folder {n}")
        world.mail_out.deliver(letter.as_bytes(), "x@old.example", [own])
    inbox = world.open_mailbox()
    _, uids = inbox.list_uids()
    inbox.close()
    taken = Importing(world, ImapFolder(world.open_mail_folder("INBOX"))).take(BOSS, lambda _: None)
    assert (taken.total, taken.to_place) == (3, 3)
    inbox = world.open_mailbox()
    assert inbox.list_uids()[1] == uids and len(list(inbox.fetch())) == 3, "unseen, as before"
    inbox.close()


def test_a_letter_that_was_imported_before_it_came_counts_when_it_comes(play: Play) -> None:
    play.open()
    play.run()
    raw = mail(play, "the papers", sender=PATIENT.email or "", file=SYNOPTIC, days=1).as_bytes()
    exported = raw.replace(b"\r\n", b"\n")
    take(play, raw)
    number = take_mail(play.world, raw, uid="1:1", now=play.clock.now())
    assert number is not None
    play.run()
    assert len(play.events("message.received")) == 1
    assert [one.state for one in rows(play, Document)] == ["kept", "proposed"]
    assert take_mail(play.world, raw, uid="1:1", now=play.clock.now()) is None
    again = take(play, raw, exported)
    assert (again.before, dict(again.attached)) == (2, {})


def test_a_case_that_an_old_letter_opens_sends_nothing_to_its_address(play: Play) -> None:
    alike = another_case(play, "son@older.example")
    take(play, mail(play, "help my mother", sender="son@old.example", file=SYNOPTIC))
    (old,) = rows(play, Message)
    ask_again(play.world, require_id(old.id))
    (place,) = places_for(play.world, require_id(old.id))
    assert place.case_ref == alike.ref and "nothing moves" in place.moves[0]
    play.answer("match_mail", "open_case", language="en", writer="family")
    assert rows(play, Message, direction="out", address="son@old.example") == []
    (point,) = rows(play, ContactPoint)
    assert (point.whose, point.address) == ("family", "son@old.example")
    assert [one.state for one in rows(play, Document)] == ["kept"]


def tasks_of(play: Play, kinds: Sequence[str]) -> list[HumanTask]:
    return [task for task in play.tasks() if task.kind in kinds]


def test_years(play: Play) -> None:
    """A letter of 1970 or of 2038 is one without a date that can be."""
    days: list[datetime] = []
    for year in (1970, 2038):
        days.append(play.clock.now().replace(year=year, day=1))
    taken = take(play, *[mail(play, f"{d}", head={"Date": format_datetime(d)}) for d in days])
    assert (taken.undated, taken.first) == (2, None)
    assert tasks_of(play, ("find_sender", "read_letter")) == []
