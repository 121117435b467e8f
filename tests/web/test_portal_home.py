"""The patient's own page: what it says, what can be done there, and what each act records."""

import re
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select
from sqlmodel import Session

from models import Consent, FollowUpEntry, Message, StepRun
from tests.web.browsing import serve, watch
from tests.web.parts import Visitor, own_path
from tests.web.test_every_page import violations
from tests.workflows import acts
from tests.workflows.acts import to_clinician, to_decision, to_outreach
from tests.workflows.playing import Play
from web.home_words import ABROAD, ASK_THERE, BY_LAW, GOES_TO, SCOPES
from workflows.cases.consented import CONSENT_TEXT
from workflows.engine.world import World

Visit = Callable[..., Visitor]
FORBIDDEN = re.compile(r"\b(?:in)?eligib\w*|\bapproved\b|\bsafe\b|\bcure[ds]?\b|\bguarant\w*", re.I)


def path_of(play: Play) -> str:
    """The path of the patient's page; the family's browser has shown a code for it."""
    return own_path(play)


def rows(world: World, table: Any, **by: object) -> list[Any]:
    with Session(world.engine) as session:
        found = session.scalars(select(table).order_by(table.id))
        return [row for row in found if all(getattr(row, k) == v for k, v in by.items())]


def to_home(play: Play) -> None:
    """Bring the case home after the operation, its first reminders sent."""
    acts.to_home(play)
    play.move(14)


def asked(world: World) -> FollowUpEntry:
    sent: list[FollowUpEntry] = rows(world, FollowUpEntry, state="sent")
    return next(entry for entry in sent if "patient" in entry.recipients)


def test_the_page_says_what_happens_who_acts_and_when_we_write(visit: Visit, play: Play) -> None:
    play.open()
    page = visit().get(path_of(play))
    assert page.status_code == 200
    assert "a person reads it" in page.text and "It is our turn." in page.text
    due = next(task for task in play.tasks() if task.kind == "triage_inquiry").due_at
    assert f"looks at your file by {due.day} {due:%B %Y}" in page.text
    play.clock.move(timedelta(days=9))
    assert "longer than we planned" in visit().get(path_of(play)).text


def test_it_is_their_turn_while_the_page_asks_them_something(visit: Visit, play: Play) -> None:
    to_clinician(play)
    play.sign("suitable_for_outreach")
    play.run()
    assert play.case.state == "SHORTLISTING"
    page = visit().get(path_of(play)).text
    assert "May we ask these hospitals?" in page
    assert "It is your turn." in page and "It is our turn." not in page
    play.answer("record_hospital_consent", "granted",
                hospitals="H01,H02", signed_by="patient", method="esign")  # fmt: skip
    page = visit().get(path_of(play)).text
    assert "May we ask these hospitals?" not in page
    assert "It is our turn." in page


def test_news_is_promised_for_the_day_on_which_a_letter_is_due(visit: Visit, play: Play) -> None:
    to_outreach(play)
    for task in play.tasks():
        assert task.role != "lead"
    (due,) = [
        row.due_at for row in rows(play.world, StepRun, name="notices.send_update", state="queued")
    ]
    text = visit().get(path_of(play)).text
    assert "Hospitals are being asked." in text
    assert f"We write to you by {due.day} {due:%B %Y}" in text


def test_what_is_missing_is_named_with_its_reason(visit: Visit, play: Play) -> None:
    play.open()
    play.answer("triage_inquiry", "in_scope", site="breast")
    page = visit().get(path_of(play)).text
    assert "What we still need" in page and "The laboratory report of the biopsy" in page
    assert "it says what kind of tumour it is" in page


def test_nothing_is_missing_once_a_person_has_settled_it(visit: Visit, play: Play) -> None:
    to_clinician(play)
    assert "What we still need" not in visit().get(path_of(play)).text


@pytest.mark.parametrize("brought", [Play.open, to_decision])
def test_no_page_promises_anything(
    visit: Visit, play: Play, brought: Callable[[Play], None]
) -> None:
    brought(play)
    visitor = visit()
    for path in ("", "/signs", "/withdraw"):
        page = visitor.get(path_of(play) + path).text
        shown = re.sub(r"<details class=.letter.*?</details>", "", page, flags=re.DOTALL)
        assert not FORBIDDEN.search(re.sub(r"<[^>]+>", " ", shown))
        assert "not medical advice" in page and "emergency number" in page


