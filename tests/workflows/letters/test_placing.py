"""Where a letter belongs: it opens a case, joins one, is set aside, or leaves a wrong place."""

from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from adapters.clock import FixedClock
from models import (
    Case,
    CaseEvent,
    Consent,
    ContactPoint,
    Document,
    FindingRecord,
    HumanTask,
    InboundMail,
    Message,
    Patient,
)
from models.base import require_id
from models.database import transaction
from settings import Settings
from tests.workflows.acts import SYNOPTIC, to_clinician, to_outreach
from tests.workflows.letters.post import STRANGER, another_case, came, rows
from tests.workflows.playing import PATIENT, Play, add_hospitals
from workflows.cases.contacts import end_contact
from workflows.cases.red_flags import RED_FLAG
from workflows.decisions import DecisionRefused, decide
from workflows.engine.not_there import CaseErased
from workflows.engine.world import World
from workflows.events import Actor
from workflows.letters.placing import ask_again

BOSS = Actor("coordinator", "U-co")
NOBODY_SAID = {"language": "ru", "writer": "not_said"}
FAMILY = {"writer": "family", "identified_by": "call_back"}


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    world = World(settings, engine=engine, clock=clock)
    add_hospitals(world)
    return Play(world, clock)


def refused(play: Play, answer: str, reason: str | None = None, **values: str) -> str:
    with pytest.raises(DecisionRefused) as told:
        play.decide_only("match_mail", answer, reason, **values)
    return str(told.value)


def events_of(play: Play, case_id: int, type: str) -> list[CaseEvent]:
    return [one for one in rows_of_events(play, case_id) if one.type == type]


def rows_of_events(play: Play, case_id: int) -> list[CaseEvent]:
    with Session(play.world.engine) as session:
        query = select(CaseEvent).where(col(CaseEvent.case_id) == case_id)
        return list(session.scalars(query.order_by(col(CaseEvent.seq))))


def test_a_strangers_letter_opens_a_case_with_what_it_states_and_nothing_else(play: Play) -> None:
    number = came(play, file=SYNOPTIC)
    play.answer("match_mail", "open_case", **NOBODY_SAID)
    (case,) = rows(play, Case)
    (patient,) = rows(play, Patient)
    assert (case.source, case.language, case.site, case.residence_country) == (
        "email", "ru", None, None,
    )  # fmt: skip
    assert (patient.name, patient.email, patient.birth_date, patient.intake) == (None,) * 3 + ({},)
    assert rows(play, Consent) == []
    (message,) = rows(play, Message, id=number)
    assert message.case_id == case.id
    assert [one.file_name for one in rows(play, Document, case_id=case.id)] == ["scan.pdf"]
    (received,) = events_of(play, case.id, "message.received")
    assert received.payload["from_role"] == "sender"
    assert rows(play, Message, direction="out") == [], "nobody said whose the address is"
    (point,) = rows(play, ContactPoint)
    assert (point.address, point.whose, point.confirmed_by) == (
        STRANGER, "not_said", "test:coordinator",
    )  # fmt: skip
    came(play, "one more thing")
    assert rows(play, Message)[-1].case_id == case.id, "what comes later belongs to it"


@pytest.mark.parametrize("writer", ["patient", "family"])
def test_the_first_letter_follows_where_it_is_said_whose_the_address_is(
    play: Play, writer: str
) -> None:
    came(play)
    said = {"writer": writer, "writer_name": "Timur", "patient_name": "Leila Example"}
    play.answer("match_mail", "open_case", language="en", phone="+254 20 555 0101", **said)
    (letter,) = rows(play, Message, direction="out")
    assert (letter.template, letter.address, letter.state) == ("M01", STRANGER, "sent")
    assert ("Dear Timur" if writer == "family" else "Dear Leila Example") in letter.body
    (patient,) = rows(play, Patient)
    assert patient.intake.get("relation") == {"patient": "self"}.get(writer, writer)
    came(play, "thank you")
    assert len(rows(play, Case)) == 1 and rows(play, Message)[-1].case_id == patient.case_id


def test_a_blank_form_opens_nothing(play: Play) -> None:
    came(play)
    refused(play, "open_case")
    refused(play, "open_case", language="ru")
    assert "code such as" in refused(play, "open_case", language="Russian", writer="family")
    assert "two capital" in refused(play, "open_case", residence_country="kz", **NOBODY_SAID)
    assert "ignore" not in refused(play, "join")
    refused(play, "ignore")
    assert rows(play, Case) == []


