"""Offers: any number, presented at any time, compared, accepted or declined one by one."""

from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from adapters.clock import FixedClock
from models import Offer, OutreachThread
from settings import Settings
from tests.workflows.acts import OFFER, approve, reply, to_outreach
from tests.workflows.playing import Play, add_hospitals
from workflows.decisions import DecisionRefused, decide
from workflows.engine.deciding import NotStated, ToConfirm
from workflows.engine.world import World
from workflows.events import Actor

SECOND = (
    "Dear colleagues,\n\nWe can offer surgery with IORT.\n"
    "Estimated cost: CNY 180,000 to 220,000. Deposit 30 %.\n"
    "External radiotherapy later: CNY 40,000.\n"
    "Earliest admission 2027-02-15. The offer is valid until 2027-02-28.\n\nKind regards\n"
)
FIRST_TERMS = {"currency": "USD", "amount_low": "7800", "amount_high": "9100"}
SECOND_TERMS = {
    "currency": "CNY", "amount_low": "18万至22万", "amount_high": "18万至22万",
    "ebrt": "40,000", "deposit": "30 %",
    "conditions": "MRI not older than six weeks", "inclusions": "surgery,IORT",
    "deposit_terms": "given back when the operation is cancelled", "valid_until": "2027-02-28",
    "amounts": "CNY 180,000 to 220,000; radiotherapy CNY 40,000; deposit 30 %",
}  # fmt: skip


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    world = World(settings, engine=engine, clock=clock)
    world.bucket = storage
    add_hospitals(world)
    play = Play(world, clock)
    to_outreach(play, "H01,H02")
    return play


def offered(play: Play) -> None:
    """Both hospitals answer; the first offer is written down and presented, the second is not."""
    reply(play, OFFER)
    play.answer("confirm_reply", "offer")
    play.answer("record_offer", "record", valid_until="2027-01-31", **FIRST_TERMS)
    reply(play, SECOND, 2)
    play.answer("confirm_reply", "offer")
    play.answer("present_offer", "present")
    play.answer("record_offer", "record", **SECOND_TERMS)


def both(play: Play) -> None:
    offered(play)
    play.answer("present_offer", "present")


def offers(play: Play) -> list[str]:
    with Session(play.world.engine) as session:
        return list(session.scalars(select(col(Offer.state)).order_by(col(Offer.id))))


def threads(play: Play) -> list[str]:
    with Session(play.world.engine) as session:
        return list(
            session.scalars(select(col(OutreachThread.state)).order_by(col(OutreachThread.id)))
        )


def open_kinds(play: Play) -> list[str]:
    return [task.kind for task in play.tasks()]


def test_an_amount_as_people_write_it_is_heard_before_it_counts(play: Play) -> None:
    reply(play, OFFER)
    play.answer("confirm_reply", "offer")
    said = {"currency": "USD", "amount_low": "7,800", "amount_high": "9,100"}
    with pytest.raises(ToConfirm, match=r"seven thousand eight hundred to nine thousand") as heard:
        play.answer("record_offer", "record", **said)
    assert heard.value.option == '--set "amounts=USD 7,800 to 9,100"'
    assert offers(play) == []
    with pytest.raises(ToConfirm):  # another amount under the old echo
        play.answer(
            "record_offer", "record", amounts=heard.value.value, **{**said, "amount_low": "780"}
        )
    play.answer("record_offer", "record", amounts=heard.value.value, **said)
    (event,) = play.events("offer.recorded")
    assert (event.payload["amount_low"], event.payload["amount_high"]) == (7800.0, 9100.0)


def test_an_amount_that_is_not_the_letters_is_told_with_the_letters_words(play: Play) -> None:
    reply(play, OFFER)
    play.answer("confirm_reply", "offer")
    with pytest.raises(ToConfirm, match=r"lower amount 7800 \(Estimated cost: USD 7,800"):
        play.answer("record_offer", "record", **{**FIRST_TERMS, "amount_low": "780"})
    with pytest.raises(DecisionRefused, match="in two ways"):
        play.answer("record_offer", "record", currency="USD", amount_low="7.800", amount_high="9k")


