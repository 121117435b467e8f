"""The patient's door: an inquiry with files, a signed link, and what it refuses."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from models import Case, Document, Patient
from tests.web.parts import Visitor
from tests.workflows.playing import Play
from workflows.links import portal_link
from workflows.world import World

Visit = Callable[..., Visitor]
GIVEN = {"name": "Rosa Exempla", "email": "rosa@family.example", "site": "breast",
         "country": "ke", "birth_date": "1963-05-02", "message": "Can you help?"}  # fmt: skip


def rows(world: World, table: Any) -> list[Any]:
    with Session(world.engine) as session:
        return list(session.scalars(select(table).order_by(table.id)))


def test_an_inquiry_with_files_opens_a_case_and_a_page_of_its_own(
    visit: Visit, world: World, play: Play
) -> None:
    visitor = visit()
    files = [("files", ("../../résumé 🎗.pdf", b"%PDF-1.4", "application/pdf")),
             ("files", ("b.jpg", b"\xff\xd8", "image/jpeg"))]  # fmt: skip
    form = {"csrf": visitor.token("/portal/"), **GIVEN}
    answer = visitor.client.post("/portal/", data=form, files=files)
    assert answer.status_code == 303
    page = visitor.get(answer.headers["location"])
    assert "2 files arrived" in page.text and "Exempla" not in page.text
    (case,) = rows(world, Case)
    assert (case.source, case.residence_country, case.site) == ("web", "KE", "breast")
    (patient,) = rows(world, Patient)
    assert (patient.name, patient.intake) == ("Rosa Exempla", {"message": "Can you help?"})
    documents = rows(world, Document)
    assert [d.file_name for d in documents] == ["../../résumé 🎗.pdf", "b.jpg"]
    assert [world.storage.get(d.object_key) for d in documents] == [b"%PDF-1.4", b"\xff\xd8"]
    play.case_id = case.id
    assert "triage_inquiry" in [task.kind for task in play.tasks()]


def test_what_is_missing_is_said_and_what_was_typed_stays(visit: Visit, world: World) -> None:
    visitor = visit()
    answer = visitor.send("/portal/", {**GIVEN, "email": "none"})
    assert answer.status_code == 422 and "e-mail address" in answer.text
    assert 'value="Rosa Exempla"' in answer.text
    assert rows(world, Case) == []


def test_the_link_takes_more_files(visit: Visit, world: World, play: Play) -> None:
    play.open()
    visitor = visit()
    path = portal_link("", world.secret, play.case_id)
    form = {"csrf": visitor.token(path)}
    answer = visitor.client.post(path, data=form, files=[("files", ("a.pdf", b"x", "a/b"))])
    assert answer.status_code == 303
    assert visitor.send(path, {}).status_code == 422, "no file"
    assert [d.channel for d in rows(world, Document)] == ["portal"]


def test_a_forged_ended_or_foreign_link_opens_nothing(
    visit: Visit, world: World, play: Play, monkeypatch: Any
) -> None:
    play.open()
    path = portal_link("", world.secret, play.case_id)
    forged = portal_link("", "another secret of the same length....", play.case_id)
    visitor = visit()
    token = visitor.token(path)
    for wrong in (forged, path[:-2] + "xx", "/portal/CFX-26-00001",
                  portal_link("", world.secret, play.case_id + 1)):  # fmt: skip
        assert visitor.get(wrong).status_code == 404
        answer = visitor.client.post(
            wrong, data={"csrf": token}, files=[("files", ("a.pdf", b"x", "a/b"))]
        )
        assert answer.status_code == 404
    monkeypatch.setattr("time.time", lambda: 4_000_000_000.0)
    assert visitor.get(path).status_code == 404, "ninety days have passed"
    assert rows(world, Document) == []


def test_a_file_above_the_limit_is_refused(visit: Visit, world: World) -> None:
    small = world.settings.model_copy(update={"document_max_bytes": 10})
    world.settings = small
    visitor = visit()
    form = {"csrf": visitor.token("/portal/"), **GIVEN}
    answer = visitor.client.post("/portal/", data=form, files=[("files", ("a", b"x" * 11, "a/b"))])
    assert answer.status_code == 422 and "too large" in answer.text
    assert rows(world, Case) == []


def test_the_form_needs_its_token(visit: Visit, world: World) -> None:
    assert visit().client.post("/portal/", data=GIVEN).status_code == 403
    assert rows(world, Case) == []
