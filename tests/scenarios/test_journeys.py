"""Scenarios 1 and 10 to 13: an offer accepted, the journey, the final pathology, the return.

What later issues bring: letters in Chinese with English below (16); a page for the person on call
at a death, tasks of its own for embassy, papers, bookings and refund, the dose record for the
department at home, the room that is kept for a longer stay, reminders of the follow-up while
abroad, surveys and invoices (17); timelines in OCEL (19).

Where two deadlines differ, the shorter counts: the text gives Dr Rao 24 working hours for a final
pathology, the table 24 hours of the clock.
"""

import hashlib
import io
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyzipper

from local.rehearsal.reports import BREAST_BIOPSY_MARKERS, BREAST_FINAL_DIAGNOSIS, ROSA, TOMAS
from settings import PROJECT_ROOT
from tests.adapters.reader import files
from tests.scenarios.at_desk import opens_records, reads_password, sends_archive
from tests.scenarios.house import House
from tests.scenarios.journeys import (
    ADMISSION,
    OPERATION,
    accepts,
    admission_agreed,
    certificate,
    happens,
    offers,
    to_offer,
    to_operation,
    until,
)
from tests.scenarios.papers import biopsy, final, paper
from tests.scenarios.people import People
from tests.scenarios.stories import (
    BY_HAND,
    PANCREAS,
    RECTUM,
    Story,
    approved,
    asked,
    consented,
    inquiry,
    to_clinician,
)

HEIC = (PROJECT_ROOT / "tests" / "scenarios" / "data" / "ihc.heic").read_bytes()
"""A photograph of the laboratory's page with the receptors, as a telephone takes it."""
MARKERS = tuple(name for name, *_ in BREAST_BIOPSY_MARKERS)
TEXT = biopsy(without=MARKERS)
"""The report with a text layer, without the receptors."""
DISC = files.zipped(
    {
        f"IM{number}": files.dicom(
            "MG", "1.2.1", "1.2.1.1", image=f"1.2.1.1.{number}", patient="Exempla^Rosa",
            born="19630517", sex="F",
        )
        for number in (1, 2)
    }
)  # fmt: skip


def items(story: Story) -> dict[str, dict[str, Any]]:
    return {one["code"]: one for one in story.case.shown["journey"]}


def test_1_happy_path(house: House, people: People, tmp_path: Path) -> None:
    sent = [("biopsy.pdf", TEXT), ("ihc.heic", HEIC), ("mammogram.zip", DISC)]
    story = inquiry(house, people, *sent)
    house.forward("15m")
    # Within a quarter of an hour: stored once with its hash, classified, quoted with its page.
    stored = story.case.shown["documents"]
    assert [one["label"] for one in stored] == [
        "pathology_biopsy", "ihc_biomarker", "dicom_study"
    ]  # fmt: skip
    for one, (_, content) in zip(stored, sent, strict=True):
        assert one["sha256"] == hashlib.sha256(content).hexdigest()
        assert one["state"] == "proposed"
    for one in stored[:2]:
        read = {found["field"]: found for found in one["findings"]}
        assert all(found["page"] == 1 and found["quote"] for found in read.values())
        assert ("breast.er" in read) == ("breast.her2" in read) == (one is stored[1])
        assert ("breast.grade" in read) == (one is stored[0])
    assert read["breast.er"]["quote"].startswith("Estrogen receptor (ER): Positive")
    story.family.uploads(sent[1])
    again = story.case.shown["documents"][3:]
    assert [(one["state"], one["findings"]) for one in again] == [("duplicate", [])]
    # Amina confirms, and the screen traces every criterion.
    consented(story)
    people.amina.checks(story.ref, typed=BY_HAND)
    people.amina.checks(story.ref)
    people.amina.does(story.ref, "settle_completeness", "waive", "a first answer needs no more")
    people.rao.does(story.ref, "countersign_waiver", "agree", "not needed yet")
    assert story.case.shown["suitability"]["category"] == "consistent_fit"
    page = people.rao.reads(f"/cases/{story.ref}/suitability")
    assert "Criteria all" in page and "Histologic type Invasive carcinoma" in page
    # Dr Rao signs; two hospitals with low-energy units get exactly one mail each.
    asked(story, "H01", "H02")
    for code in ("H01", "H02"):
        (enquiry,) = people.hospital(code).letters(story.ref)
        assert "low-energy X-ray" in enquiry.text and "Exempla" not in enquiry.text
    # An offer is recorded and accepted; the checklist is dated.
    offers(story, "H01")
    approved(story)
    assert story.family.letters("USD 7,800")
    accepts(story)
    admission_agreed(story)
    (generated,) = story.case.events("checklist.generated")
    assert generated["payload"]["items"] == 44
    # The journey, the operation, a final pathology without surprise, the flight home.
    to_operation(story)
    until(story, OPERATION + timedelta(days=4))
    happens(story, "discharged", discharge_date=house.now.date().isoformat())
    until(story, OPERATION + timedelta(days=8))
    report = final(ROSA, OPERATION.isoformat(), house.now.date().isoformat())
    pathology_arrives(story, report, **{"breast.microscopic_multifocal": "false"})
    people.rao.signs(story.ref, "recheck_pathology", "no_change", "clear")
    assert people.amina.settles(story.ref, "flight home") == ["F06"]
    flight = (OPERATION + timedelta(days=10)).isoformat()
    happens(story, "cleared", flight_date=flight, certificate_document=certificate(story))
    house.forward("2d")
    happens(story, "home", date=flight)
    assert story.case.state == "FOLLOW_UP"
    # Follow-up asks, the family answers with one tap, and the programme is completed.
    house.forward("14d")
    story.family.follows_link()
    story.family.says("answer", "none_of_these")
    (answered,) = story.case.events("reminder.answered")
    assert answered["payload"]["answer_code"] == "none_of_these"
    house.forward("30d")
    happens(story, "completed")
    assert story.case.state == "CLOSED_COMPLETED"
    assert story.family.letters("Programme finished")
    # The timeline exports and loads.
    house.iort("export", "--out", str(tmp_path / "all.xes"), "--format", "xes")
    tree = ElementTree.parse(tmp_path / "all.xes")
    events = [one for one in tree.iter() if one.tag.endswith("event")]
    assert len(events) == len(story.case.events())


