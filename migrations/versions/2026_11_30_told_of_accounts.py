"""whom a change of an account is told, and which role its owner had

Revision: 0036, after 0035.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "account_change",
        sa.Column("role_before", sa.String(20), nullable=False, server_default=""),
    )
    op.add_column(
        "account_change",
        sa.Column(
            "letters", postgresql.JSONB(), nullable=False, server_default=sa.text("'[]'::jsonb")
        ),
    )
    op.alter_column("account_change", "role_before", server_default=None)
    op.alter_column("account_change", "letters", server_default=None)


def downgrade() -> None:
    op.drop_column("account_change", "letters")
    op.drop_column("account_change", "role_before")
