"""Days come from the policy and stand on the case; before a day a person is asked, nobody else."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session

from models import Case
from tests.workflows.acts import SIGNED
from tests.workflows.playing import Play
from tests.workflows.retention.test_erasing import COORDINATOR, erasure, looked, run_out
from workflows.cases.reported_facts import report_fact
from workflows.decisions import DecisionRefused
from workflows.portal.acts import write_message


@pytest.fixture
def play(play: Play) -> Play:
    play.open()
    play.run()
    return play


def allowed(play: Play) -> None:
    play.answer("triage_inquiry", "in_scope", site="breast")
    play.answer("record_consent", "granted", **SIGNED)


def stop(play: Play) -> None:
    report_fact(play.world, play.case.ref, "patient.stopped", COORDINATOR)
    play.run()


def in_days(play: Play, days: int) -> date:
    return (play.clock.now() + timedelta(days=days)).date()


def test_a_closed_case_has_its_day_at_once_and_loses_it_when_opened_again(play: Play) -> None:
    assert play.case.erase_on is None
    allowed(play)
    stop(play)
    assert play.case.erase_on == in_days(play, 365)
    (letter,) = play.messages(template="M37")
    assert f"We keep your papers until {in_days(play, 365).isoformat()}" in letter.body
    report_fact(play.world, play.case.ref, "case.reopened", COORDINATOR, {"reason": "other"})
    assert play.case.erase_on is None


def test_who_never_allowed_it_is_kept_for_the_shortest_time(play: Play) -> None:
    stop(play)
    assert play.case.erase_on == in_days(play, 30)


def test_a_withdrawn_case_says_its_day_and_nothing_untrue(play: Play) -> None:
    allowed(play)
    report_fact(play.world, play.case.ref, "consent.withdrawn", COORDINATOR)
    play.run()
    play.answer("finish_withdrawal", "completed")
    (letter,) = play.messages(template="M38")
    day = in_days(play, 30).isoformat()
    assert f"Your papers are still with us, until {day}" in letter.body
    assert "we deleted" not in letter.body


def test_the_clock_asks_a_person_once_and_erases_nothing_by_itself(play: Play) -> None:
    stop(play)
    looked(play, days=15)
    assert play.events("data.erasure_due") == []
    looked(play, days=2)
    (due,) = play.events("data.erasure_due")
    assert due.payload["erase_on"] == str(play.case.erase_on)
    (task,) = [task for task in play.tasks() if task.kind == "confirm_erasure"]
    assert (task.role, task.detail) == ("lead", "due")
    looked(play, days=60)
    looked(play)
    assert len(play.events("data.erasure_due")) == 1, "the question is open: it is not asked again"
    assert erasure(play) is None and play.case.erased_at is None, "nobody has decided"
    play.answer("confirm_erasure", "erase")
    (approved,) = play.events("data.erasure_approved")
    assert approved.payload["reason"] == "due" and approved.payload["identified_by"] is None
    looked(play)
    assert run_out(play).done_at is not None
    looked(play, days=400)
    assert len(play.events("data.erasure_due")) == 1


def test_kept_for_a_reason_it_is_asked_again_before_the_new_day(play: Play) -> None:
    stop(play)
    looked(play, days=17)
    until = in_days(play, 100)
    for wrong in ("taken_back", "not_identified"):
        with pytest.raises(DecisionRefused, match="Nobody asked"):
            play.decide_only("confirm_erasure", wrong, "because")
    with pytest.raises(DecisionRefused, match="why the data are kept"):
        play.decide_only("confirm_erasure", "keep", keep_until=until.isoformat())
    with pytest.raises(DecisionRefused, match="must lie ahead"):
        play.decide_only(
            "confirm_erasure", "keep", keep_until=in_days(play, 0).isoformat(),
            keep_reason="complaint",
        )  # fmt: skip
    play.answer("confirm_erasure", "keep", keep_until=until.isoformat(), keep_reason="complaint")
    assert (play.case.erase_on, play.case.keep_reason) == (until, "complaint")
    assert play.messages(template="M38") == [], "nobody had asked"
    looked(play, days=80)
    assert len(play.events("data.erasure_due")) == 1
    looked(play, days=7)
    assert len(play.events("data.erasure_due")) == 2


def test_who_asked_is_told_why_the_data_stay(play: Play) -> None:
    allowed(play)
    stop(play)
    report_fact(play.world, play.case.ref, "data.erasure_asked", COORDINATOR, {"by": "patient"})
    until = in_days(play, 700)
    play.answer("confirm_erasure", "keep", keep_until=until.isoformat(), keep_reason="legal_claim")
    (letter,) = play.messages(template="M38", state="sent")
    assert f"We keep them until {until.isoformat()}" in letter.body
    assert "because a claim is made or expected" in letter.body


@pytest.mark.parametrize(("days", "reason"), [(50, "authority"), (10, None)])
def test_a_reason_to_keep_outlives_the_closing_and_a_shorter_time(
    play: Play, days: int, reason: str | None
) -> None:
    report_fact(play.world, play.case.ref, "data.erasure_asked", COORDINATOR, {})
    until = in_days(play, days)
    play.answer("confirm_erasure", "keep", keep_until=until.isoformat(), keep_reason="authority")
    assert play.case.erase_on == until and play.case.closed_at is None
    stop(play)
    assert play.case.keep_reason == reason
    assert play.case.erase_on == (until if reason else in_days(play, 30))


def test_cases_closed_before_there_were_days_get_theirs(play: Play) -> None:
    stop(play)
    with play.world.engine.begin() as connection:
        connection.execute(text('UPDATE "case" SET erase_on = NULL'))
    looked(play)
    assert play.case.erase_on is not None
    with Session(play.world.engine) as session:
        assert session.scalar(text("SELECT count(*) FROM erasure")) == 0


def test_a_letter_that_asks_for_it_leads_to_a_person_who_makes_certain(play: Play) -> None:
    with Session(play.world.engine) as session:
        case = session.get_one(Case, play.case_id)
        write_message(play.world, case, "Please delete everything you have about me.")
        write_message(play.world, case, "And send me a copy first.")
    play.answer("read_letter", "asks_erasure")
    play.answer("read_letter", "asks_copy")
    (task,) = [task for task in play.tasks() if task.kind == "confirm_erasure"]
    assert task.detail == "asked" and erasure(play) is None
    assert "give_copy" in [one.kind for one in play.tasks()]
    with pytest.raises(DecisionRefused, match="how you know that the patient asks"):
        play.decide_only("confirm_erasure", "erase")
    play.answer("confirm_erasure", "not_identified", "the number we have is not theirs")
    assert play.events("data.erasure_refused")[0].payload == {"reason": "not_identified"}
