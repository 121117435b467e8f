"""A document's bytes for people: pictures of its pages, a finding's line, its text, the original.

Whoever asks for a page or the original is audited, also where it cannot be had.
"""

import json
from collections.abc import Mapping
from threading import BoundedSemaphore

from accounts import audit
from adapters.pictures.asking import NoPicture
from adapters.storage import StorageError
from models import Case, Document, FindingRecord
from models.database import transaction
from views.case_file import document_pages
from views.shown import ShownDocument, ShownPage, shown
from workflows.documents.keeping import KEPT_LOCKED
from workflows.documents.page_pictures import line_picture, page_picture, small_picture
from workflows.documents.scanning import MALWARE, found_in
from workflows.documents.whose import ASKED, is_asked
from workflows.engine.lookup import get
from workflows.engine.not_there import check_not_erased
from workflows.engine.world import World

_DRAWN = {"png": page_picture, "webp": small_picture}
_ahead = BoundedSemaphore(2)
"""Pages of a web process that draw a picture before they are sent: others do not wait for it."""
NOT_SCANNED = "not_scanned"
PICTURES = frozenset(_DRAWN)
"""The kinds of picture: png as drawn, webp for the console."""


class FileMissing(LookupError):
    """What was asked for cannot be had; the message says what, without personal data."""


class FileLocked(FileMissing):
    """It is here, and nobody may open it."""


def why_locked(world: World, document: ShownDocument) -> str:
    """Return why nobody may open a file; empty for one that may be."""
    if found_in(document):
        return "This file is locked: the virus scan found something in it."
    if _is_kept_locked(world, document):
        return "This file is another person's: it is kept locked."
    never = document.state == "kept" and document.scan == "not_scanned"
    if (document.state == "received" or never) and world.settings.clamd:
        return "The virus scan has not looked at this file yet. Try again later."
    return ""


def _is_kept_locked(world: World, document: ShownDocument) -> bool:
    locked = document.notes.get(KEPT_LOCKED)
    if locked != ASKED:
        return bool(locked)
    with transaction(world.engine) as session:
        return not is_asked(session, document.case_id)


def left_out(world: World, document: ShownDocument, original: ShownDocument | None) -> str:
    """Return the code of why a file is in no copy of the data; empty for one that is.

    A second copy of an `original` is left out with it.
    """
    if found_in(document):
        return MALWARE
    if document.quarantine_reason or why_locked(world, document):
        return document.quarantine_reason or NOT_SCANNED
    return left_out(world, original, None) if original is not None else ""


def page_of(world: World, document_id: int, number: int, kind: str, actor_ref: str) -> bytes:
    """Return page `number` (from 1) as a picture of `PICTURES`.

    Raises `RowNotFound`, and `FileMissing` for a page that cannot be drawn.
    """
    document = _opened(world, document_id, f"page.viewed:{number}", actor_ref)
    try:
        return _DRAWN[kind](world, document, number)
    except (NoPicture, StorageError):
        raise FileMissing("This page cannot be drawn.") from None


def line_of(world: World, finding_id: int, actor_ref: str) -> bytes:
    """Return the strip of the page with a finding's line, framed, as PNG.

    Raises `RowNotFound`, and `FileMissing` for a value without a place or a page not drawn.
    """
    with transaction(world.engine) as session:
        finding = get(session, FindingRecord, finding_id)
        if finding.document_id is None or not finding.page or not finding.box:
            raise FileMissing("This value has no place on a page.")
        pages = document_pages(session, finding.document_id)
    document = _opened(world, finding.document_id, f"page.viewed:{finding.page}", actor_ref)
    width = next((page.width for page in pages if page.number == finding.page), 0.0)
    try:
        return line_picture(world, document, finding.page, width, finding.box)
    except (NoPicture, StorageError):
        raise FileMissing("This line cannot be drawn.") from None


def original_of(world: World, document_id: int, actor_ref: str) -> bytes:
    """Return the original bytes; raise `RowNotFound`, `FileMissing` when the store is silent."""
    document = _opened(world, document_id, "document.downloaded", actor_ref)
    try:
        return world.storage.get(document.object_key)
    except StorageError:
        raise FileMissing("The store does not answer. Try again.") from None


def has_picture(world: World, document: ShownDocument, page: ShownPage) -> bool:
    """Return whether a page can be drawn; drawing it is kept."""
    media_type = document.media_type or ""
    if why_locked(world, document) or not (
        media_type == "application/pdf" or media_type.startswith("image/")
    ):
        return False
    if not _ahead.acquire(blocking=False):
        return page.width > 0 and page.height > 0  # it is drawn when the browser asks for it
    try:
        page_picture(world, document, page.number)
    except (NoPicture, StorageError):
        return False
    finally:
        _ahead.release()
    return page.width > 0 and page.height > 0


def texts_of(world: World, document: ShownDocument) -> Mapping[int, str]:
    """Return the text of each page by its number; empty when it cannot be had."""
    if document.text_object_key is None or why_locked(world, document):
        return {}
    try:
        pages = json.loads(world.storage.get(document.text_object_key))["pages"]
    except StorageError:
        return {}
    return {int(page["number"]): str(page["text"]) for page in pages}


def _opened(world: World, document_id: int, action: str, actor_ref: str) -> ShownDocument:
    with transaction(world.engine) as session:
        document = shown(ShownDocument, get(session, Document, document_id))
        if locked := why_locked(world, document):
            raise FileLocked(locked)
        check_not_erased(get(session, Case, document.case_id))
        audit.note(
            session,
            actor_ref=actor_ref,
            action=action,
            at=world.clock.now(),
            object_ref=f"document:{document_id}",
            case_id=document.case_id,
        )
    return document
