"""Scenarios 2 to 5: what was read, what is missing, what differs, and what a clinician signs."""

import re

from local.rehearsal.documents import wrong_patient
from local.rehearsal.reports import BREAST_FINAL_DIAGNOSIS, ROSA
from tests.scenarios.house import House
from tests.scenarios.papers import biopsy, final
from tests.scenarios.people import People
from tests.scenarios.stories import BY_HAND, REPORT, checked, consented, inquiry


def test_2_missing_data_is_not_negative(house: House, people: People) -> None:
    story = inquiry(house, people, ("biopsy.pdf", biopsy(without=("HER2 (IHC)",))))
    consented(story)
    checked(story)
    print(story.case.shown["suitability"])
    people.rao.signs(story.ref, "review_case", "needs_data", "HER2 first")
    print(story.case.state, story.case.tasks())
    house.days(1)
    for l in story.family.letters(): print("=====", l.subject, l.text)


def test_3_outside_criteria_is_not_a_rejection(house: House, people: People) -> None:
    lobular = biopsy(
        changed={"Histologic type": "Invasive lobular carcinoma"},
        diagnosis="Right breast, core biopsy: invasive lobular carcinoma, Nottingham grade 1.",
    )
    story = inquiry(house, people, ("biopsy.pdf", lobular))
    consented(story)
    checked(story, {**BY_HAND, "breast.cn": "cN1"})
    print(story.case.shown["suitability"], story.case.state, story.case.tasks())
    people.rao.signs(story.ref, "review_case", "not_suitable", "another way")
    print(story.case.state, story.case.tasks())
    people.amina.does(story.ref, "call_family", "called")
    print(story.case.state, story.case.tasks())
    people.amina.does(story.ref, "approve_message", "approve")
    for l in story.family.letters(): print("=====", l.subject, l.text)


def test_4_wrong_patient(house: House, people: People) -> None:
    story = inquiry(house, people, REPORT, ("other.pdf", wrong_patient()))
    print([(d["id"], d["state"], len(d["findings"])) for d in story.case.shown["documents"]])
    print(story.case.tasks(), story.case.state)


def test_5_conflicting_reports(house: House, people: People) -> None:
    grade2 = final(ROSA, "2026-12-28", "2027-01-05",
        changed={"Histologic grade (Nottingham)": "Grade 2"}, diagnosis=BREAST_FINAL_DIAGNOSIS.replace("grade 1", "grade 2"))
    story = inquiry(house, people, REPORT, ("final.pdf", grade2))
    consented(story)
    print(story.case.tasks(), story.case.state)
    people.amina.checks(story.ref, typed=BY_HAND)
    print(story.case.tasks(), story.case.state)
    people.amina.checks(story.ref)
    print(story.case.tasks(), story.case.state)