def test_a_second_case_for_one_address_is_opened_when_it_is_said_once_more(play: Play) -> None:
    play.open()
    came(play, "my sister is ill, too", sender=PATIENT.email, subject="CFX-99-00001")
    number = came(play, "my sister", sender=STRANGER)
    with transaction(play.world.engine) as session:
        session.get_one(Message, number).address = PATIENT.email or ""
    told = refused(play, "open_case", **NOBODY_SAID)
    assert play.case.ref in told
    play.decide_only("match_mail", "open_case", another="yes", **NOBODY_SAID)
    assert len(rows(play, Case)) == 2


def test_danger_in_the_letter_that_opens_a_case_is_open_there(play: Play) -> None:
    came(play, "She is unconscious since this morning, please help")
    play.answer("find_sender", "reached", reached="caregiver", said="an ambulance is there")
    play.answer("match_mail", "open_case", language="en", writer="family")
    (case,) = rows(play, Case)
    assert len(events_of(play, case.id, RED_FLAG)) == 1


def test_a_second_address_belongs_to_the_case_when_a_person_says_whose_it_is(play: Play) -> None:
    play.open()
    play.run()
    came(play, "her son here", file=SYNOPTIC)
    assert "Say" in refused(play, "join", case=play.case.ref, writer="family")
    assert "who writes" in refused(
        play, "join", case=play.case.ref, writer="not_said", identified_by="call_back"
    )
    play.answer("match_mail", "join", case=play.case.ref, writer_name="Timur", **FAMILY)
    (confirmed,) = play.events("contact.confirmed")
    assert (confirmed.payload["whose"], confirmed.actor_ref) == ("family", "test:coordinator")
    (point,) = rows(play, ContactPoint)
    assert (point.name, point.address, point.identified_by) == ("Timur", STRANGER, "call_back")
    came(play, "The clinic called us", sender=f"Timur <{STRANGER.upper()}>", file=b"%PDF-1.4 x")
    heard = [event.payload["from_role"] for event in play.events("message.received")]
    assert heard == ["family", "family"]
    assert len(rows(play, Document, case_id=play.case_id)) == 2
    assert len([one for one in play.tasks() if one.kind == "read_letter"]) == 2
    assert rows(play, Patient)[0].email == PATIENT.email, "our letters go where they went"
    came(play, "My mother is unconscious")
    (flag,) = play.events(RED_FLAG)
    assert (flag.payload["reported_by"], flag.payload["joined"]) == ("family", False)


def test_an_address_is_ended_and_its_letters_are_nobodys_again(play: Play) -> None:
    play.open()
    came(play)
    play.decide_only("match_mail", "join", case=play.case.ref, **FAMILY)
    came(play, "again")
    (point,) = rows(play, ContactPoint)
    for _ in range(2):
        end_contact(play.world, play.case.ref, require_id(point.id), BOSS)
    assert len(play.events("contact.ended")) == 1
    came(play, "and again")
    assert rows(play, Message)[-1].case_id is None
    play.decide_only("match_mail", "join", case=play.case.ref, **FAMILY)
    assert len(rows(play, ContactPoint, ended_at=None)) == 1


@pytest.mark.parametrize(
    ("sender", "why"), [("h1-{own}", "hospital"), ("{own}", "no sender"), ("", "no sender")]
)
def test_no_address_of_a_hospital_or_of_ours_joins_a_case(
    play: Play, sender: str, why: str
) -> None:
    play.open()
    number = came(play)
    with transaction(play.world.engine) as session:
        address = sender.format(own=play.world.settings.mail_from)
        session.get_one(Message, number).address = address
    assert why in refused(play, "join", case=play.case.ref, **FAMILY)
    assert rows(play, ContactPoint) == []


def test_what_is_set_aside_has_a_reason_and_is_taken_up_again(play: Play) -> None:
    number = came(play)
    play.decide_only("match_mail", "ignore", "an advertisement")
    (inbox,) = rows(play, InboundMail)
    assert inbox.state == "aside"
    task = ask_again(play.world, number)
    assert ask_again(play.world, number) == task, "asked once"
    (open_task,) = [one for one in play.tasks() if one.kind == "match_mail"]
    assert (open_task.id, open_task.detail) == (task, "taken_up")
    play.decide_only("match_mail", "open_case", **NOBODY_SAID)
    assert rows(play, InboundMail)[0].state == "matched"


