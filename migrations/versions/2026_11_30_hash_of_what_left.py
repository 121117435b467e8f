"""the hash of a letter as it was handed over; links to patients' pages are masked where they stand

Revision: 0026, after 0025.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message", sa.Column("sent_sha256", sa.String(64), nullable=True))
    op.execute(
        r"UPDATE message SET body = regexp_replace("
        r"body, '(/portal/(?\:new/|reminders/)?)[A-Za-z0-9_.~=-]{24,}', '\1(link)', 'g')"
        r" WHERE body LIKE '%/portal/%'"
    )


def downgrade() -> None:
    op.drop_column("message", "sent_sha256")