def pathology_arrives(story: Story, report: bytes, **typed: str) -> None:
    """The hospital sends the final report; Amina confirms its values."""
    hospital, amina = story.people.hospital("H01"), story.people.amina
    hospital.answer(story.ref, "The final report is attached.", files=[("final.pdf", report)])
    while "confirm_reply" in story.case.tasks():
        amina.does(story.ref, "confirm_reply", "other")
    while "review_findings" in story.case.tasks():
        last = len(amina.tasks(story.ref, "review_findings")) == 1
        amina.checks(story.ref, typed=typed if last else None)


def test_10_visa_maths(house: House, people: People) -> None:
    story = to_offer(house, people, "H01")
    accepts(story)
    # Sixty days after the entry, and 25 fractions there.
    admission_agreed(story, supplementary_at="here", fractions="25", allowed_days="60")
    checked = story.case.events("stay.checked")[-1]["payload"]
    assert (checked["plan_days"], checked["contingency_days"]) == (17, 65)
    assert checked["stay_covers_plan"] is False
    assert checked["proposals"] == ["extension", "ebrt_at_home"]
    assert items(story)["I11"]["state"] == "pending"
    page = people.amina.reads(f"/cases/{story.ref}/journey")
    assert "(day 17)" in page and "(day 65)" in page
    # The admission moves by twelve days: what is done stays, every other item moves.
    tick(story, "T01")
    before = items(story)
    moved = (ADMISSION + timedelta(days=12)).isoformat()
    happens(story, "date_changed", admission_date=moved, by="hospital")
    after = items(story)
    assert after["T01"] == before["T01"] and before["T01"]["state"] == "done"
    for code, item in before.items():
        if code != "T01" and item["due"]:
            later = date.fromisoformat(item["due"]) + timedelta(days=12)
            assert after[code]["due"] == later.isoformat(), code
    (again,) = story.case.events("checklist.recalculated")
    assert again["payload"]["reason"] == "admission_date"
    late = [one for one in after.values() if one["state"] == "pending" and one["due"]]
    now = house.now.date().isoformat()
    assert again["payload"]["items_now_late"] == sum(one["due"] < now for one in late)
    # Reminders run once for each item that is open.
    waits = [one for one in story.case.shown["waits"] if one["step"] == "travel.check_item"]
    assert len(waits) == len([one for one in late if one["due"] >= now])
    # Go/no-go stays closed until one way is chosen.
    people.amina.does(
        story.ref, "confirm_admission", "confirmed", admission_date=moved, needs_visa="yes",
        supplementary_at="here", fractions="25", allowed_days="60",
    )  # fmt: skip
    happens(story, "letter_verified")
    refused = happens(story, "granted", valid_until="2027-09-01", allowed_days="60", refused=True)
    assert "days short" in refused and story.case.state == "VISA"
    happens(story, "granted", valid_until="2027-09-01", allowed_days="60", stay_choice="extension")
    assert story.case.state == "TRAVEL_PREP"


def tick(story: Story, code: str) -> None:
    """Amina ticks one item on the journey's page."""
    path = f"/cases/{story.ref}/journey"
    page = story.people.amina.reads(path, html=True)
    number = re.findall(rf'<tr id="item-(\d+)".*?<small>{code}[,<]', page, re.DOTALL)[-1]
    story.people.amina.presses(path, "answer", "done", action=f"{path}/{number}")