def test_a_letter_leaves_a_wrong_case_with_its_documents_and_a_person_is_told(play: Play) -> None:
    to_clinician(play)
    wrong = play.case_id
    right = another_case(play)
    number = came(play, "papers", sender=PATIENT.email, file=b"%PDF-1.4 one more")
    play.run()
    task = ask_again(play.world, number)
    assert "needs a reason" in refused(play, "attach_case", case=right.ref)
    play.answer("match_mail", "attach_case", "another patient's", case=right.ref)
    (moved,) = play.events("message.moved_away")
    assert (moved.payload["documents"], moved.payload["to"], moved.actor_ref) == (
        1, "case", "test:coordinator",
    )  # fmt: skip
    (left,) = [one for one in rows(play, Document, case_id=wrong) if one.state == "quarantined"]
    (now,) = rows(play, Document, case_id=right.id)
    assert (left.quarantine_reason, left.sha256) == ("wrong_patient", now.sha256)
    assert rows(play, Message, id=number)[0].case_id == right.id
    waiting = [one for one in play.tasks() if one.case_id == wrong]
    assert "read_letter" not in [one.kind for one in waiting]
    (told,) = [one for one in waiting if one.kind == "mend_moved"]
    assert told.objects["message_id"] == number
    assert rows(play, HumanTask, id=task)[0].reason == "another patient's"
    play.decide_only("mend_moved", "nothing")
    ask_again(play.world, number)
    play.answer("match_mail", "attach_case", "it was ours after all", case=play.case.ref)
    (back,) = [one for one in rows(play, Document, case_id=wrong) if one.sha256 == left.sha256]
    assert back.id == left.id and back.state != "quarantined"
    assert [one.state for one in rows(play, Document, case_id=right.id)] == ["quarantined"]


def test_values_of_a_document_that_left_the_case_count_no_more(play: Play) -> None:
    right = another_case(play)
    play.open()
    number = came(play, "my report", sender=PATIENT.email, file=SYNOPTIC)
    play.run()
    play.answer("triage_inquiry", "in_scope", site="breast")
    found = rows(play, FindingRecord, case_id=play.case_id)
    assert found and {one.state for one in found} == {"proposed"}
    ask_again(play.world, number)
    play.answer("match_mail", "attach_case", "not hers", case=right.ref)
    found = rows(play, FindingRecord, case_id=play.case_id)
    assert {(one.state, one.reason) for one in found} == {("rejected", "other_person")}
    assert "review_findings" not in [t.kind for t in play.tasks() if t.case_id == play.case_id]


def test_a_letter_that_is_moved_before_it_was_read_is_read_in_its_new_case_only(play: Play) -> None:
    right = another_case(play)
    play.open()
    number = came(play, "my report", sender=PATIENT.email, file=SYNOPTIC)
    ask_again(play.world, number)
    play.answer("match_mail", "attach_case", "not hers", case=right.ref)
    assert [one.state for one in rows(play, Document, case_id=play.case_id)] == ["quarantined"]
    assert rows(play, FindingRecord, case_id=play.case_id) == []
    (read,) = rows(play, Document, case_id=right.id)
    assert read.identity_result == "mismatch", "read there, and compared with that patient"


def test_who_sends_the_same_file_properly_is_heard_though_a_copy_left(play: Play) -> None:
    right = another_case(play)
    play.open()
    number = came(play, "a", sender=PATIENT.email, file=SYNOPTIC)
    came(play, "the same once more", sender=PATIENT.email, file=SYNOPTIC)
    play.run()
    states = [one.state for one in rows(play, Document, case_id=play.case_id)]
    assert states == ["proposed", "duplicate"]
    ask_again(play.world, number)
    play.answer("match_mail", "attach_case", "not hers", case=right.ref)
    states = [one.state for one in rows(play, Document, case_id=play.case_id)]
    assert states == ["quarantined", "proposed"]


def test_a_hospitals_letter_moves_between_threads_and_what_it_moved_is_named(play: Play) -> None:
    to_outreach(play)
    (message,) = rows(play, Message, template="M10")
    thread = message.thread_id
    number = came(play, "We can offer surgery with IORT for USD 7,000 in total.")
    play.answer("match_mail", "attach", thread=str(thread))
    play.answer("confirm_reply", "offer", sender_checked="called_back")
    right = another_case(play)
    ask_again(play.world, number)
    assert "already" in refused(play, "attach", "x", thread=str(thread))
    play.answer("match_mail", "attach_case", "a family's own note", case=right.ref)
    (moved,) = play.events("message.moved_away")
    assert moved.payload["thread_id"] == thread
    kinds = [one.kind for one in play.tasks() if one.case_id == play.case_id]
    assert "record_offer" not in kinds and "mend_moved" in kinds
    play.answer("mend_moved", "follow")
    (asked,) = [one for one in play.tasks() if one.kind == "follow_thread"]
    assert asked.objects["thread_id"] == thread


