"""Mail that is odd, hostile or a machine's: each is kept, each is seen, and none moves a case."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from adapters.clock import FixedClock
from correspondence import reply_address, reply_token
from models import Case, Document, Hospital, InboundMail, Message, OutreachThread
from models.base import require_id
from models.database import transaction
from settings import Settings
from tests.workflows.acts import to_outreach
from tests.workflows.flagging import Listening
from tests.workflows.letters.posting import Post, answer_to, reasons, rows, sent, written
from tests.workflows.playing import PATIENT, Play, add_hospitals
from workflows.cases.red_flags import RED_FLAG
from workflows.cases.reported_facts import report_fact
from workflows.engine.world import World
from workflows.events import Actor

DANGER = "The wound is bleeding heavily and I have fever 39.5."


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    world = World(settings, engine=engine, clock=clock)
    world.mail_out = Listening(world.mail_out)
    add_hospitals(world)
    return Play(world, clock)


@pytest.fixture
def asked(play: Play) -> Play:
    """A case whose first hospital was asked."""
    to_outreach(play)
    return play


def moved(play: Play) -> list[int]:
    """What a letter may move: events of the case, its documents, its letters."""
    mine = [one for one in rows(play, Message) if one.case_id == play.case_id]
    return [len(play.events()), len(rows(play, Document)), len(mine)]


def of_the_hospital(play: Play) -> str:
    thread = rows(play, OutreachThread)[0]
    return next(str(one.email) for one in rows(play, Hospital) if one.id == thread.hospital_id)


@pytest.mark.parametrize(
    "domain", ["coordinatlon.example", "coordination.test", "coordinаtion.example"]
)
def test_a_domain_that_looks_like_the_hospitals_moves_nothing_with_its_token(
    asked: Play, domain: str
) -> None:
    thread = rows(asked, OutreachThread)[0]
    with transaction(asked.world.engine) as session:
        session.get_one(Hospital, thread.hospital_id).email = "ipd@coordination.example"
    sender = f"ipd@{domain.encode('idna').decode()}"
    before = moved(asked)
    to = answer_to(asked, "M10")
    Post(asked).brings(to, "Pay to our new account.", sender=sender, file="invoice.pdf")
    assert moved(asked) == before
    assert reasons(asked) == ["look_alike"]


@pytest.mark.parametrize("ended", ["withdrawn", "erased"])
@pytest.mark.parametrize("whose", ["thread", "case", "letter"])
def test_what_answers_a_case_that_is_over_is_kept_and_shown(
    asked: Play, ended: str, whose: str
) -> None:
    ids = {"case": asked.case_id, "thread": rows(asked, OutreachThread)[0].id}
    ids["letter"] = require_id(sent(asked, "M01").id)
    token = reply_token(ids[whose], asked.world.keys.ring, whose)  # type: ignore[arg-type]
    to = reply_address(asked.world.settings.mail_from, token)
    if ended == "withdrawn":
        said = {"scopes": ["process"], "channel": "console"}
        report_fact(asked.world, asked.case.ref, "consent.withdrawn", Actor("coordinator"), said)
    with transaction(asked.world.engine) as session:
        case = session.get_one(Case, asked.case_id)
        case.state = "CLOSED_WITHDRAWN"
        case.closed_at = asked.clock.now()
        if ended == "erased":
            case.erased_at = asked.clock.now()
    before = moved(asked)
    sender = of_the_hospital(asked) if whose == "thread" else PATIENT.email or ""
    Post(asked).brings(to, "A late word.", sender=sender, file="late.pdf")
    assert asked.case.state == "CLOSED_WITHDRAWN"
    assert len(rows(asked, InboundMail)) == 1
    if (ended, whose) == ("withdrawn", "thread"):  # hospitals confirm that they have deleted
        asked.run()
        assert len(asked.events("hospital.reply_received")) == 1
        assert "confirm_reply" in [task.kind for task in asked.tasks()]
        return
    assert reasons(asked) == ["erased_case" if ended == "erased" else "ended_case"]
    assert moved(asked) == before


@pytest.mark.parametrize("date", ["Wed, 20 Jan 2038 03:14:08 +0000", "1 Jan 9999 00:00 -2359", "x"])
def test_a_day_beyond_2038_is_kept_as_it_is_said(asked: Play, date: str) -> None:
    own, sender = answer_to(asked, "M10"), of_the_hospital(asked)
    words = "Estimated cost: USD 7,800. The offer is valid until 20 January 2038."
    Post(asked).brings(own, words, sender=sender, Date=date)
    asked.run()
    assert len(asked.events("hospital.reply_received")) == 1
    message = rows(asked, Message)[-1]
    assert message.sent_at == asked.clock.now(), "when it came is what we saw"
    assert "confirm_reply" in [task.kind for task in asked.tasks()]


@pytest.mark.parametrize("named_by", ["tokens", "families", "subject"])
def test_a_mail_to_twenty_cases_is_one_question(asked: Play, named_by: str) -> None:
    own, secret = asked.world.settings.mail_from, asked.world.keys.ring
    first = rows(asked, OutreachThread)[0]
    with transaction(asked.world.engine) as session:
        for number in range(2, 21):
            ref = f"CFX-26-0{number:04}"
            known = session.get_one(Case, asked.case_id).model_dump(exclude={"id", "ref"})
            session.add(case := Case(**{**known, "ref": ref}))
            session.flush()
            thread = first.model_dump(exclude={"id", "case_id"})
            session.add(OutreachThread(**{**thread, "case_id": require_id(case.id)}))
    kinds: dict[str, tuple[Any, Any]] = {
        "tokens": (OutreachThread, "thread"), "families": (Case, "case"),
    }  # fmt: skip
    to, subject = own, " ".join(f"[{case.ref}]" for case in rows(asked, Case))
    if named_by in kinds:
        table, kind = kinds[named_by]
        of_each = [reply_token(one.id, secret, kind) for one in rows(asked, table)]
        assert len(of_each) == 20
        to, subject = ", ".join(reply_address(own, token) for token in of_each), "to all of you"
    before = moved(asked)
    raw = written(
        to, "Please see the file.", sender="a@elsewhere.example", subject=subject, file="a.pdf"
    )
    Post(asked).brings_raw(raw)
    assert moved(asked) == before
    assert len(reasons(asked)) == 1
    assert reasons(asked) in (["two_threads"], [None])


ROBOT = "Hello! No. {number}: we have seen what you wrote on {day} and come back to you soon."


def played_with(play: Play, days: int, *, robot: str = "") -> list[tuple[str, float]]:
    """Ask a family for its permission and wait; `robot` answers every letter, with no mark of one.

    Return what left to them, with the days since.
    """
    play.open()
    play.run()
    play.answer("triage_inquiry", "in_scope", site="breast")
    began, answered = play.clock.now(), 0
    post = Post(play)
    for _ in range(days * 4):
        play.move(0.25)
        letters = [
            one for one in rows(play, Message) if (one.direction, one.state) == ("out", "sent")
        ]
        if robot and len(letters) > answered:
            answered = len(letters)
            words = robot.format(number=1000 + answered, day=play.clock.now().date())
            post.brings(answer_to(play, "M01"), words, sender=PATIENT.email or "")
            play.run()
    return [
        (one.template or "", round((one.sent_at - began) / timedelta(days=1)))
        for one in rows(play, Message)
        if one.direction == "out" and one.sent_at is not None and one.sent_at > began
    ]


def test_a_robot_that_answers_every_letter_is_no_word_of_the_family(play: Play) -> None:
    """It answers the first letter as anybody might; from the second on it is known."""
    left = played_with(play, 14, robot=ROBOT)
    assert len(left) <= 4
    assert play.case.on_hold, "nobody of the family has spoken"
    kinds = [task.kind for task in play.tasks()]
    assert "call_silent" in kinds or play.events("family.called")
    roles = [event.payload["from_role"] for event in play.events("message.received")]
    assert roles[1:] == ["sender"] * (len(roles) - 1) and len(roles) > 1
    assert "read_letter" in kinds, "a person is told"


def test_a_marked_robot_wakes_no_case_that_waits(play: Play) -> None:
    played_with(play, 12)
    assert play.case.on_hold
    to, sender = answer_to(play, "M01"), PATIENT.email or ""
    away = "I am out of the office until 5 January and will answer then."
    Post(play).brings(to, away, sender=sender, Auto_Submitted="auto-replied")
    play.run()
    assert play.case.on_hold
    Post(play).brings(to, "Yes, we want to go on.", sender=sender)
    play.run()
    assert not play.case.on_hold


def test_danger_that_a_robot_repeats_is_answered_once_a_day_and_a_person_is_told(
    play: Play,
) -> None:
    play.open()
    play.run()
    post, to, sender = Post(play), answer_to(play, "M01"), PATIENT.email or ""
    for hour in range(26):
        post.brings(to, f"{DANGER} ({hour})", sender=sender)
        play.run()
        play.clock.move(timedelta(hours=1))
        play.answer("call_patient_now", "reached", reached="patient", said="they are well")
    assert len(play.events(RED_FLAG)) == 26, "each is heard"
    assert 1 <= len(play.messages(template="M33", state="sent")) <= 2
    assert "M33" in [task.detail for task in play.tasks() if task.kind == "tell_patient"]
