"""What is stated is written as it was stated; what is not, opens nothing. One test a fact."""

import pytest

from tests.workflows.acts import (
    AGREED,
    SIGNED,
    accept,
    settle_blockers,
    to_clinician,
    to_decision,
    to_review,
    to_surgery,
    today,
)
from tests.workflows.playing import Play
from tests.workflows.screening.test_signatures import sign_as
from tests.workflows.test_chain import play
from workflows.decisions import DecisionRefused
from workflows.guards import CaseFacts, Facts, holds

__all__ = ["play"]
URGENT = {"patient.pregnant": "true"}
STOPPED = {"surgery.status": "done"}


def to_visa(play: Play) -> None:
    to_decision(play)
    accept(play)
    play.answer("confirm_admission", "confirmed", **AGREED)
    play.answer("report_progress", "letter_verified")


def test_iort_is_delivered_only_when_somebody_says_so(play: Play) -> None:
    to_surgery(play, iort_delivered="not_reported")
    (fact,) = play.events("surgery.completed")
    assert fact.payload["iort_delivered"] == "not_reported"
    assert "iort_planned" not in fact.payload
    (letter,) = play.messages(template="M27")
    assert "IORT was given." not in letter.body and "not been reported" in letter.body


@pytest.mark.parametrize("blank", ["signed_by", "method"])
def test_a_consent_names_its_signer_and_how_it_was_signed(play: Play, blank: str) -> None:
    play.open()
    play.run()
    play.answer("triage_inquiry", "in_scope", site="breast")
    half = {name: value for name, value in SIGNED.items() if name != blank}
    with pytest.raises(DecisionRefused, match=r"Say (who signed|how the consent was signed)"):
        play.answer("record_consent", "granted", **half)
    with pytest.raises(DecisionRefused, match=f"{blank} must be one of"):
        play.answer("record_consent", "granted", **half, **{blank: "neighbour"})
    assert play.case.state == "AWAITING_CONSENT" and play.events("consent.granted") == []


def test_a_triage_says_nothing_of_a_red_flag_that_nobody_looked_for(play: Play) -> None:
    play.open()
    play.run()
    play.answer("triage_inquiry", "in_scope", site="breast")
    (read,) = play.events("inquiry.triaged")
    assert (read.payload["red_flag"], read.payload["asked_for"]) == (None, None)


def test_whether_a_visa_covers_the_stay_is_computed(play: Play) -> None:
    to_visa(play)
    with pytest.raises(DecisionRefused, match="until which day"):
        play.answer("report_progress", "granted", stay_covers_plan="yes")
    with pytest.raises(DecisionRefused, match="does not cover the stay"):
        play.answer("report_progress", "granted", valid_until="2027-02-08", stay_covers_plan="yes")
    with pytest.raises(DecisionRefused, match=r"is covered\..*2027-02-05.*2027-02-22 \(day 17\)"):
        play.answer("report_progress", "granted", valid_until="2027-05-08", stay_covers_plan="no")
    with pytest.raises(DecisionRefused, match=r"is 2 days short.*Allowed: 2027-02-20"):
        play.answer("report_progress", "granted", valid_until="2027-02-20", stay_covers_plan="yes")
    with pytest.raises(DecisionRefused, match=r"The stay is 2 days short.*choose an extension"):
        play.answer("report_progress", "granted", valid_until="2027-02-20")
    assert play.case.state == "VISA"
    play.answer("report_progress", "granted", valid_until="2027-05-08", stay_covers_plan="yes")
    (granted,) = play.events("visa.granted")
    assert granted.payload["valid_until"] == "2027-05-08" and "person" not in granted.payload


def test_the_guard_of_the_visa_wants_both_statements() -> None:
    def passes(**payload: object) -> bool:
        facts = Facts(payload, lambda: CaseFacts(state="VISA", today=None))  # type: ignore[arg-type]
        return holds("stay_covers_plan_or_extension_accepted", facts)

    assert passes(stay_covers_plan=True, valid_until="2027-05-08")
    assert not passes(stay_covers_plan=True, valid_until=None)
    assert not passes(stay_covers_plan=None, valid_until="2027-05-08")
    assert not passes()


def test_nobody_leaves_while_a_blocking_item_is_open(play: Play) -> None:
    to_visa(play)
    play.answer("report_progress", "granted", valid_until="2027-05-08", stay_covers_plan="yes")
    with pytest.raises(DecisionRefused, match="the day on which the patient left home"):
        play.answer("report_progress", "departed")
    with pytest.raises(DecisionRefused, match="still to come"):
        play.answer("report_progress", "departed", departure_date="2027-02-04")
    with pytest.raises(DecisionRefused) as refused:
        play.answer("report_progress", "departed", departure_date=today(play))
    assert "items block the departure" in str(refused.value)
    assert "Passport of the patient" in str(refused.value) and "more" in str(refused.value)
    assert play.events("travel.go_no_go_signed") == [] and play.case.state == "TRAVEL_PREP"
    settle_blockers(play)
    play.answer("report_progress", "departed", departure_date=today(play))
    (signed,) = play.events("travel.go_no_go_signed")
    assert signed.payload == {"decision": "go", "blockers": []}
    assert play.events("travel.departed")[0].payload["departed_on"] == today(play)


