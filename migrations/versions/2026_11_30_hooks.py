"""hooks: whole ids and second bodies in the inbox; lanes, pauses, filters and attempts out

Revision: 0018, after 0016.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def _of_inbox() -> list[sa.Column]:
    return [
        sa.Column("body_sha256", sa.String(64), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("content_type", sa.String(100), nullable=True),
        sa.Column("kind", sa.String(40), nullable=True),
        sa.Column("problem", sa.String(40), nullable=True),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("promised_id", sa.BigInteger(), nullable=True),
        sa.Column("promised_ref", sa.String(16), nullable=True),
        sa.Column("conflict_of", sa.BigInteger(), nullable=True),
        sa.Column("replayed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("settled_at", TIME, nullable=True),
    ]


def _of_endpoint() -> list[sa.Column]:
    return [
        sa.Column("previous_secret", sa.String(120), nullable=True),
        sa.Column("previous_until", TIME, nullable=True),
        sa.Column("types", postgresql.ARRAY(sa.String()), nullable=True),
        sa.Column("ordered", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("paused_at", TIME, nullable=True),
        sa.Column("closed_until", TIME, nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failing_since", TIME, nullable=True),
        sa.Column("removed_at", TIME, nullable=True),
    ]


STATES = "state IN ('received', 'done', 'refused', 'conflict', 'put_aside')"
SELF = "fk_inbound_webhook_conflict_of_inbound_webhook"


def _id() -> sa.Column:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _made() -> sa.Column:
    return sa.Column("created_at", TIME, server_default=sa.text("now()"), nullable=False)


def upgrade() -> None:
    _inbox()
    for column in _of_endpoint():
        op.add_column("webhook_endpoint", column)
    op.add_column("webhook_delivery", sa.Column("first_tried_at", TIME, nullable=True))
    op.create_index(
        "ix_webhook_delivery_pending", "webhook_delivery", ["endpoint_id", "id"],
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "webhook_attempt",
        _id(),
        sa.Column("endpoint_id", sa.BigInteger(), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(40), nullable=True),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        _made(),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["webhook_endpoint.id"],
            name=op.f("fk_webhook_attempt_endpoint_id_webhook_endpoint"),
        ),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["webhook_delivery.id"],
            name=op.f("fk_webhook_attempt_delivery_id_webhook_delivery"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_attempt")),
    )
    op.create_index("ix_webhook_attempt_endpoint", "webhook_attempt", ["endpoint_id", "id"])
    op.create_index(op.f("ix_webhook_attempt_delivery_id"), "webhook_attempt", ["delivery_id"])
    _lanes()


def _inbox() -> None:
    for column in _of_inbox():
        op.add_column("inbound_webhook", column)
    op.alter_column("inbound_webhook", "external_id", type_=sa.String(256))
    op.create_foreign_key(op.f(SELF), "inbound_webhook", "inbound_webhook", ["conflict_of"], ["id"])
    op.create_check_constraint(op.f("ck_inbound_webhook_state"), "inbound_webhook", STATES)
    op.drop_index("ux_inbound_webhook_source_external", "inbound_webhook")
    op.create_index(
        "ux_inbound_webhook_source_id", "inbound_webhook", ["source", "external_id"], unique=True,
        postgresql_where=sa.text("conflict_of IS NULL"),
    )
    op.create_index(
        "ux_inbound_webhook_conflict", "inbound_webhook", ["conflict_of", "body_sha256"],
        unique=True, postgresql_where=sa.text("conflict_of IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_inbound_webhook_received_at"), "inbound_webhook", ["received_at"]
    )
    # The body's name in the store is its hash.
    op.execute(
        "UPDATE inbound_webhook SET body_sha256 = substr(object_key, 10)"
        " WHERE object_key LIKE 'webhooks/%'"
    )
    op.create_table(
        "hook_object",
        _id(),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("name_hash", sa.String(64), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=True),
        _made(),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_hook_object_document_id_document")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hook_object")),
    )
    op.create_index("ux_hook_object_name", "hook_object", ["source", "name_hash"], unique=True)
    op.create_index(op.f("ix_hook_object_document_id"), "hook_object", ["document_id"])


def _lanes() -> None:
    """Give waiting deliveries the lane of their endpoint; no row of the past has one."""
    op.add_column("step_run", sa.Column("lane", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_step_run_lane", "step_run", ["name", "lane", "due_at", "id"],
        postgresql_where=sa.text("state = 'queued' AND lane IS NOT NULL"),
    )
    op.execute(
        "UPDATE step_run SET lane = d.endpoint_id FROM webhook_delivery d"
        " WHERE step_run.name = 'hooks.deliver_event' AND step_run.state IN ('queued', 'running')"
        " AND d.id = CAST(step_run.objects->>'delivery_id' AS bigint)"
    )


def downgrade() -> None:
    op.drop_index("ix_step_run_lane", "step_run")
    op.drop_column("step_run", "lane")
    op.drop_table("webhook_attempt")
    op.drop_index("ix_webhook_delivery_pending", "webhook_delivery")
    op.drop_column("webhook_delivery", "first_tried_at")
    for column in _of_endpoint():
        op.drop_column("webhook_endpoint", column.name)
    op.drop_table("hook_object")
    # What the older table cannot hold: a second body of one id, and what no case came of.
    op.execute("DELETE FROM inbound_webhook WHERE conflict_of IS NOT NULL")
    op.execute("UPDATE inbound_webhook SET state = 'done' WHERE state <> 'received'")
    op.drop_index("ux_inbound_webhook_conflict", "inbound_webhook")
    op.drop_index("ux_inbound_webhook_source_id", "inbound_webhook")
    op.drop_index(op.f("ix_inbound_webhook_received_at"), "inbound_webhook")
    op.drop_constraint(op.f("ck_inbound_webhook_state"), "inbound_webhook")
    for column in _of_inbox():
        op.drop_column("inbound_webhook", column.name)
    op.execute("UPDATE inbound_webhook SET external_id = left(external_id, 111) || '-' || id"
               " WHERE length(external_id) > 120")
    op.alter_column("inbound_webhook", "external_id", type_=sa.String(120))
    op.create_index(
        "ux_inbound_webhook_source_external", "inbound_webhook", ["source", "external_id"],
        unique=True,
    )
