"""Beside a thread with a hospital: notes that never leave, and people who wrote or were named."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from keys import Marks
from models.base import identity, one_of, reference, utc, utc_now_column
from models.findable import address_mark, mark_column
from models.sealed import are_sealed, sealed

WAYS = ("email", "phone", "whatsapp", "wechat")
CONTACT_STATES = ("proposed", "confirmed", "refused")


class ThreadNote(SQLModel, table=True):
    """What a person of the house wrote down beside a thread: no letter ever holds it."""

    __tablename__ = "thread_note"
    __table_args__ = (*are_sealed("words"),)

    id: int | None = identity()
    case_id: int = reference("case.id", index=False)
    thread_id: int = reference("outreach_thread.id")
    words: str = sealed("thread_note.words")
    written_by: str = Field(max_length=40)
    written_at: datetime = utc(nullable=False)
    created_at: datetime = utc_now_column()


class ThreadContact(SQLModel, table=True):
    """A person of the hospital as a letter named them: an address or a number, and who said so.

    `proposed` counts for nothing until a coordinator has said yes (`confirmed`) or no (`refused`).
    `message_id` is the letter by which it became known.
    """

    __tablename__ = "thread_contact"
    __table_args__ = (
        one_of("way", WAYS),
        one_of("state", CONTACT_STATES),
        Index(
            "ux_thread_contact_thread_value",
            "thread_id",
            "way",
            "value_mark",
            unique=True,
            postgresql_where=text("value_mark IS NOT NULL"),
        ),
        *are_sealed("value", "name"),
    )

    id: int | None = identity()
    case_id: int = reference("case.id", index=False)
    thread_id: int = reference("outreach_thread.id", index=False)
    message_id: int | None = reference("message.id", nullable=True, index=False)
    way: str = Field(max_length=10)
    value: str = sealed("thread_contact.value", max_length=254)
    value_mark: str | None = mark_column()
    name: str | None = sealed("thread_contact.name", default=None, max_length=200)
    state: str = Field(default="proposed", max_length=10)
    decided_by: str | None = Field(default=None, max_length=40)
    decided_at: datetime | None = utc()
    created_at: datetime = utc_now_column()

    def make_findable(self, marks: Marks) -> None:
        """Fill the mark by which the address or number is found."""
        self.value_mark = address_mark(marks, self.value)
