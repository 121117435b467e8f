"""What patients write and send before it is a case's: inquiries being written, files on their way.

Both hold personal data, in their own columns only, sealed, and both end: see `expires_at`.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from models.base import Json, identity, json_column, one_of, reference, utc, utc_now_column
from models.sealed import are_sealed, sealed

UPLOAD_STATES = ("receiving", "arrived", "taken")


class PortalDraft(SQLModel, table=True):
    """An inquiry being written. `answers` are personal data; they leave the row when it is sent.

    Of the link's token only the hash is kept; `seed` makes the token again together with the
    secret key, for the letter that brings the link.
    """

    __tablename__ = "portal_draft"
    __table_args__ = (*are_sealed("answers"),)

    id: int | None = identity()
    token_sha256: str = Field(unique=True, max_length=64)
    seed: str = Field(max_length=40)
    answers: Json = sealed("portal_draft.answers", "object")
    done: list[str] = json_column(list)
    """The steps that were filled in and passed."""
    language: str = Field(default="en", max_length=12)
    place: str | None = Field(default=None, max_length=80, index=True)
    """The keyed hash of the address from which it was begun."""
    case_id: int | None = reference("case.id", nullable=True)
    """The case that this inquiry opened: one at most."""
    letters: int = Field(default=0)
    """How often the link was asked for by e-mail."""
    letter_state: str | None = Field(default=None, max_length=12)
    """Of the last letter: queued, sending, sent, refused, uncertain."""
    letter_at: datetime | None = utc()
    expires_at: datetime = utc(nullable=False, index=True)
    created_at: datetime = utc_now_column()


class Upload(SQLModel, table=True):
    """One file on its way, of a draft or of a case. `file_name` is the sender's: personal data.

    `receiving` until `received` (bytes) reaches `length`, then `arrived`; `taken` when it is a
    document of the case, which then holds the name. `fingerprint` is the browser's hash of parts
    of the file and its name: it finds the file again that was cut off.
    """

    __tablename__ = "upload"
    __table_args__ = (
        one_of("state", UPLOAD_STATES),
        Index("ix_upload_state_expires", "state", "expires_at"),
        *are_sealed("file_name"),
    )

    id: int | None = identity()
    public_id: str = Field(unique=True, max_length=26)
    draft_id: int | None = reference("portal_draft.id", nullable=True)
    case_id: int | None = reference("case.id", nullable=True)
    document_id: int | None = reference("document.id", nullable=True)
    file_name: str = sealed("upload.file_name", max_length=400)
    fingerprint: str | None = Field(default=None, max_length=64)
    length: int = Field(sa_type=BigInteger)
    received: int = Field(default=0, sa_type=BigInteger)
    state: str = Field(default="receiving", max_length=10)
    hints: list[str] = json_column(list)
    """What the first look at a photo found: codes of `extractors.photo_quality`."""
    looked_at: datetime | None = utc()
    arrived_at: datetime | None = utc()
    """Business clock: when the last byte came."""
    visit_at: datetime | None = utc()
    """Business clock: when the visit began that it came in; its files are one sending."""
    expires_at: datetime = utc(nullable=False)
    created_at: datetime = utc_now_column()


class UploadPiece(SQLModel, table=True):
    """A part of an upload as an object in the store; written down before the object is.

    `kept` is false until the part counts: what was left by a crash is known and removed.
    """

    __tablename__ = "upload_piece"

    id: int | None = identity()
    upload_id: int = reference("upload.id")
    start: int = Field(sa_type=BigInteger)
    size: int
    object_key: str = Field(max_length=120)
    kept: bool = Field(default=False)
