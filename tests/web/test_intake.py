"""The intake form: step by step, kept as it is written, found again by its link, sent once."""

import email
import hashlib
import threading
from collections.abc import Callable
from email.policy import default
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import select, text, update
from sqlmodel import Session, col

from adapters.clock import FixedClock
from models import (
    AuditEntry,
    Case,
    CaseEvent,
    Document,
    HumanTask,
    Patient,
    PortalDraft,
    StepRun,
    Upload,
    UploadPiece,
)
from models.database import transaction
from tests.web.parts import Visitor
from tests.workflows.playing import Play
from web.pages.portal_steps import BY_CODE, CODES, STEPS
from workflows.engine.recurring import TIDY_UPLOADS, ensure_recurring
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.steps import STEPS as ALL_STEPS

SEND_LINK = "notices.send_draft_link"
Visit = Callable[..., Visitor]
GIVEN: dict[str, dict[str, Any]] = {
    "you": {"relation": "family", "asker_name": "Juma Exempla", "agree": "yes"},
    "patient": {
        "name": "Rosa Exempla",
        "other_names": "Roza E., R. Exempla",
        "birth_date": "1963-05-02",
        "sex": "female",
    },
    "illness": {"site": "breast", "side": "left", "biopsy": "yes"},
    "contact": {"country": "KE", "email": "rosa@family.example", "language": "fr"},
    "story": {"treatments": ["operation"], "message": "Can you help?\nThank you."},
}


def rows(world: World, table: Any) -> list[Any]:
    with Session(world.engine) as session:
        return list(session.scalars(select(table).order_by(table.id)))


def begin(visitor: Visitor) -> str:
    """Begin a form; return its address."""
    answer = visitor.send("/portal/new", {}, page="/portal/")
    assert answer.status_code == 303
    return str(answer.headers["location"]).rpartition("/")[0]


def fill(visitor: Visitor, address: str, **changes: dict[str, Any]) -> None:
    for code, form in {**GIVEN, **changes}.items():
        answer = visitor.send(f"{address}/{code}", form)
        assert answer.status_code == 303, f"{code}: {answer.text}"


def add(visitor: Visitor, address: str, *files: tuple[str, bytes]) -> Response:
    form = {"csrf": visitor.token(f"{address}/files")}
    parts = [("files", (name, content, "a/b")) for name, content in files]
    answer: Response = visitor.client.post(f"{address}/files", data=form, files=parts)
    return answer


def test_the_form_leads_step_by_step_to_one_case_with_its_files(
    visit: Visit, world: World, play: Play
) -> None:
    visitor = visit()
    address = begin(visitor)
    for number, code in enumerate(CODES[:5], 1):
        page = visitor.get(f"{address}/{code}").text
        assert f"Step {number} of 7" in page
        answer = visitor.send(f"{address}/{code}", GIVEN[code])
        assert answer.headers["location"] == f"{address}/{CODES[number]}"
    assert (
        add(visitor, address, ("../../résumé 🎗.pdf", b"%PDF-1.4"), ("b.jpg", b"x")).status_code
        == 303
    )
    page = visitor.get(f"{address}/files").text
    assert "résumé 🎗.pdf" in page and "Arrived." in page
    summary = visitor.get(f"{address}/check").text
    for shown in ("Rosa Exempla", "Kenya", "Breast", "Can you help?", "résumé 🎗.pdf"):
        assert shown in summary
    answer = visitor.send(f"{address}/check", {"go": "send"})
    assert answer.status_code == 303
    home = visitor.get(answer.headers["location"])
    assert home.status_code == 200 and 'class="done" role="status"' in home.text
    assert '<html lang="fr"' in home.text, "in the language that was chosen for letters"
    (case,) = rows(world, Case)
    assert (case.source, case.residence_country, case.site) == ("web", "KE", "breast")
    assert (case.language, case.urgency) == ("fr", "routine")
    (patient,) = rows(world, Patient)
    assert (patient.name, patient.email) == ("Rosa Exempla", "rosa@family.example")
    assert patient.other_names == ["Roza E.", "R. Exempla"]
    assert patient.time_zone == "Africa/Nairobi"
    assert patient.intake["message"] == "Can you help?\nThank you."
    assert patient.intake["permission"]["by"] == "family"
    play.case_id = case.id
    assert "triage_inquiry" in [task.kind for task in play.tasks()]
    Runner(world, ALL_STEPS).drain("ingestion.take_upload")
    documents = rows(world, Document)
    assert [d.file_name for d in documents] == ["../../résumé 🎗.pdf", "b.jpg"]
    assert [d.sha256 for d in documents] == [
        hashlib.sha256(content).hexdigest() for content in (b"%PDF-1.4", b"x")
    ]
    (draft,) = rows(world, PortalDraft)
    assert draft.answers == {}, "the answers are the patient's now"
    desk = visit("coordinator").get(f"/cases/{case.ref}/overview").text
    for told in ("Can you help?", "a relative or a friend of the patient", "Left"):
        assert told in desk


