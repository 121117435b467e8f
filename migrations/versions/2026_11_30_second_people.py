"""changes of accounts that a second person says yes to, and accounts that were let in anew

Revision: 0034, after 0033.
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def _moment(name: str, *, nullable: bool = True) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "account_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("act", sa.String(20), nullable=False),
        sa.Column("user_name", sa.String(80), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_before", sa.String(254), nullable=False),
        sa.Column("asked_by", sa.String(40), nullable=False),
        _moment("asked_at", nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("settled_by", sa.String(40), nullable=True),
        _moment("settled_at"),
        sa.Column("alone", sa.Boolean(), nullable=False),
        sa.Column("link_seed", sa.String(40), nullable=True),
        _moment("link_expires_at"),
        _moment("link_used_at"),
        _moment("told_at"),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("state IN ('waiting', 'done', 'refused')", name=op.f("ck_account_change_state")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_account_change_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_change")),
    )
    op.create_index("ix_account_change_user_id", "account_change", ["user_id"])
    op.create_index(
        "ix_account_change_waiting",
        "account_change",
        ["asked_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.add_column("user_account", sa.Column("reset_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("user_account", "reset_at")
    op.drop_table("account_change")
