"""No gate of a journey opens while an item that blocks it is open, whatever the order."""

from random import Random

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from models import JourneyEntry
from models.base import require_id
from planning.travel import gates
from planning.travel_template import TravelItem
from tests.workflows.acts import SYNOPTIC, second, settle_blockers, signed_waiver, to_surgery, today
from tests.workflows.playing import Play
from tests.workflows.test_chain import final_pathology, play
from tests.workflows.test_stated import to_visa
from workflows.decisions import DecisionRefused
from workflows.events import Actor
from workflows.journey.checklist import FINAL_PATHOLOGY, FIT_TO_FLY, answer_item, open_before

__all__ = ["play"]
COORDINATOR = Actor("coordinator", "c1")
AWAY = ("IN_TRANSIT", "LOCAL_PREOP", "ADMITTED", "POST_OP", "FLY_HOME_CLEARANCE")


def rows(play: Play) -> dict[str, JourneyEntry]:
    with Session(play.world.engine) as session:
        found = session.scalars(
            select(JourneyEntry).where(col(JourneyEntry.case_id) == play.case_id)
        )
        return {row.code: row for row in found}


def say(play: Play, code: str, answer: str = "done", reason: str | None = None) -> None:
    item_id = require_id(rows(play)[code].id)
    answer_item(play.world, play.case.ref, item_id, answer, COORDINATOR, reason)


def still_open(play: Play, gate: str) -> list[str]:
    with Session(play.world.engine) as session:
        found = open_before(session, play.world, play.case_id, gate)  # type: ignore[arg-type]
        return [row.code for row in found]


def test_every_blocking_item_of_the_checklist_stands_before_a_gate(play: Play) -> None:
    template = play.world.playbooks.travel

    def blocking(item: TravelItem) -> bool:
        return item.blocking

    assert {item.id for item in filter(blocking, template.items)} == set(gates(template))


@pytest.mark.parametrize("code", ["F02", "F03", "F04", "F06", "F08", "F09", "F10", "F11", "I09"])
def test_what_comes_after_the_journey_there_cannot_be_done_before_it(play: Play, code: str) -> None:
    to_visa(play)
    with pytest.raises(DecisionRefused, match=r"cannot be done yet|settled where the flight home"):
        say(play, code)
    assert rows(play)[code].state == "pending" and play.events("checklist.item_done") == []


def test_an_item_waits_for_what_it_depends_on_and_names_it(play: Play) -> None:
    to_visa(play)
    with pytest.raises(DecisionRefused, match="cannot be done before “Passport of the patient"):
        say(play, "T05")
    say(play, "T01", "waived", "a national passport is not asked of her")
    say(play, "T05")


@pytest.mark.parametrize("code", [FINAL_PATHOLOGY, FIT_TO_FLY])
def test_certificate_and_final_pathology_are_not_waived_by_one_click(play: Play, code: str) -> None:
    to_surgery(play)
    with pytest.raises(DecisionRefused, match="settled where the flight home is cleared"):
        say(play, code, "waived", "not needed")


