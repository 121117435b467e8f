"""Paper and letter of three cases, as they come out of the product's own door."""

import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from local.rehearsal.people import SIGNER
from models import FindingRecord
from tests.suitability.cases import library
from tests.workflows.playing import Play
from tests.workflows.screening.test_report_pdf import pages_of, words
from tests.workflows.screening.three_cases import PERSONS, bring
from tests.workflows.test_chain import play
from workflows.decisions import DecisionRefused
from workflows.events import Actor
from workflows.findings.reopened import settle_again
from workflows.screening.report_pdf import case_report_pdf

__all__ = ["play"]

LINES = {
    "breast": "breast; age 62 years; sex female; side left; type invasive carcinoma of no special",
    "pancreas": "pancreas; age 59 years; sex male; type adenocarcinoma; size 32 mm",
    "pelvic_recurrence": "pelvic recurrence; age 61 years; sex female; type adenocarcinoma",
}


@pytest.mark.parametrize("site", sorted(LINES))
def test_page_one_is_enough_and_the_letter_says_what_the_papers_say(play: Play, site: str) -> None:
    bring(play, site)
    play.sign("suitable_for_outreach")
    paper = case_report_pdf(play.world, play.case.ref)
    pages = pages_of(paper.content)
    first = " ".join(pages[0].get_textpage().get_text_range().split())
    assert LINES[site] in first
    assert "Matches the published profiles as far as known" in first and "Because:" in first
    assert all(said in first for said in SIGNER.values()) and "Agrees with the pre-screen." in first
    assert len(pages) <= 6
    fields = library().vocabulary.fields.values()
    known = {code: said for field in fields for code, said in field.value_words.items()}
    bare = {code.replace("_", " ") for code in known if "_" in code} - set(known.values())
    said = words(paper.content)
    assert not [code for code in bare if code in said]
    (letter,) = play.messages(template="M07")
    assert (
        "Your laboratory report of the biopsy of 2026-11-02 (2 November 2026) says:" in letter.body
    )
    assert SIGNER["signer_name"] in letter.body
    assert not re.search(r"\bmust\b|\bshould\b|\bwom[ae]n\b|pregnan", letter.body)
    assert ("It costs this" in letter.body) is (site == "breast")
    searching = play.case.state == "SHORTLISTING"
    assert ("we look for hospitals" in letter.body) is searching


@pytest.mark.parametrize(
    ("changed", "differs", "innocent"),
    [
        ("rt__prior_same_region", "radiation was given", "no earlier cancer"),
        ("breast__prior_ipsilateral", "earlier cancer in this breast", "no radiation was"),
        ("patient__pregnant", "preg", "sex: female"),
    ],
)
def test_what_differs_is_what_makes_a_rule_fail_and_not_its_other_half(
    play: Play, changed: str, differs: str, innocent: str
) -> None:
    changes: dict[str, Any] = {changed: True}
    bring(play, "breast", **changes)
    play.sign("not_suitable")
    play.answer("call_family", "called")
    letter = play.messages(template="M08")[0].body
    told = letter.partition("something else")[2].partition("did not recommend")[0]
    assert differs in told and innocent not in told, told
    assert "external radiotherapy:" not in letter and "a second opinion:" in letter
    assert ("IORT may offer" in letter) is (changed != "patient__pregnant")


def test_a_letter_about_a_result_that_is_signed_no_more_does_not_leave(play: Play) -> None:
    bring(play, "breast", breast__cn="cN2")
    play.sign("suitable_for_outreach")
    play.answer("call_family", "called")
    assert play.messages(template="M07a", state="draft")
    with Session(play.world.engine) as session:
        (cn,) = session.scalars(
            select(col(FindingRecord.id)).where(
                col(FindingRecord.field) == "breast.cn", col(FindingRecord.state) == "corrected"
            )
        )
    settle_again(
        play.world, cn or 0, what="reject", actor=Actor("clinician", "c2"), reason="other_person"
    )
    play.run()
    with pytest.raises(DecisionRefused, match="not signed any more"):
        play.answer("approve_message", "approve")
    assert play.messages(template="M07a", state="sent") == []


def test_a_man_with_breast_cancer_is_called_and_reads_nothing_about_women(play: Play) -> None:
    """The trials took women: that differs, so it is told by telephone before it is written."""
    bring(play, "breast", person=replace(PERSONS["breast"], name="Karl Muster", sex="male"))
    play.sign("not_suitable")
    assert play.messages(template="M07") == []
    play.answer("call_family", "called")
    (letter,) = play.messages(template="M08")
    assert "- sex: male" in letter.body and "did not recommend IORT" in letter.body
    assert not re.search(r"\bwom[ae]n\b|pregnan", letter.body)
    assert "It costs this" in letter.body and "No man took part in either trial" in letter.body


def corrected(play: Play, field: str, value: str) -> None:
    """A clinician settles a value anew that a person had typed."""
    with Session(play.world.engine) as session:
        (number,) = session.scalars(
            select(col(FindingRecord.id)).where(
                col(FindingRecord.field) == field,
                col(FindingRecord.state).in_(("confirmed", "corrected")),
            )
        )
    who = Actor("clinician", "c2")
    settle_again(play.world, number or 0, what="correct", value=value, actor=who, reason="misread")
    play.run()


def test_a_call_about_what_was_corrected_before_it_is_called_off(play: Play) -> None:
    bring(play, "breast", breast__cn="cN2")
    play.sign("suitable_for_outreach")

    def calls() -> list[str | None]:
        return [task.detail for task in play.tasks() if task.kind == "call_family"]

    assert calls() == ["points_differ"]
    corrected(play, "breast.cn", "cN0")
    assert calls() == [] and play.messages(template="M07") == []
    play.sign("suitable_for_outreach")
    assert calls() == []
    (letter,) = play.messages(template="M07")
    assert "cN0" in letter.body and "cN2" not in letter.body
    corrected(play, "breast.size_mm", "14")
    play.sign("suitable_for_outreach")
    assert len(play.messages(template="M07")) == 1 and calls() == []


def test_a_call_about_what_still_differs_is_asked_anew_once(play: Play) -> None:
    bring(play, "breast", breast__cn="cN2", breast__size_mm=32)
    play.sign("suitable_for_outreach")
    corrected(play, "breast.size_mm", "14")
    assert not [task for task in play.tasks() if task.kind == "call_family"]
    play.sign("suitable_for_outreach")
    (call,) = [task for task in play.tasks() if task.kind == "call_family"]
    assert call.detail == "points_differ"
    play.answer("call_family", "called")
    (letter,) = play.messages(template="M07a")
    assert "(cN2)" in letter.body and "32 mm" not in letter.body
