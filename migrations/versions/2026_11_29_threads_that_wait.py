"""held letters and what they told; items that a hospital asks for; whether it has deleted its copies

Revision: 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

STATES = (
    "'draft', 'approved', 'sent', 'bounced', 'acked', 'in_review', 'more_info', {}'offered',"
    " 'declined', 'silent', 'closed'"
)
ITEM_STATES = "state IN ('open', 'asked_family', 'have', 'unavailable')"


def _states(more: str) -> None:
    op.drop_constraint("ck_outreach_thread_state", "outreach_thread")
    check = f"state IN ({STATES.format(more)})"
    op.create_check_constraint(op.f("ck_outreach_thread_state"), "outreach_thread", check)


def upgrade() -> None:
    _states("'informed', ")
    op.add_column("message", sa.Column("held_for", sa.String(20), nullable=True))
    op.add_column("message", sa.Column("told", postgresql.JSONB(), nullable=True))
    op.add_column("outreach_thread", sa.Column("deletion", sa.String(20), nullable=True))
    op.create_table(
        "more_info_item",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(30), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("state", sa.String(15), nullable=False),
        sa.Column("document_ids", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(40), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_in", sa.BigInteger(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(ITEM_STATES, name=op.f("ck_more_info_item_state")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_more_info_item_case_id_case")
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"],
            ["outreach_thread.id"],
            name=op.f("fk_more_info_item_thread_id_outreach_thread"),
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_more_info_item_message_id_message")
        ),
        sa.ForeignKeyConstraint(
            ["answered_in"], ["message.id"], name=op.f("fk_more_info_item_answered_in_message")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_more_info_item")),
    )
    op.create_index(op.f("ix_more_info_item_thread_id"), "more_info_item", ["thread_id"])


def downgrade() -> None:
    op.execute("UPDATE outreach_thread SET state = 'more_info' WHERE state = 'informed'")
    _states("")
    op.drop_table("more_info_item")
    op.drop_column("outreach_thread", "deletion")
    op.drop_column("message", "told")
    op.drop_column("message", "held_for")
