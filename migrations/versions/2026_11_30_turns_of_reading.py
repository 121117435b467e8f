"""whose files were read how long; where an inquiry was begun

Revision: 0031, after 0030.
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reading_use",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(100), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_reading_use_case_id_case")
        ),
        sa.PrimaryKeyConstraint("case_id", "hour", name=op.f("pk_reading_use")),
    )
    op.create_index(op.f("ix_reading_use_hour"), "reading_use", ["hour"])
    op.add_column("portal_draft", sa.Column("place", sa.String(80), nullable=True))
    op.create_index(op.f("ix_portal_draft_place"), "portal_draft", ["place"])


def downgrade() -> None:
    op.drop_index(op.f("ix_portal_draft_place"), "portal_draft")
    op.drop_column("portal_draft", "place")
    op.drop_table("reading_use")
