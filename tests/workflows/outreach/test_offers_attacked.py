"""Offers when things cross: withdrawn, run out, bounced, decided twice at once."""

import threading
from typing import Any, cast

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from adapters.clock import FixedClock
from adapters.mail_out import MailRefused
from models import Case, Hospital, Offer, OutreachThread
from models.base import require_id
from models.database import transaction
from settings import Settings
from tests.workflows.acts import OFFER, approve, reply, to_outreach
from tests.workflows.clocks.test_bundles import Post, write
from tests.workflows.clocks.test_quiet import to_night
from tests.workflows.playing import Play, add_hospitals
from workflows.decisions import DecisionRefused, decide
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Actor, Event
from workflows.outreach.open_threads import is_open, waits
from workflows.watch.invariants import cases_without

DECLINE = "Dear colleagues,\n\nWe are sorry: we cannot take this case and withdraw our offer.\n"
OTHER = OFFER.replace("USD 7,800 to 9,100", "EUR 11,500").replace("2027-01-31", "2027-02-28")
FIRST = {"currency": "USD", "amount_low": "7800", "amount_high": "9100"}
SECOND = {"currency": "EUR", "amount_low": "11500", "amount_high": "11500"}


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    world = World(settings, engine=engine, clock=clock)
    world.bucket = storage
    add_hospitals(world)
    play = Play(world, clock)
    to_outreach(play, "H01,H02")
    return play


def offered(play: Play, hospital: int, **terms: str) -> None:
    """One hospital answers, its offer is written down and presented."""
    reply(play, OFFER if hospital == 1 else OTHER, hospital)
    play.answer("confirm_reply", "offer")
    play.answer("record_offer", "record", **(FIRST if hospital == 1 else SECOND), **terms)
    play.answer("present_offer", "present")


def both(play: Play, first_until: str = "2027-01-31") -> None:
    offered(play, 1, valid_until=first_until)
    offered(play, 2, valid_until="2027-02-28")


def states(play: Play) -> list[str]:
    with Session(play.world.engine) as session:
        return list(session.scalars(select(col(Offer.state)).order_by(col(Offer.id))))


def kinds(play: Play) -> list[str]:
    return [task.kind for task in play.tasks()]


def alone(play: Play) -> list[str]:
    """Return what nobody waits for: the case, or a thread of it."""
    with Session(play.world.engine) as session:
        case = session.get_one(Case, play.case_id)
        threads = session.scalars(select(OutreachThread)).all()
        still = [one for one in threads if is_open(case, one) and not waits(session, case, one)]
        return [
            *(f"case {one}" for one in cases_without(session)),
            *(f"thread {one.id} {one.state}" for one in still),
        ]


def run_out(play: Play, last_day: str) -> None:
    """Let the last day of an offer pass; the family answers each call."""
    while play.clock.now().date().isoformat() <= last_day:
        play.move(1)
        if "call_silent" in kinds(play):
            play.answer("call_silent", "reached", "they think about it")


def test_a_hospital_that_was_not_chosen_and_withdraws_is_not_brought_back(play: Play) -> None:
    both(play)
    play.answer("record_patient_decision", "accepted", offer="1")
    reply(play, DECLINE, 2, number=2)
    play.answer("confirm_reply", "decline")
    assert play.case.state == "ADMISSION_SCHEDULING", "the accepted offer stands"
    assert states(play) == ["accepted", "withdrawn_by_hospital"]
    assert play.messages(template="M47") == [], "the family had chosen another one already"
    play.answer("confirm_admission", "hospital_withdrew")
    assert states(play) == ["withdrawn_by_hospital", "withdrawn_by_hospital"]
    assert "present_offer" not in kinds(play)
    assert alone(play) == []


def test_a_hospital_that_declines_takes_its_offer_from_the_family(play: Play) -> None:
    both(play)
    reply(play, DECLINE, 2, number=2)
    play.answer("confirm_reply", "decline")
    assert states(play) == ["presented", "withdrawn_by_hospital"]
    assert play.case.state == "PATIENT_DECISION"
    (news,) = play.messages(template="M47")
    assert "Fictitious Hospital 2 has withdrawn its offer." in " ".join(news.body.split())
    with pytest.raises(DecisionRefused):
        play.answer("record_patient_decision", "accepted", offer="2")
    reply(play, DECLINE, 1, number=2)
    play.answer("confirm_reply", "decline")
    assert states(play) == ["withdrawn_by_hospital", "withdrawn_by_hospital"]
    assert play.case.state in ("SHORTLISTING", "ALTERNATIVES"), "nobody waits for the family"
    assert alone(play) == []


def test_an_offer_withdrawn_by_telephone_leaves_the_other(play: Play) -> None:
    both(play)
    play.answer("record_patient_decision", "withdrew", "they telephoned", offer="1")
    assert states(play) == ["withdrawn_by_hospital", "presented"]
    assert kinds(play).count("record_patient_decision") == 1
    play.answer("record_patient_decision", "withdrew", "they telephoned", offer="2")
    assert "record_patient_decision" not in kinds(play)
    assert play.case.state in ("SHORTLISTING", "ALTERNATIVES", "OUTREACH")
    assert alone(play) == []


