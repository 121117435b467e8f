"""A red flag by any door reaches the team in minutes and climbs until somebody has called."""

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage, Message
from typing import Any

import pytest
from sqlalchemy import Engine, select, text, update
from sqlmodel import Session, col

from adapters.clock import FixedClock
from adapters.mail_out import MailOut, MailRefused
from models import Case, CaseEvent, HumanTask, RedFlagCall, StepRun, User
from models.base import require_id
from models.database import transaction
from settings import Settings
from tests.workflows.playing import PATIENT, Play, add_hospitals
from workflows.cases.reported_facts import FactRefused, report_fact
from workflows.decisions import DecisionRefused, decide
from workflows.engine.recurring import FETCH_MAIL, ensure_recurring
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.events import Actor
from workflows.letters.decisions import QUESTIONS as LETTERS
from workflows.steps import STEPS

DANGER = "Dear team, since tonight high fever 39.5, bleeding, breathless. What shall we do?"
NIGHT = datetime.fromisoformat("2026-11-23T19:57:00+00:00")
"""22:57 in Nairobi, where the patient lives."""
STAFF = (("coordinator", "amina"), ("coordinator", "ben"), ("lead", "lee"), ("clinician", "clio"))


class Listening:
    """The real mail server, and a note of what left for whom."""

    def __init__(self, real: MailOut) -> None:
        self.real, self.left = real, list[tuple[str, Message[str, str]]]()
        self.refuses = False

    def deliver(
        self, raw: bytes, envelope_from: str, recipients: Sequence[str], **more: Any
    ) -> Any:
        if self.refuses:
            raise MailRefused(permanent=False, code=451, stage="recipient")
        self.left += [(to, message_from_bytes(raw)) for to in recipients]
        return self.real.deliver(raw, envelope_from, recipients, **more)

    def to_staff(self) -> list[str]:
        names = [to.partition("@")[0] for to, _ in self.left if to.endswith("@team.example")]
        return sorted(names)


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    own = settings.model_copy(update={"on_call_address": "on-call@team.example"})
    world = World(own, engine=engine, clock=clock)
    world.storage = storage
    world.mail_out = Listening(world.mail_out)
    add_hospitals(world)
    with transaction(engine) as session:
        for role, name in STAFF:
            session.add(
                User(
                    ref=f"U-{name}", user_name=name, role=role, password_hash="",
                    email=f"{name}@team.example",
                )
            )  # fmt: skip
    play = Play(world, clock)
    play.open()
    play.run()
    clock.move(NIGHT)
    return play


def listening(play: Play) -> Listening:
    mail: Any = play.world.mail_out
    assert isinstance(mail, Listening)
    return mail


def mailed(
    play: Play, words: str, sender: str = PATIENT.email or "", subject: str = "hello"
) -> None:
    """Send a mail over SMTP, fetch it over IMAP, and work what follows."""
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = sender, play.world.settings.mail_from, subject
    letter.set_content(words)
    ours = [play.world.settings.mail_from]
    listening(play).real.deliver(letter.as_bytes(), sender, ours)
    with play.world.engine.begin() as connection:
        connection.execute(text("DELETE FROM step_run WHERE name = 'ingestion.fetch_mail'"))
    ensure_recurring(play.world)
    Runner(play.world, STEPS).drain(FETCH_MAIL)
    play.run()


def minutes(play: Play, count: float) -> None:
    play.clock.move(timedelta(minutes=count))
    play.run()


def alarm(play: Play, kind: str = "call_patient_now") -> HumanTask:
    (task,) = [task for task in play.tasks() if task.kind == kind]
    return task


def answered(play: Play, answer: str, who: str = "coordinator:amina", **values: str) -> None:
    role, _, name = who.partition(":")
    task = next(task for task in play.tasks() if task.kind in ("call_patient_now", "find_sender"))
    actor = Actor(role, f"U-{name}")
    decide(play.world, require_id(task.id), answer=answer, actor=actor, values=values)
    play.run()


def told(play: Play) -> list[tuple[str, object]]:
    """Return the ladder's events: what happened, and at which level or with whom."""
    kinds = ("red_flag.escalated", "red_flag.alerted", "red_flag.taken", "red_flag.not_reached",
             "red_flag.closed")  # fmt: skip
    return [
        (
            event.type.removeprefix("red_flag."),
            event.payload.get("level", event.payload.get("reached")),
        )
        for event in play.events()
        if event.type in kinds
    ]


def calls(play: Play) -> list[RedFlagCall]:
    with Session(play.world.engine) as session:
        return list(session.scalars(select(RedFlagCall).order_by(col(RedFlagCall.id))))


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
