"""What a hospital asks for is settled item by item, and the hospital is told what became of it."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from models import Document, MoreInfoItem, OutreachThread
from models.base import require_id
from tests.workflows.acts import reply, to_outreach
from tests.workflows.playing import Play
from workflows.decisions import DecisionRefused

ASKS = (
    "Dear colleagues,\n\nThank you for the mammogram. Before we can answer, please send the MRI.\n"
    "We would also like to see the slides.\nKind regards\n"
)


def kinds(play: Play) -> list[str]:
    return [task.kind for task in play.tasks()]


def items(play: Play) -> list[MoreInfoItem]:
    with Session(play.world.engine) as session:
        return list(session.scalars(select(MoreInfoItem).order_by(col(MoreInfoItem.id))))


def paper(play: Play) -> str:
    """Return the number of the case's report."""
    with Session(play.world.engine) as session:
        query = select(col(Document.id)).where(col(Document.case_id) == play.case_id)
        return str(session.scalars(query).first())


def thread_state(play: Play) -> str:
    with Session(play.world.engine) as session:
        return session.scalars(select(col(OutreachThread.state))).one()


def to_items(play: Play) -> None:
    to_outreach(play)
    reply(play, ASKS)
    play.answer("confirm_reply", "more_info")


def test_each_item_has_the_hospitals_words_and_what_it_gave_thanks_for_is_none(play: Play) -> None:
    to_items(play)
    assert [(i.code, i.words) for i in items(play)] == [
        ("imaging_mri", "Before we can answer, please send the MRI."),
        ("slides", "We would also like to see the slides."),
    ]
    assert play.case.state == "MORE_INFO" and kinds(play).count("answer_more_info") == 1
    assert play.messages(template="M13") == [], "nothing is known of the items yet"
    with pytest.raises(DecisionRefused, match="They ask for: imaging_mri, slides"):
        play.decide_only("answer_more_info", "ask_family", items="ecg")


def test_the_family_reads_what_is_asked_for_and_why_and_the_hospital_gets_its_answer(
    play: Play,
) -> None:
    to_items(play)
    play.answer("answer_more_info", "ask_family", items="imaging_mri")
    (asked,) = play.messages(template="M13", state="sent")
    assert "An MRI report" in asked.body and "Why: it shows how far" in asked.body
    assert "slide" not in asked.body.lower(), "only what was asked of the family"
    play.answer("answer_more_info", "unavailable", "the laboratory keeps none", items="slides")
    assert kinds(play).count("answer_more_info") == 1 and not play.messages(template="M14")
    with pytest.raises(DecisionRefused, match="Not a document of this case"):
        play.decide_only("answer_more_info", "have", items="imaging_mri", papers="999")
    play.answer("answer_more_info", "have", items="imaging_mri", papers=paper(play))
    assert "answer_more_info" not in kinds(play)
    (answer,) = play.messages(template="M14", state="draft")
    assert 'an MRI ("Before we can answer, please send the MRI."): we have it' in answer.body
    assert "it cannot be had; it is unknown, not negative" in answer.body
    assert play.events("more_info.answered") == [], "the hospital has not heard of it"
    play.answer("approve_message", "approve")
    (event,) = play.events("more_info.answered")
    assert event.payload["items"] == ["imaging_mri", "slides"]
    assert (play.case.state, thread_state(play)) == ("OUTREACH", "informed")
    play.move(3)
    (chase,) = play.messages(template="M11", state="draft")
    assert "answered your questions" in chase.body, "the ladder begins anew, with what is true"


def test_a_silent_family_is_reminded_and_called_and_the_hospital_hears_that_it_takes_longer(
    play: Play,
) -> None:
    to_items(play)
    play.answer("answer_more_info", "ask_family", items="imaging_mri,slides")
    (task,) = [task for task in play.tasks() if task.kind == "answer_more_info"]
    assert task.due_at - play.clock.now() == timedelta(hours=72)
    play.move(3.1)
    first, second = play.messages(template="M13", state="sent")
    assert "have not had it yet" in second.body and "have not had it yet" not in first.body
    play.move(2)
    assert "call_for_items" in kinds(play)
    (longer,) = play.messages(template="M14", state="draft")
    assert longer.body.count("it takes longer than we hoped") == 2
    play.answer("approve_message", "approve")
    (told,) = play.events("more_info.delayed")
    assert told.payload["items"] == ["imaging_mri", "slides"]
    assert play.case.state == "MORE_INFO" and thread_state(play) == "more_info"
    assert "answer_more_info" in kinds(play), "somebody still waits for the family"
    play.answer("answer_more_info", "unavailable", "never made", items="imaging_mri,slides")
    play.answer("approve_message", "approve")
    assert play.case.state == "OUTREACH"


def test_a_hospital_may_ask_again_and_again(play: Play) -> None:
    to_items(play)
    play.answer("answer_more_info", "unavailable", "never made", items="imaging_mri,slides")
    play.answer("approve_message", "approve")
    reply(play, "Thank you. We also need an ECG and a photograph of the scar.")
    play.answer("confirm_reply", "more_info", items="other")
    assert play.case.state == "MORE_INFO"
    second = [item for item in items(play) if item.round == 2]
    assert sorted(item.code for item in second) == ["ecg", "other"]
    assert all(item.answered_in is not None for item in items(play) if item.round == 1)
    numbers = ",".join(str(require_id(item.id)) for item in second)
    play.answer("answer_more_info", "have", items=numbers, papers=paper(play))
    (answer,) = play.messages(template="M14", state="draft")
    assert "slides" not in answer.body and "an ECG" in answer.body


def test_an_answer_that_is_discarded_is_asked_after(play: Play) -> None:
    to_items(play)
    play.answer("answer_more_info", "unavailable", "never made", items="imaging_mri,slides")
    play.answer("approve_message", "discard", "not yet")
    assert "follow_thread" in kinds(play)
    play.answer("follow_thread", "write")
    assert [m.state for m in play.messages(template="M14")] == ["cancelled", "draft"]


def test_a_letter_that_names_nothing_known_asks_for_what_it_says(play: Play) -> None:
    to_outreach(play)
    reply(play, "We need some more before our board meets: how she sleeps at night.")
    play.answer("confirm_reply", "more_info")
    (item,) = items(play)
    assert item.code == "other" and "how she sleeps" in item.words
    play.answer("answer_more_info", "ask_family", items="other")
    (asked,) = play.messages(template="M13", state="sent")
    assert "how she sleeps at night" in asked.body
