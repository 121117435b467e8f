"""Records for a hospital: chosen, looked at page by page, released, opened by a link, closed."""

import io
import re
from collections.abc import Callable
from typing import Any

import pydicom
import pypdfium2
import pytest
import pyzipper
from sqlalchemy import select
from sqlmodel import Session

from models import DeskLink, Document, Offer, RecordsPackage, RecordsPage, RecordsPart
from models.database import transaction
from tests.adapters.redaction.test_imaging import image
from tests.web.desks import at_desk
from tests.web.parts import Visitor, make_user
from tests.workflows.acts import to_outreach
from tests.workflows.playing import PATIENT, Play
from workflows.events import Actor
from workflows.portal.consents import Given, grant, withdraw

Visit = Callable[..., Visitor]
COORDINATOR = Actor("coordinator", "c1")
NAME = (PATIENT.name or "").split()[-1]


def rows(play: Play, model: Any) -> list[Any]:
    with Session(play.world.engine) as session:
        return list(session.scalars(select(model).order_by(model.id)))


def coordinator(play: Play, visit: Visit) -> Visitor:
    make_user(play.world, "coordinator")
    visitor = visit()
    visitor.sign_in("coordinator")
    return visitor


def here(play: Play) -> str:
    return f"/cases/{play.case.ref}/records/1"


def chosen(play: Play, visitor: Visitor, level: str = "D2_deid_records", **more: Any) -> Any:
    thread = rows(play, Document)[0]
    to = re.findall(r'name="recipient" value="([^"]+)"', visitor.get(here(play)).text)
    form = {"level": level, "recipient": to[:1], "code_by": "mail", "document": [thread.id], **more}
    found = visitor.send(here(play), form)
    play.run()
    return found


def looked_at(play: Play, visitor: Visitor) -> None:
    for page in rows(play, RecordsPage):
        visitor.send(
            f"/records/pages/{page.id}/approve",
            {"seen": page.after_key, "otherwise": "1", "places": "1"},
            "/records/1",
        )


def released(play: Play, visitor: Visitor) -> None:
    chosen(play, visitor)
    looked_at(play, visitor)
    visitor.send("/records/1/answer", {"answer": "release"}, "/records/1")
    play.run()
    play.answer("approve_message", "approve")


def test_records_leave_without_the_name_after_every_page_was_looked_at(
    play: Play, visit: Visit
) -> None:
    to_outreach(play)
    visitor = coordinator(play, visit)
    chosen(play, visitor)
    page = visitor.get("/records/1")
    assert page.status_code == 200 and "as it will leave" in page.text
    assert rows(play, RecordsPackage)[0].state == "to_approve"
    early = visitor.send("/records/1/answer", {"answer": "release"}, "/records/1")
    assert early.status_code == 422 and "not approved yet" in early.text
    looked_at(play, visitor)
    visitor.send("/records/1/answer", {"answer": "release"}, "/records/1")
    play.run()
    assert rows(play, RecordsPackage)[0].state == "released"
    play.answer("approve_message", "approve")
    desk = at_desk(visit, play, "M59")
    assert "Records, names removed" in desk.open().text
    part = rows(play, RecordsPart)[0]
    whole = desk.get(f"/records/{part.id}/file")
    assert whole.status_code == 200 and whole.content.startswith(b"%PDF")
    library: Any = pypdfium2
    sheets = library.PdfDocument(whole.content)
    text = "".join(one.get_textpage().get_text_range() for one in sheets)
    assert text.strip() == ""
    assert NAME.encode() not in whole.content
    some = desk.get(f"/records/{part.id}/file", range="bytes=0-99")
    assert some.status_code == 206 and some.content == whole.content[:100]
    assert desk.get(f"/records/{part.id}/1.webp").headers["content-type"] == "image/webp"
    assert desk.get(f"/records/{part.id}").status_code == 200
    opened = play.events("package.opened")
    assert len(opened) == 1
    log = visitor.get(here(play)).text
    assert "a file was taken" in log and "a page was looked at" in log


def test_a_withdrawal_closes_the_records_in_that_moment(play: Play, visit: Visit) -> None:
    to_outreach(play)
    visitor = coordinator(play, visit)
    released(play, visitor)
    desk = at_desk(visit, play, "M59")
    desk.open()
    withdraw(play.world, play.case.ref, "share_deid", "H01", COORDINATOR)
    for rest in ("", "/records/1", "/records/1/file", "/records/1/1.webp", "/sheet.pdf"):
        assert desk.get(rest).status_code == 404, rest
    play.run()
    assert play.events("package.revoked")[-1].payload["reason"] == "consent_withdrawn"
    assert rows(play, RecordsPackage)[0].state == "ended"


