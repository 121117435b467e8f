"""The sex of the patient's record is weighed; a man is asked nothing that does not fit him."""

from sqlmodel import Session

from tests.workflows.acts import to_clinician
from tests.workflows.playing import Play
from tests.workflows.test_chain import play
from workflows.engine.lookup import patient_of
from workflows.letters.patient_points import open_questions
from workflows.screening.assessments import assess

__all__ = ["play"]
# sex, is pregnancy asked, is the case outside the profiles of the trials
CASES = [
    ("female", True, False),
    ("male", False, True),
    ("other", True, False),
    (None, True, False),
]


def test_the_sex_of_the_record_is_weighed(play: Play) -> None:
    to_clinician(play)
    for sex, asked, outside in CASES:
        with Session(play.world.engine) as session:
            patient = patient_of(session, play.case_id)
            patient.sex = sex
            session.add(patient)
            made, _ = assess(session, play.world, play.case, "preop", play.clock.now())
            judged, letter = made.result["criteria"], " ".join(open_questions(made))
            missing = {item["field"] for item in made.result["missing"]}
            assert made.result["cautions"] == []
            assert set(made.result["evidence"].values()) <= {"randomised_trial"}
        assert (judged["TA-18"] == "not_met") is outside, sex
        assert (judged["CC-06"] == "not_applicable") is not asked, sex
        assert ("patient.pregnant" in missing) is asked, sex
        assert asked or "pregnan" not in letter


def test_a_value_that_is_no_sex_is_not_weighed(play: Play) -> None:
    to_clinician(play)
    with Session(play.world.engine) as session:
        patient = patient_of(session, play.case_id)
        patient.sex = "unknown"
        session.add(patient)
        made, _ = assess(session, play.world, play.case, "preop", play.clock.now())
        assert "patient.sex" not in made.findings["observations"]
        assert made.result["criteria"]["TA-18"] == ["unknown", "missing"]