def test_a_letter_of_several_patients_goes_to_each_and_its_files_where_a_person_says(
    play: Play,
) -> None:
    play.open()
    other = another_case(play)
    number = came(play, "Mrs A can come on Monday, Mrs B on Friday", file=SYNOPTIC)
    both = f"{play.case.ref}, {other.ref.lower()}"
    assert "2 to" in refused(play, "several", places=f"{other.ref},{other.ref}")
    assert "one of the cases" in refused(play, "several", places=both, files_to="CFX-99-00009")
    play.answer("match_mail", "several", places=both, files_to=other.ref)
    letters = rows(play, Message, direction="in")
    assert [(one.id == number, one.case_id) for one in letters] == [
        (True, play.case_id), (False, other.id),
    ]  # fmt: skip
    assert letters[0].raw_sha256 == letters[1].raw_sha256
    assert rows(play, Document, case_id=play.case_id) == []
    assert len(rows(play, Document, case_id=other.id)) == 1
    assert len([one for one in play.tasks() if one.kind == "read_letter"]) == 2
    ask_again(play.world, number)
    assert "A copy" in refused(play, "several", "x", places=both)
    assert "A copy" in refused(play, "attach_case", "x", case=other.ref)
    third = another_case(play)
    play.answer("match_mail", "several", places=f"{third.ref},{play.case.ref}")
    assert [one.case_id for one in rows(play, Message, direction="in")] == [
        play.case_id, other.id, third.id,
    ]  # fmt: skip
    assert play.events("message.moved_away") == [], "it stays where it was, and goes to the third"
    ask_again(play.world, number)
    play.answer("match_mail", "join", case=play.case.ref, **FAMILY)
    assert len(rows(play, ContactPoint)) == 1 and len(play.events("message.received")) == 1


def test_no_file_of_a_letter_about_several_enters_a_case_by_itself(play: Play) -> None:
    play.open()
    other = another_case(play)
    came(play, "both", file=SYNOPTIC)
    play.answer("match_mail", "several", places=f"{play.case.ref},{other.ref}")
    assert rows(play, Document) == []


def test_a_closed_case_takes_a_letter_and_a_person_reads_it(play: Play) -> None:
    play.open()
    play.answer("triage_inquiry", "out_of_scope", "no cancer")
    closed = play.case.state
    came(play, "new papers", sender=PATIENT.email, file=SYNOPTIC)
    assert rows(play, Message)[-1].case_id is None, "whose it is now, a person says"
    play.answer("match_mail", "attach_case", case=play.case.ref)
    assert play.case.state == closed
    assert "read_letter" in [one.kind for one in play.tasks()]
    assert len(rows(play, Document, case_id=play.case_id)) == 1


def test_an_erased_case_takes_no_letter_and_gives_none_away(play: Play) -> None:
    play.open()
    number = came(play, "hello", sender=PATIENT.email)
    came(play)
    with transaction(play.world.engine) as session:
        session.get_one(Case, play.case_id).erased_at = play.clock.now()
    with pytest.raises(CaseErased):
        ask_again(play.world, number)
    near: dict[str, dict[str, str]] = {"attach_case": {}, "join": FAMILY}
    for answer, values in near.items():
        with pytest.raises(CaseErased):
            play.decide_only("match_mail", answer, case=play.case.ref, **values)
    assert rows(play, Message)[-1].case_id is None


def test_of_two_people_who_place_a_letter_at_once_one_is_refused(play: Play) -> None:
    play.open()
    other = another_case(play)
    came(play, file=SYNOPTIC)
    (task,) = [one for one in play.tasks() if one.kind == "match_mail"]
    start, outcomes = Barrier(2), []

    def place(ref: str) -> None:
        start.wait()
        try:
            decide(
                play.world, require_id(task.id), answer="attach_case", actor=BOSS,
                values={"case": ref},
            )  # fmt: skip
            outcomes.append("taken")
        except DecisionRefused:
            outcomes.append("refused")

    people = [Thread(target=place, args=(ref,)) for ref in (play.case.ref, other.ref)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert sorted(outcomes) == ["refused", "taken"]
    assert len(rows(play, Document)) == 1
