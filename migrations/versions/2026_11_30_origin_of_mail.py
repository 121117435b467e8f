"""what is known of where a letter that came in is from

Revision: 0017, after 0016.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inbound_mail", sa.Column("origin", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("inbound_mail", "origin")
