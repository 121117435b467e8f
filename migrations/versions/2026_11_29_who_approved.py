"""who approved or withdrew a version of a criteria set

Revision: 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "criteria_act",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("set_id", sa.String(60), nullable=False),
        sa.Column("version", sa.String(20), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("act", sa.String(10), nullable=False),
        sa.Column("actor_ref", sa.String(40), nullable=False),
        sa.Column("signer_name", sa.String(120), nullable=False),
        sa.Column("signer_qualification", sa.String(120), nullable=False),
        sa.Column("signer_registration", sa.String(80), nullable=False),
        sa.Column("confirmed", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("look", sa.String(64), nullable=False),
        sa.Column("would_change", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint("act IN ('approved', 'withdrawn')", name=op.f("ck_criteria_act_act")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criteria_act")),
    )
    op.create_index(
        "ux_criteria_act_text", "criteria_act", ["set_id", "sha256", "act"], unique=True
    )


def downgrade() -> None:
    op.drop_index("ux_criteria_act_text", "criteria_act")
    op.drop_table("criteria_act")
