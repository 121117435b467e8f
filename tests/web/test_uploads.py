"""Uploads in pieces by the tus protocol: cut, repeated, late, at once, killed, given up."""

import base64
import hashlib
import io
import threading
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import select, update
from sqlmodel import Session

from adapters.storage import StorageError
from models import Document, PortalDraft, Upload, UploadPiece
from models.database import transaction
from settings import PROJECT_ROOT
from tests.extractors.photos import a_photo, as_jpeg, blurred
from tests.fixtures.aside import run_aside
from tests.web.parts import Visitor
from tests.web.sending import BODY, Sender, documents, rows, take
from tests.workflows.playing import Play
from web.app import create_app
from workflows.cases.reported_facts import report_fact
from workflows.engine.recurring import TIDY_UPLOADS, ensure_recurring
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.events import Actor
from workflows.portal import drafts, upload_room, uploads
from workflows.portal.access import revoke_links
from workflows.portal.upload_tickets import ticket_for
from workflows.portal.uploads import Owner
from workflows.steps import STEPS

Visit = Callable[..., Visitor]


@pytest.fixture
def sender(visit: Visit, world: World, play: Play) -> Sender:
    """Uploads for the case of `play`."""
    play.open()
    return Sender(visit().client, ticket_for(world, Owner("case", play.case_id)))


def test_the_server_says_what_it_can_do_and_which_version(sender: Sender) -> None:
    answer = sender.client.options("/portal/uploads")
    assert answer.headers["tus-version"] == "1.0.0"
    assert "creation" in answer.headers["tus-extension"]
    old = sender.create(3, **{"tus-resumable": "0.2.2"})
    assert (old.status_code, old.headers["tus-version"]) == (412, "1.0.0")
    assert sender.create(3, **{"upload-length": "many"}).status_code == 400
    path = sender.begin(3)
    assert sender.put(path, 0, b"abc", **{"content-type": "text/plain"}).status_code == 415
    assert "upload-expires" in sender.ask("HEAD", path, {}).headers


def test_a_file_in_pieces_becomes_one_document_once(
    sender: Sender, world: World, play: Play
) -> None:
    body = bytes(range(256)) * 40
    path = sender.begin(len(body), "../résumé 🎗\x07.pdf")
    for start in range(0, len(body), 4000):
        assert sender.put(path, start, body[start : start + 4000]).status_code == 204
    assert sender.put(path, len(body), b"").status_code == 204, "a late repeat of nothing"
    keys = [piece.object_key for piece in rows(world, UploadPiece)]
    take(world)
    take(world)
    assert documents(world) == [body]
    (document,) = rows(world, Document)
    assert (document.file_name, document.channel) == ("../résumé 🎗.pdf", "portal")
    assert len(play.events("document.received")) == 1
    assert rows(world, UploadPiece) == []
    assert not any(world.storage.exists(key) for key in keys)
    (upload,) = rows(world, Upload)
    assert (upload.state, upload.document_id, upload.file_name) == ("taken", document.id, "")


@hypothesis_settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    body=st.binary(min_size=1, max_size=2000),
    acts=st.lists(
        st.tuples(st.sampled_from(["next", "again", "early", "lost", "late"]), st.integers(1, 900)),
        max_size=12,
    ),
)
def test_whatever_is_cut_repeated_lost_or_late_the_bytes_are_the_same(
    sender: Sender, world: World, body: bytes, acts: list[tuple[str, int]]
) -> None:
    path = sender.begin(len(body))
    before = len(documents(world))
    stands, last = 0, (0, b"")
    for act, size in acts:
        piece = body[stands : stands + size]
        if act == "next" or act == "lost":  # lost: it is kept, but the answer does not arrive
            answer = sender.put(path, stands, piece)
            assert answer.status_code == 204
            last, stands = (stands, piece), stands + len(piece)
            if act == "lost":
                assert sender.offset(path) == stands
        elif act == "again" and last[1]:
            assert sender.put(path, *last).status_code == 409
        elif act == "early" and stands + size < len(body):
            assert sender.put(path, stands + size, b"x").status_code == 409
        elif act == "late" and stands:
            assert sender.put(path, 0, body[:stands]).status_code == 409
        assert sender.offset(path) == stands
    if stands < len(body):
        assert sender.put(path, stands, body[stands:]).status_code == 204
    take(world)
    assert documents(world)[before:] == [body]