def test_one_of_two_runs_out_and_the_other_is_accepted(play: Play) -> None:
    both(play, first_until="2027-01-20")
    approve(play, "M15")
    run_out(play, "2027-01-20")
    assert states(play) == ["expired", "presented"]
    assert play.case.state == "PATIENT_DECISION", "the other offer is before the family"
    (letter,) = play.messages(template="M52", state="sent")
    assert "Still waiting for your answer: Fictitious Hospital 2." in letter.body
    with pytest.raises(DecisionRefused, match="has expired"):
        play.answer("record_patient_decision", "accepted", offer="1")
    play.answer("renew_offer", "renewed", valid_until="2027-03-10")
    assert states(play) == ["presented", "presented"]
    told = play.messages(template="M15")[-1]
    assert told.state == "draft" and "We tell you here of 2 offers" in told.body
    play.answer("record_patient_decision", "accepted", offer="1")
    assert states(play) == ["accepted", "not_chosen"]
    assert alone(play) == []


def test_a_newer_offer_of_the_hospital_takes_the_place_of_one_that_ran_out(play: Play) -> None:
    both(play, first_until="2027-01-12")
    run_out(play, "2027-01-12")
    assert "renew_offer" in kinds(play)
    reply(play, OFFER.replace("2027-01-31", "2027-03-01"), 1, number=2)
    play.answer("confirm_reply", "offer")
    play.answer("record_offer", "record", valid_until="2027-03-01", **FIRST)
    assert states(play) == ["replaced", "presented", "recorded"]
    assert "renew_offer" not in kinds(play), "its question is answered by the newer one"
    play.answer("present_offer", "present")
    play.answer("record_patient_decision", "accepted", offer="3")
    assert states(play) == ["replaced", "not_chosen", "accepted"]


def test_a_family_that_declines_all_declines_what_ran_out_too(play: Play) -> None:
    both(play, first_until="2027-01-12")
    run_out(play, "2027-01-12")
    play.answer("record_patient_decision", "declined_all", reason_code="cost")
    assert states(play) == ["declined", "declined"]
    assert play.case.state == "ALTERNATIVES" and "renew_offer" not in kinds(play)
    assert len(play.messages(template="M17")) == 2
    assert alone(play) == []
    reply(play, OFFER.replace("2027-01-31", "2027-03-01"), 1, number=2)
    play.answer("confirm_reply", "offer")
    play.answer("record_offer", "record", valid_until="2027-03-01", **FIRST)
    with pytest.raises(DecisionRefused, match="told that the request is closed"):
        approve_closing(play)
        play.answer("present_offer", "present")
    play.answer("present_offer", "clarify", questions="validity")
    assert play.messages(template="M46", state="draft")


def approve_closing(play: Play) -> None:
    for letter in play.messages(template="M17", state="draft"):
        (task,) = [t for t in play.tasks() if t.objects.get("message_id") == letter.id]
        assert task.id is not None
        decide(play.world, task.id, answer="approve", actor=Actor("coordinator", "c1"))
        play.run()


def test_more_hospitals_say_no_and_the_family_decides_on_what_it_has(play: Play) -> None:
    offered(play, 1, valid_until="2027-02-28")
    play.answer("record_patient_decision", "wants_more")
    assert states(play) == ["presented"]
    reply(play, DECLINE, 2)
    play.answer("confirm_reply", "decline")
    if "approve_shortlist" in kinds(play):
        play.answer("approve_shortlist", "none_left", "no other hospital has the technique")
    assert play.case.state == "PATIENT_DECISION", play.case.state
    play.answer("record_patient_decision", "accepted", offer="1")
    assert states(play) == ["accepted"]


def test_a_second_letter_without_offer_leaves_the_first_offer_with_the_family(play: Play) -> None:
    offered(play, 1, valid_until="2027-02-28")
    play.answer("record_patient_decision", "wants_more")
    reply(play, "Dear colleagues,\n\nOur board advises surgery first.\n", 2)
    play.answer("confirm_reply", "opinion")
    play.answer("record_offer", "no_offer", "advice only")
    assert alone(play) == []
    assert play.case.state != "OFFER_REVIEW", "there is no offer to review"


def test_an_acceptance_that_bounces_is_written_again_and_the_thread_waits(play: Play) -> None:
    both(play)
    play.answer("record_patient_decision", "accepted", offer="2")
    approve(play, "M45")
    bounced = bounce(play, 2)
    assert "mend_address" in kinds(play)
    play.move(3)
    play.answer("mend_address", "corrected")
    approve(play, "M45")
    assert [m.state for m in play.messages(template="M45")] == ["sent", "sent"]
    with Session(play.world.engine) as session:
        assert session.get_one(OutreachThread, bounced).state == "offered"
    told = [letter.body for letter in play.messages(template="M16", state="sent")]
    assert "On 2026-11-23" in told[0] and "On 2026-11-26" in told[1], "each with its day"
    assert alone(play) == []


