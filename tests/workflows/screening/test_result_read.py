"""A signature is given on the result that was read, also where nobody says which one that was."""

import pytest
from sqlmodel import Session

from models.base import require_id
from tests.workflows.acts import to_clinician, to_surgery
from tests.workflows.findings.test_reopened import CLINICIAN, size_of
from tests.workflows.playing import Play
from tests.workflows.test_chain import final_pathology, play
from workflows.decisions import DecisionRefused, NotStated
from workflows.findings.reopened import settle_again
from workflows.screening.assessments import latest_assessment
from workflows.screening.signatures import unsigned_results

__all__ = ["play"]


def weigh_anew(play: Play, value: str) -> int:
    """Correct the size: the result that waits is followed by another; return its number."""
    settle_again(
        play.world, require_id(size_of(play.world).id), what="correct", value=value,
        actor=CLINICIAN, reason="misread",
    )  # fmt: skip
    play.run()
    return newest(play)


def newest(play: Play, phase: str = "preop") -> int:
    with Session(play.world.engine) as session:
        found = latest_assessment(session, play.case_id, phase)
        assert found is not None
        return require_id(found.id)


def unsaid(play: Play, kind: str = "review_case") -> dict[str, str]:
    """What the command line states without `--set result=N`."""
    return {name: text for name, text in play.signing(kind).items() if name != "result"}


def test_the_only_result_that_waits_is_signed_without_its_number(play: Play) -> None:
    to_clinician(play)
    play.answer("review_case", "needs_data", **unsaid(play))
    assert len(play.events("clinician.review_signed")) == 1


def test_a_result_that_appeared_since_asks_which_one_was_read(play: Play) -> None:
    to_clinician(play)
    old = newest(play)
    given = unsaid(play)
    new = weigh_anew(play, "33")
    with pytest.raises(NotStated, match=f"results {old}, {new} are not signed") as refused:
        play.answer("review_case", "needs_data", **given)
    assert refused.value.option == f"--set result={new}"
    with pytest.raises(DecisionRefused, match="weighed anew since"):
        play.answer("review_case", "needs_data", **given, result=str(old))
    assert play.events("clinician.review_signed") == []
    play.answer("review_case", "needs_data", **unsaid(play), result=str(new))
    (event,) = play.events("clinician.review_signed")
    assert event.payload["assessment_id"] == new


def test_a_value_that_nobody_can_see_is_not_a_value_left_out(play: Play) -> None:
    to_clinician(play)
    for unseen in ("\u200b", " \u2060 ", "\ufeff", "\u2800", "\u3164"):
        for name in ("result", "seen", "technique", "agrees"):
            with pytest.raises(NotStated, match="only signs that cannot be seen"):
                play.answer("review_case", "needs_data", **{**unsaid(play), name: unseen})
    assert play.events("clinician.review_signed") == []


def test_a_signature_settles_the_results_before_it_also_when_it_is_void_by_now(play: Play) -> None:
    to_clinician(play)
    play.sign("needs_data")
    new = weigh_anew(play, "33")
    with Session(play.world.engine) as session:
        assert unsigned_results(session, play.case_id, "preop") == [new]
        assert unsigned_results(session, play.case_id, "postop") == []


def test_a_second_opinion_on_the_same_result_needs_no_number(play: Play) -> None:
    to_clinician(play)
    given = {**play.signing(), "outcome": "needs_data"}
    play.answer("review_case", "second_opinion", "a second look", **given)
    with Session(play.world.engine) as session:
        assert unsigned_results(session, play.case_id, "preop") == []


def test_after_surgery_a_later_report_asks_which_result_was_read(play: Play) -> None:
    to_surgery(play)
    final_pathology(play)
    given, first = unsaid(play, "recheck_pathology"), newest(play, "postop")
    with Session(play.world.engine) as session:
        old = latest_assessment(session, play.case_id, "postop")
        assert old is not None
        session.add(type(old)(**old.model_dump(exclude={"id", "created_at"})))
        session.commit()
    with pytest.raises(NotStated, match=f"results {first}, {first + 1} are not signed"):
        play.answer("recheck_pathology", "systemic_review", "read", **given)
