"""letters that hospitals had lately are found without looking at all letters

Revision: 0045, after 0044.
"""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_message_to_hospitals",
        "message",
        ["sent_at"],
        postgresql_where=sa.text("direction = 'out' AND to_role = 'hospital' AND state = 'sent'"),
    )


def downgrade() -> None:
    op.drop_index("ix_message_to_hospitals", "message")
