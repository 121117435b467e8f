"""Letters out and in. A letter out is claimed before it is handed over and has an honest third
state: `uncertain`, when we cannot know whether the mail server took it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from keys import Marks
from models.base import identity, one_of, reference, utc, utc_now_column
from models.findable import letter_marks_of, mark_column
from models.sealed import are_sealed, sealed

STATES = (
    "draft",
    "queued",
    "sending",
    "sent",
    "refused",
    "uncertain",
    "cancelled",
    "received",
    "archived",
)
"""`archived`: an old letter that was imported. It is kept and read by people, and moves nothing."""


class Message(SQLModel, table=True):
    """One letter: addresses, subject and body are personal data, sealed, and stay here."""

    __tablename__ = "message"
    __table_args__ = (
        one_of("state", STATES),
        Index("ix_message_case_state", "case_id", "state"),
        Index(
            "ix_message_not_known", "id", postgresql_where=text("state IN ('sending', 'uncertain')")
        ),
        # What hospitals had lately, against their limits.
        Index(
            "ix_message_to_hospitals",
            "sent_at",
            postgresql_where=text("direction = 'out' AND to_role = 'hospital' AND state = 'sent'"),
        ),
        *are_sealed("address", "subject", "body", "message_id", "in_reply_to", "told"),
    )

    id: int | None = identity()
    case_id: int | None = reference("case.id", nullable=True, index=False)
    thread_id: int | None = reference("outreach_thread.id", nullable=True)
    direction: str = Field(max_length=3)
    """`out` or `in`."""
    state: str = Field(max_length=12)
    template: str | None = Field(default=None, max_length=20)
    template_version: str | None = Field(default=None, max_length=20)
    language: str = Field(default="en", max_length=12)
    to_role: str = Field(max_length=20)
    automated: bool = Field(default=True)
    address: str = sealed("message.address", max_length=254)
    """Recipient of a letter out, sender of a letter in."""
    address_mark: str | None = mark_column()
    subject: str = sealed("message.subject", max_length=400)
    body: str = sealed("message.body")
    message_id: str | None = sealed("message.message_id", default=None, max_length=250)
    message_id_mark: str | None = mark_column(unique=True)
    in_reply_to: str | None = sealed("message.in_reply_to", default=None, max_length=250)
    dedupe_key: str | None = Field(default=None, max_length=120, unique=True)
    """One letter per (case, template, what it is about): a repeated step writes none twice."""
    raw_object_key: str | None = Field(default=None, max_length=200)
    raw_sha256: str | None = Field(default=None, max_length=64)
    """Approval freezes these bytes; the sender hands over just them, their links filled in."""
    sent_sha256: str | None = Field(default=None, max_length=64)
    """Of the bytes as they were handed over last, links included, before they were signed."""
    edited_by: str | None = Field(default=None, max_length=40)
    """Who last wrote words of the draft that another approves."""
    approved_by: str | None = Field(default=None, max_length=40)
    approved_at: datetime | None = utc()
    held_for: str | None = Field(default=None, max_length=20)
    """Why a letter that was drafted or approved does not leave: signature, consent or stopped."""
    attachments: list[int] | None = Field(default=None, sa_type=JSONB)
    """Numbers of the documents that go with a letter to a hospital; None: the text alone."""
    told: Any = sealed("message.told", "json", default=None)
    """The findings that a letter to a hospital states, as its template was given them."""
    sending_fence: int | None = None
    sending_run: int | None = Field(default=None, sa_type=BigInteger)
    """The row that hands it over, or did so last; rows go when they are old."""
    sent_at: datetime | None = utc()
    reply_class: str | None = Field(default=None, max_length=30)
    reply_confidence: float | None = None
    created_at: datetime = utc_now_column()

    def make_findable(self, marks: Marks) -> None:
        """Fill the marks by which the letter is found: of its address and its Message-ID."""
        self.address_mark, self.message_id_mark = letter_marks_of(
            marks, self.address, self.message_id
        )


class InboundMail(SQLModel, table=True):
    """The inbox: every mail fetched, once, before anything looks at it."""

    __tablename__ = "inbound_mail"
    __table_args__ = (
        Index("ux_inbound_mail_sha256", "sha256", unique=True),
        Index("ix_inbound_mail_letter_hash", "letter_hash"),
        Index(
            "ix_inbound_mail_to_place",
            "message_row_id",
            postgresql_where=text("state IN ('to_place', 'aside')"),
        ),
        *are_sealed("aside_reason", "origin"),
    )

    id: int | None = identity()
    sha256: str = Field(max_length=64)
    object_key: str = Field(max_length=200)
    mailbox_uid: str = Field(default="", max_length=60)
    state: str = Field(default="received", max_length=12)
    message_row_id: int | None = reference("message.id", nullable=True)
    letter_hash: str | None = Field(default=None, max_length=64)
    """Of the letter itself: the same where another server or program kept a copy of it."""
    imported_at: datetime | None = utc()
    """When it was imported from an archive; None of what the mailbox gave."""
    aside_reason: str | None = sealed("inbound_mail.aside_reason", owner=None, default=None)
    aside_by: str | None = Field(default=None, max_length=40)
    aside_at: datetime | None = utc()
    received_at: datetime = utc(nullable=False)
    origin: Any = sealed("inbound_mail.origin", "json", owner=None, default=None)
    """What is known of where it is from (`correspondence.incoming.trust.Trust`)."""
    created_at: datetime = utc_now_column()


MAILBOX_STATES = ("taken", "gone", "set_aside")


class MailboxMessage(SQLModel, table=True):
    """What became of a message of the mailbox, by its number there; no word of it is kept here.

    A number counts only together with the mailbox's UIDVALIDITY (RFC 9051, 2.3.1.1).
    """

    __tablename__ = "mailbox_message"
    __table_args__ = (
        one_of("state", MAILBOX_STATES),
        Index("ux_mailbox_message_uid", "uid_validity", "uid", unique=True),
    )

    id: int | None = identity()
    uid_validity: int = Field(sa_type=BigInteger)
    uid: int = Field(sa_type=BigInteger)
    state: str = Field(max_length=12)
    attempts: int = Field(default=1)
    code: str | None = Field(default=None, max_length=40)
    """What the server answered where it did not hand the message out."""
    noted_at: datetime = utc(nullable=False)
    created_at: datetime = utc_now_column()