def test_sending_twice_or_at_once_opens_one_case(visit: Visit, world: World) -> None:
    visitor = visit()
    address = begin(visitor)
    fill(visitor, address)
    form = {"csrf": visitor.token(f"{address}/check"), "go": "send"}
    answers: list[str] = []
    ready = threading.Barrier(3)

    def send() -> None:
        ready.wait()
        answer = visitor.client.post(f"{address}/check", data=form)
        answers.append(answer.headers["location"].split("?")[0])

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    again = visitor.client.post(f"{address}/check", data=form)
    assert again.status_code == 303 and len(answers) == 3
    assert len(rows(world, Case)) == len(rows(world, Patient)) == 1
    for path in ("", "/you", "/check"):
        led = visitor.get(f"{address}{path}")
        assert led.status_code == 303
        assert visitor.get(led.headers["location"]).status_code == 200, "the patient's own page"


def test_the_first_step_says_what_is_done_before_the_consent() -> None:
    agree = next(one for one in BY_CODE["you"].fields if one.name == "agree")
    assert "read and keep what I send here" in agree.label, "docs/access.md quotes it"
    assert agree.required and "Nothing goes to a hospital" in agree.hint


@pytest.mark.parametrize(
    ("code", "change", "said"),
    [
        ("you", {"relation": ""}, "Please say who you are."),
        ("you", {"agree": ""}, "We need your permission"),
        ("you", {"asker_name": " "}, "your own name"),
        ("patient", {"name": ""}, "patient&#39;s name"),
        ("patient", {"birth_date": "2963-05-02"}, "cannot be right"),
        ("patient", {"birth_date": "yesterday"}, "year, month and day"),
        ("illness", {"site": "elbow"}, "Please choose one."),
        ("contact", {"email": "none"}, "not an e-mail address"),
        ("contact", {"email": "a@b.example, c@d.example"}, "not an e-mail address"),
        ("contact", {"country": "XX"}, "choose a country"),
        ("contact", {"phone": "call me"}, "digits only"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    visit: Visit, world: World, code: str, change: dict[str, str], said: str
) -> None:
    visitor = visit()
    address = begin(visitor)
    (field,) = change
    answer = visitor.send(f"{address}/{code}", {**GIVEN[code], **change})
    assert answer.headers["location"] == f"{address}/{code}?look=1"
    answer = visitor.get(answer.headers["location"])
    assert said in answer.text
    assert f'id="e-{field}"' in answer.text and 'aria-invalid="true"' in answer.text
    assert f'href="#f-{field}"' in answer.text and f'id="f-{field}"' in answer.text
    assert 'role="alert"' in answer.text
    other = {"you": "Juma Exempla", "patient": "Roza E.", "illness": "left", "contact": "KE"}[code]
    if field != "asker_name":
        assert other in answer.text
    assert visitor.get(address).headers["location"].endswith("/you")
    assert rows(world, Case) == []


def test_back_keeps_what_is_half_written_and_nothing_incomplete_is_sent(
    visit: Visit, world: World
) -> None:
    visitor = visit()
    address = begin(visitor)
    back = visitor.send(f"{address}/contact", {"email": "half", "go": "back"})
    assert back.headers["location"] == f"{address}/illness"
    assert 'value="half"' in visitor.get(f"{address}/contact").text
    refused = visitor.send(f"{address}/check", {"go": "send"})
    assert "not an e-mail address" in visitor.get(refused.headers["location"]).text
    assert rows(world, Case) == []


def test_the_form_is_found_again_by_its_link_and_by_nothing_else(
    visit: Visit, world: World
) -> None:
    visitor = visit()
    address = begin(visitor)
    for code in ("you", "patient"):
        visitor.send(f"{address}/{code}", GIVEN[code])
    assert (
        f'value="{world.settings.web_public_url}{address}"'
        in visitor.get(f"{address}/illness").text
    )
    elsewhere = visit()
    assert elsewhere.get(address).headers["location"] == f"{address}/illness"
    assert 'value="Rosa Exempla"' in elsewhere.get(f"{address}/patient").text
    (draft,) = rows(world, PortalDraft)
    token = address.rpartition("/")[2]
    assert token not in str(draft.model_dump()), "the database alone opens nothing"
    for wrong in (draft.token_sha256, draft.seed, token[:-1], "x" * 32):
        answer = elsewhere.get(f"/portal/new/{wrong}/patient")
        assert answer.status_code == 404 and "Exempla" not in answer.text
    assert elsewhere.get("/portal/new/x/nothing").status_code == 404
    assert elsewhere.client.post(f"{address}/you", data=GIVEN["you"]).status_code == 403


def test_a_step_saves_itself_while_it_is_written(visit: Visit, world: World) -> None:
    visitor = visit()
    address = begin(visitor)
    form = {"csrf": visitor.token(f"{address}/patient"), "name": "Ro"}
    answer = visitor.client.post(f"{address}/patient", data=form, headers={"X-Autosave": "1"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert 'value="Ro"' in visit().get(f"{address}/patient").text
    (draft,) = rows(world, PortalDraft)
    assert draft.done == ["patient"]
    visitor.client.post(
        f"{address}/patient", data={**form, "name": ""}, headers={"X-Autosave": "1"}
    )
    (draft,) = rows(world, PortalDraft)
    assert draft.done == [], "what became incomplete is asked for again"


def test_red_flags_make_the_case_urgent(visit: Visit, world: World) -> None:
    visitor = visit()
    address = begin(visitor)
    fill(visitor, address, story={"symptoms": ["bleeding", "made up"]}, illness={"site": "unsure"})
    visitor.send(f"{address}/check", {"go": "send"})
    (case,) = rows(world, Case)
    assert (case.urgency, case.site) == ("urgent", None)
    assert rows(world, Patient)[0].intake["symptoms"] == ["bleeding"]
    tasks = {task.kind: task for task in rows(world, HumanTask)}
    assert tasks["call_patient_now"].role == "team"
    with Session(world.engine) as session:
        events = session.scalars(select(CaseEvent)).all()
    (flag,) = [one for one in events if one.type == "clinical.red_flag_reported"]
    assert (flag.payload["symptom_codes"], flag.payload["source"]) == (["bleeding"], "inquiry")


def test_the_link_comes_by_letter_once_for_each_time_it_is_asked_for(
    visit: Visit, world: World, clock: FixedClock
) -> None:
    visitor = visit()
    address = begin(visitor)
    early = visitor.send(f"{address}/letter", {"step": "you"}, page=f"{address}/you")
    assert "first, in step 4" in visitor.get(early.headers["location"]).text
    to = f"rosa-{world.settings.mail_from}"
    visitor.send(f"{address}/contact", {**GIVEN["contact"], "email": to})
    asked = visitor.send(f"{address}/letter", {"step": "story"}, page=f"{address}/story")
    assert "on its way" in visitor.get(asked.headers["location"]).text
    runner = Runner(world, ALL_STEPS)
    assert runner.drain(SEND_LINK) == 1
    with transaction(world.engine) as session:  # the broker delivers the ring once more
        session.execute(update(StepRun).where(StepRun.name == SEND_LINK).values(state="queued"))  # type: ignore[arg-type]
    runner.drain(SEND_LINK)
    box = World(world.settings.model_copy(update={"imap_user": to})).open_mailbox()
    (mail,) = box.fetch(10)
    box.close()
    letter = email.message_from_bytes(mail.raw, policy=default).get_body().get_content()  # type: ignore[union-attr]
    assert f"{world.settings.web_public_url}{address}" in letter
    assert "Exempla" not in letter and "Can you help" not in letter
    for _ in range(3):
        asked = visitor.send(f"{address}/letter", {"step": "you"}, page=f"{address}/you")
    assert "several times already" in visitor.get(asked.headers["location"]).text


def test_a_form_that_was_never_sent_is_removed_with_its_files(visit: Visit, world: World) -> None:
    visitor = visit()
    address = begin(visitor)
    fill(visitor, address)
    add(visitor, address, ("a.pdf", b"%PDF-1.4"))
    (piece,) = rows(world, UploadPiece)
    sent = begin(visitor)
    fill(visitor, sent)
    add(visitor, sent, ("b.pdf", b"%PDF-1.5"))
    visitor.send(f"{sent}/check", {"go": "send"})
    with transaction(world.engine) as session:
        session.execute(text("UPDATE portal_draft SET expires_at = now() - interval '1 s'"))
    assert visitor.get(f"{address}/patient").status_code == 404
    ensure_recurring(world)
    Runner(world, ALL_STEPS).drain(TIDY_UPLOADS)
    assert rows(world, PortalDraft) == [] and not world.storage.exists(piece.object_key)
    assert [upload.file_name for upload in rows(world, Upload)] == ["b.pdf"]
    Runner(world, ALL_STEPS).drain("ingestion.take_upload")
    assert [document.file_name for document in rows(world, Document)] == ["b.pdf"]


def test_a_file_can_be_taken_back_and_a_large_one_is_refused(visit: Visit, world: World) -> None:
    visitor = visit()
    address = begin(visitor)
    add(visitor, address, ("wrong.pdf", b"abc"))
    (upload,) = rows(world, Upload)
    page = f"{address}/files"
    visitor.send(f"{page}/{upload.public_id}/remove", {}, page=page)
    assert rows(world, Upload) == [] == rows(world, UploadPiece)
    world.settings = world.settings.model_copy(update={"document_max_bytes": 10})
    refused = add(visitor, address, ("a", b"x" * 11))
    assert refused.status_code == 422 and "too large" in refused.text
    assert rows(world, Upload) == []


def test_a_flood_of_forms_is_slowed_down(visit: Visit, world: World) -> None:
    world.settings = world.settings.model_copy(update={"portal_inquiries_per_hour": 2})
    visitor = visit()
    begin(visitor), begin(visitor)
    refused = visitor.send("/portal/new", {}, page="/portal/")
    assert refused.status_code == 429 and "too many requests" in refused.text
    assert 0 < int(refused.headers["retry-after"]) <= 3600
    with Session(world.engine) as session:
        assert "limit.reached" in session.scalars(select(col(AuditEntry.action))).all()
    assert len(rows(world, PortalDraft)) == 2


def test_every_question_has_a_name_of_its_own() -> None:
    names = [field.name for step in STEPS for field in step.fields]
    assert len(names) == len(set(names))
