"""Reading in turns: what was read when a reading gave way is kept, and gone on with later.

The pages lie in the store, under the key that the finished reading's will replace; how much of the
file's limits they took stands in the document's notes. What is lost of it is read again.
"""

from dataclasses import dataclass
from datetime import timedelta

from adapters.reader import ReadDocument
from adapters.reader.types import MISSING, GaveWay, OcrMissing, SoFar, Turn
from adapters.sandbox.elsewhere import ReaderAway
from adapters.storage_errors import ObjectDamaged, ObjectMissing
from models import Document
from models.base import require_id
from workflows.documents.pages_kept import load_pages, store_pages
from workflows.engine.fair import Slice, note_use, others_wait
from workflows.engine.lookup import get
from workflows.engine.work import NotNow, Unit, Work

SO_FAR = "reading"
"""Note of a document that was read in part: seconds, restarts and bytes that it took."""
GIVES_WAY = "gives_way"
READER_AWAY = timedelta(seconds=30)
"""After how long a reader's process that did not answer is asked again."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading that came to its end; `seconds` are those of its last turn."""

    read: ReadDocument
    seconds: float
    kept: str | None
    """The key of the pages that earlier turns left."""

    def end(self, unit: Unit, document: Document) -> None:
        """Count what it took, and forget what earlier turns left in the document's row."""
        note_use(unit.session, document.case_id, unit.now, self.seconds)
        document.notes = {name: value for name, value in document.notes.items() if name != SO_FAR}


def read_in_turn(work: Work, document_id: int) -> Reading:
    """Read a document on from where it stands.

    Raises `NotNow` when it gave way to others, with all that was read kept; `OcrMissing`, so that a
    person is asked, and nobody is told that their scan has no text; and what the store and the
    reader raise.
    """
    with work.reading() as session:
        document = get(session, Document, document_id)
        case_id, size = document.case_id, document.size
    so_far = _so_far(work, document)

    def waits() -> bool:
        if work.make_way():
            return True
        with work.reading() as session:
            return others_wait(session, work.row.name, case_id, size, work.world.clock.now())

    content = work.world.storage.get(document.object_key)
    part = Slice(waits)
    kept = document.text_object_key if SO_FAR in document.notes else None
    try:
        turn = Turn(so_far, part.gives_way)
        read = work.world.reader.read(content, password=document.password, turn=turn)
    except ReaderAway:
        raise NotNow("reader_away", READER_AWAY) from None
    except GaveWay as gave:
        _keep(work, document, gave.so_far, part.seconds, kept)
        raise NotNow(GIVES_WAY, timedelta(0)) from None
    if read.details.get("ocr") == MISSING:
        raise OcrMissing
    return Reading(read, part.seconds, kept)


def _so_far(work: Work, document: Document) -> SoFar:
    note = document.notes.get(SO_FAR)
    if note is None:
        return SoFar()
    try:
        pages = load_pages(work.world.storage, document.text_object_key or "")
    except (ObjectMissing, ObjectDamaged):
        return SoFar()  # the time of what we lost is not the file's
    return SoFar(pages, float(note["seconds"]), int(note["restarts"]), int(note["received"]))


def _keep(
    work: Work, document: Document, so_far: SoFar, seconds: float, before: str | None
) -> None:
    document_id = require_id(document.id)
    # Of this document alone: another case may hold the same file, read so far, too.
    key = store_pages(work.world.storage, f"{document.sha256}-{document_id}", so_far.pages)
    note = {
        "pages": len(so_far.pages),
        "seconds": round(so_far.seconds, 3),
        "restarts": so_far.restarts,
        "received": so_far.received,
    }
    with work.claiming() as unit:
        row = get(unit.session, Document, document_id)
        row.text_object_key = key
        row.notes = {**row.notes, SO_FAR: note}
        note_use(unit.session, row.case_id, unit.now, seconds)
    if before is not None and before != key:
        work.world.storage.delete(before)