def test_the_re_checked_pathology_is_done_by_the_signature(play: Play) -> None:
    to_surgery(play)
    with pytest.raises(DecisionRefused, match="when a clinician has signed the re-check"):
        say(play, FINAL_PATHOLOGY)
    final_pathology(play)
    play.sign("no_change", "discussed at the board", kind="recheck_pathology")
    say(play, FINAL_PATHOLOGY)


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_no_gate_opens_with_an_item_of_it_open_whatever_the_order(play: Play, seed: int) -> None:
    chance = Random(seed)
    to_visa(play)
    play.answer("report_progress", "granted", valid_until="2027-05-08")
    waiver = ""
    for _ in range(90):
        state = play.case.state
        before = {gate: still_open(play, gate) for gate in ("go_no_go", "fly_home")}
        code = chance.choice(sorted(rows(play)))
        answer, reason = ("done", None) if chance.random() < 0.8 else ("waived", "said so")
        try:
            if chance.random() < 0.25 and state == "TRAVEL_PREP":
                play.answer("report_progress", "departed", departure_date=today(play))
            else:
                say(play, code, answer, reason)
        except DecisionRefused:
            continue
        if state == "TRAVEL_PREP" and play.case.state != state:
            assert before["go_no_go"] == []
    if play.case.state == "TRAVEL_PREP":
        settle_blockers(play)
        play.answer("report_progress", "departed", departure_date=today(play))
    play.answer("report_progress", "arrived")
    play.move(78)
    play.answer("report_progress", "admitted")
    operated = {"surgery_date": "2027-02-09", "iort_delivered": "yes"}
    play.answer("report_progress", "operated", **operated)
    play.move(4)
    play.answer("report_progress", "discharged", discharge_date="2027-02-13")
    second(play, "report_progress")
    waiver = signed_waiver(play)
    values = {"flight_date": "2027-02-20", "waiver_signed": "yes", "waiver_document": waiver}
    said = ["F02", "F03", "F10", FINAL_PATHOLOGY, FIT_TO_FLY, "F08"]
    chance.shuffle(said)
    for code in said:
        left = set(still_open(play, "fly_home")) - {FINAL_PATHOLOGY, FIT_TO_FLY, "F10"}
        try:
            play.answer("report_progress", "cleared", "the signed waiver", **values)
        except DecisionRefused:
            pass
        else:
            assert left == set()
            break
        try:
            say(play, code)
        except DecisionRefused:
            continue
    assert play.case.state in ("FLY_HOME_CLEARANCE", "RETURNING")
    if play.case.state == "RETURNING":
        assert still_open(play, "fly_home") == []


def test_one_coordinator_alone_cannot_confirm_what_they_stated(play: Play) -> None:
    to_surgery(play)
    play.move(4)
    play.answer("report_progress", "discharged", discharge_date="2027-02-13")
    play.answer("report_progress", "ask_second", "seen in a call")
    (task,) = [task for task in play.tasks() if task.kind == "confirm_word"]
    from workflows.decisions import decide

    asker = Actor("lead", "test:coordinator")
    with pytest.raises(DecisionRefused, match="you stated it yourself"):
        decide(play.world, require_id(task.id), answer="confirmed", actor=asker, reason="seen")
    play.answer("confirm_word", "not_confirmed", "the stamp is missing")
    with pytest.raises(DecisionRefused, match="One person's word is not enough"):
        play.answer("report_progress", "cleared", "waived", flight_date="2027-02-20",
                    waiver_signed="yes", waiver_document=signed_waiver(play))  # fmt: skip


def test_a_paper_is_of_this_case_readable_and_shows_one_thing(play: Play) -> None:
    to_surgery(play)
    play.move(4)
    play.answer("report_progress", "discharged", discharge_date="2027-02-13")
    settle_blockers(play, "fly_home")
    waiver = signed_waiver(play)
    flight = {"flight_date": "2027-02-20", "waiver_signed": "yes"}
    for papers, why, words in (
        ({"waiver_document": "999"}, "waived", "no document 999"),
        ({"waiver_document": waiver, "certificate_document": waiver}, "waived", "show two things"),
        ({"waiver_document": waiver, "certificate_document": "1"}, None, "needs a reason"),
    ):
        with pytest.raises(DecisionRefused, match=words):
            play.answer("report_progress", "cleared", why, **flight, **papers)
    play.add(SYNOPTIC + b"\n% the certificate, invented\n")
    certificate = str(int(waiver) + 1)
    named = {"waiver_document": waiver, "certificate_document": certificate}
    play.answer("report_progress", "cleared", "waiver and certificate, seen", **flight, **named)
    shown = {e.payload["about"]: e.payload["document_id"] for e in play.events("evidence.stated")}
    assert shown == {"pathology_waiver": int(waiver), "fit_to_fly": int(certificate)}
    assert rows(play)[FIT_TO_FLY].state == "done"
