"""erasure of a case: the day it is due, who decided it, how far it is

Revision: 0014, after 0013.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("case", sa.Column("erase_on", sa.Date(), nullable=True))
    op.add_column("case", sa.Column("keep_reason", sa.String(20), nullable=True))
    op.add_column("case", sa.Column("erased_at", TIME, nullable=True))
    # No row has such a day yet, so that the index is empty when it is made.
    where = sa.text("erase_on IS NOT NULL AND erased_at IS NULL")
    op.create_index("ix_case_erase_on", "case", ["erase_on"], postgresql_where=where)
    op.create_table(
        "erasure",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.String(10), nullable=False),
        sa.Column("policy_version", sa.String(20), nullable=False),
        sa.Column("decided_by", sa.String(40), nullable=False),
        sa.Column("decided_at", TIME, nullable=False),
        sa.Column("wait_until", sa.Date(), nullable=False),
        sa.Column("parts", postgresql.JSONB(), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.Column("objects", sa.Integer(), nullable=False),
        sa.Column("patient_told", sa.Boolean(), nullable=False),
        sa.Column("done_at", TIME, nullable=True),
        sa.Column("created_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("why IN ('asked', 'due')", name=op.f("ck_erasure_why")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_erasure_case_id_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
        sa.UniqueConstraint("case_id", name=op.f("uq_erasure_case_id")),
    )
    op.create_table(
        "erased_object",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(6), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("erased_at", TIME, nullable=True),
        sa.CheckConstraint(
            "kind IN ('object', 'prefix', 'mail')", name=op.f("ck_erased_object_kind")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_erased_object_case_id_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erased_object")),
    )
    op.create_index(op.f("ix_erased_object_case_id"), "erased_object", ["case_id"])


def downgrade() -> None:
    op.drop_table("erased_object")
    op.drop_table("erasure")
    op.drop_index("ix_case_erase_on", "case")
    for name in ("erased_at", "keep_reason", "erase_on"):
        op.drop_column("case", name)
