"""A letter to a hospital that was written before something else happened does not say the old."""

import pytest
from sqlmodel import Session

from models.base import require_id
from tests.workflows.acts import OFFER, SIGNED, reply, to_clinician, to_outreach
from tests.workflows.outreach import test_offers
from tests.workflows.outreach.test_offers import open_kinds
from tests.workflows.playing import Play
from workflows.decisions import DecisionRefused, decide
from workflows.events import Actor
from workflows.watch.invariants import threads_without

play = test_offers.play


def answers(play: Play, template: str, answer: str, reason: str = "", **values: str) -> None:
    """Answer the question about the letter of this kind that waits, whatever else does."""
    (letter,) = play.messages(template=template, state="draft")
    (task,) = [one for one in play.tasks() if one.objects.get("message_id") == letter.id]
    actor = Actor("coordinator", "c1")
    number = require_id(task.id)
    decide(play.world, number, answer=answer, actor=actor, values=values, reason=reason or None)
    play.run()


def watched(play: Play) -> list[int]:
    with Session(play.world.engine) as session:
        return list(threads_without(session))


@pytest.mark.parametrize("answer", ["offer", "decline", "accept_for_review"])
def test_no_reminder_leaves_after_the_answer(play: Play, answer: str) -> None:
    """The reminder waits for approval since noon; the hospital answers; Amina approves at night."""
    to_outreach(play)
    play.move(3)
    (chase,) = play.messages(template="M11", state="draft")
    assert "we have not yet had an answer" in " ".join(chase.body.split())
    reply(play, OFFER if answer == "offer" else "Dear colleagues, thank you for the case.")
    play.answer("confirm_reply", answer)
    answers(play, "M11", "approve")
    assert [m.state for m in play.messages(template="M11")] == ["cancelled"]
    assert not play.events("outreach.chased") and watched(play) == []


def test_a_reminder_that_is_still_so_leaves_in_the_words_of_whoever_approved_it(play: Play) -> None:
    to_outreach(play)
    play.move(3)
    body = play.messages(template="M11")[-1].body + "\nOne word of mine.\n"
    answers(play, "M11", "approve", body=body)
    (chase,) = play.messages(template="M11", state="sent")
    assert "One word of mine." in chase.body


def test_an_enquiry_that_asks_for_an_answer_by_a_day_that_is_over_is_written_anew(
    play: Play,
) -> None:
    to_clinician(play)
    play.sign("suitable_for_outreach")
    play.answer("record_hospital_consent", "granted", hospitals="H01", **SIGNED)
    play.answer("approve_shortlist", "approve", hospitals="H01")
    play.move(9)
    with pytest.raises(DecisionRefused, match="which is over"):
        answers(play, "M10", "approve")
    answers(play, "M10", "discard", "too late")
    assert "follow_thread" in open_kinds(play)
    play.answer("follow_thread", "write")
    answers(play, "M10", "approve")
    assert [m.state for m in play.messages(template="M10")] == ["cancelled", "sent"]
