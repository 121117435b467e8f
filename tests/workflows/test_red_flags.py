"""An alarm climbs until somebody calls, and ends only with whom they reached."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text, update
from sqlmodel import col

from accounts.users import AccountRefused, checked_address
from models import Case, StepRun, User
from models.base import require_id
from models.database import transaction
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
    told,
)
from tests.workflows.playing import PATIENT, Play
from workflows.cases.reported_facts import report_fact
from workflows.decisions import DecisionRefused, decide
from workflows.events import Actor

__all__ = ["play", "team"]


def test_an_alarm_climbs_until_somebody_takes_it(play: Play) -> None:
    mailed(play, DANGER)
    assert listening(play).to_staff() == ["amina", "ben"], "at once: the coordinators"
    minutes(play, 4)
    assert len(listening(play).to_staff()) == 2
    minutes(play, 1)
    assert listening(play).to_staff().count("lee") == 1, "after five minutes: the leads"
    assert "clio" not in listening(play).to_staff()
    minutes(play, 10)
    assert {"clio", "on-call"} <= set(listening(play).to_staff()), "after fifteen: everybody"
    before = len(listening(play).to_staff())
    minutes(play, 5)
    assert len(listening(play).to_staff()) == before + 5, "and again"
    assert told(play) == [
        ("alerted", 0), ("escalated", 1), ("alerted", 1), ("escalated", 2), ("alerted", 2),
        ("escalated", 3), ("alerted", 3),
    ]  # fmt: skip
    answered(play, "take", "clinician:clio")
    before = len(listening(play).to_staff())
    minutes(play, 14)
    assert len(listening(play).to_staff()) == before, "somebody calls: the ladder rests"
    assert alarm(play).taken_by == "U-clio"


def test_a_taken_alarm_that_is_not_answered_rises_again_for_everybody(play: Play) -> None:
    mailed(play, DANGER)
    answered(play, "take")
    before = len(listening(play).to_staff())
    minutes(play, 15)
    assert alarm(play).taken_by is None
    assert len(listening(play).to_staff()) == before + 5
    assert play.events("red_flag.escalated")[-1].payload["why"] == "not_closed"


def test_the_letter_to_the_team_holds_nothing_of_the_patient(play: Play) -> None:
    mailed(play, DANGER)
    letters = [raw for to, raw in listening(play).left if to == "amina@team.example"]
    content = str(letters[0].get_payload(decode=True).decode()) + letters[0]["Subject"]  # type: ignore[union-attr]
    ref = play.case.ref
    assert ref in content and f"/tasks/{alarm(play).id}" in content
    name = (PATIENT.name or "").lower().split()
    for word in ("fever", "bleeding", "breath", "cancer", "breast", PATIENT.email or "?", *name):
        assert word not in content.lower()


def test_the_case_of_a_coordinator_alerts_them_first_and_alone(play: Play) -> None:
    with transaction(play.world.engine) as session:
        session.execute(update(Case).values(coordinator_ref="U-ben"))
    mailed(play, DANGER)
    assert listening(play).to_staff() == ["ben"]


def test_where_nobody_of_a_rung_has_an_address_the_next_one_hears_at_once(play: Play) -> None:
    with transaction(play.world.engine) as session:
        session.execute(update(User).values(email=None))
    mailed(play, DANGER)
    assert listening(play).to_staff() == ["on-call"]


def test_nobody_reached_keeps_it_open_until_the_stated_time(play: Play) -> None:
    mailed(play, DANGER)
    answered(play, "take")
    answered(play, "nobody", next_try="30", said="no answer, the phone rings")
    task = alarm(play)
    assert (task.taken_by, task.due_at) == (None, NIGHT + timedelta(minutes=30))
    minutes(play, 29)
    assert told(play)[-1] == ("not_reached", "nobody")
    minutes(play, 1)
    assert told(play)[-2:] == [("escalated", 1), ("alerted", 1)]
    assert play.events("red_flag.escalated")[-1].payload["why"] == "next_try"
    answered(play, "reached", reached="hospital", said="she is in the ward, the nurse calls back")
    assert [task.kind for task in play.tasks() if task.kind == "call_patient_now"] == []
    assert [call.reached for call in calls(play)] == ["nobody", "hospital"]
    assert told(play)[-1] == ("closed", "hospital")
    before = len(listening(play).left)
    minutes(play, 60)
    assert len(listening(play).left) == before, "answered: nothing climbs any more"


@pytest.mark.parametrize(
    ("answer", "values"),
    [
        ("reached", {}),
        ("reached", {"reached": "patient"}),
        ("reached", {"said": "all well"}),
        ("reached", {"reached": "nobody", "said": "no answer"}),
        ("reached", {"reached": "patient", "said": " \u200b "}),
        ("nobody", {}),
        ("nobody", {"next_try": "600"}),
        ("done", {}),
    ],
)
def test_it_does_not_close_without_whom_and_what(
    play: Play, answer: str, values: dict[str, str]
) -> None:
    mailed(play, DANGER)
    with pytest.raises(DecisionRefused):
        answered(play, answer, **values)
    assert alarm(play).state == "open" and calls(play) == []


def test_a_second_flag_joins_the_open_one_and_the_clock_stays(play: Play) -> None:
    mailed(play, DANGER)
    minutes(play, 3)
    mailed(play, "He is unconscious now!", subject="again")
    task = alarm(play)
    assert task.due_at == NIGHT + timedelta(minutes=5) and task.opened_at == NIGHT
    flags = play.events("clinical.red_flag_reported")
    assert [flag.payload["joined"] for flag in flags] == [False, True]
    assert len(play.messages(template="M33")) == 1
    answered(play, "reached", reached="patient", said="on the way to the hospital")
    mailed(play, "The fever is 40 again", subject="third")
    assert alarm(play).opened_at == play.clock.now(), "a new one after the first was answered"


def test_two_people_who_close_it_at_once_are_one_closing(play: Play) -> None:
    mailed(play, DANGER)
    task_id, outcomes = require_id(alarm(play).id), list[str]()
    begin = threading.Barrier(2)

    def close(who: str) -> None:
        begin.wait()
        try:
            decide(
                play.world, task_id, answer="reached", actor=Actor("lead", who),
                values={"reached": "patient", "said": f"{who} talked"},
            )  # fmt: skip
            outcomes.append("closed")
        except DecisionRefused:
            outcomes.append("refused")

    both = [threading.Thread(target=close, args=(who,)) for who in ("U-lee", "U-lou")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(outcomes) == ["closed", "refused"]
    assert len(calls(play)) == 1 and len(play.events("red_flag.closed")) == 1


def test_two_people_do_not_take_it_both_and_either_may_close_it(play: Play) -> None:
    mailed(play, DANGER)
    answered(play, "take", "lead:lee")
    with pytest.raises(DecisionRefused, match="A colleague calls since 19:57"):
        answered(play, "take", "coordinator:ben")
    answered(play, "take", "lead:lee")
    answered(
        play, "reached", "coordinator:ben", reached="caregiver", said="they are at the doctor's"
    )


@pytest.mark.parametrize("fact", ["patient.deceased", "consent.withdrawn", "patient.stopped"])
def test_a_flag_stays_for_a_person_when_everything_else_stops(play: Play, fact: str) -> None:
    mailed(play, DANGER)
    report_fact(play.world, play.case.ref, fact, Actor("coordinator", "U-amina"), {})
    play.run()
    assert alarm(play).state == "open"
    before = len(listening(play).to_staff())
    minutes(play, 5)
    assert len(listening(play).to_staff()) > before, "it climbs all the same"
    answered(play, "reached", reached="hospital", said="talked with the ward")


def test_a_flag_after_the_death_writes_to_nobody_but_the_team(play: Play) -> None:
    report_fact(play.world, play.case.ref, "patient.deceased", Actor("coordinator", "c"), {})
    play.run()
    letters = len(play.messages())
    mailed(play, DANGER)
    assert alarm(play).state == "open"
    assert [m for m in play.messages()[letters:] if m.direction == "out"] == []


def test_a_worker_that_dies_between_mail_server_and_commit_alerts_again(play: Play) -> None:
    mailed(play, DANGER)
    minutes(play, 4)
    with transaction(play.world.engine) as session:
        session.execute(
            update(StepRun)
            .where(col(StepRun.name) == "notices.alert_staff")
            .values(state="running", lease_until=text("now() - interval '1 hour'"), attempt=1)
        )
    play.run()
    assert listening(play).to_staff().count("amina") == 2, "twice rather than not at all"
    minutes(play, 1)
    assert ("escalated", 1) in told(play)


def test_a_mail_server_that_is_away_is_tried_again_every_minute(play: Play) -> None:
    listening(play).refuses = True
    mailed(play, DANGER)
    assert listening(play).to_staff() == [] and told(play) == []
    listening(play).refuses = False
    minutes(play, 1)
    assert told(play) == [("alerted", 0)]


@pytest.mark.parametrize(
    "odd", ["jürgen@team.example", "a\u202eb@team.example", "c@klinik-münchen.example"]
)
def test_an_address_that_no_letter_can_be_written_to_silences_nobody(play: Play, odd: str) -> None:
    """One of these once stopped every letter of the alarm: all were written before any left."""
    with pytest.raises(AccountRefused, match="Latin"):
        checked_address(odd)
    with transaction(play.world.engine) as session:  # as it stands from before
        session.execute(update(User).where(col(User.user_name) == "ben").values(email=odd))
    mailed(play, DANGER)
    for later in (5, 10):
        minutes(play, later)
    assert {"amina", "lee", "clio", "on-call"} <= set(listening(play).to_staff())
