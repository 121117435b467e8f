"""Writing to a hospital from the case: the form, what it keeps when refused, notes beside it."""

import html
import re
from collections.abc import Callable

from sqlalchemy import select
from sqlmodel import Session, col

from models import OutreachThread
from models.base import require_id
from tests.web.parts import Visitor, seen
from tests.workflows.acts import OFFER, reply, to_outreach
from tests.workflows.outreach.test_senders import from_address
from tests.workflows.playing import Play

Visit = Callable[..., Visitor]


def desk_of(play: Play) -> str:
    with Session(play.world.engine) as session:
        mine = col(OutreachThread.case_id) == play.case_id
        thread = session.scalars(select(OutreachThread).where(mine)).one()
    return f"/cases/{play.case.ref}/hospitals/{require_id(thread.id)}"


def filled_form(visitor: Visitor, page: str, **given: str) -> dict[str, str]:
    text = visitor.get(page).text
    once = re.search(r'name="once" value="(\w{32})"', text)
    to = re.search(r'<option value="([^"]+)" selected', text)
    assert once and to
    return {"once": once.group(1), "to": html.unescape(to.group(1)), "asks": "yes", **given}


def test_a_coordinator_answers_from_the_thread_and_it_leaves_after_approval(
    visit: Visit, play: Play
) -> None:
    to_outreach(play)
    reply(play, "Can the patient travel?")
    (theirs,) = play.messages(direction="in")
    visitor, base = visit("coordinator"), desk_of(play)
    tab = visitor.get(f"/cases/{play.case.ref}/hospitals").text
    assert f'{base}/write?answers={theirs.id}"' in html.unescape(tab)
    assert "Waits for us" in seen(tab)
    page = f"{base}/write?answers={theirs.id}"
    form = filled_form(visitor, page, words="Yes, the patient of {{case}} can.")
    form["answers"] = str(theirs.id)
    answer = visitor.send(f"{base}/write", form, page)
    assert answer.status_code == 303 and answer.headers["location"].startswith("/tasks/")
    assert (
        visitor.send(f"{base}/write", form, page).headers["location"]
        == (answer.headers["location"])
    ), "the second press is the same letter"
    approving = seen(visitor.get(answer.headers["location"]).text)
    assert "none: the text alone" in approving
    assert f"the patient of {play.case.ref} can" in approving
    assert [one.state for one in play.messages(template="M63")] == ["draft"]


def test_what_was_typed_stays_when_it_is_refused(visit: Visit, play: Play) -> None:
    to_outreach(play)
    visitor, base = visit("coordinator"), desk_of(play)
    page = f"{base}/write"
    form = filled_form(visitor, page, words="On {{pasport}} & <b>more</b>.", asks="no")
    refused = visitor.send(page, form)
    assert refused.status_code == 422
    text = refused.text
    assert "There is no placeholder {{pasport}}" in html.unescape(text)
    assert "On {{pasport}} & <b>more</b>." in html.unescape(text) and "<b>more" not in text
    assert re.search(r'value="no"\s+checked', text) and form["once"] in text
    assert play.messages(template="M64") == []


def test_a_text_is_put_below_what_was_typed(visit: Visit, play: Play) -> None:
    to_outreach(play)
    visitor, base = visit("coordinator"), desk_of(play)
    form = filled_form(visitor, f"{base}/write", words="First this.", take="call", asks="")
    begun = html.unescape(visitor.send(f"{base}/write", form).text)
    assert "First this.\n\nDear {{department}},\n\ncould one of your doctors call us" in begun
    assert re.search(r'value="yes" required\s+checked', begun)
    assert play.messages(template="M63") == []


def test_a_note_is_kept_and_a_blank_one_refused(visit: Visit, play: Play) -> None:
    to_outreach(play)
    visitor, base = visit("clinician"), desk_of(play)
    tab = f"/cases/{play.case.ref}/hospitals"
    kept = visitor.send(f"{base}/notes", {"words": "They like to be called."}, tab)
    assert kept.status_code == 303
    assert "They like to be called." in visitor.get(tab).text
    blank = visitor.send(f"{base}/notes", {"words": "\u200b"}, tab)
    assert blank.status_code == 422 and "it is empty" in blank.text
    assert visitor.send(f"{base}/write", {"words": "x", "to": "y"}, tab).status_code == 403


def test_another_cases_thread_is_not_found(visit: Visit, play: Play) -> None:
    to_outreach(play)
    base = desk_of(play)
    visitor = visit("coordinator")
    assert visitor.get(base.rsplit("/", 1)[0] + "/99999/write").status_code == 404
    assert visitor.get(f"{base}/write?answers=99999").status_code == 404


def test_no_document_is_offered_without_the_permission_for_the_name(
    visit: Visit, play: Play
) -> None:
    to_outreach(play)
    text = seen(visit("coordinator").get(f"{desk_of(play)}/write").text)
    assert "the family does not allow this hospital records with the name" in text


def test_an_offer_from_a_stranger_says_on_the_page_why_it_is_asked(
    visit: Visit, play: Play
) -> None:
    to_outreach(play)
    from_address(play, "finance@elsewhere.example", OFFER)
    (task,) = [one for one in play.tasks() if one.kind == "confirm_reply"]
    visitor, page = visit("coordinator"), f"/tasks/{task.id}"
    assert "an address that the directory does not have" in seen(visitor.get(page).text)
    refused = visitor.send(page, {"answer": "offer", "reason": "they wrote before"})
    assert refused.status_code == 422
    assert "count only from a known person" in seen(refused.text)
    assert re.search(r'value="offer" required\s+checked', refused.text), "the choice stays"
    taken = visitor.send(page, {"answer": "offer", "set:sender_checked": "called_back"})
    assert taken.status_code == 303
    tab = seen(visitor.get(f"/cases/{play.case.ref}/hospitals").text)
    assert "confirmed by a coordinator" in tab
