"""in which meaning a version of a criteria set was approved

Revision: 0013, after 0012.

What was approved before keeps its row and is a draft again: nobody wrote down what the words meant.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLE, NAME = "criteria_act", "ux_criteria_act_text"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("meaning", sa.String(64), server_default="", nullable=False))
    op.alter_column(TABLE, "meaning", server_default=None)
    op.drop_index(NAME, TABLE)
    op.create_index(NAME, TABLE, ["set_id", "sha256", "act", "meaning"], unique=True)


def downgrade() -> None:
    op.drop_index(NAME, TABLE)
    # Of several approvals of a text the newest is kept: whoever signed it knew what the words mean.
    op.execute(
        "DELETE FROM criteria_act a USING criteria_act b "
        "WHERE a.set_id = b.set_id AND a.sha256 = b.sha256 AND a.act = b.act AND a.id < b.id"
    )
    op.drop_column(TABLE, "meaning")
    op.create_index(NAME, TABLE, ["set_id", "sha256", "act"], unique=True)
