"""Documents: the original bytes stand in object storage under their SHA-256, for ever the same."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel

from models.base import Json, identity, one_of, reference, utc, utc_now_column
from models.sealed import are_sealed, sealed

STATES = (
    "received",
    "stored",
    "read",
    "proposed",
    "verified",
    "quarantined",
    "duplicate",
    "unreadable",
    "superseded",
    "kept",
)
"""`kept`: a file of an imported letter, which nobody has had read."""


class Document(SQLModel, table=True):
    """One file of a case. `file_name` and `password` are the sender's: personal data."""

    __tablename__ = "document"
    __table_args__ = (
        one_of("state", STATES),
        Index("ix_document_case_sha256", "case_id", "sha256"),
        *are_sealed("file_name", "password", "report_date", "notes"),
        Index("ix_document_not_scanned", "id", postgresql_where=text("scan = 'not_scanned'")),
    )

    id: int | None = identity()
    case_id: int = reference("case.id")
    sha256: str = Field(max_length=64, index=True)
    object_key: str = Field(max_length=200)
    size: int = Field(sa_type=BigInteger)
    file_name: str = sealed("document.file_name", max_length=400)
    password: str | None = sealed("document.password", default=None, max_length=200)
    media_type: str | None = Field(default=None, max_length=100)
    channel: str = Field(default="portal", max_length=20)
    state: str = Field(default="received", max_length=20)
    quarantine_reason: str | None = Field(default=None, max_length=40)
    scan: str = Field(
        default="not_scanned", max_length=12, sa_column_kwargs={"server_default": "not_scanned"}
    )
    """What the virus scan said: not_scanned, too_large, encrypted, clean or found."""
    scanned_at: datetime | None = utc()
    read_status: str | None = Field(default=None, max_length=30)
    pages: int | None = None
    text_object_key: str | None = Field(default=None, max_length=200)
    label: str | None = Field(default=None, max_length=60)
    label_confidence: float | None = None
    organ: str | None = Field(default=None, max_length=30)
    language: str | None = Field(default=None, max_length=20)
    identity_result: str | None = Field(default=None, max_length=10)
    report_date: date | None = sealed("document.report_date", "day", default=None)
    duplicate_of: int | None = reference("document.id", nullable=True, index=False)
    extractor_version: str | None = Field(default=None, max_length=40)
    notes: Json = sealed("document.notes", "object")
    """What a reading leaves: parts, languages, and open questions with their quotes."""
    received_at: datetime = utc(nullable=False)
    created_at: datetime = utc_now_column()


class DocumentPage(SQLModel, table=True):
    """How one page was read. Text and words stand in object storage beside the original."""

    __tablename__ = "document_page"
    __table_args__ = (Index("ux_document_page", "document_id", "number", unique=True),)

    id: int | None = identity()
    document_id: int = reference("document.id", index=False)
    number: int
    width: float
    height: float
    method: str = Field(max_length=20)
    reason: str = Field(default="", max_length=200)
    characters: int = Field(default=0)
    confidence: float = Field(default=1.0)