def test_a_message_reaches_a_coordinator_as_a_task(visit: Visit, play: Play) -> None:
    play.open()
    visitor = visit()
    path = path_of(play)
    answer = visitor.send(f"{path}/message", {"text": "My mother <b>asks</b> 100 %"}, path)
    assert answer.headers["location"] == f"{path}?done=message"
    (message,) = play.messages(direction="in")
    assert message.body == "My mother <b>asks</b> 100 %"
    (task,) = [task for task in play.tasks() if task.kind == "read_letter"]
    assert task.objects == {"message_id": message.id}
    assert play.events("message.received")[0].actor_ref == f"patient:{play.case_id}"
    page = visitor.get(f"{path}?done=message").text
    assert "My mother &lt;b&gt;asks&lt;/b&gt; 100 %" in page and "A person reads it." in page
    assert visitor.send(f"{path}/message", {"text": "  "}, path).status_code == 422
    assert len(play.messages(direction="in")) == 1


def test_letters_of_hospitals_and_partners_are_not_the_patients(visit: Visit, play: Play) -> None:
    to_decision(play)
    with Session(play.world.engine) as session:
        session.add(
            Message(
                case_id=play.case_id,
                direction="in",
                state="received",
                to_role="coordinator",
                address="partner",
                subject="Note of a partner",
                body="for the team only",
            )
        )
        session.commit()
    text = visit().get(path_of(play)).text
    assert "tumour board has reviewed" not in text and "for the team only" not in text
    assert play.messages(template="M01", state="sent")[0].subject in text


def test_permission_moves_the_case_with_the_words_that_were_shown(visit: Visit, play: Play) -> None:
    play.open()
    play.answer("triage_inquiry", "in_scope", site="breast")
    visitor, path = visit(), path_of(play)
    version = re.search(r'name="version" value="([^"]+)"', visitor.get(path).text)
    assert version
    form = {"give": "process", "scope": ["process", "research"], "version": "older"}
    assert visitor.send(f"{path}/consent", form, path).status_code == 422
    assert play.case.state == "AWAITING_CONSENT"
    form["version"] = version.group(1)
    assert visitor.send(f"{path}/consent", {**form, "signer": "patient"}, path).status_code == 303
    play.run()
    assert play.case.state == "COLLECTING_RECORDS"
    assert "record_consent" not in [task.kind for task in play.tasks()]
    given = {c.scope: (c.method, c.text_version) for c in rows(play.world, Consent)}
    assert given == {s: ("esign", version.group(1)) for s in ("process", "research")}
    again = visitor.send(f"{path}/consent", {**form, "signer": "patient"}, path)
    assert again.status_code == 422, "answered already"


def test_the_words_of_a_permission_belong_to_their_version() -> None:
    """Who said yes said it to these words: other words need another CONSENT_TEXT."""
    words = "\n".join(f"{code} {scope.title} {scope.text}" for code, scope in SCOPES.items())
    words += "\n".join((GOES_TO, ABROAD, ASK_THERE, *BY_LAW.values()))
    assert (CONSENT_TEXT, sha256(words.encode()).hexdigest()[:12]) == ("2026-2", "a6b00d5a9924")


def test_hospitals_are_allowed_one_by_one_and_one_is_taken_back(visit: Visit, play: Play) -> None:
    to_clinician(play)
    play.sign("suitable_for_outreach")
    visitor, path = visit(), path_of(play)
    text = visitor.get(path).text
    assert "Fictitious Hospital 1" in text and "Fictitious Hospital 2" in text
    version = re.search(r'name="version" value="([^"]+)"', text)
    assert version
    form = {"give": "hospitals", "hospital": ["H01"], "version": version.group(1)}
    unsigned = visitor.send(f"{path}/consent", form, path)
    assert unsigned.status_code == 422 and 'value="H01" checked' in unsigned.text
    assert visitor.send(f"{path}/consent", {**form, "signer": "court"}, path).status_code == 303
    play.run()
    (given,) = rows(play.world, Consent, scope="share_deid")
    assert given.withdrawn_at is None and (given.signed_by, given.ground) == ("guardian", "court")
    assert "approve_shortlist" in [task.kind for task in play.tasks()]
    back = {"back": "share_deid", "hospital": ["H01"]}
    assert visitor.send(f"{path}/consent", back, path).status_code == 303
    (given,) = rows(play.world, Consent, scope="share_deid")
    assert given.withdrawn_at is not None
    assert "close_shared_thread" in [task.kind for task in play.tasks()]
    assert play.case.state == "SHORTLISTING", "the rest goes on"


