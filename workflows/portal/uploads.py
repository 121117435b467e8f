"""Files on their way from a patient's browser: pieces kept as they come, nothing sent twice.

Each piece is an object in the store, written down before it is put there, so that what a crash
leaves behind is known. A piece counts when it begins where the upload stands, decided under the
row's lock: of two writers one is told where it stands now. When the last byte of a case's upload
is here, the step `ingestion.take_upload` joins the pieces into an original and a document, once.
An inquiry's uploads wait in pieces until it is sent.

Who may touch an upload is decided by a ticket (`upload_tickets`); an upload of another owner does
not exist for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from sqlalchemy import ColumnElement, select, text
from sqlmodel import Session, col
from ulid import ULID

from accounts.sessions import real_now
from adapters.pictures.asking import could_be_photo
from models import Case, Document, PortalDraft, Upload, UploadPiece
from models.base import require_id
from models.database import transaction
from workflows.documents.visits import KEPT_UNFINISHED, visit_of
from workflows.engine.doorbell import DueRow
from workflows.engine.file_store import store_told
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.letters.leaving import is_stopped
from workflows.portal.upload_room import NoRoom, check_room, note_held_back
from workflows.portal.upload_room import Owner as Owner

PIECE_BYTES = 4 * 1024 * 1024
LARGEST_PHOTO = 60 * 1024 * 1024
_NOT_READ = {
    "no_text": "no_text",
    "corrupt": "damaged",
    "empty": "empty",
    "encrypted": "locked",
    "unsupported": "not_a_document",
    "too_large": "too_heavy",
}


class UploadMissing(LookupError):
    """There is no such upload for this owner."""


class UploadRefused(ValueError):
    """This upload cannot begin. `code` is too_large, too_many or too_much."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class OffsetConflict(ValueError):
    """The piece does not begin where the upload stands."""


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A file on its way as its sender sees it; lengths in bytes, hints as codes."""

    public_id: str
    file_name: str
    fingerprint: str | None
    length: int
    received: int
    state: str
    hints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Position:
    """How far an upload is: bytes here and in all; when what is unfinished is thrown away."""

    public_id: str
    received: int
    length: int
    state: str
    expires_at: datetime


def begin(
    world: World, owner: Owner, *, length: int, file_name: str, fingerprint: str | None = None
) -> Position:
    """Write down an upload of `length` bytes; raise `UploadRefused`, `UploadMissing`."""
    if not 0 <= length <= world.settings.document_max_bytes:
        raise UploadRefused("too_large")
    try:
        position, due = _begun(world, owner, length, file_name, fingerprint)
    except NoRoom as refused:
        note_held_back(world, refused, length)
        raise UploadRefused(refused.code) from None
    world.doorbell.ring(due)
    return position


def _begun(
    world: World, owner: Owner, length: int, file_name: str, fingerprint: str | None
) -> tuple[Position, list[DueRow]]:
    with transaction(world.engine) as session:
        session.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:owner, 0))"),
            {"owner": f"upload:{owner.kind}:{owner.id}"},
        )
        draft_id, case_id = _resolved(session, owner)
        check_room(session, _belongs(owner), draft_id, case_id, length)
        upload = Upload(
            public_id=str(ULID()),
            draft_id=draft_id,
            case_id=case_id,
            file_name="".join(c for c in file_name if c.isprintable()).strip()[:400],
            fingerprint=fingerprint,
            length=length,
            visit_at=visit_of(session, _belongs(owner), world.clock.now()),
            expires_at=real_now() + KEPT_UNFINISHED,
        )
        session.add(upload)
        session.flush()
        due = _arrived(session, world, upload) if length == 0 else []
        return _position(upload), due


def where(world: World, owner: Owner, public_id: str) -> Position:
    """Return how far an upload is; raise `UploadMissing`."""
    with transaction(world.engine) as session:
        return _position(_find(session, owner, public_id))


@store_told()
def append(world: World, owner: Owner, public_id: str, offset: int, content: bytes) -> Position:
    """Keep a piece that begins at `offset`.

    Raises `OffsetConflict` when the upload stands elsewhere or the piece reaches beyond its end,
    `UploadMissing`, and `StoreFailed`: then the piece does not count.
    """
    with transaction(world.engine) as session:
        upload = _find(session, owner, public_id)
        _must_fit(upload, offset, len(content))
        if not content:
            return _position(upload)
        key = f"uploads/{public_id}/{offset:012d}-{ULID()}"
        piece = UploadPiece(
            upload_id=require_id(upload.id), start=offset, size=len(content), object_key=key
        )
        session.add(piece)
        session.flush()
        piece_id = require_id(piece.id)
    world.storage.put(key, content, "application/octet-stream")
    try:
        return _keep(world, owner, public_id, piece_id)
    except (OffsetConflict, UploadMissing):
        world.storage.delete(key)
        with transaction(world.engine) as session:
            lost = session.get(UploadPiece, piece_id)
            if lost is not None:
                session.delete(lost)
        raise


def _keep(world: World, owner: Owner, public_id: str, piece_id: int) -> Position:
    with transaction(world.engine) as session:
        upload = _find(session, owner, public_id, lock=True)
        piece = session.get(UploadPiece, piece_id)
        if piece is None:
            raise OffsetConflict
        _must_fit(upload, piece.start, piece.size)
        piece.kept = True
        upload.received += piece.size
        upload.expires_at = real_now() + KEPT_UNFINISHED
        due = _arrived(session, world, upload) if upload.received == upload.length else []
        position = _position(upload)
    world.doorbell.ring(due)
    return position


@store_told()
def receive_whole(world: World, owner: Owner, name: str, length: int, content: BinaryIO) -> str:
    """Take a form's file in pieces; return its public id. Raises as `begin` and `append` do."""
    position = begin(world, owner, length=length, file_name=name)
    try:
        while piece := content.read(PIECE_BYTES):
            position = append(world, owner, position.public_id, position.received, piece)
    except Exception:
        remove(world, owner, position.public_id)
        raise
    return position.public_id


