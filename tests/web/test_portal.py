"""The patient's own page behind its link: more files, and what it refuses."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from accounts.signed_links import portal_link
from models import Document
from tests.fixtures.keys import OTHER_RING
from tests.web.parts import Visitor
from tests.workflows.playing import Play
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.steps import STEPS

Visit = Callable[..., Visitor]


def rows(world: World, table: Any) -> list[Any]:
    with Session(world.engine) as session:
        return list(session.scalars(select(table).order_by(table.id)))


def test_the_link_takes_more_files(visit: Visit, world: World, play: Play) -> None:
    play.open()
    visitor = visit()
    path = portal_link("", world.keys.ring, play.case_id)
    form = {"csrf": visitor.token(path)}
    answer = visitor.client.post(path, data=form, files=[("files", ("a.pdf", b"x", "a/b"))])
    assert answer.status_code == 303
    assert visitor.send(path, {}).status_code == 422, "no file"
    assert "1 file arrived" in visitor.get(answer.headers["location"]).text
    Runner(world, STEPS).drain("ingestion.take_upload")
    assert [d.channel for d in rows(world, Document)] == ["portal"]


def test_a_forged_ended_or_foreign_link_opens_nothing(
    visit: Visit, world: World, play: Play, monkeypatch: Any
) -> None:
    play.open()
    path = portal_link("", world.keys.ring, play.case_id)
    forged = portal_link("", OTHER_RING, play.case_id)
    visitor = visit()
    token = visitor.token(path)
    for wrong in (forged, path[:-2] + "xx", "/portal/CFX-26-00001",
                  portal_link("", world.keys.ring, play.case_id + 1)):  # fmt: skip
        assert visitor.get(wrong).status_code == 404
        answer = visitor.client.post(
            wrong, data={"csrf": token}, files=[("files", ("a.pdf", b"x", "a/b"))]
        )
        assert answer.status_code == 404
    monkeypatch.setattr("time.time", lambda: 4_000_000_000.0)
    assert visitor.get(path).status_code == 404, "ninety days have passed"
    assert rows(world, Document) == []
