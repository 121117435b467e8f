"""what was held back because somebody had sent as much as one may in a day

Revision: 0041, after 0040.
"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

DOORS = "'page', 'inquiry', 'mail'"


def _moment(name: str, *, nullable: bool = False) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "spent_budget",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.String(100), nullable=False),
        sa.Column("door", sa.String(10), nullable=False),
        _moment("began_at"),
        _moment("last_at"),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("refused_bytes", sa.BigInteger(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("lifts", sa.Integer(), nullable=False),
        _moment("lifted_at", nullable=True),
        sa.CheckConstraint(f"door IN ({DOORS})", name=op.f("ck_spent_budget_door")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_spent_budget_case_id_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spent_budget")),
    )
    op.create_index("ix_spent_budget_case_id", "spent_budget", ["case_id"])
    op.create_index("ix_spent_budget_source", "spent_budget", ["source", "began_at"])


def downgrade() -> None:
    op.drop_table("spent_budget")
