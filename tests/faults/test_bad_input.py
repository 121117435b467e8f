"""Files that no reader is happy with: each is kept, explained, asked about; the case goes on."""

import hashlib
import io
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from adapters.clock import FixedClock
from local.rehearsal.documents import EXAMPLES, breast_synoptic
from models import Document, StepRun
from models.base import require_id
from models.database import transaction
from settings import Settings
from tests.workflows.playing import Play, add_hospitals
from workflows.cases.intake import add_document, store_original
from workflows.engine.record import Recorder
from workflows.engine.world import World

GOOD = EXAMPLES["breast-synoptic.pdf"]


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    world = World(settings, engine=engine, clock=clock)
    add_hospitals(world)
    return Play(world, clock)


def many_pages() -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    for number in range(2000):
        canvas.drawString(72, 720, f"Page {number} of a chart that nobody has sorted.")
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def pdf(*objects: bytes) -> bytes:
    """Return a PDF file of these objects (number 1 is the catalogue)."""
    out, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        table,
    )
    return bytes(out)


def no_pages() -> bytes:
    return pdf(b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>")


def packed_again_and_again(block: bytes, times: int) -> bytes:
    """Return what zlib makes of `times` blocks one after the other; only one is packed."""
    packer = zlib.compressobj(9)
    head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)  # nothing points back over it
    packed = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    of_one, low, high = zlib.adler32(block), 1, 0
    for _ in range(times):
        high = (high + len(block) * (low - 1) + (of_one >> 16)) % 65521
        low = (low + (of_one & 0xFFFF) - 1) % 65521
    return head + packed * times + b"\x03\x00" + (high << 16 | low).to_bytes(4, "big")


def bomb() -> bytes:
    """Seven megabytes that unpack to three gigabytes of page content, twice packed."""
    body = packed_again_and_again(b"BT /F1 12 Tf (bang) Tj ET " * 1_200_000, times=100)
    stream = b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(body), body)
    return pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        stream,
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )


BAD: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    "not a PDF": (lambda: b"MZ\x90\x00" + bytes(range(256)) * 40, {"unsupported", "corrupt"}),
    "empty": (lambda: b"", {"empty"}),
    "truncated": (lambda: GOOD()[:1200], {"corrupt", "no_text"}),
    "locked": (lambda: breast_synoptic(password="open sesame"), {"encrypted"}),
    "no pages": (no_pages, {"empty", "corrupt", "no_text"}),
    "2,000 pages": (many_pages, {"too_many_pages"}),
    "bomb": (bomb, {"too_large", "corrupt", "no_text"}),
}


def add(play: Play, content: bytes, name: str) -> int:
    sha256, key = store_original(play.world, content)
    with transaction(play.world.engine) as session:
        recorder = Recorder(session, play.world.process, play.clock.now())
        document = add_document(
            session,
            recorder,
            play.case_id,
            sha256=sha256,
            key=key,
            size=len(content),
            file_name=name,
            channel="portal",
        )
        recorder.flush()
        return require_id(document.id)


def get(play: Play, document_id: int) -> Document:
    with Session(play.world.engine) as session:
        return session.get_one(Document, document_id)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("what", sorted(BAD))
def test_a_file_that_cannot_be_read_is_kept_explained_and_asked_about(
    play: Play, what: str
) -> None:
    make, reasons = BAD[what]
    content = make()
    play.open()
    document_id = add(play, content, f"{what}.pdf")
    play.run()

    document = get(play, document_id)
    assert document.sha256 == hashlib.sha256(content).hexdigest()
    assert play.world.storage.get(document.object_key) == content, "the original is kept"
    (task,) = [task for task in play.tasks() if task.kind == "repair_document"]
    assert task.detail in reasons
    assert task.objects == {"document_id": document_id}
    told = [letter for letter in play.messages(template="M05") if letter.state == "sent"]
    assert len(told) == 1 and "page" in told[0].body.lower() + " page"
    with Session(play.world.engine) as session:
        dead = session.scalars(select(StepRun).where(col(StepRun.state) == "dead")).all()
    assert dead == []

    good = add(play, GOOD(), "a readable copy.pdf")
    play.run()
    assert get(play, good).state == "proposed", "the case goes on"


def test_the_sender_is_told_what_is_wrong_in_plain_words(play: Play) -> None:
    play.open()
    add(play, breast_synoptic(password="open sesame"), "locked.pdf")
    play.run()
    (letter,) = play.messages(template="M05")
    assert "password" in letter.body


def test_a_locked_file_is_read_once_its_password_is_given(play: Play) -> None:
    play.open()
    document_id = add(play, breast_synoptic(password="open sesame"), "locked.pdf")
    play.run()
    play.answer("repair_document", "password", password="open sesame")
    document = get(play, document_id)
    assert (document.state, document.password) == ("proposed", None)


def test_the_same_file_twice_is_read_once(play: Play) -> None:
    play.open()
    first, second = add(play, GOOD(), "report.pdf"), add(play, GOOD(), "report (1).pdf")
    play.run()
    assert get(play, first).state == "proposed"
    assert (get(play, second).state, get(play, second).duplicate_of) == ("duplicate", first)


def test_a_name_with_slashes_and_emoji_is_shown_and_never_used_as_a_path(play: Play) -> None:
    play.open()
    name = "../../etc/😀 rapport\x00 d'été\n/2026.pdf"
    document_id = add(play, GOOD(), name)
    play.run()
    document = get(play, document_id)
    assert document.state == "proposed"
    assert document.file_name == "../../etc/😀 rapport d'été/2026.pdf"
    assert document.object_key == f"originals/{document.sha256}"
