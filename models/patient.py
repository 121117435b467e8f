"""The person a case is about: personal data, read by the doors and letters only."""

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from keys import Marks
from models.base import Json, identity, one_of, reference, utc, utc_now_column
from models.findable import (
    address_mark,
    mark_column,
    marks_column,
    marks_index,
    name_marks_of,
    near_marks_of,
)
from models.sealed import are_sealed, sealed

WRITERS = ("patient", "family", "doctor", "not_said")
"""Whose address a contact point is; `not_said`: the letter does not say."""


class Patient(SQLModel, table=True):
    """Names, contact and identity data of one case's patient."""

    __tablename__ = "patient"
    __table_args__ = (
        marks_index("patient", "name_marks"),
        marks_index("patient", "near_marks"),
        *are_sealed(
            "name",
            "other_names",
            "birth_date",
            "sex",
            "record_number",
            "email",
            "phone",
            "nationality",
            "intake",
        ),
    )

    id: int | None = identity()
    case_id: int = reference("case.id")
    name: str | None = sealed("patient.name", default=None, max_length=200)
    other_names: list[str] = sealed("patient.other_names", "list")
    birth_date: date | None = sealed("patient.birth_date", "day", default=None)
    sex: str | None = sealed("patient.sex", default=None, max_length=10)
    record_number: str | None = sealed("patient.record_number", default=None, max_length=60)
    email: str | None = sealed("patient.email", default=None, max_length=254)
    email_mark: str | None = mark_column()
    """Letters and requests for a link name a person by address alone, in any case of letters."""
    near_marks: list[str] | None = marks_column()
    name_marks: list[str] | None = marks_column()
    phone: str | None = sealed("patient.phone", default=None, max_length=40)
    time_zone: str = Field(default="UTC", max_length=60)
    nationality: str | None = sealed("patient.nationality", default=None, max_length=2)
    intake: Json = sealed("patient.intake", "object")
    """Answers of the intake form, by field; free text stays here."""
    deceased_at: datetime | None = utc()
    created_at: datetime = utc_now_column()

    def make_findable(self, marks: Marks) -> None:
        """Fill the marks by which the patient is found."""
        self.email_mark = address_mark(marks, self.email)
        self.near_marks = near_marks_of(marks, self.email)
        self.name_marks = name_marks_of(marks, self.name)


class ContactPoint(SQLModel, table=True):
    """An address beside the patient's own from which letters of a case come, and who said so.

    Later letters from it belong to the case; nothing of ours is ever sent there.
    """

    __tablename__ = "contact_point"
    __table_args__ = (
        one_of("whose", WRITERS),
        Index(
            "ux_contact_point_case_address",
            "case_id",
            "address_mark",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        marks_index("contact_point", "near_marks"),
        *are_sealed("address", "name"),
    )

    id: int | None = identity()
    case_id: int = reference("case.id")
    whose: str = Field(max_length=10)
    address: str = sealed("contact_point.address", max_length=254)
    address_mark: str | None = mark_column()
    near_marks: list[str] | None = marks_column()
    name: str | None = sealed("contact_point.name", default=None, max_length=200)
    message_id: int | None = reference("message.id", nullable=True, index=False)
    """The letter by which it became known."""
    identified_by: str | None = Field(default=None, max_length=20)
    confirmed_by: str = Field(max_length=40)
    confirmed_at: datetime = utc(nullable=False)
    ended_by: str | None = Field(default=None, max_length=40)
    ended_at: datetime | None = utc()
    created_at: datetime = utc_now_column()

    def make_findable(self, marks: Marks) -> None:
        """Fill the marks by which the address is found."""
        self.address_mark = address_mark(marks, self.address)
        self.near_marks = near_marks_of(marks, self.address)