def test_a_replaced_document_stops_a_package_and_closes_an_open_one(
    play: Play, visit: Visit
) -> None:
    to_outreach(play)
    visitor = coordinator(play, visit)
    chosen(play, visitor)
    looked_at(play, visitor)
    with transaction(play.world.engine) as session:
        session.get_one(Document, rows(play, Document)[0].id).state = "superseded"
    refused = visitor.send("/records/1/answer", {"answer": "release"}, "/records/1")
    assert refused.status_code == 422 and "replaced" in refused.text
    with transaction(play.world.engine) as session:
        session.get_one(Document, rows(play, Document)[0].id).state = "verified"
    visitor.send("/records/1/answer", {"answer": "release"}, "/records/1")
    play.run()
    play.answer("approve_message", "approve")
    desk = at_desk(visit, play, "M59")
    assert "Take it as a file" in desk.open().text
    with transaction(play.world.engine) as session:
        session.get_one(Document, rows(play, Document)[0].id).state = "superseded"
    assert "Take it as a file" not in desk.page().text
    assert desk.get("/records/1/file").status_code == 404


def test_originals_need_the_permission_that_names_them_and_a_fresh_yes(
    play: Play, visit: Visit
) -> None:
    to_outreach(play)
    visitor = coordinator(play, visit)
    assert "permission" in chosen(play, visitor, "D3_identified", agreed="1").text
    assert rows(play, RecordsPackage) == []
    given = Given("share_identified", "H01", "patient", "paper", paper="1")
    grant(play.world, play.case.ref, given, COORDINATOR)
    again = chosen(play, visitor, "D3_identified")
    assert again.status_code == 422 and "agreed to these very papers" in again.text
    assert 'value="D3_identified" checked' in again.text.replace("  ", " ")
    chosen(play, visitor, "D3_identified", agreed="1")
    visitor.send("/records/1/answer", {"answer": "release"}, "/records/1")
    play.run()
    play.answer("approve_message", "approve")
    desk = at_desk(visit, play, "M59")
    desk.open()
    document = rows(play, Document)[0]
    whole = desk.get(f"/records/{rows(play, RecordsPart)[0].id}/file")
    assert whole.content == play.world.storage.get(document.object_key)
    withdraw(play.world, play.case.ref, "share_identified", "H01", COORDINATOR)
    assert desk.get(f"/records/{rows(play, RecordsPart)[0].id}/file").status_code == 404


def test_a_page_that_was_changed_is_looked_at_again(play: Play, visit: Visit) -> None:
    to_outreach(play)
    visitor = coordinator(play, visit)
    chosen(play, visitor)
    looked_at(play, visitor)
    page = rows(play, RecordsPage)[0]
    assert page.approved_by is not None
    where = {"at.x": "40", "at.y": "600"}
    first = visitor.send(f"/records/pages/{page.id}/cover", where, "/records/1")
    assert "One corner is set" in visitor.get(first.headers["location"].partition("#")[0]).text
    form = {"x0": "40", "top": "600", "at.x": "300", "at.y": "640"}
    visitor.send(f"/records/pages/{page.id}/cover", form, "/records/1")
    changed = rows(play, RecordsPage)[0]
    assert len(changed.boxes) == len(page.boxes) + 1 and changed.approved_by is None
    stale = visitor.send(
        f"/records/pages/{page.id}/approve", {"seen": page.after_key}, "/records/1"
    )
    assert stale.status_code == 422 and "changed since" in stale.text
    sure = next(at for at, box in enumerate(changed.boxes) if box["certain"])
    kept = visitor.send(f"/records/pages/{page.id}/uncover", {"box": str(sure)}, "/records/1")
    assert kept.status_code == 422 and "stays covered" in kept.text


def test_choices_that_cannot_be_are_refused_in_words_and_stay(play: Play, visit: Visit) -> None:
    to_outreach(play)
    visitor = coordinator(play, visit)
    document = rows(play, Document)[0]
    for form, words in (
        ({"level": ""}, "Choose what the hospital may read"),
        ({"document": []}, "at least one document"),
        ({"recipient": []}, "who gets the link"),
        ({"recipient": ["stranger@elsewhere.example"]}, "only to addresses of this hospital"),
        ({f"pages:{document.id}": "9-12"}, "It has"),
        ({f"pages:{document.id}": "two"}, "write pages such as"),
        ({"document": ["999999"]}, "not of this case"),
        ({"code_by": "pigeon"}, "how the code reaches them"),
    ):
        refused = chosen(play, visitor, **form)
        assert refused.status_code == 422 and words in refused.text, (form, words)
    assert rows(play, RecordsPackage) == [] and rows(play, Offer) == []


def test_the_code_by_telephone_is_shown_once_and_no_mail_brings_one(
    play: Play, visit: Visit
) -> None:
    to_outreach(play)
    visitor = coordinator(play, visit)
    chosen(play, visitor, "D1_summary", document=[], code_by="telephone")
    visitor.send("/records/1/answer", {"answer": "release"}, "/records/1")
    play.run()
    play.answer("approve_message", "approve")
    desk = at_desk(visit, play, "M59")
    assert "by telephone" in desk.page().text
    asked = desk.visitor.client.post(
        f"{desk.path}/code/send", data={"csrf": desk.visitor.token(desk.path)}
    )
    assert asked.status_code == 422 and play.mails("M60") == []
    (link,) = rows(play, DeskLink)
    told = visitor.send(
        f"/desk-links/{link.id}/code", {"ref": play.case.ref, "thread": "1"}, here(play)
    )
    code = re.search(r'class="code">([A-Z]{4}-[A-Z]{4})<', told.text)
    assert code and code[1] not in visitor.get(here(play)).text
    desk.visitor.send(f"{desk.path}/code", {"code": code[1].lower()}, desk.path)
    assert "Data sheet" in desk.page().text


