"""The case page, tab by tab: what a coordinator reads there and does there."""

import html
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import event, select
from sqlmodel import Session, col

from models import Document, HumanTask, Message
from tests.web.parts import Visitor, seen
from tests.workflows.acts import (
    OFFER,
    SIGNED,
    SYNOPTIC,
    reply,
    to_clinician,
    to_decision,
    to_outreach,
    to_review,
)
from tests.workflows.playing import Play
from views.case_head import CaseHead, case_head
from workflows.decisions import DecisionRefused
from workflows.engine.lookup import case_by_ref

Visit = Callable[..., Visitor]


def head_of(play: Play) -> CaseHead:
    with Session(play.world.engine) as session:
        case = case_by_ref(session, play.case.ref)
        return case_head(session, case, play.clock.now())


def held_up(play: Play) -> list[str]:
    return [blocker.words for blocker in head_of(play).blockers]


def task_of(play: Play, kind: str) -> HumanTask:
    return next(task for task in play.tasks() if task.kind == kind)


def to_draft(play: Play) -> HumanTask:
    """Bring a case to the enquiry that waits for approval; return its task."""
    to_clinician(play)
    play.sign("suitable_for_outreach")
    play.answer("record_hospital_consent", "granted", hospitals="H01", **SIGNED)
    play.answer("approve_shortlist", "approve", hospitals="H01")
    return task_of(play, "approve_message")


def test_the_head_names_what_holds_a_case_up_and_who_acts_next(play: Play) -> None:
    to_review(play)
    assert held_up(play) == []
    play.answer("triage_inquiry", "in_scope", site="breast")
    assert held_up(play) == ["the consent to process the file is missing"]
    play.answer("record_consent", "granted", **SIGNED)
    assert "records are missing" in held_up(play)
    assert any(words.endswith("that nobody has confirmed") for words in held_up(play))
    play.confirm()
    assert not any(words.endswith("that nobody has confirmed") for words in held_up(play))
    play.answer("settle_completeness", "waive", reason="imaging is on its way")
    play.answer("countersign_waiver", "agree", "not needed yet")
    assert held_up(play) == ["no clinician's signature stands"]
    head = head_of(play)
    assert head.next_task and head.next_task.kind == "review_case"
    assert head.blockers[0].task == head.next_task.id
    play.sign("suitable_for_outreach")
    assert held_up(play) == ["the family has allowed no hospital yet"]
    play.answer("record_hospital_consent", "granted", hospitals="H01", **SIGNED)
    assert held_up(play) == []


def test_the_head_asks_the_database_three_times_whatever_the_case_holds(play: Play) -> None:
    to_decision(play)
    statements: list[str] = []
    with Session(play.world.engine) as session:
        case = case_by_ref(session, play.case.ref)

        def count(*arguments: object) -> None:
            statements.append(str(arguments[2]))

        event.listen(play.world.engine, "before_cursor_execute", count)
        case_head(session, case, play.clock.now())
        event.remove(play.world.engine, "before_cursor_execute", count)
    assert len(statements) == 3


def test_a_deadline_that_runs_by_itself_stands_in_the_head(visit: Visit, play: Play) -> None:
    to_outreach(play)
    head = head_of(play)
    assert head.next_step and head.next_step.due_at > play.clock.now()
    assert head.waiting_on == "hospital" and head.blockers == ()
    text = seen(visit("coordinator").get(f"/cases/{play.case.ref}/overview").text)
    assert f"Next, by itself {head.next_step.words}" in text


def test_an_edited_letter_is_sent_only_after_its_changes_were_seen(
    visit: Visit, play: Play
) -> None:
    task = to_draft(play)
    visitor, page = visit("coordinator"), f"/tasks/{task.id}"
    (draft,) = play.messages(template="M10")
    body = draft.body.replace("We would be grateful", "We should be most grateful")
    first = visitor.send(page, {"answer": "approve", "set:body": body})
    assert first.status_code == 200 and play.messages(template="M10")[0].state == "draft"
    assert re.search(r"<del>.*?would be.*?</del>", first.text, re.S)
    assert re.search(r"<ins>.*?should be most.*?</ins>", first.text, re.S)
    proof = re.search(r'name="seen" value="(\w+)"', first.text)
    assert proof
    form = {"answer": "approve", "set:body": body + " Again.", "seen": proof.group(1)}
    assert visitor.send(page, form).status_code == 200, "a later change was not seen"
    form["set:body"] = body
    assert visitor.send(page, form).status_code == 303
    play.run()
    (sent,) = play.messages(template="M10")
    assert (sent.state, sent.body) == ("sent", body.strip())


