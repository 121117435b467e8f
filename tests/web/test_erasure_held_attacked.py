"""A hold on an erasure when somebody else was quicker, the case went on, or the day has passed."""

import re
from collections.abc import Callable
from datetime import timedelta

from tests.web.parts import Visitor
from tests.web.test_erasure_held import held, now, page_of, released
from tests.workflows.playing import Play
from tests.workflows.retention.test_erasing import COORDINATOR, decided, erasure, looked, stopped
from workflows.cases.reported_facts import report_fact

Visit = Callable[..., Visitor]


def open_kinds(play: Play) -> list[str]:
    return [one.kind for one in play.tasks()]


def test_a_lead_releases_the_hold_that_stood_on_the_page_and_no_other(
    visit: Visit, play: Play
) -> None:
    stopped(play)
    decided(play)
    coordinator, lead = visit("coordinator"), visit("lead")
    assert held(play, coordinator, reason="complaint").status_code == 303
    page = lead.get(page_of(play)).text
    (seen,) = re.findall(r'name="hold" value="([^"]+)"', page)
    # Meanwhile an authority forbids it: another hold, of which the lead knows nothing.
    assert held(play, coordinator, reason="authority").status_code == 303
    assert released(play, lead, sure="yes", hold=seen).status_code == 422
    assert released(play, lead, sure="yes", hold="").status_code == 422
    assert now(play).hold_reason == "authority"
    assert released(play, lead, sure="yes").status_code == 303


def test_a_hold_that_is_placed_anew_answers_the_question_about_the_old_one(
    visit: Visit, play: Play
) -> None:
    stopped(play)
    decided(play)
    coordinator = visit("coordinator")
    assert held(play, coordinator, days=5).status_code == 303
    looked(play, days=6)
    assert open_kinds(play).count("review_hold") == 1
    assert held(play, coordinator, days=30, reason="authority").status_code == 303
    assert open_kinds(play).count("review_hold") == 0
    looked(play, days=31)
    assert open_kinds(play).count("review_hold") == 1


def test_a_case_that_is_opened_again_asks_of_no_hold(visit: Visit, play: Play) -> None:
    stopped(play)
    decided(play)
    assert held(play, visit("coordinator"), days=5).status_code == 303
    looked(play, days=6)
    assert open_kinds(play).count("review_hold") == 1
    report_fact(play.world, play.case.ref, "case.reopened", COORDINATOR, {"reason": "other"})
    play.run()
    looked(play)
    assert erasure(play) is None
    assert open_kinds(play).count("review_hold") == 0


def test_the_family_reads_of_no_day_on_which_the_hold_ends(visit: Visit, play: Play) -> None:
    stopped(play)
    decided(play)
    assert held(play, visit("coordinator"), days=30).status_code == 303
    play.run()
    looked(play, days=1)
    day = (play.clock.now() + timedelta(days=29)).date()
    (letter,) = play.messages(template="M38")
    text = " ".join(letter.body.split())
    assert "because a claim is made or expected" in text
    assert now(play).hold_until == day
    assert f"until {day.isoformat()}" not in text, "no day ends a hold"
    (sentence,) = re.findall(rf"On {day.isoformat()} [^.]+[.]", text)
    assert "is asked whether this still stands" in sentence
    assert "Before " not in text, "nobody is asked before that day"
