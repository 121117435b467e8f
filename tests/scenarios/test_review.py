"""Scenarios 2 to 5: what was read, what is missing, what differs, and what a clinician signs."""

import re

from local.rehearsal.documents import wrong_patient
from local.rehearsal.reports import BREAST_FINAL_DIAGNOSIS, ROSA
from tests.scenarios.house import House
from tests.scenarios.papers import biopsy, final
from tests.scenarios.people import People
from tests.scenarios.stories import (
    BY_HAND,
    REPORT,
    by_partner,
    checked,
    consented,
    inquiry,
    nobody_asked,
)

FORBIDDEN = re.compile(r"\b(?:in)?eligib\w*|\breject\w*|\bapproved\b|\bsafe\b|\bcure[ds]?\b", re.I)
"""What no text to a family says."""


def test_2_missing_data_is_not_negative(house: House, people: People) -> None:
    story = inquiry(house, people, ("biopsy.pdf", biopsy(without=("HER2 (IHC)",))))
    consented(story)
    checked(story)
    # HER2 is unknown: the screen cannot tell, and names it among what is missing.
    result = story.case.shown["suitability"]
    assert result["category"] == "needs_information"
    (her2,) = [one for one in result["missing"] if one["field"] == "breast.her2"]
    assert "HER2" in her2["ask"] and "2+" in her2["ask"]
    findings = [
        one["field"] for paper in story.case.shown["documents"] for one in paper["findings"]
    ]
    assert "breast.her2" not in findings and "breast.er" in findings
    # M05 names HER2 and how to get it.
    people.rao.signs(story.ref, "review_case", "needs_data", "HER2 first", items=["receptors"])
    house.days(1)
    assert story.case.state == "COLLECTING_RECORDS"
    asked = story.family.letters("1 document still missing")[-1].text
    assert "HER2" in asked and "Ask the laboratory" in asked and "ISH or FISH" in asked
    assert "mammogram" not in asked, "what was not asked for is not asked for"
    # No hospital mail exists.
    nobody_asked(story)


def test_3_outside_criteria_is_not_a_rejection(house: House, people: People) -> None:
    lobular = biopsy(
        changed={"Histologic type": "Invasive lobular carcinoma"},
        diagnosis="Right breast, core biopsy: invasive lobular carcinoma, Nottingham grade 1.",
    )
    story = inquiry(house, people, ("biopsy.pdf", lobular))
    consented(story)
    checked(story, {**BY_HAND, "breast.cn": "cN1"})
    # The screen says outside; the case goes to Dr Rao all the same, and nobody is told anything.
    assert story.case.shown["suitability"]["category"] == "outside_published_criteria"
    assert story.case.state == "CLINICIAN_REVIEW" and story.case.tasks() == ["review_case"]
    people.rao.signs(story.ref, "review_case", "not_suitable", "lobular, node-positive")
    assert story.case.state == "ALTERNATIVES"
    # M08 cannot be sent until a call is logged.
    assert sorted(story.case.tasks()) == ["call_family", "record_alternative"]
    house.forward("2d")
    assert (
        story.family.letters("Your options") == [] and "approve_message" not in story.case.tasks()
    )
    people.amina.does(story.ref, "call_family", "not_reached", "no answer")
    assert "approve_message" not in story.case.tasks()
    people.amina.does(story.ref, "call_family", "called")
    people.amina.does(story.ref, "approve_message", "approve")
    house.days(1)
    (options,) = story.family.letters("Your options")
    assert "external radiotherapy" in options.text
    # No text contains a forbidden word.
    texts = [one.text for one in story.family.letters()] + [story.family.reads()]
    assert [found for text in texts for found in FORBIDDEN.findall(text)] == []
    nobody_asked(story)


def test_4_wrong_patient(house: House, people: People) -> None:
    story = by_partner(house, people, REPORT, ("other.pdf", wrong_patient()))
    ours, other = story.case.shown["documents"]
    # Quarantined, none of its values proposed, the task of an incident; the other file goes on.
    assert (other["state"], other["findings"]) == ("quarantined", [])
    assert ours["state"] == "proposed" and len(ours["findings"]) > 15
    proposed = {
        one["objects"]["document_id"] for one in story.case.events("extraction.field_proposed")
    }
    assert proposed == {ours["id"]}
    page = people.amina.reads(f"/tasks/{people.amina.task(story.ref, 'settle_wrong_patient')}")
    assert "A document may belong to another person" in page and "Otherwise" not in page
    consented(story)
    people.amina.checks(story.ref, typed=BY_HAND)
    assert "settle_wrong_patient" in story.case.tasks(), "it waits for its own answer"
    people.amina.does(story.ref, "settle_wrong_patient", "other_patient", "another birth date")
    assert story.case.shown["documents"][1]["findings"] == []
    checked_fields = {one["field"] for one in story.case.shown["documents"][0]["findings"]}
    assert "breast.er" in checked_fields


def test_5_conflicting_reports(house: House, people: People) -> None:
    second = final(
        ROSA, "2026-12-28", "2027-01-05",
        changed={"Histologic grade (Nottingham)": "Grade 2", "Tumor size": "12 mm"},
        diagnosis=BREAST_FINAL_DIAGNOSIS.replace("grade 1", "grade 2").replace("13 mm", "12 mm"),
    )  # fmt: skip
    story = inquiry(house, people, REPORT, ("final.pdf", second))
    consented(story)
    people.amina.checks(story.ref, typed=BY_HAND)
    people.amina.checks(story.ref)
    people.amina.does(story.ref, "settle_completeness", "waive", "imaging is on its way")
    people.rao.does(story.ref, "countersign_waiver", "agree", "not needed yet")
    # Both are shown, neither is silently chosen, and the review waits.
    assert story.case.state == "EXTRACTION_REVIEW" and story.case.shown["suitability"] is None
    page = people.amina.reads(f"/tasks/{people.amina.task(story.ref, 'settle_differences')}")
    assert "Nottingham grade 2" in page and "Nottingham grade 1" in page
    assert "neither the newest nor the final report wins by itself" in page
    grades = [(one["value"], one["state"]) for paper in story.case.shown["documents"]
              for one in paper["findings"] if one["field"] == "breast.grade"]  # fmt: skip
    assert grades == [(1, "confirmed"), (2, "confirmed")]
    house.forward("2d")
    assert story.case.state == "EXTRACTION_REVIEW", "time picks nothing"
    # Until a person picks, with a reason.
    told = people.amina.picks(story.ref, {"breast.grade": "2"}, why="", refused=True)
    assert "reason" in told.lower()
    people.amina.picks(story.ref, {"breast.grade": "2"})
    assert story.case.state == "CLINICIAN_REVIEW"
    page = people.rao.reads(f"/cases/{story.ref}/suitability")
    assert "grade 2" in page