def test_looking_at_changes_sends_nothing_and_keeps_what_was_typed(
    visit: Visit, play: Play
) -> None:
    task = to_draft(play)
    visitor, page = visit("coordinator"), f"/tasks/{task.id}"
    (draft,) = play.messages(template="M10")
    shown = visitor.send(page, {"answer": "approve", "look": "1", "set:body": "Dear all, Rosa E."})
    assert shown.status_code == 200 and "Dear all, Rosa E.</textarea>" in shown.text
    assert "name_in_letter" in shown.text, "why it may not leave is said before it is sent"
    assert play.messages(template="M10")[0].state == "draft"
    text = seen(visitor.get(page).text)
    assert draft.body.splitlines()[0] in text


def test_a_draft_shows_where_it_goes_by_which_consent_and_beside_what(
    visit: Visit, play: Play
) -> None:
    to_clinician(play)
    play.sign("suitable_for_outreach")
    play.answer("record_hospital_consent", "granted", hospitals="H01,H02", **SIGNED)
    play.answer("approve_shortlist", "approve", hospitals="H01,H02")
    visitor = visit("coordinator")
    page = f"/tasks/{task_of(play, 'approve_message').id}"
    (draft, _other) = play.messages(template="M10")
    text = seen(visitor.get(page).text)
    assert draft.address in text and "none: the text alone" in text and "Language English" in text
    assert "stands send a summary without the name" in text
    assert "The draft beside the letter to H02, not sent yet no difference" in text
    standard = visitor.get(f"{page}?against=standard").text
    assert re.search(r"<del>[^<]*<span[^>]*>removed: </span>.*?\[country\]", standard, re.S)
    withdraw = {"scope": "share_deid", "hospital": "H01", "sure": "yes"}
    consent = f"/cases/{play.case.ref}/consent"
    assert visitor.send(f"{consent}/withdraw", withdraw, consent).status_code == 303
    assert "Approved now, the letter would not leave" in seen(visitor.get(page).text)


def test_a_conversation_tells_the_class_of_the_answer_and_how_long_it_took(
    visit: Visit, play: Play
) -> None:
    to_draft(play)
    page, visitor = f"/cases/{play.case.ref}/hospitals", visit("coordinator")
    overview = f"/cases/{play.case.ref}/overview"
    assert "Hospitals none asked" in seen(visitor.get(overview).text), "a draft asks nobody"
    play.answer("approve_message", "approve")
    assert "silent for less than 1 h" in seen(visitor.get(page).text)
    assert "1 asked, 0 answered" in seen(visitor.get(overview).text)
    play.clock.move(timedelta(days=3))
    assert "silent for 3 d" in seen(visitor.get(page).text)
    reply(play, OFFER)
    text = seen(visitor.get(page).text)
    assert "answered after 3 d" in text and re.search(r"They Re: .* offer \d+ % sure", text)
    assert f'href="/tasks/{task_of(play, "confirm_reply").id}"' in visitor.get(page).text
    assert "1 asked, 1 answered" in seen(visitor.get(overview).text)
    play.answer("confirm_reply", "offer")
    play.answer(
        "record_offer",
        "record",
        currency="USD",
        amount_low="7800",
        amount_high="9100",
        exclusions="flights",
        valid_until="2027-01-31",
    )
    text = seen(visitor.get(page).text)
    assert "7,800 to 9,100 USD" in text and "Not included flights" in text
    assert "Valid until 31 Jan 2027" in text and "Later radiotherapy not stated" in text


def test_the_answer_clock_runs_on_over_an_absence_note(visit: Visit, play: Play) -> None:
    to_outreach(play)
    reply(play, "Dear all, I am out of the office until 5 January.")
    if "confirm_reply" in [task.kind for task in play.tasks()]:
        play.answer("confirm_reply", "out_of_office")
    play.clock.move(timedelta(days=2))
    assert "silent for 2 d" in seen(visit("lead").get(f"/cases/{play.case.ref}/hospitals").text)


def test_a_reply_is_read_whole_and_what_it_states_stands_beside_it(
    visit: Visit, play: Play
) -> None:
    to_outreach(play)
    reply(play, OFFER + "\nOn Monday, the service wrote:\n> Would you review the case?\n")
    visitor, page = visit("coordinator"), f"/tasks/{task_of(play, 'confirm_reply').id}"
    text = visitor.get(page).text
    words = seen(text)
    assert "Looks like offer" in words and "amount from 7,800" in words
    assert "valid until 2027-01-31" in words
    new = html.unescape(text[text.index("The letter</h3>") : text.index("As it came")])
    assert "tumour board" in new and "Would you review" not in new
    assert "> Would you review the case?" in html.unescape(text)
    assert re.search(r'value="offer" required checked', text)


