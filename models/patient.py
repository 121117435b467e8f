"""The person a case is about: personal data, read by the doors and letters only."""

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from models.base import Json, identity, json_column, one_of, reference, utc, utc_now_column

WRITERS = ("patient", "family", "doctor", "not_said")
"""Whose address a contact point is; `not_said`: the letter does not say."""


class Patient(SQLModel, table=True):
    """Names, contact and identity data of one case's patient."""

    __tablename__ = "patient"
    # Letters and requests for a link name a person by address alone, in any case of letters.
    __table_args__ = (Index("ix_patient_email", text("lower(email)")),)

    id: int | None = identity()
    case_id: int = reference("case.id")
    name: str | None = Field(default=None, max_length=200)
    other_names: list[str] = json_column(list)
    birth_date: date | None = None
    sex: str | None = Field(default=None, max_length=10)
    record_number: str | None = Field(default=None, max_length=60)
    email: str | None = Field(default=None, max_length=254)
    phone: str | None = Field(default=None, max_length=40)
    time_zone: str = Field(default="UTC", max_length=60)
    nationality: str | None = Field(default=None, max_length=2)
    intake: Json = json_column()
    """Answers of the intake form, by field; free text stays here."""
    deceased_at: datetime | None = utc()
    created_at: datetime = utc_now_column()


class ContactPoint(SQLModel, table=True):
    """An address beside the patient's own from which letters of a case come, and who said so.

    Later letters from it belong to the case; nothing of ours is ever sent there.
    """

    __tablename__ = "contact_point"
    __table_args__ = (
        one_of("whose", WRITERS),
        Index("ix_contact_point_address", text("lower(address)")),
        Index(
            "ux_contact_point_case_address",
            "case_id",
            text("lower(address)"),
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: int | None = identity()
    case_id: int = reference("case.id")
    whose: str = Field(max_length=10)
    address: str = Field(max_length=254)
    name: str | None = Field(default=None, max_length=200)
    message_id: int | None = reference("message.id", nullable=True, index=False)
    """The letter by which it became known."""
    identified_by: str | None = Field(default=None, max_length=20)
    confirmed_by: str = Field(max_length=40)
    confirmed_at: datetime = utc(nullable=False)
    ended_by: str | None = Field(default=None, max_length=40)
    ended_at: datetime | None = utc()
    created_at: datetime = utc_now_column()
