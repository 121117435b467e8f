"""The case page's journey and follow-up: the checklist, its picture, the questions asked."""

import html
import re
from collections.abc import Callable

from sqlalchemy import select
from sqlmodel import Session, col

from models import JourneyEntry
from tests.web.parts import Visitor, seen
from tests.workflows.acts import accept, to_decision, to_home
from tests.workflows.playing import Play

Visit = Callable[..., Visitor]


def to_checklist(play: Play) -> list[JourneyEntry]:
    """Bring a case to its dated checklist; return the dated items in order."""
    to_decision(play)
    accept(play)
    play.answer(
        "confirm_admission",
        "confirmed",
        admission_date="2027-02-08",
        surgery_date="2027-02-09",
        needs_visa="yes",
    )
    return items(play)


def items(play: Play) -> list[JourneyEntry]:
    with Session(play.world.engine) as session:
        query = select(JourneyEntry).where(col(JourneyEntry.due).is_not(None))
        return list(session.scalars(query.order_by(col(JourneyEntry.due), col(JourneyEntry.code))))


def test_a_checklist_item_is_settled_whenever_somebody_says_so(visit: Visit, play: Play) -> None:
    first, second, *_ = to_checklist(play)
    journey = f"/cases/{play.case.ref}/journey"
    visitor = visit("coordinator")
    done = visitor.send(f"{journey}/{first.id}", {"answer": "done"}, journey)
    assert done.headers["location"] == f"{journey}?said=done#item-{first.id}"
    no_reason = visitor.send(f"{journey}/{second.id}", {"answer": "waived"}, journey)
    assert no_reason.status_code == 422 and "Say why" in no_reason.text
    waive = {"answer": "waived", "reason": "travels alone"}
    assert visitor.send(f"{journey}/{second.id}", waive, journey).status_code == 303
    again = visitor.send(f"{journey}/{first.id}", {"answer": "done"}, journey)
    assert again.status_code == 422 and "done already" in again.text
    states = {item.id: (item.state, item.reason) for item in items(play)}
    assert states[first.id] == ("done", None) and states[second.id] == ("waived", "travels alone")
    (fact,) = play.events("checklist.item_done")
    assert fact.actor_ref.startswith("U-") and fact.payload["item_id"] == first.code
    play.move(60)
    late = {task.objects["item_id"] for task in play.tasks() if task.kind == "chase_item"}
    assert late and not late & {first.id, second.id}, "what is settled is not asked for"


def test_an_answer_on_the_journey_closes_the_question_about_the_item(
    visit: Visit, play: Play
) -> None:
    to_checklist(play)
    play.move(40)
    task = next(task for task in play.tasks() if task.kind == "chase_item")
    journey = f"/cases/{play.case.ref}/journey"
    visitor = visit("coordinator")
    text = visitor.get(journey).text
    assert f'href="/tasks/{task.id}"' in text
    item_id = task.objects["item_id"]
    row = seen(text[text.index(f'id="item-{item_id}"') :].split("</tr>")[0])
    assert "late" in row and "day" in row
    visitor.send(f"{journey}/{item_id}", {"answer": "done"}, journey)
    assert task.id not in [open_task.id for open_task in play.tasks()]


def test_an_item_of_another_case_and_another_role_are_refused(visit: Visit, play: Play) -> None:
    first, *_ = to_checklist(play)
    ref = play.case.ref
    play.open()
    other = f"/cases/{play.case.ref}/journey"
    coordinator, clinician = visit("coordinator"), visit("clinician")
    form = {"answer": "done"}
    assert coordinator.send(f"{other}/{first.id}", form, "/").status_code == 404
    assert clinician.send(f"/cases/{ref}/journey/{first.id}", form, "/").status_code == 403
    assert "<button>Done" not in clinician.get(f"/cases/{ref}/journey").text
    assert {item.state for item in items(play)} == {"pending"}


def test_the_journeys_picture_says_in_words_what_it_draws(visit: Visit, play: Play) -> None:
    first, *_ = to_checklist(play)
    play.move(40)
    text = visit("coordinator").get(f"/cases/{play.case.ref}/journey").text
    picture = text[text.index("<svg") : text.index("</svg>")]
    assert "The same stands in the table below" in picture
    assert "admission 8 Feb" in picture and "operation 9 Feb" in picture and "today" in picture
    assert 'fill="url(#hatch)"' in picture and ">late</text>" in picture
    assert f"{first.title}: due" in html.unescape(picture)
    assert "style=" not in picture
    for item in items(play):
        assert f'id="item-{item.id}"' in text


def test_follow_up_shows_what_was_asked_and_answered(visit: Visit, play: Play) -> None:
    to_home(play)
    play.move(10)
    play.answer("call_patient", "booked")
    text = seen(visit("coordinator").get(f"/cases/{play.case.ref}/followup").text)
    assert "Asked and answered 1 of" in text and "✓ answered" in text and "it is booked" in text
    assert "asked, no answer yet" in text and "planned" in text
    assert re.search(r"\d+ later questions, until 09 Feb 203", text)