def test_11_china_letter(house: House, people: People) -> None:
    story = to_clinician(house, people, plot=RECTUM)
    asked(story, "H03")
    hospital = people.hospital("H03")
    thread = story.case.shown["threads"][0]["id"]
    document = story.case.shown["documents"][0]["id"]
    records = opens_records(people.amina, story.ref, thread, document)
    people.amina.does(story.ref, "approve_message", "approve")
    told = len(hospital.letters(story.ref))
    # The link does not open for Liu Min: a person reads that, and nothing leaves by itself.
    hospital.answer(story.ref, "LINK")
    assert story.case.tasks() == ["confirm_reply"] and len(hospital.letters(story.ref)) == told
    people.amina.does(story.ref, "confirm_reply", "other")
    # The papers leave as an encrypted archive; the password is read out and in no letter.
    sends_archive(people.amina, story.ref, records)
    archive, password = hospital.letters(story.ref)[-1], reads_password(people.amina, records)
    assert all(password not in one.text for one in hospital.letters(story.ref))
    with pyzipper.AESZipFile(io.BytesIO(archive.attached[0])) as opened:
        opened.setpassword(password.encode())
        assert all(opened.read(name).startswith(b"%PDF") for name in opened.namelist())
    offers(story, "H03")
    approved(story)
    assert '<html lang="ru"' in story.family.visitor.get(story.family.page).text
    accepts(story)
    admission_agreed(story)
    # The invitation comes with one wrong digit of the passport: Amina holds it against the
    # passport; what is wrong is named, and VISA does not open.
    letter = paper("Invitation letter", TOMAS, [("Passport No.", "N 1234568")])
    hospital.answer(story.ref, "The letter is attached.", files=[("invitation.pdf", letter)])
    assert story.case.shown["documents"][-1]["file_name"] == "invitation.pdf"
    refused = happens(story, "letter_defective", defects="the passport", refused=True)
    assert "passport_no" in refused
    happens(story, "letter_defective", defects="passport_no")
    (defect,) = story.case.events("invitation.defect_found")
    assert defect["payload"]["defects"] == ["passport_no"]
    assert story.case.state == "INVITATION_LETTER"
    page = people.amina.reads(f"/tasks/{people.amina.task(story.ref, 'report_progress')}")
    assert "All travellers have their visas" not in page
    # The corrected letter opens it.
    happens(story, "letter_verified")
    assert story.case.state == "VISA"


def test_12_final_pathology_asks_for_more(house: House, people: People) -> None:
    story = to_offer(house, people, "H01")
    accepts(story)
    admission_agreed(story)
    to_operation(story, visa_until="2027-05-01")
    until(story, OPERATION + timedelta(days=4))
    happens(story, "discharged", discharge_date=house.now.date().isoformat())
    until(story, OPERATION + timedelta(days=7))
    people.amina.settles(story.ref, "flight home")
    flight: dict[str, Any] = {"flight_date": (OPERATION + timedelta(days=8)).isoformat()}
    flight |= {"certificate_document": certificate(story)}
    # The flight is booked for day 8: without the pathology it needs a signed waiver.
    refused = happens(story, "cleared", **flight, refused=True)
    assert "The final pathology is not there" in refused
    refused = happens(story, "cleared", "they said so", **flight, waiver_signed="yes", refused=True)
    assert "waiver" in refused and story.case.state == "FLY_HOME_CLEARANCE"
    # On day 9 it arrives with two positive nodes: rules run again, Dr Rao is due.
    until(story, OPERATION + timedelta(days=9))
    changed = {
        "Regional lymph nodes": "Positive for tumor",
        "Number of lymph nodes with metastasis": "2",
        "Pathologic stage": "pT1c pN1a (AJCC 8th edition)",
    }
    said = BREAST_FINAL_DIAGNOSIS.replace(
        "Two sentinel lymph nodes, negative (0/2)",
        "Two sentinel lymph nodes with macrometastases (2/2)",
    )
    day = house.now.date().isoformat()
    pathology_arrives(
        story, final(ROSA, OPERATION.isoformat(), day, changed=changed, diagnosis=said)
    )
    assert story.case.shown["pathology_state"] == "RECEIVED"
    assert story.case.events("suitability.assessed")[-1]["payload"]["phase"] == "postop"
    (due,) = people.rao.tasks(story.ref, "recheck_pathology")
    assert datetime.fromisoformat(str(due["due"])) <= house.now + timedelta(hours=24)
    assert "nodes with metastasis 2" in people.rao.reads(f"/cases/{story.ref}/suitability")
    refused = happens(story, "cleared", **flight, refused=True)
    assert "The final pathology is not signed by a clinician" in refused
    people.rao.signs(story.ref, "recheck_pathology", "supplementary_recommended", "two nodes")
    # M28b waits for a logged call.
    assert story.case.shown["pathology_state"] == "SUPPL_RECOMMENDED"
    house.forward("3h")
    assert not story.family.letters("radiotherapy after")
    drafts = [one["template"] for one in story.case.shown["messages"]]
    assert "M28b" not in drafts
    people.amina.does(story.ref, "call_family", "called")
    approved(story)
    (told,) = [one for one in story.case.shown["messages"] if one["template"] == "M28b"]
    assert told["state"] == "sent"
    # The supplementary branch opens; visa and stay are computed anew with its days.
    flight["flight_date"] = (OPERATION + timedelta(days=12)).isoformat()
    assert "Further treatment is recommended" in happens(story, "cleared", **flight, refused=True)
    assert story.case.events("stay.checked")[-1]["payload"]["stay_covers_plan"] is True
    start = (OPERATION + timedelta(days=40)).isoformat()
    course: dict[str, Any] = {"modality": "EBRT", "fractions": "25", "start_date": start}
    happens(story, "treatment_scheduled", **course, treated_at="abroad")
    assert story.case.shown["pathology_state"] == "SUPPL_SCHEDULED"
    stay = story.case.events("stay.checked")[-1]["payload"]
    assert (stay["contingency_days"], stay["stay_covers_plan"]) == (89, False)
    assert stay["proposals"] == ["extension", "ebrt_at_home"]
    refused = happens(story, "cleared", **flight, refused=True)
    assert "scheduled here and not completed" in refused
    # At home instead: then the flight may go.
    happens(story, "treatment_scheduled", **course, treated_at="home")
    happens(story, "cleared", **flight)
    assert story.case.state == "RETURNING"