def test_who_wants_no_letters_gets_none_and_is_called_instead(visit: Visit, play: Play) -> None:
    to_outreach(play)
    visitor, path = visit(), path_of(play)
    assert visitor.send(f"{path}/consent", {"back": "messaging"}, path).status_code == 303
    (taken_back,) = rows(play.world, Consent, scope="messaging")
    assert taken_back.signed_by == "not_stated", "nobody had signed it"
    before = len(play.messages(state="sent", to_role="patient"))
    play.move(4)
    after = play.messages(state="sent", to_role="patient")[before:]
    assert [one.template for one in after] == ["M56"], "the receipt of this very word"
    assert "tell_patient" in [task.kind for task in play.tasks()]


def test_one_tap_answers_a_question_once(visit: Visit, play: Play) -> None:
    to_home(play)
    entry = asked(play.world)
    visitor, path = visit(), path_of(play)
    assert 'value="none_of_these"' in visitor.get(path).text
    form = {"question": entry.id, "answer": "none_of_these"}
    assert visitor.send(f"{path}/answer", form, path).headers["location"] == f"{path}?done=answer"
    (row,) = rows(play.world, FollowUpEntry, id=entry.id)
    assert (row.state, row.answer) == ("answered", "none_of_these")
    assert play.events("reminder.answered")[-1].payload["answer_code"] == "none_of_these"
    assert visitor.send(f"{path}/answer", form, path).status_code == 422, "answered already"


def test_a_problem_reaches_a_person_at_once(visit: Visit, play: Play) -> None:
    to_home(play)
    entry = asked(play.world)
    visitor, path = visit(), path_of(play)
    form = {"question": entry.id, "answer": "problem"}
    answer = visitor.send(f"{path}/answer", form, path)
    assert answer.headers["location"] == f"{path}/signs?told=1"
    assert "ask_symptoms" in [task.kind for task in play.tasks()], "one tap is enough"
    answer = visitor.send(f"{path}/signs", {"sign": ["fever", "nonsense"]}, path)
    assert answer.status_code == 303
    by_tap, by_signs = play.events("clinical.red_flag_reported")
    assert by_tap.payload["symptom_codes"] == [], "P8: the tap alone is a red flag"
    assert by_signs.payload["symptom_codes"] == ["fever"]
    task = next(task for task in play.tasks() if task.kind == "call_patient_now")
    assert task.due_at - play.clock.now() <= timedelta(minutes=5)
    assert visitor.send(f"{path}/signs", {}, path).status_code == 422


def test_stopping_the_questions_asks_nothing_more(visit: Visit, play: Play) -> None:
    to_home(play)
    entry = asked(play.world)
    visitor, path = visit(), path_of(play)
    visitor.send(f"{path}/answer", {"question": entry.id, "answer": "stop"}, path)
    before = len(play.messages(template="M34", state="sent"))
    play.move(120)
    assert len(play.messages(template="M34", state="sent")) == before
    left = rows(play.world, FollowUpEntry, state="scheduled")
    assert not [e for e in left if "patient" in e.recipients]


def test_the_offer_is_accepted_by_whoever_read_it(visit: Visit, play: Play) -> None:
    to_decision(play)
    visitor, path = visit(), path_of(play)
    text = visitor.get(path).text
    assert "USD 7,800 – 9,100" in text and "5 days" in text
    offer = re.search(r'name="offer" value="(\d+)"', text)
    assert offer
    form = {"choice": "accepted", "offer": offer.group(1)}
    assert visitor.send(f"{path}/decide", form, path).status_code == 422, "not ticked"
    for of_none in ("", " ", "0", "\u200b"):
        empty = {**form, "offer": of_none, "sure": "yes"}
        for choice in ("accepted", "declined"):
            answer = visitor.send(f"{path}/decide", {**empty, "choice": choice}, path)
            assert answer.status_code == 422, "which offer is not said"
    assert play.case.state == "PATIENT_DECISION" and play.events("patient.declined_offer") == []
    assert visitor.send(f"{path}/decide", {**form, "sure": "yes"}, path).status_code == 303
    assert play.case.state == "ADMISSION_SCHEDULING"
    assert play.events("patient.accepted_offer")[0].actor_type == "patient"


