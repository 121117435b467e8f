"""How sealed addresses and names are found again: by marks that only this installation can make.

A mark stands in the row that it is of and goes with it. Whole addresses have a column of their
own; arrays hold those of parts: what stands before the @, its beginning with the house behind it
(`near_marks`: slips of a finger), and each word of a name, folded (`name_marks`). Who reads the
database alone learns from them which rows have the same address or word, and not which.
"""

from collections.abc import Iterable
from email.utils import parseaddr

from sqlalchemy import ColumnElement, Index, String, and_, type_coerce
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped
from sqlmodel import Field, Session

from keys import Marks
from models.key_store import store_of

_WHOLE, _PART = 32, 16
"""Hex digits. Two words that share a mark of a part are told apart when they are opened."""
_OF_ID = 250
_BEGINNING = 3
"""Letters that the name of an address that looks alike begins with."""


def address_mark(given: Marks, address: str | None) -> str | None:
    """Return the mark of a whole address, whatever its case; None where there is none."""
    plain = _plain(address)
    return given.of("address", plain)[:_WHOLE] if plain else None


def letter_marks_of(
    given: Marks, address: str | None, message_id: str | None
) -> tuple[str | None, str | None]:
    """Return the marks of a letter: of its address, with or without a name, and its Message-ID."""
    named = message_mark(given, message_id) if message_id else None
    return address_mark(given, parseaddr(address or "")[1] or address), named


def message_mark(given: Marks, message_id: str) -> str:
    """Return the mark of a Message-ID, of which no more than 250 characters are kept."""
    return given.of("message id", message_id[:_OF_ID])[:_WHOLE]


def message_marks(session: Session, message_ids: Iterable[str | None]) -> list[str]:
    """Return the marks by which letters with one of these Message-IDs are found."""
    given = marks_in(session)
    return [message_mark(given, one) for one in message_ids if one]


def near_marks_of(given: Marks, address: str | None) -> list[str]:
    """Return the marks by which addresses that look like this one are found."""
    name, _, house = _plain(address).rpartition("@")
    if not name:
        return []
    beginning = f"{name[:_BEGINNING]}@{house}"
    return [
        given.of("address name", name)[:_PART], given.of("address near", beginning)[:_PART]
    ]  # fmt: skip


def word_marks(given: Marks, words: Iterable[str]) -> list[str]:
    """Return the marks of words of names or texts, folded already."""
    return [given.of("name", word)[:_PART] for word in sorted(set(words))]


def name_marks_of(given: Marks, name: str | None) -> list[str]:
    """Return the marks of the parts of a name."""
    from correspondence.names import fold, name_parts  # what it stands in loads all of the letters

    return word_marks(given, (fold(part) for part in name_parts([name or ""])))


def marks_in(session: Session) -> Marks:
    """Return what makes the marks of a session's database."""
    return store_of(session.get_bind().dialect).marks


def address_is(
    session: Session, column: Mapped[str | None], address: str | None
) -> ColumnElement[bool]:
    """Return the condition that a column of marks is that of an address; never of none."""
    return column == (address_mark(marks_in(session), address) or "")


def of_sender(column: Mapped[str | None], mark: str | None) -> ColumnElement[bool]:
    """Return the condition that a letter has the address of another: without one, no other has."""
    return column == (mark or "")


def among(column: Mapped[list[str] | None], marks: list[str]) -> ColumnElement[bool]:
    """Return the condition that a row has one of these marks at least."""
    condition: ColumnElement[bool] = type_coerce(column, ARRAY(String)).overlap(marks)
    return condition


def all_among(column: Mapped[list[str] | None], marks: list[str]) -> ColumnElement[bool]:
    """Return the condition that a row has some marks, and all of them are among these."""
    inside = type_coerce(column, ARRAY(String)).contained_by(marks)
    return and_(among(column, marks), inside)


def mark_column(*, unique: bool = False) -> str | None:
    """Return a column for the mark of an address or a Message-ID."""
    column: str | None = Field(default=None, max_length=_WHOLE, index=True, unique=unique)
    return column


def marks_column() -> list[str] | None:
    """Return a column for marks of parts; NULL once they were erased."""
    column: list[str] | None = Field(default=None, sa_type=ARRAY(String(_PART)), nullable=True)
    return column


def marks_index(table: str, column: str) -> Index:
    """Return the index by which marks of parts are found."""
    return Index(f"ix_{table}_{column}", column, postgresql_using="gin")


def _plain(address: str | None) -> str:
    return (address or "").strip().lower()
