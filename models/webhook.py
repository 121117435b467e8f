"""Webhooks in (the inbox) and out (endpoints, and one delivery per event and endpoint)."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from models.base import identity, one_of, reference, utc, utc_now_column


class InboundWebhook(SQLModel, table=True):
    """One delivery of a partner; the raw body stands in object storage."""

    __tablename__ = "inbound_webhook"
    __table_args__ = (
        Index("ux_inbound_webhook_source_external", "source", "external_id", unique=True),
    )

    id: int | None = identity()
    source: str = Field(max_length=40)
    external_id: str = Field(max_length=120)
    object_key: str = Field(max_length=200)
    state: str = Field(default="received", max_length=12)
    case_id: int | None = reference("case.id", nullable=True)
    received_at: datetime = utc(nullable=False)
    created_at: datetime = utc_now_column()


class WebhookEndpoint(SQLModel, table=True):
    """Where a partner wants our events."""

    __tablename__ = "webhook_endpoint"

    id: int | None = identity()
    name: str = Field(unique=True, max_length=60)
    url: str = Field(max_length=500)
    secret: str = Field(max_length=120)
    active: bool = Field(default=True)
    disabled_reason: str | None = Field(default=None, max_length=60)
    created_at: datetime = utc_now_column()


class WebhookDelivery(SQLModel, table=True):
    """One event for one endpoint; its id is the constant `webhook-id` over all attempts."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        one_of("state", ("pending", "delivered", "failed", "given_up")),
        Index("ux_webhook_delivery_endpoint_event", "endpoint_id", "event_id", unique=True),
        Index("ix_webhook_delivery_failed", "id", postgresql_where=text("state = 'failed'")),
    )

    id: int | None = identity()
    endpoint_id: int = reference("webhook_endpoint.id", index=False)
    event_id: str = Field(max_length=26)
    state: str = Field(default="pending", max_length=10)
    attempts: int = Field(default=0)
    last_status: int | None = None
    delivered_at: datetime | None = utc()
    created_at: datetime = utc_now_column()