def test_leaving_takes_two_steps_and_stops_everything_that_waits(visit: Visit, play: Play) -> None:
    to_outreach(play)
    visitor, path = visit(), path_of(play)
    assert "delete" in visitor.get(f"{path}/withdraw").text
    assert visitor.send(f"{path}/withdraw", {}, f"{path}/withdraw").status_code == 422
    assert play.case.state == "OUTREACH"
    answer = visitor.send(f"{path}/withdraw", {"sure": "yes"}, f"{path}/withdraw")
    assert answer.status_code == 200 and "You have left the programme" in answer.text
    assert play.case.state == "WITHDRAWAL_WRAPUP"
    waiting = [
        row.name
        for row in rows(play.world, StepRun, case_id=play.case_id)
        if row.state in ("queued", "running", "paused") and row.name.startswith("notices.")
    ]
    assert waiting == ["notices.send_receipt"], "she hears that she has left, and nothing else"
    before = len(play.messages(state="sent"))
    play.move(30)
    after = play.messages(state="sent")[before:]
    assert [one.template for one in after] == ["M56"]
    assert visitor.get(path).status_code == 404, "its link has ended with it"


@pytest.mark.browser
@pytest.mark.parametrize("brought", [to_decision, to_home])
def test_no_page_breaks_a_rule_of_accessibility(
    browser: Browser, play: Play, brought: Callable[[Play], None]
) -> None:
    brought(play)
    found: list[str] = []
    with serve(play.world) as address:
        watched = watch(browser, address, width=390)
        page = watched.page
        for language in ("en", "ar", "zh"):
            for path in (f"{path_of(play)}", f"{path_of(play)}/signs", f"{path_of(play)}/withdraw"):
                page.goto(f"{address}{path}?lang={language}")
                page.evaluate(
                    "document.querySelectorAll('details').forEach(one => one.open = true)"
                )
                across = page.evaluate("document.documentElement.scrollWidth")
                found += [f"{path} is {across} wide"] if across > 390 else []
                found += [f"{language} {path}: {fault}" for fault in violations(page)]
    assert found == []
    watched.must_be_quiet()


@pytest.mark.browser
def test_on_a_phone_in_arabic_the_page_runs_right_to_left_and_fits(
    browser: Browser, play: Play
) -> None:
    to_decision(play)
    with serve(play.world) as address:
        watched = watch(browser, address, width=390, scripts=False)
        page = watched.page
        page.goto(f"{address}{path_of(play)}?lang=ar")
        assert page.locator("html").get_attribute("dir") == "rtl"
        heading = page.get_by_role("heading", level=1).bounding_box()
        assert heading and heading["x"] + heading["width"] > 350, "it begins on the right"
        for path in ("", "/signs", "/withdraw"):
            page.goto(f"{address}{path_of(play)}{path}")
            across = page.evaluate("document.documentElement.scrollWidth")
            assert across <= 390, f"{path} is {across} wide"
            assert page.locator("html").get_attribute("lang") == "ar", "the choice is kept"
        watched.must_be_quiet()


@pytest.mark.browser
def test_a_reminder_is_answered_with_one_tap_on_a_phone_without_scripts(
    browser: Browser, play: Play
) -> None:
    to_home(play)
    entry = asked(play.world)
    with serve(play.world) as address:
        watched = watch(browser, address, width=390, scripts=False)
        page = watched.page
        page.goto(address + path_of(play))
        button = page.locator(f'form[aria-labelledby="q{entry.id}"] button[value=none_of_these]')
        box = button.bounding_box()
        assert box and box["height"] >= 44
        button.click()
        page.get_by_role("status").get_by_text("Your answer is written down").wait_for()
        watched.must_be_quiet()
    assert rows(play.world, FollowUpEntry, id=entry.id)[0].answer == "none_of_these"


def test_what_was_asked_for_stands_apart_and_each_can_be_answered(visit: Visit, play: Play) -> None:
    to_clinician(play)
    play.sign("needs_data", items="labs,slides")
    page = visit().get(path_of(play)).text
    assert "We asked you for this on" in page and "It is your turn." in page
    assert page.count("We cannot get this, or it was never done") == 2
    assert page.count("<strong>Blood results, not older than 30 days") == 1, "in one list only"
    home, papers = path_of(play), f"{path_of(play)}/papers"
    answered = visit().send(papers, {"item": "labs"}, home)
    assert answered.status_code == 303
    page = visit().get(path_of(play)).text
    assert page.count("We cannot get this, or it was never done") == 1
    assert visit().send(papers, {"item": "labs"}, home).status_code == 422
    assert visit().send(papers, {"item": ""}, home).status_code == 422
    (event,) = play.events("records.answered")
    assert event.actor_type == "patient"
    assert event.payload == {"items": ["labs"], "answer": "not_available"}
