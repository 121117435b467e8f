"""A letter that waited says nothing that became so, or ceased to be so, by waiting alone."""

from zoneinfo import ZoneInfo

from tests.workflows.acts import AGREED, second
from tests.workflows.clocks.test_quiet import to_night
from tests.workflows.outreach import test_offers
from tests.workflows.outreach.test_more_info import paper, to_items
from tests.workflows.outreach.test_offers import both, offers, open_kinds
from tests.workflows.playing import PATIENT, Play

two_hospitals = test_offers.play
ZONE = ZoneInfo(PATIENT.time_zone or "")


def test_what_nobody_was_asked_yet_is_not_said_to_be_late(play: Play) -> None:
    to_items(play)
    to_night(play)
    play.answer("answer_more_info", "ask_family", items="imaging_mri")
    assert play.messages(template="M13") == []
    play.move(0.5)
    (asked,) = play.messages(template="M13", state="sent")
    assert "We asked you for this" not in asked.body, "this letter is the first to ask"


def test_what_was_settled_in_the_night_is_asked_for_no_more(play: Play) -> None:
    to_items(play)
    to_night(play)
    play.answer("answer_more_info", "ask_family", items="imaging_mri,slides")
    play.answer("answer_more_info", "have", items="imaging_mri,slides", papers=paper(play))
    play.move(0.5)
    assert play.messages(template="M13") == []
    assert [k for k in open_kinds(play) if k in ("dead_step", "repair_step", "late_step")] == []


def test_an_offer_that_was_taken_meanwhile_is_told_of(two_hospitals: Play) -> None:
    play = two_hospitals
    both(play)
    play.answer("record_patient_decision", "accepted", offer="2")
    second(play, "confirm_admission")
    play.answer("confirm_admission", "confirmed", **AGREED)
    play.answer("report_progress", "hospital_withdrew", reason_code="device")
    play.answer("present_offer", "present")
    play.answer("record_patient_decision", "accepted", offer="1")
    assert offers(play) == ["accepted", "withdrawn_by_hospital"]
    play.answer("tell_withdrawal", "told", "told them; no ticket is bought yet")
    (news,) = play.messages(template="M47")
    body = " ".join(news.body.split())
    assert "This offer is still with us: Fictitious Hospital 1." in body
    assert "There is no other offer" not in body and "We look first" not in body