def test_a_moved_admission_keeps_the_day_of_the_operation_that_was_stated(play: Play) -> None:
    to_decision(play)
    accept(play)
    stated = {"admission_date": "2027-02-08", "surgery_date": "2027-02-15"}
    play.answer("confirm_admission", "confirmed", needs_visa="yes", **stated)
    play.answer("report_progress", "date_changed", admission_date="2027-02-10")
    assert str(play.case.surgery_date) == "2027-02-15"
    (moved,) = play.events("admission.date_changed")
    assert (moved.payload["by"], moved.payload["reason_code"]) == (None, None)
    with pytest.raises(DecisionRefused, match=r"agreed for 2027-02-15.*before that admission"):
        play.answer("confirm_admission", "confirmed", admission_date="2027-02-20")
    again = {"admission_date": "2027-02-20", "surgery_date": "2027-02-22"}
    play.answer("confirm_admission", "confirmed", needs_visa="yes", **again)
    assert str(play.case.surgery_date) == "2027-02-22"


def test_the_day_of_the_operation_is_not_known_before_somebody_states_it(play: Play) -> None:
    to_visa(play)
    assert play.case.surgery_date is None
    assert play.events("admission.date_confirmed")[0].payload["surgery_date"] is None
    with pytest.raises(DecisionRefused, match="in the past"):
        play.answer("report_progress", "date_changed", admission_date="2026-10-01")


def test_what_is_reported_of_the_hospital_has_its_day(play: Play) -> None:
    to_surgery(play)
    for wrong, words in (
        ({}, "the day of the discharge"),
        ({"discharge_date": "2027-02-05"}, "before the operation"),
        ({"discharge_date": "2027-03-05"}, "still to come"),
    ):
        with pytest.raises(DecisionRefused, match=words):
            play.answer("report_progress", "discharged", **wrong)
    play.answer("report_progress", "discharged", discharge_date="2027-02-09")
    assert play.events("hospital.discharged")[0].payload == {
        "los_days": 1,
        "attested": ["discharge_gaps_listed"],
    }
    with pytest.raises(DecisionRefused, match="the day of the flight"):
        play.answer("report_progress", "cleared", "the family signed", waiver_signed="yes")
    with pytest.raises(DecisionRefused, match="needs a reason"):
        play.answer("report_progress", "cleared", waiver_signed="yes", flight_date="2027-02-20")
    assert play.case.state == "FLY_HOME_CLEARANCE"


def test_a_countersigned_waiver_has_the_clinicians_reason(play: Play) -> None:
    to_review(play)
    play.answer("triage_inquiry", "in_scope", site="breast")
    play.answer("record_consent", "granted", **SIGNED)
    play.confirm()
    play.answer("settle_completeness", "waive", "imaging is on its way")
    with pytest.raises(DecisionRefused, match="needs a reason"):
        play.answer("countersign_waiver", "agree")
    assert play.case.state == "COMPLETENESS_CHECK"
    play.answer("countersign_waiver", "agree", "the report names the size")
    (waived,) = play.events("completeness.waived")
    assert len(waived.payload["waived_by"]) == 2 and "reason" not in waived.payload


def test_the_program_says_whether_a_clinician_agrees(play: Play) -> None:
    to_clinician(play)
    assert play.events("suitability.assessed")[0].payload["category"] != "consistent_fit"
    with pytest.raises(DecisionRefused, match="Tick each finding that decides"):
        play.answer("review_case", "suitable_for_outreach", "seen")
    for reason in (None, "", "  "):
        with pytest.raises(DecisionRefused, match=r"differs .* needs a reason"):
            play.sign("suitable_for_outreach", reason)
    with pytest.raises(DecisionRefused, match=r"compared, not typed.*differs.*agrees=no"):
        play.sign("suitable_for_outreach", "the margin was seen", agrees="yes")
    with pytest.raises(DecisionRefused, match=r"compared, not typed.*agrees with.*agrees=yes"):
        play.sign("needs_data", "the margin was not seen", agrees="no")
    assert play.events("clinician.review_signed") == []
    play.sign("suitable_for_outreach", "the margin was seen", agrees="no")
    assert play.events("clinician.review_signed")[0].payload["agrees_with_screen"] is False


@pytest.mark.parametrize(("stated", "category"),
                         [(URGENT, "urgent_review"), (STOPPED, "pathway_stopped")])  # fmt: skip
def test_no_hospital_is_asked_on_a_result_that_is_urgent_or_stops(
    play: Play, stated: dict[str, str], category: str
) -> None:
    to_clinician(play, stated)
    assert play.events("suitability.assessed")[0].payload["category"] == category
    with pytest.raises(DecisionRefused, match=r"cannot be asked.*urgent care near home"):
        play.sign("suitable_for_outreach", "board")
    with pytest.raises(DecisionRefused, match="Hospitals cannot be asked on this result"):
        play.sign("second_opinion", "board", outcome="suitable_for_outreach")
    assert play.case.state == "CLINICIAN_REVIEW" and play.events("clinician.review_signed") == []
    play.sign("second_opinion", "a colleague shall look", outcome="needs_data")
    with pytest.raises(DecisionRefused, match="Hospitals cannot be asked on this result"):
        sign_as("d2", play, "second_opinion", "suitable_for_outreach", "board")
    assert play.messages(to_role="hospital") == []
