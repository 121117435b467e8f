"""What a question of the follow-up offers as answers, and what a "yes" to signs leads to."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select, update
from sqlmodel import Session, col

from models import FollowUpEntry, HumanTask
from models.base import require_id
from models.database import transaction
from planning.followup_template import ALL_IS_WELL, FollowUpRule
from settings import PROJECT_ROOT
from tests.web.parts import Visitor
from tests.web.test_portal_home import path_of
from tests.workflows.patients import patients_are
from tests.workflows.playing import Play
from web import languages
from web.home_words import ANSWERS
from web.languages import LANGUAGES
from workflows.engine.playbooks import playbooks_of
from workflows.engine.record import Cause, Recorder
from workflows.journey.opt_out import give_to_coordinator

Visit = Callable[..., Visitor]
FOLLOW_UP = playbooks_of(PROJECT_ROOT / "playbooks").follow_up
RULES = [rule for section in FOLLOW_UP.sections.values() for rule in section]
YES = {"en": "yes", "zh": "是", "hi": "हाँ", "ar": "نعم", "ru": "да", "fr": "oui"}
BY_CODE = {rule.id: rule for rule in RULES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_no_yes_to_a_question_about_signs_means_that_all_is_well(rule: FollowUpRule) -> None:
    before = languages.reading.get()
    codes = FOLLOW_UP.answers(rule.id, rule.ask)
    for language in LANGUAGES.values():
        languages.reading.set(language)
        shown = {code: languages.translate(ANSWERS[rule.answers][code]) for code in codes}
        assert "\ue000" not in "".join(shown.values()), "without translation"
        says_yes = [code for code in codes if re.match(YES[language.code], shown[code], re.I)]
        if rule.answers == "symptom":
            assert says_yes == ["problem"]
        else:
            assert "problem" not in says_yes
    languages.reading.set(before)
    assert rule.answers != "symptom" or not set(codes) & ALL_IS_WELL


def asked(play: Play, code: str) -> int:
    """Put a question of the plan before the patient, as if its letter had left."""
    with transaction(play.world.engine) as session:
        entry = FollowUpEntry(
            case_id=play.case_id,
            code=code,
            due=play.clock.now().date(),
            ask=BY_CODE[code].ask,
            recipients=["patient"],
            critical=True,
            state="sent",
            sent_at=play.clock.now(),
        )
        session.add(entry)
        session.flush()
        return require_id(entry.id)


def entry_of(play: Play, reminder_id: int) -> FollowUpEntry:
    with Session(play.world.engine) as session:
        return session.get_one(FollowUpEntry, reminder_id)


def call_me_at(play: Play, phone: str) -> None:
    with transaction(play.world.engine) as session:
        patients_are(session, phone=phone)


def minutes_left(play: Play, kind: str) -> float:
    task = next(task for task in play.tasks() if task.kind == kind)
    return (task.due_at - play.clock.now()).total_seconds() / 60


def test_fever_answered_with_yes_reaches_a_person_within_minutes(visit: Visit, play: Play) -> None:
    play.open()
    call_me_at(play, "+254 700 000000")
    question = asked(play, "P2")
    visitor, path = visit(), path_of(play)
    page = visitor.get(path).text
    buttons = dict(re.findall(r'<button name="answer" value="(\w+)"[^>]*>([^<]+)</button>', page))
    assert buttons == {
        "problem": "Yes, I have one of these",
        "none_of_these": "No, none of these",
        "call_me": "Please call me",
        "stop": "Stop these questions",
    }
    answer = visitor.send(f"{path}/answer", {"question": question, "answer": "problem"}, path)
    assert answer.headers["location"] == f"{path}/signs?told=1"
    assert entry_of(play, question).answer == "problem"
    assert play.events("reminder.answered")[-1].payload["answer_code"] == "problem"
    (flag,) = play.events("clinical.red_flag_reported")
    assert flag.payload["symptom_codes"] == [] and flag.actor_type == "patient"
    assert minutes_left(play, "call_patient_now") <= 5
    assert minutes_left(play, "ask_symptoms") <= 240
    assert "A person calls you." in visitor.get(f"{path}/signs?told=1").text
    # The signs that are ticked then are added to it; the one call stays one.
    visitor.send(f"{path}/signs", {"sign": ["fever"]}, path)
    assert [task.kind for task in play.tasks()].count("call_patient_now") == 1


def test_a_sign_that_is_no_red_flag_reaches_a_person_the_same_day(visit: Visit, play: Play) -> None:
    play.open()
    question = asked(play, "B1")
    visitor, path = visit(), path_of(play)
    visitor.send(f"{path}/answer", {"question": question, "answer": "problem"}, path)
    assert play.events("clinical.red_flag_reported") == []
    assert minutes_left(play, "ask_symptoms") <= 240


def test_done_from_an_old_page_is_not_taken_for_an_answer_about_signs(
    visit: Visit, play: Play
) -> None:
    play.open()
    question = asked(play, "P8")
    visitor, path = visit(), path_of(play)
    for code in ("done", "booked", "not_yet", "nonsense"):
        form = {"question": question, "answer": code}
        assert visitor.send(f"{path}/answer", form, path).status_code == 422
    assert entry_of(play, question).state == "sent"
    form = {"question": question, "answer": "none_of_these"}
    assert visitor.send(f"{path}/answer", form, path).status_code == 303
    assert entry_of(play, question).answer == "none_of_these"
    assert "ask_symptoms" not in [task.kind for task in play.tasks()]


def test_what_a_doctor_worded_anew_is_answered_in_full_words(visit: Visit, play: Play) -> None:
    play.open()
    question = asked(play, "P2")
    with transaction(play.world.engine) as session:
        for row in session.scalars(select(FollowUpEntry)):
            row.ask = "Is the wound clean and dry?"
    visitor, path = visit(), path_of(play)
    page = visitor.get(path).text
    assert ">All is well</button>" in page and ">There is a problem</button>" in page
    assert ">Yes" not in page.split("Stop these questions")[0].split("A question for you")[1]
    assert entry_of(play, question).state == "sent"


def test_a_call_is_not_promised_where_there_is_no_number(visit: Visit, play: Play) -> None:
    play.open()
    question = asked(play, "P2")
    visitor, path = visit(), path_of(play)
    visitor.send(f"{path}/answer", {"question": question, "answer": "problem"}, path)
    for page in (f"{path}/signs?told=1", f"{path}?done=call", f"{path}?done=signs"):
        text = visitor.get(page).text
        assert "We have no telephone number of yours" in text
        assert "calls you" not in text
    call_me_at(play, "+254 700 000000")
    assert "A person calls you" in visitor.get(f"{path}?done=signs").text


def escalate(play: Play, reminder_id: int) -> None:
    with transaction(play.world.engine) as session:
        recorder = Recorder(session, play.world.process, play.clock.now())
        entry = session.get_one(FollowUpEntry, reminder_id)
        give_to_coordinator(recorder, FOLLOW_UP, entry, Cause())
        recorder.flush()


def test_a_coordinator_is_offered_the_same_answers(visit: Visit, play: Play) -> None:
    play.open()
    signs, visit_done = asked(play, "P2"), asked(play, "P10")
    escalate(play, signs)
    escalate(play, visit_done)
    tasks = {task.objects["reminder_id"]: task for task in play.tasks() if task.objects}
    assert (tasks[signs].kind, tasks[visit_done].kind) == ("ask_symptoms", "call_patient")
    page = visit("coordinator").get(f"/tasks/{tasks[signs].id}").text
    assert "fever, bleeding" in page, "what is asked stands on the page"
    assert "Yes, one of these signs is there" in page and "No, none of these signs" in page
    assert "It is done" not in page and "It is booked" not in page
    play.answer("ask_symptoms", "problem")
    assert entry_of(play, signs).answer == "problem"
    assert minutes_left(play, "call_patient_now") <= 5
    play.answer("ask_symptoms", "talked", reason="seen by the clinic today")
    assert entry_of(play, signs).answer == "problem", "the call does not make it done"
    play.answer("call_patient", "done")
    assert entry_of(play, visit_done).answer == "done"


def test_an_older_task_about_signs_is_asked_again_and_never_done(play: Play) -> None:
    """Tasks of before offer "it is done"; about signs that says nothing."""
    play.open()
    question = asked(play, "P2")
    escalate(play, question)
    with transaction(play.world.engine) as session:
        asked_now = update(HumanTask).where(col(HumanTask.kind) == "ask_symptoms")
        session.execute(asked_now.values(kind="call_patient"))
    play.answer("call_patient", "done")
    assert entry_of(play, question).answer is None
    play.answer("ask_symptoms", "none_of_these")
    assert entry_of(play, question).answer == "none_of_these"


def test_the_patients_own_answer_ends_the_call_that_was_asked_for(visit: Visit, play: Play) -> None:
    play.open()
    question = asked(play, "P2")
    escalate(play, question)
    visitor, path = visit(), path_of(play)
    visitor.send(f"{path}/answer", {"question": question, "answer": "problem"}, path)
    (task,) = [task for task in play.tasks() if task.kind == "ask_symptoms"]
    assert task.detail == "problem" and minutes_left(play, "ask_symptoms") <= 240
    with Session(play.world.engine) as session:
        states = session.scalars(
            select(col(HumanTask.state)).where(col(HumanTask.kind) == "ask_symptoms")
        ).all()
    assert sorted(states) == ["cancelled", "open"]