def test_a_second_offer_is_presented_beside_the_first(play: Play) -> None:
    offered(play)
    assert play.case.state == "PATIENT_DECISION"
    (first,) = play.messages(template="M15")
    assert "We tell you here of 1 offer." in first.body
    play.answer("present_offer", "present")
    assert offers(play) == ["presented", "presented"]
    old, letter = play.messages(template="M15")
    assert (old.state, letter.state) == ("cancelled", "draft")
    text = " ".join(letter.body.split())
    assert "We tell you here of 2 offers." in text
    assert "Cost: USD 7,800 to 9,100" in text and "Cost: CNY 180,000 to 220,000" in text
    assert "conditions: MRI not older than six weeks" in text and "Deposit: 30 %" in text
    assert "added later: CNY 40,000 more" in text and "What is included: surgery, IORT" in text
    assert "Deposit: not stated; please ask us" in text
    assert [t.kind for t in play.tasks() if t.objects.get("message_id") == old.id] == []


def test_declining_one_leaves_the_others_and_its_hospital_is_told(play: Play) -> None:
    both(play)
    play.answer("record_patient_decision", "declined", offer="1", reason_code="cost")
    assert (offers(play), play.case.state) == (["declined", "presented"], "PATIENT_DECISION")
    assert threads(play)[0] == "closed"
    (thanks,) = play.messages(template="M17")
    assert "decided on another way" in thanks.body
    letter = play.messages(template="M15", state="draft")[-1]
    assert "We tell you here of 1 offer." in letter.body and "CNY" in letter.body
    play.answer("record_patient_decision", "declined", offer="2")
    assert offers(play) == ["declined", "declined"]
    assert "record_patient_decision" in open_kinds(play)
    play.answer("record_patient_decision", "wants_more")
    assert play.case.state != "PATIENT_DECISION"


def test_accepting_one_settles_the_others_with_true_words(play: Play) -> None:
    offered(play)  # the second offer was never shown to the family
    play.answer("record_patient_decision", "accepted", offer="1")
    assert (offers(play), play.case.state) == (["accepted", "recorded"], "ADMISSION_SCHEDULING")
    assert [m.state for m in play.messages(template="M15")] == ["cancelled"]
    (thanks,) = play.messages(template="M17")
    assert "decided on another way" not in thanks.body
    left = set(open_kinds(play))
    assert not left & {"present_offer", "record_offer", "record_patient_decision"}


def test_of_two_offers_it_is_said_which_is_accepted(play: Play) -> None:
    both(play)
    with pytest.raises(NotStated, match="Say which of the offers is meant: 1, 2"):
        play.answer("record_patient_decision", "accepted")
    play.answer("record_patient_decision", "accepted", offer="2")
    assert offers(play) == ["not_chosen", "accepted"]
    (thanks,) = play.messages(template="M17")
    assert "decided on another way" in thanks.body


def test_the_family_reads_that_the_hospital_was_told_only_after_it_was(play: Play) -> None:
    both(play)
    play.decide_only("record_patient_decision", "accepted", offer="2")
    (acceptance,) = play.messages(template="M45")  # in the same transaction
    assert "accepts your offer" in acceptance.body and "CNY 180,000 to 220,000" in acceptance.body
    play.run()
    assert play.messages(template="M16") == []
    approve(play, "M45")
    (told,) = play.messages(template="M16")
    text = " ".join(told.body.split())
    assert told.state == "sent" and "we told Fictitious Hospital 2 in writing" in text
    assert "The hospital asks for a deposit" in text


def test_an_acceptance_that_did_not_leave_waits_for_a_person(play: Play) -> None:
    both(play)
    play.answer("record_patient_decision", "accepted", offer="2")
    (letter,) = play.messages(template="M45")
    (task,) = [t for t in play.tasks() if t.objects.get("message_id") == letter.id]
    assert task.id is not None
    actor = Actor("coordinator", "c1")
    decide(play.world, task.id, answer="discard", actor=actor, reason="the address is wrong")
    play.run()
    assert play.messages(template="M16") == []
    (asked,) = [t for t in play.tasks() if t.kind == "follow_thread"]
    assert asked.id is not None
    decide(play.world, asked.id, answer="write", actor=actor)
    play.run()
    approve(play, "M45")
    assert len(play.messages(template="M16", state="sent")) == 1


def test_a_hospital_that_may_not_be_written_to_cannot_be_accepted(play: Play) -> None:
    both(play)
    with Session(play.world.engine) as session:
        from models import Consent

        for consent in session.scalars(
            select(Consent).where(col(Consent.hospital_id).is_not(None))
        ):
            consent.withdrawn_at = play.clock.now()
        session.commit()
    with pytest.raises(DecisionRefused, match="permission for this hospital was taken back"):
        play.answer("record_patient_decision", "accepted", offer="2")
    assert offers(play) == ["presented", "presented"]


