"""of which trace a step is a part, where traces are made

Revision: 0044, after 0043.
"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("step_run", sa.Column("trace", sa.String(60), nullable=True))


def downgrade() -> None:
    op.drop_column("step_run", "trace")