@store_told()
def remove(world: World, owner: Owner, public_id: str) -> None:
    """Forget an upload that is not a document yet; raise `UploadMissing`, `StoreFailed`.

    What is on its way into a case's file cannot be called back.
    """
    with transaction(world.engine) as session:
        upload = _find(session, owner, public_id, lock=True)
        if upload.state == "taken" or (upload.state == "arrived" and upload.case_id is not None):
            raise UploadMissing
        upload.state, upload.expires_at = "receiving", real_now() - KEPT_UNFINISHED
        upload_id = require_id(upload.id)
    forget(world, upload_id)


def forget(world: World, upload_id: int) -> None:
    """Remove the pieces of an upload, then its row."""
    drop_pieces(world, upload_id)
    with transaction(world.engine) as session:
        upload = session.get(Upload, upload_id)
        if upload is not None:
            session.delete(upload)


def drop_pieces(world: World, upload_id: int) -> None:
    """Remove an upload's pieces from the store and their rows; again is no error."""
    with transaction(world.engine) as session:
        pieces = session.scalars(
            select(UploadPiece).where(col(UploadPiece.upload_id) == upload_id)
        ).all()
        for piece in pieces:
            world.storage.delete(piece.object_key)
            session.delete(piece)


def read_pieces(world: World, upload_id: int) -> Iterator[bytes]:
    """Yield an upload's bytes, one piece at a time; raise ValueError when a piece is missing."""
    with transaction(world.engine) as session:
        upload = session.get_one(Upload, upload_id)
        pieces = session.scalars(
            select(UploadPiece)
            .where(col(UploadPiece.upload_id) == upload_id, col(UploadPiece.kept))
            .order_by(col(UploadPiece.start))
        ).all()
    read = 0
    for piece in pieces:
        if piece.start != read:
            raise ValueError("an upload with a gap")
        content = world.storage.get(piece.object_key)
        read += len(content)
        yield content
    if read != upload.length:
        raise ValueError("an upload that is not complete")


def listed(world: World, owner: Owner) -> list[OwnFile]:
    """Return the owner's uploads that are no documents yet, oldest first."""
    query = select(Upload).where(
        _belongs(owner), col(Upload.state) != "taken", col(Upload.expires_at) > real_now()
    )
    with transaction(world.engine) as session:
        return [
            OwnFile(
                row.public_id,
                row.file_name,
                row.fingerprint,
                row.length,
                row.received,
                row.state,
                tuple(row.hints),
            )
            for row in session.scalars(query.order_by(col(Upload.id)))
        ]


