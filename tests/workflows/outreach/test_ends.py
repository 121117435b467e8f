"""What seems to end a thread does not: a bounce, an offer taken back, advice without an offer."""

from email.message import EmailMessage

import pytest
from sqlalchemy import select, update
from sqlmodel import Session, col

from models import Hospital, OutreachThread
from models.base import require_id
from models.database import transaction
from models.outreach import ENDED
from tests.workflows.acts import SIGNED, reply, to_decision, to_outreach
from tests.workflows.playing import Play
from workflows.decisions import DecisionRefused
from workflows.engine.record import Recorder
from workflows.events import Event
from workflows.letters.inbound import take_mail


def kinds(play: Play) -> list[str]:
    return [task.kind for task in play.tasks()]


def thread(play: Play) -> OutreachThread:
    with Session(play.world.engine) as session:
        return session.scalars(select(OutreachThread)).one()


def bounce(play: Play) -> None:
    """Note that the letter came back, as the mailbox does."""
    with transaction(play.world.engine) as session:
        row = session.scalars(select(OutreachThread)).one()
        row.state = "bounced"
        recorder = Recorder(session, play.world.process, play.clock.now())
        objects = {"thread_id": require_id(row.id), "hospital_id": row.hospital_id}
        payload = {"thread_id": objects["thread_id"], "status": "hard_bounce"}
        recorder.record(play.case_id, Event("outreach.delivery_updated", payload, objects))
        recorder.flush()
    play.run()


def test_a_letter_that_came_back_is_written_anew_to_the_corrected_address(play: Play) -> None:
    to_outreach(play)
    bounce(play)
    with pytest.raises(DecisionRefused, match="Correct it there first"):
        play.decide_only("mend_address", "corrected")
    with transaction(play.world.engine) as session:
        session.execute(
            update(Hospital)
            .where(col(Hospital.code) == "H01")
            .values(email=f"new-{play.world.settings.mail_from}")
        )
    play.answer("mend_address", "corrected")
    old, new = play.messages(template="M10")
    assert (old.state, new.state) == ("sent", "draft") and new.address.startswith("new-")
    play.answer("approve_message", "approve")
    assert thread(play).state == "sent"
    play.move(3)
    assert play.messages(template="M11", state="draft"), "the ladder begins"


def test_an_address_that_cannot_be_found_ends_the_request(play: Play) -> None:
    to_outreach(play)
    bounce(play)
    play.answer("mend_address", "no_address", "the department is closed")
    (closed,) = play.events("outreach.thread_closed")
    assert closed.payload["reason"] == "bounced"
    assert play.case.state == "SHORTLISTING"


def test_an_offer_that_is_taken_back_brings_the_case_to_other_hospitals(play: Play) -> None:
    to_decision(play)
    play.answer("record_patient_decision", "accepted", offer="1")
    play.answer("confirm_admission", "hospital_withdrew")
    (gone,) = play.events("hospital.withdrew_offer")
    assert gone.payload["offer_id"] is not None
    assert play.case.state == "SHORTLISTING"
    assert "record_hospital_consent" in kinds(play)


@pytest.mark.parametrize("ended", ENDED)
def test_a_hospital_that_was_done_with_is_asked_anew_when_it_is_chosen_again(
    play: Play, ended: str
) -> None:
    to_outreach(play)
    with transaction(play.world.engine) as session:
        row = session.scalars(select(OutreachThread)).one()
        row.state = ended
        recorder = Recorder(session, play.world.process, play.clock.now())
        recorder.record(
            play.case_id, Event("outreach.exhausted", {"more_hospitals_available": True})
        )
        recorder.flush()
    play.run()
    play.answer("record_hospital_consent", "granted", hospitals="H01", **SIGNED)
    play.answer("approve_shortlist", "approve", hospitals="H01")
    assert play.case.state == "OUTREACH"
    assert "approve_message" in kinds(play), "nobody is asked, and nothing waits"
    play.answer("approve_message", "approve")
    assert [one.state for one in play.messages(template="M10")] == ["sent", "sent"]
    assert thread(play).state == "sent" and thread(play).closed_at is None


def test_advice_without_an_offer_is_asked_after_and_the_case_waits_for_hospitals(
    play: Play,
) -> None:
    to_outreach(play)
    reply(play, "Our board advises surgery first. Regards")
    play.answer("confirm_reply", "opinion")
    assert play.case.state == "OFFER_REVIEW"
    play.answer("record_offer", "no_offer", "advice only")
    assert play.case.state == "OUTREACH"
    assert "follow_thread" in kinds(play)
    with pytest.raises(DecisionRefused, match="They were written to"):
        play.decide_only("follow_thread", "close", "over", why_closed="not_asked")
    play.answer("follow_thread", "close", "they only advise", why_closed="declined")
    assert play.case.state == "SHORTLISTING"


def test_a_robot_that_seems_to_decline_is_read_by_a_person(play: Play) -> None:
    to_outreach(play)
    (enquiry,) = play.messages(template="M10", state="sent")
    letter = EmailMessage()
    letter["From"], letter["To"] = enquiry.address, play.world.settings.mail_from
    letter["Subject"] = f"Re: {enquiry.subject}"
    letter["Message-ID"] = "<robot@hospital.example>"
    letter["In-Reply-To"] = enquiry.message_id or ""
    letter["Auto-Submitted"] = "auto-replied"
    letter.set_content("Unfortunately we cannot accept new patients.")
    take_mail(play.world, letter.as_bytes(), uid="1:1", now=play.clock.now())
    play.run()
    (robot,) = play.messages(direction="in")
    assert "confirm_reply" in kinds(play) or robot.reply_class in ("ack", "out_of_office")
    assert thread(play).state == "sent", "nothing is declined by a robot"
    play.move(5)
    assert "approve_message" in kinds(play) or "confirm_reply" in kinds(play), "they are reminded"
