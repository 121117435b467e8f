"""Scenarios 7, 8, 9 and 14: hospitals that ask, are silent, hold old findings, are taken away.

What later issues bring: an answer to a question leaves as soon as it is there, not with the last
one of its letter, and the family's letters come in Swahili (16); an absence note that names a day
moves the chase by itself, where today a person reads the note and names the day (13).
"""

import re
from pathlib import Path

from local.rehearsal.reports import ROSA
from tests.scenarios.at_desk import at_desk, opens_records
from tests.scenarios.house import House
from tests.scenarios.papers import paper
from tests.scenarios.people import Case, People
from tests.scenarios.stories import (
    BY_HAND,
    REPORT,
    Story,
    approved,
    asked,
    checked,
    consented,
    inquiry,
    to_clinician,
)

ECHO = paper(
    "Echocardiography Report", ROSA, [("Left ventricular ejection fraction", "62 %")],
    dates=(("Date of examination", "2026-12-20"),),
)  # fmt: skip
NODES = paper(
    "Cytology Report", ROSA,
    [("Right axillary lymph node, fine needle aspiration", "metastatic carcinoma"),
     ("Clinical nodal status", "cN1")],
    dates=(("Date collected", "2027-01-07"), ("Date reported", "2027-01-09")),
)  # fmt: skip


def threads(case: Case) -> dict[str, str]:
    return {one["hospital"]: one["state"] for one in case.shown["threads"]}


def test_7_more_information(house: House, people: People) -> None:
    story = inquiry(house, people, REPORT, ("echo.pdf", ECHO))
    consented(story)
    people.amina.checks(story.ref, typed=BY_HAND)
    checked(story, {})
    asked(story, "H02", "H05", technique="ioert")
    # H02 answers in a new thread and from another address, with our token.
    hospital = people.hospital("H02")
    hospital.box.write(
        "Dear colleagues,\n\nBefore we can decide we need slides and cardiac echo.\n\nThe office",
        subject="Your patient", to=hospital.letters(story.ref)[-1].reply_to,
        sender="tumourboard@kaveri-onco.example",
    )  # fmt: skip
    (received,) = story.case.events("hospital.reply_received")
    assert received["payload"]["matched_by"] == "token"
    (proposed,) = story.case.events("hospital.reply_proposed")
    assert proposed["payload"]["reply_class"] == "more_info"
    people.amina.does(story.ref, "confirm_reply", "more_info")
    assert story.case.state == "MORE_INFO"
    # Two items are made; the echo is answered from the file at once, slides go to the family.
    (requested,) = story.case.events("more_info.requested")
    assert requested["payload"]["items"] == ["slides", "cardiac_echo"]
    papers = {one["file_name"]: str(one["id"]) for one in story.case.shown["documents"]}
    people.amina.does(
        story.ref, "answer_more_info", "have", items="cardiac_echo", papers=papers["echo.pdf"]
    )
    people.amina.does(story.ref, "answer_more_info", "ask_family", items="slides")
    (letter,) = story.family.letters("The hospital asks for more")
    assert "glass slides" in letter.text and "echo" not in letter.text
    assert "By: 2027-01-16 (16 January 2027)" in letter.text
    assert "A hospital needs to know more" in story.family.reads()
    # H05's thread continues: it is chased as before, by its own working days.
    house.forward("3d")
    assert threads(story.case) == {"H02": "more_info", "H05": "sent"}
    people.amina.does(story.ref, "approve_message", "approve")
    assert len(people.hospital("H05").letters(story.ref)) == 2
    assert len(hospital.letters(story.ref)) == 1
    # After five days H02 is told, and the family is called.
    house.forward("3d")
    assert "call_for_items" in story.case.tasks()
    approved(story)
    told = hospital.letters(story.ref)[-1].text
    assert "slides" in told and "echo" in told
    # The family says on the telephone that there are none: the hospital is told that, too.
    people.amina.does(story.ref, "call_for_items", "called", "the laboratory kept none")
    people.amina.does(
        story.ref, "answer_more_info", "unavailable", "the laboratory kept none", items="slides"
    )
    approved(story)
    assert story.case.state == "OUTREACH"
    assert len(hospital.letters(story.ref)) == 3


def test_8_silent_hospital(house: House, people: People) -> None:
    story = to_clinician(house, people)
    asked(story, "H01")
    hospital = people.hospital("H01")
    hospital.answer(
        story.ref, "I am out of the office until 25 January 2027.",
        headers=(("Auto-Submitted", "auto-replied"),),
    )  # fmt: skip
    (robot,) = story.case.events("hospital.reply_classified")
    assert robot["payload"]["reply_class"] == "out_of_office"
    # No chase is written before the 25th: the note says until when they are away.
    (away,) = story.case.events("hospital.away")
    assert away["payload"]["back_on"] == "2027-01-25"
    house.forward("3d")
    for span in ("3d", "3d", "3d", "2d"):
        house.forward(span)
        assert len(hospital.letters(story.ref)) == 1 and story.case.tasks() == []
    # The patient hears every 72 hours all the same.
    heard = [one["occurred_at"][8:10] for one in story.case.events("message.sent")
             if one["payload"]["template"] == "M12"]  # fmt: skip
    assert heard == ["14", "17", "20", "23"]
    # The ladder: two chases, a call, silent; then the next hospitals are proposed.
    house.days(2)  # the 26th is a holiday where they work
    people.amina.does(story.ref, "approve_message", "approve")
    house.forward("3d")
    people.amina.does(story.ref, "approve_message", "approve")
    assert len(hospital.letters(story.ref)) == 3
    house.forward("3d")
    people.amina.does(story.ref, "chase_by_phone", "silent")
    assert threads(story.case) == {"H01": "silent"} and story.case.state == "SHORTLISTING"
    asked_next(story, "H02")
    assert len(people.hospital("H02").letters(story.ref)) == 1
    # Sara's question does not count the robot's answer.
    for row in house.told("ask", "hospital_answers"):
        assert (row["asked"], row["never_rate"], row["median_hours"]) == (1, 1.0, None)


