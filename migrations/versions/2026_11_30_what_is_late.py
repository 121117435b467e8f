"""what is late, and the letters that tell who is on duty

Revision: 0037, after 0036.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

KINDS = "'alarms', 'letters', 'steps', 'questions', 'unworked', 'queues'"
STATES = "'queued', 'sending', 'sent', 'refused', 'uncertain', 'cancelled'"


def _moment(name: str, *, nullable: bool = False) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "late_thing",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        _moment("since"),
        _moment("found_at"),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_late_thing_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_thing")),
        sa.UniqueConstraint("kind", "key", name=op.f("uq_late_thing_kind")),
    )
    op.create_table(
        "late_letter",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        _moment("planned_at"),
        _moment("told_at", nullable=True),
        sa.Column("told", postgresql.JSONB(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("ck_late_letter_state")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_late_letter_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_letter")),
    )
    op.create_index("ix_late_letter_user_id", "late_letter", ["user_id"])


def downgrade() -> None:
    op.drop_table("late_letter")
    op.drop_table("late_thing")
