"""Letters and their places, seen and answered on the pages."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from models import AuditEntry, ContactPoint, Document, MailboxMessage, Message, Patient
from models.base import require_id
from models.database import transaction
from tests.web.browsing import watch
from tests.web.parts import Visitor, seen
from tests.workflows.acts import SYNOPTIC, to_outreach
from tests.workflows.letters.post import another_case, came, rows
from tests.workflows.letters.test_importing import mail, take
from tests.workflows.playing import PATIENT, Play
from workflows.engine.record import Recorder
from workflows.letters.gate import SET_ASIDE

Visit = Callable[..., Visitor]


def question(play: Play) -> int:
    (task,) = [one for one in play.tasks() if one.kind == "match_mail"]
    return require_id(task.id)


def test_the_page_says_where_a_letter_may_belong_why_and_what_moves(
    play: Play, visit: Visit
) -> None:
    to_outreach(play)
    other = another_case(play, "son.of.ana@elsewhere.example")
    closed = another_case(play, "nobody@else.example")
    with transaction(play.world.engine) as session:
        ana = session.scalars(select(Patient).where(col(Patient.case_id) == closed.id)).one()
        ana.name = "Quite Different"
    came(
        play, f"About {other.ref}: I am Ana's son.", sender="son.of.anna@elsewhere.example",
        subject=f"Ana Example, and {play.case.ref}", file=SYNOPTIC,
    )  # fmt: skip
    boss, task = visit("coordinator"), question(play)
    page = seen(boss.get(f"/tasks/{task}").text)
    assert "Its subject names the case." in page and "Its text names the case." in page
    assert "The subject has the patient's name." in page
    assert "looks like son.of.ana@elsewhere.example" in page
    assert "nothing proves who wrote it" in page and "no address known of this hospital" in page
    assert "The reminder to the hospital, due" in page and "does not leave" in page
    assert "Its 1 file becomes a document of the case and is read." in page
    assert "Quite Different" not in page and closed.ref not in page
    given = {"answer": "attach_case", "set:case": other.ref}
    assert boss.send(f"/tasks/{task}", given).status_code == 303
    assert rows(play, Message)[-1].case_id == other.id
    told = seen(boss.get(f"/cases/{other.ref}/messages").text)
    assert "It belongs elsewhere" in told


def test_a_letter_set_aside_stands_on_its_page_and_is_taken_up_again(
    play: Play, visit: Visit
) -> None:
    number = came(play, subject="buy our <b>lamps</b>")
    boss = visit("coordinator")
    task = question(play)
    blank = boss.send(f"/tasks/{task}", {"answer": "ignore"})
    assert blank.status_code == 422 and "reason" in blank.text
    boss.send(f"/tasks/{task}", {"answer": "ignore", "reason": "lamps"})
    page = boss.get("/letters")
    assert "buy our <b>lamps</b>" in seen(page.text) and "lamps" in seen(page.text)
    looks = [(one.action, one.object_ref, one.case_id) for one in rows(play, AuditEntry)]
    assert ("letters.viewed", "aside", None) in looks
    for _ in range(2):
        again = boss.send(f"/letters/{number}/place", {}, "/letters")
        assert again.status_code == 303
    assert again.headers["location"] == f"/tasks/{question(play)}"
    assert "was set aside" not in seen(boss.get("/").text)
    assert visit("clinician").get("/letters").status_code == 403


def test_a_wrong_place_is_left_from_the_cases_page_and_what_it_moved_is_shown(
    play: Play, visit: Visit
) -> None:
    play.open()
    right = another_case(play)
    number = came(play, "She is unconscious", sender=PATIENT.email)
    boss = visit("coordinator")
    home = f"/cases/{play.case.ref}/messages"
    answer = boss.send(f"/letters/{number}/place", {}, home)
    task = int(answer.headers["location"].rpartition("/")[2])
    refused = boss.send(f"/tasks/{task}", {"answer": "attach_case", "set:case": right.ref})
    assert refused.status_code == 422 and right.ref in refused.text
    moved = {"answer": "attach_case", "set:case": right.ref, "reason": "of another patient"}
    assert boss.send(f"/tasks/{task}", moved).status_code == 303
    (told,) = [one for one in play.tasks() if one.kind == "mend_moved"]
    page = seen(boss.get(f"/tasks/{told.id}").text)
    assert "What it moved here" in page and "red flag" in page.lower()
    assert boss.send("/letters/999/place", {}, home).status_code == 404


def test_an_address_that_joined_is_shown_and_ended(play: Play, visit: Visit) -> None:
    play.open()
    came(play)
    boss, task = visit("coordinator"), question(play)
    joins = {
        "answer": "join", "set:case": play.case.ref, "set:writer": "family",
        "set:writer_name": "Timur <x>", "set:identified_by": "call_back",
    }  # fmt: skip
    assert boss.send(f"/tasks/{task}", joins).status_code == 303
    home = f"/cases/{play.case.ref}/messages"
    page = seen(boss.get(home).text)
    assert "Timur <x>" in page and "of a relative or friend" in page
    (point,) = rows(play, ContactPoint)
    path = f"/cases/{play.case.ref}/contacts/{point.id}/end"
    assert boss.send(path, {}, home).status_code == 303
    assert "Timur" not in seen(boss.get(home).text)
    other = another_case(play)
    assert boss.send(path.replace(play.case.ref, other.ref), {}, home).status_code == 404


@pytest.mark.browser
def test_the_match_page_in_a_browser(play: Play, visit: Visit, address: str, browser: Any) -> None:
    to_outreach(play)
    other = another_case(play, "son.of.ana@elsewhere.example")
    came(
        play, f"Dear team, about {other.ref}: I am Ana's son and send her report.",
        sender="son.of.anna@elsewhere.example", subject=f"Ana Example / {play.case.ref}",
        file=SYNOPTIC,
    )  # fmt: skip
    visit("coordinator")
    watched = watch(browser, address)
    watched.sign_in("coordinator-1")
    watched.page.goto(f"{address}/tasks/{question(play)}")
    over = "e => e.closest('.card').getBoundingClientRect().right - e.getBoundingClientRect().right"
    for box in watched.page.locator(".answer select").all():
        assert box.evaluate(over) > 0, "no list reaches out of its card"
    watched.page.set_viewport_size({"width": 400, "height": 800})
    wide = watched.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 400
    place = watched.page.get_by_role("listitem").filter(has_text="Ana Example")
    place.get_by_role("button", name="Give it there").first.click()
    watched.page.wait_for_url(re.compile("done="))
    assert rows(play, Message)[-1].case_id == other.id
    watched.must_be_quiet()


def test_old_letters_are_placed_by_their_sender_and_a_kept_file_is_read_on_request(
    play: Play, visit: Visit
) -> None:
    play.open()
    old = [mail(play, f"letter {n}", sender="ana@old.example", file=SYNOPTIC) for n in range(2)]
    take(play, *old, mail(play, "lamps", sender="<b>@shop.example"))
    boss = visit("coordinator")
    page = boss.get("/letters").text
    assert "Old letters to place (3)" in seen(page) and "Place all 2" in page
    number = re.search(r"/letters/(\d+)/sender", page)
    assert number is not None
    send = f"/letters/{number.group(1)}/sender"
    assert boss.send(send, {"place": "CFX-99-00009"}, "/letters").status_code == 422
    assert boss.send(send, {}, "/letters").status_code == 422
    answer = boss.send(send, {"place": play.case.ref.lower()}, "/letters")
    assert "2 letters have their place" in seen(boss.get(answer.headers["location"]).text)
    assert "letter 0" not in boss.get(f"/letters?of={number.group(1)}").text
    home = f"/cases/{play.case.ref}/documents"
    document = rows(play, Document)[0]
    assert "Have it read now" in boss.get(home).text
    assert "Have it read now" in boss.get(f"/documents/{document.id}").text
    assert boss.send(f"/documents/{document.id}/read", {}, home).status_code == 303
    play.run()
    assert rows(play, Document)[0].state == "proposed"
    letters = seen(boss.get(f"/cases/{play.case.ref}/messages").text)
    assert "archived" in letters and "letter 1" in letters


def test_a_message_that_was_not_read_is_named_with_what_to_do(play: Play, visit: Visit) -> None:
    with transaction(play.world.engine) as session:
        row = MailboxMessage(uid_validity=1, uid=101, state="set_aside", noted_at=play.clock.now())
        session.add(row)
        session.flush()
        recorder = Recorder(session, play.world.process, play.clock.now())
        about = {"mailbox_message_id": require_id(row.id)}
        task_id = recorder.request(SET_ASIDE, objects=about, detail="101")
        recorder.flush()
    page = seen(visit("coordinator").get(f"/tasks/{task_id}").text)
    assert "Message 101 of the mailbox cannot be read. Open the mailbox" in page
