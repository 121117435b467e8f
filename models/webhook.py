"""Webhooks in (the inbox) and out (endpoints, one delivery per event and endpoint, attempts)."""

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Index, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from models.base import identity, one_of, reference, utc, utc_now_column

INBOX_STATES = ("received", "done", "refused", "conflict", "put_aside")


class InboundWebhook(SQLModel, table=True):
    """One delivery of a partner; the raw body stands in object storage, as it came.

    `received`: kept, and a step works it. `conflict`: its id came before with another body.
    """

    __tablename__ = "inbound_webhook"
    __table_args__ = (
        one_of("state", INBOX_STATES),
        # One delivery is the first of its id; others with that id and another body hang on it.
        Index(
            "ux_inbound_webhook_source_id",
            "source",
            "external_id",
            unique=True,
            postgresql_where=text("conflict_of IS NULL"),
        ),
        Index(
            "ux_inbound_webhook_conflict",
            "conflict_of",
            "body_sha256",
            unique=True,
            postgresql_where=text("conflict_of IS NOT NULL"),
        ),
        # What counts against a partner's limit, however long before it came.
        Index(
            "ix_inbound_webhook_opened",
            "source",
            "settled_at",
            postgresql_where=text("state = 'done' AND kind = 'case.opened'"),
        ),
    )

    id: int | None = identity()
    source: str = Field(max_length=40)
    external_id: str = Field(max_length=256)
    object_key: str = Field(max_length=200)
    body_sha256: str | None = Field(default=None, max_length=64)
    """Says whether a repeat is the same; empty for what came before it was kept, or was erased."""
    size: int | None = None
    content_type: str | None = Field(default=None, max_length=100)
    kind: str | None = Field(default=None, max_length=40)
    """The event's type as the source names it, where it could be read."""
    state: str = Field(default="received", max_length=12)
    problem: str | None = Field(default=None, max_length=40)
    """Why it was not taken, as a code of `workflows/hooks/problems.py`."""
    answer: Any = Field(default=None, sa_type=JSONB, nullable=True)
    """What the sender was answered: a repeat is answered the same."""
    case_id: int | None = reference("case.id", nullable=True)
    promised_id: int | None = Field(default=None, sa_type=BigInteger)
    promised_ref: str | None = Field(default=None, max_length=16)
    """The number and reference of the case it will open, which the sender was told already."""
    conflict_of: int | None = reference("inbound_webhook.id", nullable=True, index=False)
    replayed: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    received_at: datetime = utc(nullable=False, index=True)
    settled_at: datetime | None = utc()
    created_at: datetime = utc_now_column()


class HookObject(SQLModel, table=True):
    """A version of an object of a store that was taken once, known by a keyed hash of its name."""

    __tablename__ = "hook_object"
    __table_args__ = (Index("ux_hook_object_name", "source", "name_hash", unique=True),)

    id: int | None = identity()
    source: str = Field(max_length=40)
    name_hash: str = Field(max_length=64)
    document_id: int | None = reference("document.id", nullable=True)
    created_at: datetime = utc_now_column()


class WebhookEndpoint(SQLModel, table=True):
    """Where a partner wants our events.

    `failures` in a row close the lane until `closed_until`; a pause closes it for as long as
    somebody wants. `types` are event types or groups such as `offer.*`; empty is all of them.
    """

    __tablename__ = "webhook_endpoint"

    id: int | None = identity()
    name: str = Field(unique=True, max_length=60)
    url: str = Field(max_length=500)
    secret: str = Field(default="", sa_type=Text)
    """Sealed with the ring (`workflows/hooks/partner_secrets.py`), as is the one before it."""
    previous_secret: str | None = Field(default=None, sa_type=Text)
    previous_until: datetime | None = utc()
    types: list[str] | None = Field(default=None, sa_type=ARRAY(String), nullable=True)
    ordered: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    active: bool = Field(default=True)
    disabled_reason: str | None = Field(default=None, max_length=60)
    paused_at: datetime | None = utc()
    closed_until: datetime | None = utc()
    failures: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    failing_since: datetime | None = utc()
    removed_at: datetime | None = utc()
    created_at: datetime = utc_now_column()


class WebhookDelivery(SQLModel, table=True):
    """One event for one endpoint; its id is the constant `webhook-id` over all attempts."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        one_of("state", ("pending", "delivered", "failed", "given_up")),
        Index("ux_webhook_delivery_endpoint_event", "endpoint_id", "event_id", unique=True),
        Index("ix_webhook_delivery_failed", "id", postgresql_where=text("state = 'failed'")),
        Index(
            "ix_webhook_delivery_pending",
            "endpoint_id",
            "id",
            postgresql_where=text("state = 'pending'"),
        ),
    )

    id: int | None = identity()
    endpoint_id: int = reference("webhook_endpoint.id", index=False)
    event_id: str = Field(max_length=26)
    state: str = Field(default="pending", max_length=10)
    attempts: int = Field(default=0)
    last_status: int | None = None
    first_tried_at: datetime | None = utc()
    delivered_at: datetime | None = utc()
    created_at: datetime = utc_now_column()


class WebhookAttempt(SQLModel, table=True):
    """One try to deliver: what the receiver answered, and after how long. No word of its answer."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (Index("ix_webhook_attempt_endpoint", "endpoint_id", "id"),)

    id: int | None = identity()
    endpoint_id: int = reference("webhook_endpoint.id", index=False)
    delivery_id: int = reference("webhook_delivery.id")
    status: int
    """The receiver's; 0 where no answer came."""
    reason: str | None = Field(default=None, max_length=40)
    took_ms: int
    at: datetime = utc(nullable=False)
    created_at: datetime = utc_now_column()