def test_an_answer_stands_beside_the_question_of_ours_that_it_answers(
    visit: Visit, play: Play
) -> None:
    to_outreach(play)
    asked = play.messages(template="M10")[0].body.split("\n")
    into = [f"> {line}" + (" No slides." if line.startswith("(3)") else "") for line in asked]
    reply(play, "Please see below.\n\n" + "\n".join(into))
    page = seen(visit("coordinator").get(f"/tasks/{task_of(play, 'confirm_reply').id}").text)
    assert "(3) Which records are still missing? No slides." in page


def test_a_reply_is_classed_again_by_a_person_who_disagrees(visit: Visit, play: Play) -> None:
    to_outreach(play)
    reply(play, OFFER)
    play.answer("confirm_reply", "opinion")
    (message,) = play.messages(direction="in")
    hospitals = f"/cases/{play.case.ref}/hospitals"
    coordinator = visit("coordinator")
    asked = coordinator.send(f"/cases/{play.case.ref}/replies/{message.id}", {}, hospitals)
    task = task_of(play, "confirm_reply")
    assert asked.headers["location"] == f"/tasks/{task.id}"
    again = coordinator.send(f"/cases/{play.case.ref}/replies/{message.id}", {}, hospitals)
    assert again.headers["location"] == f"/tasks/{task.id}", "one question, not two"
    coordinator.send(f"/tasks/{task.id}", {"answer": "ack"})
    assert [e.payload["reply_class"] for e in play.events("hospital.reply_classified")] == [
        "opinion",
        "ack",
    ]
    (sent,) = play.messages(template="M10")
    other = f"/cases/{play.case.ref}/replies/{sent.id}"
    assert coordinator.send(other, {}, hospitals).status_code == 404
    refused = visit("clinician").send(f"/cases/{play.case.ref}/replies/{message.id}", {}, "/")
    assert refused.status_code == 403


def test_an_uncertain_letter_stands_first_with_the_way_to_settle_it(
    visit: Visit, play: Play
) -> None:
    task = to_draft(play)
    with Session(play.world.engine) as session:
        row = session.scalars(select(Message).where(col(Message.template) == "M02")).one()
        row.state = "uncertain"
        message_id = row.id
        session.commit()
    visitor, page = visit("coordinator"), f"/cases/{play.case.ref}/messages"
    text = visitor.get(page).text
    assert text.index("of which it is not known that it arrived") < text.index("<details")
    assert f'href="#m{message_id}"' in text
    assert "A draft: nobody has got it." in text and f'href="/tasks/{task.id}"' in text
    assert "not known whether it arrived" in seen(text)
    drafts = seen(visitor.get(f"{page}?with=draft").text)
    assert "to H01" in drafts and "to the patient :" not in drafts
    assert any("of which we do not know" in words for words in held_up(play))


def test_a_withdrawn_consent_for_one_hospital_holds_its_letter_back(
    visit: Visit, play: Play
) -> None:
    to_draft(play)
    consent = f"/cases/{play.case.ref}/consent"
    visitor = visit("coordinator")
    form = {"scope": "share_deid", "hospital": "H01"}
    unsure = visitor.send(f"{consent}/withdraw", form, consent)
    assert unsure.status_code == 422 and "tick the box" in unsure.text
    assert play.events("consent.withdrawn") == []
    sure = form | {"sure": "yes"}
    assert visitor.send(f"{consent}/withdraw", sure, consent).status_code == 303
    assert visitor.send(f"{consent}/withdraw", sure, consent).status_code == 422
    with pytest.raises(DecisionRefused, match="does not allow this hospital"):
        play.decide_only("approve_message", "approve")
    play.run()
    (letter,) = play.messages(template="M10")
    assert (letter.state, letter.held_for) == ("cancelled", "consent")
    assert play.case.state == "SHORTLISTING", "the rest of the case goes on, with other hospitals"
    text = seen(visitor.get(consent).text)
    assert re.search(r"send a summary without the name H01 withdrawn", text)


