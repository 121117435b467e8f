"""The files of a letter: stored as originals, and written down as documents of its case."""

import hashlib
from collections.abc import Sequence

from correspondence import InboundLetter
from models import Document, Message
from models.base import require_id
from workflows.cases.intake import add_document, store_original
from workflows.documents.keeping import KEPT_LOCKED
from workflows.documents.notes import MOVED_WITH, OF_LETTER, left_with
from workflows.documents.scanning import let_go
from workflows.engine import outside
from workflows.engine.papers_left import LEFT_AS, forget_steps, without_left
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Event

StoredFile = tuple[str, str, str, int, bool]
"""Name, SHA-256, object key, size in bytes, and whether the text shows it (a logo)."""


def store_files(world: World, letter: InboundLetter) -> list[StoredFile]:
    """Store the files of a letter that may be papers; signatures, cards and calendars are none."""
    papers = letter.papers()

    def store() -> list[StoredFile]:
        return [
            (name, *store_original(world, content), len(content), shown)
            for name, _media_type, content, shown in papers
        ]

    hashes = (hashlib.sha256(content).hexdigest() for _, _, content, _ in papers)
    return outside.first(f"files {' '.join(hashes)}", store)


def add_files(recorder: Recorder, message: Message, stored: Sequence[StoredFile]) -> None:
    """Write down the files of a letter as documents of the case it belongs to.

    A file that was taken away with the letter, and comes back with it, is taken up again.
    """
    case_id, letter = message.case_id or 0, require_id(message.id)
    for name, sha256, key, size, shown in stored:
        if _comes_back(recorder, case_id, letter, sha256):
            continue
        document = add_document(
            recorder.session,
            recorder,
            case_id,
            sha256=sha256,
            key=key,
            size=size,
            file_name=name,
            channel="email" if message.thread_id is None else "hospital",
        )
        document.notes = {**document.notes, OF_LETTER: letter}
        if shown:
            document.notes = {**document.notes, "shown_in_text": True}


def _comes_back(recorder: Recorder, case_id: int, letter: int, sha256: str) -> bool:
    """Take up a document again that left the case with this letter; False where there is none."""
    gone = left_with(recorder.session, case_id, letter, sha256)
    document = next((one for one in gone if one.state == "quarantined"), None)
    if document is None:
        return False
    take_again(recorder, document)
    return True


def take_again(recorder: Recorder, document: Document) -> None:
    """Have a document of the case looked at as if it had just come; not where it holds malware."""
    if LEFT_AS in document.notes:
        forget_steps(recorder.session, document, recorder.now)
    gone = (MOVED_WITH, KEPT_LOCKED)
    document.notes = {k: v for k, v in without_left(document).items() if k not in gone}
    document.identity_result = None
    if not let_go(document, "received"):
        return
    about = {"document_id": require_id(document.id)}
    payload = {**about, "channel": document.channel, "bytes": document.size}
    recorder.record(
        document.case_id, Event("document.received", {**payload, "sha256": document.sha256}, about)
    )