def test_an_unclear_offer_is_asked_about_and_its_thread_waits(play: Play) -> None:
    reply(play, OFFER)
    play.answer("confirm_reply", "offer")
    play.answer("record_offer", "record", **FIRST_TERMS)
    play.answer("present_offer", "clarify", questions="inclusions,validity")
    assert (play.case.state, threads(play)[0]) == ("OUTREACH", "in_review")
    (letter,) = play.messages(template="M46")
    assert "(1) what is included in the amount" in letter.body and "(2) until when" in letter.body
    approve(play, "M46")
    assert play.events("offer.clarification_sent")
    play.move(6)
    assert "your offer for" in play.messages(template="M11")[-1].body
    reply(play, OFFER.replace("2027-01-31", "2027-02-20"), number=2)
    play.answer("confirm_reply", "offer")
    play.answer("record_offer", "record", valid_until="2027-02-20", **FIRST_TERMS)
    assert offers(play) == ["replaced", "recorded"]
    assert open_kinds(play).count("present_offer") == 1
    play.answer("present_offer", "present")
    assert play.case.state == "PATIENT_DECISION"


def test_a_letter_without_an_offer_leads_on(play: Play) -> None:
    reply(play, "Dear colleagues,\n\nOur board advises surgery first.\n")
    play.answer("confirm_reply", "opinion")
    play.answer("record_offer", "no_offer", "advice only")
    assert play.case.state == "OUTREACH"
    assert "follow_thread" in open_kinds(play)


def test_an_accepted_offer_that_is_withdrawn_brings_the_others_back(play: Play) -> None:
    both(play)
    play.answer("record_patient_decision", "accepted", offer="2")
    play.answer("confirm_admission", "hospital_withdrew", reason_code="device")
    assert offers(play) == ["recorded", "withdrawn_by_hospital"]
    assert play.case.state == "OFFER_REVIEW"
    assert [m.state for m in play.messages(template="M45")] == ["cancelled"]
    (news,) = play.messages(template="M47")
    text = " ".join(news.body.split())
    assert "Fictitious Hospital 2 has withdrawn its offer, which you had accepted" in text
    assert "This offer is still with us: Fictitious Hospital 1." in text
    play.answer("present_offer", "present")
    assert play.case.state == "PATIENT_DECISION"
    play.answer("record_patient_decision", "accepted", offer="1")
    assert play.case.state == "ADMISSION_SCHEDULING"


def test_the_only_offer_withdrawn_leads_back_to_the_hospitals(play: Play) -> None:
    reply(play, OFFER)
    play.answer("confirm_reply", "offer")
    play.answer("record_offer", "record", **FIRST_TERMS)
    play.answer("present_offer", "present")
    play.answer("record_patient_decision", "accepted", offer="1")
    play.answer("confirm_admission", "hospital_withdrew")
    assert play.case.state in ("OUTREACH", "SHORTLISTING", "ALTERNATIVES")
    (news,) = play.messages(template="M47")
    assert "There is no other offer at this moment." in news.body


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"amount_low": "0", "amount_high": "0"}, "An offer of 0 is no offer"),
        ({"amount_low": "0", "amount_high": "9100"}, "An offer of 0 is no offer"),
        ({"amount_low": "9100", "amount_high": "7800"}, "lower amount must not be above"),
        ({"amount_low": "1e15", "amount_high": "1e15"}, "no amount that can be read"),
        ({"amount_low": "1000000000000000", "amount_high": "1000000000000000"}, "no amount"),
        ({"currency": "XYZ"}, "code of three letters"),
        ({"currency": "BTC"}, "code of three letters"),
        ({"valid_until": "2026-11-01"}, "The offer ran out on 2026-11-01"),
        ({"ebrt": "0"}, "Later radiotherapy for 0"),
    ],
)
def test_what_no_offer_can_be_is_refused_in_words(
    play: Play, typed: dict[str, str], words: str
) -> None:
    reply(play, OFFER)
    play.answer("confirm_reply", "offer")
    with pytest.raises(DecisionRefused, match=words):
        play.answer("record_offer", "record", **{**FIRST_TERMS, **typed})
    assert offers(play) == [] and "record_offer" in open_kinds(play)


def test_an_offer_that_nobody_was_shown_runs_out_too_and_the_family_hears_nothing(
    play: Play,
) -> None:
    reply(play, OFFER)
    play.answer("confirm_reply", "offer")
    play.answer("record_offer", "record", valid_until="2026-12-10", **FIRST_TERMS)
    play.move(19)
    assert offers(play) == ["expired"]
    assert "renew_offer" in open_kinds(play) and "present_offer" not in open_kinds(play)
    assert play.messages(template="M52") == [] and play.messages(template="M51") == []
