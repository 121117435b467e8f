"""The patient's copy: asked for on their page, made whole, taken out by who may, written down."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from adapters.storage import StorageError
from cli.main import run
from models import AuditEntry, Case, CaseEvent, Document, Patient
from models.database import transaction
from tests.web.erasing import looked
from tests.web.parts import Visitor, own_path, seen
from tests.workflows.acts import SIGNED, SYNOPTIC, to_outreach
from tests.workflows.playing import PATIENT, Play
from views.data_copy import _safe
from workflows.cases.reported_facts import report_fact
from workflows.engine.world import World
from workflows.events import Actor

Visit = Callable[..., Visitor]
COORDINATOR = Actor("coordinator", "c1")


def opened(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert file.testzip() is None
        return {name: file.read(name) for name in file.namelist()}


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_patient_asks_and_a_coordinator_gives_a_whole_copy(visit: Visit, play: Play) -> None:
    to_outreach(play)
    path = own_path(play)
    patient, page = visit(), f"{path}/data"
    assert "We keep them while your file is open." in seen(patient.get(page).text)
    patient.send(f"{path}/message", {"text": "=HYPERLINK(1)"}, path)
    assert patient.send(page, {"what": "copy"}, page).status_code == 303
    assert "You have asked for a copy." in seen(patient.get(f"{page}?asked=copy").text)
    again = patient.client.post(page, data={"csrf": patient.token(page), "what": "copy"})
    assert again.status_code == 422, "asked twice is asked once"
    assert len(play.events("data.copy_asked")) == 1
    lead, consent = visit("lead"), f"/cases/{play.case.ref}/consent"
    answer = lead.send(f"/cases/{play.case.ref}/copy", {}, consent)
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["cache-control"] == "no-store"
    files = opened(answer.content)
    assert [content for name, content in files.items() if name.startswith("papers/")] == [SYNOPTIC]
    assert json.loads(files["you.json"])["you"]["name"] == PATIENT.name
    values = table(files["values.csv"])
    grade = next(row for row in values if row["quote"])
    assert grade["quote"].encode() and grade["page"] == "1"
    assert {row["type"] for row in table(files["timeline.csv"])} >= {"case.opened", "outreach.sent"}
    assert len(table(files["timeline.csv"])) == len(play.events())
    letters = table(files["letters.csv"])
    assert len(letters) == len(play.messages()) == sum(n.startswith("letters/") for n in files)
    assert any(m.template == "M10" for m in play.messages())
    with Session(play.world.engine) as session:
        entries = [entry.action for entry in session.scalars(select(AuditEntry))]
    assert entries.count("data.copied") == 1
    play.answer("give_copy", "given", handed="in_person", identified_by="in_person")
    (given,) = play.events("data.copy_given")
    assert given.payload["documents"] == 1 and given.payload["handed"] == "in_person"


def test_the_words_of_staff_name_nobody_in_the_copy(visit: Visit, play: Play) -> None:
    play.open(SYNOPTIC)
    play.run()
    play.answer("triage_inquiry", "in_scope", site="breast")
    with transaction(play.world.engine) as session:
        patient = session.scalars(select(Patient)).one()
        patient.intake = {"by": "family", "asker_name": "Quirin Nachbar", "message": "help"}
        case = session.get_one(Case, play.case_id)
        case.last_seq += 1
        made = CaseEvent(
            case_id=play.case_id, seq=case.last_seq, event_id="E900", type="case.assigned",
            payload={"coordinator_ref": "U-hornbeam"}, occurred_at=play.clock.now(),
            actor_type="lead", actor_ref="U-maple",
        )  # fmt: skip
        session.add(made)
    said = "Sister Hollyhock says her neighbour Quirin Nachbar drives her"
    play.answer("record_consent", "granted", **SIGNED)
    flag = {"symptom_codes": ["fever"], "reported_by": "family"}
    report_fact(play.world, play.case.ref, "clinical.red_flag_reported", COORDINATOR, flag)
    play.answer("call_patient_now", "reached", reached="caregiver", said=said)
    play.confirm()
    play.answer("settle_completeness", "waive", said)
    lead, consent = visit("lead"), f"/cases/{play.case.ref}/consent"
    files = opened(lead.send(f"/cases/{play.case.ref}/copy", {}, consent).content)
    for name, content in files.items():
        if not name.startswith("papers/"):
            for other in (b"Hollyhock", b"Nachbar", b"U-hornbeam", b"U-maple"):
                assert other not in content, (name, other)
    notes = {row["kind"]: row for row in table(files["notes.csv"])}
    assert notes["settle_completeness"]["in_words"] == "yes"
    assert notes["triage_inquiry"]["in_words"] == ""
    assert table(files["calls.csv"])[0]["in_words"] == "yes"
    assert "a person reads it" in files["README.txt"].decode()


@pytest.mark.parametrize("role", ["clinician", "analyst", "administrator"])
def test_nobody_else_takes_it_out(visit: Visit, play: Play, role: str) -> None:
    play.open()
    visitor = visit(role)
    token = visitor.token("/account")
    for name in ("copy", "data/asked"):
        answer = visitor.client.post(f"/cases/{play.case.ref}/{name}", data={"csrf": token})
        assert answer.status_code == 403


def test_no_copy_is_handed_out_that_is_not_whole(
    visit: Visit, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    play.open(b"A report")

    def silent(key: str) -> bytes:
        raise StorageError("timeout")

    lead = visit("lead")
    monkeypatch.setattr(play.world.storage, "get", silent)
    answer = lead.send(f"/cases/{play.case.ref}/copy", {}, f"/cases/{play.case.ref}/consent")
    assert answer.status_code == 503 and "every paper" in answer.text


def test_the_command_line_notes_what_was_asked_and_writes_the_copy(
    play: Play, tmp_path: Path
) -> None:
    play.open(b"A report of two lines")
    out, ref = tmp_path / "copy.zip", play.case.ref
    assert run(["case", "report", ref, "erasure-asked", "--set", "by=patient"], "case") == 0
    (task,) = [task for task in play.tasks() if task.kind == "confirm_erasure"]
    assert run(["do", str(task.id), "--choose", "erase"], "do") != 0, "who asks is not known"
    assert play.events("data.erasure_approved") == []
    words = ["do", str(task.id), "--choose", "taken_back", "--reason", "they called"]
    assert run(words, "do") == 0
    assert play.events("data.erasure_refused")[0].payload == {"reason": "taken_back"}
    copy = ["case", "copy", ref, "--out", str(out)]
    assert run(copy, "case") == 0
    assert b"A report of two lines" in opened(out.read_bytes()).values()
    assert run(copy, "case") != 0, "not written over"
    assert run(["case", "copy", ref, "--out", "x.zip", "--as", "analyst"], "case") != 0


def test_a_form_that_says_nothing_is_not_taken(visit: Visit, world: World, play: Play) -> None:
    play.open()
    lead, consent = visit("lead"), f"/cases/{play.case.ref}/consent"
    forms: list[dict[str, Any]] = [{}, {"what": "other"}, {"what": "copy", "by": "a neighbour"}]
    for form in forms:
        answer = lead.send(f"/cases/{play.case.ref}/data/asked", form, consent)
        assert answer.status_code == 422
    assert play.events("data.copy_asked") == []
    answer = lead.send(f"/cases/{play.case.ref}/data/asked", {"what": "copy"}, consent)
    assert answer.status_code == 303
    assert play.events("data.copy_asked")[0].payload == {"by": None, "channel": None}


@pytest.mark.parametrize(
    ("name", "safe"),
    [("../../etc/passwd", "passwd"), ("a\\b:c?.pdf", "b_c_.pdf"), ("बायोप्सी.pdf", "pdf"), ("", "")],
)
def test_a_file_name_cannot_leave_its_folder(name: str, safe: str) -> None:
    made = _safe(name)
    assert "/" not in made and "\\" not in made and ".." not in made
    assert made.endswith(safe)


def test_whose_time_is_over_has_not_asked_and_still_can(visit: Visit, play: Play) -> None:
    """The clock's question is not the patient's: they ask as well, and hear why data stay."""
    play.open()
    play.run()
    report_fact(play.world, play.case.ref, "patient.stopped", Actor("coordinator", "c1"))
    play.run()
    looked(play, days=20)
    assert [task.detail for task in play.tasks() if task.kind == "confirm_erasure"] == ["due"]
    patient, page = visit(), f"{own_path(play)}/data"
    assert "You have asked for the deletion" not in seen(patient.get(page).text)
    sent = patient.send(page, {"what": "erasure", "sure": "yes"}, page)
    assert sent.status_code == 303, seen(sent.text)
    assert "You have asked for the deletion" in seen(patient.get(page).text)
    again = patient.client.post(
        page, data={"csrf": patient.token(page), "what": "erasure", "sure": "yes"}
    )
    assert again.status_code == 422, "asked twice is asked once"
    day = (play.clock.now() + timedelta(days=300)).date().isoformat()
    until = {"keep_until": day, "keep_reason": "legal_claim"}
    play.answer("confirm_erasure", "keep", **until)
    assert play.events("data.kept")[0].payload["asked"] is True
    assert len(play.messages(template="M38")) == 1, "who asked is told why"


def test_a_paper_of_another_person_is_not_in_the_copy(visit: Visit, play: Play) -> None:
    """What is locked away as another person's, or as dangerous, is named and not handed out."""
    play.open(b"A report of two lines", b"Another report of three")
    play.run()
    with transaction(play.world.engine) as session:
        second = session.scalars(select(Document).order_by(col(Document.id).desc())).first()
        assert second is not None
        second.state, second.quarantine_reason = "quarantined", "wrong_patient"
    lead = visit("lead")
    answer = lead.send(f"/cases/{play.case.ref}/copy", {}, f"/cases/{play.case.ref}/consent")
    files = opened(answer.content)
    assert b"A report of two lines" in files.values()
    assert b"Another report of three" not in files.values()
    rows = table(files["papers.csv"])
    assert [row["left_out"] for row in rows] == ["", "wrong_patient"]
    assert rows[1]["file"] == ""