def test_of_two_writers_at_once_one_is_told_where_the_upload_stands(
    sender: Sender, world: World, visit: Visit
) -> None:
    other = Sender(visit().client, sender.ticket)
    path = sender.begin(9)
    ready, answers = threading.Barrier(2), []

    def write(who: Sender, body: bytes) -> None:
        ready.wait()
        answers.append(who.put(path, 0, body).status_code)

    threads = [
        threading.Thread(target=write, args=(who, body))
        for who, body in ((sender, b"abc"), (other, b"xyz"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(answers) == [204, 409]
    assert sender.offset(path) == 3
    assert sender.put(path, 3, b"defghi").status_code == 204
    take(world)
    assert documents(world)[0] in (b"abcdefghi", b"xyzdefghi")


def test_a_killed_web_process_loses_nothing_that_was_answered(
    sender: Sender, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sender.begin(6)
    assert sender.put(path, 0, b"abc").status_code == 204

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:  # the piece is in the store, the row says nothing yet
        patch.setattr(uploads, "_keep", die)
        with pytest.raises(BaseException):  # noqa: B017
            sender.put(path, 3, b"def")
    left = [piece.object_key for piece in rows(world, UploadPiece) if not piece.kept]
    assert len(left) == 1 and world.storage.exists(left[0])
    with TestClient(create_app(world), base_url="http://127.0.0.1:8000") as client:
        again = Sender(client, sender.ticket)
        assert again.offset(path) == 3
        assert again.put(path, 3, b"DEF").status_code == 204
    take(world)
    assert documents(world) == [b"abcDEF"]
    assert not world.storage.exists(left[0]) and rows(world, UploadPiece) == []


def test_what_came_before_the_connection_broke_is_kept(sender: Sender, world: World) -> None:
    path = sender.begin(6)
    headers = {
        **BODY,
        "tus-resumable": "1.0.0",
        "upload-ticket": sender.ticket,
        "upload-offset": "0",
        "host": "127.0.0.1:8000",
    }
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "PATCH",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    coming: list[dict[str, Any]] = [
        {"type": "http.request", "body": b"abcd", "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> dict[str, Any]:
        return coming.pop(0)

    async def send(_: Any) -> None:
        pass

    run_aside(sender.client.app(scope, receive, send))  # type: ignore[arg-type]
    assert sender.offset(path) == 4


def test_a_store_that_does_not_answer_costs_the_piece_and_no_more(
    sender: Sender, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sender.begin(3)

    def fail(*_: object) -> None:
        raise StorageError("down")

    with monkeypatch.context() as patch:
        patch.setattr(type(world.storage), "put", fail)
        assert sender.put(path, 0, b"abc").status_code == 503
    assert sender.offset(path) == 0
    assert sender.put(path, 0, b"abc").status_code == 204


def test_a_body_with_another_checksum_is_not_kept(sender: Sender) -> None:
    path = sender.begin(3)
    right = base64.b64encode(hashlib.sha256(b"abc").digest()).decode()
    assert sender.put(path, 0, b"abd", **{"upload-checksum": f"sha256 {right}"}).status_code == 460
    assert sender.offset(path) == 0
    assert sender.put(path, 0, b"abc", **{"upload-checksum": f"md5 {right}"}).status_code == 400
    assert sender.put(path, 0, b"abc", **{"upload-checksum": f"sha256 {right}"}).status_code == 204


def test_an_upload_of_somebody_else_does_not_exist(
    sender: Sender, world: World, play: Play, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sender.begin(3)
    own = play.case_id
    play.open()
    stranger = ticket_for(world, Owner("case", play.case_id))
    draft = drafts.start(world, "here", "en")
    written = ticket_for(world, Owner("draft", drafts.read(world, draft).id or 0))
    same_number = ticket_for(world, Owner("draft", own))
    for ticket in (stranger, written, same_number, "", "forged", sender.ticket[:-3] + "abc"):
        other = Sender(visit().client, ticket)
        assert other.ask("HEAD", path, {}).status_code == 404
        assert other.put(path, 0, b"abc").status_code == 404
        assert other.ask("DELETE", path, {}).status_code == 404
        assert other.ask("GET", f"{path}/look", {}).status_code == 404
    assert sender.offset(path) == 0
    assert sender.ask("HEAD", "/portal/uploads/01ARZ3NDEKTSV4RRFFQ69G5FAV", {}).status_code == 404
    monkeypatch.setattr("time.time", lambda: 4_000_000_000.0)
    assert sender.ask("HEAD", path, {}).status_code == 404, "the page is older than half a day"


@pytest.mark.parametrize("of_inquiry", [False, True])
def test_an_open_page_takes_no_files_once_its_links_are_revoked(
    sender: Sender, world: World, play: Play, visit: Visit, of_inquiry: bool
) -> None:
    if of_inquiry:  # an inquiry that was sent: its page belongs to the case's links
        draft = drafts.read(world, drafts.start(world, "here", "en"))
        with transaction(world.engine) as session:
            session.get_one(PortalDraft, draft.id).case_id = play.case_id
        sender = Sender(sender.client, ticket_for(world, Owner("draft", draft.id or 0)))
    path = sender.begin(3)
    revoke_links(world, play.case_id, "U-1")
    assert sender.put(path, 0, b"abc").status_code == 404
    assert sender.ask("HEAD", path, {}).status_code == 404
    assert sender.create(3).status_code == 404
    assert [upload.received for upload in rows(world, Upload)] == [0]
    fresh = Sender(sender.client, ticket_for(world, Owner("case", play.case_id)))
    assert fresh.create(3).status_code == 201


def test_a_large_file_is_joined_without_being_held_in_memory(
    sender: Sender, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What takes a file of 300 MB holds a piece and a part of it at a time."""
    piece, count = b"\x01\x02\x03\x04" * (1024 * 1024), 10
    path = sender.begin(len(piece) * count)
    for number in range(count):
        assert sender.put(path, number * len(piece), piece).status_code == 204
    tracemalloc.start()
    take(world)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < len(piece) * count
    (document,) = rows(world, Document)
    expected = hashlib.sha256(piece * count).hexdigest()
    assert (document.sha256, document.size) == (expected, len(piece) * count)
    assert hashlib.sha256(world.storage.get(document.object_key)).hexdigest() == expected
    assert rows(world, UploadPiece) == []


def test_limits_of_size_number_and_length(
    sender: Sender, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.settings = world.settings.model_copy(update={"document_max_bytes": 10})
    refused = sender.create(11)
    assert (refused.status_code, refused.json()) == (413, {"code": "too_large"})
    path = sender.begin(3)
    assert sender.put(path, 0, b"abcd").status_code == 413
    assert sender.offset(path) == 0
    monkeypatch.setattr(upload_room, "MAX_BYTES", 12)
    assert sender.create(10).json() == {"code": "too_much"}
    monkeypatch.setattr(upload_room, "MAX_FILES", 1)
    assert sender.create(1).json() == {"code": "too_many"}


def test_a_cancelled_upload_leaves_nothing(sender: Sender, world: World) -> None:
    path = sender.begin(6)
    sender.put(path, 0, b"abc")
    (piece,) = rows(world, UploadPiece)
    assert sender.ask("DELETE", path, {}).status_code == 204
    assert rows(world, Upload) == [] and not world.storage.exists(piece.object_key)
    assert sender.ask("HEAD", path, {}).status_code == 404
    done = sender.send(b"abc")
    assert sender.ask("DELETE", done, {}).status_code == 404, "it is on its way into the file"


def test_what_was_given_up_is_removed_by_itself(sender: Sender, world: World, play: Play) -> None:
    path = sender.begin(6)
    sender.put(path, 0, b"abc")
    finished = sender.send(b"whole")
    (piece, _) = rows(world, UploadPiece)
    with transaction(world.engine) as session:
        session.execute(update(Upload).values(expires_at=Upload.expires_at - timedelta(days=8)))
    ensure_recurring(world)
    assert Runner(world, STEPS).drain(TIDY_UPLOADS) == 1
    assert [f"/portal/uploads/{row.public_id}" for row in rows(world, Upload)] == [finished]
    assert not world.storage.exists(piece.object_key)
    take(world)
    assert documents(world) == [b"whole"]


def test_after_a_withdrawal_no_file_is_taken(sender: Sender, world: World, play: Play) -> None:
    path = sender.begin(6)
    sender.put(path, 0, b"abc")
    sender.send(b"%PDF-1.7 all of it")
    facts = {"scopes": ["process"]}
    report_fact(world, play.case.ref, "consent.withdrawn", Actor("coordinator", "c1"), facts)
    assert sender.create(3).status_code == 404
    assert sender.put(path, 3, b"def").status_code == 404, "its page has ended with its links"
    take(world)
    drafts.tidy(world)
    assert documents(world) == [] and rows(world, UploadPiece) == [] and rows(world, Upload) == []


def test_a_poor_photo_is_kept_and_a_better_one_asked_for(sender: Sender, world: World) -> None:
    poor = as_jpeg(blurred(a_photo(), 5))
    path = sender.send(poor, "IMG_1.jpg")
    assert sender.ask("GET", f"{path}/look", {}).json() == {"hints": ["blurred"]}
    good = sender.send(as_jpeg(a_photo()), "IMG_2.jpg")
    assert sender.ask("GET", f"{good}/look", {}).json() == {"hints": []}
    text = sender.send(b"%PDF-1.7 a report", "a.pdf")
    assert sender.ask("GET", f"{text}/look", {}).json() == {"hints": []}
    broken = sender.send(b"\xff\xd8\xff broken", "b.jpg")
    assert sender.ask("GET", f"{broken}/look", {}).json() == {"hints": ["damaged"]}
    take(world)
    assert documents(world)[0] == poor
    with Session(world.engine) as session:
        first = session.scalars(select(Document).order_by(Document.id)).first()  # type: ignore[arg-type]
        assert first is not None and uploads.hints_for(session, first) == ("blurred",)
        first.state = "proposed"
        assert uploads.hints_for(session, first) == (), "it was read after all"


def test_iphones_photos_are_looked_at_and_bombs_do_no_harm(sender: Sender) -> None:
    heic = (PROJECT_ROOT / "tests" / "adapters" / "reader" / "data" / "photo.heic").read_bytes()
    path = sender.send(heic, "IMG_0001.HEIC")
    assert "damaged" not in sender.ask("GET", f"{path}/look", {}).json()["hints"]
    large = io.BytesIO()
    Image.new("1", (60_000, 60_000)).save(large, "PNG")
    bomb = sender.send(large.getvalue(), "bomb.png")
    assert sender.ask("GET", f"{bomb}/look", {}).json() == {"hints": ["damaged"]}


def test_a_form_without_files_may_not_be_large(visit: Visit) -> None:
    client = visit().client
    answer = client.post(
        "/portal/new",
        content=b"csrf=" + b"x" * 1_100_000,
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 413


def test_a_file_is_never_given_back_to_a_browser(sender: Sender) -> None:
    path = sender.send(b"<html><script>alert(1)</script>", "page.html")
    for address in (path, f"{path}/content"):
        answer = sender.ask("GET", address, {})
        assert answer.status_code in (404, 405)
        assert b"<script>alert" not in answer.content