@store_told()
def look_at(world: World, owner: Owner, public_id: str) -> list[str]:
    """Return the hints about an upload that arrived; a photo is looked at once, in a child.

    Raises `UploadMissing`, `StoreFailed`.
    """
    with transaction(world.engine) as session:
        upload = _find(session, owner, public_id)
    if upload.state == "receiving" or upload.looked_at is not None:
        return upload.hints
    hints = _first_look(world, upload)
    with transaction(world.engine) as session:
        upload = _find(session, owner, public_id, lock=True)
        upload.hints, upload.looked_at = hints, real_now()
    return hints


def hints_for(session: Session, document: Document) -> tuple[str, ...]:
    """Return why a document should be sent again, as codes; empty when it need not be.

    The first look at a photo that came through the portal, and what real reading said of any
    file. `web.portal_words.hint_text(code)` says it in the reader's language.
    """
    first = session.scalars(
        select(col(Upload.hints)).where(col(Upload.document_id) == require_id(document.id))
    ).first()
    read = _NOT_READ.get(document.read_status or "")
    if document.state in ("proposed", "verified"):
        return ()
    return tuple(dict.fromkeys([*([read] if read else []), *(first or ())]))


def _first_look(world: World, upload: Upload) -> list[str]:
    if upload.length == 0:
        return ["empty"]
    if upload.length > LARGEST_PHOTO:
        return []
    upload_id = require_id(upload.id)
    if upload.document_id is not None:
        with transaction(world.engine) as session:
            key = session.get_one(Document, upload.document_id).object_key
        content = world.storage.get(key)
    else:
        with transaction(world.engine) as session:
            head_key = session.scalars(
                select(col(UploadPiece.object_key)).where(
                    col(UploadPiece.upload_id) == upload_id,
                    col(UploadPiece.kept),
                    col(UploadPiece.start) == 0,
                )
            ).first()
        if head_key is None or not could_be_photo(world.storage.get(head_key)):
            return []
        content = b"".join(read_pieces(world, upload_id))
    return list(world.pictures.look(content)) if could_be_photo(content) else []


def _arrived(session: Session, world: World, upload: Upload) -> list[DueRow]:
    """Note that every byte is here; a case's upload is now to be made a document."""
    upload.state, upload.arrived_at = "arrived", world.clock.now()
    session.flush()
    if upload.case_id is None:
        return []
    recorder = Recorder(session, world.process, world.clock.now())
    to_take(recorder, upload)
    return recorder.flush()


def to_take(recorder: Recorder, upload: Upload) -> None:
    """Queue the step that makes an arrived upload a document of its case."""
    objects = {"upload_id": require_id(upload.id)}
    recorder.request("take_upload", case_id=upload.case_id, objects=objects)


def _find(session: Session, owner: Owner, public_id: str, *, lock: bool = False) -> Upload:
    query = select(Upload).where(
        col(Upload.public_id) == public_id, _belongs(owner), col(Upload.expires_at) > real_now()
    )
    upload = session.scalars(query.with_for_update() if lock else query).first()
    if upload is None:
        raise UploadMissing
    return upload


def _belongs(owner: Owner) -> ColumnElement[bool]:
    column = col(Upload.draft_id) if owner.kind == "draft" else col(Upload.case_id)
    return column == owner.id


def _resolved(session: Session, owner: Owner) -> tuple[int | None, int | None]:
    """Return (draft, case) of new uploads; raise `UploadMissing` where none may come any more."""
    case_id: int | None = owner.id
    draft_id: int | None = None
    if owner.kind == "draft":
        draft = session.scalars(
            select(PortalDraft).where(col(PortalDraft.id) == owner.id).with_for_update()
        ).first()
        if draft is None or draft.expires_at <= real_now():
            raise UploadMissing
        draft_id, case_id = owner.id, draft.case_id
    if case_id is not None:
        case = session.get(Case, case_id)
        if case is None or case.erased_at is not None or is_stopped(session, case, None):
            raise UploadMissing
    return draft_id, case_id


def _must_fit(upload: Upload, offset: int, size: int) -> None:
    if offset != upload.received or offset + size > upload.length:
        raise OffsetConflict
    if upload.state != "receiving" and size:
        raise OffsetConflict


def _position(upload: Upload) -> Position:
    return Position(
        upload.public_id, upload.received, upload.length, upload.state, upload.expires_at
    )
