"""when a browser last showed a factor; who wrote words of a draft

Revision: 0030, after 0029.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user_session", sa.Column("fresh_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("message", sa.Column("edited_by", sa.String(40), nullable=True))


def downgrade() -> None:
    op.drop_column("message", "edited_by")
    op.drop_column("user_session", "fresh_at")
