"""A red flag by any door reaches the whole team within five minutes."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import Session

from models import CaseEvent, HumanTask, StepRun
from models.base import require_id
from tests.workflows.acts import to_outreach
from tests.workflows.flagging import (
    DANGER,
    NIGHT,
    alarm,
    answered,
    calls,
    listening,
    mailed,
    minutes,
    play,
    team,
)
from tests.workflows.playing import Play
from workflows.cases.reported_facts import FactRefused, report_fact
from workflows.decisions import decide
from workflows.events import Actor
from workflows.letters.placing_decisions import QUESTIONS as LETTERS

__all__ = ["play", "team"]


def test_a_mail_at_night_is_asked_of_the_whole_team_within_five_minutes(play: Play) -> None:
    mailed(play, DANGER)
    task = alarm(play)
    assert (task.role, task.due_at) == ("team", NIGHT + timedelta(minutes=5))
    (flag,) = play.events("clinical.red_flag_reported")
    assert flag.payload == {
        "symptom_codes": ["fever", "bleeding", "breathless"],
        "reported_by": "patient",
        "channel": "email",
        "source": "letter",
        "joined": False,
    }
    (received,) = play.events("message.received")
    assert flag.objects == received.objects and received.payload["danger"] == "red_flag"
    assert [letter.state for letter in play.messages(template="M33")] == ["sent"]


def test_what_the_patient_wrote_stands_in_no_event_row_of_the_queue_or_question(play: Play) -> None:
    mailed(play, f"{DANGER} Kwokkanary")
    answered(play, "reached", reached="patient", said="Kwokkanary: goes to the hospital now")
    with Session(play.world.engine) as session:
        rows = [*session.scalars(select(CaseEvent)), *session.scalars(select(StepRun)),
                *session.scalars(select(HumanTask))]  # fmt: skip
    assert "Kwokkanary" not in "".join(str(row.model_dump()) for row in rows)
    assert [call.said for call in calls(play)] == ["Kwokkanary: goes to the hospital now"]


def test_a_stranger_in_danger_is_asked_about_at_once_and_climbs(play: Play) -> None:
    mailed(play, "My mother is unconscious, help", sender="stranger@elsewhere.example")
    task = alarm(play, "find_sender")
    assert (task.case_id, task.role, task.due_at) == (None, "team", NIGHT + timedelta(minutes=5))
    assert listening(play).to_staff() == ["amina", "ben"]
    minutes(play, 5)
    assert "lee" in listening(play).to_staff()
    minutes(play, 10)
    assert "on-call" in listening(play).to_staff()
    answered(play, "take", "lead:lee")
    answered(play, "patient", "lead:lee", case=play.case.ref)
    assert [flag.payload["source"] for flag in play.events("clinical.red_flag_reported")] == [
        "letter"
    ]
    assert alarm(play).kind == "call_patient_now"


def test_an_answer_to_our_letter_is_the_patients_although_a_hospital_is_asked(team: Play) -> None:
    """The family's letters carry the case's reference, and so do the hospital's."""
    play = team
    to_outreach(play)
    mailed(play, "Thank you. She has fever and shivers.", subject=f"Re: News – {play.case.ref}")
    (flag,) = play.events("clinical.red_flag_reported")
    assert flag.payload["source"] == "letter" and flag.payload["reported_by"] == "patient"
    assert play.events("hospital.reply_received") == []


def test_a_relatives_answer_from_another_address_alarms_too(team: Play) -> None:
    play = team
    to_outreach(play)
    mailed(
        play, "My wife is unconscious", sender="husband@elsewhere.example",
        subject=f"Re: News – {play.case.ref}",
    )  # fmt: skip
    (flag,) = play.events("clinical.red_flag_reported")
    assert flag.payload["reported_by"] is None and flag.actor_type == "sender"
    assert alarm(play).state == "open"


def test_a_second_letter_of_the_same_stranger_joins_the_first(play: Play) -> None:
    mailed(play, "My mother is unconscious", sender="stranger@elsewhere.example")
    mailed(play, "She is bleeding too", sender="Stranger@elsewhere.example", subject="more")
    assert alarm(play, "find_sender").opened_at == NIGHT
    assert [task.kind for task in play.tasks()].count("match_mail") == 1
    mailed(play, "He has chest pain", sender="another@elsewhere.example")
    assert [task.kind for task in play.tasks()].count("find_sender") == 2


def test_a_stranger_who_is_in_no_danger_goes_the_usual_way(play: Play) -> None:
    mailed(play, "I am bleeding money with these fees", sender="shop@elsewhere.example")
    task = alarm(play, "find_sender")
    decide(
        play.world, require_id(task.id), answer="no_danger", actor=Actor("lead", "U-lee"),
        reason="an advertisement",
    )  # fmt: skip
    assert "match_mail" in [task.kind for task in play.tasks()]
    assert set(LETTERS["match_mail"].roles) == {"coordinator", "lead"}
    with pytest.raises(StopIteration):
        answered(play, "patient", case="CFX-26-99999")


def test_two_strangers_without_an_address_are_two(play: Play) -> None:
    mailed(play, "My mother is unconscious", sender="")
    mailed(play, "Mein Vater ist bewusstlos", sender="", subject="help")
    assert [task.kind for task in play.tasks()].count("find_sender") == 2


def test_a_hospital_that_speaks_of_danger_is_heard_as_the_hospital(team: Play) -> None:
    play = team
    to_outreach(play)
    (enquiry,) = play.messages(template="M10")
    mailed(
        play, "She came to us this morning and is unconscious now.", sender=enquiry.address,
        subject="Re: your patient", answers=enquiry.message_id,
    )  # fmt: skip
    assert len(play.events("hospital.reply_received")) == 1
    (flag,) = play.events("clinical.red_flag_reported")
    assert (flag.payload["reported_by"], flag.actor_type) == ("hospital", "hospital")


def test_an_everyday_mail_wakes_nobody_and_a_plain_no_is_read_sooner(play: Play) -> None:
    mailed(play, "Thank you, Monday at 10:30 suits us.")
    mailed(play, "No fever, all is well.", subject="how we are")
    assert [task.kind for task in play.tasks() if task.kind != "read_letter"] == ["triage_inquiry"]
    first, second = [task.due_at for task in play.tasks() if task.kind == "read_letter"]
    assert second < first
    assert listening(play).to_staff() == []


def test_triage_with_a_red_flag_starts_the_same_path(play: Play) -> None:
    play.answer("triage_inquiry", "in_scope", site="breast", red_flag="yes")
    (flag,) = play.events("clinical.red_flag_reported")
    assert (flag.payload["source"], flag.payload["reported_by"]) == ("triage", None)
    assert alarm(play).role == "team"


def test_triage_that_turns_away_starts_it_too(play: Play) -> None:
    play.answer("triage_inquiry", "out_of_scope", "no cancer", red_flag="yes")
    assert alarm(play).state == "open"


def test_the_command_line_reports_it_with_its_own_source(play: Play) -> None:
    actor = Actor("coordinator", "U-amina")
    payload = {"symptom_codes": ["fever"], "reported_by": "family", "channel": "phone"}
    report_fact(play.world, play.case.ref, "clinical.red_flag_reported", actor, payload)
    (flag,) = play.events("clinical.red_flag_reported")
    assert flag.payload["source"] == "report" and alarm(play).role == "team"
    with pytest.raises(FactRefused):
        report_fact(play.world, play.case.ref, "clinical.red_flag_reported", actor, {"words": "x"})