def test_whom_the_link_does_not_open_for_gets_an_encrypted_archive(
    play: Play, visit: Visit
) -> None:
    to_outreach(play)
    visitor = coordinator(play, visit)
    released(play, visitor)
    visitor.send("/records/1/archive", {}, "/records/1")
    play.run()
    told = visitor.send("/records/1/password", {}, "/records/1")
    password = re.search(r'class="code">([A-Z-]{19})<', told.text)
    assert password and password[1] not in visitor.get("/records/1").text
    draft = play.messages(template="M61")[-1]
    assert password[1] not in draft.body
    play.answer("approve_message", "approve")
    (mail,) = play.mails("M61")
    (archive,) = list(mail.iter_attachments())
    with pyzipper.AESZipFile(io.BytesIO(archive.get_content())) as files:
        names = files.namelist()
        assert names == ["01-data-sheet.pdf", "02-record.pdf"]
        files.setpassword(b"ABCD-ABCD-ABCD-ABCD")
        with pytest.raises(RuntimeError):
            files.read(names[0])
        files.setpassword(password[1].encode())
        assert all(files.read(name).startswith(b"%PDF") for name in names)


def test_a_clinician_reads_and_changes_nothing_and_others_see_nothing(
    play: Play, visit: Visit
) -> None:
    to_outreach(play)
    for role in ("clinician", "analyst", "administrator"):
        make_user(play.world, role)
        visitor = visit()
        visitor.sign_in(role)
        page = visitor.get(here(play))
        assert page.status_code == (200 if role == "clinician" else 403)
        assert "Choose records" not in page.text
        token = visitor.token("/account")
        sent = visitor.client.post(here(play), data={"csrf": token, "level": "D1_summary"})
        assert sent.status_code == 403


def hers(content: bytes) -> bytes:
    """Return an image as one of the patient."""
    dataset: Any = pydicom.dcmread(io.BytesIO(content))
    first, last = (PATIENT.name or "").split()
    dataset.PatientName, dataset.PatientID = f"{last}^{first}", "FX-100201"
    dataset.PatientBirthDate = f"{PATIENT.birth_date:%Y%m%d}"
    target = io.BytesIO()
    dataset.save_as(target, enforce_file_format=True)
    return target.getvalue()


def test_a_place_that_nobody_could_read_is_looked_at_by_a_person(play: Play, visit: Visit) -> None:
    to_outreach(play)
    visitor = coordinator(play, visit)
    chosen(play, visitor)
    with transaction(play.world.engine) as session:
        page = session.get_one(RecordsPage, rows(play, RecordsPage)[0].id)
        page.looks = [{"box": [10, 10, 90, 90], "why": "handwriting"}]
        seen = page.after_key
    path = f"/records/pages/{rows(play, RecordsPage)[0].id}/approve"
    refused = visitor.send(path, {"seen": seen, "otherwise": "1"}, "/records/1")
    assert refused.status_code == 422 and "nobody could read" in refused.text
    assert "ink by hand" in refused.text
    visitor.send(path, {"seen": seen, "otherwise": "1", "places": "1"}, "/records/1")
    assert rows(play, RecordsPage)[0].approved_by is not None


def test_an_image_leaves_with_its_header_cleaned_and_its_frames_as_they_were(
    play: Play, visit: Visit
) -> None:
    to_outreach(play)
    play.add(hers(image()))
    visitor = coordinator(play, visit)
    scan = next(one for one in rows(play, Document) if one.media_type == "application/dicom")
    chosen(play, visitor, document=[scan.id])
    (part,) = rows(play, RecordsPart)
    assert (part.state, part.problem) == ("ready", None)
    looked_at(play, visitor)
    visitor.send("/records/1/answer", {"answer": "release"}, "/records/1")
    play.run()
    play.answer("approve_message", "approve")
    desk = at_desk(visit, play, "M59")
    desk.open()
    whole = desk.get(f"/records/{part.id}/file")
    assert ".dcm" in whole.headers["content-disposition"]
    before = pydicom.dcmread(io.BytesIO(play.world.storage.get(scan.object_key)))
    after = pydicom.dcmread(io.BytesIO(whole.content))
    assert after.PatientName != before.PatientName and NAME not in str(after)
    assert after.PixelData == before.PixelData


def test_a_corner_that_is_no_number_covers_nothing(play: Play, visit: Visit) -> None:
    to_outreach(play)
    visitor = coordinator(play, visit)
    chosen(play, visitor)
    page = rows(play, RecordsPage)[0]
    form = {"x0": "nan", "top": "600", "at.x": "nan", "at.y": "640"}
    refused = visitor.send(f"/records/pages/{page.id}/cover", form, "/records/1")
    assert refused.status_code == 422 and "Press two corners" in refused.text
    assert len(rows(play, RecordsPage)[0].boxes) == len(page.boxes)