def asked_next(story: Story, code: str) -> None:
    """The family allows another hospital, and it is asked."""
    story.family.says("give", "hospitals", hospital=[code])
    story.people.amina.does(story.ref, "approve_shortlist", "approve", hospitals=[code])
    story.people.amina.does(story.ref, "approve_message", "approve")


def test_9_data_changes_after_signing(house: House, people: People) -> None:
    story = to_clinician(house, people)
    amina, rao = people.amina, people.rao
    rao.signs(story.ref, "review_case", "suitable_for_outreach", "seen", technique="kv_iort")
    story.family.says("give", "hospitals", hospital=["H01", "H02"])
    amina.does(story.ref, "approve_shortlist", "approve", hospitals=["H01", "H02"])
    amina.does(story.ref, "approve_message", "approve")
    held = amina.task(story.ref, "approve_message")
    # A new report changes the nodal status: the signature is void, and new sends stop.
    story.family.uploads(("nodes.pdf", NODES))
    amina.checks(story.ref)
    amina.picks(story.ref, {"breast.cn": "cN1"})
    voided = story.case.events("clinician.review_voided")[0]["payload"]
    assert voided["reason"] == "new_data" and "breast.cn:changed" in voided["changed"]
    assert "approve_message" not in story.case.tasks()
    assert "void" in rao.reads(f"/tasks/{held}") or "cancelled" in rao.reads(f"/tasks/{held}")
    (review,) = rao.tasks(story.ref, "review_case")
    assert review["detail"] == "new_data"
    page = rao.reads(f"/cases/{story.ref}/suitability")
    assert "cN1" in page and "no clinician's signature stands" in page
    house.forward("3d")
    assert len(people.hospital("H01").letters(story.ref)) == 1
    assert people.hospital("H02").letters(story.ref) == []
    # Signed anew: who was asked already gets a correction, once it is approved.
    rao.signs(story.ref, "review_case", "suitable_for_outreach", "discussed", technique="kv_iort")
    before = len(people.hospital("H01").letters(story.ref))
    assert before == 1, "nothing leaves before a person has read it"
    approved(story)
    first, correction = people.hospital("H01").letters(story.ref)
    assert "cN0" in first.text
    assert "before cN0" in correction.text and "now cN1" in correction.text
    (enquiry,) = people.hospital("H02").letters(story.ref)
    assert "cN1" in enquiry.text


def test_14_withdrawal_of_one_scope(house: House, people: People, tmp_path: Path) -> None:
    story = to_clinician(house, people)
    asked(story, "H02", "H05", technique="ioert")
    other, desk = (at_desk(people, code, story.ref) for code in ("H02", "H05"))
    thread = next(one["id"] for one in story.case.shown["threads"] if one["hospital"] == "H05")
    document = story.case.shown["documents"][0]["id"]
    records = opens_records(people.amina, story.ref, thread, document)
    people.amina.does(story.ref, "approve_message", "approve")
    page = desk.opens()
    file = re.search(r"/portal/desk/\S+/records/\d+/file", page)
    assert file and ROSA.name.split()[-1] not in page
    assert desk.visitor.get(file[0]).content.startswith(b"%PDF")
    # "Do not share with H05 any more": its thread closes, it is asked to delete, others go on.
    story.family.says("hospital", "H05", back="share_deid")
    assert (desk.status(), desk.visitor.get(file[0]).status_code) == (404, 404), "in that moment"
    assert other.status() == 200
    people.amina.does(story.ref, "close_shared_thread", "done")
    assert "closed" in people.amina.reads(records)
    (revoked,) = story.case.events("package.revoked")
    assert revoked["payload"]["reason"] == "consent_withdrawn"
    assert threads(story.case) == {"H02": "sent", "H05": "closed"}
    people.amina.does(story.ref, "approve_message", "approve")
    last = people.hospital("H05").letters(story.ref)[-1]
    assert "delete" in last.text and "H02" not in last.text
    house.forward("3d")
    people.amina.does(story.ref, "approve_message", "approve")
    assert len(people.hospital("H02").letters(story.ref)) == 2, "chased as before"
    assert story.family.letters("Update"), "the family hears as before"
    # The deletion is asked for again until it is answered.
    people.hospital("H05").answer(story.ref, "We have deleted everything that we were sent.")
    people.amina.does(story.ref, "confirm_reply", "data_deletion_confirmed")
    # Later she withdraws everything.
    story.family.sends("/withdraw", {"sure": "yes"})
    assert story.case.state == "WITHDRAWAL_WRAPUP" and other.status() == 404
    assert "You have left the programme" in story.family.reads()
    told = len(people.hospital("H02").letters(story.ref))
    people.amina.does(story.ref, "approve_message", "approve")
    assert "delete" in people.hospital("H02").letters(story.ref)[told].text
    people.amina.does(story.ref, "finish_withdrawal", "completed", hospitals_notified="2")
    assert story.case.state == "CLOSED_WITHDRAWN"
    house.forward("10d")
    # Exports hold her only as an anonymous case that ended.
    house.iort("export", "--out", str(tmp_path / "all.csv"), "--pseudonymise")
    exported = (tmp_path / "all.csv").read_text()
    assert "case.closed" in exported and story.ref not in exported
    for personal in ("Exempla", "rosa", ROSA.birth_date.isoformat(), ROSA.record_number):
        assert personal not in exported
    assert house.told("ask", "messages_after_the_end") == []
    assert house.told("ask", "sent_without_consent") == []