def bounce(play: Play, offer_id: int) -> int:
    """Note that the letter came back, as the mailbox does, and correct the directory."""
    with transaction(play.world.engine) as session:
        offer = session.get_one(Offer, offer_id)
        thread = session.get_one(OutreachThread, offer.thread_id)
        thread.state = "bounced"
        hospital = session.get_one(Hospital, offer.hospital_id)
        hospital.email = f"new-{hospital.email}"
        recorder = Recorder(session, play.world.process, play.clock.now())
        objects = {"thread_id": offer.thread_id, "hospital_id": offer.hospital_id}
        payload = {"thread_id": offer.thread_id, "status": "hard_bounce"}
        recorder.record(play.case_id, Event("outreach.delivery_updated", payload, objects))
        recorder.flush()
        thread_id = offer.thread_id
    play.run()
    return thread_id


def test_of_two_who_accept_at_once_one_is_heard(play: Play) -> None:
    both(play)
    (task,) = [t for t in play.tasks() if t.kind == "record_patient_decision"]
    heard = at_once(
        play,
        (task.id or 0, "accepted", Actor("coordinator", "c1"), {"offer": "1"}),
        (task.id or 0, "accepted", Actor("coordinator", "c2"), {"offer": "2"}),
    )
    assert sorted(heard) == ["refused", "taken"]
    play.run()
    assert sorted(states(play)) == ["accepted", "not_chosen"]
    assert len(play.messages(template="M45")) == 1


def test_the_family_accepts_while_a_coordinator_declines_the_same_offer(play: Play) -> None:
    both(play)
    (task,) = [t for t in play.tasks() if t.kind == "record_patient_decision"]
    heard = at_once(
        play,
        (task.id or 0, "accepted", Actor("patient", "family"), {"offer": "1"}),
        (task.id or 0, "declined", Actor("coordinator", "c2"), {"offer": "1"}),
    )
    assert sorted(heard) == ["refused", "taken"], heard
    play.run()
    assert sorted(states(play)) in (["accepted", "not_chosen"], ["declined", "presented"])
    assert alone(play) == []


def at_once(play: Play, *answers: tuple[int, str, Actor, dict[str, str]]) -> list[str]:
    """Give the answers in threads that begin together; return whether each was taken."""
    gate, heard = threading.Barrier(len(answers)), []

    def give(task_id: int, answer: str, actor: Actor, values: dict[str, str]) -> None:
        gate.wait()
        try:
            decide(play.world, task_id, answer=answer, actor=actor, values=values)
        except DecisionRefused:
            heard.append("refused")
        else:
            heard.append("taken")

    givers = [threading.Thread(target=give, args=one) for one in answers]
    for one in givers:
        one.start()
    for one in givers:
        one.join()
    return heard


def test_a_reminder_that_waits_for_the_mail_server_falls_with_the_offers(play: Play) -> None:
    """The family has decided meanwhile: nobody reminds them, by letter or by telephone."""
    offered(play, 1, valid_until="2027-01-31")
    approve(play, "M15")
    server = Post()
    play.world.mail_out = cast(Any, server)
    server.fails = [MailRefused(permanent=False, code=451, stage="data")]
    write(play, "M51")
    play.run()
    play.answer("record_patient_decision", "declined_all")
    play.move(0.01)
    assert [one.state for one in play.messages(template="M51")] == ["cancelled"]
    assert not [mail for mail in server.mails if "these offers" in mail.get_content()]
    assert "tell_patient" not in kinds(play)


def test_the_family_is_not_told_of_another_acceptance_than_the_one_that_stands(play: Play) -> None:
    """At night the hospital makes another offer instead; its acceptance has not left by morning."""
    both(play)
    to_night(play)
    play.answer("record_patient_decision", "accepted", offer="1")
    approve(play, "M45")
    assert play.messages(template="M16") == []
    play.answer("confirm_admission", "hospital_withdrew")
    reply(play, OFFER, 1, number=2)
    play.answer("confirm_reply", "offer")
    play.answer("record_offer", "record", **FIRST)
    decide_on(play, "present_offer", 3, "present")
    play.answer("record_patient_decision", "accepted", offer="3")
    play.move(0.5)
    assert play.messages(template="M16") == []
    approve(play, "M45")
    assert [one.state for one in play.messages(template="M16")] == ["sent"]


def decide_on(play: Play, kind: str, offer: int, answer: str) -> None:
    """Answer the question of this kind that is about the offer, with what it attests."""
    (task,) = [t for t in play.tasks() if t.kind == kind and t.objects.get("offer_id") == offer]
    decide(play.world, require_id(task.id), answer=answer, actor=Actor("coordinator", "c1"))
    play.run()