def test_withdrawing_the_whole_process_stops_the_case(visit: Visit, play: Play) -> None:
    to_draft(play)
    consent = f"/cases/{play.case.ref}/consent"
    form = {"scope": "process", "sure": "yes"}
    assert visit("lead").send(f"{consent}/withdraw", form, consent).status_code == 303
    assert play.case.state == "WITHDRAWAL_WRAPUP"
    assert play.messages(template="M10")[0].state == "cancelled"


@pytest.mark.parametrize("hospital", ["", "H99"])
def test_a_consent_is_written_down_with_its_hospital(
    visit: Visit, play: Play, hospital: str
) -> None:
    play.open()
    consent = f"/cases/{play.case.ref}/consent"
    visitor = visit("coordinator")
    play.add(SYNOPTIC)
    with Session(play.world.engine) as session:
        document = session.scalars(select(Document)).one()
    signed = {"signed_by": "proxy", "method": "paper", "ground": "written_authority"}
    signed |= {"authority": str(document.id), "paper": str(document.id)}
    named = {"scope": "share_identified", "hospital": hospital, **signed}
    refused = visitor.send(consent, named)
    assert refused.status_code == 422 and "Name the hospital" in refused.text
    form = {"scope": "share_identified", "hospital": "H02", **signed}
    blanks = {
        "signed_by": "Say who signed",
        "method": "Say how the consent was",
        "ground": "Say on which ground",
        "authority": "Written authority is a document",
    }
    for blank, words in blanks.items():
        refused = visitor.send(consent, {**form, blank: ""})
        assert refused.status_code == 422 and words in refused.text
        assert 'value="share_identified" selected' in refused.text
        assert 'value="H02" selected' in refused.text
    assert play.events("consent.granted") == []
    assert visitor.send(consent, form).status_code == 303
    assert "stands already" in visitor.send(consent, form).text
    (fact,) = play.events("consent.granted")
    assert fact.payload["scopes"] == ["share_identified:H02"]
    assert visitor.send(consent, {"scope": "process", **signed}).status_code == 422
    text = seen(visitor.get(consent).text)
    assert re.search(
        r"send records with the name H02 stands .* proxy written authority, on paper "
        rf"paper: document {document.id} authority: document {document.id}",
        text,
    )
    relative = visitor.send(consent, {**form, "hospital": "H01", "signed_by": "relative"})
    assert relative.status_code == 422 and "relative&#39;s yes is not" in relative.text


def test_the_audit_tells_who_looked_and_who_did_and_names_no_patient(
    visit: Visit, play: Play
) -> None:
    to_review(play)
    ref = play.case.ref
    coordinator, lead = visit("coordinator"), visit("lead")
    task = task_of(play, "triage_inquiry")
    coordinator.get(f"/cases/{ref}/journey")
    coordinator.send(f"/tasks/{task.id}", {"answer": "in_scope", "set:site": "breast"})
    text = seen(lead.get(f"/cases/{ref}/audit").text)
    assert re.search(r"coordinator-1 coordinator looked Opened the case: journey", text)
    assert re.search(r"coordinator-1 coordinator did The inquiry was read", text)
    assert "Rosa" not in text and "Exempla" not in text
    looks = seen(lead.get(f"/cases/{ref}/audit?kind=looked").text)
    assert "Opened a task" in looks and "The inquiry was read" not in looks
    administrator = visit("administrator")
    assert "Opened the case: journey" in seen(administrator.get(f"/cases/{ref}/audit").text)
    for role in ("coordinator", "clinician", "analyst"):
        assert visit(role).get(f"/cases/{ref}/audit").status_code == 403
    assert "/audit" not in coordinator.get(f"/cases/{ref}/overview").text


def test_the_audit_is_paged_and_narrowed_to_one_person(visit: Visit, play: Play) -> None:
    play.open()
    ref = play.case.ref
    clinician, lead = visit("clinician"), visit("lead")
    for _ in range(60):
        clinician.get(f"/cases/{ref}/messages")
    lead.get(f"/cases/{ref}/overview")
    page = f"/cases/{ref}/audit"
    first, second = (lead.get(f"{page}?page={number}").text for number in (1, 2))
    assert first.count("<tr>") - 1 == 50 and 'rel="next"' in first and 'rel="next"' not in second
    assert 10 <= second.count("<tr>") - 1 < 20 and 'rel="prev"' in second
    found = re.search(r'<option value="(U-\w+)" >clinician-1</option>', first)
    assert found
    own = seen(lead.get(f"{page}?actor={found.group(1)}").text)
    assert "Opened the case: messages" in own and "Opened the case: overview" not in own
