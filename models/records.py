"""The hospital's desk: links without account, who opened them, and the records that they show.

A link is one recipient's in one thread with a hospital. A package is a choice of documents and
pages, prepared for one hospital and approved page by page; a link shows the packages that were
released to it, and no other.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from models.base import Json, identity, json_column, one_of, reference, utc, utc_now_column
from models.sealed import are_sealed, sealed

LEVELS = ("D1_summary", "D2_deid_records", "D3_identified")
"""What leaves: a summary; documents with the names removed; originals."""
PACKAGE_STATES = ("preparing", "to_approve", "building", "released", "ended", "dropped")
"""`ended`: it was open and is closed again; `dropped`: it never was."""
OVER = ("ended", "dropped")
PART_STATES = ("preparing", "ready", "failed")
CODE_BY = ("mail", "telephone")
"""How the code reaches the recipient: in a letter of its own, or read out by a coordinator."""
VISITS = ("page", "code", "wrong_code", "sheet", "picture", "file", "answer", "closed")


class DeskLink(SQLModel, table=True):
    """One recipient's link to the hospital's desk. Name and address are a person's, and sealed.

    Neither the link nor its code is kept: both are made again from `seed` and `code_seed` together
    with the secret key. Times are the world's clock.
    """

    __tablename__ = "desk_link"
    __table_args__ = (one_of("code_by", CODE_BY), *are_sealed("address", "name"))

    id: int | None = identity()
    case_id: int = reference("case.id")
    thread_id: int = reference("outreach_thread.id")
    address: str = sealed("desk_link.address", max_length=254)
    name: str | None = sealed("desk_link.name", default=None, max_length=120)
    language: str = Field(default="en", max_length=12)
    code_by: str = Field(default="mail", max_length=10)
    generation: int = Field(default=0)
    """Raised when the link is made anew: earlier addresses and browsers of it open nothing."""
    code_seed: str | None = Field(default=None, max_length=40)
    code_ends_at: datetime | None = utc()
    code_tries: int = Field(default=0)
    """Wrong codes entered since this code was made."""
    codes_made: int = Field(default=0)
    expires_at: datetime = utc(nullable=False)
    first_opened_at: datetime | None = utc()
    """When a code was entered for the first time."""
    ended_at: datetime | None = utc()
    end_reason: str | None = Field(default=None, max_length=20)
    made_by: str = Field(max_length=40)
    created_at: datetime = utc_now_column()


class DeskVisit(SQLModel, table=True):
    """One look at a link. `place` is the keyed hash of the network; `country` what a proxy said."""

    __tablename__ = "desk_visit"
    __table_args__ = (one_of("what", VISITS), Index("ix_desk_visit_link", "link_id", "at"))

    id: int | None = identity()
    case_id: int = reference("case.id")
    link_id: int = reference("desk_link.id", index=False)
    at: datetime = utc(nullable=False)
    what: str = Field(max_length=12)
    part_id: int | None = reference("records_part.id", nullable=True, index=False)
    page: int | None = None
    place: str = Field(default="", max_length=32)
    country: str | None = Field(default=None, max_length=2)
    created_at: datetime = utc_now_column()


class RecordsPackage(SQLModel, table=True):
    """Records for one hospital. `sheet` is the data sheet as it was when the package was made."""

    __tablename__ = "records_package"
    __table_args__ = (
        one_of("level", LEVELS),
        one_of("state", PACKAGE_STATES),
        *are_sealed("sheet"),
    )

    id: int | None = identity()
    case_id: int = reference("case.id")
    thread_id: int = reference("outreach_thread.id")
    hospital_id: int = reference("hospital.id", index=False)
    level: str = Field(max_length=16)
    state: str = Field(default="preparing", max_length=12)
    sheet: Json = sealed("records_package.sheet", "object")
    link_ids: list[int] = json_column(list)
    """The links that show it."""
    opened_by: list[int] = json_column(list)
    """Those of them that have opened it."""
    confirmed_on: datetime | None = utc()
    """When a coordinator said that the family agreed to this very package (D3)."""
    made_by: str = Field(max_length=40)
    made_at: datetime = utc(nullable=False)
    approved_by: str | None = Field(default=None, max_length=40)
    released_at: datetime | None = utc()
    ended_at: datetime | None = utc()
    end_reason: str | None = Field(default=None, max_length=20)
    archive_seed: str | None = Field(default=None, max_length=40)
    """Makes the password of the archive again, together with the secret key."""
    archive_key: str | None = Field(default=None, max_length=200)
    """The encrypted archive, for whom the link does not open."""
    created_at: datetime = utc_now_column()


class RecordsPart(SQLModel, table=True):
    """One document of a package: which pages of it, and the file that leaves."""

    __tablename__ = "records_part"
    __table_args__ = (one_of("state", PART_STATES),)

    id: int | None = identity()
    case_id: int = reference("case.id")
    package_id: int = reference("records_package.id")
    document_id: int = reference("document.id", index=False)
    position: int
    sha256: str = Field(max_length=64)
    """Of the document's bytes when it was chosen."""
    pages: list[int] = json_column(list)
    """Page numbers of the document; all of them where it is empty."""
    state: str = Field(default="preparing", max_length=10)
    problem: str | None = Field(default=None, max_length=40)
    """Why it could not be prepared, as a code."""
    object_key: str | None = Field(default=None, max_length=200)
    """The file that leaves; None until it was built."""
    media_type: str | None = Field(default=None, max_length=100)
    size: int | None = Field(default=None, sa_type=BigInteger)
    created_at: datetime = utc_now_column()


class RecordsPage(SQLModel, table=True):
    """A page as it will leave; as it came it is the document's own picture. Places are in points.

    `boxes` are what is covered: {box, kind, why, by, certain, instead}; `looks` places that a
    person must look at: {box, why}; `left_over` words of the page as it will leave that still look
    like the patient's: {text, certain}. Certain ones block.
    """

    __tablename__ = "records_page"
    __table_args__ = (
        Index("ux_records_page", "part_id", "number", unique=True),
        *are_sealed("boxes", "looks", "left_over"),
    )

    id: int | None = identity()
    case_id: int = reference("case.id")
    part_id: int = reference("records_part.id", index=False)
    number: int
    width: float
    height: float
    boxes: list[Json] = sealed("records_page.boxes", "list")
    looks: list[Json] = sealed("records_page.looks", "list")
    left_over: list[Json] = sealed("records_page.left_over", "list")
    after_key: str = Field(max_length=200)
    approved_by: str | None = Field(default=None, max_length=40)
    approved_at: datetime | None = utc()
    created_at: datetime = utc_now_column()
