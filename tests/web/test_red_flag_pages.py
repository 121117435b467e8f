"""A red flag on the console and the portal: on every page, with what whoever calls needs."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Browser
from sqlalchemy import update
from sqlmodel import Session, col, select

from models import Case, HumanTask, Message, RedFlagCall, User
from models.base import require_id
from models.database import transaction
from tests.web.browsing import watch
from tests.web.parts import Visitor, make_user
from tests.web.test_portal_home import path_of
from tests.workflows.acts import to_surgery
from tests.workflows.patients import patients_are
from tests.workflows.playing import PATIENT, Play
from workflows.cases.reported_facts import report_fact
from workflows.decisions import decide
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Actor
from workflows.portal.access import FROM_PAGE

Visit = Callable[..., Visitor]
WORDS = "Since an hour my wound is open and pus comes out. Please help!"


def flagged(play: Play, phone: str | None = "+254 700 000000", words: str = WORDS) -> int:
    """Open a case whose patient writes from their page; return the number of the question."""
    play.open()
    play.run()
    with transaction(play.world.engine) as session:
        patients_are(session, phone=phone, time_zone="Africa/Nairobi")
    written(play, words)
    return alarm(play)


def written(play: Play, words: str) -> None:
    from workflows.portal import acts

    acts.write_message(play.world, play.case, words)
    play.run()


def alarm(play: Play) -> int:
    (task,) = [task for task in play.tasks() if task.kind in ("call_patient_now", "find_sender")]
    return require_id(task.id)


def first_row(page: str) -> str:
    found = re.search(r'<li class="task.*?</li>', page, re.S)
    assert found
    return found[0]


@pytest.mark.parametrize("role", ["coordinator", "lead", "clinician"])
def test_it_stands_first_for_each_of_the_team_on_every_page(
    visit: Visit, play: Play, role: str
) -> None:
    flagged(play)
    with transaction(play.world.engine) as session:
        session.execute(update(Case).values(coordinator_ref="U-elsewhere", urgency="routine"))
    visitor = visit(role)
    page = visitor.get("/").text
    assert "Red flag: call the patient now" in first_row(page)
    for path in ("/", "/cases", f"/cases/{play.case.ref}/timeline", "/account", "/directory"):
        text = visitor.get(path).text
        assert "<title>(1) " in text and "nobody calls yet" in text, path
    assert visitor.get("/api/alarms").json()["count"] == 1


def test_who_does_not_work_with_patients_sees_none(visit: Visit, play: Play) -> None:
    flagged(play)
    for role in ("analyst", "administrator"):
        visitor = visit(role)
        assert 'id="alarms"' not in visitor.get("/account").text
        assert visitor.get("/api/alarms").json()["count"] == 0


def test_a_page_without_red_flags_is_as_it_was(visit: Visit, play: Play) -> None:
    page = visit("coordinator").get("/").text
    assert "<title>My work" in page and re.search(r'<aside id="alarms"[^>]* hidden>', page)


def test_the_question_shows_whom_to_call_and_what_they_wrote(visit: Visit, play: Play) -> None:
    task_id = flagged(play)
    page = visit("clinician").get(f"/tasks/{task_id}").text
    for words in (
        'href="tel:+254700000000"', PATIENT.name, "English", "12:00, Monday", "Africa/Nairobi",
        "at home, before the journey", "nobody was given the case", WORDS,
        "message from their page", "the local emergency number",
    ):  # fmt: skip
        assert words and str(words).replace("'", "&#39;") in page, words
    assert "I am calling now" in page and "Somebody was reached" in page


def test_without_a_number_it_says_so_and_offers_the_other_ways(visit: Visit, play: Play) -> None:
    task_id = flagged(play, phone=None)
    page = visit("lead").get(f"/tasks/{task_id}").text
    assert "No telephone number is known." in page
    assert "the patient, by e-mail" in page and str(PATIENT.email) in page


def test_a_patient_in_hospital_abroad_is_called_by_the_hospitals_clock(
    visit: Visit, play: Play
) -> None:
    to_surgery(play)
    with transaction(play.world.engine) as session:
        patients_are(session, phone="+254 700 000000")
    written(play, WORDS)
    page = visit("coordinator").get(f"/tasks/{alarm(play)}").text
    assert "in the hospital" in page and "Asia/Kolkata" in page
    assert "International Department" in page


def test_taking_it_shows_who_calls_and_leaves_it_open(visit: Visit, play: Play) -> None:
    task_id = flagged(play)
    one, other = visit("coordinator"), visit("lead")
    path = f"/tasks/{task_id}"
    taken = one.send(path, {"answer": "take"})
    assert (taken.status_code, taken.headers["location"]) == (303, path)
    page = other.get(path).text
    assert "coordinator-1 calls since" in page and "nobody calls yet" not in page
    assert other.send(path, {"answer": "take"}).status_code == 422


def test_a_blank_report_is_refused_and_what_was_typed_stays(visit: Visit, play: Play) -> None:
    task_id = flagged(play)
    visitor, path = visit("coordinator"), f"/tasks/{task_id}"
    said = "She goes to the district hospital now; we call at six."
    refused = visitor.send(path, {"answer": "reached", "set:said": said})
    assert refused.status_code == 422 and said in refused.text
    assert "Say who was reached" in refused.text
    form = {"answer": "reached", "set:said": said, "set:reached": "caregiver"}
    assert visitor.send(path, form).status_code == 303
    with Session(play.world.engine) as session:
        (call,) = session.scalars(select(RedFlagCall)).all()
    assert (call.reached, call.said) == ("caregiver", said)
    assert visitor.send(path, form).status_code == 422, "the second time"
    page = visitor.get(path).text
    assert said in page and "reached: caregiver" in page
    assert visitor.get("/api/alarms").json()["count"] == 0


def test_after_such_a_message_the_patient_reads_what_to_do_now(visit: Visit, play: Play) -> None:
    play.open()
    with transaction(play.world.engine) as session:
        patients_are(session, phone="+254 700 000000")
    visitor, path = visit(), path_of(play)
    for words in (WORDS, "fièvre 39", "я задыхаюсь", "呼吸困难"):
        sent = visitor.send(f"{path}/message", {"text": words}, path)
        assert sent.headers["location"] == f"{path}/signs?told=1", words
    page = visitor.get(f"{path}/signs?told=1").text
    assert "call your local emergency number now" in page and "A person calls you." in page
    assert len(play.events("clinical.red_flag_reported")) == 4
    assert [task.kind for task in play.tasks()].count("call_patient_now") == 1
    usual = visitor.send(f"{path}/message", {"text": "Thank you for the date"}, path)
    assert usual.headers["location"] == f"{path}?done=message"


def test_the_death_is_said_before_anybody_calls(visit: Visit, play: Play) -> None:
    task_id = flagged(play)
    report_fact(play.world, play.case.ref, "patient.deceased", Actor("coordinator", "c"), {})
    page = visit("coordinator").get(f"/tasks/{task_id}").text
    assert "The death of the patient was reported" in page


def of_a_stranger(play: Play, address: str) -> int:
    with transaction(play.world.engine) as session:
        letter = Message(
            direction="in", state="received", to_role="coordinator", address=address,
            subject="please", body="My wife is unconscious", sent_at=play.clock.now(),
        )  # fmt: skip
        session.add(letter)
        session.flush()
        recorder = Recorder(session, play.world.process, play.clock.now())
        about = {"message_id": require_id(letter.id)}
        task_id = recorder.request("find_sender", objects=about)
        recorder.flush()
    assert task_id is not None
    return task_id


def test_a_strangers_letter_is_shown_with_its_danger_and_given_to_its_case(
    visit: Visit, play: Play
) -> None:
    play.open()
    play.run()
    task_id = of_a_stranger(play, (PATIENT.email or "").upper())
    visitor, path = visit("coordinator"), f"/tasks/{task_id}"
    page = visitor.get(path).text
    assert "My wife is unconscious" in page and "unconscious" in page
    assert play.case.ref in page, "the case with that address"
    assert visitor.send(path, {"answer": "patient"}).status_code == 422
    assert visitor.send(path, {"answer": "patient", "set:case": "CFX-26-99999"}).status_code == 422
    form = {"answer": "patient", "set:case": play.case.ref.lower()}
    assert visitor.send(path, form).status_code == 303
    with Session(play.world.engine) as session:
        task = session.scalars(select(HumanTask).where(col(HumanTask.state) == "open",
                               col(HumanTask.kind) == "call_patient_now")).one()  # fmt: skip
    assert "My wife is unconscious" in visitor.get(f"/tasks/{task.id}").text


def test_letters_without_a_sender_are_not_shown_as_one_persons(visit: Visit, play: Play) -> None:
    play.open()
    play.run()
    first, other = of_a_stranger(play, ""), of_a_stranger(play, "")
    with transaction(play.world.engine) as session:
        letter = session.get_one(HumanTask, other).objects["message_id"]
        session.get_one(Message, letter).body = "My neighbour is unconscious"
    page = visit("coordinator").get(f"/tasks/{first}").text
    assert "My wife is unconscious" in page and "neighbour" not in page


def test_messages_from_the_page_are_told_apart_from_letters(play: Play) -> None:
    flagged(play)
    (message,) = play.messages(direction="in")
    assert message.address == FROM_PAGE


def test_while_it_is_open_the_patients_page_does_not_say_that_nothing_is_to_be_done(
    visit: Visit, play: Play
) -> None:
    flagged(play)
    visitor, path = visit(), path_of(play)
    assert "Do not wait for the call if it gets worse." in visitor.get(path).text
    form = {"answer": "reached", "set:reached": "patient", "set:said": "goes to the hospital"}
    visit("lead").send(f"/tasks/{alarm(play)}", form)
    assert "Do not wait for the call" not in visitor.get(path).text


def test_the_team_reports_what_it_heard_by_hand(visit: Visit, play: Play) -> None:
    play.open()
    play.run()
    visitor, path = visit("clinician"), f"/cases/{play.case.ref}"
    page = f"{path}/overview"
    assert "Report a red flag" in visitor.get(page).text
    wrong = visitor.send(f"{path}/red-flag", {"sign": ["headache"]}, page)
    assert wrong.status_code == 422 and play.events("clinical.red_flag_reported") == []
    form = {"sign": ["seizure", "fever"], "by": "hospital", "channel": "phone"}
    assert visitor.send(f"{path}/red-flag", form, page).status_code == 303
    assert visitor.send(f"{path}/red-flag", {}, page).status_code == 303
    told, blank = play.events("clinical.red_flag_reported")
    assert told.payload == {
        "symptom_codes": ["seizure", "fever"], "reported_by": "hospital", "channel": "phone",
        "source": "report", "joined": False,
    }  # fmt: skip
    assert (blank.payload["reported_by"], blank.payload["channel"]) == (None, None)
    assert "reported by hand" in visitor.get(f"/tasks/{alarm(play)}").text


def email_of(world: World, name: str) -> str | None:
    with Session(world.engine) as session:
        return session.scalars(select(User).where(col(User.user_name) == name)).one().email


def test_each_of_the_team_says_where_red_flags_reach_them(visit: Visit, world: World) -> None:
    visitor = visit("clinician")
    assert "not stated" in visitor.get("/account").text
    for wrong in ("nobody", "a b@c.example", "x@y", f"{'x' * 250}@y.example", "a@b.example, c@d.e"):
        assert visitor.send("/account/email", {"email": wrong}, "/account").status_code == 422
    kept = visitor.send("/account/email", {"email": " clio@team.example "}, "/account")
    assert kept.headers["location"] == "/account?done=email"
    assert email_of(world, "clinician-1") == "clio@team.example"
    assert 'value="clio@team.example"' in visitor.get("/account").text
    visitor.send("/account/email", {"email": ""}, "/account")
    assert email_of(world, "clinician-1") is None


def test_an_administrator_sees_who_has_no_address_and_gives_one(visit: Visit, world: World) -> None:
    make_user(world, "lead")
    visitor = visit("administrator")
    assert visitor.get("/users").text.count("no e-mail for red flags") == 1
    form = {"act": "email", "user_name": "lead", "email": "lee@team.example"}
    assert visitor.send("/users", form).status_code == 303
    assert email_of(world, "lead") == "lee@team.example"
    assert "no e-mail for red flags" not in visitor.get("/users").text


@pytest.mark.browser
def test_it_leaves_the_page_in_title_banner_and_notification(
    browser: Browser, address: str, world: World, play: Play
) -> None:
    make_user(world, "clinician")
    watched = watch(browser, address)
    page = watched.page
    page.clock.install()
    page.add_init_script(
        "window.notes = []; window.Notification = class { "
        "constructor(title, options) { window.notes.push([title, options.tag]); } "
        "addEventListener() {} "
        "static requestPermission() { window.Notification.permission = 'granted'; } }; "
        "const asked = localStorage.getItem('alarms-asked'); "
        "window.Notification.permission = asked ? 'granted' : 'default';"
    )
    watched.sign_in("clinician")
    page.goto(f"{address}/cases")
    page.get_by_role("button", name="Tell me of red flags outside this page too").click()
    page.get_by_role("button", name="Tell me of red flags").wait_for(state="hidden")
    assert page.title() == "Cases"

    task_id = flagged(play)
    page.clock.run_for(16_000)
    page.get_by_text("nobody calls yet").wait_for()
    assert page.title() == "(1) Cases"
    assert page.evaluate("window.notes") == [[f"Red flag: {play.case.ref}", f"alarm-{task_id}"]]
    page.clock.run_for(31_000)
    assert len(page.evaluate("window.notes")) == 1, "each rung is told once"
    page.goto(f"{address}/cases")
    assert page.title() == "(1) Cases" and page.evaluate("window.notes") == []
    assert page.get_by_role("button", name="Tell me of red flags").count() == 0, "asked once"
    play.clock.move(timedelta(minutes=5))
    play.run()
    page.clock.run_for(16_000)
    page.locator(f'[data-alarm="{task_id}.1"]').wait_for(state="attached")
    assert len(page.evaluate("window.notes")) == 1

    page.get_by_role("link", name=play.case.ref).first.click()
    page.get_by_role("heading", name="Red flag: call the patient now").wait_for()
    page.get_by_role("button", name="Take").click()
    page.get_by_text("clinician calls since").first.wait_for()
    decide(
        world, task_id, answer="reached", actor=Actor("lead", "U-lee"),
        values={"reached": "patient", "said": "on the way to the hospital"},
    )  # fmt: skip
    page.clock.run_for(16_000)
    page.get_by_role("complementary", name="Red flags").wait_for(state="hidden")
    assert not page.title().startswith("(")
    watched.must_be_quiet()
