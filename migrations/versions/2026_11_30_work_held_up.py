"""what holds work up: servers that are away, paused queues; who hands a letter over

Revision: 0023, after 0022.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "peer",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("away_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code", sa.String(80), nullable=True),
        sa.Column("was_away_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("steps", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_peer")),
    )
    op.create_table(
        "queue_pause",
        sa.Column("queue", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("by_ref", sa.String(40), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("queue", name=op.f("pk_queue_pause")),
    )
    op.add_column("step_run", sa.Column("held_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("message", sa.Column("sending_run", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_message_not_known",
        "message",
        ["id"],
        postgresql_where=sa.text("state IN ('sending', 'uncertain')"),
    )


def downgrade() -> None:
    op.drop_index("ix_message_not_known", "message")
    op.drop_column("message", "sending_run")
    op.drop_column("step_run", "held_since")
    op.drop_table("queue_pause")
    op.drop_table("peer")
