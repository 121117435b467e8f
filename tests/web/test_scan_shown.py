"""Whether a file was scanned for viruses stands beside it, for staff and for the patient."""

from collections.abc import Callable

import pytest
from sqlmodel import Session

from local.rehearsal.documents import breast_synoptic, wrong_patient
from local.rehearsal.reports import ROSA
from models import Case, Document
from models.database import transaction
from tests.web.parts import Visitor, own_path
from tests.workflows.playing import Play
from workflows.cases.reported_facts import report_fact
from workflows.documents.keeping import KEPT_LOCKED
from workflows.events import Actor

Visit = Callable[..., Visitor]


@pytest.mark.parametrize(
    ("scan", "staff", "patient"),
    [
        ("not_scanned", "not scanned for viruses", "not checked for viruses"),
        ("too_large", "too large for the virus scan", "too large to be checked for viruses"),
        ("clean", "virus scan: clean, ", "checked for viruses on "),
        ("found", "virus scan: found something, ", "our virus check found something in it"),
    ],
)
def test_staff_and_patient_see_what_the_scan_said(
    visit: Visit, play: Play, scan: str, staff: str, patient: str
) -> None:
    play.open(breast_synoptic(ROSA))
    play.run()
    with transaction(play.world.engine) as session:
        row = session.get_one(Document, 1)
        assert row.scan == "not_scanned", "no scanner is set here, and that is what is said"
        row.scan = scan
        row.scanned_at = play.clock.now() if scan in ("clean", "found") else None
    console = visit("coordinator")
    for page in (f"/cases/{play.case.ref}/documents", "/documents/1"):
        assert staff in " ".join(console.get(page).text.split()), page
    assert patient in " ".join(visit(None).get(own_path(play)).text.split())


def test_what_is_kept_locked_as_another_persons_opens_for_nobody(visit: Visit, play: Play) -> None:
    play.open(wrong_patient())
    play.run()
    console = visit("coordinator")
    for page in ("original", "pages/1.png"):
        assert console.get(f"/documents/1/{page}").status_code == 200, "to be decided"
    play.answer("settle_wrong_patient", "other_patient")
    with Session(play.world.engine) as session:
        assert session.get_one(Document, 1).notes[KEPT_LOCKED] is True
    for role in ("coordinator", "clinician", "lead"):
        for page in ("original", "pages/1.png"):
            answer = visit(role).get(f"/documents/1/{page}")
            assert answer.status_code == 404, (role, page)
    assert "invasive" not in console.get("/documents/1").text.lower(), "nor are its words shown"


def test_a_mistaken_keep_it_locked_is_asked_about_once_more(visit: Visit, play: Play) -> None:
    play.open(wrong_patient())
    play.run()
    play.add(wrong_patient())
    play.run()
    play.answer("settle_wrong_patient", "other_patient")
    console, page = visit("coordinator"), f"/cases/{play.case.ref}/documents"
    assert "Ask once more whose it is" in console.get(page).text
    assert visit("analyst").send("/documents/1/whose", {}, "/account").status_code == 403
    for number in (2, 1, 1):  # from its second copy, and twice
        assert console.send(f"/documents/{number}/whose", {}, page).status_code == 303
    play.run()
    asked = [one for one in play.tasks() if one.kind == "settle_wrong_patient"]
    assert [one.objects["document_id"] for one in asked] == [1]
    assert "Ask once more whose it is" not in console.get(page).text
    assert console.get("/documents/1/original").status_code == 200, "who decides has to see it"
    play.answer("settle_wrong_patient", "belongs_here", "a sister wrote the name")
    with Session(play.world.engine) as session:
        assert session.get_one(Document, 1).identity_result == "released"
        assert not session.get_one(Document, 2).notes.get(KEPT_LOCKED)


def test_a_question_that_ended_unanswered_leaves_it_locked_and_may_be_asked_again(
    visit: Visit, play: Play
) -> None:
    play.open(wrong_patient())
    play.run()
    play.answer("settle_wrong_patient", "other_patient")
    console, page, lead = (
        visit("coordinator"),
        f"/cases/{play.case.ref}/documents",
        Actor("lead", "l2"),
    )
    assert console.send("/documents/1/whose", {}, page).status_code == 303
    report_fact(play.world, play.case.ref, "patient.stopped", lead)
    play.run()
    assert console.get("/documents/1/original").status_code == 404
    report_fact(play.world, play.case.ref, "case.reopened", lead, {"reason": "patient_asked"})
    play.run()
    assert console.get("/documents/1/original").status_code == 404
    assert console.send("/documents/1/whose", {}, page).status_code == 303
    play.run()
    assert "settle_wrong_patient" in [one.kind for one in play.tasks()]
    assert console.get("/documents/1/original").status_code == 200


def test_what_is_not_kept_locked_or_stands_in_a_closed_case_is_not_asked_about(
    visit: Visit, play: Play
) -> None:
    play.open(wrong_patient())
    play.run()
    console, page = visit("coordinator"), f"/cases/{play.case.ref}/documents"
    before = len(play.tasks())
    assert console.send("/documents/1/whose", {}, page).status_code == 303
    play.run()
    assert len(play.tasks()) == before
    play.answer("settle_wrong_patient", "other_patient")
    with transaction(play.world.engine) as session:
        session.get_one(Case, play.case_id).closed_at = play.clock.now()
    refused = console.send("/documents/1/whose", {}, page)
    assert refused.status_code == 422 and "reopen it first" in refused.text