class Held:
    """The object store, where the first letter that is fetched to be sent waits."""

    def __init__(self, storage: Any) -> None:
        self._storage = storage
        self.claimed, self.go_on = threading.Event(), threading.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    def get(self, key: str) -> bytes:
        """Return an object; the first letter only once it may go on."""
        if key.startswith("letters/") and not self.claimed.is_set():
            self.claimed.set()
            assert self.go_on.wait(60)
        found: bytes = self._storage.get(key)
        return found


@contextmanager
def one_claimed(house: House, step: str) -> Iterator[None]:
    """A worker has claimed a letter of this step and goes on when the block ends."""
    real, held = house.world.storage, Held(house.world.storage)
    house.world.storage = held
    worker = threading.Thread(target=house.runner.drain, args=(step,), daemon=True)
    worker.start()
    try:
        assert held.claimed.wait(60)
        yield
    finally:
        held.go_on.set()
        worker.join(60)
        house.world.storage = real


def test_13_death_abroad(house: House, people: People) -> None:
    story = to_offer(house, people, "H03", "H05", plot=PANCREAS)
    accepts(story)
    admission_agreed(story)
    to_operation(story)
    # While the workers are away, letters to the family and to a hospital are approved; items and
    # reminders fall due: all of it is queued at 02:13 in Muscat.
    house.workers = False
    approved(story)
    house.forward("6d17h12m")
    assert house.now.strftime("%H:%M") == "22:13"
    queued = [one for one in story.case.shown["waits"] if one["state"] == "queued"]
    assert len(queued) >= 12
    steps = {one["step"] for one in queued}
    letters = {"notices.send_approved", "outreach.send_enquiry"}
    assert {"travel.check_item", "reminders.chase_pathology", *letters} <= steps

    def heard() -> list[int]:
        boxes = [people.hospital(code).letters(story.ref) for code in ("H03", "H05")]
        return [len(one) for one in (story.family.letters(), *boxes)]

    before = heard()
    # A worker has just claimed one when the hospital's mail is recorded as a death.
    with one_claimed(house, "notices.send_approved"):
        house.iort("case", "report", story.ref, "deceased", "--as", "lead")
    house.workers = True
    house.work()
    house.forward("3d")
    assert story.case.state == "BEREAVEMENT_WRAPUP" and story.case.shown["waits"] == []
    assert heard() == before
    assert house.told("ask", "messages_after_the_end") == []
    # What is left is a lead's task; the family's link says how sorry we are and opens nothing.
    assert story.case.tasks() == ["finish_bereavement"]
    page = story.family.reads()
    assert "We are very sorry" in page and "Send papers" not in page
    # Another lead takes the report back: all goes on as before, after a call.
    people.lead.does(story.ref, "finish_bereavement", "retracted", "two patients were mixed up")
    assert story.case.state == "POST_OP"
    assert "call_after_error" in story.case.tasks() and "report_progress" in story.case.tasks()
    assert "travel.check_item" in {one["step"] for one in story.case.shown["waits"]}
