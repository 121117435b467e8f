"""Further treatment: scheduled, declined, completed; the flight and the programme wait for it."""

import pytest

from tests.workflows.acts import SYNOPTIC, second, settle_blockers, to_surgery
from tests.workflows.journey.test_gates import rows
from tests.workflows.playing import Play
from tests.workflows.test_chain import final_pathology, play
from workflows.decisions import DecisionRefused

__all__ = ["play"]
COURSE = {"modality": "EBRT", "fractions": "25", "start_date": "2027-03-08"}


def recommended(play: Play) -> None:
    """Discharged; the final pathology asks for more, and a clinician has signed it."""
    to_surgery(play)
    final_pathology(play)
    play.answer("report_progress", "discharged", discharge_date="2027-02-13")
    play.sign("supplementary_recommended", None, kind="recheck_pathology")
    assert play.case.pathology_state == "SUPPL_RECOMMENDED"
    assert rows(play)["F05"].state == "pending"
    settle = {"F02", "F03", "F04", "F10"}
    assert settle <= set(rows(play))


def fly(play: Play, day: str = "2027-03-01") -> None:
    play.answer("report_progress", "cleared", "as said", flight_date=day)


def test_treatment_at_home_opens_the_flight_and_ends_with_its_paper(play: Play) -> None:
    recommended(play)
    with pytest.raises(DecisionRefused, match="Further treatment is recommended"):
        fly(play)
    with pytest.raises(DecisionRefused, match="how many fractions"):
        play.answer("report_progress", "treatment_scheduled", treated_at="home",
                    modality="EBRT", start_date="2027-03-08")  # fmt: skip
    play.answer("report_progress", "treatment_scheduled", treated_at="home", **COURSE)
    assert play.case.pathology_state == "SUPPL_SCHEDULED" and rows(play)["F05"].state == "done"
    settle_blockers(play, "fly_home")
    second(play, "report_progress")
    fly(play)
    (cleared,) = play.events("flight_clearance.granted")
    assert cleared.payload["pathology_settled"] is True
    play.move(10)
    play.answer("report_progress", "home", date="2027-03-02")
    with pytest.raises(DecisionRefused, match="further treatment may still be due"):
        play.answer("report_progress", "completed")
    play.move(40)
    with pytest.raises(DecisionRefused, match="which document reports the treatment"):
        play.answer("report_progress", "treatment_completed")
    play.answer("report_progress", "treatment_completed", "the course's report",
                treatment_document="1")  # fmt: skip
    assert play.case.pathology_state == "SUPPL_DONE"
    play.answer("report_progress", "completed")
    assert play.case.state == "CLOSED_COMPLETED"


def test_treatment_there_holds_the_flight_and_lengthens_the_stay(play: Play) -> None:
    recommended(play)
    play.answer("report_progress", "treatment_scheduled", treated_at="abroad", **COURSE)
    stay = play.events("stay.checked")[-1].payload
    # 25 fractions from Monday 8 March: 33 days, then a week of rest.
    assert stay["contingency_end"] == "2027-04-17" and stay["stay_covers_plan"] is True
    with pytest.raises(DecisionRefused, match="scheduled here and not completed"):
        fly(play)
    longer = {**COURSE, "start_date": "2027-04-05"}
    play.answer("report_progress", "treatment_scheduled", treated_at="abroad", **longer)
    stay = play.events("stay.checked")[-1].payload
    assert (stay["stay_covers_plan"], stay["days_short"]) == (False, 7)
    assert rows(play)["I11"].state == "pending"
    settle_blockers_but_extension(play)
    with pytest.raises(DecisionRefused, match="begins on 2027-04-05"):
        play.answer("report_progress", "treatment_completed", "report read", treatment_document="1")
    play.move(75)
    play.answer("report_progress", "treatment_completed", "its report", treatment_document="1")
    second(play, "report_progress")
    with pytest.raises(DecisionRefused, match=r"allowed until 2027-05-08.*Report the extension"):
        fly(play, "2027-05-12")
    fly(play, "2027-05-08")


def settle_blockers_but_extension(play: Play) -> None:
    from tests.workflows.journey.test_gates import say

    for code in ("F02", "F03", "F10"):
        say(play, code)


def test_a_refusal_counts_when_a_clinician_has_called(play: Play) -> None:
    recommended(play)
    play.answer("report_progress", "treatment_declined", "told by the daughter",
                reason_code="family")  # fmt: skip
    assert play.case.pathology_state == "SUPPL_RECOMMENDED"
    with pytest.raises(DecisionRefused, match="needs a reason"):
        play.answer("confirm_refusal", "declined", reason_code="family")
    play.answer("confirm_refusal", "not_declined", "she wants to think")
    assert play.case.pathology_state == "SUPPL_RECOMMENDED"
    play.answer("report_progress", "treatment_declined", "again", reason_code="family")
    play.answer("confirm_refusal", "declined", "knows the risk, explained", reason_code="family")
    assert play.case.pathology_state == "SUPPL_DECLINED"
    (fact,) = play.events("supplementary.declined")
    assert fact.actor_type == "clinician" and fact.payload["reason_code"] == "family"
    settle_blockers(play, "fly_home")
    second(play, "report_progress")
    fly(play)


def test_a_newer_report_takes_a_schedule_back(play: Play) -> None:
    recommended(play)
    play.answer("report_progress", "treatment_scheduled", treated_at="home", **COURSE)
    play.add(SYNOPTIC + b"\n% amended\n")
    play.confirm(**{"final_pathology": "yes", "breast.margin_mm": "0"})
    assert play.case.pathology_state == "RECEIVED"
    with pytest.raises(DecisionRefused, match="not signed by a clinician"):
        fly(play)
